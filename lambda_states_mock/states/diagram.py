"""Any lifecycle, drawn: as a Mermaid diagram and as a Markdown table. From the same table that runs."""

from __future__ import annotations

from enum import Enum
from typing import Any

from lambda_states_mock.states.lifecycle import ByKind, Cell, Impossible, Lifecycle, Move, Refuse, Stay

AnyMachine = Lifecycle[Any, Any]
AnyCell = Cell[Any, Any]


def mermaid(machine: AnyMachine) -> str:
    """Return *machine* as a Mermaid state diagram: an arrow for each move, labelled with its event and phase."""
    lines = ["stateDiagram-v2", f"    [*] --> {machine.initial.name}"]
    lines += [f"    {state.name}: {_title(machine, state)}" for state in machine.shown]
    for event in _events(machine):
        for state in machine.shown:
            lines += _arrows(state, event, machine.table[state, event])
    lines += [f"    {state.name} --> [*]" for state in machine.shown if state in machine.final]
    return "\n".join(dict.fromkeys(lines))


def markdown(machine: AnyMachine) -> str:
    """Return *machine* as a Markdown table: events down, states across, and what is refused with which error."""
    states: list[Enum] = list(machine.shown)
    head = "| event | " + " | ".join(f"{state.name}" for state in states) + " |"
    shown = "| *AWS shows* | " + " | ".join(f"*{machine.shown[state] or '-'}*" for state in states) + " |"
    rows = [
        f"| {event.name} | " + " | ".join(_words(machine.table[state, event]) for state in states) + " |"
        for event in _events(machine)
    ]
    return "\n".join([head, "|" + " --- |" * (len(states) + 1), shown, *rows])


def page(machine: AnyMachine, model: str) -> str:
    """Return the documentation page of *machine*: its title, diagram and table.

    Parameters: *model*, which model of the API its states and codes come from.
    """
    return (
        f"# {machine.title}\n\n"
        f"Generated from the table that runs, by `lambda-states-mock states`. Codes are those of {model}.\n\n"
        f"```mermaid\n{mermaid(machine)}\n```\n\n"
        "A cell says where the event leads, what is refused with which error, or that nobody can come there (a dot).\n\n"
        f"{markdown(machine)}\n"
    )


def _events(machine: AnyMachine) -> list[Enum]:
    return list(dict.fromkeys(event for _, event in machine.table))


def _title(machine: AnyMachine, state: Enum) -> str:
    shown = machine.shown[state]
    return f"{state.name.replace('_', ' ').lower()}" + (f" ({shown})" if shown else "")


def _arrows(state: Enum, event: Enum, cell: AnyCell) -> list[str]:
    found = [cell.other, *cell.cells.values()] if isinstance(cell, ByKind) else [cell]
    return [f"    {state.name} --> {one.to.name}: {event.name.lower()}" for one in found if isinstance(one, Move)]


def _words(cell: AnyCell) -> str:
    if isinstance(cell, ByKind):
        return "; ".join([_words(cell.other), *(f"{kind}: {_words(one)}" for kind, one in cell.cells.items())])
    if isinstance(cell, Impossible):
        return "."
    if isinstance(cell, Stay):
        return "stays"
    if isinstance(cell, Refuse):
        return f"*{cell.answer.code}*"
    words = f"**{cell.to.name}**"
    if cell.reason is not None:
        words += f" ({cell.reason.code})"
    if cell.then is not None:
        words += f", then *{cell.then.phase}*"
    return f"{words}, answers *{cell.answer.code}*" if cell.answer is not None else words
