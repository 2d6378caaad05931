"""moto's services lead to functions as with moto's Lambda, however the two mocks are entered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.budget import sized

from .integrations import INTEGRATIONS, Integration

Way = Callable[[Integration], None]


@pytest.fixture(autouse=True)
def aws() -> None:
    """Each test enters the mocks itself."""


def ours_within(run: Integration) -> None:
    with mock_aws(), mock_lambda(timings="instant"):
        run()


def ours_around(run: Integration) -> None:
    with mock_lambda(timings="instant"), mock_aws():
        run()


def decorated(run: Integration) -> None:
    mock_aws(mock_lambda(timings="instant")(run))()


def decorated_the_other_way(run: Integration) -> None:
    mock_lambda(timings="instant")(mock_aws(run))()


WAYS: list[Way] = [ours_within, ours_around, decorated, decorated_the_other_way]
TURNS = range(sized(1, len(WAYS)))  # each integration in one of the ways, and each way with a quarter of them
CASES = [(run, WAYS[(number + turn) % len(WAYS)]) for number, run in enumerate(INTEGRATIONS) for turn in TURNS]


@pytest.mark.parametrize(("run", "way"), CASES, ids=lambda one: one.__name__)
def test_an_integration_behaves_as_with_motos_lambda(run: Integration, way: Way) -> None:
    way(run)


@pytest.mark.lambda_mock(timings="instant")
@pytest.mark.parametrize("run", INTEGRATIONS[:: sized(3, 1)], ids=lambda one: one.__name__)
def test_an_integration_with_the_fixture(run: Integration, lambda_mock: LambdaMock) -> None:
    with mock_aws():
        run()
