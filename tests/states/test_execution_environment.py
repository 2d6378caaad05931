"""The lives that an execution environment can have, by its table."""

from __future__ import annotations

import pytest

from lambda_states_mock.errors import ImpossibleTransitionError
from lambda_states_mock.states.execution_environment import EXECUTION_ENVIRONMENT, STATES, Event, State
from lambda_states_mock.states.machine import Move

INIT = (Event.ALLOCATED, Event.EXTENSIONS_STARTED, Event.RUNTIME_STARTED, Event.INITIALISED)
ONCE_MORE = (Event.INVOKED, Event.EXTENSIONS_STARTED, Event.RUNTIME_STARTED, Event.INITIALISED, Event.INVOKED)
KINDS = ("on-demand", "provisioned-concurrency", "snap-start", "lambda-managed-instances")


def life(*events: Event, kind: str = "on-demand") -> list[State]:
    """Return the states that *events* lead through."""
    states = [State.NEW]
    for event in events:
        cell = EXECUTION_ENVIRONMENT.step(states[-1], event, kind)
        assert isinstance(cell, Move), (states[-1], event)
        states.append(cell.to)
    return states[1:]


IN_INIT = [State.EXTENSION_INIT, State.RUNTIME_INIT, State.FUNCTION_INIT]


@pytest.mark.parametrize("kind", KINDS[:2])
def test_init_is_extensions_then_runtime_then_function(kind: str) -> None:
    assert life(*INIT, kind=kind) == [*IN_INIT, State.IDLE]


def test_init_for_snap_start_ends_in_a_snapshot_that_is_restored() -> None:
    events = (*INIT, Event.RESTORE_ASKED, Event.RESTORED, Event.INVOKED)
    assert life(*events, kind="snap-start")[3:] == [State.SNAPSHOT, State.RESTORE, State.IDLE, State.INVOKE]


def test_one_event_runs_after_the_other() -> None:
    events = (*INIT, Event.INVOKED, Event.FINISHED, Event.INVOKED, Event.ANSWERED, Event.FINISHED)
    assert life(*events)[4:] == [State.INVOKE, State.IDLE, State.INVOKE, State.FINISHING, State.IDLE]


@pytest.mark.parametrize("before", [(), (Event.ANSWERED,)])
def test_a_failure_resets_and_the_next_event_initialises_anew(before: tuple[Event, ...]) -> None:
    events = (*INIT, Event.INVOKED, *before, Event.FAILED, Event.RESET_DONE, *ONCE_MORE)
    assert life(*events)[-7:] == [State.RESETTING, State.RESET, *IN_INIT, State.IDLE, State.INVOKE]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [1, 2, 3])
def test_an_init_that_fails_is_tried_again_with_the_event_unless_it_makes_a_snapshot(kind: str, part: int) -> None:
    ended = life(*INIT[:part], Event.FAILED, kind=kind)[-1]
    assert ended is (State.SHUTDOWN if kind == "snap-start" else State.RESETTING)


def test_a_restore_that_fails_ends_the_environment() -> None:
    assert life(Event.RESTORE_ASKED, Event.FAILED, Event.ENDED, kind="snap-start")[-2:] == [State.SHUTDOWN, State.GONE]


def test_only_what_is_free_can_be_reclaimed() -> None:
    reclaimed = {state for state in STATES if isinstance(EXECUTION_ENVIRONMENT.step(state, Event.RECLAIMED), Move)}
    assert reclaimed == {State.NEW, State.SNAPSHOT, State.IDLE, State.RESET}


def test_an_environment_never_runs_two_events_at_once() -> None:
    with pytest.raises(ImpossibleTransitionError, match="one thing at a time"):
        life(*INIT, Event.INVOKED, Event.INVOKED)


def test_nothing_leaves_the_end() -> None:
    for event in Event:
        cell = EXECUTION_ENVIRONMENT.table[State.GONE, event]
        assert not isinstance(cell, Move)
