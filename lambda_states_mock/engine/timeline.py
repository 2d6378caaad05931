"""The timeline: every state change, with its time and cause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, overload

from lambda_states_mock.errors import NamesWhatItHas, UnknownNameError, nearest
from lambda_states_mock.instants import iso_milliseconds, parse_instant


def length_text(length: timedelta) -> str:
    """Return *length* in words: ``+2 s``, ``+1 min 15 s``, ``+14 d``."""
    total = length.total_seconds()
    days, rest = divmod(total, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    parts = [f"{int(value)} {unit}" for value, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if value]
    if seconds or not parts:
        parts.append(f"{seconds:.3f}".rstrip("0").rstrip(".") + " s")
    return "+" + " ".join(parts)


@dataclass(frozen=True, slots=True)
class Transition:
    """One state change.

    Attributes:
        at: when it happened, as an aware UTC datetime.
        subject: what changed, e.g. ``orders`` or ``orders:3``.
        machine: which of its lifecycles, e.g. ``State`` or ``LastUpdateStatus``.
        before, after: the states as AWS shows them; None where AWS shows none.
        cause: the call, the end of a phase or the fault that caused it.
        code, reason: AWS's reason code and text for the new state, or None.
    """

    at: datetime
    subject: str
    machine: str
    before: str | None
    after: str | None
    cause: str
    code: str | None = None
    reason: str | None = None

    def __str__(self) -> str:
        why = f" ({self.code})" if self.code else ""
        move = f"{self.before or '-'} -> {self.after or '-'}"
        return f"{iso_milliseconds(self.at)}  {self.subject}  {self.machine}: {move}{why}  [{self.cause}]"


class Timeline(NamesWhatItHas, Sequence[Transition]):
    """The state changes of a mock, oldest first. Two timelines with the same transitions are equal."""

    def __init__(
        self, transitions: Sequence[Transition] = (), *, machine: str = "State", whole: Timeline | None = None
    ) -> None:
        self._transitions = list(transitions)
        self._machine = machine  # whose values `states` gives
        self._whole = whole or self  # of which this is a part

    def record(self, transition: Transition) -> None:
        """Add *transition* at the end."""
        self._transitions.append(transition)

    @overload
    def __getitem__(self, index: int) -> Transition: ...
    @overload
    def __getitem__(self, index: slice) -> Timeline: ...
    def __getitem__(self, index: int | slice) -> Transition | Timeline:
        found = self._transitions[index]
        return self._part(found) if isinstance(found, list) else found

    def __len__(self) -> int:
        return len(self._transitions)

    def __iter__(self) -> Iterator[Transition]:
        return iter(tuple(self._transitions))

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Timeline) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def where(self, chosen: Callable[[Transition], bool]) -> Timeline:
        """Return the transitions for which *chosen* returns True."""
        return self._part([one for one in self._transitions if chosen(one)])

    def _part(self, transitions: list[Transition], machine: str | None = None) -> Timeline:
        return Timeline(transitions, machine=machine or self._machine, whole=self._whole)

    def of(self, subject: str) -> Timeline:
        """Return the transitions of *subject*: a function's name, or ``name:version`` for a published version.

        Raises UnknownNameError for what is no subject of the whole timeline: nothing of that name has ever changed.
        """
        __tracebackhide__ = True
        known = self._whole.subjects
        if subject not in known:
            raise UnknownNameError(
                f"nothing called {subject!r} has changed:{nearest(subject, known)} "
                f"What has: {', '.join(known) or 'nothing yet'}."
            )
        return self.where(lambda transition: transition.subject == subject)

    def machine(self, name: str) -> Timeline:
        """Return the transitions of one kind of lifecycle, e.g. ``"LastUpdateStatus"``.

        Raises UnknownNameError for what is none.
        """
        __tracebackhide__ = True
        known = dict.fromkeys((*_lifecycles(), *(one.machine for one in self._whole)))
        if name not in known:
            raise UnknownNameError(
                f"no lifecycle called {name!r}:{nearest(name, known)} Lifecycles: {', '.join(known)}."
            )
        return self._part([one for one in self._transitions if one.machine == name], name)

    def between(self, start: datetime | str | None = None, end: datetime | str | None = None) -> Timeline:
        """Return the transitions from *start* to *end*, both included.

        Parameters: *start* and *end*, aware datetimes or ISO strings with a time zone; None for no limit.

        Raises ClockError for what is no time, or one without a time zone.
        """
        __tracebackhide__ = True
        first = parse_instant(start) if start is not None else None
        last = parse_instant(end) if end is not None else None
        return self.where(lambda one: (first is None or first <= one.at) and (last is None or one.at <= last))

    def caused_by(self, cause: str) -> Timeline:
        """Return the transitions with *cause*: a call, ``"CreateFunction"``, or a phase's end, ``"create ended"``."""
        return self.where(lambda transition: transition.cause == cause)

    def with_code(self, code: str) -> Timeline:
        """Return the transitions with AWS's reason *code*, e.g. ``"Idle"``."""
        return self.where(lambda transition: transition.code == code)

    @property
    def subjects(self) -> list[str]:
        """The names of everything that changed, each once, in the order of the first change."""
        return list(dict.fromkeys(transition.subject for transition in self._transitions))

    @property
    def moves(self) -> list[str]:
        """One line per transition, without times and causes, for comparisons in a test."""
        return [
            f"{one.subject} {one.machine}: {one.before or '-'} -> {one.after or '-'}"
            + (f" ({one.code})" if one.code else "")
            for one in self._transitions
        ]

    @property
    def states(self) -> list[str | None]:
        """The values of ``State`` that were reached, in order; after `machine`, those of that lifecycle."""
        return [one.after for one in self._transitions if one.machine == self._machine]

    def to_mermaid(self) -> str:
        """Return a Mermaid state diagram of the transitions, with numbered arrows."""
        started = self._transitions[0].at if self._transitions else None
        lives: dict[tuple[str, str], list[tuple[int, Transition]]] = {}
        for number, one in enumerate(self._transitions, 1):
            lives.setdefault((one.subject, one.machine), []).append((number, one))
        lines = ["stateDiagram-v2"]
        for index, ((subject, machine), transitions) in enumerate(lives.items(), 1):
            lines.append(f'    state "{subject}, {machine}" as life{index} {{')
            shown = dict.fromkeys(state for _, one in transitions for state in (one.before, one.after) if state)
            lines += [f'        state "{state}" as life{index}_{state}' for state in shown]
            for number, one in transitions:
                ends = (f"life{index}_{state}" if state else "[*]" for state in (one.before, one.after))
                length = length_text(one.at - (started or one.at))
                why = f" ({one.code})" if one.code else ""
                cause = " ".join(re.sub("[:;]", " ", one.cause).split())  # either ends a label in Mermaid
                lines.append(f"        {' --> '.join(ends)}: {number}. {cause}{why}, {length}")
            lines.append("    }")
        return "\n".join(lines)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the transitions as JSON values, with times in ISO 8601."""
        return [{**asdict(transition), "at": iso_milliseconds(transition.at)} for transition in self._transitions]

    def __repr__(self) -> str:
        return f"<Timeline of {len(self)} transitions>"

    def __str__(self) -> str:
        if not self._transitions:
            return "(nothing has changed yet)"
        started = self._transitions[0].at
        rows = [
            (
                iso_milliseconds(transition.at),
                length_text(transition.at - started),
                transition.subject,
                transition.machine,
                f"{transition.before or '-'} -> {transition.after or '-'}",
                transition.code or "",
                transition.cause,
            )
            for transition in self._transitions
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
        )


def _lifecycles() -> list[str]:
    from lambda_states_mock.states import LIFECYCLES

    return [lifecycle.name for lifecycle in LIFECYCLES.values()]
