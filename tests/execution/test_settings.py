"""Settings that a process has once: put back after each run, and kept for the next one in the environment."""

from __future__ import annotations

import atexit
import decimal
import gc
import json
import locale
import logging
import os
import random
import signal
import socket
import sys
import threading
import time
import types
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock.execution.runtimes.in_process import settings
from tests import forked
from tests.execution.stage import REQUEST_ID, Stage, spec
from tests.garbage import look_at_what_is_new_alone

IMPORTS = (
    "import builtins, decimal, gc, json, locale, logging, logging.config, os, random, signal, socket, sys, tempfile\n"
    "import threading, time, warnings\ndef ignore(*_): pass\n"
)
QUIET = "logging.config.dictConfig({'version': 1})"  # it disables all loggers that there are

LIBRARY = "logging.getLogger('botocore')"

# How a function changes it, how to look at it, and what a function sees then.
ROWS = {
    "working directory": ("os.chdir('/')", "os.getcwd()", "/"),
    "arguments": ("sys.argv.append('more')", "sys.argv[-1]", "more"),
    "other arguments": ("sys.argv = ['other']", "sys.argv", ["other"]),
    "recursion limit": ("sys.setrecursionlimit(4321)", "sys.getrecursionlimit()", 4321),
    "locale": ("locale.setlocale(locale.LC_NUMERIC, 'C')", "locale.setlocale(locale.LC_NUMERIC)", "C"),
    "warnings": ("warnings.simplefilter('ignore')", "warnings.filters[0][0]", "ignore"),
    "way to warn": ("warnings.showwarning = print", "warnings.showwarning is print", True),
    "warnings captured": ("logging.captureWarnings(True)", "warnings.showwarning.__module__", "logging"),
    "excepthook": ("sys.excepthook = print", "sys.excepthook is print", True),
    "unraisablehook": ("sys.unraisablehook = print", "sys.unraisablehook is print", True),
    "threads' excepthook": ("threading.excepthook = print", "threading.excepthook is print", True),
    "umask": ("os.umask(0o27)", "(lambda found: (os.umask(found), found)[1])(os.umask(0))", 0o27),
    "local time": ("os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()", "time.localtime(0).tm_hour", 9),
    "random": ("random.seed(7)", "random.getstate()[1][1]", random.Random(7).getstate()[1][1]),
    "garbage": ("gc.disable()", "gc.isenabled()", False),
    "garbage thresholds": ("gc.set_threshold(11, 12, 13)", "list(gc.get_threshold())", [11, 12, 13]),
    "switch interval": ("sys.setswitchinterval(0.5)", "sys.getswitchinterval()", 0.5),
    "profile": ("sys.setprofile(ignore)", "sys.getprofile() is ignore", True),
    "trace": ("sys.settrace(ignore)", "sys.gettrace() is ignore", True),
    "threads' profile": ("threading.setprofile(zip)", "threading._profile_hook is zip", True),
    "stdin": ("sys.stdin = 7", "sys.stdin == 7", True),
    "socket time-out": ("socket.setdefaulttimeout(7.5)", "socket.getdefaulttimeout()", 7.5),
    "decimals": ("decimal.getcontext().prec = 7", "decimal.getcontext().prec", 7),
    "logging disabled": ("logging.disable(40)", "logging.root.manager.disable", 40),
    "logging, errors": ("logging.raiseExceptions = 7", "logging.raiseExceptions", 7),
    "class of loggers": (
        "logging.setLoggerClass(type('Own', (logging.Logger,), {}))",
        "logging.getLoggerClass().__name__",
        "Own",
    ),
    "log records": ("logging.setLogRecordFactory(zip)", "logging.getLogRecordFactory() is zip", True),
    "names of levels": ("logging.addLevelName(10, 'own')", "logging.getLevelName(10)", "own"),
    "a logger of all": (f"{LIBRARY}.setLevel(17)", f"{LIBRARY}.level", 17),
    "a handler of a logger": (f"{LIBRARY}.addHandler(logging.NullHandler(7))", f"{LIBRARY}.handlers[-1].level", 7),
    "handlers of a logger": (f"{LIBRARY}.handlers = [logging.NullHandler(7)] * 2", f"{LIBRARY}.handlers[0].level", 7),
    "a logger of its own": (f"{LIBRARY}.propagate = 7", f"{LIBRARY}.propagate", 7),
    "loggers disabled": (QUIET, "logging.getLogger('botocore').disabled", True),
    "patch of builtins": ("builtins.hex = print", "builtins.hex is print", True),
    "patch of time": ("time.time_ns = print", "time.time_ns is print", True),
    "patch of json": ("json.dumps_own = 7", "json.dumps_own if hasattr(json, 'dumps_own') else 0", 7),
    "patch of os": ("os.getcwd = print", "os.getcwd is print", True),
    "signals": ("signal.signal(signal.SIGTERM, print)", "signal.getsignal(signal.SIGTERM) is print", True),
}


@pytest.fixture(autouse=True)
def a_locale() -> Any:
    """A locale that the rows do not have."""
    logging.getLogger("botocore")
    before = locale.setlocale(locale.LC_ALL)
    locale.setlocale(locale.LC_NUMERIC, "C.UTF-8")
    yield
    locale.setlocale(locale.LC_ALL, before)


def seen() -> tuple[Any, ...]:
    """Return all that a function may have changed."""
    hooks = sys.excepthook, sys.unraisablehook, sys.displayhook, threading.excepthook, warnings.showwarning
    signals = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGUSR1)]
    there = os.getcwd, Path.cwd(), list(sys.argv), sys.getrecursionlimit(), locale.setlocale(locale.LC_ALL)
    os.umask(mask := os.umask(0))
    traced = sys.gettrace(), sys.getprofile(), vars(threading)["_profile_hook"], sys.stdin, sys.getswitchinterval()
    numbers = random.getstate(), mask, gc.isenabled(), gc.get_threshold(), decimal.getcontext().prec
    logs = (
        logging.root.manager.disable,
        logging.getLoggerClass(),
        logging.getLogRecordFactory(),
        logging.raiseExceptions,
        vars(logging)["_warnings_showwarning"],
    )
    others = logging.getLevelName(10), time.tzname, time.localtime(0), socket.getdefaulttimeout()
    library = logging.getLogger("botocore")
    listed = logging.lastResort in [one() for one in vars(logging)["_handlerList"]]
    loggers = library.level, library.disabled, library.propagate, list(library.handlers), listed
    patched = hex, time.time_ns, hasattr(json, "dumps_own")
    return (*there, list(warnings.filters), *hooks, *signals, *traced, *numbers, *logs, *others, *loggers, *patched)


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


def test_warnings_that_the_test_has_logged_are_logged_again_after_a_function_that_ends_that(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    logging.captureWarnings(True)
    code = f"{IMPORTS}def handler(event, context): logging.captureWarnings(False)"
    before = seen()
    try:
        for _ in range(2):
            stage.invoke(spec(code))
            assert seen() == before
    finally:
        logging.captureWarnings(False)


def test_logging_of_warnings_can_be_ended_after_a_function_that_has_filtered_them_while_others_showed_them(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    shows = warnings.showwarning
    logging.captureWarnings(True)
    try:
        with warnings.catch_warnings(record=True):  # as pytest does around each test
            stage.invoke(spec(f"{IMPORTS}def handler(event, context): warnings.simplefilter('ignore')"))
    finally:
        logging.captureWarnings(False)
    assert warnings.showwarning is shows


def test_names_of_levels_are_the_tests_where_the_test_has_replaced_all_of_them(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_levelToName", "_nameToLevel"):
        monkeypatch.setattr(logging, name, dict(vars(logging)[name]))
    stage.invoke(spec(f"{IMPORTS}def handler(event, context): logging.addLevelName(10, 'own')"))
    assert logging.getLevelName(10) == "DEBUG"


def test_a_patch_is_put_back_while_the_test_forbids_to_import_such_a_module(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", real)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "socket", None)
        result = stage.result(spec("import time\ndef handler(event, context): time.time_ns = print"))
    assert (result, time.time_ns is real) == (None, True)


def test_a_function_that_has_patched_a_module_goes_on_where_the_test_has_taken_that_away(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys\ndef handler(event, context):\n    if event: sys.modules['socket'].own = 7\n    return 1"
    stage.invoke(spec(code), "patch")
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "socket")
        result = stage.result(spec(code))
    assert (result, hasattr(socket, "own")) == (1, False)


def test_what_a_function_patches_in_a_fake_of_a_module_is_its_own(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fake:
        def __init__(self) -> None:
            self.own, self.time = 1, time.time

    fake = Fake()
    code = "import time\ndef handler(event, context):\n    before, time.own = time.own, 7\n    return before"
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "time", fake)
        results = [stage.result(spec(code)) for _ in range(2)]
    assert (results, fake.own) == ([1, 7], 1)


def test_loggers_are_the_tests_where_the_test_has_replaced_all_of_them(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"{IMPORTS}def handler(event, context):\n    if event: logging.getLogger('own').setLevel(17)"
    stage.invoke(spec(code))
    monkeypatch.setattr(logging.root.manager, "loggerDict", {})
    own = logging.getLogger("own")
    stage.invoke(spec(code), "change")
    assert own.level == logging.NOTSET


def test_a_logger_may_appear_while_all_of_them_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    there: dict[str, Any] = {}

    class Place:
        @property  # type: ignore[misc] # only read here, where `object` lets it be set, too
        def __class__(self) -> Any:  # another thread may do this at any time
            there["new"] = logging.Logger("new")
            return Place

    own = logging.Logger("own")
    there.update(first=Place(), own=own)
    with monkeypatch.context() as patch:
        patch.setattr(logging.root.manager, "loggerDict", there)
        _, in_parts = settings.OF_THE_PROCESS.read()
    loggers, _ = in_parts["loggers"]
    assert own in loggers


def test_a_handler_of_a_function_is_gone_with_its_environment() -> None:
    code = "import logging\ndef handler(event, context): logging.getLogger('botocore').addHandler(logging.Handler(7))"
    look_at_what_is_new_alone()
    stage = Stage()
    stage.invoke(spec(code))
    stage.pool.close()
    del stage
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is logging.Handler and one.level == 7]


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


def test_functions_that_call_each_other_handle_each_their_own_signals(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
    import called, signal
    def mine(*_): ...
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    def handler(event, context):
        first = signal.getsignal(signal.SIGUSR1)
        signal.signal(signalnum=signal.SIGUSR1, handler=mine)
        called.invoke()
        return [first is mine, first == signal.SIG_IGN, signal.getsignal(signal.SIGUSR1) is mine]
    """
    inner, outer, told, nested = spec(code, name="inner"), spec(code, name="outer"), list[Any](), list[None]()

    def invoke() -> None:
        if not nested:
            nested.append(None)
            told.append(stage.result(inner))
            nested.clear()

    calling = types.ModuleType("called")
    calling.invoke = invoke  # type: ignore[attr-defined]
    before = signal.getsignal(signal.SIGUSR1)
    monkeypatch.setitem(sys.modules, "called", calling)
    assert [stage.result(outer) for _ in range(2)] == [[False, True, True], [True, False, True]]
    assert told == [[False, True, True], [True, False, True]]
    assert signal.getsignal(signal.SIGUSR1) is before


def test_what_handles_a_signal_can_be_asked_for() -> None:
    def act(*_: object) -> None: ...

    own = {"signals": {signal.SIGUSR1: act, signal.SIGTERM: signal.SIG_IGN}}
    assert settings.handler_of(signal.SIGUSR1, own) is act
    assert settings.handler_of(signal.SIGTERM, own) is None
    assert settings.handler_of(signal.SIGUSR1, {}) is None


def test_what_zips_draw_at_random_does_not_repeat_while_they_set_no_seed(stage: Stage) -> None:
    code = "import random\ndef handler(event, context): return random.random()"
    assert len({stage.result(spec(code, name=name)) for name in ("a", "b", "a", "b")}) == 4


def test_functions_for_the_end_of_the_process_do_not_run() -> None:
    code = """
from tests.execution.stage import REQUEST_ID, Stage, spec
stage = Stage()
zipped = "import atexit, os\\n@atexit.register\\ndef late(): print('late', os.path.exists(__file__))\\n"
stage.invoke(spec(zipped + "def handler(event, context): pass"))
stage.pool.close()
print("end")
"""
    done = forked.run("-c", code)
    assert (done.stdout, done.stderr) == ("end\n", "")


def test_what_a_library_registers_for_the_end_of_the_process_stays(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "library_of_all.py").write_text("import atexit\natexit.register(print, 'the end')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = getattr(atexit, "_ncallbacks")()  # noqa: B009
    stage.invoke(spec("import library_of_all\ndef handler(event, context): pass"))
    assert getattr(atexit, "_ncallbacks")() == before + 1  # noqa: B009
    del sys.modules["library_of_all"]
    atexit.unregister(print)


# -- endless recursion


@pytest.mark.parametrize("where", ["main thread", "another thread"])
def test_endless_recursion_is_an_error_whatever_the_limit(stage: Stage, where: str) -> None:
    code = f"""
    import sys
    from concurrent.futures import ThreadPoolExecutor
    sys.setrecursionlimit(10**9)
    class Endless:
        def __repr__(self): return repr([self])
    def recurse(): return recurse()
    def handler(event, context):
        ways = [recurse, lambda: repr(Endless())]
        found = [sys.getrecursionlimit()]
        for way in ways:
            try: {"way()" if where == "main thread" else "ThreadPoolExecutor(1).submit(way).result()"}
            except RecursionError: found.append("RecursionError")
        return found
    """
    assert stage.result(spec(code)) == [10_000, "RecursionError", "RecursionError"]


ENDLESS = """
import sys
sys.setrecursionlimit({limit})
def recurse(level):
    print(level)
    recurse(level + 1)
{where}
"""
IN_THE_MODULE, IN_THE_HANDLER = "recurse(0)", "def handler(event, context): recurse(0)"


@pytest.mark.parametrize("where", [IN_THE_MODULE, IN_THE_HANDLER])
def test_recursion_towards_a_million_is_too_slow_for_any_timeout(stage: Stage, where: str) -> None:
    before = stage.clock.now
    outcome = stage.invoke(spec(ENDLESS.format(limit=10**6, where=where), runtime="python3.12", timeout=30))

    assert json.loads(outcome.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {REQUEST_ID} Error: Task timed out after 30.00 seconds",
    }
    assert stage.clock.now - before >= timedelta(seconds=30)


@pytest.mark.parametrize("where", [IN_THE_MODULE, IN_THE_HANDLER])
def test_recursion_within_a_limit_that_can_be_had_is_an_error_of_python(stage: Stage, where: str) -> None:
    outcome = stage.invoke(spec(ENDLESS.format(limit=900, where=where)))

    assert json.loads(outcome.payload)["errorType"] == "RecursionError"


# -- timers


@pytest.fixture
def rings() -> Iterator[list[int]]:
    """What SIGALRM has rung for the test, which has a timer running that is far away."""
    heard: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _frame: heard.append(number))
    signal.setitimer(signal.ITIMER_REAL, 500, 100)
    yield heard
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


TIMERS = [
    "signal.alarm(60)",
    "signal.setitimer(signal.ITIMER_REAL, 60)",
    "signal.signal(signal.SIGALRM, signal.SIG_DFL); signal.alarm(60)",
    "signal.alarm(0)",
    "signal.alarm(60); os._exit(1)",
    "signal.alarm(60); raise ValueError",
    "signal.alarm(60); signal.alarm(90)",
]


@pytest.mark.parametrize("statement", TIMERS)
def test_a_timer_ends_with_the_event_and_the_tests_goes_on(stage: Stage, rings: list[int], statement: str) -> None:
    stage.invoke(spec(f"import os, signal\ndef handler(event, context): {statement}"))
    left, interval = signal.getitimer(signal.ITIMER_REAL)
    assert 400 < left <= 500
    assert (interval, rings) == (100, [])


def test_without_a_timer_of_the_test_none_is_left(stage: Stage) -> None:
    stage.invoke(spec("import signal\nsignal.alarm(60)\ndef handler(event, context): signal.alarm(60)"))
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


def test_a_timer_of_the_test_that_is_due_meanwhile_rings_afterwards(stage: Stage, rings: list[int]) -> None:
    code = """
    import signal, time
    def handler(event, context):
        signal.alarm(60)
        began = time.clock_gettime(time.CLOCK_MONOTONIC)
        while time.clock_gettime(time.CLOCK_MONOTONIC) < began + 0.05: pass
    """
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    stage.invoke(spec("def handler(event, context): pass"))
    signal.setitimer(signal.ITIMER_REAL, 0.04)
    stage.invoke(spec(code))
    signal.sigtimedwait([signal.SIGUSR2], 0.05)
    assert signal.SIGALRM in rings


def test_an_alarm_that_nothing_handles_ends_the_function(stage: Stage) -> None:
    code = """
    import signal
    def handler(event, context):
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        while True: pass
    """
    stage.invoke(spec(code))
    assert stage.result(spec("def handler(event, context): return 1")) == 1


def test_a_handler_of_an_alarm_is_called(stage: Stage) -> None:
    code = """
    import signal
    def late(*_): raise TimeoutError("late")
    def handler(event, context):
        signal.signal(signal.SIGALRM, late)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        while True: pass
    """
    assert stage.result(spec(code))["errorMessage"] == "late"


def test_functions_that_call_each_other_have_each_their_timers(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    class Inner:
        @staticmethod
        def invoke() -> None:
            stage.invoke(spec("import signal\ndef handler(event, context): signal.alarm(90)", name="inner"))

    monkeypatch.setitem(sys.modules, "inner", Inner)
    code = """
    import inner, signal
    def handler(event, context):
        signal.alarm(60)
        inner.invoke()
        return signal.alarm(0)
    """
    assert stage.result(spec(code)) in {59, 60}


def test_on_another_thread_a_function_has_no_timer(stage: Stage) -> None:
    code = "import signal\ndef handler(event, context): return [signal.alarm(1), signal.setitimer(0, 1)]"
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(stage.result, spec(code)).result(10) == [0, [0.0, 0.0]]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
