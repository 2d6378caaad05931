"""Calls that time out cost the time for which their client waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import httpx
import pytest
import requests
import urllib3
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from lambda_states_mock import LambdaMock, mock_lambda
from tests.aio_clients import config as aio_config
from tests.aio_clients import get_session

URL = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/"
ONCE: dict[str, Any] = {"retries": {"total_max_attempts": 1}}


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z") as mock:
        yield mock


def seconds(m: LambdaMock, call: Callable[[], object], error: type[Exception]) -> float:
    """Return how many virtual seconds *call* takes until it fails with *error*."""
    before = m.clock.now
    with pytest.raises(error):
        call()
    return (m.clock.now - before).total_seconds()


def client(**config: Any) -> Any:
    return boto3.client("lambda", region_name="us-east-1", config=Config(**{**ONCE, **config}))


def test_a_call_that_times_out_takes_the_read_timeout_of_its_client(m: LambdaMock) -> None:
    m.faults.on_call("ListFunctions").time_out()
    assert seconds(m, client(read_timeout=7).list_functions, ReadTimeoutError) == 7
    assert seconds(m, client().list_functions, ReadTimeoutError) == 60


def test_a_connection_that_does_not_come_about_takes_the_connect_timeout(m: LambdaMock) -> None:
    m.faults.on_call("ListFunctions").time_out(connecting=True)
    assert seconds(m, client(connect_timeout=3, read_timeout=7).list_functions, ConnectTimeoutError) == 3


def test_a_client_of_the_second_net_waits_as_long(m: LambdaMock) -> None:
    m.faults.on_call("ListFunctions").time_out()
    retries = {"mode": "adaptive", "total_max_attempts": 1}
    assert seconds(m, client(read_timeout=7, retries=retries).list_functions, ReadTimeoutError) == 7


def test_each_attempt_takes_its_time(m: LambdaMock) -> None:
    m.faults.on_call("ListFunctions").time_out(times=2)
    before = m.clock.now
    client(read_timeout=100, retries={"total_max_attempts": 3}).list_functions()
    assert 200 <= (m.clock.now - before).total_seconds() < 210


def test_a_call_of_aiobotocore_takes_its_read_timeout(m: LambdaMock) -> None:
    config = aio_config(read_timeout=7, **ONCE)
    m.faults.on_call("ListFunctions").time_out()

    async def main() -> None:
        async with get_session().create_client("lambda", "us-east-1", config=config) as made:
            await made.list_functions()

    assert seconds(m, lambda: asyncio.run(main()), ReadTimeoutError) == 7


@pytest.mark.parametrize(
    ("call", "waits", "error"),
    [
        (lambda: requests.get(URL, timeout=(2, 5)), (5, 2), (requests.ReadTimeout, requests.ConnectTimeout)),
        (
            lambda: urllib3.PoolManager().request("GET", URL, timeout=5, retries=False),
            (5, 5),
            (urllib3.exceptions.ReadTimeoutError, urllib3.exceptions.MaxRetryError),
        ),
        (
            lambda: urllib3.PoolManager().request("GET", URL, retries=False),
            (60, 60),
            (urllib3.exceptions.ReadTimeoutError, urllib3.exceptions.MaxRetryError),
        ),
        (
            lambda: httpx.get(URL, timeout=httpx.Timeout(5, connect=2)),
            (5, 2),
            (httpx.ReadTimeout, httpx.ConnectTimeout),
        ),
    ],
    ids=["requests", "urllib3", "urllib3 without a time-out", "httpx"],
)
def test_other_clients_wait_as_long_as_they_say(m: LambdaMock, call: Any, waits: Any, error: Any) -> None:
    fault = m.faults.on_call("ListFunctions").time_out()
    assert seconds(m, call, error[0]) == waits[0]
    fault.remove()
    m.faults.on_call("ListFunctions").time_out(connecting=True)
    assert seconds(m, call, error[1]) == waits[1]


def test_a_connection_that_is_closed_takes_no_time(m: LambdaMock) -> None:
    m.faults.on_call("ListFunctions").disconnect()
    assert seconds(m, client().list_functions, Exception) == 0
