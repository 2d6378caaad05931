"""What all tests share: nothing leaves the process, and no credentials of the machine are found."""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, settings

import lambda_states_mock
from tests import needing, shared_botocore, shared_freezegun, shared_moto, shared_pytest
from tests.budget import IS_THOROUGH, sized
from tests.installed import installed
from tests.unsendable import Skipping

pytest_plugins = ["pytester"]

# Told to keep no byte code, as images of containers are, each process that a test starts would compile the package.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What a test makes goes by itself but for a little: looking for that as often as Python would takes a fifth of the run.
# So it is looked for where a worker has made half a gigabyte of it, and at the end of a thorough run.
gc.set_threshold(5_000_000, 20, 100)
gc.disable()  # until all tests are collected: little of what that makes goes again. xdist's controller has less still

CREDENTIALS = {
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"),
}
MEMORY, ROOM = "/dev/shm", 4 * 1024**3  # noqa: S108 - what tests make there has names of its own
"""Where the files of a run that has several workers are, with so many bytes free, and not on a disk."""
MAKE_RUNS_DIFFER = ("randomly", "hypothesispytest", "cacheprovider", "benchmark")
IMPORTED_BY_RUNS = (
    *("aiobotocore.session", "freezegun", "moto", "requests", "time_machine"),
    "lambda_states_mock.adapters.undisturbed",
)
NO_RUN_NEEDS = (
    *("xdist", "xdist.looponfail", "timeout", "platformdirs", "subtests"),
    *("doctest", "pastebin", "setuponly", "setupplan"),
)
"""Plugins that runs inside a test do without."""

_numbers = count(1)  # of folders

# How long an example takes says how busy the machine is.
settings.register_profile(
    "suite",
    settings.default,
    max_examples=sized(50, 500),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")


def has_room_for_files(folder: str) -> bool:
    """Return whether *folder*, where Linux has files without a disk, is there, large enough, and may have programs."""
    if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0):
        return False
    return shutil.disk_usage(folder).free >= ROOM


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Let a worker that has nothing left take over from one that has: some tests take as long as a thousand others.

    No test draws from the shared dice, so nobody has to seed them three times for each.
    """
    if config.getoption("numprocesses", default=None):
        if config.getoption("dist") == "no":
            config.option.dist = "worksteal"
        if "TMPDIR" not in os.environ and has_room_for_files(MEMORY):
            os.environ["TMPDIR"] = MEMORY  # workers, and what tests start, have it from here
            tempfile.tempdir = None
    config.option.randomly_reset_seed = False


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, None]:
    """Let a worker say no more of what has passed than that: thousands of reports go to the one that prints them."""
    report = (yield).get_result()
    if report.passed:
        report.keywords = {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Let a worker report one thing of a test that passes, not its beginning, fixtures and end: each is a message.

    Who asks for durations, or for a file of results, gets all of them.
    """
    wants_all = any(item.config.getoption(name, default=None) is not None for name in ("durations", "xmlpath"))
    if wants_all or not hasattr(item.config, "workerinput"):
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers of our tests."""
    config.pluginmanager.register(Skipping())
    config.addinivalue_line("markers", needing.DESCRIPTION)
    for leak in needing.known_leaks():
        config.addinivalue_line("filterwarnings", leak)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what the installed libraries cannot send."""
    needing.skip_what_cannot_run(items)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Never look through the tests and all that they have imported again, nor for what is garbage of it."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """Look for garbage at the end of a thorough run. pytest does twice, which is quick when nothing is to be seen."""
    if IS_THOROUGH:
        gc.collect()
    gc.freeze()


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own. To number it, pytest would look through the folders of all tests before."""
    words = re.sub(r"\W", "-", request.node.name)[:30]
    folder = tmp_path_factory.getbasetemp() / f"{next(_numbers)}-{words}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(autouse=True, scope="session")
def clients_and_mocks_shared() -> Iterator[None]:
    """Let all tests share what botocore makes anew for each session and client, moto and freezegun for each mock."""
    with shared_botocore.shared(), shared_moto.shared(), shared_freezegun.shared():
        yield


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Let each connection that a test tries to open fail, whatever it is for, and no credentials be found."""

    def refusing(name: str) -> Callable[..., Any]:
        original = getattr(socket.socket, name)

        def refuse(self: socket.socket, *arguments: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                self.close()  # whoever opened it expects an OSError, and closes it only then
                raise AssertionError(f"a test tried to connect to {arguments[-1]}")
            return original(self, *arguments)

        return refuse

    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
        if host not in {None, "localhost", "127.0.0.1", "::1"}:
            raise AssertionError(f"a test tried to look up {host}")
        return look_up(host, *rest, **options)

    with pytest.MonkeyPatch.context() as patched:
        for name in ("connect", "connect_ex", "sendto"):
            patched.setattr(socket.socket, name, refusing(name))
        patched.setattr(socket, "getaddrinfo", getaddrinfo)
        for name in CREDENTIALS:
            patched.delenv(name, raising=False)
        patched.setenv("AWS_CONFIG_FILE", "/nowhere/config")
        patched.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials")
        yield
        assert CREDENTIALS.isdisjoint(os.environ), "a test has set them for all that came after it"


@pytest.fixture(scope="session")
def package_imported() -> None:
    """Import our modules: a run inside a test drops those that it is the first to import, and others hold them on."""
    for module in pkgutil.walk_packages(lambda_states_mock.__path__, f"{lambda_states_mock.__name__}."):
        if not re.search(r"\.(adapters|inside|__main__)\b", module.name):
            importlib.import_module(module.name)


@pytest.fixture(scope="session")
def imported_for_runs(package_imported: None) -> None:  # noqa: ARG001 - it imports
    """Import what runs inside a test use: each would do so anew, and of our adapters there would be two of a kind."""
    for name in IMPORTED_BY_RUNS:
        if find_spec(name.partition(".")[0]) is not None:
            importlib.import_module(name)
    with lambda_states_mock.mock_lambda(start="2026-01-01T00:00:00Z"):
        boto3.client("lambda", region_name="us-east-1").list_functions()


@pytest.fixture
def run_inside(
    imported_for_runs: None,  # noqa: ARG001 - before `pytester` notes which modules are there
    pytester: pytest.Pytester,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., pytest.RunResult]:
    """Return what runs pytest in the folder of `pytester`, with the plugin loaded, once, however it is installed.

    Plugins that would make the run depend on the machine or on the hour are left out, and those that no run needs.
    Parameters: further arguments.
    The test is skipped where one within cannot run with the installed client.
    """
    is_loaded = any(name == "lambda_states_mock" for name, _ in request.config.pluginmanager.list_name_plugin())
    plugins = [] if is_loaded else ["-p", "lambda_states_mock.pytest_plugin"]
    for name in (*MAKE_RUNS_DIFFER, *NO_RUN_NEEDS):
        plugins += ["-p", f"no:{name}"]
    options = ["--strict-markers", "-o", "asyncio_default_fixture_loop_scope=function"]

    def run(*arguments: str) -> pytest.RunResult:
        with monkeypatch.context() as patch:
            patch.setattr("importlib.metadata.distributions", installed)
            shared_pytest.share(patch)
            result = pytester.runpytest_inprocess(*plugins, *options, *arguments, plugins=[skipping := Skipping()])
        for reason in skipping.reasons.values():
            pytest.skip(reason)
        return result

    return run
