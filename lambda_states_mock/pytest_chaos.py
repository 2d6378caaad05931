"""``pytest --lambda-chaos=N``: each test that uses a mock is run in the disturbed worlds of the seeds 0 to N-1."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from typing import Any

import pytest

OPTION = "--lambda-chaos"
INI = "lambda_mock_chaos"
SEED = "lambda_chaos"
SECTION = "lambda chaos"
FIXTURE = "lambda_mock"  # the marker has the same name
ENTERS_A_MOCK = "mock_lambda"
SET_UP = ("setup_method", "setup_function")


def add_options(parser: pytest.Parser) -> None:
    """Register the options."""
    group = parser.getgroup("lambda_states_mock", "mock of AWS Lambda")
    group.addoption(
        OPTION,
        type=int,
        default=0,
        metavar="N",
        help="run each test that uses a mock in N disturbed worlds, those of the seeds 0 to N-1",
    )
    parser.addini(INI, "a seed, whose world disturbs every mock")


def register(config: pytest.Config) -> None:
    """Let the worlds disturb what the options ask for."""
    if config.getoption(OPTION) < 0:
        raise pytest.UsageError(f"{OPTION}={config.getoption(OPTION)}: give how many worlds, 0 for none")
    if given := config.getini(INI):
        from lambda_states_mock.options import begin_defaults, end_defaults

        try:
            begin_defaults(INI, {"chaos": int(given)})
        except ValueError as error:
            raise pytest.UsageError(f"{INI} = {given}: give a seed, an integer") from error
        config.add_cleanup(end_defaults)
    if config.getoption(OPTION):
        config.pluginmanager.register(_ManyWorlds(config.getoption(OPTION)), "lambda_chaos")


class _ManyWorlds:
    """Runs tests in many worlds. Parameters: *count*, how many."""

    def __init__(self, count: int) -> None:
        self._count = count

    @pytest.fixture(name=SEED)
    def lambda_chaos(self, request: pytest.FixtureRequest) -> Any:
        """The seed of the world that disturbs this test."""
        return request.param

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a test that uses a mock once for each seed."""
        if not _uses_a_mock(metafunc):
            return
        if SEED not in metafunc.fixturenames:
            metafunc.fixturenames.append(SEED)
        metafunc.parametrize(
            SEED, range(self._count), ids=[f"chaos={seed}" for seed in range(self._count)], indirect=True
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Let the seed of *item* hold for all mocks that begin in it."""
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if SEED not in parameters:
            return (yield)
        from lambda_states_mock.options import begin_defaults, end_defaults

        begin_defaults(OPTION, {"chaos": parameters[SEED]})
        try:
            return (yield)
        finally:
            end_defaults()


def _uses_a_mock(metafunc: pytest.Metafunc) -> bool:
    """Return whether a test has the fixture, the marker or the decorator, or it or a fixture of it enters a mock."""
    decorating = sys.modules.get("lambda_states_mock.decorating")
    decorated = decorating is not None and any(
        hasattr(owner, decorating.DECORATED) for owner in (metafunc.function, metafunc.cls) if owner is not None
    )
    has_marker = metafunc.definition.get_closest_marker(FIXTURE) is not None
    return decorated or has_marker or FIXTURE in metafunc.fixturenames or any(map(_enters_a_mock, _code_of(metafunc)))


def _code_of(metafunc: pytest.Metafunc) -> Iterator[object]:
    """Yield the function of a test, what sets it up, and its fixtures."""
    yield metafunc.function
    owners = [owner for owner in (metafunc.cls, metafunc.module) if owner is not None]
    for owner in (*owners, *metafunc.config.pluginmanager.get_plugins()):
        kinds = owner.__mro__ if isinstance(owner, type) else (owner,)
        for name in (*SET_UP, *metafunc.fixturenames):
            yield next((vars(kind)[name] for kind in kinds if name in getattr(kind, "__dict__", ())), None)


def _enters_a_mock(function: object) -> bool:
    """Return whether the code of a function, a method or a fixture names `mock_lambda`."""
    while (within := getattr(function, "__wrapped__", getattr(function, "__func__", None))) is not None:
        function = within
    code = getattr(function, "__code__", None)
    return code is not None and ENTERS_A_MOCK in code.co_names


def told(mocks: list[Any], whose: list[str]) -> list[tuple[str, str]]:
    """Return the section of a failing test's report about the worlds that its *mocks* lived in."""
    lines = [f"{name}{_line(mock.chaos)}" for name, mock in zip(whose, mocks, strict=True) if mock.chaos is not None]
    return [(SECTION, "\n".join(lines))] if lines else []


def _line(chaos: Any) -> str:
    met = ", ".join(map(repr, chaos.met)) or "nothing of it"
    return f"mock_lambda(chaos={chaos.world!r})\n  with names from lambda_states_mock.testing; met by now: {met}"
