"""What is built to be uploaded: all that the tree has is in the sdist, the package alone in the wheel."""

from __future__ import annotations

import email.message
import email.parser
import importlib.metadata
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import lambda_states_mock
from scripts.archives import copy_tree, files_of, in_sdist, in_wheel, main, missing_or_too_much, of_sdist, of_wheel

ROOT = Path(__file__).parent.parent
NEEDED = 77
"""The setuptools that reads our pyproject.toml; the extra ``test`` brings it."""
BUILD = """
import importlib.metadata, os, sys, zlib
from tests.installed import installed

importlib.metadata.distributions = installed
from setuptools import build_meta
from setuptools._distutils import file_util

compress, link, into = zlib.compressobj, os.link, sys.argv[1]
zlib.compressobj = lambda level=1, *rest: compress(1, *rest)  # nobody downloads these
file_util._copy_file_contents = lambda source, copy, *_: link(source, copy)  # a thousand files, three times
build_meta.build_sdist(into)
build_meta.build_wheel(into)
"""


@dataclass(frozen=True)
class Archives:
    """Both, as they are built without the network."""

    sdist: Path
    wheel: Path

    @property
    def metadata(self) -> email.message.Message:
        """What the index shows."""
        with zipfile.ZipFile(self.wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            return email.parser.Parser().parsestr(archive.read(name).decode("utf-8"))


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Archives:
    try:
        there = importlib.metadata.version("setuptools")
    except importlib.metadata.PackageNotFoundError:
        there = "0"
    if int(there.partition(".")[0]) < NEEDED:
        pytest.skip(f"setuptools is {there}: the extra test brings {NEEDED}")
    tree, into = tmp_path_factory.mktemp("build") / "tree", tmp_path_factory.mktemp("dist")
    copy_tree(ROOT, tree)
    command = [sys.executable, "-W", "ignore", "-c", BUILD, str(into)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (sdist,), (wheel,) = into.glob("*.tar.gz"), into.glob("*.whl")
    return Archives(sdist, wheel)


@cache
def tree() -> frozenset[str]:
    return frozenset(files_of(ROOT))


def test_the_sdist_holds_all_of_the_tree(archives: Archives) -> None:
    assert missing_or_too_much("sdist", of_sdist(archives.sdist), in_sdist(ROOT)) == []


def test_the_wheel_holds_the_package_and_nothing_else(archives: Archives) -> None:
    expected = in_wheel(ROOT, lambda_states_mock.__version__)
    assert missing_or_too_much("wheel", of_wheel(archives.wheel), expected) == []


@pytest.mark.parametrize(
    "name",
    [
        *("tests/conftest.py", "tests/systems/test_windows.py", "tests/states/test_function.py", "conftest.py"),
        *("docs/time.md", "docs/states/function.md", "examples/10_cli.sh", "benchmarks/test_calls.py"),
        *("scripts/archives.py", ".ci/run", ".github/workflows/ci.yml", "CHANGELOG.md", "LICENSE", "README.md"),
        *("lambda_states_mock/py.typed", "lambda_states_mock/api_model/lambda.json", "pyproject.toml"),
        "lambda_states_mock/startup/in_children/sitecustomize.py",
        *("lambda_states_mock/reporting/page/page.html", "lambda_states_mock/reporting/page/view.js"),
    ],
)
def test_the_tree_is_known(name: str) -> None:
    assert name in tree()


def test_what_git_ignores_is_none_of_the_tree(tmp_path: Path) -> None:
    for name in (".gitignore", "a/__pycache__/b.pyc", "a/b.py", ".venv/bin/python", "x.egg-info/PKG-INFO", ".idea/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("# ours\n__pycache__/\n*.egg-info/\n.venv\n", encoding="utf-8")
    assert sorted(files_of(tmp_path)) == [".gitignore", "a/b.py"]


def test_everything_at_the_top_is_named_in_the_manifest() -> None:
    manifest = (ROOT / "MANIFEST.in").read_text(encoding="utf-8")
    by_itself = {"LICENSE", "MANIFEST.in", "PKG-INFO", "README.md", "lambda_states_mock", "pyproject.toml", "setup.cfg"}
    top = {name.partition("/")[0] for name in tree()} - by_itself
    assert {name for name in top if not re.search(rf"(?:graft|include).* {re.escape(name)}(?:/|\s)", manifest)} == set()


def test_what_differs_is_told() -> None:
    assert missing_or_too_much("wheel", {"a", "b"}, {"b", "c"}) == [
        "missing in the wheel: c",
        "too much in the wheel: a",
    ]


# -- what the index shows


def test_the_metadata_names_the_package(archives: Archives) -> None:
    told = archives.metadata
    assert (told["Name"], told["Version"]) == ("lambda-states-mock", lambda_states_mock.__version__)
    assert (told["License-Expression"], told["License-File"]) == ("Apache-2.0", "LICENSE")
    assert (told["Requires-Python"], told["Description-Content-Type"]) == (">=3.10", "text/markdown")
    assert {"aws", "boto3", "lambda", "moto", "pytest"} <= set(told["Keywords"].split(","))
    assert told["Author"]


def test_each_python_that_ci_runs_has_a_classifier(archives: Archives) -> None:
    matrix = re.search(r"python: \[(.*)\]", (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert matrix is not None
    prefix = "Programming Language :: Python :: 3."
    classified = {
        one.removeprefix(prefix) for one in archives.metadata.get_all("Classifier", []) if one.startswith(prefix)
    }
    assert {f'"3.{minor}"' for minor in classified} == set(matrix[1].split(", "))


def test_the_links_of_the_project_begin_with_its_repository(archives: Archives) -> None:
    links = dict(link.split(", ", 1) for link in archives.metadata.get_all("Project-URL", []))
    assert links.keys() == {"Homepage", "Documentation", "Changelog", "Issues", "Repository"}
    assert {link for link in links.values() if not link.startswith(links["Repository"])} == set()


def test_what_the_index_shows_is_the_readme_and_its_links_lead_somewhere(archives: Archives) -> None:
    shown = archives.metadata.get_payload()
    assert isinstance(shown, str)
    assert shown.strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()
    assert re.findall(r"\]\((?!https://)[^)]*\)", shown) == []


def test_both_commands_and_the_plugin_are_registered(archives: Archives) -> None:
    with zipfile.ZipFile(archives.wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        lines = archive.read(name).decode("utf-8").splitlines()
    assert "lambda-states-mock = lambda_states_mock.command.cli:main" in lines
    assert "lambda_states_mock = lambda_states_mock.pytest_plugin" in lines


@pytest.mark.skipif("LAMBDA_STATES_MOCK_NETWORK" not in os.environ, reason="installs from the index, where it may")
def test_both_archives_work_where_nothing_else_is_installed() -> None:
    assert main([]) == 0
