"""The page of a timeline, as text: what is in it, what cannot break out of it, and that it fetches nothing."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.engine.timeline import Timeline
from lambda_states_mock.reporting import timeline_page as module
from lambda_states_mock.reporting.timeline_page import timeline_page
from tests.deploying import create

HOSTILE = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(2)> \u2028 \"quoted\" & 'single'"


class Tags(HTMLParser):
    """Collects the elements of a page, and what is inside of those with an id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(dict(attrs).get("id") or tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        name = self._open[-1] if self._open else ""
        self.inside[name] = self.inside.get(name, "") + data

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def lived(payload: str = "{}") -> LambdaMock:
    """Return a mock that was left, in which a function ran."""
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=3) as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client, Environment={"Variables": {"PASSWORD": "hunter2"}})
        m.clock.run_until_idle()
        m.handler("orders", returns={"ok": True}, init=1)
        client.invoke(FunctionName="orders", Payload=payload)
    return m


@pytest.fixture(scope="module")
def m() -> LambdaMock:
    return lived()


def test_the_page_is_written_into_a_file_and_holds_the_rows(m: LambdaMock, tmp_path: Path) -> None:
    path = m.timeline.to_html(tmp_path / "timeline.html")
    assert path == tmp_path / "timeline.html"
    assert json.loads(Tags(path.read_text(encoding="utf-8")).inside["rows"]) == m.timeline.to_json()


def test_the_path_may_be_text_and_the_title_is_chosen(m: LambdaMock, tmp_path: Path) -> None:
    path = m.timeline.to_html(str(tmp_path / "t.html"), title="Deploy <orders>")
    page = Tags(path.read_text(encoding="utf-8"))
    assert (page.inside["title"], page.inside["h1"]) == ("Deploy <orders>", "Deploy <orders>")


def test_a_part_of_a_timeline_has_a_page_of_its_own(m: LambdaMock, tmp_path: Path) -> None:
    part = m.timeline.of("orders")
    page = Tags(part.to_html(tmp_path / "t.html").read_text(encoding="utf-8"))
    assert json.loads(page.inside["rows"]) == part.to_json()


def test_a_timeline_that_was_read_back_has_the_same_page(m: LambdaMock, tmp_path: Path) -> None:
    again = Timeline.from_json(json.loads(json.dumps(m.timeline.to_json())))
    one, other = again.to_html(tmp_path / "again.html"), m.timeline.to_html(tmp_path / "first.html")
    assert one.read_bytes() == other.read_bytes()


def test_the_same_world_gives_the_same_bytes(m: LambdaMock, tmp_path: Path) -> None:
    one, other = m.timeline.to_html(tmp_path / "one.html"), lived().timeline.to_html(tmp_path / "other.html")
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("where", ["payload", "title", "plain"])
def test_no_text_breaks_out_of_where_it_stands(where: str) -> None:
    row = {"kind": "call", "at": "2026-01-01T00:00:00.000Z", "subject": "orders", "text": HOSTILE}
    given = {"title": HOSTILE} if where == "title" else {"plain": HOSTILE} if where == "plain" else {}
    tame, page = Tags(timeline_page([])), Tags(timeline_page([row] if where == "payload" else [], **given))

    assert [tag for tag, _ in page.tags] == [tag for tag, _ in tame.tags]
    if where == "payload":
        assert json.loads(page.inside["rows"]) == [row]
    else:
        assert page.inside[where] == HOSTILE


def test_what_looks_like_a_place_of_the_template_stays_as_it_is() -> None:
    page = Tags(timeline_page([], title="$rows ${css} $$"))
    assert page.inside["title"] == "$rows ${css} $$"


def test_nothing_is_fetched_by_a_page_of_a_file(m: LambdaMock, tmp_path: Path) -> None:
    page = m.timeline.to_html(tmp_path / "t.html").read_text(encoding="utf-8")
    frame = page.replace(html.escape(str(m.timeline)), "")
    addresses = re.findall(r"""(?:src|href)\s*=\s*["']?([^"'\s>]+)|url\(([^)]*)\)|(https?://\S+)|(@import\S*)""", frame)
    assert [next(filter(None, found)) for found in addresses] == ["data:,"]
    assert "connect-src 'none'" in frame


def test_a_page_of_a_server_asks_only_the_server() -> None:
    page = timeline_page([], live="_lambda_states_mock/")
    assert "connect-src 'self'" in page
    assert json.loads(Tags(page).inside["settings"]) == {"live": "_lambda_states_mock/", "left_out": 0}


def test_values_of_environment_variables_are_masked_unless_they_are_asked_for(m: LambdaMock, tmp_path: Path) -> None:
    assert "hunter2" not in m.timeline.to_html(tmp_path / "t.html").read_text(encoding="utf-8")
    assert "hunter2" not in m.timeline._repr_html_()
    assert "hunter2" in m.timeline.to_html(tmp_path / "t.html", secrets=True).read_text(encoding="utf-8")


def test_where_no_script_runs_the_table_of_changes_is_shown(m: LambdaMock, tmp_path: Path) -> None:
    page = Tags(m.timeline.to_html(tmp_path / "t.html").read_text(encoding="utf-8"))
    assert page.inside["plain"] == str(m.timeline)


def test_of_too_many_rows_the_latest_are_shown_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 2)
    page = Tags(timeline_page([{"kind": "move", "at": f"2026-01-01T00:00:0{second}.000Z"} for second in range(5)]))
    assert [row["at"] for row in json.loads(page.inside["rows"])] == [
        "2026-01-01T00:00:03.000Z",
        "2026-01-01T00:00:04.000Z",
    ]
    assert json.loads(page.inside["settings"])["left_out"] == 3


def test_a_notebook_shows_the_page_in_a_frame(m: LambdaMock) -> None:
    shown = Tags(m.timeline._repr_html_())
    ((tag, attributes),) = shown.tags
    assert tag == "iframe"
    assert json.loads(Tags(attributes["srcdoc"] or "").inside["rows"]) == m.timeline.to_json()
