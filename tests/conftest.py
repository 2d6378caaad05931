"""A mock and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import create
from tests.kept_clients import kept_client


@pytest.fixture
def mock() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=1) as m:
        yield m


@pytest.fixture
def client(mock: LambdaMock) -> Any:
    return kept_client()


@pytest.fixture
def settled(mock: LambdaMock) -> Any:
    """A client that does not try again, since waiting for that moves the clock; two functions are Active."""
    client = kept_client(attempts=1)
    create(client)
    create(client, "prices")
    mock.clock.run_until_idle()
    return client
