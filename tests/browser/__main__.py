"""Draw the screenshots of docs/looking.md: ``python -m tests.browser --write docs/images``. Needs the extra browser."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conftest import chromium
from .stories import STORIES


def open_first(selector: str) -> Callable[[Any], None]:
    """Return what clicks the first of *selector*."""
    return lambda page: page.locator(selector).first.click()


SHOTS: dict[str, tuple[str, int, Callable[[Any], None]]] = {
    "demo": ("light", 480, lambda page: page.hover(".entry[aria-label^='Inactive (Idle)']")),
    "idle-life": ("dark", 520, lambda page: page.click("#scale")),
    "poison-message": ("light", 700, open_first(".entry.bad[aria-label^='ValueError']")),
    "durable-execution": ("dark", 720, lambda page: None),
}
"""Of each story: light or dark, the height, and what a reader does."""

TITLES = {"demo": "Lambda timeline"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.browser", description=__doc__)
    parser.add_argument("--write", metavar="FOLDER", type=Path, required=True)
    folder: Path = parser.parse_args().write
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, tempfile.TemporaryDirectory() as pages:
        for name, (scheme, height, act) in SHOTS.items():
            mock = STORIES[name]()
            path = mock.timeline.to_html(
                Path(pages) / f"{name}.html", title=TITLES.get(name, name.replace("-", " ").capitalize())
            )
            page = browser.new_page(viewport={"width": 1360, "height": height}, color_scheme=scheme)
            page.goto(path.as_uri())
            act(page)
            page.screenshot(path=folder / f"{name}.png")
            page.close()


if __name__ == "__main__":
    main()
