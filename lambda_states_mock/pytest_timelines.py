"""``pytest --lambda-timeline=DIR``: a page for each failing test that had a mock."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lambda_states_mock.mock import LambdaMock
    from lambda_states_mock.reporting.run_pages import RunPages

FOLDER, WHICH, RUNS = "--lambda-timeline", "--lambda-timeline-of", "--lambda-timeline-runs"
SECTION = "lambda timeline page"
PROPERTY = "lambda_timeline"
_OF_WORKER = "lambda_timeline"
_WRITES = pytest.StashKey[bool]()


def add_options(parser: pytest.Parser) -> None:
    """Register the options."""
    group = parser.getgroup("lambda_states_mock", "mock of AWS Lambda")
    group.addoption(FOLDER, metavar="DIR", help="write a page of the timeline of each failing test below DIR")
    group.addoption(
        WHICH,
        choices=("failed", "all"),
        default="failed",
        help="the tests that get a page: failed, the default, or all",
    )
    group.addoption(RUNS, type=int, default=3, metavar="N", help="of so many runs the pages are kept: 3 by default")


def register(config: pytest.Config) -> None:
    """Let pages be written if the options ask for them."""
    folder = config.getoption(FOLDER)
    if folder is None:
        return
    if not folder:
        raise pytest.UsageError(f"{FOLDER}: the folder is missing, as in {FOLDER}=timelines")
    if config.getoption(RUNS) < 1:
        raise pytest.UsageError(f"{RUNS}={config.getoption(RUNS)}: give a number of at least 1")
    from lambda_states_mock.reporting.run_pages import RunPages

    workers = getattr(config, "workerinput", None)
    try:
        pages = (
            RunPages(Path(workers[_OF_WORKER])) if workers else RunPages.begin(config.invocation_params.dir / folder)
        )
    except OSError as error:
        raise pytest.UsageError(f"{FOLDER}={folder}: cannot write there: {error}") from error
    config.pluginmanager.register(_PagesOfTests(config, pages, is_worker=bool(workers)), "lambda_timelines")


class _PagesOfTests:
    def __init__(self, config: pytest.Config, pages: RunPages, *, is_worker: bool) -> None:
        self._config = config
        self._pages = pages
        self._is_worker = is_worker
        self._written: list[Path] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of pytest-xdist where this run's pages are."""
        node.workerinput[_OF_WORKER] = str(self._pages.folder)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Write the pages of a test that has failed, and once more when all of it is over."""
        report = yield
        wants_all = self._config.getoption(WHICH) == "all" and report.when == "teardown"
        if not (report.failed or wants_all or (report.when == "teardown" and item.stash.get(_WRITES, False))):
            return report
        mock_module = sys.modules.get("lambda_states_mock.mock")
        mocks: list[LambdaMock] = [*mock_module.recently_left, *mock_module.active()] if mock_module else []
        if not mocks:
            return report
        paths = [self._shown(path) for path in self._pages.write(item.nodeid, [mock.timeline for mock in mocks])]
        item.stash[_WRITES] = True
        if report.failed:
            report.sections.append((SECTION, "\n".join(paths)))
        for path in paths:
            if (PROPERTY, path) not in item.user_properties:
                item.user_properties.append((PROPERTY, path))
            if (PROPERTY, path) not in report.user_properties:
                report.user_properties.append((PROPERTY, path))
        return report

    def _shown(self, path: Path) -> str:
        """Return *path* from where pytest was started, if it is below."""
        try:
            return path.relative_to(self._config.invocation_params.dir).as_posix()
        except ValueError:
            return path.as_posix()

    def pytest_sessionfinish(self) -> None:
        """Write the summary, and forget old runs."""
        if self._is_worker:
            return
        self._written = self._pages.end(keep=self._config.getoption(RUNS))
        summary = os.environ.get("GITHUB_STEP_SUMMARY")
        if self._written and summary:
            from lambda_states_mock.reporting.run_pages import SUMMARY

            with Path(summary).open("a", encoding="utf-8") as file:
                file.write((self._pages.folder / SUMMARY).read_text(encoding="utf-8"))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say where the pages are."""
        if self._written:
            count = "1 page" if len(self._written) == 1 else f"{len(self._written)} pages"
            terminalreporter.write_line(f"lambda timelines: {count} in {self._shown(self._pages.folder)}")
