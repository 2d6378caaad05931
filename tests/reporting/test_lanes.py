"""The timeline as lanes in a terminal."""

from __future__ import annotations

import builtins
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest

from lambda_states_mock.command import demo
from lambda_states_mock.engine.timeline import Entry, Timeline, Transition, instant_text
from lambda_states_mock.reporting import lanes as module
from lambda_states_mock.reporting.lanes import lanes_or_nothing, shown

# The runs inside a test drop what they import: what takes long to import is imported here.
boto3.client("lambda", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def rich() -> None:
    pytest.importorskip("rich", reason="rich draws the lanes: the extra rich has it")


def life() -> Timeline:
    """Return two weeks in which a function is made, refuses a call, falls idle and fails."""
    states = ((0, None, "Pending"), (2, "Pending", "Active"), (14 * 86_400, "Active", "Inactive"))
    changes = [
        Transition(NOON + timedelta(seconds=after), "orders", "State", before, state, "test")
        for after, before, state in states
    ]
    call = {"kind": "call", "at": instant_text(NOON), "subject": "orders", "broken": None}
    entries = [
        Entry(
            NOON + timedelta(seconds=after),
            None,
            {**call, "at": instant_text(NOON + timedelta(seconds=after)), "error": error},
        )
        for after, error in ((1, {"code": "ResourceConflictException"}), (2, None))
    ]
    return Timeline(changes, beside=lambda *, secrets: entries)


def test_states_are_bars_and_calls_are_marks_below_each_other(rich: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    lines = COLOURS.sub("", lanes_or_nothing(life(), Terminal())).splitlines()
    assert lines[0].strip() == "2026-01-01T12:00:00Z"
    assert re.sub(r"\s+", " ", lines[1]).strip() == "|+0 s |+1 s |+2 s |+14 d"
    assert lines[2] == "orders"
    assert re.fullmatch(r"  State +▏Pending─+▏Active─+▏Inactive─+", lines[3])
    assert re.fullmatch(r"  calls +✗ +● +", lines[4])
    assert lines[4].index("●") == lines[3].index("▏Active") == lines[1].index("|+2 s")


def test_a_long_wait_is_wider_than_a_short_one_but_leaves_room_for_it(rich: None) -> None:
    lines = COLOURS.sub("", lanes_or_nothing(life(), Terminal())).splitlines()
    pending, active, inactive = (lines[3].index(f"▏{state}") for state in ("Pending", "Active", "Inactive"))
    assert active - pending >= 8
    assert inactive - active > active - pending


def test_states_have_their_colours_and_no_color_takes_them_away(rich: None, monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = lanes_or_nothing(life(), Terminal())
    assert "\x1b[30;42m▏Active" in coloured
    assert "\x1b[30;43m▏Pending" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "42m" not in lanes_or_nothing(life(), Terminal())


def test_polls_take_no_room_from_states(rich: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    states = ((0, None, "Pending"), (100, "Pending", "Active"), (101, "Active", "Inactive"))
    changes = [
        Transition(NOON + timedelta(seconds=at), "orders", "State", before, state, "test")
        for at, before, state in states
    ]
    call = {"kind": "call", "subject": "orders", "broken": None, "error": None}
    instants = [NOON + timedelta(seconds=after) for after in range(1, 100)]
    polls = [Entry(at, None, {**call, "at": instant_text(at)}) for at in instants]
    lines = COLOURS.sub(
        "", lanes_or_nothing(Timeline(changes, beside=lambda *, secrets: polls), Terminal())
    ).splitlines()
    assert "▏Active" in lines[3]
    assert lines[4].rindex("●") < lines[3].index("▏Active")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_lines_are_as_wide_as_the_terminal_allows(rich: None, width: int) -> None:
    lines = COLOURS.sub("", lanes_or_nothing(life(), Terminal(), width=width)).splitlines()
    assert max(map(len, lines)) == width - 1


def test_an_end_of_a_durable_execution_is_a_mark(rich: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    run = "orders execution e1"
    changes = [
        Transition(NOON, run, "Status", None, "RUNNING", "test"),
        Transition(NOON, f"{run} charge", "Operation", None, "STARTED", "test"),
        Transition(NOON + timedelta(5), f"{run} charge", "Operation", "STARTED", "FAILED", "test"),
        Transition(NOON + timedelta(9), run, "Status", "RUNNING", "SUCCEEDED", "test"),
    ]
    lines = COLOURS.sub("", lanes_or_nothing(Timeline(changes), Terminal())).splitlines()
    assert lines[2] == "orders execution e1"
    assert re.fullmatch(r"  Status +▏RUNNING─+● *", lines[3])
    assert re.fullmatch(r"  charge +▏STARTED─+✗ *", lines[4])


def test_of_too_many_lanes_the_first_are_drawn(rich: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LANES", 3)
    changes = [Transition(NOON, f"orders-{number}", "State", None, "Pending", "test") for number in range(5)]
    assert COLOURS.sub("", lanes_or_nothing(Timeline(changes), Terminal())).endswith("... and 2 more lanes")


def test_a_file_that_is_no_terminal_gets_plain_lines(rich: None) -> None:
    assert shown(life(), io.StringIO()) == str(life())


def test_a_terminal_gets_lanes(rich: None) -> None:
    assert "▏Active" in shown(life(), Terminal())


def without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def refuse(name: str, *arguments: Any) -> Any:
        if name.partition(".")[0] == "rich":
            raise ImportError(name)
        return original(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", refuse)


@pytest.mark.parametrize(
    ("spoil", "terminal"),
    [
        (without_rich, Terminal()),
        (lambda patch: patch.setenv("TERM", "dumb"), Terminal()),
        (lambda patch: patch.setenv("COLUMNS", "40"), Terminal()),
        (lambda patch: None, Terminal("cp1252")),
    ],
    ids=["without rich", "a dumb terminal", "a narrow terminal", "without the signs"],
)
def test_where_lanes_cannot_be_drawn_lines_are(
    monkeypatch: pytest.MonkeyPatch, spoil: Callable[[pytest.MonkeyPatch], None], terminal: Terminal
) -> None:
    spoil(monkeypatch)
    assert shown(life(), terminal) == str(life())


def test_nothing_has_changed_yet() -> None:
    assert shown(Timeline(), Terminal()) == "(nothing has changed yet)"


def test_the_demo_draws_lanes_on_a_terminal(rich: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "200")
    said: list[str] = []
    demo.run(said.append)
    assert "▏Inactive" in COLOURS.sub("", "\n".join(said))


FAILING = """
import boto3

def test_it(lambda_mock):
    boto3.client("lambda", region_name="us-east-1").create_function(
        FunctionName="orders", Runtime="python3.13", Role="arn:aws:iam::123456789012:role/r", Handler="app.handler",
        Code={"S3Bucket": "code", "S3Key": "k"},
    )
    assert False
"""


def test_a_failing_test_draws_them_above_the_lines_where_there_is_colour(
    rich: None, pytester: pytest.Pytester, run_inside: Callable[..., pytest.RunResult]
) -> None:
    pytester.makepyfile(FAILING)
    text = COLOURS.sub("", run_inside("--color=yes").stdout.str())
    assert text.index("▏Pending") < text.index("- -> Pending")
    assert "▏Pending" not in run_inside("--color=no").stdout.str()
