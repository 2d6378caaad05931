"""What is measured, and beside what: botocore alone, which gets a canned answer, and moto."""

from __future__ import annotations

import gc
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from statistics import median
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from moto import mock_aws

from lambda_states_mock import mock_lambda

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
Call = Callable[[], Any]
WARM_UP = 10
"""How many calls come before those that are measured: the collector fills the processor's caches with its own."""


@pytest.fixture(autouse=True, scope="session")
def clients_and_mocks_shared() -> None:
    """Measure botocore and moto as they are: tests share what these make anew."""


@pytest.fixture(autouse=True, scope="session")
def garbage_as_usual() -> Iterator[None]:
    """Measure with Python's own settings of the collector, which is a part of what things cost: tests let it rest."""
    there = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*there)


def client(service: str = "lambda") -> Any:
    """Return a boto3 client with credentials of its own."""
    make: Any = boto3.client
    return make(service, **KEYS)


def create(lambda_client: Any, role: str) -> None:
    """Create the function ``orders``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return event")
    lambda_client.create_function(
        FunctionName="orders",
        Runtime="python3.12",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": buffer.getvalue()},
    )


class CannedBody(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self) -> Iterator[bytes]:
        """Yield all that is left."""
        yield self.read()


CANNED_HEADERS = {"content-type": "application/json", "x-amzn-requestid": "id", "date": "now"}


def can(alone: Any, body: bytes, headers: Mapping[str, str] = CANNED_HEADERS, *, status: int = 200) -> Any:
    """Let the client *alone* get one answer to all calls, from a ``before-send`` handler, and return it."""

    def canned(request: Any, **_: Any) -> AWSResponse:
        held: Any = headers
        return AWSResponse(request.url, status, held, CannedBody(body))

    alone.meta.events.register("before-send.lambda", canned)
    return alone


@lru_cache(maxsize=1)
def canned_body() -> bytes:
    """Return the body of our own answer, so that botocore alone has as much to parse."""
    with ours() as call:
        configuration: Any = dict(call())
    del configuration["ResponseMetadata"]
    return json.dumps(configuration).encode()


@contextmanager
def botocore_alone() -> Iterator[Call]:
    """GetFunctionConfiguration with a canned answer from a ``before-send`` handler."""
    alone = can(client(), canned_body())
    yield lambda: alone.get_function_configuration(FunctionName="orders")


@contextmanager
def ours() -> Iterator[Call]:
    """GetFunctionConfiguration in our mock."""
    with mock_lambda(timings="instant"):
        mocked = client()
        create(mocked, "arn:aws:iam::123456789012:role/orders")
        yield lambda: mocked.get_function_configuration(FunctionName="orders")


@contextmanager
def motos() -> Iterator[Call]:
    """GetFunctionConfiguration in moto's mock."""
    with mock_aws(config={"lambda": {"use_docker": False}}):
        role = client("iam").create_role(RoleName="orders", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        mocked = client()
        create(mocked, role)
        yield lambda: mocked.get_function_configuration(FunctionName="orders")


@contextmanager
def entering(mock: Callable[[], AbstractContextManager[object]]) -> Iterator[Call]:
    """Entering and leaving *mock*."""

    def enter_and_leave() -> None:
        with mock():
            pass

    yield enter_and_leave


Measured = Callable[[], AbstractContextManager[Call]]


def ratio(numerator: Measured, denominator: Measured, *, calls: int, rounds: int = 15) -> float:
    """Return how many times as long *numerator* takes as *denominator*.

    It is the median of rounds that measure both in turn, each in its own mock: no other one is active meanwhile.
    """
    return median(_seconds(numerator, calls) / _seconds(denominator, calls) for _ in range(rounds))


def _seconds(measured: Measured, calls: int) -> float:
    with measured() as call:
        call()
        gc.collect()
        for _ in range(WARM_UP):
            call()
        began = time.perf_counter()
        for _ in range(calls):
            call()
        return time.perf_counter() - began
