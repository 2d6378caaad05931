"""What a long run says while it goes on."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from lambda_states_mock.reporting.progress import MOST_LINES, Progress
from tests.deploying import create, refused, zip_of


def test_calls_are_counted_and_changes_told(mock: LambdaMock, client: Any) -> None:
    progress = Progress(mock)
    create(client)
    client.get_function(FunctionName="orders")
    client.get_function(FunctionName="orders")
    refused(client.update_function_code, FunctionName="orders", ZipFile=zip_of())
    told = list(progress.lines())
    assert told[0] == "2026-01-01T00:00:00Z  CreateFunction, GetFunction 2, UpdateFunctionCode (1 refused)"
    assert told[1:] == [str(change) for change in mock.timeline]


def test_nothing_is_told_twice_or_where_nothing_has_happened(mock: LambdaMock, client: Any) -> None:
    progress = Progress(mock)
    create(client)
    assert list(progress.lines())
    assert list(progress.lines()) == []
    mock.clock.run_until_idle()
    assert list(progress.lines()) == [str(change) for change in mock.timeline[1:]]


def test_each_line_has_the_name_of_its_world(mock: LambdaMock, client: Any) -> None:
    create(client)
    assert list(Progress(mock, "gw3").lines()) == []
    told = list(Progress(mock, "gw3", from_the_beginning=True).lines())
    assert len(told) == 2
    assert all(line.startswith("[gw3] 2026-01-01T00:00:00") for line in told)


def test_of_very_many_changes_it_tells_the_first_and_how_many_more_there_are(mock: LambdaMock, client: Any) -> None:
    progress = Progress(mock)
    for number in range(MOST_LINES + 5):
        create(client, f"function-{number}")
    told = list(progress.lines())
    assert len(told) == MOST_LINES + 2
    assert told[-1] == "... and 5 more changes"


@pytest.mark.parametrize(
    ("count", "due"),
    [
        (0, "nothing is due"),
        (1, "due: function-0 create in 45 s"),
        (5, "due: function-0 create in 45 s, function-1 create in 45 s, function-2 create in 45 s, 2 more"),
    ],
)
def test_it_tells_where_the_clock_stands_and_what_is_due(mock: LambdaMock, client: Any, count: int, due: str) -> None:
    mock.timings["create"] = 45
    for number in range(count):
        create(client, f"function-{number}")
    assert Progress(mock).standing() == f"the clock is at 2026-01-01T00:00:00Z; {due}"
