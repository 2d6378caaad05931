"""The rules of the house for lifecycle tables.

A lifecycle is an immutable table: (state, event) -> what happens. `step` looks a cell up and does nothing itself.

- Every cell is filled: with a `Move`, a `Refuse` (AWS's answer; nothing changes), `STAY` (accepted; nothing changes
  here), or an `Impossible` that says why nobody can come there. `ByKind` chooses among those by the kind of the function.
- Rows name a *phase* (``"create"``), never seconds: how long it takes is for `engine.timings` to say.
- A state starts at most one timer, in the row that enters it; leaving the state cancels that timer.
- What AWS shows of a state is `Shown`: several states of a table may look the same from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Generic, TypeVar

from lambda_states_mock.errors import ImpossibleTransitionError
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.service_errors import ErrorTemplate

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)


class Label(Enum):
    """The states or the events of a table, by which its cells are looked up."""

    __hash__ = object.__hash__  # an enumeration's own is a function of Python's, several times for each step


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is in its state: AWS's reason *code* and *text*, as in StateReasonCode and StateReason."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Later(Generic[E]):
    """What a state waits for: when *phase* has taken its time, *done* happens, or *failed* where a fault says so.

    *is_timed*: whether the phase takes a known time. Otherwise code runs in it, and whoever runs that ends the phase.
    """

    phase: str
    done: E
    failed: E | None = None
    background: bool = False
    is_timed: bool = True


@dataclass(frozen=True, slots=True)
class Move(Generic[S, E]):
    """Go *to* a state, for *reason* (the event's own reason wins), start *then*.

    *answer*: the caller is refused all the same; *keeps_reason*: what AWS shows as the reason stays as it was.
    """

    to: S
    reason: Reason | None = None
    then: Later[E] | None = None
    answer: ErrorTemplate | None = None
    keeps_reason: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """AWS refuses the call with *answer*; nothing changes."""

    answer: ErrorTemplate


@dataclass(frozen=True, slots=True)
class Stay:
    """The call is accepted and this machine stays as it is, its timer included."""


STAY = Stay()


@dataclass(frozen=True, slots=True)
class Impossible:
    """Nobody can come here; *why* says what prevents it."""

    why: str


@dataclass(frozen=True, slots=True)
class ByKind(Generic[S, E]):
    """One cell for most kinds and others for some: *cells* by kind, *other* for the rest."""

    other: Move[S, E] | Refuse | Stay
    cells: Mapping[str, Move[S, E] | Refuse | Stay]

    def of(self, kind: str) -> Move[S, E] | Refuse | Stay:
        return self.cells.get(kind, self.other)


Cell = Move[S, E] | Refuse | Stay | ByKind[S, E] | Impossible


def grid(states: Sequence[S], rows: Mapping[E, Sequence[Cell[S, E]]]) -> dict[tuple[S, E], Cell[S, E]]:
    """Return the table of *rows*: for each event one cell for each of *states*, in their order.

    Raises ValueError where a row is shorter or longer than *states*.
    """
    return {(state, event): cell for event, row in rows.items() for state, cell in zip(states, row, strict=True)}


def spelled(states: type[S], spell: Callable[[str], str], but: Mapping[S, str | None]) -> dict[S, str | None]:
    """Return what AWS shows of each of *states*: its name as *spell* puts it, but for those that *but* names."""
    return {**{state: spell(state.name) for state in states}, **but}


@dataclass(frozen=True)
class Lifecycle(Generic[S, E]):
    """A lifecycle: its *table*, the *initial* state, and what AWS *shows* of each state."""

    name: str  # how the timeline calls it, e.g. "State"
    title: str
    initial: S
    shown: Mapping[S, str | None]  # the value in AWS's answers, or None where AWS shows none
    table: Mapping[tuple[S, E], Cell[S, E]]
    final: frozenset[S] = frozenset()  # states that nothing leaves

    def step(self, state: S, event: E, kind: str = "zip") -> Move[S, E] | Refuse | Stay:
        """Return what *event* does in *state* to a function of *kind*. Pure.

        Raises ImpossibleTransitionError for a cell that is empty or declared impossible: our defect, never the user's.
        """
        cell = self.table.get((state, event))
        if isinstance(cell, ByKind):
            return cell.of(kind)
        if cell is None or isinstance(cell, Impossible):
            why = cell.why if isinstance(cell, Impossible) else "the table has no such cell"
            raise ImpossibleTransitionError(
                f"{self.title}: {event.name} in state {state.name} cannot happen ({why}). "
                "This is a defect of lambda_states_mock; please report it with the timeline of the test."
            )
        return cell
