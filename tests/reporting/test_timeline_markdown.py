"""The timeline as a table in Markdown."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import mock_lambda
from lambda_states_mock.engine.timeline import Timeline
from lambda_states_mock.reporting import timeline_markdown as module
from lambda_states_mock.reporting.timeline_markdown import timeline_markdown
from tests.deploying import create


def test_it_tells_changes_refusals_errors_faults_and_what_moved_the_clock() -> None:
    with mock_lambda(start="2026-01-01T00:00:00Z") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        with pytest.raises(ClientError):
            client.invoke(FunctionName="orders")
        m.clock.advance(2)
        m.handler("orders", side_effect=ValueError("no | order"))
        client.invoke(FunctionName="orders")
        m.faults.on_call("ListFunctions").delay(1)
        client.list_functions()
    lines = m.timeline.to_markdown().splitlines()

    assert lines[:2] == ["| after | of | what | why |", "|---|---|---|---|"]
    assert lines[2] == "| +0 s | orders | State: - → Pending (Creating) | CreateFunction |"
    assert lines[3].startswith(
        "| +0 s | orders | ✗ Invoke: ResourceConflictException | The operation cannot be performed"
    )
    assert lines[4].startswith("| +0 s |  | ⏱ +2 s, m.clock.advance() | ")
    assert "test\\_timeline\\_markdown.py:" in lines[4]
    assert "| +2 s | orders | ✗ invocation, attempt 1 | ValueError: no \\| order |" in lines
    assert any("⚑ fault" in line and "ListFunctions" in line for line in lines)
    assert not any("GetFunction" in line or "✗ CreateFunction" in line for line in lines)


def test_a_timeline_in_which_nothing_changed_says_so() -> None:
    assert Timeline().to_markdown() == "Nothing has changed.\n"


def test_of_many_events_the_latest_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LINES", 2)
    row = {"kind": "fault", "at": "2026-01-01T00:00:00.000Z", "subject": "orders"}
    text = timeline_markdown([{**row, "fault": f"number {number}"} for number in range(5)])
    assert "*the latest 2 of 5*" in text
    assert [number for number in range(5) if f"number {number}" in text] == [3, 4]


@pytest.mark.parametrize(
    ("fault", "cell"),
    [
        ("a | b", "a \\| b"),
        ("<img src=x>", "&lt;img src=x>"),
        ("two\nlines", "two lines"),
        ("`code` *bold* snake_case", "\\`code\\` \\*bold\\* snake\\_case"),
        ("C:\\x|", "C:\\\\x\\|"),
    ],
)
def test_no_text_breaks_out_of_its_cell(fault: str, cell: str) -> None:
    row = {"kind": "fault", "at": "2026-01-01T00:00:00.000Z", "subject": "orders", "fault": fault}
    assert timeline_markdown([row]).splitlines()[-1] == f"| +0 s | orders | ⚑ fault | {cell} |"
