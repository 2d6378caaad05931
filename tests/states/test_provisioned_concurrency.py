"""What happens to provisioned concurrency in each state."""

from __future__ import annotations

import pytest

from lambda_states_mock.states.machine import Move, Stay
from lambda_states_mock.states.provisioned_concurrency import INIT_FAILED, PROVISIONED_CONCURRENCY, Event, Provisioning


@pytest.mark.parametrize("state", Provisioning)
def test_asking_for_it_always_allocates(state: Provisioning) -> None:
    cell = PROVISIONED_CONCURRENCY.step(state, Event.PUT_ASKED)

    assert isinstance(cell, Move)
    assert cell.to is Provisioning.IN_PROGRESS
    assert cell.then is not None
    assert cell.then.phase == "provision"


@pytest.mark.parametrize("state", [Provisioning.IN_PROGRESS, Provisioning.READY, Provisioning.FAILED])
def test_moving_the_alias_allocates_anew(state: Provisioning) -> None:
    cell = PROVISIONED_CONCURRENCY.step(state, Event.ALIAS_MOVED)

    assert isinstance(cell, Move)
    assert cell.to is Provisioning.IN_PROGRESS


def test_an_allocation_that_fails_blames_the_init_code() -> None:
    cell = PROVISIONED_CONCURRENCY.step(Provisioning.IN_PROGRESS, Event.ALLOCATION_FAILED)

    assert isinstance(cell, Move)
    assert (cell.to, cell.reason) == (Provisioning.FAILED, INIT_FAILED)


def test_deleting_what_is_not_there_is_accepted() -> None:
    assert isinstance(PROVISIONED_CONCURRENCY.step(Provisioning.ABSENT, Event.DELETE_ASKED), Stay)
