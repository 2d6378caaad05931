"""freezegun: its time and the mock's clock are one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import deployer
from freezegun import freeze_time

from lambda_states_mock import mock_lambda


def test_a_tick_moves_functions_on() -> None:
    with freeze_time("2026-01-01") as frozen, mock_lambda(timings={"create": 0, "update": 300}) as m:
        deployer.deploy("orders", deployer.answering("one"))
        deployer.update_with_patience("orders", deployer.answering("two"))
        assert m.function("orders").last_update_status == "InProgress"

        frozen.tick(timedelta(minutes=5))

        assert m.function("orders").last_update_status == "Successful"


def test_moving_the_clock_moves_freezegun() -> None:
    with freeze_time("2026-01-01"), mock_lambda() as m:
        m.clock.advance(timedelta(days=1))
        assert datetime.now(timezone.utc) == datetime(2026, 1, 2, tzinfo=timezone.utc)
