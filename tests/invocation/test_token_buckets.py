"""Traffic: as many environments as Little's law says, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create


@pytest.mark.parametrize(("rate", "length", "environments"), [(100, 0.3, 30), (20, 0.1, 2), (10, 0.05, 1)])
def test_the_rate_times_the_length_is_the_number_of_environments(
    client: Any, mock: LambdaMock, rate: int, length: float, environments: int
) -> None:
    create(client)
    mock.clock.run_until_idle()
    mock.handler("orders", call=lambda event, _context: event, duration=length)

    for _ in range(2 * rate):
        client.invoke(FunctionName="orders", InvocationType="Event")
        mock.clock.advance(1 / rate)
    mock.clock.advance(1)

    assert mock.metrics.maximum("ConcurrentExecutions", "orders") == environments
    assert len({one.environment for one in mock.invocations("orders")}) == environments
    assert sum(one.cold for one in mock.invocations("orders")) == environments


def test_environments_that_nobody_needs_any_more_end(client: Any, mock: LambdaMock) -> None:
    create(client)
    mock.clock.run_until_idle()
    mock.handler("orders", returns=None, duration=1)
    for _ in range(5):
        client.invoke(FunctionName="orders", InvocationType="Event")

    mock.clock.advance(15 * 60)

    assert mock.backend.service.pool.environments == ()
