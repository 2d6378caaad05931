"""A mock and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, mock_lambda


@pytest.fixture
def mock() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=1) as m:
        yield m


@pytest.fixture
def client(mock: LambdaMock) -> Any:
    return boto3.client("lambda", region_name="us-east-1")
