"""What a user feels of the mock: one API call, and entering and leaving.

The ratios are measured in one run, in turn, so that a busy machine is equally busy for both.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from moto import mock_aws

from benchmarks.conftest import botocore_alone, entering, motos, ours, ratio
from lambda_states_mock import mock_lambda

BESIDE_BOTOCORE = 1.25  # at most, times botocore's own work with a canned answer
BESIDE_MOTO = 2.2  # at least, times as quick as moto
ENTERING_BESIDE_MOTO = 0.1  # at most, of entering and leaving mock_aws


WAYS = {"botocore alone": botocore_alone, "ours": ours, "moto": motos}
MOCKS: dict[str, Any] = {"ours": mock_lambda, "moto": mock_aws}


@pytest.mark.parametrize("way", WAYS)
def test_one_call(benchmark: Any, way: str) -> None:
    with WAYS[way]() as call:
        benchmark(call)


@pytest.mark.parametrize("mock", MOCKS)
def test_entering_and_leaving(benchmark: Any, mock: str) -> None:
    with entering(MOCKS[mock]) as enter_and_leave:
        benchmark(enter_and_leave)


def test_a_call_costs_little_more_than_botocores_own_work() -> None:
    assert ratio(ours, botocore_alone, calls=50) <= BESIDE_BOTOCORE


def test_a_call_is_more_than_twice_as_quick_as_motos() -> None:
    assert ratio(motos, ours, calls=50) >= BESIDE_MOTO


def test_entering_and_leaving_takes_less_than_a_tenth_of_motos() -> None:
    assert ratio(partial(entering, mock_lambda), partial(entering, mock_aws), calls=10) <= ENTERING_BESIDE_MOTO
