"""A world with the function ``orders``, and a mapping that is made as a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import create
from tests.kept_clients import kept_client


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z", timings="instant", seed=1) as mock:
        create(client(), Timeout=3)
        yield mock


def client(service: str = "lambda") -> Any:
    return kept_client(service)


Connect = Callable[..., str]


@pytest.fixture
def connect(m: LambdaMock) -> Connect:
    """Make a mapping of a source to ``orders``, and return its UUID."""

    def make(source: str, **members: Any) -> str:
        answer = client().create_event_source_mapping(FunctionName="orders", EventSourceArn=source, **members)
        return str(answer["UUID"])

    return make


class Seen:
    """A handler that keeps the events it gets. *does* is what it does with them beyond that."""

    def __init__(self, does: Callable[[Any], Any] = lambda _event: None) -> None:
        self.events: list[Any] = []
        self._does = does

    def __call__(self, event: Any, _context: Any) -> Any:
        self.events.append(event)
        return self._does(event)

    @property
    def bodies(self) -> list[list[str]]:
        """Of each batch of a queue, the bodies."""
        return [[record["body"] for record in event["Records"]] for event in self.events]

    @property
    def counts(self) -> list[list[str]]:
        """Of each batch of a queue, how often each message was received."""
        return [
            [record["attributes"]["ApproximateReceiveCount"] for record in event["Records"]] for event in self.events
        ]


@pytest.fixture
def handle(m: LambdaMock) -> Callable[..., Seen]:
    """Let ``orders`` do what is said, and return what it has seen."""

    def make(does: Callable[[Any], Any] = lambda _event: None, **options: Any) -> Seen:
        seen = Seen(does)
        m.handler("orders", call=seen, **options)
        return seen

    return make
