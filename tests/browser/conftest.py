"""A real browser for the page: Chromium, without a window. Where there is none, the tests are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock.engine.timeline import Timeline

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def path_of_chromium() -> str | None:
    """Return where Chromium is: the variable ``CHROMIUM``, else the path has it; None for nowhere."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Any]:
    """Open Chromium without a window in the ``with`` block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        # As root, as CI is, Chromium has no sandbox of its own.
        browser = started.chromium.launch(executable_path=path_of_chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    pytest.importorskip("playwright", reason="playwright drives the browser: the extra browser has it")
    if path_of_chromium() is None:
        pytest.skip(f"there is no Chromium: none of {', '.join(NAMES)} is on the path, and CHROMIUM is not set")
    with chromium() as opened:
        yield opened


class Tab:
    """A page in a tab, as a reader uses it. What the script complains of fails the test."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def evaluate(self, script: str) -> Any:
        return self.page.evaluate(script)

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def labels(self) -> list[str]:
        return [str(one) for one in self.page.locator(".label").all_inner_texts()]

    def entries(self, selector: str = "") -> list[str]:
        """Return what the entries in view say of themselves, the parts of each line joined."""
        return [
            str(one)
            for one in self.page.locator(f".entry{selector}").evaluate_all("all => all.map(one => one.ariaLabel)")
        ]

    @property
    def current(self) -> str:
        """What the entry that the keyboard is at says of itself."""
        (one,) = self.entries(".current")
        return one


@pytest.fixture
def tab_of(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Tab]]:
    """Return what shows a timeline in a tab of its own. Options: those of the tab, such as ``color_scheme``."""
    contexts, tabs = [], []

    def show(timeline: Timeline, *, width: int = 1440, height: int = 800, **options: Any) -> Tab:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        tab = Tab(context.new_page())
        tabs.append(tab)
        path = timeline.to_html(tmp_path / f"{len(tabs)}.html")
        tab.page.goto(path.as_uri())
        return tab

    yield show
    for context in contexts:
        context.close()
    assert [complaint for tab in tabs for complaint in tab.complaints] == []
