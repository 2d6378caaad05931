"""The timeline as lanes in a terminal, drawn with rich: states as bars, calls and runs as marks, spaced by events."""

from __future__ import annotations

import io
import math
import os
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, TextIO

from lambda_states_mock.engine.timeline import Timeline, length_text
from lambda_states_mock.instants import iso_seconds, parse_instant
from lambda_states_mock.patterns import compile_later

if TYPE_CHECKING:
    from rich.text import Text

MOST_LANES = 60
"""Of a timeline with more lanes, the first are drawn, and it says how many there are."""

CALLS = "calls"
_NARROWEST = 60
_GOOD, _BUSY, _BAD, _RUN, _REST = (
    f"black on {colour}" for colour in ("green", "yellow", "red", "bright_blue", "bright_black")
)
_STYLES = {
    **dict.fromkeys(("Active", "Successful", "Succeeded", "SUCCEEDED", "Enabled", "available"), _GOOD),
    **dict.fromkeys(("Pending", "InProgress", "Creating", "Updating", "Deleting", "PENDING", "pending"), _BUSY),
    **dict.fromkeys(("Failed", "FAILED", "TIMED_OUT", "STOPPED"), _BAD),
    **dict.fromkeys(("RUNNING", "STARTED"), _RUN),
}
_WELL, _BADLY = "●", "✗"
_SIGNS = f"▏─…{_WELL}{_BADLY}"
_FINAL = frozenset({"SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED", "CANCELLED"})  # of durable things: nothing follows
Row = Mapping[str, Any]


@dataclass(slots=True)
class _Lane:
    subject: str
    title: str
    bars: list[tuple[datetime, str | None]] = field(default_factory=list)
    marks: list[tuple[datetime, bool]] = field(default_factory=list)  # whether all went well


def shown(timeline: Timeline, file: TextIO) -> str:
    """Return *timeline* as it is written to *file*: lanes on a terminal where rich is installed, else a line for each
    change.
    """
    lanes = lanes_or_nothing(timeline, file) if file.isatty() else ""
    return lanes or str(timeline)


def _can_be_written(encoding: str | None) -> bool:
    try:
        _SIGNS.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def lanes_or_nothing(timeline: Timeline, file: TextIO, *, width: int | None = None) -> str:
    """Return *timeline* as lanes for the terminal of *file*.

    Empty where rich is not installed, or the terminal cannot show them.

    Parameters: *width*, in characters; by default the terminal's, as rich finds it. ``NO_COLOR`` is heeded.
    """
    if os.environ.get("TERM") == "dumb" or not _can_be_written(getattr(file, "encoding", None)):
        return ""
    try:
        from rich.console import Console
    except ImportError:
        return ""
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=width, legacy_windows=False)
    if console.width < _NARROWEST or not timeline.recorded:
        return ""
    for line in _lines(timeline.to_json(), console.width - 1, colour=not console.no_color):
        console.print(line, soft_wrap=True)
    return written.getvalue().rstrip("\n")


def _lines(rows: Sequence[Row], width: int, *, colour: bool) -> list[Text]:
    from rich.text import Text

    lanes = _lanes(rows)
    drawn = lanes[:MOST_LANES]
    side = min(max(len(lane.title) for lane in drawn) + 3, width // 3)
    all_instants = {at for lane in drawn for at, _ in (*lane.bars, *lane.marks)}
    # A waiter asks again and again: calls that went well take no room of their own.
    calls = {at for lane in drawn if lane.title == CALLS for at, is_well in lane.marks if is_well}
    others = {at for lane in drawn for at, _ in lane.bars}
    others |= {at for lane in drawn for at, is_well in lane.marks if lane.title != CALLS or not is_well}
    instants = sorted({*others, min(all_instants), max(all_instants)})
    places = _places(instants, width - side)
    places |= {at: _between(at, instants, places) for at in calls - places.keys()}
    lines = [Text(" " * side).append(line, "dim") for line in _axis(instants, places, width - side)]
    subject = None
    for lane in drawn:
        if lane.subject != subject:
            subject = lane.subject
            lines.append(Text(_cut(subject, width), "bold"))
        title = Text(f"  {_cut(lane.title, side - 3)}".ljust(side))
        lines.append(title.append_text(_drawn(lane, places, width - side, colour=colour)))
    if len(lanes) > MOST_LANES:
        lines.append(Text(f"... and {len(lanes) - MOST_LANES} more lanes", "dim"))
    return lines


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _lanes(rows: Sequence[Row]) -> list[_Lane]:
    """Return the lanes of *rows*: what is there of each subject, one below the other."""
    found: dict[str, dict[str, _Lane]] = {}

    def lane(subject: str, title: str) -> _Lane:
        return found.setdefault(subject, {}).setdefault(title, _Lane(subject, title))

    for row in rows:
        at, subject = parse_instant(row["at"]), row["subject"]
        if row["kind"] == "change" and row["machine"] == "Batch":
            lane(subject, "batches").marks.append((at, row["after"] == "Succeeded"))
        elif row["kind"] == "change":
            into, state = _lane_of_change(lane, row), row["after"]
            ends = state in _FINAL and row["machine"] in ("Status", "Operation")
            into.bars.append((at, None if ends else state))
            if ends:
                into.marks.append((at, state == "SUCCEEDED"))
        elif row["kind"] == "call" and subject:
            lane(subject, CALLS).marks.append((at, not (row["error"] or row["broken"])))
        elif row["kind"] == "invocation":
            lane(subject, "invocations").marks.append((at, not row["error"]))
    return [
        one
        for lanes in found.values()
        for one in sorted(lanes.values(), key=lambda one: not one.bars)  # states first
    ]


def _lane_of_change(lane: Callable[[str, str], _Lane], row: Row) -> _Lane:
    """Return where a change is drawn: an operation of a durable execution stands below the execution."""
    execution = _EXECUTION.match(row["subject"])
    if row["machine"] == "Operation" and execution is not None:
        return lane(execution[1], execution[2])
    return lane(row["subject"], row["machine"])


_EXECUTION = compile_later(r"(\S+ execution \S+) (.+)$")


def _places(instants: Sequence[datetime], width: int) -> dict[datetime, int]:
    """Return the column of each instant: a longer wait is wider, but by its order of magnitude alone."""
    weights = [1.0 + math.log10(1 + (after - before).total_seconds()) for before, after in pairwise(instants)]
    whole = sum(weights) + max(1.5, sum(weights) / 10)  # some room behind the last
    reached, places = 0.0, {}
    for at, weight in zip(instants, [*weights, 0.0], strict=True):
        places[at] = min(round(reached / whole * width), width - 1)
        reached += weight
    return places


def _between(at: datetime, instants: Sequence[datetime], places: Mapping[datetime, int]) -> int:
    """Return the column of an instant that lies between two of *instants*."""
    after = bisect_left(instants, at)
    before, behind = instants[after - 1], instants[after]
    return places[before] + int((places[behind] - places[before]) * ((at - before) / (behind - before)))


def _axis(instants: Sequence[datetime], places: Mapping[datetime, int], width: int) -> list[str]:
    """Return when it begins, and what has passed since, where there is room."""
    cells = [" "] * width
    free = 0
    for at in instants:
        text = f"|{length_text(at - instants[0])}"
        if places[at] >= free and places[at] + len(text) <= width:
            cells[places[at] : places[at] + len(text)] = text
            free = places[at] + len(text) + 1
    return [iso_seconds(instants[0]), "".join(cells).rstrip()]


def _drawn(lane: _Lane, places: Mapping[datetime, int], width: int, *, colour: bool) -> Text:
    from rich.text import Text

    cells = [(" ", "")] * width
    for number, (at, state) in enumerate(lane.bars):
        if state is None:
            continue
        after = lane.bars[number + 1][0] if number + 1 < len(lane.bars) else None
        begin, end = places[at], width if after is None else places[after]
        text = f"▏{state}"[: max(end - begin, 1)].ljust(end - begin, " " if colour else "─")
        cells[begin:end] = [(sign, _STYLES.get(state, _REST)) for sign in text[: end - begin]]
    for at, is_well in lane.marks:
        if cells[places[at]][0] != _BADLY:  # of several in one place, the one that failed
            cells[places[at]] = (_WELL, "bright_blue") if is_well else (_BADLY, "bold red")
    line = Text()
    for style, run in groupby(cells, key=lambda cell: cell[1]):
        line.append("".join(sign for sign, _ in run), style)
    return line
