"""The site of the documentation, as MkDocs builds it: each link leads somewhere, and nothing is fetched.

Outside of the default run: install ``.[docs]``, then ``pytest -m site tests/site``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parent.parent.parent
LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}

pytestmark = pytest.mark.site


@dataclass
class Page(HTMLParser):
    """What a page leads to, what it loads, and the anchors that it has."""

    path: Path
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors.update(str(given[name]) for name in ("id", "name") if given.get(name))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        is_canonical = tag == "link" and given.get("rel") in {"canonical", "next", "prev", "edit"}
        if tag in LOADS and given.get(LOADS[tag]) and not is_canonical:
            self.loads.append(str(given[LOADS[tag]]))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Page]:
    """The pages of the site, built strictly; whatever would ask the network for something fails."""
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    site = tmp_path_factory.mktemp("site").resolve()
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)],
        cwd=ROOT,
        env={**os.environ, **nowhere, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {path: Page(path) for path in site.rglob("*.html")}


def test_each_page_of_the_docs_is_there(pages: dict[Path, Page]) -> None:
    built = {path.stem for path in pages}
    written = {page.stem for page in (ROOT / "docs").rglob("*.md")} - {"README"}
    assert written - built == set()
    assert "changelog" in built


def test_no_link_is_dead(pages: dict[Path, Page]) -> None:
    dead = []
    for page in pages.values():
        for link in [*page.links, *page.loads]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or page.path.name == "404.html":
                continue
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            target = target / "index.html" if target.is_dir() else target
            anchor = unquote(parts.fragment)
            known = pages[target].anchors if target in pages else set()
            if not target.exists() or (anchor and target in pages and anchor not in known):
                dead.append(f"{page.path.name}: {link}")
    assert dead == []


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Page]) -> None:
    elsewhere = [f"{page.path.name}: {load}" for page in pages.values() for load in page.loads if urlsplit(load).netloc]
    assert elsewhere == []


def test_the_reference_says_what_the_docstrings_say(pages: dict[Path, Page]) -> None:
    (reference,) = [page for path, page in pages.items() if path.name == "reference.html"]
    for name in ("mock.mock_lambda", "mock.LambdaMock.function", "testing.checking.check_deployer"):
        assert f"lambda_states_mock.{name}" in reference.anchors
    assert "hang_after" in reference.path.read_text(encoding="utf-8")


def test_the_crawl_notices_a_dead_link(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text('<h1 id="a">a</h1><a href="gone.html">b</a><a href="#c">d</a><img src="http://x/y.png">')
    found = {page.resolve(): Page(page.resolve())}
    with pytest.raises(AssertionError, match=r"gone\.html"):
        test_no_link_is_dead(found)
    with pytest.raises(AssertionError, match="#c"):
        test_no_link_is_dead(found)
    with pytest.raises(AssertionError, match=r"http://x/y\.png"):
        test_nothing_is_loaded_from_elsewhere(found)
