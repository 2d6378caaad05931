"""The lives that an execution environment can have, by its table."""

from __future__ import annotations

import pytest

from lambda_states_mock.errors import ImpossibleTransitionError
from lambda_states_mock.states.execution_environment import (
    EXECUTION_ENVIRONMENT,
    STATES,
    EnvironmentEvent,
    EnvironmentState,
)
from lambda_states_mock.states.lifecycle import Move

INIT = (
    EnvironmentEvent.ALLOCATED,
    EnvironmentEvent.EXTENSIONS_STARTED,
    EnvironmentEvent.RUNTIME_STARTED,
    EnvironmentEvent.INITIALISED,
)
ONCE_MORE = (
    EnvironmentEvent.INVOKED,
    EnvironmentEvent.EXTENSIONS_STARTED,
    EnvironmentEvent.RUNTIME_STARTED,
    EnvironmentEvent.INITIALISED,
    EnvironmentEvent.INVOKED,
)
KINDS = ("on-demand", "provisioned-concurrency", "snap-start", "lambda-managed-instances")


def life(*events: EnvironmentEvent, kind: str = "on-demand") -> list[EnvironmentState]:
    """Return the states that *events* lead through."""
    states = [EnvironmentState.NEW]
    for event in events:
        cell = EXECUTION_ENVIRONMENT.step(states[-1], event, kind)
        assert isinstance(cell, Move), (states[-1], event)
        states.append(cell.to)
    return states[1:]


IN_INIT = [EnvironmentState.EXTENSION_INIT, EnvironmentState.RUNTIME_INIT, EnvironmentState.FUNCTION_INIT]


@pytest.mark.parametrize("kind", KINDS[:2])
def test_init_is_extensions_then_runtime_then_function(kind: str) -> None:
    assert life(*INIT, kind=kind) == [*IN_INIT, EnvironmentState.IDLE]


def test_init_for_snap_start_ends_in_a_snapshot_that_is_restored() -> None:
    events = (*INIT, EnvironmentEvent.RESTORE_ASKED, EnvironmentEvent.RESTORED, EnvironmentEvent.INVOKED)
    assert life(*events, kind="snap-start")[3:] == [
        EnvironmentState.SNAPSHOT,
        EnvironmentState.RESTORE,
        EnvironmentState.IDLE,
        EnvironmentState.INVOKE,
    ]


def test_one_event_runs_after_the_other() -> None:
    events = (
        *INIT,
        EnvironmentEvent.INVOKED,
        EnvironmentEvent.FINISHED,
        EnvironmentEvent.INVOKED,
        EnvironmentEvent.ANSWERED,
        EnvironmentEvent.FINISHED,
    )
    assert life(*events)[4:] == [
        EnvironmentState.INVOKE,
        EnvironmentState.IDLE,
        EnvironmentState.INVOKE,
        EnvironmentState.FINISHING,
        EnvironmentState.IDLE,
    ]


@pytest.mark.parametrize("before", [(), (EnvironmentEvent.ANSWERED,)])
def test_a_failure_resets_and_the_next_event_initialises_anew(before: tuple[EnvironmentEvent, ...]) -> None:
    events = (
        *INIT,
        EnvironmentEvent.INVOKED,
        *before,
        EnvironmentEvent.FAILED,
        EnvironmentEvent.RESET_DONE,
        *ONCE_MORE,
    )
    assert life(*events)[-7:] == [
        EnvironmentState.RESETTING,
        EnvironmentState.RESET,
        *IN_INIT,
        EnvironmentState.IDLE,
        EnvironmentState.INVOKE,
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [1, 2, 3])
def test_an_init_that_fails_is_tried_again_with_the_event_unless_it_makes_a_snapshot(kind: str, part: int) -> None:
    ended = life(*INIT[:part], EnvironmentEvent.FAILED, kind=kind)[-1]
    assert ended is (EnvironmentState.SHUTDOWN if kind == "snap-start" else EnvironmentState.RESETTING)


def test_a_restore_that_fails_ends_the_environment() -> None:
    assert life(EnvironmentEvent.RESTORE_ASKED, EnvironmentEvent.FAILED, EnvironmentEvent.ENDED, kind="snap-start")[
        -2:
    ] == [EnvironmentState.SHUTDOWN, EnvironmentState.GONE]


def test_only_what_is_free_can_be_reclaimed() -> None:
    reclaimed = {
        state for state in STATES if isinstance(EXECUTION_ENVIRONMENT.step(state, EnvironmentEvent.RECLAIMED), Move)
    }
    assert reclaimed == {EnvironmentState.NEW, EnvironmentState.SNAPSHOT, EnvironmentState.IDLE, EnvironmentState.RESET}


def test_an_environment_never_runs_two_events_at_once() -> None:
    with pytest.raises(ImpossibleTransitionError, match="one thing at a time"):
        life(*INIT, EnvironmentEvent.INVOKED, EnvironmentEvent.INVOKED)


def test_nothing_leaves_the_end() -> None:
    for event in EnvironmentEvent:
        cell = EXECUTION_ENVIRONMENT.table[EnvironmentState.GONE, event]
        assert not isinstance(cell, Move)
