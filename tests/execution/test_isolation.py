"""Nothing of a function is left in the process: after a run, whatever way it ended, and after the mock."""

from __future__ import annotations

import gc
import json
import linecache
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lambda_states_mock.errors import LambdaMockError, NoHandlerError
from lambda_states_mock.execution.runtimes.in_process import isolation, settings
from tests.execution.stage import Stage, spec, zip_of
from tests.garbage import look_at_what_is_new_alone

INTRUSIVE = """
import logging, os, signal, sys, tempfile, threading, types, warnings
os.environ["FROM_THE_FUNCTION"] = "1"
os.environ.pop("EMPTY", None)
sys.path.insert(0, "/from/the/function")
sys.path = list(sys.path)
sys.modules["invented_by_app"] = types.ModuleType("invented_by_app")
sys.modules["json"] = types.ModuleType("json")
sys.stdout = sys.stderr = None
sys.dont_write_bytecode = False
tempfile.tempdir = "/from/the/function"
logging.getLogger().setLevel("CRITICAL")
logging.getLogger().handlers.clear()
logging.getLogger("app.part").setLevel("DEBUG")
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGTERM, lambda *args: None)
import app_part
class Finder:
    def find_spec(*args): return None
sys.meta_path.insert(0, Finder)
def handler(event, context):
    os.environ["FROM_THE_HANDLER"] = "1"
    import app_lazy
    {statement}
"""
MODULES = {"app_part": "", "app_lazy": "", "lib__db": ""}

ENDS = [
    pytest.param("return 1", id="result"),
    pytest.param("raise ValueError", id="exception"),
    pytest.param("raise SystemExit", id="exit"),
    pytest.param("os._exit(1)", id="_exit"),
    pytest.param("return {1}", id="marshal error"),
    pytest.param("raise KeyboardInterrupt", id="KeyboardInterrupt"),
    pytest.param("from tests.execution.stage import Stage; Stage().clock.advance(-1)", id="mistake of the test"),
]


def visible_state() -> dict[str, Any]:
    """Return all that a function might have changed."""
    return {
        "environ": {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        "path": (sys.path, list(sys.path)),
        "meta_path": list(sys.meta_path),
        "modules": dict(sys.modules),
        "output": (sys.stdout, sys.stderr, sys.breakpointhook),
        "bytecode": sys.dont_write_bytecode,
        "tempdir": tempfile.tempdir,
        "exit": os._exit,
        "logging": (list(logging.root.handlers), logging.root.level),
        "loggers": {name for name in logging.root.manager.loggerDict if name.startswith("app")},
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "cwd": Path.cwd(),
        "threads": threading.enumerate(),
        "files": {str(name) for name in linecache.cache if "lambda-states-mock-" in str(name)},
        "finders": {name for name in sys.path_importer_cache if "lambda-states-mock-" in name},
    }


@pytest.fixture
def nothing_changes(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EMPTY", "")
    before = visible_state()
    yield
    after = visible_state()
    # What is installed may be imported for the first time by a function, and is then there for all.
    for name in after["modules"].keys() - before["modules"].keys():
        assert "lambda-states-mock-" not in str(getattr(after["modules"][name], "__file__", ""))
        assert not name.startswith(("app", "invented"))
        del after["modules"][name]
    assert set(after.pop("threads")) <= set(before.pop("threads"))  # those of libraries end when they like
    assert {name: after[name] for name in after if name not in {"files", "finders"}} == {
        name: before[name] for name in before if name not in {"files", "finders"}
    }


@pytest.mark.parametrize("statement", ENDS)
@pytest.mark.usefixtures("nothing_changes")
def test_a_run_leaves_nothing_in_the_process(stage: Stage, statement: str) -> None:
    code = zip_of(app=INTRUSIVE.replace("{statement}", statement), **MODULES)
    for _ in range(2):
        with suppress(KeyboardInterrupt, LambdaMockError):
            stage.invoke(spec(code, environment={"A": "b"}))


@pytest.mark.usefixtures("nothing_changes")
def test_code_that_fails_to_load_leaves_nothing_in_the_process(stage: Stage) -> None:
    stage.invoke(spec(zip_of(app=INTRUSIVE + "\nraise ValueError", **MODULES)))


@pytest.mark.parametrize("effect", [1, ValueError, SystemExit, KeyboardInterrupt, pytest.fail.Exception])
@pytest.mark.usefixtures("nothing_changes")
def test_a_handler_of_the_test_leaves_nothing_in_the_process(stage: Stage, effect: Any) -> None:
    def handler(event: Any, context: Any) -> Any:
        os.environ["FROM_THE_HANDLER"] = "1"
        if isinstance(effect, type):
            raise effect
        return effect

    stage.handlers.add("orders", call=handler)
    with suppress(KeyboardInterrupt, pytest.fail.Exception):
        stage.invoke(spec())


def test_closing_leaves_nothing_on_the_disk_and_in_the_caches(stage: Stage, tmp_path: Path) -> None:
    code = zip_of(app="import lib.db\ndef handler(event, context): raise ValueError", lib__db="")
    stage.invoke(spec(code))
    stage.handlers.add("refunds", call=lambda _event, _context: tempfile.gettempdir())
    stage.invoke(spec(name="refunds"))
    assert len(list(tmp_path.iterdir())) == 2
    stage.pool.close()
    assert list(tmp_path.iterdir()) == []
    state = visible_state()
    assert (state["files"], state["finders"]) == (set(), set())
    assert stage.clock.pending == ()


def test_an_invocation_after_the_end_leaves_nothing(stage: Stage, tmp_path: Path) -> None:
    stage.handlers.add("orders", returns=1)
    stage.pool.close()
    assert stage.result(spec()) == 1
    assert (list(tmp_path.iterdir()), stage.clock.pending) == ([], ())


def test_code_that_cannot_be_unpacked_leaves_no_folder(stage: Stage, tmp_path: Path) -> None:
    code = bytearray(zip_of(app="def handler(event, context): return 'some text to be damaged'"))
    place = bytes(code).index(b"damaged")
    code[place : place + 7] = b"garbage"
    with pytest.raises(Exception, match=r"InvalidZipFileException: Lambda could not unzip the deployment package\."):
        stage.invoke(spec(bytes(code)))
    assert list(tmp_path.iterdir()) == []


def test_the_folders_of_a_nested_environment_are_not_made_in_that_of_the_outer_one(
    stage: Stage, tmp_path: Path
) -> None:
    def outer(event: Any, context: Any) -> list[Any]:
        return [tempfile.gettempdir(), stage.result(spec(name="inner"))]

    stage.handlers.add("outer", call=outer)
    stage.handlers.add("inner", call=lambda _event, _context: tempfile.gettempdir())
    found = stage.result(spec(name="outer"))
    assert {Path(one) for one in found} == set(tmp_path.iterdir())
    assert len(set(found)) == 2


def test_a_handler_that_never_asks_for_its_temporary_folder_gets_none(stage: Stage, tmp_path: Path) -> None:
    stage.handlers.add("orders", call=lambda _event, _context: 1)
    stage.invoke(spec())
    assert list(tmp_path.iterdir()) == []


# -- what flies to the test

FOR_THE_TEST = [
    KeyboardInterrupt(),
    NoHandlerError("nothing"),
    LambdaMockError("any"),
    pytest.fail.Exception("failed"),
    pytest.skip.Exception("skipped"),
    pytest.exit.Exception("over"),
]


@pytest.mark.parametrize("error", FOR_THE_TEST, ids=lambda error: type(error).__name__)
def test_what_is_not_the_function_s_flies_to_the_test(stage: Stage, error: BaseException) -> None:
    stage.handlers.add("outer", call=lambda event, context: stage.result(spec(name="inner")))
    stage.handlers.add("inner", side_effect=error)
    with pytest.raises(type(error)) as caught:
        stage.invoke(spec(name="outer"))
    assert caught.value is error


def test_an_environment_starts_anew_after_a_mistake_of_the_test(stage: Stage) -> None:
    code = """
    count = 0
    def handler(event, context):
        global count
        count += 1
        if event: raise KeyboardInterrupt
        return count
    """
    assert stage.result(spec(code)) == 1
    with pytest.raises(KeyboardInterrupt):
        stage.invoke(spec(code), 1)
    assert stage.result(spec(code)) == 1


# -- what programs inherit


def inherited(name: str) -> str:
    """Return the variable *name* as a program that is started now finds it."""
    shown = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout.splitlines()
    return next((line.partition("=")[2] for line in shown if line.startswith(f"{name}=")), "absent")


def test_programs_that_a_function_starts_inherit_its_variables(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTS_OWN", "test")
    code = (
        "import subprocess\ndef handler(event, context):\n"
        "    return subprocess.run(['env'], capture_output=True, text=True).stdout.splitlines()\n"
    )
    found = stage.result(spec(code, environment={"COLOR": "blue"}))
    assert ("COLOR=blue" in found, "TESTS_OWN=test" in found) == (True, False)
    assert (inherited("COLOR"), inherited("TESTS_OWN")) == ("absent", "test")


def test_programs_that_a_handler_of_the_test_starts_inherit_the_tests_and_what_it_sets(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTS_OWN", "test")

    def handler(event: Any, context: Any) -> list[str]:
        os.environ["TESTS_OWN"] = "handler"
        os.environ["NEW"] = "handler"
        os.environ.pop("AWS_LAMBDA_FUNCTION_NAME", None)
        return [inherited("TESTS_OWN"), inherited("NEW"), inherited("AWS_LAMBDA_FUNCTION_NAME")]

    stage.handlers.add("orders", call=handler)
    for _ in range(2):
        assert stage.result(spec()) == ["handler", "handler", "absent"]
        assert (inherited("TESTS_OWN"), inherited("NEW"), os.environ["TESTS_OWN"]) == ("test", "absent", "test")


# -- layers


def state_of(place: dict[str, str], name: str) -> isolation.ProcessState[str]:
    """Return something that a process has: what is in *place* as *name*."""
    return isolation.ProcessState(name, lambda: place[name], lambda found: place.update({name: found}))


def test_layers_can_be_taken_away_in_any_order() -> None:
    there = {"a": "test"}
    state = state_of(there, "a")
    lower, upper = (isolation.Borrowed(state) for _ in range(2))
    with isolation.Borrowed(state):
        lower.__enter__()
        there["a"] = "lower"
        upper.__enter__()
        there["a"] = "upper"
        lower.__exit__(None, None, None)
        assert there["a"] == "upper"
        upper.__exit__(None, None, None)
        assert there["a"] == "test"


def test_a_layer_below_restores_what_no_layer_above_has_borrowed() -> None:
    there = {"a": "test", "b": "test"}
    lower, upper = isolation.Borrowed(state_of(there, "a")), isolation.Borrowed(state_of(there, "b"))
    lower.__enter__()
    there["a"] = "lower"
    upper.__enter__()
    lower.__exit__(None, None, None)
    assert there["a"] == "test"
    upper.__exit__(None, None, None)


def test_two_threads_can_wait_for_each_other_inside_their_handlers(stage: Stage) -> None:
    first_is_in, second_is_done = threading.Event(), threading.Event()

    def first(event: Any, context: Any) -> None:
        first_is_in.set()
        assert second_is_done.wait(10)

    stage.handlers.add("first", call=first)
    stage.handlers.add("second", returns=2)
    before = visible_state()["environ"]
    thread = threading.Thread(target=stage.invoke, args=(spec(name="first"),))
    thread.start()
    assert first_is_in.wait(10)
    assert stage.result(spec(name="second")) == 2
    second_is_done.set()
    thread.join(10)
    assert visible_state()["environ"] == before


def test_two_threads_need_two_environments_of_one_function(stage: Stage) -> None:
    both = threading.Barrier(2, timeout=10)
    stage.handlers.add("orders", call=lambda event, context: both.wait() and None)
    thread = threading.Thread(target=stage.invoke, args=(spec(),))
    thread.start()
    stage.invoke(spec())
    thread.join(10)
    assert len(stage.pool.environments) == 2


@pytest.mark.usefixtures("nothing_changes")
def test_extensions_snapshots_and_streams_leave_nothing(stage: Stage, tmp_path: Path) -> None:
    stage.extensions.add("agent", init=0.1, telemetry=["platform", "function"])(print)
    code = f"""
import snapshot_restore_py
{INTRUSIVE.replace("{statement}", "yield 1")}
snapshot_restore_py.register_after_restore(os.environ.update, FROM_THE_HOOK="1")
snapshot_restore_py.register_before_snapshot(print, "before")
"""
    function = spec(zip_of(app=code, **MODULES), initialization_type="snap-start", log_format="JSON")
    assert stage.pool.initialise(function) is None
    assert stage.invoke(function, streams=True).chunks == (b"1",)
    stage.pool.discard(function.version.place, function.version.name)
    stage.clock.advance(0)
    assert (list(tmp_path.iterdir()), stage.clock.pending) == ([], ())


@pytest.mark.parametrize("order", ["inner first", "outer first"])
def test_all_is_put_back_even_if_something_fails(order: str) -> None:
    there = {"a": "test", "b": "test"}

    def fail(_found: object) -> None:
        raise OSError("first")

    broken = isolation.ProcessState("broken", lambda: None, fail)
    also = isolation.ProcessState("also", lambda: None, lambda found: print(1 / 0, found))
    layer = isolation.Borrowed(state_of(there, "a"), broken, also, state_of(there, "b"))
    above = isolation.Borrowed()
    layer.__enter__()
    there.update(a="changed", b="changed")
    if order == "outer first":
        above.__enter__()
    with pytest.raises(OSError, match="first"):
        layer.__exit__(None, None, None)
    if order == "outer first":
        above.__exit__(None, None, None)
    assert there == {"a": "test", "b": "test"}


@pytest.mark.usefixtures("nothing_changes")
def test_a_setting_that_cannot_be_put_back_leaves_nothing_else(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_found: object) -> None:
        raise OSError("no such folder")

    function = spec(zip_of(app=INTRUSIVE.replace("{statement}", "os.chdir('/')"), **MODULES))
    here = Path.cwd()
    monkeypatch.setattr(settings.OF_THE_PROCESS._rows["folder"], "set", fail)
    with pytest.raises(OSError, match="no such folder"):
        stage.invoke(function)
    os.chdir(here)


def test_modules_that_the_test_imports_and_replaces_between_two_runs_are_its_own(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = spec("import sys\ndef handler(event, context): return getattr(sys.modules[event], 'told', None)")
    first, second = ModuleType("priced"), ModuleType("priced")
    first.told, second.told = "first", "second"  # type: ignore[attr-defined]
    heard = []
    for module in (first, second):
        monkeypatch.setitem(sys.modules, "priced", module)
        heard.append(json.loads(stage.invoke(function, "priced").payload))
        assert sys.modules["priced"] is module
    monkeypatch.delitem(sys.modules, "priced")
    assert stage.invoke(function, "priced").function_error is not None
    assert "priced" not in sys.modules
    assert heard == ["first", "second"]


def test_no_copy_of_the_modules_outlives_the_environments(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    look_at_what_is_new_alone()
    module = ModuleType("priced")
    left = weakref.ref(module)
    monkeypatch.setitem(sys.modules, "priced", module)
    stage.invoke(spec("def handler(event, context): return 1"))
    monkeypatch.undo()
    del module
    stage.pool.close()
    gc.collect()
    assert left() is None
