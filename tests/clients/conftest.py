"""A world in which creating and updating take a minute, so that tools have something to wait for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from moto import mock_aws

from lambda_states_mock import mock_lambda

START = "2026-01-01T00:00:00Z"


@pytest.fixture
def mock() -> Iterator[Any]:
    """The mock, beside moto; in the end the test has waited much less than its clock moved."""
    began = time.perf_counter()
    with mock_aws(), mock_lambda(seed=1, start=START) as m:
        started = m.clock.now
        m.timings["create"] = 60
        m.timings["update"] = 60
        yield m
        moved = m.clock.now - started
    assert moved >= timedelta(seconds=60)
    assert timedelta(seconds=time.perf_counter() - began) < moved / 2
