"""The timeline as Markdown, for the summary of a step in CI: what changed, what was refused, what moved the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambda_states_mock.engine.timeline import length_text
from lambda_states_mock.instants import parse_instant

MOST_LINES = 60
"""Of more events, the latest are told, and how many there were."""

Row = Mapping[str, Any]


def timeline_markdown(rows: Sequence[Row]) -> str:
    """Return *rows*, as `Timeline.to_json` gives them, as a table. Calls and runs that went well are left out."""
    told = [(row, *said) for row in rows if (said := _told(row)) is not None]
    if not told:
        return "Nothing has changed.\n"
    started = parse_instant(rows[0]["at"])
    lines = ["| after | of | what | why |", "|---|---|---|---|"]
    if len(told) > MOST_LINES:
        lines.append(f"| | | *the latest {MOST_LINES} of {len(told)}* | |")
    for row, what, why in told[-MOST_LINES:]:
        after = length_text(parse_instant(row["at"]) - started)
        cells = (_cell(one) for one in (after, row["subject"], what, why))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _told(row: Row) -> tuple[str, str] | None:
    """Return what happened, and why; None for what nobody asks for."""
    kind = row["kind"]
    if kind == "change":
        code = f" ({row['code']})" if row["code"] else ""
        return f"{row['machine']}: {row['before'] or '-'} → {row['after'] or '-'}{code}", row["cause"]
    if kind == "call" and (row["error"] or row["broken"]):
        error = row["error"] or {"code": row["broken"], "message": ""}
        return f"✗ {row['operation']}: {error['code']}", error["message"]
    if kind == "invocation" and row["error"]:
        return f"✗ invocation, attempt {row['attempt']}", row["error"]
    if kind == "fault":
        return "⚑ fault", row["fault"]
    if kind == "move":
        length = length_text(parse_instant(row["until"]) - parse_instant(row["at"]))
        return f"⏱ {length}, {row['by']}", row["line"] or ""
    return None


def _cell(text: str) -> str:
    """Return *text* as one cell that Markdown and HTML leave as it is."""
    shown = " ".join(text.split())
    for sign, instead in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        ("\\", "\\\\"),
        ("|", "\\|"),
        ("*", "\\*"),
        ("_", "\\_"),
        ("`", "\\`"),
    ):
        shown = shown.replace(sign, instead)
    return shown
