"""How long phases take."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock.engine.timings import INSTANT, TYPICAL, Timings
from lambda_states_mock.errors import ClockError, UnknownNameError


def test_what_is_set_for_a_phase_holds_for_all_its_kinds() -> None:
    timings = Timings()

    timings["create"] = 45

    assert timings["create", "vpc"] == timings["create", "image"] == timings["create"] == 45


def test_what_is_set_for_a_kind_holds_for_that_kind_alone() -> None:
    timings = Timings()

    timings["create", "vpc"] = timedelta(minutes=2)

    assert timings["create", "vpc"] == 120
    assert timings["create", "zip"] == TYPICAL["create"]


def test_a_kind_without_timings_of_its_own_takes_the_phases() -> None:
    assert Timings()["restore", "snapstart"] == TYPICAL["restore"]


def test_a_function_falls_back_to_the_mock() -> None:
    world = Timings()
    function = Timings(parent=world)
    world["update"] = 7
    function["create"] = 1

    assert (function["create"], function["update"], world["create"]) == (1, 7, TYPICAL["create"])


def test_instant_timings_leave_idleness_as_it_is() -> None:
    assert INSTANT["create"] == 0
    assert INSTANT["idle"] == TYPICAL["idle"] == 14 * 86_400


def test_a_mapping_is_laid_over_the_typical_timings() -> None:
    timings = Timings({"create": 1})

    assert (timings["create", "vpc"], timings["update"]) == (1, TYPICAL["update"])


@pytest.mark.parametrize(("key", "hint"), [("crate", "create"), (("create", "vcp"), "vpc")], ids=["a phase", "a kind"])
def test_a_misspelt_name_is_refused_with_the_nearest(key: str, hint: str) -> None:
    with pytest.raises(UnknownNameError, match=f'did you mean "{hint}"'):
        Timings()[key] = 1


def test_a_preset_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match='did you mean "instant"'):
        Timings("instnat")


@pytest.mark.parametrize("value", [-1, float("nan"), timedelta(seconds=-1), float("inf"), timedelta.max, 10**400])
def test_a_phase_cannot_take_what_is_no_length_of_time(value: float | timedelta) -> None:
    timings = Timings()
    with pytest.raises(ClockError, match=r"timings\['create'\] (is a length of time|would go past the year 9999)"):
        timings["create"] = value
    assert timings["create"] == Timings()["create"]


@pytest.mark.parametrize("key", [3, None, ("create",), ("create", "zip", "x"), ("create", 3)])
def test_what_is_no_phase_is_refused(key: Any) -> None:
    with pytest.raises(UnknownNameError, match=r"no phase|no kind"):
        Timings()[key] = 1
