"""What happens to provisioned concurrency in each state."""

from __future__ import annotations

import pytest

from lambda_states_mock.states.lifecycle import Move, Stay
from lambda_states_mock.states.provisioned_concurrency import (
    INIT_FAILED,
    PROVISIONED_CONCURRENCY,
    ProvisioningEvent,
    ProvisioningState,
)


@pytest.mark.parametrize("state", ProvisioningState)
def test_asking_for_it_always_allocates(state: ProvisioningState) -> None:
    cell = PROVISIONED_CONCURRENCY.step(state, ProvisioningEvent.PUT_ASKED)

    assert isinstance(cell, Move)
    assert cell.to is ProvisioningState.IN_PROGRESS
    assert cell.then is not None
    assert cell.then.phase == "provision"


@pytest.mark.parametrize("state", [ProvisioningState.IN_PROGRESS, ProvisioningState.READY, ProvisioningState.FAILED])
def test_moving_the_alias_allocates_anew(state: ProvisioningState) -> None:
    cell = PROVISIONED_CONCURRENCY.step(state, ProvisioningEvent.ALIAS_MOVED)

    assert isinstance(cell, Move)
    assert cell.to is ProvisioningState.IN_PROGRESS


def test_an_allocation_that_fails_blames_the_init_code() -> None:
    cell = PROVISIONED_CONCURRENCY.step(ProvisioningState.IN_PROGRESS, ProvisioningEvent.ALLOCATION_FAILED)

    assert isinstance(cell, Move)
    assert (cell.to, cell.reason) == (ProvisioningState.FAILED, INIT_FAILED)


def test_deleting_what_is_not_there_is_accepted() -> None:
    assert isinstance(PROVISIONED_CONCURRENCY.step(ProvisioningState.ABSENT, ProvisioningEvent.DELETE_ASKED), Stay)
