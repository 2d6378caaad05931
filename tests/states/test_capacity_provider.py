"""What happens to a capacity provider, and to the scaling of versions on it, in each state."""

from __future__ import annotations

import pytest

from lambda_states_mock import service_errors as texts
from lambda_states_mock.states.capacity_provider import CAPACITY_PROVIDER, ProviderEvent, ProviderState
from lambda_states_mock.states.lifecycle import Move, Refuse, Stay
from lambda_states_mock.states.scaling import SCALING, ScalingEvent, ScalingState


@pytest.mark.parametrize("event", [ProviderEvent.UPDATE_ASKED, ProviderEvent.ATTACH_ASKED])
@pytest.mark.parametrize("state", [ProviderState.PENDING, ProviderState.FAILED, ProviderState.DELETING])
def test_only_an_active_provider_can_be_updated_or_used(state: ProviderState, event: ProviderEvent) -> None:
    assert CAPACITY_PROVIDER.step(state, event) == Refuse(texts.CAPACITY_PROVIDER_BUSY)
    assert isinstance(CAPACITY_PROVIDER.step(ProviderState.ACTIVE, event), Stay)


@pytest.mark.parametrize("state", [ProviderState.PENDING, ProviderState.ACTIVE, ProviderState.FAILED])
def test_every_provider_can_be_deleted(state: ProviderState) -> None:
    cell = CAPACITY_PROVIDER.step(state, ProviderEvent.DELETE_ASKED)

    assert isinstance(cell, Move)
    assert cell.to is ProviderState.DELETING


def test_deleting_twice_does_not_take_longer() -> None:
    assert isinstance(CAPACITY_PROVIDER.step(ProviderState.DELETING, ProviderEvent.DELETE_ASKED), Stay)


@pytest.mark.parametrize("state", [ScalingState.DEACTIVATING, ScalingState.DEACTIVATED, ScalingState.REACTIVATING])
def test_a_version_without_environments_cannot_be_invoked(state: ScalingState) -> None:
    assert SCALING.step(state, ScalingEvent.INVOKE_ASKED) == Refuse(texts.INVOKED_IN_STATE)


@pytest.mark.parametrize("state", [ScalingState.UNSET, ScalingState.SCALING, ScalingState.SCALED])
def test_scaling_up_or_down_is_not_seen_in_the_state(state: ScalingState) -> None:
    assert SCALING.shown[state] is None
    assert isinstance(SCALING.step(state, ScalingEvent.INVOKE_ASKED), Stay)


@pytest.mark.parametrize("state", [ScalingState.DEACTIVATING, ScalingState.DEACTIVATED])
def test_only_scaling_again_reactivates(state: ScalingState) -> None:
    cell = SCALING.step(state, ScalingEvent.PUT_ASKED)

    assert isinstance(cell, Move)
    assert cell.to is ScalingState.REACTIVATING
