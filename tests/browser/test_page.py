"""The page in Chromium, as a reader uses it: by keyboard and by mouse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from lambda_states_mock.engine.timeline import Timeline
from lambda_states_mock.reporting.timeline_page import timeline_page

from .conftest import Tab
from .stories import demo, long_life, poison_message

pytestmark = pytest.mark.browser
TabOf = Callable[..., Tab]


@pytest.fixture(scope="module")
def life() -> Timeline:
    return demo().timeline


@pytest.fixture(scope="module")
def poison() -> Timeline:
    return poison_message().timeline


# -- what is there


def test_functions_are_swimlanes_with_a_bar_for_each_state(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    assert tab.labels()[:5] == ["what moved the clock", "orders", "API calls", "State", "LastUpdateStatus"]
    states = [said for said in tab.entries(".bar") if "orders, State." in said]
    assert [said.partition(".")[0] for said in states] == [
        "Pending (Creating)",
        "Active",
        "Inactive (Idle)",
        "Pending (Restoring)",
        "Active",
    ]
    assert "for 1 d" in states[2]
    assert "The function is currently idle." not in states[1]


def test_the_summary_counts_what_there_is(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    assert tab.text("#summary") == f"{len(life.to_json())} events over 15 d 2 min 18 s, 2 problems"


def test_what_moved_the_clock_is_shown_with_its_line(tab_of: TabOf, life: Timeline) -> None:
    told = [said for said in tab_of(life).entries(".move") if "m.clock.advance()" in said]
    assert re.match(r"m\.clock\.advance\(\) \(.*stories\.py:\d+\)\. what moved the clock\. .*, for 15 d", told[0])


def test_the_axis_is_spaced_by_events_until_it_is_asked_to_be_true_to_scale(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    pending, idle = (
        tab.page.locator(f".entry[aria-label^='{name}']").first for name in ("Pending (Creating)", "Inactive (Idle)")
    )

    def ratio() -> float:
        return float(idle.bounding_box()["width"] / pending.bounding_box()["width"])

    assert 0.2 < ratio() < 5  # 75 seconds and one day stand side by side
    tab.page.click("#scale")
    assert tab.page.get_attribute("#scale", "aria-pressed") == "true"
    assert ratio() > 20  # as far as a bar of one day fits beside one of 75 seconds that can still be seen
    tab.press("s")
    assert 0.2 < ratio() < 5


def test_what_went_by_stands_between_two_instants(tab_of: TabOf, life: Timeline) -> None:
    gaps = tab_of(life).page.locator(".gap").all_inner_texts()
    assert "+ 25 s" in gaps
    assert "+ 13 d 23 h 50 min" in gaps


def test_no_two_entries_of_a_lane_lie_over_each_other(tab_of: TabOf, life: Timeline, poison: Timeline) -> None:
    boxes = """all => all.map(one => one.getBoundingClientRect())
        .map(({top, left, right}) => [Math.round(top / 30), left, right])"""
    for timeline in (life, poison):
        found = sorted(tab_of(timeline).page.locator(".entry.bar").evaluate_all(boxes))
        overlaps = [(one, other) for one, other in pairwise(found) if one[0] == other[0] and other[1] < one[2] - 0.5]
        assert overlaps == []


# -- by mouse


def test_pointing_at_an_entry_shows_its_reason(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    tab.page.hover(".entry[aria-label^='Inactive (Idle)']")
    assert "The function is currently idle." in tab.text("#tip")
    tab.page.hover("h1")
    assert not tab.page.is_visible("#tip")


def test_a_click_shows_payload_log_and_error(tab_of: TabOf, poison: Timeline) -> None:
    tab = tab_of(poison)
    tab.page.locator(".entry.bad[aria-label^='ValueError']").first.click()
    shown = tab.text("#detail")
    assert "ValueError: cannot read the order: poison" in shown
    assert '"messageId"' in shown
    assert "handling" in shown
    assert "START RequestId" in shown
    tab.page.click("#close")
    assert not tab.page.is_visible("#detail")


def test_a_click_on_a_refused_call_shows_the_refusals_text(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    tab.page.locator(".entry.mark.bad").first.click()
    assert "The function is currently in the following state: Pending" in tab.text("#detail pre.bad")


def test_what_belongs_to_the_same_request_is_one_click_away(tab_of: TabOf, poison: Timeline) -> None:
    tab = tab_of(poison)
    tab.page.click(".entry.mark[aria-label^='Invoke.']")
    tab.page.locator(".related button").first.click()
    assert tab.current.startswith("ValueError: cannot read the order: poison")
    assert "attempt" in tab.text("#detail")


def test_kinds_are_hidden_and_shown(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    tab.page.click("#kinds button[data-kind=environment]")
    assert not [label for label in tab.labels() if label.startswith("environment")]
    tab.page.click("#kinds button[data-kind=environment]")
    assert [label for label in tab.labels() if label.startswith("environment")]


def test_problems_alone_leave_the_lanes_that_have_some(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    tab.page.click("#problems")
    assert tab.labels() == ["orders", "API calls"]
    assert {
        "dim" in one for one in tab.page.locator(".entry.run").evaluate_all("all => all.map(one => one.className)")
    } == {True}


# -- by keyboard


def test_the_arrows_go_from_entry_to_entry_and_say_what_they_meet(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    tab.page.focus("#scroller")
    tab.press("ArrowDown", "ArrowDown", "ArrowDown", "Home")
    assert tab.current.startswith("Pending (Creating). orders, State.")
    tab.press("ArrowRight")
    assert tab.current.startswith("Active. orders, State.")
    tab.press("ArrowDown")
    assert tab.current.startswith("Successful. orders, LastUpdateStatus.")
    tab.press("ArrowUp", "End", "ArrowLeft")
    assert tab.current.startswith("Pending (Restoring). orders, State.")
    assert tab.text("#said").startswith("Pending (Restoring). orders, State.")
    active = tab.page.get_attribute("#scroller", "aria-activedescendant")
    assert tab.page.get_attribute(f"#{active}", "aria-label") == tab.current


def test_enter_opens_an_entry_and_escape_closes_it(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    tab.page.focus("#scroller")
    tab.press("n", "Enter")
    assert "ResourceConflictException" in tab.text("#detail")
    tab.press("n")
    assert "ResourceNotReadyException" in tab.text("#detail")
    tab.press("p")
    assert "ResourceConflictException" in tab.text("#detail")
    tab.press("Escape")
    assert not tab.page.is_visible("#detail")
    assert tab.evaluate("document.activeElement.id") == "scroller"


def test_search_is_a_key_away_counts_its_hits_and_goes_from_one_to_the_next(tab_of: TabOf, poison: Timeline) -> None:
    tab = tab_of(poison)
    tab.press("/")
    tab.page.keyboard.type("poison")
    found, total = map(int, tab.text("#found").split(" of "))
    assert 0 < found < total
    assert len(tab.entries(".hit")) + len(tab.entries(".dim")) == len(tab.entries())
    tab.press("Enter")
    first = tab.current
    tab.press("Enter")
    assert tab.current != first
    tab.press("Escape")
    assert tab.entries(".dim") == []


def test_letters_that_are_typed_into_the_search_are_no_commands(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    tab.press("/")
    tab.page.keyboard.type("sent-e?")
    assert tab.page.input_value("#search") == "sent-e?"
    assert tab.page.get_attribute("#scale", "aria-pressed") == "false"
    assert not tab.page.is_visible("#keys")


def test_zoom_changes_the_width_and_fit_brings_all_into_view(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)

    def width() -> float:
        return float(tab.evaluate("document.getElementById('plot').offsetWidth"))

    before = width()
    tab.press("+", "+")
    assert width() > before * 1.8
    tab.press("0")
    assert width() <= 1440


def test_the_keys_are_listed_on_request(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    tab.press("?")
    assert "the next problem" in tab.text("#keys")
    assert tab.page.get_attribute("#help", "aria-expanded") == "true"
    tab.press("Escape")
    assert not tab.page.is_visible("#keys")


def test_each_control_can_be_reached_and_has_a_name(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    reached = set()
    for _ in range(40):
        tab.press("Tab")
        reached.add(tab.evaluate("document.activeElement.id || document.activeElement.dataset.kind || ''"))
    wanted = {"search", "call", "problems", "scale", "in", "out", "fit", "theme", "help", "scroller"}
    assert wanted <= reached
    nameless = """() => [...document.querySelectorAll('button, input')]
        .filter(one => !(one.ariaLabel || one.textContent.trim())).length"""
    assert tab.evaluate(nameless) == 0


# -- light and dark


CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const linear = (one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.slice(0, 3).map((one) => linear(one / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const back = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const rgb = parse(getComputedStyle(at).backgroundColor);
      if (rgb.length === 3 || rgb[3] === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const low = [];
  const texts = "h1, p, button, small, .bar, .caption, .label, .tick, .gap, dt, dd, pre, h2, h3, .chip, #corner";
  for (const one of document.querySelectorAll(texts)) {
    if (!one.textContent.trim() || !one.checkVisibility()) continue;
    const [text, ground] = [light(parse(getComputedStyle(one).color)), light(back(one))];
    const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    if (ratio < 4.5) low.push(`${one.className || one.tagName} ${one.textContent.slice(0, 20)} ${ratio.toFixed(2)}`);
  }
  return low;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(tab_of: TabOf, poison: Timeline, scheme: str) -> None:
    tab = tab_of(poison, color_scheme=scheme)
    tab.page.locator(".entry.bad").first.click()
    assert tab.evaluate(CONTRAST) == []


def test_the_theme_follows_the_reader_and_is_kept(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life, color_scheme="dark")

    def ground() -> str:
        return str(tab.evaluate("getComputedStyle(document.body).backgroundColor"))

    dark = ground()
    tab.press("t")
    assert ground() != dark
    tab.page.reload()
    assert ground() != dark
    tab.press("t")
    assert ground() == dark


# -- where a page may be


def test_it_is_of_use_on_a_narrow_screen(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life, width=480, height=800)
    tab.page.locator(".entry.bar").first.click()
    assert tab.page.is_visible("#detail")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 480


def test_in_print_the_table_is_there_instead(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    tab.page.emulate_media(media="print")
    assert tab.page.is_visible("#plain")
    assert not tab.page.is_visible("#app")


def test_without_scripts_the_table_is_there(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life, java_script_enabled=False)
    assert "orders" in tab.text("#plain")
    assert tab.page.is_visible("#plain")


def test_hostile_text_is_only_text(tab_of: TabOf) -> None:
    hostile = "</script><img src=x onerror=\"document.title='taken'\"><b>bold</b>"
    row = {
        "kind": "call", "at": "2026-01-01T00:00:00.000Z", "subject": hostile, "operation": hostile,
        "params": {"a": hostile},
        "response": None, "error": {"code": hostile, "message": hostile}, "broken": None, "request_id": hostile,
    }  # fmt: skip
    tab = tab_of(Timeline.from_json([row]))
    tab.page.click(".entry.mark")
    assert hostile in tab.text("#detail")
    assert tab.page.title() == "Lambda timeline"
    assert tab.page.locator("img, b").count() == 0


def test_nothing_has_happened_yet(tab_of: TabOf) -> None:
    tab = tab_of(Timeline())
    assert tab.text("#summary") == "nothing has happened yet"
    tab.page.focus("#scroller")
    tab.press("ArrowRight", "ArrowDown", "n", "Enter", "0", "+", "s", "End")


def test_ten_thousand_events_are_read_like_ten(tab_of: TabOf) -> None:
    tab = tab_of(long_life(10_000))
    drawn = []
    tab.page.focus("#scroller")
    for key in ("End", "Home", "ArrowDown", "End", "n", "n", "p", "s", "s", "0", "e", "e"):
        tab.press(key)
        drawn.append(tab.evaluate("document.querySelectorAll('*').length"))
    assert tab.text("#summary").startswith("10,000 events over ")
    assert max(drawn) < 8_000  # what can be told apart in view, of some 25,000
    tab.page.fill("#search", "line 2499")
    assert tab.text("#found").startswith("1 of ")
    tab.press("Enter")
    tab.page.focus("#scroller")
    tab.press("Enter")
    assert "line 2499" in tab.text("#detail")


# -- on a server


class Server:
    """Answers for a server below the page's address: the rows so far, and a clock that is moved by the page."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.shown = 5
        self.asked: list[tuple[str, str, Any]] = []
        self.is_there = True

    def answer(self, route: Any) -> None:
        request = route.request
        path = request.url.partition("/_lambda_states_mock/")[2]
        self.asked.append((request.method, path, request.post_data_json if request.method == "POST" else None))
        if not self.is_there:
            route.abort()
        elif path == "timeline":
            route.fulfill(json=self.rows[: self.shown])
        elif path == "clock":
            route.fulfill(json={"now": self.rows[self.shown - 1]["at"]})
        elif request.post_data_json.get("by") == "never":
            route.fulfill(status=400, json={"message": "'never' is no length of time"})
        else:
            self.shown += 5
            route.fulfill(json={"now": self.rows[self.shown - 1]["at"]})


@pytest.fixture
def served(tab_of: TabOf, life: Timeline) -> tuple[Tab, Server]:
    tab, server = tab_of(Timeline()), Server(life.to_json())
    page = timeline_page([], live="_lambda_states_mock/")
    tab.page.route("http://mock.test/worlds/gw3/", lambda route: route.fulfill(body=page, content_type="text/html"))
    tab.page.route("http://mock.test/worlds/gw3/_lambda_states_mock/**", server.answer)
    tab.page.goto("http://mock.test/worlds/gw3/")
    return tab, server


def expect_summary(tab: Tab, count: int) -> None:
    tab.page.locator("#summary", has_text=f"{count} events").wait_for()


def test_a_page_of_a_server_updates_itself(served: tuple[Tab, Server]) -> None:
    tab, server = served
    expect_summary(tab, 5)
    server.shown = 12
    expect_summary(tab, 12)
    assert tab.text("#now") == server.rows[11]["at"]


def test_buttons_step_and_advance_the_clock(served: tuple[Tab, Server]) -> None:
    tab, server = served
    expect_summary(tab, 5)
    tab.page.click("#step")
    expect_summary(tab, 10)
    tab.page.fill("#by", "15d")
    tab.press("Enter")
    expect_summary(tab, 15)
    tab.page.click("#idle")
    expect_summary(tab, 20)
    tab.page.focus("#scroller")
    tab.press("j")
    expect_summary(tab, 25)
    assert [one for one in server.asked if one[0] == "POST"] == [
        ("POST", "clock/step", {}),
        ("POST", "clock/advance", {"by": "15d"}),
        ("POST", "clock/run_until_idle", {}),
        ("POST", "clock/step", {}),
    ]


def test_what_the_server_refuses_is_said_until_something_else_is_asked(served: tuple[Tab, Server]) -> None:
    tab, _ = served
    expect_summary(tab, 5)
    tab.page.fill("#by", "never")
    tab.page.click("#advance")
    tab.page.locator("#refused", has_text="'never' is no length of time").wait_for()
    tab.page.click("#step")
    expect_summary(tab, 10)
    assert not tab.page.is_visible("#refused")
    tab.complaints.clear()  # Chromium notes the status on its console


def test_a_server_that_is_gone_is_shown_and_found_again(served: tuple[Tab, Server]) -> None:
    tab, server = served
    expect_summary(tab, 5)
    server.is_there = False
    tab.page.wait_for_selector("#pulse.lost")
    assert tab.text("#summary").startswith("5 events")
    server.is_there, server.shown = True, 12
    expect_summary(tab, 12)
    assert tab.page.locator("#pulse.lost").count() == 0
    tab.complaints.clear()


def test_what_is_chosen_stays_chosen_when_more_happens(served: tuple[Tab, Server]) -> None:
    tab, server = served
    expect_summary(tab, 5)
    tab.page.focus("#scroller")
    tab.press("ArrowDown", "ArrowDown", "Enter")
    before = tab.current
    server.shown = 20
    expect_summary(tab, 20)
    assert tab.current.partition(", for")[0] == before.partition(", for")[0].partition(", to the end")[0]
    assert tab.page.is_visible("#detail")


def test_a_page_of_a_file_has_no_buttons_that_move_the_clock(tab_of: TabOf, life: Timeline) -> None:
    tab = tab_of(life)
    assert not tab.page.is_visible("#step")
    assert json.loads(tab.evaluate("document.getElementById('settings').textContent"))["live"] is None
