"""What CONTRIBUTING.md and the files of CI say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def folders(parent: str) -> set[str]:
    return {path.parent.name for path in (ROOT / parent).glob("*/*.py")}


def test_each_folder_of_tests_mirrors_the_package_or_is_explained() -> None:
    explained = set(re.findall(r"^\| `tests/(\w+)`", read("CONTRIBUTING.md"), re.MULTILINE))
    assert folders("tests") - folders("lambda_states_mock") == explained


@pytest.mark.parametrize("path", re.findall(r"`((?:tests|docs|lambda_states_mock)/[\w/.]+)`", read("CONTRIBUTING.md")))
def test_what_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`([a-z_/]+(?:\.py|/|\.json))`", read("docs/architecture.md"))))
)
def test_what_the_map_shows_is_there(path: str) -> None:
    assert any((parent / path).exists() for parent in (ROOT / "lambda_states_mock", ROOT))


def test_the_map_shows_every_room() -> None:
    table = read("docs/architecture.md").split("## Where is it decided")[0]
    rooms = {path.name for path in (ROOT / "lambda_states_mock").glob("*/") if (path / "__init__.py").exists()}
    assert {room for room in rooms if f"`{room}/`" not in table} == set()


def test_the_readme_leads_there() -> None:
    assert "/CONTRIBUTING.md\n" in read("README.md")


def test_ci_begins_with_the_oldest_python_that_is_supported() -> None:
    oldest = re.search(r'requires-python = ">=([\d.]+)"', read("pyproject.toml"))
    versions = re.search(r"python: \[(.*)\]", read(".github/workflows/ci.yml"))
    assert oldest is not None
    assert versions is not None
    assert versions[1].startswith(f'"{oldest[1]}"')


def test_ci_runs_the_command_that_checks_everything() -> None:
    assert "- run: .ci/run\n" in read(".github/workflows/ci.yml")


def test_ci_runs_each_python_on_each_system() -> None:
    ci = read(".github/workflows/ci.yml")
    pythons = re.findall(r"^        python: (\[.*\])$", ci, re.MULTILINE)
    assert len(pythons) > 1
    assert len(set(pythons)) == 1
    assert "os: [ubuntu-latest, macos-latest]\n" in ci
    assert "runs-on: windows-latest\n" in ci


def test_ci_tries_both_archives() -> None:
    assert "- run: python -m scripts.archives --into dist\n" in read(".github/workflows/ci.yml")
    assert "python -m scripts.archives --into dist\n" in read("CONTRIBUTING.md")


@pytest.mark.parametrize("command", ["ruff check", "ruff format --check", "mypy"])
def test_ci_on_windows_runs_the_same_commands(command: str) -> None:
    assert f".venv/bin/{command}\n" in read(".ci/run")
    assert f"- run: {command}\n" in read(".github/workflows/ci.yml")


def test_the_hook_and_ci_format_with_one_version_of_ruff() -> None:
    pinned = re.search(r'"ruff==([\d.]+)"', read("pyproject.toml"))
    hooked = re.search(r"ruff-pre-commit\n    rev: v([\d.]+)\n", read(".pre-commit-config.yaml"))
    assert pinned is not None
    assert hooked is not None
    assert pinned[1] == hooked[1]
