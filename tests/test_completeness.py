"""What the model of the API has, we answer, and the page about it says how well."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from botocore import xform_name

from lambda_states_mock.api_model import botocore_version, lambda_model, model_date
from lambda_states_mock.command import coverage
from lambda_states_mock.command.cli import main
from lambda_states_mock.operations import ANSWERS, BUILT
from lambda_states_mock.operations import load as load_operation

from .replay.sequences import load, recordings_folder

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "coverage.md"
OF_THE_MODEL_ALONE = {"api_model", "fuzz", "replay", "wire", "test_completeness.py", "test_paging.py"}
ROWS = {row.operation: row for row in coverage.covered()}


def test_every_operation_of_the_model_is_answered() -> None:
    assert set(lambda_model().operation_names) - set(BUILT) == set()


def test_each_operation_is_in_the_module_that_the_table_names() -> None:
    assert {name: load_operation(name).__module__.rpartition(".")[2] for name in BUILT} == BUILT
    assert set(ANSWERS) == set(BUILT)


def test_the_table_knows_every_operation_and_parameter_of_the_model() -> None:
    assert coverage.unknown(lambda_model()) == {}, "decide what becomes of these, and write them into coverage.json"


def test_the_table_names_no_operation_that_is_not_answered() -> None:
    assert set(ROWS) == set(BUILT)


def test_the_page_is_what_the_command_writes(tmp_path: Path) -> None:
    assert main(["coverage", "--write", str(tmp_path / "coverage.md")]) == 0
    written = (tmp_path / "coverage.md").read_text(encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written, "lambda-states-mock coverage --write docs/coverage.md"


def test_the_command_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage"]) == 0
    printed = capsys.readouterr().out
    assert printed == coverage.page()
    assert f"The model comes from botocore {botocore_version()}, on {model_date()}." in printed


def test_the_command_tells_what_a_newer_botocore_has_beyond_the_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage, "unknown", lambda _model: {"Dream": ["Depth"], "Invoke": ["Mood", "Tone"]})

    assert main(["coverage"]) == 0
    assert capsys.readouterr().err == (
        "not known to this version of lambda_states_mock, but to the installed botocore:\n"
        "  Dream: Depth\n"
        "  Invoke: Mood, Tone\n"
    )


def test_no_operation_with_a_recorded_answer_is_said_to_be_tested_against_less() -> None:
    folder = recordings_folder()
    sequences = load(folder) if folder else ()
    recorded = {
        call.operation for each in sequences for call in each.calls if call.is_recorded and not call.sets_the_stage
    }
    assert {name for name in recorded if ROWS[name].tested_against != "recordings"} == set()


def test_operations_beside_the_recordings_are_tested_against_what_the_table_says() -> None:
    words = {
        word
        for path in TESTS.rglob("*.py")
        if path.relative_to(TESTS).parts[0] not in OF_THE_MODEL_ALONE
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }
    called = {name for name in ROWS if not words.isdisjoint({name, xform_name(name)})}
    said = {row.operation for row in ROWS.values() if row.tested_against != "model"}
    recorded = {row.operation for row in ROWS.values() if row.tested_against == "recordings"}
    assert said == called | recorded


def test_the_table_is_written_one_way_only() -> None:
    file = Path(coverage.__file__).with_name("coverage.json")
    text = file.read_text(encoding="utf-8")
    assert {row["tested_against"] for row in json.loads(text).values()} <= set(coverage.AGAINST)
    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True) + "\n"


def test_parameters_are_named_by_their_paths() -> None:
    paths = coverage.parameters_of(lambda_model(), "CreateEventSourceMapping")
    assert {"FilterCriteria", "FilterCriteria.Filters", "FilterCriteria.Filters[].Pattern", "BatchSize"} <= paths
