"""The page has every row that the tests run."""

from __future__ import annotations

from pathlib import Path

from .page import page

PAGE = Path(__file__).parent.parent.parent / "docs" / "errors.md"


def test_the_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.whole_model --write docs/errors.md"
