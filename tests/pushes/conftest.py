"""A function that keeps its events, beside moto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import create
from tests.neighbours.conftest import client, create_role


class Receiver(NamedTuple):
    """A function, and the *events* that have come to it."""

    arn: str
    events: list[Any]


@pytest.fixture
def mock() -> Iterator[LambdaMock]:
    with mock_aws(), mock_lambda(start="2026-01-01T00:00:00Z", timings="instant") as m:
        create_role()
        yield m


@pytest.fixture
def receiver(mock: LambdaMock) -> Receiver:
    arn = create(client("lambda"))["FunctionArn"]
    events: list[Any] = []
    mock.handler("orders", call=lambda event, _context: events.append(event))
    return Receiver(arn, events)
