"""Who changed from what to what, when and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, overload


def clock_text(moment: datetime) -> str:
    """Return *moment* in ISO 8601 with milliseconds and ``Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def length_text(length: timedelta) -> str:
    """Return *length* as a reader says it: ``+2 s``, ``+1 min 15 s``, ``+14 d``."""
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
    """One change of one machine.

    Attributes:
        at: when, in UTC.
        subject: of what, e.g. ``orders`` or ``orders:3``.
        machine: which of its lifecycles, e.g. ``State`` or ``LastUpdateStatus``.
        before, after: the states as AWS shows them; None where AWS shows none.
        cause: the call, the end of a phase or the fault that brought it about.
        code, reason: AWS's reason code and text for the state after, or None.
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
        return f"{clock_text(self.at)}  {self.subject}  {self.machine}: {move}{why}  [{self.cause}]"


class Timeline(Sequence[Transition]):
    """The transitions of a mock in their order; compares equal to another one with the same transitions."""

    def __init__(self, transitions: Sequence[Transition] = ()) -> None:
        self._transitions = list(transitions)

    def record(self, transition: Transition) -> None:
        """Add *transition* at the end."""
        self._transitions.append(transition)

    @overload
    def __getitem__(self, index: int) -> Transition: ...
    @overload
    def __getitem__(self, index: slice) -> Timeline: ...
    def __getitem__(self, index: int | slice) -> Transition | Timeline:
        found = self._transitions[index]
        return Timeline(found) if isinstance(found, list) else found

    def __len__(self) -> int:
        return len(self._transitions)

    def __iter__(self) -> Iterator[Transition]:
        return iter(tuple(self._transitions))

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Timeline) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def where(self, chosen: Callable[[Transition], bool]) -> Timeline:
        """Return the transitions for which *chosen* is true."""
        return Timeline([transition for transition in self._transitions if chosen(transition)])

    def of(self, subject: str) -> Timeline:
        """Return the transitions of *subject*: a function's name, or ``name:version`` for a published version."""
        return self.where(lambda transition: transition.subject == subject)

    def machine(self, name: str) -> Timeline:
        """Return the transitions of one kind of lifecycle, e.g. ``"LastUpdateStatus"``."""
        return self.where(lambda transition: transition.machine == name)

    @property
    def states(self) -> list[str | None]:
        """The values of ``State`` that were reached, in order."""
        return [transition.after for transition in self._transitions if transition.machine == "State"]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the transitions as JSON values, times in ISO 8601."""
        return [{**asdict(transition), "at": clock_text(transition.at)} for transition in self._transitions]

    def __repr__(self) -> str:
        return f"<Timeline of {len(self)} transitions>"

    def __str__(self) -> str:
        if not self._transitions:
            return "(nothing has changed yet)"
        started = self._transitions[0].at
        rows = [
            (
                clock_text(transition.at),
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
