"""What the pages show runs: each Python block of the README and of the guides is a test.

A block is run by pytest, after the imports and constants of the blocks above it on its page. One without tests of its
own is run as the body of one.
"""

from __future__ import annotations

import ast
import importlib
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from lambda_states_mock import mock_lambda

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Import what takes long to import: the runs inside a test drop what they import themselves."""
    for name in ("freezegun", "moto", "time_machine"):
        importlib.import_module(name)
    with mock_lambda():
        boto3.client("lambda", region_name="us-east-1").list_functions()


@dataclass(frozen=True)
class Block:
    """A Python block: the *page* it is on, the *line* where it begins, its *code*, and the *imports* above it."""

    page: str
    line: int
    code: str
    imports: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def as_tests(self) -> str:
        """A test module that runs the block."""
        module = ast.parse(self.code)
        if any(name.startswith(("test", "Test")) for name in _defined(module)):
            return f"{self.imports}\n{self.code}"
        return f"{self.imports}\n\ndef test_the_block():\n{textwrap.indent(self.code, '    ')}"


def _defined(module: ast.Module) -> list[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in module.body if isinstance(node, kinds)]


def blocks_of(text: str, page: str) -> list[Block]:
    """Return the Python blocks of *text*, in order."""
    found: list[Block] = []
    imports: list[str] = []
    for match in _FENCE.finditer(text):
        if match["language"] != "python":
            continue
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(page, line, match["code"], "\n".join(imports)))
        module = ast.parse(match["code"])
        imports += [ast.unparse(node) for node in module.body if _is_for_all_blocks(node)]
    return found


def _is_for_all_blocks(node: ast.stmt) -> bool:
    """Tell whether the blocks below see *node*: an import, or a constant."""
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) and target.id.isupper() for target in node.targets)
    return isinstance(node, (ast.Import, ast.ImportFrom))


BLOCKS = [block for page in PAGES for block in blocks_of(page.read_text(encoding="utf-8"), page.name)]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_does_what_it_shows(
    block: Block, pytester: pytest.Pytester, run_inside: Callable[..., pytest.RunResult]
) -> None:
    pytester.makepyfile(block.as_tests)
    outcomes = run_inside().parseoutcomes()
    assert outcomes.pop("passed", 0) > 0
    assert outcomes == {}


def test_the_readme_shows_code() -> None:
    assert len([block for block in BLOCKS if block.page == "README.md"]) >= 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_what_a_page_links_to_is_there(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_a_block_without_tests_becomes_one() -> None:
    (first, second) = blocks_of(
        "a\n```python\nimport json\n```\n```sh\nls\n```\n```python\njson.dumps(1)\n```\n", "page"
    )
    assert (str(first), str(second)) == ("page:2", "page:8")
    assert second.as_tests == "import json\n\ndef test_the_block():\n    json.dumps(1)\n"


def test_a_block_with_tests_is_run_as_it_is() -> None:
    (block,) = blocks_of("```python\ndef test_it():\n    pass\n```\n", "page")
    assert block.as_tests == "\ndef test_it():\n    pass\n"
