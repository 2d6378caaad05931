"""What the pages show runs: each Python block of the README and of the guides is a test.

A block is run by pytest, after the imports and constants of the blocks above it on its page. One without tests of its
own is run as the body of one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lambda_states_mock import LambdaMockError, errors
from lambda_states_mock.execution.runtimes.processes.programs import ProcessStartError
from lambda_states_mock.testing import BrokenLawError, report
from scripts.page_blocks import Block, blocks_of
from tests import forked

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


BLOCKS = [block for page in PAGES for block in blocks_of(page.read_text(encoding="utf-8"), page.name)]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_does_what_it_shows(
    block: Block,
    pytester: pytest.Pytester,
    run_inside: Callable[..., pytest.RunResult],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "sys.executable" in block.code:
        monkeypatch.setattr(sys, "executable", str(forked.interpreter(tmp_path_factory.mktemp("python"))))
    pytester.makepyfile(block.as_tests)
    outcomes = run_inside().parseoutcomes()
    assert outcomes.pop("passed", 0) > 0
    assert outcomes == {}


def test_the_readme_shows_one_whole_test() -> None:
    (block,) = [block for block in BLOCKS if block.page == "README.md"]
    assert "def test_" in block.code


def test_no_paragraph_of_the_readme_is_longer_than_four_lines() -> None:
    text = re.sub(r"^```.*?^```$", "", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    paragraphs = [part for part in text.split("\n\n") if not part.lstrip().startswith(("- ", "["))]
    assert [part for part in paragraphs if len(part.strip().splitlines()) > 4] == []


def test_each_page_is_reached_from_the_readme_or_is_for_contributors() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    unlinked = {page.stem for page in (ROOT / "docs").glob("*.md") if f"/docs/{page.name}" not in text}
    assert unlinked == {"architecture", "index", "private-names", "reference"}


def test_what_troubleshooting_is_about_is_said_somewhere_in_the_package() -> None:
    headings = re.findall(
        r"^## (.+)$", (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "lambda_states_mock").rglob("*.py")]
    assert len(headings) > 8
    of_python = "does not support the context manager protocol"
    told = [one for one in headings[:-1] if one != of_python]
    assert [one for one in told if not any(one in source for source in sources)] == []


def test_troubleshooting_has_each_error_and_warning_of_ours() -> None:
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    kinds = [*vars(errors).values(), *vars(report).values(), ProcessStartError]
    raised = {
        one.__name__
        for one in kinds
        if isinstance(one, type) and issubclass(one, (LambdaMockError, BrokenLawError, UserWarning))
    } - {"LambdaMockError"}
    assert len(raised) > 20
    assert sorted(name for name in raised if f"`{name}`" not in text) == []


def test_the_readme_leads_to_places_that_are_there_wherever_it_is_shown() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    repository = re.search(
        r'^Repository = "(.*)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert repository is not None
    targets = re.findall(rf"{re.escape(repository[1])}/(?:blob|raw)/main/([^\s)#]+)", text)
    assert len(targets) > 10
    assert [target for target in targets if not (ROOT / target).exists()] == []
    assert re.findall(r"(?:\]\(|^\[[\w-]+\]: )(?!https:)\S+", text, re.MULTILINE) == []
    assert set(re.findall(r"\]\[([\w-]+)\]", text)) == set(re.findall(r"^\[([\w-]+)\]: ", text, re.MULTILINE))


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
