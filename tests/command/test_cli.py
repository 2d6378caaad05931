"""The command line: what it prints, what it writes, and what it says of a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambda_states_mock.command.cli import main, state_pages
from lambda_states_mock.states import LIFECYCLES


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
