"""``pytest --lambda-timeline=DIR``, as pytest's users see it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from tests import forked

Run = Callable[..., pytest.RunResult]

TESTS = """
import boto3, pytest
from lambda_states_mock import mock_lambda

def create(name):
    boto3.client("lambda", region_name="us-east-1").create_function(
        FunctionName=name, Runtime="python3.13", Role="arn:aws:iam::123456789012:role/r", Handler="app.handler",
        Code={"S3Bucket": "code", "S3Key": "k"}, Environment={"Variables": {"PASSWORD": "hunter2"}},
    )

def test_that_passes(lambda_mock):
    create("orders")

def test_that_fails(lambda_mock):
    create("orders")
    assert lambda_mock.function("orders").state == "Active"

@mock_lambda
def test_decorated():
    create("refunds")
    assert False

def test_without_a_mock():
    assert False

@pytest.fixture
def ends_late(lambda_mock):
    yield
    create("late")
    assert False, "teardown"

def test_whose_fixture_fails(ends_late):
    pass
"""


@pytest.fixture
def run(pytester: pytest.Pytester, run_inside: Run) -> Run:
    """Run pytest on the tests above."""

    def run_pytest(*arguments: str, source: str = TESTS) -> pytest.RunResult:
        pytester.makepyfile(test_lives=source)
        return run_inside(*arguments)

    return run_pytest


def pages(pytester: pytest.Pytester, folder: str = "pages/run-0001") -> dict[str, str]:
    """Return the pages in *folder* by their names."""
    return {path.stem: path.read_text(encoding="utf-8") for path in (pytester.path / folder).glob("*.html")}


def test_each_failing_test_with_a_mock_gets_a_page(pytester: pytest.Pytester, run: Run) -> None:
    run("--lambda-timeline=pages")
    found = pages(pytester)
    assert set(found) == {
        "test_lives.py--test_that_fails",
        "test_lives.py--test_decorated",
        "test_lives.py--test_whose_fixture_fails",
    }
    assert '"subject":"orders"' in found["test_lives.py--test_that_fails"]
    assert '"subject":"refunds"' in found["test_lives.py--test_decorated"]
    assert '"subject":"late"' in found["test_lives.py--test_whose_fixture_fails"]


def test_all_tests_get_a_page_on_request(pytester: pytest.Pytester, run: Run) -> None:
    run("--lambda-timeline=pages", "--lambda-timeline-of=all")
    assert "test_lives.py--test_that_passes" in pages(pytester)
    assert "test_lives.py--test_without_a_mock" not in pages(pytester)


def test_the_report_and_the_last_lines_say_where_the_pages_are(run: Run) -> None:
    result = run("--lambda-timeline=pages")
    result.stdout.fnmatch_lines(
        [
            "*- lambda timeline page -*",
            "pages/run-0001/test_lives.py--test_that_fails.html",
            "lambda timelines: 3 pages in pages/run-0001",
        ]
    )


def test_the_path_is_a_property_of_the_test_in_junit_xml(pytester: pytest.Pytester, run: Run) -> None:
    run("--lambda-timeline=pages", "--junit-xml=junit.xml", "-o", "junit_family=xunit1")
    cases = ElementTree.parse(pytester.path / "junit.xml").iter("testcase")
    told = {case.get("name"): [(one.get("name"), one.get("value")) for one in case.iter("property")] for case in cases}
    assert told["test_that_fails"] == [("lambda_timeline", "pages/run-0001/test_lives.py--test_that_fails.html")]
    assert told["test_that_passes"] == []


def test_the_lines_of_the_test_are_on_its_page(pytester: pytest.Pytester, run: Run) -> None:
    source = "def test_it(lambda_mock):\n    lambda_mock.clock.advance(5)\n    assert False\n"
    run("--lambda-timeline=pages", source=source)
    (page,) = pages(pytester).values()
    assert '"line":"test_lives.py:2"' in page


def test_environment_variables_are_masked(pytester: pytest.Pytester, run: Run) -> None:
    run("--lambda-timeline=pages")
    written = [path.read_text(encoding="utf-8") for path in (pytester.path / "pages").rglob("*.*")]
    assert len(written) == 4
    assert not any("hunter2" in text for text in written)


def test_the_pages_of_the_newest_runs_are_kept(pytester: pytest.Pytester, run: Run) -> None:
    for _ in range(3):
        run("--lambda-timeline=pages", "--lambda-timeline-runs=2")
    assert sorted(path.name for path in (pytester.path / "pages").iterdir()) == ["run-0002", "run-0003"]


def test_without_the_option_nothing_is_written(pytester: pytest.Pytester, run: Run) -> None:
    result = run()
    assert "lambda timelines" not in result.stdout.str()
    assert not list(pytester.path.rglob("*.html"))


def test_a_summary_in_markdown_is_for_the_step_of_ci(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = pytester.path / "step.md"
    step.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    run("--lambda-timeline=pages")
    summary = (pytester.path / "pages/run-0001/summary.md").read_text(encoding="utf-8")
    assert "### test_lives.py::test_that_fails" in summary
    assert "| +0 s | orders | State: - → Pending (Creating) | CreateFunction |" in summary
    assert step.read_text(encoding="utf-8") == f"before\n{summary}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--lambda-timeline=",), "--lambda-timeline: the folder is missing"),
        (("--lambda-timeline=test_lives.py",), "--lambda-timeline=test_lives.py: cannot write there"),
        (
            ("--lambda-timeline=pages", "--lambda-timeline-runs=0"),
            "--lambda-timeline-runs=0: give a number of at least 1",
        ),
        (("--lambda-timeline=pages", "--lambda-timeline-of=some"), "invalid choice: 'some'"),
    ],
)
# pytest before 8 lets a refusal of argparse pass through a hook of an older kind.
@pytest.mark.filterwarnings("ignore:A plugin raised an exception during an old-style hookwrapper")
def test_options_that_make_no_sense_are_refused(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()


def test_workers_of_xdist_share_the_folder_of_their_run(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist", reason="pytest-xdist runs the workers")
    pytester.makepyfile(test_lives=TESTS)
    environment = {**os.environ, "PYTHONPATH": str(forked.ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    plugins = ["-p", "xdist", "-p", "lambda_states_mock.pytest_plugin", "-p", "no:cacheprovider"]
    workers = [*forked.workers_of_xdist(2, pytester.path), "--dist", "load"]
    result = forked.run(
        "-m", "pytest", *plugins, *workers, "--lambda-timeline=pages", cwd=pytester.path, env=environment
    )
    assert re.search(r"lambda timelines: 3 pages in pages/run-0001", result.stdout)
    assert len(pages(pytester)) == 3
    assert (pytester.path / "pages/run-0001/summary.md").read_text(encoding="utf-8").count("### ") == 3
