"""The command line: what it prints, what it writes, and what it says of a mistake."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lambda_states_mock.command.cli import main, state_pages
from lambda_states_mock.states.every_lifecycle import LIFECYCLES


def test_states_lists_the_lifecycles(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["states"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(LIFECYCLES)
    assert lines[0].split(maxsplit=1)[1] == "Function: State"


@pytest.mark.parametrize("name", LIFECYCLES)
def test_states_draws_a_lifecycle(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["states", name]) == 0

    page = capsys.readouterr().out
    assert page.startswith(f"# {LIFECYCLES[name].title}\n")
    assert "```mermaid\nstateDiagram-v2\n" in page
    assert page == state_pages()[f"{name}.md"]


def test_a_drawing_has_an_arrow_for_each_move_and_names_what_aws_shows(capsys: pytest.CaptureFixture[str]) -> None:
    main(["states", "last-update"])

    page = capsys.readouterr().out
    assert "    IN_PROGRESS: in progress (InProgress)\n" in page
    assert "    IN_PROGRESS --> FAILED: update_failed\n" in page
    assert "| UPDATE_ASKED | **IN_PROGRESS** (Creating), then *update* | *ResourceConflictException* |" in page


def test_states_writes_a_page_for_each_lifecycle_and_an_index(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "states"

    assert main(["states", "--write", str(folder)]) == 0

    assert {page.name: page.read_text(encoding="utf-8") for page in folder.iterdir()} == state_pages()


def test_a_lifecycle_that_is_not_there_is_an_error_that_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["states", "last-updates"]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith('no lifecycle "last-updates": did you mean "last-update"? There are: function, ')


def test_demo_tells_a_life_and_ends_with_its_timeline(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0

    told = capsys.readouterr().out
    assert "created in a VPC: Pending (The function is being created.)" in told
    assert "left alone for fifteen days: Inactive (Idle)" in told
    assert "Inactive -> Pending" in told


def test_without_a_command_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main([])

    assert raised.value.code == 2
    assert "usage: lambda-states-mock" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["statess"], "argument command: there is no 'statess'; did you mean \"states\"? There are: demo, states, "),
        (
            ["nothing"],
            "argument command: there is no 'nothing'. There are: demo, states, coverage, run, serve, health, ",
        ),
        (["states", "--wriet", "x"], 'unrecognized arguments: --wriet; did you mean "--write"?'),
        (["demo", "more"], "unrecognized arguments: more"),
        (["states", "--write", "file"], "argument --write: cannot write file: File exists"),
        (["states", "--write", "file/below"], "argument --write: cannot write file/below: Not a directory"),
        (["states", "--write", ""], "argument --write: a path is missing"),
        (
            ["coverage", "--write", "nowhere/file"],
            "argument --write: cannot write nowhere/file: No such file",
        ),
        (["coverage", "--write", "."], "argument --write: cannot write .: Is a directory"),
    ],
)
def test_what_is_wrong_with_the_arguments_is_said_in_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as raised:
        main(words)
    usage, error = capsys.readouterr().err.splitlines()
    assert raised.value.code == 2
    assert usage.startswith("usage: lambda-states-mock")
    assert f": error: {said}" in error


def test_a_reader_that_has_enough_ends_a_command_without_a_word() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "lambda_states_mock", "states"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=environment, timeout=60, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
