"""Settings that a process has once: put back after each run, and kept for the next one in the environment."""

from __future__ import annotations

import locale
import signal
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock.execution.runtimes.in_process import settings
from tests.execution.stage import Stage, spec

IMPORTS = "import locale, os, signal, sys, tempfile, threading, warnings\n"

# How a function changes it, how to look at it, and what a function sees then.
ROWS = {
    "working directory": ("os.chdir('/')", "os.getcwd()", "/"),
    "arguments": ("sys.argv.append('more')", "sys.argv[-1]", "more"),
    "other arguments": ("sys.argv = ['other']", "sys.argv", ["other"]),
    "recursion limit": ("sys.setrecursionlimit(4321)", "sys.getrecursionlimit()", 4321),
    "locale": ("locale.setlocale(locale.LC_NUMERIC, 'C')", "locale.setlocale(locale.LC_NUMERIC)", "C"),
    "warnings": ("warnings.simplefilter('ignore')", "warnings.filters[0][0]", "ignore"),
    "way to warn": ("warnings.showwarning = print", "warnings.showwarning is print", True),
    "excepthook": ("sys.excepthook = print", "sys.excepthook is print", True),
    "unraisablehook": ("sys.unraisablehook = print", "sys.unraisablehook is print", True),
    "threads' excepthook": ("threading.excepthook = print", "threading.excepthook is print", True),
    "signals": ("signal.signal(signal.SIGTERM, print)", "signal.getsignal(signal.SIGTERM) is print", True),
}


@pytest.fixture(autouse=True)
def a_locale() -> Any:
    """A locale that the rows do not have."""
    before = locale.setlocale(locale.LC_ALL)
    locale.setlocale(locale.LC_NUMERIC, "C.UTF-8")
    yield
    locale.setlocale(locale.LC_ALL, before)


def seen() -> tuple[Any, ...]:
    """Return all that a function may have changed."""
    hooks = sys.excepthook, sys.unraisablehook, sys.displayhook, threading.excepthook, warnings.showwarning
    signals = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGUSR1)]
    there = Path.cwd(), list(sys.argv), sys.getrecursionlimit(), locale.setlocale(locale.LC_ALL)
    return (*there, list(warnings.filters), *hooks, *signals)


@pytest.mark.parametrize(("change", "look", "changed"), ROWS.values(), ids=ROWS.keys())
@pytest.mark.parametrize("where", ["module", "handler"])
def test_what_a_function_sets_is_its_own(stage: Stage, change: str, look: str, changed: Any, where: str) -> None:
    in_module = change if where == "module" else "pass"
    code = (
        f"{IMPORTS}{in_module}\ndef handler(event, context):\n    before = {look}\n"
        f"    if event == 'change': {change}\n    return [before, {look}]\n"
    )
    before, arguments = seen(), sys.argv
    first = stage.result(spec(code), "change")
    assert (seen(), sys.argv) == (before, arguments)
    assert sys.argv is arguments
    assert first[1] == changed
    assert stage.result(spec(code), "look") == [changed, changed]
    assert seen() == before


@pytest.mark.parametrize("row", ["working directory", "recursion limit", "signals"])
def test_a_new_process_has_them_as_the_test_has(stage: Stage, row: str) -> None:
    change, look, changed = ROWS[row]
    code = f"{IMPORTS}def handler(event, context):\n    if event: {change}; os._exit(1)\n    return {look}\n"
    before = stage.result(spec(code))
    stage.invoke(spec(code), "change")
    assert (stage.result(spec(code)), before != changed) == (before, True)


def test_what_a_handler_of_the_test_sets_is_the_tests(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stage.handlers.add("orders", call=lambda _event, _context: monkeypatch.chdir(tmp_path))
    stage.invoke(spec())
    assert Path.cwd() == tmp_path


def test_what_the_test_sets_in_between_counts(stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code = f"{IMPORTS}sys.setrecursionlimit(4321)\ndef handler(event, context): return os.getcwd()"
    stage.invoke(spec(code))
    monkeypatch.chdir(tmp_path)
    assert stage.result(spec(code)) == str(tmp_path)


def test_a_working_directory_that_is_gone_harms_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    stage.handlers.add("orders", returns=1)
    assert stage.result(spec()) == 1


def test_outside_of_the_main_thread_signals_are_left_alone(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    thread = threading.Thread(target=stage.invoke, args=(spec(),))
    before = seen()
    thread.start()
    thread.join(10)
    assert seen() == before


def test_what_handles_a_signal_can_be_asked_for() -> None:
    def act(*_: object) -> None: ...

    before = signal.signal(signal.SIGUSR1, act)
    try:
        own = settings.OF_THE_THREAD.read()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert settings.handler_of(signal.SIGUSR1, own) is act
    assert settings.handler_of(signal.SIGTERM, own) is None
    assert settings.handler_of(signal.SIGUSR1, {}) is None
