"""The works that the table of `test_goals` measures, each by our mock and by what stands beside it.

A canned answer is ours, given by a ``before-send`` handler: botocore does all of its own work then, nobody else any.
"""

from __future__ import annotations

import gc
import io
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from typing import Any

from botocore import xform_name
from botocore.stub import ANY, Stubber
from moto import mock_aws

from benchmarks.conftest import WARM_UP, can, client
from lambda_states_mock import LambdaMock, mock_lambda

ROLE = "arn:aws:iam::123456789012:role/orders"
EVENT = b'{"order": 1}'
ROWS = 50
CALLS = 20
"""In a row, before it is the others' turn."""

Call = Callable[[], Any]
Way = Callable[[], AbstractContextManager[Call]]


@cache
def package() -> bytes:
    """Return a zip with a handler."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return event")
    return buffer.getvalue()


@dataclass(frozen=True)
class Work:
    """A call that users make.

    Parameters: *operation* and *params*, or what makes them anew for each call; *stubs*, whether a Stubber can do it;
    *motos*, whether moto can.
    """

    operation: str
    params: Callable[[], dict[str, Any]]
    motos: bool = True
    stubs: bool = True

    def call(self, of: Any) -> Any:
        """Make the call with the client *of*, and read all of the answer."""
        answer = getattr(of, xform_name(self.operation))(**self.params())
        return answer["Payload"].read() if "Payload" in answer else answer


_names = map("orders-{}".format, count())


def _new() -> dict[str, Any]:
    usual = {"Runtime": "python3.13", "Role": ROLE, "Handler": "index.handler", "Code": {"ZipFile": package()}}
    return {"FunctionName": next(_names), **usual}


def _of(name: str, **params: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {"FunctionName": name, **params}


WORKS: dict[str, Work] = {
    "GetFunctionConfiguration": Work("GetFunctionConfiguration", _of("orders")),
    "Invoke, returns=": Work("Invoke", _of("orders", Payload=EVENT), stubs=False, motos=False),
    "Invoke, a function": Work("Invoke", _of("called", Payload=EVENT), stubs=False, motos=False),
    "Invoke, Event": Work("Invoke", _of("orders", Payload=EVENT, InvocationType="Event"), stubs=False, motos=False),
    "Invoke of a zip's handler": Work("Invoke", _of("zipped", Payload=EVENT), stubs=False, motos=False),
    "CreateFunction with a zip": Work("CreateFunction", _new),
    "UpdateFunctionCode": Work("UpdateFunctionCode", lambda: {"FunctionName": "orders", "ZipFile": package()}),
    "UpdateFunctionConfiguration": Work("UpdateFunctionConfiguration", _of("orders", MemorySize=256)),
    "ListFunctions, 50 rows": Work("ListFunctions", dict),
}


def _furnish(of: Any, work: Work, role: str = ROLE) -> None:
    for name in (
        "orders",
        "zipped",
        "called",
        *(f"row-{number}" for number in range(ROWS - 3) if work.operation == "ListFunctions"),
    ):
        of.create_function(**{**_new(), "FunctionName": name, "Role": role})


@contextmanager
def _furnished(work: Work) -> Iterator[tuple[LambdaMock, Any]]:
    with mock_lambda(timings="instant") as m:
        mocked = client()
        _furnish(mocked, work)
        m.handler("orders", returns={"ok": True})
        m.handler("called", call=lambda event, _context: event)
        yield m, mocked


@contextmanager
def ours(work: Work) -> Iterator[Call]:
    """*work* in our mock."""
    with _furnished(work) as (_, mocked):
        yield partial(work.call, mocked)


@cache
def _answer(name: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of our own answer."""
    heard: list[Any] = []
    with mock_lambda(timings="instant", whole_requests=True) as m:
        mocked = client()
        _furnish(mocked, WORKS[name])
        m.handler("orders", returns={"ok": True})
        m.handler("called", call=lambda event, _context: event)
        mocked.meta.events.register("after-call.lambda", lambda http_response, **_: heard.append(http_response))
        WORKS[name].call(mocked)
    http = heard[-1]
    body = http.content or http.raw.getvalue()
    return http.status_code, dict(http.headers), bytes(body)


@cache
def _canned_client(name: str) -> Any:
    status, headers, body = _answer(name)
    return can(client(), body, headers, status=status)


@contextmanager
def canned(name: str) -> Iterator[Call]:
    """The work *name* with a canned answer."""
    yield partial(WORKS[name].call, _canned_client(name))


@contextmanager
def stubbed(name: str) -> Iterator[Call]:
    """The work *name* with botocore's Stubber, whose answers are queued before."""
    work = WORKS[name]
    with _furnished(work) as (_, mocked):
        answer = work.call(mocked)
    stub_client = client()
    answer = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
    with Stubber(stub_client) as stubber:
        for _ in range(1 + WARM_UP + CALLS):
            stubber.add_response(xform_name(work.operation), answer, dict.fromkeys(work.params(), ANY))
        yield partial(work.call, stub_client)


@contextmanager
def motos(name: str) -> Iterator[Call]:
    """The work *name* in moto's mock."""
    with mock_aws(config={"lambda": {"use_docker": False}}):
        role = client("iam").create_role(RoleName="orders", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        mocked, work = client(), WORKS[name]
        _furnish(mocked, work, role)
        yield partial(work.call, mocked)


def seconds(way: Way) -> float:
    """Return the seconds of processor time that a call takes, of some in a row."""
    with way() as call:
        call()
        gc.collect()
        gc.disable()
        try:
            for _ in range(WARM_UP):
                call()
            began = time.process_time()
            for _ in range(CALLS):
                call()
            return (time.process_time() - began) / CALLS
        finally:
            gc.enable()
