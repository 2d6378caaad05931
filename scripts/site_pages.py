"""Pages of the documentation's site that are made from files elsewhere in the repository: a hook of MkDocs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGES = {"changelog.md": "CHANGELOG.md"}


def on_files(files: Any, *, config: Any) -> Any:
    """Add the pages, before MkDocs looks for what the navigation names."""
    from mkdocs.structure.files import File

    for page, source in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, *, config: Any, **_: Any) -> str:
    """Let links to files beside ``docs/`` lead to the repository, where they are."""
    return markdown.replace("](../examples/", f"]({config['repo_url']}/blob/main/examples/")
