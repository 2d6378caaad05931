"""The pytest plugin: a fixture, a marker, and the timeline in the report of a failing test.

The fixture and the marker do the same as ``with mock_lambda(...)``. The plugin imports nothing before it is needed.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from lambda_states_mock import genuine, pytest_chaos, pytest_timelines  # noqa: F401 - genuine must come early

if TYPE_CHECKING:
    from lambda_states_mock.api_calls import ApiCalls
    from lambda_states_mock.mock import LambdaMock

MARKER = "lambda_mock"
FIXTURE = "lambda_mock"
HANG_AFTER = "lambda_mock_hang_after"
WHOLE_REQUESTS = "lambda_mock_whole_requests"
SECTION = "lambda timeline"
FAULTS_SECTION = "lambda faults"
INVOCATIONS_SECTION = "lambda invocations that failed"
PROCESSES_SECTION = "lambda processes that ended by themselves"
MISSING_SECTION = "lambda mock"
MAPPINGS_SECTION = "lambda event source mappings"
HINTS_SECTION = "lambda hints"
DURABLE_SECTION = "lambda durable executions that have not succeeded"

_FAILED = pytest.StashKey[bool]()
_OF_FIXTURE: pytest.StashKey[LambdaMock] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options."""
    pytest_timelines.add_options(parser)
    pytest_chaos.add_options(parser)
    parser.addini(HANG_AFTER, "real seconds after which code that does not come back is ended; none for no limit")
    parser.addini(WHOLE_REQUESTS, "true to have botocore make every request", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and let the ini options hold for all mocks."""
    if given := config.getini(HANG_AFTER):
        from lambda_states_mock.options import begin_defaults, end_defaults

        try:
            limit = None if given.lower() == "none" else float(given)
            begin_defaults(HANG_AFTER, {"hang_after": limit})
        except ValueError as error:
            raise pytest.UsageError(f"{HANG_AFTER} = {given}: give seconds, or none for no limit; {error}") from error
        config.add_cleanup(end_defaults)
    if config.getini(WHOLE_REQUESTS):
        from lambda_states_mock.options import begin_defaults, end_defaults

        begin_defaults(WHOLE_REQUESTS, {"whole_requests": True})
        config.add_cleanup(end_defaults)
    pytest_timelines.register(config)
    pytest_chaos.register(config)
    config.addinivalue_line(
        "markers",
        f"{MARKER}(*, start, timings, seed, account, region, sleep, max_sleep, hang_after, freeze, "
        "consistency, waking_error, unfired_faults, whole_requests, processes, process_time, sandbox, chaos): "
        "mock AWS Lambda during the test, with the options of mock_lambda().",
    )


@pytest.fixture
def lambda_mock(request: pytest.FixtureRequest) -> Iterator[LambdaMock]:
    """An active mock of AWS Lambda, like ``with mock_lambda(...) as m``. The marker sets its options."""
    from lambda_states_mock.mock import mock_lambda

    activation = mock_lambda(**_options(request.node))
    request.node.stash[_OF_FIXTURE] = mock = activation.start()
    yield mock
    activation.stop(check_faults=not request.node.stash.get(_FAILED, False))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Check the marker's options, and activate the mock if a test has the marker without the fixture."""
    __tracebackhide__ = True
    mock_module = sys.modules.get("lambda_states_mock.mock")
    if mock_module is not None:
        mock_module.recently_left.clear()
        _warn_of_two_worlds(item, sys.modules["lambda_states_mock.decorating"].DECORATED)
    if item.get_closest_marker(MARKER) is None:
        return
    _check_options(item)
    names = getattr(item, "fixturenames", None)
    if names is not None:  # before the test's other fixtures; a new list, since parametrized tests share one
        item.fixturenames = [FIXTURE, *(name for name in names if name != FIXTURE)]  # type: ignore[attr-defined]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Warn if a test's own marker has no effect because a fixture has entered another mock."""
    mock = item.stash.get(_OF_FIXTURE, None)
    if mock is None or all(marker.name != MARKER for marker in item.own_markers):
        return
    answering = sys.modules["lambda_states_mock.mock"].active()[-1:]
    if answering and answering[0] is not mock:
        item.warn(
            pytest.PytestWarning(
                f"{item.name} has @pytest.mark.{MARKER}(...), but a fixture has entered another mock inside of it,\n"
                f"  mock_lambda({answering[0].options.differences()}), and that is the one that answers.\n"
                f"  Let that fixture take the fixture {FIXTURE}, which has these options, instead of entering a mock."
            )
        )


def _warn_of_two_worlds(item: pytest.Item, decorated: str) -> None:
    """Warn if a decorated test also takes the fixture: it looks at one world and acts in another."""
    is_decorated = any(hasattr(getattr(item, owner, None), decorated) for owner in ("function", "cls"))
    if is_decorated and FIXTURE in _parameters(item):
        item.warn(
            pytest.PytestWarning(
                f"{item.name} is decorated with @mock_lambda and takes the fixture {FIXTURE}: these are two worlds,\n"
                "  and the decorator's is the one that answers. Take one of them: current() is the decorator's mock,\n"
                f"  and @pytest.mark.{MARKER}(...) has the options of the fixture's."
            )
        )


def _parameters(item: Any) -> Collection[str]:
    """Return the names of the parameters of a test function."""
    from inspect import signature

    return signature(item.function).parameters if hasattr(item, "function") else ()


def _options(node: Any) -> dict[str, Any]:
    """Return the options of all markers of the test; the nearest marker takes precedence."""
    options: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers(MARKER))):
        options.update(marker.kwargs)
    return options


def _check_options(item: pytest.Item) -> None:
    from lambda_states_mock.options import MockOptions

    __tracebackhide__ = True
    try:
        for marker in item.iter_markers(MARKER):
            if marker.args:
                raise TypeError(
                    f"pytest.mark.{MARKER} takes its options by keyword, not {', '.join(map(repr, marker.args))}; "
                    f'for example  @pytest.mark.{MARKER}(timings="instant")'
                )
            MockOptions.parse(f"pytest.mark.{MARKER}", marker.kwargs)
    except (TypeError, ValueError, LookupError) as error:
        _raise_at_the_test(item, error)


def _raise_at_the_test(item: pytest.Item, error: Exception) -> None:
    """Raise *error* from the line of the test's first decorator, so that the report shows that line."""
    __tracebackhide__ = True
    code = getattr(getattr(item, "function", None), "__code__", None)
    if code is None:
        raise error.with_traceback(None)
    from inspect import unwrap

    test = unwrap(item.function).__code__  # type: ignore[attr-defined]
    statement = compile("\n" * (test.co_firstlineno - 1) + "raise error", test.co_filename, "exec")
    exec(statement, {"error": error.with_traceback(None)})  # noqa: S102 - the statement is the one above


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain the difference between two timelines, or calls and what was expected, line by line."""
    if (calls := sys.modules.get("lambda_states_mock.api_calls")) is not None and op == "==":
        found, expected = (left, right) if isinstance(left, calls.ApiCalls) else (right, left)
        if isinstance(found, calls.ApiCalls) and isinstance(expected, (list, tuple)):
            return _calls_compared(found, list(map(str, expected)))
    module = sys.modules.get("lambda_states_mock.engine.timeline")
    if module is None or op != "==" or not (isinstance(left, module.Timeline) and isinstance(right, module.Timeline)):
        return None
    from difflib import ndiff

    rows = ndiff([str(one) for one in right], [str(one) for one in left])
    lines = [row.rstrip("\n") for row in rows if not row.startswith("?")]
    return [f"{left!r} == {right!r}", "", "- expected, + found:", *lines]


def _calls_compared(found: ApiCalls, expected: list[str]) -> list[str]:
    from difflib import ndiff

    rows = [row.rstrip() for row in ndiff(expected, found.operations) if not row.startswith("?")]
    refused = [f"  {call!r}" for call in found if call.error is not None]
    told = ["", "refused:", *refused] if refused else []
    return ["the API calls are not those that were expected", "", "- expected, + called:", *rows, *told]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the timelines, failed invocations, faults and hints of the test's mocks to the report of a failure."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    mock_module = sys.modules.get("lambda_states_mock.mock")
    if report.failed and call.excinfo is not None and not (mock_module and mock_module.active()):
        from lambda_states_mock.reporting.sections import NO_MOCK, is_for_want_of_a_mock

        if is_for_want_of_a_mock(call.excinfo.value):
            report.sections.append((MISSING_SECTION, NO_MOCK))
    if report.failed and mock_module is not None:
        mocks = [*mock_module.recently_left, *mock_module.active()]
        whose = [_whose(item, mock) if len(mocks) > 1 else "" for mock in mocks]
        if mocks:
            from lambda_states_mock.reporting.sections import SHOWN_CHANGES

            timelines = (
                f"{name}{_lanes(item.config, mock)}{mock.timeline.text(SHOWN_CHANGES)}"
                for name, mock in zip(whose, mocks, strict=True)
            )
            report.sections.append((SECTION, "\n\n".join(timelines)))
        report.sections.extend(pytest_chaos.told(mocks, whose))
        report.sections.extend(_failed_invocations(mocks, whose))
        report.sections.extend(_processes(mocks, whose))
        report.sections.extend(_durable_executions(mocks, whose))
        report.sections.extend(_mappings(mocks, whose))
        told = [(name, "\n".join(map(repr, mock.faults))) for name, mock in zip(whose, mocks, strict=True)]
        if faults := [f"{name}{said}" for name, said in told if said]:
            report.sections.append((FAULTS_SECTION, "\n".join(faults)))
        if hints := [f"{name}{hint}" for name, mock in zip(whose, mocks, strict=True) for hint in _hints(mock)]:
            report.sections.append((HINTS_SECTION, "\n".join(hints)))
    return report


def _hints(mock: LambdaMock) -> list[str]:
    from lambda_states_mock.reporting.sections import stood_still

    return [*mock.hints, *filter(None, [stood_still(mock)])]


def _lanes(config: pytest.Config, mock: LambdaMock) -> str:
    """Return the lanes of the timeline of *mock* where the report goes to a terminal that shows colours."""
    if not config.pluginmanager.has_plugin("terminalreporter"):
        return ""  # a worker of pytest-xdist has none
    writer = config.get_terminal_writer()
    if not writer.hasmarkup:
        return ""
    from lambda_states_mock.reporting.lanes import lanes_or_nothing

    drawn = lanes_or_nothing(mock.timeline, sys.__stdout__ or sys.stdout, width=writer.fullwidth)
    return f"{drawn}\n\n" if drawn else ""


def _failed_invocations(mocks: list[LambdaMock], whose: list[str]) -> list[tuple[str, str]]:
    from lambda_states_mock.reporting.sections import failed_invocations

    told = [f"{name}{failed}" for name, mock in zip(whose, mocks, strict=True) if (failed := failed_invocations(mock))]
    return [(INVOCATIONS_SECTION, "\n\n".join(told))] if told else []


def _processes(mocks: list[LambdaMock], whose: list[str]) -> list[tuple[str, str]]:
    if "lambda_states_mock.execution.runtimes.processes.runtime" not in sys.modules:
        return []
    from lambda_states_mock.reporting.processes import failed_processes

    told = [f"{name}{seen}" for name, mock in zip(whose, mocks, strict=True) if (seen := failed_processes(mock))]
    return [(PROCESSES_SECTION, "\n\n".join(told))] if told else []


def _durable_executions(mocks: list[LambdaMock], whose: list[str]) -> list[tuple[str, str]]:
    if "lambda_states_mock.invocation.durable.execution" not in sys.modules:
        return []
    from lambda_states_mock.reporting.durable_executions import not_succeeded

    told = [f"{name}{seen}" for name, mock in zip(whose, mocks, strict=True) if (seen := not_succeeded(mock))]
    return [(DURABLE_SECTION, "\n\n".join(told))] if told else []


def _mappings(mocks: list[LambdaMock], whose: list[str]) -> list[tuple[str, str]]:
    if "lambda_states_mock.event_sources.pollers" not in sys.modules:
        return []
    from lambda_states_mock.reporting.mappings import mappings_told

    told = [f"{name}{seen}" for name, mock in zip(whose, mocks, strict=True) if (seen := mappings_told(mock))]
    return [(MAPPINGS_SECTION, "\n\n".join(told))] if told else []


def _whose(item: pytest.Item, mock: LambdaMock) -> str:
    """Return a line that says which of several mocks *mock* is."""
    options = mock.options.differences()
    maker = f"the fixture {FIXTURE}" if item.stash.get(_OF_FIXTURE, None) is mock else "mock_lambda"
    return f"of {maker}({options}):\n"
