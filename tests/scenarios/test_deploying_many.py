"""A deploy loop over many functions, each with a tempo and a fate of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from tests.budget import sized

from .deploying import answer_of, client, create, look, update_code

TEMPOS = {"quick": 1, "usual": 12, "slow": 90, "too-slow": 400}


def deploy(name: str) -> str:
    """Create a function and wait for it; return how that ended."""
    create(name)
    try:
        client().get_waiter("function_active").wait(FunctionName=name)
    except WaiterError as error:
        return error.kwargs["reason"] if "terminal" in str(error) else f"still {look(name)['State']}"
    return "deployed"


def plan(m: Any) -> None:
    for name, seconds in TEMPOS.items():
        m.function(name).timings["create"] = seconds
    m.faults.on_phase("create", function="broken").fail("InvalidSubnet")


EXPECTED = {
    "quick": "deployed",
    "usual": "deployed",
    "slow": "deployed",
    "too-slow": "still Pending",
    "broken": "Waiter encountered a terminal failure state",
}


def ends_as_expected(outcomes: dict[str, str]) -> bool:
    return all(outcome.startswith(EXPECTED[name]) for name, outcome in outcomes.items())


def test_one_after_the_other_each_function_takes_its_own_time(m: Any) -> None:
    plan(m)
    outcomes, seconds = {}, {}
    for name in EXPECTED:
        before = m.clock.now
        outcomes[name] = deploy(name)
        seconds[name] = (m.clock.now - before).total_seconds()

    assert ends_as_expected(outcomes)
    assert seconds == {"quick": 5, "usual": 15, "slow": 90, "too-slow": 295, "broken": 5}


@pytest.mark.parametrize("attempt", range(sized(1, 10)))
def test_all_at_once_from_threads_each_function_ends_as_planned(m: Any, attempt: int) -> None:
    plan(m)

    with ThreadPoolExecutor(len(EXPECTED)) as threads:
        outcomes = dict(zip(EXPECTED, threads.map(deploy, EXPECTED), strict=True))

    deployed = {name for name, outcome in outcomes.items() if outcome == "deployed"}
    assert outcomes["broken"].startswith(EXPECTED["broken"])
    assert {"quick", "usual", "slow"} <= deployed
    assert all(m.function(name).state == "Active" for name in deployed)


def test_updates_of_many_functions_end_each_in_its_turn(m: Any) -> None:
    for name, seconds in TEMPOS.items():
        create(name)
        m.function(name).timings["update"] = seconds
    m.clock.run_until_idle()
    for name in TEMPOS:
        update_code(name)

    done: list[str] = []
    while len(done) < len(TEMPOS):
        m.clock.step()
        done += [name for name in TEMPOS if name not in done and answer_of(name) == "two"]

    assert done == ["quick", "usual", "slow", "too-slow"]
