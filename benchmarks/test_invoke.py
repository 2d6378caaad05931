"""What an Invoke of a trivial function costs, beside botocore's own work with a canned answer.

Everything is in it that an invocation has: an execution environment with variables and a log of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from benchmarks.conftest import CannedBody, client, create, ratio
from lambda_states_mock import mock_lambda

BESIDE_BOTOCORE = 1.5  # at most, times botocore's own work with a canned answer
EVENT = b'{"order": 1}'

Call = Callable[[], Any]


@contextmanager
def botocore_alone() -> Iterator[Call]:
    """Invoke with a canned answer from a ``before-send`` handler."""
    alone = client()

    def canned(request: Any, **_: Any) -> AWSResponse:
        headers: Any = {
            "content-type": "application/json",
            "x-amzn-requestid": "id",
            "date": "now",
            "x-amz-executed-version": "$LATEST",
        }
        return AWSResponse(request.url, 200, headers, CannedBody(EVENT))

    alone.meta.events.register("before-send.lambda.Invoke", canned)
    yield lambda: alone.invoke(FunctionName="orders", Payload=EVENT)["Payload"].read()


@contextmanager
def ours() -> Iterator[Call]:
    """Invoke of a callable that returns its event."""
    with mock_lambda(timings="instant") as m:
        mocked = client()
        create(mocked, "arn:aws:iam::123456789012:role/orders")
        m.handler("orders", call=lambda event, _context: event)
        yield lambda: mocked.invoke(FunctionName="orders", Payload=EVENT)["Payload"].read()


@contextmanager
def python_code() -> Iterator[Call]:
    """Invoke of the Python code in a zip."""
    with mock_lambda(timings="instant"):
        mocked = client()
        create(mocked, "arn:aws:iam::123456789012:role/orders")
        yield lambda: mocked.invoke(FunctionName="orders", Payload=EVENT)["Payload"].read()


WAYS = {"botocore alone": botocore_alone, "a callable": ours, "code in a zip": python_code}


@pytest.mark.parametrize("way", WAYS)
def test_one_invoke(benchmark: Any, way: str) -> None:
    with WAYS[way]() as call:
        benchmark(call)


def test_an_invoke_of_a_callable_costs_half_as_much_again_as_botocores_own_work_at_most() -> None:
    assert ratio(ours, botocore_alone, calls=50) <= BESIDE_BOTOCORE
