"""Adds one line to the report: how many of the recorded answers of AWS hold."""

from __future__ import annotations

from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Sum what the replays have recorded, also those of other xdist workers."""
    totals: dict[str, int] = {}
    for outcome in ("passed", "failed"):
        reports: list[Any] = terminalreporter.stats.get(outcome, [])
        for name, value in (pair for report in reports for pair in getattr(report, "user_properties", ())):
            if str(name).startswith("aws_answers_"):
                totals[name] = totals.get(name, 0) + int(value)
    if totals:
        holding, recorded, known = (totals.get(f"aws_answers_{key}", 0) for key in ("holding", "recorded", "known"))
        terminalreporter.write_line(f"recorded answers of AWS: {holding} of {recorded} hold, {known} are known not to")
