"""A world whose backend answers everything with the same words, for tests of what is in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zlib import crc32

import pytest

from lambda_states_mock.adapters import activation
from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.adapters.mock_threads import MockThreads
from lambda_states_mock.adapters.shared_clock import SharedClock
from lambda_states_mock.api_calls import ApiCalls
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.wire.http import HttpRequest, HttpResponse

START = "2026-01-01T00:00:00Z"


@dataclass
class Asked:
    """One request as the backend saw it."""

    operation: str | None
    request: HttpRequest
    region: str | None


@dataclass
class EchoBackend:
    """Answers each request from `answers`, then with `body`; an exception among the answers is raised."""

    body: bytes = b'{"FunctionName": "orders"}'
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    answers: list[Any] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    state_changes: list[object] = field(default_factory=list)
    calls: ApiCalls = field(default_factory=ApiCalls)
    always: Exception | None = None
    changes: int = 0

    def handle(
        self, operation: str | None, request: HttpRequest, *, region: str | None, access_key: str | None
    ) -> HttpResponse:
        """Answer the next request."""
        self.changes += request.method != "GET"
        self.asked.append(Asked(operation, request, region))
        answer = self.answers.pop(0) if self.answers else self.always
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, HttpResponse):
            return answer
        return HttpResponse(200, dict(self.headers), self.body)


THROTTLED = HttpResponse(
    429,
    {"content-type": "application/json", "x-amzn-errortype": "TooManyRequestsException"},
    b'{"Type": "User", "message": "Rate Exceeded."}',
)

MakeWorld = Callable[..., ActiveMock]


@pytest.fixture
def enter() -> Iterator[MakeWorld]:
    """Enter a world with an `EchoBackend`; it is left with the test."""
    entered: list[ActiveMock] = []

    def make(*, seed: int = 0, max_sleep: timedelta | None = timedelta(days=1), **options: Any) -> ActiveMock:
        backend: Any = EchoBackend()
        threads = MockThreads()
        world = ActiveMock(
            backend=backend,
            clock=SharedClock(START, company=threads),
            threads=threads,
            chance=Chance(seed),
            account="123456789012",
            region="us-east-1",
            max_sleep=max_sleep,
            **options,
        )
        activation.enter(world)
        entered.append(world)
        return world

    yield make
    for world in reversed(entered):
        activation.leave(world)


@pytest.fixture
def world(enter: MakeWorld) -> ActiveMock:
    """A world with the default options."""
    return enter()


def _event(kind: str, payload: bytes) -> bytes:
    headers = b"".join(
        bytes([len(name)]) + name + b"\x07" + len(value).to_bytes(2, "big") + value
        for name, value in ((b":event-type", kind.encode()), (b":message-type", b"event"))
    )
    prelude = (16 + len(headers) + len(payload)).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    message = prelude + crc32(prelude).to_bytes(4, "big") + headers + payload
    return message + crc32(message).to_bytes(4, "big")


EVENT_STREAM = _event("PayloadChunk", b"one") + _event("PayloadChunk", b"two") + _event("InvokeComplete", b"{}")
