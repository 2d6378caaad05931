"""The timeline as a page: one file of HTML, with its style, its script and the rows in it. It fetches nothing.

The server's page is the same with `live`: it asks for the rows again and again, and has buttons that move the clock.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

SCRIPTS = ("layout.js", "view.js", "live.js")

MOST_ROWS = 50_000
"""Of a timeline with more rows, the latest are on the page, and it says how many there were."""

_HERE = Path(__file__).parent / "page"


def timeline_page(
    rows: Sequence[Mapping[str, Any]], *, title: str = "Lambda timeline", plain: str = "", live: str | None = None
) -> str:
    """Return the page that shows *rows*, as `Timeline.to_json` gives them.

    Parameters:
        title: the heading.
        plain: what is shown in print, and where scripts do not run.
        live: of a page that a server gives, the address below which it answers, relative to the page and with a slash
            at the end, e.g. ``_lambda_states_mock/``: ``GET timeline`` (rows), ``GET clock`` (``now``), and
            ``POST clock/advance`` (``{"by": "15d"}``), ``clock/step``, ``clock/run_until_idle``.
    """
    shown = rows[-MOST_ROWS:]
    return Template(_read("page.html")).substitute(
        connect="'none'" if live is None else "'self'",
        title=html.escape(title),
        css=_read("page.css").strip(),
        plain=html.escape(plain),
        rows=_embedded(shown),
        settings=_embedded({"live": live, "left_out": len(rows) - len(shown)}),
        js="\n".join(_read(name).strip() for name in SCRIPTS),
    )


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _embedded(value: Any) -> str:
    """Return *value* as JSON that cannot end the script in which it stands, or begin a comment there."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")
