"""A world of its own for each scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lambda_states_mock import mock_lambda

from .deploying import START


@pytest.fixture
def m() -> Iterator[Any]:
    """The mock, at the beginning of 2026."""
    with mock_lambda(start=START, seed=1) as mock:
        yield mock
