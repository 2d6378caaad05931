"""The table of docs/performance.md: what each work costs, beside its goal, as ratios of one interleaved run.

A ratio is that of processor times, each the lower quartile of rounds in which all ways take their turns, after some
calls that warm up: how busy the machine is makes little difference then. A goal is where we want to be. A work fails
above its limit, which leaves room for noise: it guards what is reached.

``python -m pytest benchmarks/test_goals.py -s`` shows the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from statistics import quantiles

import pytest
from moto import mock_aws

from benchmarks.conftest import entering
from benchmarks.works import WORKS, Way, canned, motos, ours, seconds, stubbed
from lambda_states_mock import mock_lambda

ROUNDS = 12
OTHERS = {"moto": 4, "Stubber": 4}
"""Who is measured beside us for comparison alone, and in every how many rounds."""
CANNED_CALL = 0.57  # ms on the machine for which the goals of entering were set


@dataclass(frozen=True)
class Row:
    """A line of the table. Parameters: *goal* and *limit*, ratios; *ways*, by the name of what does the work."""

    goal: float
    limit: float
    ways: dict[str, Way]


def _row(name: str, goal: float, limit: float) -> Row:
    work = WORKS[name]
    ways: dict[str, Way] = {"ours": partial(ours, work), "canned": partial(canned, name)}
    if work.motos:
        ways["moto"] = partial(motos, name)
    if work.stubs:
        ways["Stubber"] = partial(stubbed, name)
    return Row(goal, limit, ways)


_GET = partial(canned, "GetFunctionConfiguration")
ROWS: dict[str, Row] = {
    "GetFunctionConfiguration": _row("GetFunctionConfiguration", 0.5, 0.7),
    "Invoke, returns=": _row("Invoke, returns=", 0.9, 1.2),
    "Invoke, a function": _row("Invoke, a function", 0.9, 1.3),
    "Invoke, Event": _row("Invoke, Event", 0.9, 1.3),
    "Invoke of a zip's handler": _row("Invoke of a zip's handler", 1.5, 2.3),
    "CreateFunction with a zip": _row("CreateFunction with a zip", 1.1, 1.4),
    "UpdateFunctionCode": _row("UpdateFunctionCode", 1.0, 1.2),
    "UpdateFunctionConfiguration": _row("UpdateFunctionConfiguration", 1.0, 1.1),
    "ListFunctions, 50 rows": _row("ListFunctions, 50 rows", 1.0, 1.1),
    "entering and leaving": Row(
        0.2 / CANNED_CALL,
        0.5,
        {"ours": partial(entering, mock_lambda), "canned": _GET, "moto": partial(entering, mock_aws)},
    ),
    "entering and leaving, freeze=True": Row(
        3 / CANNED_CALL, 6.0, {"ours": partial(entering, partial(mock_lambda, freeze=True)), "canned": _GET}
    ),
}


def measured(row: Row) -> dict[str, float]:
    """Return the seconds of a call, by the name of what does the work."""
    taken: dict[str, list[float]] = {who: [] for who in row.ways}
    for turn in range(ROUNDS):
        for who, way in row.ways.items():
            if turn % OTHERS.get(who, 1) == 0:
                taken[who].append(seconds(way))
    return {who: quantiles(times, n=4)[0] for who, times in taken.items()}


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    """The lines of the table, which are printed at the end."""
    lines = ["| work | ours, µs | ratio to canned | goal | moto | Stubber |", "|---|---|---|---|---|---|"]
    yield lines
    print("\n" + "\n".join(lines))


@pytest.mark.parametrize("name", ROWS)
def test_a_work_costs_what_it_may(name: str, table: list[str]) -> None:
    row = ROWS[name]
    found = measured(row)
    ratio = found["ours"] / found["canned"]
    others = [f"{found[who] / found['canned']:.2f}" if who in found else "" for who in OTHERS]
    table.append(f"| {name} | {found['ours'] * 1e6:.0f} | {ratio:.2f} | {row.goal:.2g} | {' | '.join(others)} |")
    assert ratio <= row.limit, f"{name}: {ratio:.2f} of a canned answer's time; it may be {row.limit}"
