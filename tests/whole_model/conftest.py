"""A client that keeps nothing from the service."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from lambda_states_mock import LambdaMock
from tests.newest_client import newest_client


@pytest.fixture
def once(mock: LambdaMock) -> Any:
    """A client that does not try again, and lets everything through to the service."""
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    return newest_client(config)
