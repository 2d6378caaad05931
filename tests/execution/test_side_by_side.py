"""What a handler sees is its own threads': other threads of the test go on in the test's process meanwhile."""

from __future__ import annotations

import builtins
import importlib
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from lambda_states_mock import mock_lambda
from lambda_states_mock.execution.runtimes.in_process import isolation
from tests import forked
from tests.budget import sized
from tests.deploying import create
from tests.execution.stage import REQUEST_ID, Stage, spec, zip_of
from tests.execution.test_isolation import visible_state

SHELL = "/bin/sh"


class Meeting:
    """A handler that waits at `halt` until the test has looked around: what zips import as ``meeting``."""

    def __init__(self) -> None:
        self._is_there, self._may_go = threading.Semaphore(0), threading.Semaphore(0)

    def halt(self) -> None:
        self._is_there.release()
        assert self._may_go.acquire(timeout=10)

    def wait(self) -> None:
        assert self._is_there.acquire(timeout=10)

    def go_on(self) -> None:
        self._may_go.release()


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Meeting:
    made = Meeting()
    monkeypatch.setitem(sys.modules, "meeting", made)
    return made


@contextmanager
def halted(stage: Stage, meeting: Meeting, function: Any, event: Any = None) -> Iterator[Callable[[], Any]]:
    """A handler that has come to its halt, on another thread; what is yielded returns its result."""
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(stage.result, function, event)
        meeting.wait()

        def result() -> Any:
            meeting.go_on()
            return run.result(10)

        try:
            yield result
        finally:
            meeting.go_on()


KINDS = pytest.mark.parametrize("kind", ["zip", "handler of the test"])
LOOK = """
import os, tempfile, meeting
def handler(event, context):
    def look():
        return [os.environ.get("WHOSE"), os.getenv("WHOSE"), os.environb.get(b"WHOSE"), "WHOSE" in os.environ,
                dict(os.environ)["WHOSE"], [one for one in os.environ if one == "WHOSE"], tempfile.gettempdir()]
    before = look()
    meeting.halt()
    assert look() == before
    os.environ["SET_BY_HANDLER"] = "1"
    return [str(one) for one in before]
"""


def function_of(stage: Stage, kind: str, code: str, **changes: Any) -> Any:
    """Return a function with *code*, in its zip or as a handler of the test."""
    if kind == "zip":
        return spec(code, **changes)
    there: dict[str, Any] = {"__name__": __name__}
    exec(code, there)
    stage.handlers.add("orders", call=there["handler"])
    return spec(**changes)


@KINDS
def test_variables_and_the_temporary_folder_are_seen_by_the_handlers_own_threads(
    stage: Stage, meeting: Meeting, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("WHOSE", "the test's")
    monkeypatch.setenv("GOES", "away")
    kept, folder = os.environ, tempfile.gettempdir()
    function = function_of(stage, kind, LOOK, environment={"WHOSE": "the function's"})
    with halted(stage, meeting, function) as result:
        assert (os.environ["WHOSE"], os.getenv("WHOSE"), os.environb[b"WHOSE"]) == (
            "the test's",
            "the test's",
            b"the test's",
        )
        assert "AWS_LAMBDA_FUNCTION_NAME" not in os.environ
        assert "_X_AMZN_TRACE_ID" not in dict(os.environ)
        assert (tempfile.gettempdir(), len(os.environ)) == (folder, len(list(os.environ)))
        os.environ["SET_MEANWHILE"] = "1"
        del os.environ["GOES"]
        seen = result()
    assert seen[:5] == ["the function's", "the function's", 'b"the function\'s"', "True", "the function's"]
    assert seen[6] != folder
    assert (os.environ.pop("SET_MEANWHILE"), os.environ.get("GOES"), os.environ is kept) == ("1", None, True)
    assert "SET_BY_HANDLER" not in os.environ


def test_a_patch_of_the_variables_in_a_test_is_not_the_handlers(stage: Stage, meeting: Meeting) -> None:
    function = spec(LOOK, environment={"WHOSE": "the function's"})
    with halted(stage, meeting, function) as result:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WHOSE", "the patch's")
            assert os.environ["WHOSE"] == "the patch's"
        assert "WHOSE" not in os.environ
        assert result()[0] == "the function's"


def test_a_deep_copy_of_the_variables_is_a_value(stage: Stage) -> None:
    code = """
    import copy, os
    def handler(event, context):
        kept = copy.deepcopy(os.environ)
        os.environ["WHOSE"] = "changed"
        return [kept["WHOSE"], os.environ["WHOSE"], "WHOSE" in repr(os.environ), "WHOSE" in os.environ.copy()]
    """
    assert stage.result(spec(code, environment={"WHOSE": "mine"})) == ["mine", "changed", True, True]


def test_threads_that_a_handler_starts_see_its_variables(stage: Stage) -> None:
    code = """
    import os, threading
    from concurrent.futures import ThreadPoolExecutor
    def handler(event, context):
        with ThreadPoolExecutor(1) as pool:
            return list(pool.map(os.getenv, ["WHOSE", "AWS_REGION", "HOME"]))
    """
    assert stage.result(spec(code, environment={"WHOSE": "mine"})) == ["mine", "eu-west-1", None]


def test_calls_of_several_threads_do_not_continue_the_chains_of_each_others_handlers() -> None:
    with mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.handler("orders", returns="done", duration=1)
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: client.invoke(FunctionName="orders"), range(60)))
    assert [answer["Payload"].read() for answer in answers] == [b'"done"'] * 60


def test_a_call_beside_a_handler_begins_a_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        for name in ("orders", "prices"):
            create(client, name)
        both = threading.Barrier(2, timeout=10)
        seen: list[str] = []
        m.handler("prices", call=lambda _event, _context: both.wait() + both.wait())
        m.handler("orders", call=lambda _event, _context: seen.append(os.environ["_X_AMZN_TRACE_ID"]))
        with ThreadPoolExecutor(1) as pool:
            run = pool.submit(client.invoke, FunctionName="prices")
            both.wait()
            client.invoke(FunctionName="orders")
            both.wait()
            run.result(10)
    assert seen[0].count("|") == 0  # one function is in the lineage


# -- programs

STARTS = {
    "subprocess.run": "subprocess.run([SHELL, '-c', 'echo $WHOSE'], capture_output=True, text=True).stdout",
    "subprocess.run, shell": "subprocess.run('echo $WHOSE', shell=True, capture_output=True, text=True).stdout",
    "subprocess.run, no descriptors closed": (
        "subprocess.run([SHELL, '-c', 'echo $WHOSE'], stdout=-1, text=True, close_fds=False).stdout"
    ),
    "os.popen": "read(os.popen('echo $WHOSE'))",
    "os.system": "to_file(lambda file: os.system(f'echo $WHOSE > {file}'))",
    "os.spawnv": "to_file(lambda file: os.spawnv(os.P_WAIT, SHELL, ['sh', '-c', f'echo $WHOSE > {file}']))",
    "os.posix_spawn": (
        "to_file(lambda file: os.waitpid(os.posix_spawn(SHELL, ['sh', '-c', f'echo $WHOSE > {file}'], os.environ), 0))"
    ),
    "asyncio": "asyncio.run(in_loop())",
}
STARTING = """
import asyncio, os, subprocess, tempfile
SHELL = "/bin/sh"
def to_file(start):
    file = os.path.join(tempfile.mkdtemp(), "out")
    start(file)
    with open(file) as written:
        return written.read()
def read(pipe):
    with pipe:
        return pipe.read()
async def in_loop():
    program = await asyncio.create_subprocess_shell("echo $WHOSE", stdout=-1)
    return (await program.communicate())[0].decode()
def handler(event, context):
    if event:
        os.environ["WHOSE"] = event
    return {start}
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_programs_find_the_variables_of_the_thread_that_starts_them(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setenv("WHOSE", "test")
    code = STARTING.replace("{start}", start)
    function = spec(code, environment={"WHOSE": "function"})
    assert [stage.result(function), stage.result(function, "set")] == ["function\n", "set\n"]
    assert subprocess.run([SHELL, "-c", "echo $WHOSE"], capture_output=True, text=True, check=True).stdout == "test\n"


def test_programs_of_the_test_find_its_variables_meanwhile(
    stage: Stage, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHOSE", "the test's")
    with halted(stage, meeting, spec(LOOK, environment={"WHOSE": "the function's"})):
        monkeypatch.setenv("NEW", "new")
        shown = subprocess.run([SHELL, "-c", "echo $WHOSE $NEW"], capture_output=True, text=True, check=True).stdout
        assert shown == "the test's new\n"
        status = os.system('test "$WHOSE" = "the test\'s"')
        assert status == 0


def test_a_fake_of_the_test_is_called_in_a_handler_too(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[str] = []
    monkeypatch.setattr(os, "system", commands.append)
    stage.invoke(spec("import os\ndef handler(event, context): os.system('rm -rf /')"))
    assert commands == ["rm -rf /"]


def test_a_name_that_no_variable_can_have_is_refused_as_ever(stage: Stage) -> None:
    code = "import os\ndef handler(event, context): os.environ['A=B'] = '1'"
    assert stage.result(spec(code))["errorMessage"] == "illegal environment variable name"


# -- exits


def test_a_signal_that_another_thread_sends_is_real(stage: Stage, meeting: Meeting) -> None:
    heard = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.set())
    ended: list[str] = []
    try:
        with halted(stage, meeting, spec(LOOK, environment={"WHOSE": ""})), pytest.MonkeyPatch.context():
            os.kill(os.getpid(), signal.SIGUSR1)
            assert heard.wait(10)
            assert os._exit.__name__ == "_exit"
            ended.append("not the function")
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert ended == ["not the function"]


ENDING = """
import os, sys, threading
from concurrent.futures import ThreadPoolExecutor
from tests.execution.stage import Stage, spec

stage, inside = Stage(), threading.Event()
def handler(event, context):
    inside.set()
    threading.Event().wait(20)
stage.handlers.add("orders", call=handler)
threading.Thread(target=stage.invoke, args=(spec(),), daemon=True).start()
assert inside.wait(10)
HOW
"""


@pytest.mark.parametrize(
    ("how", "status"),
    [("os._exit(7)", 7), ("os.kill(os.getpid(), 15)", -15), ("__import__('signal').raise_signal(15)", -15)],
)
def test_another_thread_ends_the_process_while_a_handler_runs(how: str, status: int) -> None:
    code = ENDING.replace("HOW", how)
    done = forked.run("-c", code)
    assert (done.returncode, done.stderr) == (status, "")


@pytest.mark.parametrize("how", ["os.killpg(os.getpgrp(), 15)", "os.kill(0, 9)", "os.execv('/bin/true', ['true'])"])
def test_what_would_end_the_test_run_ends_the_function(stage: Stage, how: str) -> None:
    answer = stage.result(spec(f"import os\ndef handler(event, context): {how}"))
    assert answer["errorType"] in {"Runtime.ExitError", "Sandbox.Timedout"}


# -- many at once

BUSY = """
import os, sys, tempfile
import part
def handler(event, context):
    import lazy
    import part as again
    print("from", context.aws_request_id)
    return [os.environ["WHOSE"], os.environ["AWS_REGION"], os.environ["AWS_LAMBDA_FUNCTION_NAME"], part.NAME, lazy.NAME,
            again is part, tempfile.gettempdir() == os.path.realpath(tempfile.gettempdir())]
"""


def busy(name: str, region: str) -> Any:
    code = zip_of(app=BUSY, part=f"NAME = {name!r}", lazy=f"NAME = {name!r}")
    return spec(code, name=name, region=region, environment={"WHOSE": name})


@pytest.mark.parametrize("threads", [2, 8])
def test_many_functions_at_once_have_each_their_own(stage: Stage, threads: int) -> None:
    regions = ["eu-west-1", "us-east-1", "ap-south-1"]
    functions = [busy(f"zip{number}", regions[number % 3]) for number in range(4)]

    def registered(event: Any, context: Any) -> list[Any]:
        print("from", context.aws_request_id)
        return [os.environ[name] for name in ("WHOSE", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME")]

    for number in range(4):
        stage.handlers.add(f"test{number}", call=registered)
        name = f"test{number}"
        functions.append(spec(name=name, region=regions[number % 3], environment={"WHOSE": name}))
    before = visible_state()
    hidden = builtins.__import__, importlib.import_module, os.environ["PATH"]

    def run(number: int) -> None:
        function = functions[number % len(functions)]
        name, request = function.version.name, f"{REQUEST_ID[:-3]}{number:03}"
        outcome = stage.invoke(function, number, request_id=request)
        import json

        expected: list[Any] = [name, function.version.place.region, name]
        if name.startswith("zip"):
            expected += [name, name, True, True]
        assert json.loads(outcome.payload) == expected
        assert [line for line in outcome.log.splitlines() if line.startswith("from")] == [f"from {request}"]
        assert (os.environ["PATH"], "AWS_LAMBDA_FUNCTION_NAME" in os.environ) == (hidden[2], False)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(run, number) for number in range(sized(64, 120))]:
            done.result(60)
    assert (builtins.__import__, importlib.import_module, os.environ["PATH"]) == hidden
    after = visible_state()
    assert {name: after[name] for name in after if name not in {"files", "finders", "modules"}} == {
        name: before[name] for name in before if name not in {"files", "finders", "modules"}
    }
    assert not after["modules"].keys() & {"app", "part", "lazy"}


def test_an_event_that_ends_while_another_begins_takes_nothing_from_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one has looked at the process, and has not yet taken its place."""
    lend, ended = isolation.lend, threading.Event()

    def slowly(found: Any) -> None:
        monkeypatch.setattr(isolation, "lend", lend)
        waiting.start()
        assert not ended.wait(0.1)  # it waits for this one
        lend(found)

    def invoke_other() -> None:
        stage.invoke(spec(name="other"))
        ended.set()

    waiting = threading.Thread(target=invoke_other)
    monkeypatch.setattr(isolation, "lend", slowly)
    stage.handlers.add("other", call=lambda _event, _context: 1)

    def handler(event: Any, context: Any) -> str | None:
        assert ended.wait(10)
        print("from the handler")
        return os.environ.get("WHOSE")

    stage.handlers.add("orders", call=handler)
    outcome = stage.invoke(spec(environment={"WHOSE": "mine"}))
    waiting.join(10)
    assert (outcome.payload, "from the handler" in outcome.log) == (b'"mine"', True)


def test_two_zips_with_modules_of_the_same_names_import_each_its_own(stage: Stage, meeting: Meeting) -> None:
    code = """
    import meeting, part
    def handler(event, context):
        if event: meeting.halt()
        import lazy
        import part as again
        return [part.NAME, lazy.NAME, again is part]
    """
    first, second = (
        spec(zip_of(app=code, part=f"NAME = {name!r}", lazy=f"NAME = {name!r}"), name=name) for name in ("a", "b")
    )
    with halted(stage, meeting, first, "wait") as result:
        assert stage.result(second) == ["b", "b", True]
        assert result() == ["a", "a", True]
    assert stage.result(second) == ["b", "b", True]
    assert stage.result(first) == ["a", "a", True]


def test_what_stands_between_an_import_and_its_module_is_not_in_the_stack_trace(stage: Stage, meeting: Meeting) -> None:
    code = "def handler(event, context): import part"
    function = spec(zip_of(app=code, part="import other", other="raise ValueError('no')"), name="failing")
    with halted(stage, meeting, spec(LOOK, environment={"WHOSE": ""})):
        trace = stage.result(function)["stackTrace"]
    assert [line.split('"')[1] for line in trace if "frozen" not in line] == [
        f"/var/task/{name}.py" for name in ("app", "part", "other")
    ]


def test_two_that_begin_at_once_load_each_its_own(stage: Stage) -> None:
    code = "import part\nNAME = part.NAME\ndef handler(event, context): return NAME"
    functions = [spec(zip_of(app=code, part=f"NAME = {number}"), name=f"f{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(stage.result, functions)) == list(range(8))


def test_a_module_of_the_test_is_imported_beside_a_function_with_one_of_that_name(
    stage: Stage, meeting: Meeting, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "twin_of_both.py").write_text("NAME = 'the test'")
    monkeypatch.syspath_prepend(str(tmp_path))
    code = (
        "import meeting, twin_of_both\ndef handler(event, context):\n    meeting.halt()\n    return twin_of_both.NAME"
    )
    function = spec(zip_of(app=code, twin_of_both="NAME = 'the function'"))
    with halted(stage, meeting, function) as result:
        assert importlib.import_module("twin_of_both").NAME == "the test"
        assert result() == "the function"
    assert sys.modules.pop("twin_of_both").NAME == "the test"


def test_init_that_waits_for_a_function_that_it_has_invoked_itself_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = zip_of(app="import part\ndef handler(event, context): return part.NAME", part="NAME = 1")

    class Inner:
        @staticmethod
        def invoke() -> Any:
            with ThreadPoolExecutor(1) as pool:
                return pool.submit(stage.result, spec(inner, name="inner")).result(5)

    monkeypatch.setitem(sys.modules, "inner", Inner)
    code = """
    import inner
    FOUND = inner.invoke()
    import part
    def handler(event, context): return [FOUND, part.NAME]
    """
    assert stage.result(spec(zip_of(app=code, part="NAME = 2"), name="outer")) == [1, 2]


def test_log_handlers_and_levels_of_functions_do_not_meet(stage: Stage, meeting: Meeting) -> None:
    code = """
    import logging, meeting
    kept = []
    class Keep(logging.Handler):
        def emit(self, record): kept.append(record.getMessage())
    logging.getLogger().addHandler(Keep())
    logging.getLogger().setLevel("DEBUG")
    def handler(event, context):
        if event: meeting.halt()
        logging.debug("from %s", context.function_name)
        return [kept, logging.root.level]
    """
    before = list(logging.root.handlers), logging.root.level
    stage.handlers.add("test", returns=1)
    first, second = spec(code, name="a"), spec(code, name="b")
    with halted(stage, meeting, first, "wait") as result:
        assert stage.result(second) == [["from b"], 10]
        assert stage.result(spec(name="test")) == 1
        assert result() == [["from a"], 10]
    assert (list(logging.root.handlers), logging.root.level) == before
    assert stage.result(first) == [["from a", "from a"], 10]
