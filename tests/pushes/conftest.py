"""A function that keeps its events, beside moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import create
from tests.neighbours.conftest import TRUST
from tests.neighbours.conftest import client as new_client


@cache
def client(service: str) -> Any:
    """Return a client, made once: what answers it is the mock that is active when it calls."""
    return new_client(service)


def create_role() -> None:
    """Create in moto the role of functions."""
    client("iam").create_role(RoleName="orders", AssumeRolePolicyDocument=json.dumps(TRUST))


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
