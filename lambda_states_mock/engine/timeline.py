"""The timeline: every state change, with its time and cause."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import accumulate
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, overload

from lambda_states_mock.errors import ClockError, NamesWhatItHas, UnknownNameError, nearest
from lambda_states_mock.instants import iso_microseconds, iso_milliseconds, parse_instant
from lambda_states_mock.newest import item_at, items_in

CHANGE = "change"
"""The ``kind`` of the rows of state changes."""

MOVE = "move"
"""That of what moved the clock."""

KEPT_CHANGES = 100_000
"""At least so many state changes are kept, so that a long soak fits into memory; `len` still counts all."""

Row = dict[str, Any]


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


def instant_text(moment: datetime) -> str:
    """Return *moment* as rows have it: in milliseconds, or in microseconds where it has some."""
    return iso_microseconds(moment) if moment.microsecond % 1000 else iso_milliseconds(moment)


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened beside the state changes: *row*, with its ``kind``, *at* some time.

    *changes_before*, how many state changes there had been; None for all of that instant.
    """

    at: datetime
    changes_before: int | None
    row: Mapping[str, Any]


class Beside(Protocol):
    """Gives what happened beside the state changes; *secrets*, whether with the values of environment variables."""

    def __call__(self, *, secrets: bool) -> Iterable[Entry]: ...


def _nothing_beside(*, secrets: bool) -> Iterable[Entry]:  # noqa: ARG001
    return ()


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


class Changes:
    """Where state changes are recorded, the newest `KEPT_CHANGES` at least. *gone* is how many there were before.

    Apart from `Timeline`, which can be asked and holds the mock that it tells of: a mock that held it in turn would be
    freed by the garbage collector alone.
    """

    __slots__ = ("gone", "recorded")

    def __init__(self, transitions: Iterable[Transition] = ()) -> None:
        self.recorded = list(transitions)
        self.gone = 0

    def __len__(self) -> int:
        return self.gone + len(self.recorded)

    def record(self, transition: Transition) -> None:
        """Add *transition* at the end."""
        self.recorded.append(transition)
        if len(self.recorded) > KEPT_CHANGES * 1.1:  # some at a time: to take one from the front moves all others
            excess = len(self.recorded) - KEPT_CHANGES
            del self.recorded[:excess]
            self.gone += excess


class Timeline(NamesWhatItHas, Sequence[Transition]):
    """The state changes of a mock, oldest first: the newest `KEPT_CHANGES` at least. `len` and indexes count all.

    Two timelines with the same transitions are equal.

    What happened beside them (calls, runs, environments, faults, moves of the clock) is in `to_json` and on the page
    that `to_html` writes: of the whole, and of what `of` and `between` return.
    """

    def __init__(
        self,
        transitions: Sequence[Transition] | Changes = (),
        *,
        machine: str = "State",
        whole: Timeline | None = None,
        beside: Beside = _nothing_beside,
    ) -> None:
        self._changes = transitions if isinstance(transitions, Changes) else Changes(transitions)
        self._machine = machine  # whose values `states` gives
        self._whole = whole  # of which this is a part
        self._beside = beside

    @property
    def recorded(self) -> list[Transition]:
        """The transitions that are kept."""
        return self._changes.recorded

    @property
    def gone(self) -> int:
        """How many there were before those that are kept."""
        return self._changes.gone

    @overload
    def __getitem__(self, index: int) -> Transition: ...
    @overload
    def __getitem__(self, index: slice) -> Timeline: ...
    def __getitem__(self, index: int | slice) -> Transition | Timeline:
        __tracebackhide__ = True
        if isinstance(index, slice):
            return self._part(items_in(self.recorded, self.gone, index, "state change"))
        return item_at(self.recorded, self.gone, index, "state change")

    def __len__(self) -> int:
        return len(self._changes)

    def __iter__(self) -> Iterator[Transition]:
        return iter(tuple(self.recorded))

    def __reversed__(self) -> Iterator[Transition]:
        return reversed(tuple(self.recorded))

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Timeline) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def where(self, chosen: Callable[[Transition], bool]) -> Timeline:
        """Return the transitions for which *chosen* returns True."""
        return self._part([one for one in self.recorded if chosen(one)])

    def _part(
        self, transitions: list[Transition], machine: str | None = None, rows: Callable[[Row], bool] | None = None
    ) -> Timeline:
        def beside(*, secrets: bool) -> Iterable[Entry]:
            return [] if rows is None else _parsed([row for row in self.to_json(secrets=secrets) if rows(row)])[1]

        return Timeline(transitions, machine=machine or self._machine, whole=self._whole or self, beside=beside)

    def of(self, subject: str) -> Timeline:
        """Return the transitions of *subject*: a function's name, or ``name:version`` for a published version.

        Raises UnknownNameError for what is no subject of the whole timeline: nothing of that name has ever changed.
        """
        __tracebackhide__ = True
        known = (self._whole or self).subjects
        if subject not in known:
            raise UnknownNameError(
                f"nothing called {subject!r} has changed:{nearest(subject, known)} "
                f"What has: {', '.join(known) or 'nothing yet'}."
            )
        return self._part(
            [one for one in self.recorded if one.subject == subject],
            rows=lambda row: row["kind"] in (CHANGE, MOVE) or row["subject"] == subject,
        )

    def machine(self, name: str) -> Timeline:
        """Return the transitions of one kind of lifecycle, e.g. ``"LastUpdateStatus"``.

        Raises UnknownNameError for what is none.
        """
        __tracebackhide__ = True
        known = dict.fromkeys((*_lifecycles(), *(one.machine for one in self._whole or self)))
        if name not in known:
            raise UnknownNameError(
                f"no lifecycle called {name!r}:{nearest(name, known)} Lifecycles: {', '.join(known)}."
            )
        return self._part([one for one in self.recorded if one.machine == name], name)

    def between(self, start: datetime | str | None = None, end: datetime | str | None = None) -> Timeline:
        """Return the transitions from *start* to *end*, both included.

        Parameters: *start* and *end*, aware datetimes or ISO strings with a time zone; None for no limit.

        Raises ClockError for what is no time, or one without a time zone.
        """
        __tracebackhide__ = True
        first = parse_instant(start) if start is not None else None
        last = parse_instant(end) if end is not None else None

        def is_within(at: datetime) -> bool:
            return (first is None or first <= at) and (last is None or at <= last)

        return self._part(
            [one for one in self.recorded if is_within(one.at)], rows=lambda row: is_within(parse_instant(row["at"]))
        )

    def caused_by(self, cause: str) -> Timeline:
        """Return the transitions with *cause*: a call, ``"CreateFunction"``, or a phase's end, ``"create ended"``."""
        return self.where(lambda transition: transition.cause == cause)

    def with_code(self, code: str) -> Timeline:
        """Return the transitions with AWS's reason *code*, e.g. ``"Idle"``."""
        return self.where(lambda transition: transition.code == code)

    @property
    def subjects(self) -> list[str]:
        """The names of everything that changed, each once, in the order of the first change."""
        return list(dict.fromkeys(transition.subject for transition in self.recorded))

    @property
    def moves(self) -> list[str]:
        """One line per transition, without times and causes, for comparisons in a test."""
        return [
            f"{one.subject} {one.machine}: {one.before or '-'} -> {one.after or '-'}"
            + (f" ({one.code})" if one.code else "")
            for one in self.recorded
        ]

    @property
    def states(self) -> list[str | None]:
        """The values of ``State`` that were reached, in order; after `machine`, those of that lifecycle."""
        return [one.after for one in self.recorded if one.machine == self._machine]

    def to_mermaid(self) -> str:
        """Return a Mermaid state diagram of the transitions, with numbered arrows."""
        started = self.recorded[0].at if self.recorded else None
        lives: dict[tuple[str, str], list[tuple[int, Transition]]] = {}
        for number, one in enumerate(self.recorded, 1):
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

    def to_json(self, *, secrets: bool = False) -> list[Row]:
        """Return the transitions, and what happened beside them, as JSON values in the order in which it happened.

        Each row has a ``kind``: ``change`` for the transitions, with their attributes; ``call``, ``invocation``,
        ``environment``, ``batch``, ``execution`` and ``operation`` (durable ones), ``message``, ``fault``, ``move`` (of
        the clock: by what, from which line). All have ``at``, in ISO 8601, and ``subject``; what took time, ``until``.

        Parameters: *secrets*, whether the values of environment variables are shown.
        """
        # A detached run records ahead of the clock: what happened later has not happened before it.
        instants = list(accumulate((one.at for one in self.recorded), max))

        def place(entry: Entry) -> tuple[int, datetime]:
            last = bisect_right(instants, entry.at)
            if entry.changes_before is None:
                return last, entry.at
            return min(max(entry.changes_before - self.gone, bisect_left(instants, entry.at)), last), entry.at

        placed = sorted(((place(entry), entry.row) for entry in self._beside(secrets=secrets)), key=lambda one: one[0])
        rows: list[Row] = []
        done = 0
        for (before, _), row in placed:
            rows += map(_row, self.recorded[done:before])
            rows.append(dict(row))
            done = max(done, before)
        return rows + [_row(one) for one in self.recorded[done:]]

    def to_html(self, path: str | PathLike[str], *, title: str = "Lambda timeline", secrets: bool = False) -> Path:
        """Write the timeline as a page into the file *path*, and return it: one file, which any browser shows.

        Parameters: *title*, the page's heading; *secrets*, whether the values of environment variables are shown.
        Raises OSError where the file cannot be written.
        """
        written = Path(path)
        written.write_text(self._page(title=title, secrets=secrets), encoding="utf-8")
        return written

    def to_markdown(self) -> str:
        """Return what changed, was refused or failed, and what moved the clock, as a table in Markdown."""
        from lambda_states_mock.reporting.timeline_markdown import timeline_markdown

        return timeline_markdown(self.to_json())

    def _page(self, *, title: str, secrets: bool = False) -> str:
        from lambda_states_mock.reporting.timeline_page import timeline_page

        return timeline_page(self.to_json(secrets=secrets), title=title, plain=str(self))

    def _repr_html_(self) -> str:
        """Return the page in a frame, as notebooks show it."""
        page = escape(self._page(title="Lambda timeline"), quote=True)
        return (
            f'<iframe srcdoc="{page}" title="Lambda timeline" style="width: 100%; height: 560px; border: 0"></iframe>'
        )

    @classmethod
    def from_json(cls, rows: Iterable[Mapping[str, Any]]) -> Timeline:
        """Return the timeline whose `to_json` has given *rows*; it has what happened beside the changes as well.

        Raises ValueError for what is no such row.
        """
        transitions, entries = _parsed(rows)

        def beside(*, secrets: bool) -> Iterable[Entry]:  # noqa: ARG001 - they are as they were written
            return entries

        return cls(transitions, beside=beside)

    def __repr__(self) -> str:
        kept = f", of which the newest {len(self.recorded)} are kept" if self.gone else ""
        return f"<Timeline of {len(self)} transitions{kept}>"

    def __str__(self) -> str:
        return self.text()

    def text(self, newest: int | None = None) -> str:
        """Return a line for each transition, as it is printed. Parameters: *newest*, only so many; None for all."""
        if not self.recorded:
            return "(nothing has changed yet)"
        started = self.recorded[0].at
        shown = self.recorded if newest is None else self.recorded[-newest:]
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
            for transition in shown
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        left_out = [f"({self.gone:,} older transitions went)"] if self.gone else []
        if len(shown) < len(self.recorded):
            left_out.append(f"({len(self.recorded) - len(shown):,} before these: print the timeline to see them)")
        return "\n".join(
            left_out
            + ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        )


def _row(transition: Transition) -> Row:
    return {"kind": CHANGE, **asdict(transition), "at": instant_text(transition.at)}


def _parsed(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Transition], list[Entry]]:
    transitions: list[Transition] = []
    entries: list[Entry] = []
    for number, row in enumerate(rows):
        try:
            at = parse_instant(row["at"])
            if row["kind"] == CHANGE:
                transitions.append(Transition(**{**{key: row[key] for key in row if key != "kind"}, "at": at}))
            else:
                entries.append(Entry(at, len(transitions), row))
        except (KeyError, TypeError, ClockError) as error:
            raise ValueError(
                f"row {number} is none of a timeline: {error!r} in {row!r}\n"
                "  Give what Timeline.to_json() has returned, or what json.loads() makes of it."
            ) from error
    return transitions, entries


def _lifecycles() -> list[str]:
    from lambda_states_mock.states.every_lifecycle import LIFECYCLES

    return [lifecycle.name for lifecycle in LIFECYCLES.values()]
