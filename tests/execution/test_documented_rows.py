"""The tables of the facts, row by row: error payloads (invocation.md, section 3), and phases and failures
(execution-environment.md, sections 1 and 2). Each has its name in the facts; what lies behind it is tested elsewhere.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from lambda_states_mock import MissingBootstrap, OutOfMemory, ProcessCrash, RuntimeFault, SegmentationFault
from lambda_states_mock.execution.extensions import Extension
from lambda_states_mock.service_errors import ServiceError
from tests.execution.stage import REQUEST_ID, Stage, spec

NODE, PYTHON, OS_ONLY = "nodejs22.x", "python3.13", "provided.al2023"


@dataclass(frozen=True)
class Error:
    """What runs, and the payload that comes of it: its keys in order, its type, and what its message begins with."""

    keys: str
    error_type: str
    message: str
    does: Any = None  # a handler's side effect
    code: str | None = None
    init: Any = 0
    runtime: str | None = PYTHON
    spec: dict[str, Any] = field(default_factory=dict)


PYTHON_KEYS = "errorMessage errorType requestId stackTrace"
PLATFORM_KEYS = "errorType errorMessage"
NODE_KEYS = "errorType errorMessage trace"
STACK_KEYS = "errorMessage errorType stackTrace"
BY_PLATFORM = f"RequestId: {REQUEST_ID} Error: "
HANDLER = "def handler(event, context):\n    "


class StubbornError(Exception):
    """A name for an exception."""


def fault(error_type: str, message: str) -> RuntimeFault:
    return RuntimeFault(error_type, message, trace=["at Runtime.exports.handler (/var/task/index.js:1:1)"])


ERRORS = {
    "Python, exception in handler": Error(
        PYTHON_KEYS, "ValueError", "no", code=f"{HANDLER}raise ValueError('no')"
    ),
    "Python, exception while importing": Error(PYTHON_KEYS, "ValueError", "no", code="raise ValueError('no')"),
    "Python, module missing": Error(
        PYTHON_KEYS, "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'nowhere'",
        code="import nowhere",
    ),
    "Python, handler missing": Error(
        PYTHON_KEYS, "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'", code="",
    ),
    "Python, handler without dot": Error(
        PYTHON_KEYS, "Runtime.MalformedHandlerName",
        "Bad handler 'app': not enough values to unpack (expected 2, got 1)", code="", spec={"handler": "app"},
    ),
    "Python, syntax error": Error(
        PYTHON_KEYS, "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': ", code="x = = 1",
    ),
    "Python, handler module is a builtin": Error(
        PYTHON_KEYS, "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module", code="",
        spec={"handler": "sys.handler"},
    ),
    "Python, result not JSON serialisable": Error(
        PYTHON_KEYS, "Runtime.MarshalError", "Unable to marshal response: ", code=f"{HANDLER}return {{1}}",
    ),
    "Node, thrown error": Error(NODE_KEYS, "StubbornError", "no", StubbornError("no"), runtime=NODE),
    "Node, non-Error thrown": Error(NODE_KEYS, "string", "no", RuntimeFault("string", "no"), runtime=NODE),
    "Node, import": Error(
        NODE_KEYS, "Runtime.ImportModuleError", "Error: Cannot find module", runtime=NODE,
        init=fault("Runtime.ImportModuleError", "Error: Cannot find module 'nowhere'"),
    ),
    "Node, handler missing": Error(
        NODE_KEYS, "Runtime.HandlerNotFound", "index.handler is undefined", runtime=NODE,
        init=fault("Runtime.HandlerNotFound", "index.handler is undefined or not exported"),
    ),
    "Node, bad handler string": Error(
        NODE_KEYS, "Runtime.MalformedHandlerName", "Bad handler", runtime=NODE,
        init=fault("Runtime.MalformedHandlerName", "Bad handler"),
    ),
    "Node, unhandled rejection": Error(
        NODE_KEYS, "Runtime.UnhandledPromiseRejection", "Error: no", runtime=NODE,
        does=fault("Runtime.UnhandledPromiseRejection", "Error: no"),
    ),
    "Java": Error(STACK_KEYS, "StubbornError", "no", StubbornError("no"), runtime="java21"),
    "Ruby": Error(STACK_KEYS, "Function<StubbornError>", "no", StubbornError("no"), runtime="ruby3.3"),
    "Rust on provided": Error(PLATFORM_KEYS, "StubbornError", "no", StubbornError("no"), runtime=OS_ONLY),
    ".NET": Error(STACK_KEYS, "StubbornError", "no", StubbornError("no"), runtime="dotnet8"),
    "process exit code 0": Error(
        PLATFORM_KEYS, "Runtime.ExitError", f"{BY_PLATFORM}Runtime exited without providing a reason", SystemExit(0)
    ),
    "process exit code 1": Error(
        PLATFORM_KEYS, "Runtime.ExitError", f"{BY_PLATFORM}Runtime exited with error: exit status 1", SystemExit(1)
    ),
    "signal: out of memory": Error(
        PLATFORM_KEYS, "Runtime.ExitError", f"{BY_PLATFORM}Runtime exited with error: signal: killed", OutOfMemory
    ),
    "signal: segmentation fault": Error(
        PLATFORM_KEYS, "Runtime.ExitError", f"{BY_PLATFORM}Runtime exited with error: signal: segmentation fault",
        SegmentationFault, runtime=NODE,
    ),
    "trap 2: a segmentation fault in a Python function": Error(
        PLATFORM_KEYS, "Sandbox.Timedout", f"{BY_PLATFORM}Task timed out after 3.00 seconds", SegmentationFault
    ),
    "timeout": Error(
        PLATFORM_KEYS, "Sandbox.Timedout", f"{BY_PLATFORM}Task timed out after 3.00 seconds",
        SegmentationFault(noticed=False), runtime=NODE,
    ),
    "response > 6 MB": Error(
        "errorMessage errorType", "Function.ResponseSizeTooLarge",
        "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        code=f"{HANDLER}return 'x' * 6291555",
    ),
    "bootstrap missing": Error(
        PLATFORM_KEYS, "Runtime.InvalidEntrypoint",
        f"{BY_PLATFORM}Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
        init=MissingBootstrap, runtime=OS_ONLY,
    ),
    "others: the working directory of an image": Error(
        PLATFORM_KEYS, "Runtime.InvalidWorkingDir", f"{BY_PLATFORM}chdir /nowhere", runtime=None,
        init=ProcessCrash("Runtime.InvalidWorkingDir", "chdir /nowhere"),
    ),
    "others: the sandbox": Error(
        PLATFORM_KEYS, "Sandbox.Failure", f"{BY_PLATFORM}no", does=ProcessCrash("Sandbox.Failure", "no")
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ERRORS.values(), ids=ERRORS.keys())
def test_an_error_has_the_payload_of_its_cause(stage: Stage, row: Error) -> None:
    if row.code is None:
        stage.handlers.add("orders", side_effect=row.does, init=row.init)
    outcome = stage.invoke(spec(row.code, runtime=row.runtime, **row.spec))
    payload = json.loads(outcome.payload)
    assert (outcome.function_error, " ".join(payload), payload["errorType"]) == ("Unhandled", row.keys, row.error_type)
    assert payload["errorMessage"].startswith(row.message)


def raising(error: Any) -> Any:
    """Return a function that raises *error*, whatever it is called with."""

    def call(*_: Any) -> None:
        raise error

    return call


FAILING = {
    "/init/error": ("Extension.InitError", {"init": raising(ValueError)}),
    "/exit/error": ("Extension.ExitError", {"call": raising(ValueError)}),
    "died": ("Extension.Crash", {"call": raising(SystemExit)}),
    "cannot be launched": (
        "Extension.LaunchError", {"init": raising(ProcessCrash("Extension.LaunchError", "permission denied"))},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("error_type", "does"), FAILING.values(), ids=FAILING.keys())
def test_a_failure_of_an_extension_is_the_error_of_the_function(
    stage: Stage, error_type: str, does: dict[str, Any]
) -> None:
    stage.handlers.add("orders", returns=1)
    extension: Extension = stage.extensions.add("agent", init=does.get("init", 0))
    extension(does.get("call", str))
    payload = stage.result(spec())
    assert (" ".join(payload), payload["errorType"]) == (PLATFORM_KEYS, error_type)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("Runtime.Mine", "Runtime.Mine"),
        ("Function.Mine", "Function.Mine"),
        ("Function.mine", "Function.Unknown"),
        ("Runtime.mine", "Runtime.Unknown"),
        ("Mine", "Runtime.Unknown"),
    ],
)
def test_the_error_type_of_a_custom_runtime_is_kept_where_it_has_the_shape(stage: Stage, given: str, told: str) -> None:
    extension = stage.extensions.add("agent", telemetry=["platform"])
    stage.handlers.add("orders", side_effect=RuntimeFault(given, "no"))
    assert stage.result(spec(runtime=OS_ONLY)) == {"errorType": given, "errorMessage": "no"}
    assert extension.telemetry_received[-1]["record"]["errorType"] == told


# -- execution-environment.md, sections 1 and 2

INIT = ["Extension init", "Runtime init", "Function init"]
RESET = ["Resetting", "Reset"]


@dataclass(frozen=True)
class Failing:
    """What goes wrong, and what comes of it: the environment's states, what extensions hear, and the end of the log."""

    does: dict[str, Any]
    states: list[str]
    heard: list[str | None]
    status: str
    extension: dict[str, Any] = field(default_factory=dict)


FAILURES = {
    "timeout in Invoke": Failing(
        {"returns": 1, "duration": 9}, [*INIT, "Idle", "Invoke", *RESET], ["timeout"], "Status: timeout"
    ),
    "runtime exit in Invoke": Failing(
        {"side_effect": SystemExit(1)}, [*INIT, "Idle", "Invoke", *RESET], ["failure"],
        "Status: error\tError Type: Runtime.ExitError",
    ),
    "handler exception": Failing({"side_effect": ValueError}, [*INIT, "Idle", "Invoke", "Idle"], [], ""),
    "crash in Init, and again": Failing(
        {"returns": 1, "init": SystemExit(1)}, [*INIT, *RESET] * 2, ["failure"] * 2,
        "Status: error\tError Type: Runtime.ExitError",
    ),
    "timeout in Init, and again": Failing(
        {"returns": 1, "init": 11}, [*INIT, *RESET] * 2, ["timeout"] * 2, "Status: timeout"
    ),
    "extension crash in Init": Failing(
        {"returns": 1}, ["Extension init", *RESET] * 2, ["failure"] * 2, "Status: error\tError Type: Extension.Crash",
        {"init": raising(OutOfMemory)},
    ),
    "extension crash in Invoke": Failing(
        {"returns": 1}, [*INIT, "Idle", "Invoke", *RESET], ["failure"],
        "Status: error\tError Type: Extension.Crash", {"call": raising(OutOfMemory)},
    ),
    "out of memory": Failing(
        {"side_effect": OutOfMemory}, [*INIT, "Idle", "Invoke", *RESET], ["failure"],
        "Status: error\tError Type: Runtime.ExitError",
    ),
}  # fmt: skip


COUNTING = (
    "import os, time\ncount = 0\ndef handler(event, context):\n    global count; count += 1\n    {}\n    return count\n"
)

ON_MANAGED_INSTANCES = {  # what happens, the states, what comes of it, and what the next invocation there counts
    "a worker crash: the rest continues": ("if event: os._exit(1)", ["Idle"], "Runtime.ExitError", 1),
    "a time-out: only that invocation fails": ("if event: time.sleep(9)", ["Idle"], "Sandbox.Timedout", 3),
    "a crash of an extension: replaced": (None, ["Shutdown", "Gone"], "Extension.Crash", 1),
}


@pytest.mark.parametrize("row", ON_MANAGED_INSTANCES.values(), ids=ON_MANAGED_INSTANCES.keys())
def test_a_failure_on_managed_instances_leaves_what_runs_beside_it(
    stage: Stage, row: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    does, states, error, count = row
    monkeypatch.setattr(time, "sleep", stage.sleep)
    code = spec(COUNTING.format(does or "pass"), initialization_type="lambda-managed-instances")
    crashing = stage.extensions.add("agent", events=["INVOKE"])
    calls: list[Any] = []

    @crashing
    def agent(event: Any) -> None:
        calls.append(event)
        if does is None and len(calls) == 2:
            raise OutOfMemory

    assert stage.result(code) == 1
    failed = stage.invoke(code, True)
    assert json.loads(failed.payload)["errorType"] == error
    assert stage.phases(code)[-len(states) :] == states
    again = stage.invoke(code)
    assert (again.function_error, json.loads(again.payload), again.cold) == (None, count, False)


@pytest.mark.parametrize("row", FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_has_its_effect_on_the_environment(stage: Stage, row: Failing) -> None:
    stage.handlers.add("orders", **row.does)
    listener = stage.extensions.add("listener", events=["SHUTDOWN"])
    if row.extension:
        extension = stage.extensions.add("agent", events=["INVOKE"], init=row.extension.get("init", 0))
        extension(row.extension.get("call", str))
    outcome = stage.invoke(spec())
    assert stage.phases(spec()) == row.states
    assert [event["shutdownReason"] for event in listener.received] == row.heard
    assert outcome.log.endswith(f"\t{row.status}\n")
    assert outcome.log.count("INIT_START") == 1  # a suppressed init has no line of its own


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        pytest.param({"restore": 10.001}, "SnapStartTimeoutException", id="restore too long"),
        pytest.param({"restore": 10}, None, id="restore in time"),
    ],
)
def test_restore_has_its_limit(stage: Stage, problem: dict[str, Any], error: str | None) -> None:
    function = spec(initialization_type="snap-start", version="1")
    stage.handlers.add("orders", returns=1, **problem)
    assert stage.pool.initialise(function) is None
    if error is None:
        assert stage.result(function) == 1
        return
    with pytest.raises(ServiceError) as caught:
        stage.invoke(function)
    assert caught.value.code == error


@pytest.mark.parametrize("kind", ["provisioned-concurrency", "snap-start"])
@pytest.mark.parametrize("init", [OutOfMemory, MissingBootstrap, RuntimeFault("Runtime.ImportModuleError", "no")])
def test_what_is_made_ahead_fails_with_its_init(stage: Stage, kind: str, init: Any) -> None:
    stage.handlers.add("orders", returns=1, init=init)
    ending = stage.pool.initialise(spec(initialization_type=kind, version="1"))
    assert ending is not None
    assert (ending.failed, stage.pool.environments) == (True, ())
