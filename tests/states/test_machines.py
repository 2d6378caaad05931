"""The laws that every lifecycle table keeps."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest

from lambda_states_mock import service_errors
from lambda_states_mock.engine.timings import PHASES
from lambda_states_mock.errors import ImpossibleTransitionError
from lambda_states_mock.service_errors import ErrorTemplate
from lambda_states_mock.states.every_lifecycle import LIFECYCLES
from lambda_states_mock.states.lifecycle import ByKind, Cell, Impossible, Lifecycle, Move, Refuse, grid

AnyMachine = Lifecycle[Any, Any]
AnyCell = Cell[Any, Any]

every_machine = pytest.mark.parametrize("machine", LIFECYCLES.values(), ids=LIFECYCLES.keys())
ONLY_OF_UPDATED = {"UNBLOCKED", "LOST", "NON_INVOCABLE"}  # states of what is updated; a version never is
KNOWN_ANSWERS = {id(value) for value in vars(service_errors).values() if isinstance(value, ErrorTemplate)}


def states_of(machine: AnyMachine) -> list[Enum]:
    return list(machine.shown)


def events_of(machine: AnyMachine) -> list[Enum]:
    return list(dict.fromkeys(event for _, event in machine.table))


def choices(cell: AnyCell) -> list[AnyCell]:
    return [cell.other, *cell.cells.values()] if isinstance(cell, ByKind) else [cell]


def moves(cell: AnyCell) -> list[Move[Any, Any]]:
    return [one for one in choices(cell) if isinstance(one, Move)]


def refusals(cell: AnyCell) -> list[ErrorTemplate]:
    answers = [one.answer for one in choices(cell) if isinstance(one, (Move, Refuse))]
    return [answer for answer in answers if answer is not None]


@every_machine
def test_every_cell_is_filled(machine: AnyMachine) -> None:
    missing = [
        (state.name, event.name)
        for state in states_of(machine)
        for event in events_of(machine)
        if (state, event) not in machine.table
    ]

    assert missing == []


@every_machine
def test_aws_shows_something_or_nothing_of_every_state(machine: AnyMachine) -> None:
    assert set(machine.shown) == set(states_of(machine))


@every_machine
def test_every_refusal_is_an_answer_from_the_list_of_service_errors(machine: AnyMachine) -> None:
    answers = [answer for cell in machine.table.values() for answer in refusals(cell)]

    assert [answer for answer in answers if id(answer) not in KNOWN_ANSWERS] == []


@every_machine
def test_every_phase_that_a_state_waits_for_has_a_length(machine: AnyMachine) -> None:
    phases = {move.then.phase for cell in machine.table.values() for move in moves(cell) if move.then}

    assert phases <= PHASES


@every_machine
def test_what_a_state_waits_for_is_possible_when_it_comes(machine: AnyMachine) -> None:
    for cell in machine.table.values():
        for move in moves(cell):
            for event in (move.then.done, move.then.failed) if move.then else ():
                if event is not None:
                    assert not isinstance(machine.table[move.to, event], Impossible), (move.to, event)


@every_machine
def test_every_state_can_be_reached(machine: AnyMachine) -> None:
    reached, frontier = {machine.initial}, [machine.initial]
    while frontier:
        state = frontier.pop()
        for event in events_of(machine):
            for move in moves(machine.table[state, event]):
                if move.to not in reached:
                    reached.add(move.to)
                    frontier.append(move.to)

    unused = {state.name for state in states_of(machine)} - {state.name for state in reached}
    assert unused == (ONLY_OF_UPDATED if machine is LIFECYCLES["version"] else set())


@every_machine
def test_only_final_states_are_dead_ends(machine: AnyMachine) -> None:
    for state in states_of(machine):
        ways_out = [move for event in events_of(machine) for move in moves(machine.table[state, event])]
        if state not in machine.final and not (machine is LIFECYCLES["version"] and state.name in ONLY_OF_UPDATED):
            assert any(move.to is not state for move in ways_out), state


@every_machine
def test_an_impossible_cell_says_whose_defect_it_is(machine: AnyMachine) -> None:
    state, event, cell = next(
        (state, event, cell) for (state, event), cell in machine.table.items() if isinstance(cell, Impossible)
    )

    with pytest.raises(ImpossibleTransitionError) as raised:
        machine.step(state, event)

    assert machine.title in str(raised.value)
    assert state.name in str(raised.value)
    assert event.name in str(raised.value)
    assert cell.why in str(raised.value)


def test_a_row_of_the_wrong_length_is_refused() -> None:
    machine = LIFECYCLES["last-update"]
    event = events_of(machine)[0]

    with pytest.raises(ValueError):
        grid(states_of(machine), {event: ()})
