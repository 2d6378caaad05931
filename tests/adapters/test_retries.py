"""botocore's back-off: at once, on the mock's clock, with the mock's dice."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

import boto3
import botocore.retries.bucket
import botocore.retries.standard
import botocore.retryhandler
import pytest
from botocore.config import Config
from botocore.retries.adaptive import RateClocker

from lambda_states_mock import private_names
from lambda_states_mock.adapters import activation
from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.errors import PrivateNameWarning
from tests.adapters.conftest import THROTTLED, MakeWorld

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
MODES = ["legacy", "standard", "adaptive"]


def client(mode: Any, attempts: int = 5) -> Any:
    return boto3.client(
        "lambda",
        region_name="eu-west-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"mode": mode, "total_max_attempts": attempts}),
    )


def throttled(world: ActiveMock, made: Any, *, times: int = 3) -> float:
    backend: Any = world.backend
    backend.answers = [THROTTLED] * times
    response = made.list_functions()
    assert response["ResponseMetadata"]["RetryAttempts"] == times
    return (world.clock.now - BEGIN).total_seconds()


@pytest.mark.parametrize("mode", MODES)
def test_back_off_moves_the_clock(world: ActiveMock, mode: str) -> None:
    assert throttled(world, client(mode)) > 0


@pytest.mark.parametrize("mode", MODES)
def test_a_client_made_before_the_mock_backs_off_on_its_clock(enter: MakeWorld, mode: str) -> None:
    made = client(mode)
    assert throttled(enter(), made) > 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("made_before", [True, False])
def test_the_same_seed_backs_off_for_the_same_time(enter: MakeWorld, mode: str, made_before: bool) -> None:
    lengths = []
    for _ in range(2):
        made = client(mode) if made_before else None
        world = enter(seed=3)
        lengths.append(throttled(world, made or client(mode)))
        activation.leave(world)
    assert lengths[0] == lengths[1]


@pytest.mark.parametrize("age", [0.0, 0.3, 0.5, 0.9, 7.25])
def test_how_old_a_client_is_makes_no_difference(enter: MakeWorld, age: float, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = []
    for since in (0.0, age):
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda since=since: 1_800_000_000 - since)
            made = client("adaptive")
        world = enter(seed=3)
        lengths.append(throttled(world, made))
        activation.leave(world)
    assert lengths[0] == lengths[1]


def test_another_seed_backs_off_for_another_time(enter: MakeWorld) -> None:
    assert throttled(enter(seed=1), client("legacy")) != throttled(enter(seed=2), client("legacy"))


def test_the_rate_limiter_of_the_adaptive_mode_waits_before_the_call_not_after_it(world: ActiveMock) -> None:
    made = client("adaptive")
    throttled(world, made)
    backend: Any = world.backend
    at: list[datetime] = []
    handle = backend.handle

    def noted(*given: Any, **named: Any) -> Any:
        at.append(world.clock.now)
        return handle(*given, **named)

    backend.handle = noted
    for _ in range(5):
        made.list_functions()
    assert at[-1] == world.clock.now


def test_an_adaptive_client_can_live_through_several_mocks(enter: MakeWorld) -> None:
    made = client("adaptive")
    for _ in range(3):
        world = enter()
        throttled(world, made)
        world.clock.advance(14 * 86_400)
        made.list_functions()
        activation.leave(world)
    world = enter()
    assert throttled(world, made) < 120


def test_a_backoff_that_keeps_no_random_function_warns_once_that_jitter_is_not_seeded(
    enter: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(botocore.retries.standard.ExponentialBackoff, "__init__", lambda _self, **_: None)
    activation.forget()
    private_names.forget()
    with pytest.warns(PrivateNameWarning, match="the jitter of retries is not seeded"):
        activation.leave(enter())
    enter()


def test_nothing_of_botocores_retries_stays_patched(enter: MakeWorld) -> None:
    def touched() -> list[object]:
        return [
            vars(botocore.retryhandler)["random"],
            vars(botocore.retries.standard.ExponentialBackoff)["delay_amount"],
            vars(botocore.retries.standard.RetryHandler)["needs_retry"],
            botocore.retries.standard.RetryHandler.__init__.__defaults__,
            vars(botocore.retries.bucket.Clock)["current_time"],
            vars(botocore.retries.bucket.TokenBucket)["acquire"],
            vars(RateClocker)["record"],
        ]

    before = touched()
    activation.leave(enter())
    assert touched() == before
