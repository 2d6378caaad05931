"""The version stands in one place, the package; its metadata is made from there."""

from __future__ import annotations

import ast
import re
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import lambda_states_mock

ROOT = Path(__file__).parent.parent


def test_the_metadata_has_the_packages_version() -> None:
    try:
        installed = version("lambda-states-mock")
    except PackageNotFoundError:
        pytest.skip("the package is not installed")
    assert installed == lambda_states_mock.__version__, "install it again:  pip install -e ."


def test_pyproject_takes_the_version_from_the_package() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'dynamic = ["version"]' in text
    assert 'version = { attr = "lambda_states_mock.__version__" }' in text


def test_the_version_can_be_read_without_an_import() -> None:
    module = ast.parse((ROOT / "lambda_states_mock" / "__init__.py").read_text(encoding="utf-8"))
    values = [
        node.value
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__"
    ]
    assert [ast.literal_eval(value) for value in values] == [lambda_states_mock.__version__]


def test_the_newest_release_in_the_changelog_has_this_version_and_its_date() -> None:
    """What comes after it stands under Unreleased, which is above."""
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    versions, days = zip(*(heading.split(" - ") for heading in headings[1:]), strict=True)
    assert versions[0] == lambda_states_mock.__version__
    released = [date.fromisoformat(day) for day in days]
    assert released == sorted(released, reverse=True)
