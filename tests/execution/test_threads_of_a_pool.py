"""Threads that invoke the same function: each has an environment for itself, and none is left with two timers."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock
from tests.budget import sized
from tests.deploying import create


@pytest.fixture(autouse=True)
def switching() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.lambda_mock(timings="instant")
def test_an_environment_is_used_by_one_thread_at_a_time(lambda_mock: LambdaMock) -> None:
    client: Any = boto3.client("lambda", region_name="us-east-1")
    create(client)
    inside: Counter[str] = Counter()
    most: Counter[str] = Counter()

    def handler(_event: object, context: Any) -> int:
        name = context.log_stream_name
        inside[name] += 1
        most[name] = max(most[name], inside[name])
        inside[name] -= 1
        return 1

    lambda_mock.handler("orders", call=handler)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(client.invoke, FunctionName="orders") for _ in range(sized(100, 1_000))]
    lambda_mock.clock.advance(86_400)

    assert {answer.result()["Payload"].read() for answer in answers} == {b"1"}
    assert set(most.values()) == {1}
    assert not lambda_mock.backend.service.pool.environments
