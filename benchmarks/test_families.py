"""What a call of each family costs: everything that only reads, and everything that puts, beside botocore's own work.

The baseline gets the very answer that the mock gave, from a ``before-send`` handler.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse

from benchmarks.conftest import Call, CannedBody, Measured, client
from benchmarks.test_calls import BESIDE_BOTOCORE
from lambda_states_mock import mock_lambda
from tests.fuzz.accepted import accepted
from tests.fuzz.furnished import SEED, START, furnish
from tests.wire.generate import sent_by_botocore

MEASURED = [operation for operation in accepted() if operation.startswith(("Get", "List", "Put"))]
CALLS, ROUNDS = 40, 9


@cache
def made(_way: str) -> Any:
    """Return a client: the mock and the baseline have one each."""
    return client()


def calling(made_client: Any, operation: str) -> Call:
    return partial(getattr(made_client, xform_name(operation)), **accepted()[operation])


@contextmanager
def ours(operation: str) -> Iterator[Call]:
    """*operation* in our mock, in a world that has something to say."""
    with mock_lambda(start=START, seed=SEED) as m:
        furnish(m.backend)
        yield calling(made("ours"), operation)


@cache
def answer_of(operation: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of our own answer, so that botocore alone has as much to parse."""
    with mock_lambda(start=START, seed=SEED) as m:
        furnish(m.backend)
        response = m.backend.handle(operation, sent_by_botocore(operation, accepted()[operation]))
    return response.status, response.headers, response.body


@contextmanager
def canned(operation: str) -> Iterator[Call]:
    """*operation* with the same answer from a ``before-send`` handler."""
    status, headers, body = answer_of(operation)
    alone, event = made("canned"), f"before-send.lambda.{operation}"

    def answer(request: Any, **_: Any) -> AWSResponse:
        given: Any = headers
        return AWSResponse(request.url, status, given, CannedBody(body))

    alone.meta.events.register(event, answer)
    yield calling(alone, operation)
    alone.meta.events.unregister(event, answer)


def cost(way: Measured) -> float:
    """Return the seconds of processor time of a few calls."""
    with way() as call:
        call()
        gc.collect()
        began = time.process_time()
        for _ in range(CALLS):
            call()
        return time.process_time() - began


@pytest.mark.parametrize("operation", MEASURED)
def test_a_call_of_each_family_costs_little_more_than_botocores_own_work(operation: str) -> None:
    rounds = [(cost(partial(ours, operation)), cost(partial(canned, operation))) for _ in range(ROUNDS)]
    cheapest_of_ours, cheapest_of_botocores = map(min, zip(*rounds, strict=True))
    assert cheapest_of_ours / cheapest_of_botocores <= BESIDE_BOTOCORE
