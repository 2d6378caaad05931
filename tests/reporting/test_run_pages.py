"""The folder of a run's pages, and those of the runs before."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lambda_states_mock.engine.timeline import Timeline
from lambda_states_mock.reporting.run_pages import RunPages


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_run_has_a_folder_of_its_own(tmp_path: Path) -> None:
    folders = [RunPages.begin(tmp_path / "pages").folder.name for _ in range(3)]
    assert folders == ["run-0001", "run-0002", "run-0003"]


def test_runs_that_begin_at_the_same_time_do_not_share_a_folder(tmp_path: Path) -> None:
    begun: list[Path] = []
    threads = [threading.Thread(target=lambda: begun.append(RunPages.begin(tmp_path).folder)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(begun)) == 8


def test_the_pages_of_the_newest_runs_are_kept(tmp_path: Path) -> None:
    (tmp_path / "run-of-mine").mkdir()
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    for _ in range(4):
        pages = RunPages.begin(tmp_path)
        pages.write("tests/test_a.py::test_it", [Timeline()])
        pages.end(keep=2)
    assert names(tmp_path) == ["notes.txt", "run-0003", "run-0004", "run-of-mine"]


def test_a_run_without_a_page_leaves_nothing_and_forgets_nothing(tmp_path: Path) -> None:
    first = RunPages.begin(tmp_path)
    first.write("a", [Timeline()])
    first.end(keep=1)
    assert RunPages.begin(tmp_path).end(keep=1) == []
    assert names(tmp_path) == ["run-0001"]


def test_a_page_is_named_after_its_test(tmp_path: Path) -> None:
    pages = RunPages(tmp_path / "run")
    paths = pages.write("tests/test_a.py::TestB::test_c", [Timeline(), Timeline()])
    assert paths[0].name == "tests-test_a.py--TestB--test_c.html"
    assert paths[1] != paths[0]
    assert "<h1>tests/test_a.py::TestB::test_c</h1>" in paths[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "pair",
    [("t.py::test[a/b]", "t.py::test[a-b]"), ("t.py::test[é?]", "t.py::test[é!]"), ("t" * 300, "t" * 301)],
    ids=["signs", "letters", "length"],
)
def test_two_tests_never_share_a_page(tmp_path: Path, pair: tuple[str, str]) -> None:
    one, other = (RunPages(tmp_path).write(test, [Timeline()])[0] for test in pair)
    assert one != other
    assert len(one.name) < 200


def test_the_summary_has_all_tests_of_the_run(tmp_path: Path) -> None:
    pages = RunPages.begin(tmp_path)
    for test in ("t.py::test_b", "t.py::test_a"):
        pages.write(test, [Timeline()])
    pages.end(keep=1)
    assert names(pages.folder) == ["summary.md", "t.py--test_a.html", "t.py--test_b.html"]
    text = (pages.folder / "summary.md").read_text(encoding="utf-8")
    assert text.index("### t.py::test_a") < text.index("### t.py::test_b")
    assert "[t.py--test_a.html](t.py--test_a.html)" in text
