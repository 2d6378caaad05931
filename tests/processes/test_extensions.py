"""External extensions that are executables of a layer, beside functions in processes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.processes.conftest import World
from tests.processes.extension_programs import BASH_EXTENSION, python_extension
from tests.processes.functions import zipped

pytestmark = [pytest.mark.processes, pytest.mark.needs_program("python")]
contained = pytest.mark.needs_program("bubblewrap")
both = pytest.mark.parametrize("kind", [pytest.param("bubblewrap", marks=contained), "none"])
ECHO = "def handler(event, context):\n    return event\n"

WAITS = """
identifier, about = register("INVOKE", "SHUTDOWN")
while True:
    event = following(identifier)
    print("event", json.dumps(event), flush=True)
    if event["eventType"] == "SHUTDOWN":
        sys.exit(0)
"""


def create(
    world: World,
    extensions: Mapping[str, str],
    code: str | Mapping[str, str] = ECHO,
    *,
    mode: int = 0o755,
    **params: Any,
) -> None:
    files = {f"extensions/{name}": text for name, text in extensions.items()}
    layer = world.client.publish_layer_version(LayerName="extensions", Content={"ZipFile": zipped(files, mode)})
    world.create(code, Layers=[layer["LayerVersionArn"]], MemorySize=512, **params)


def told(world: World) -> list[Any]:
    """Return the events that extensions have printed."""
    (environment,) = world.m.function("orders").environments
    return [json.loads(line) for line in re.findall(r"^event (.*)$", environment.log, re.MULTILINE)]


@both
def test_an_extension_of_bash_hears_of_events_and_of_the_end(opened: Callable[..., Any], kind: str) -> None:
    with opened(sandbox=kind) as world:
        create(world, {"agent": BASH_EXTENSION})
        assert world.invoke(1) == (1, None)
        assert world.invoke(2) == (2, None)
        world.m.clock.advance(3600)
        (environment,) = world.m.function("orders").environments
        assert environment.log.count('heard "eventType":"INVOKE"') == 2
        assert 'shutdownReason":"spindown' in environment.log
        assert "EXTENSION\tName: agent\tState: Ready\tEvents: [INVOKE, SHUTDOWN]" in environment.log
        assert [one.exit_status for one in environment.processes] == [0, -15]


@both
def test_an_extension_of_python_gets_what_lambda_tells_it(opened: Callable[..., Any], kind: str) -> None:
    code = """
        identifier, about = register("INVOKE", "SHUTDOWN", Lambda_Extension_Accept_Feature="accountId, other")
        print("about", json.dumps(about), "_HANDLER" in os.environ, "TABLE" in os.environ, flush=True)
    """
    with opened(sandbox=kind) as world:
        loop = WAITS.partition("\n")[2].partition("\n")[2]
        agent = python_extension(code) + loop
        create(world, {"agent": agent}, Environment={"Variables": {"TABLE": "orders"}})
        world.invoke("hello")
        (run,) = world.m.invocations("orders")
        (event,) = told(world)
        deadline = event.pop("deadlineMs")
        assert isinstance(deadline, int)
        arn = "arn:aws:lambda:us-east-1:123456789012:function:orders"
        tracing = event.pop("tracing")
        assert tracing["type"] == "X-Amzn-Trace-Id"
        assert event == {"eventType": "INVOKE", "requestId": run.request_id, "invokedFunctionArn": arn}
        about = {"accountId": "123456789012", "functionName": "orders", "functionVersion": "$LATEST"}
        assert f"about {json.dumps({**about, 'handler': 'app.handler'})} False True" in run.log


@pytest.mark.parametrize(
    ("code", "error_type", "reason", "shown"),
    [
        ("sys.exit(1)", "Extension.Crash", "exit status 1", "State: Started"),
        ("sys.exit(0)", "Extension.Crash", "exit code 0", "State: Started"),
        ("os.kill(os.getpid(), 9)", "Extension.Crash", "signal: killed", "State: Started"),
        (
            "identifier, _ = register('INVOKE'); fail('init', 'Agent.NoKey'); sys.exit(2)",
            "Extension.InitError",
            "exit status 2",
            "State: InitError\tEvents: [INVOKE]\tError Type: Agent.NoKey",
        ),
        (
            "identifier, _ = register('INVOKE'); fail('exit', 'Agent.Gone'); sys.exit(3)",
            "Extension.ExitError",
            "exit status 3",
            "State: ExitError\tEvents: [INVOKE]\tError Type: Agent.Gone",
        ),
    ],
)
def test_an_extension_that_ends_in_init_fails_the_event(
    world: World, code: str, error_type: str, reason: str, shown: str
) -> None:
    create(world, {"agent": python_extension(code)})
    payload, failed = world.invoke()
    assert (payload["errorType"], failed) == (error_type, "Unhandled")
    assert payload["errorMessage"].endswith(f"Error: {reason}")
    assert f"EXTENSION\tName: agent\t{shown}" in world.log()
    assert f"Phase: init\tStatus: error\tError Type: {error_type}" in world.log()


@pytest.mark.parametrize(
    ("files", "what", "shown"),
    [
        ({"agent": "no interpreter"}, "exec format error", "UnknownError"),
        ({"agent": "#!/bin/sh\r\n"}, "no such file or directory", "UnknownError"),
        ({f"agent{n:02}": BASH_EXTENSION for n in range(11)}, "ErrTooManyExtensions", "TooManyExtensions"),
    ],
    ids=["format", "interpreter", "eleven"],
)
def test_an_extension_that_cannot_be_launched_fails_the_event(
    world: World, files: dict[str, str], what: str, shown: str
) -> None:
    create(world, files, Timeout=60)
    payload, _ = world.invoke()
    assert payload["errorType"] == "Extension.LaunchError"
    assert payload["errorMessage"].endswith(what)
    assert f"State: LaunchError\tEvents: []\tError Type: {shown}" in world.log()


def test_an_extension_that_may_not_be_executed_is_a_launch_error(world: World) -> None:
    create(world, {"agent": BASH_EXTENSION}, mode=0o644)
    payload, _ = world.invoke()
    assert payload["errorType"] == "Extension.LaunchError"
    assert payload["errorMessage"].endswith("Error: fork/exec /opt/extensions/agent: permission denied")
    assert "EXTENSION\tName: agent\tState: LaunchError\tEvents: []\tError Type: PermissionDenied" in world.log()


def test_files_in_folders_below_are_no_extensions_and_the_others_start_in_the_order_of_their_names(
    world: World,
) -> None:
    create(world, {name: python_extension(WAITS) for name in ("second", "first", "below/third")})
    assert world.invoke(1) == (1, None)
    names = re.findall(r"^EXTENSION\tName: (\w+)", world.log(), re.MULTILINE)
    assert names == ["first", "second"]
    started = [one.arguments[0] for one in world.m.function("orders").environments[0].processes]
    assert [one.rpartition("/")[2] for one in started[:2]] == ["first", "second"]


def test_init_waits_for_an_extension_without_events_and_an_event_does_not(world: World) -> None:
    code = """
        identifier, _ = register()
        threading.Event().wait(0.5)
        print("asks", flush=True)
        following(identifier)
    """
    create(world, {"agent": python_extension(code)}, "def handler(event, context):\n    print('works')\n")
    world.invoke()
    world.invoke()
    (environment,) = world.m.function("orders").environments
    lines = environment.log.splitlines()
    assert lines.index("asks") < lines.index("EXTENSION\tName: agent\tState: Ready\tEvents: []")
    assert lines.count("works") == 2
    assert "Status: timeout" not in environment.log


def test_an_extension_gets_events_whose_members_are_in_the_order_of_lambda(world: World) -> None:
    code = """
        identifier, _ = register("INVOKE", "SHUTDOWN")
        for _ in range(2):
            status, headers, body = call("/2020-01-01/extension/event/next", Lambda_Extension_Identifier=identifier)
            told = [list(json.loads(body)), headers["Content-Type"], headers["Lambda-Extension-Event-Identifier"]]
            print("event", json.dumps(told), flush=True)
    """
    create(world, {"agent": python_extension(code)})
    world.invoke(1)
    world.m.clock.advance(3600)
    (invoke, kind, identifier), (shutdown, _, none) = told(world)
    assert invoke == ["eventType", "deadlineMs", "requestId", "invokedFunctionArn", "tracing"]
    assert shutdown == ["eventType", "deadlineMs", "shutdownReason"]
    assert (kind, none) == ("application/json", None)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identifier)


def test_an_error_that_is_told_is_no_end_before_the_exit(world: World) -> None:
    code = """
        identifier, _ = register("INVOKE")
        following(identifier)
        print("told", fail("exit", "Agent.Gone"), fail("exit", "Agent.Gone"), flush=True)
        again = call("/2020-01-01/extension/event/next", Lambda_Extension_Identifier=identifier)[0]
        print("refused", again, flush=True)
        threading.Event().wait(0.3)
        print("still there", flush=True)
        sys.exit(5)
    """
    work = "def handler(event, context):\n    while event: pass\n"
    create(world, {"agent": python_extension(code)}, work)
    payload, _ = world.invoke(1)
    assert payload["errorType"] == "Extension.ExitError"
    assert payload["errorMessage"].endswith("Error: exit status 5")
    lines = world.log().splitlines()
    assert [lines.count(one) for one in ("told 202 202", "refused 403", "still there")] == [1, 1, 1]


def test_the_first_failure_of_an_environment_names_it(world: World) -> None:
    first = "identifier, _ = register('INVOKE'); fail('init', 'Agent.First'); sys.exit(1)"
    second = "identifier, _ = register('INVOKE'); threading.Event().wait(0.5); sys.exit(2)"
    create(world, {"a": python_extension(first), "b": python_extension(second)})
    payload, _ = world.invoke()
    assert payload["errorType"] == "Extension.InitError"
    assert payload["errorMessage"].endswith("exit status 1")


def test_an_extension_that_ends_while_the_function_works_fails_the_event_and_both_start_anew(world: World) -> None:
    code = """
        identifier, _ = register("INVOKE")
        following(identifier)
        sys.exit(4)
    """
    work = "import time\ndef handler(event, context):\n    while event: pass\n    return 'well'\n"
    create(world, {"agent": python_extension(code)}, work)
    payload, _ = world.invoke(1)
    assert payload["errorType"] == "Extension.Crash"
    assert payload["errorMessage"].endswith("exit status 4")
    (environment,) = world.m.function("orders").environments
    assert len(environment.processes) == 2
    world.invoke(0)
    assert len(environment.processes) == 4


def test_an_answer_that_was_sent_stays_whatever_an_extension_does_after_it(world: World) -> None:
    code = """
        identifier, _ = register("INVOKE")
        following(identifier)
        threading.Event().wait(1)
        sys.exit(4)
    """
    create(world, {"agent": python_extension(code)})
    assert world.invoke(1) == (1, None)
    (environment,) = world.m.function("orders").environments
    assert "Status: error\tError Type: Extension.Crash" in environment.log
    assert environment.state == "Reset"


def test_an_extension_that_does_not_come_back_is_cut_off_and_the_answer_stays(world: World) -> None:
    code = """
        identifier, _ = register("INVOKE", "SHUTDOWN")
        following(identifier)
        threading.Event().wait(100)
    """
    create(world, {"agent": python_extension(code)}, Timeout=1)
    assert world.invoke(1) == (1, None)
    assert "did not answer within 1 s of real time (Timeout)" in world.log()
    assert "Status: timeout" in world.log()
    world.m.clock.advance(5)
    assert world.m.function("orders").environments[0].state == "Reset"


def test_a_reset_tells_extensions_why_and_all_start_again(world: World) -> None:
    create(world, {"agent": python_extension(WAITS)}, "import os\ndef handler(event, context):\n    os._exit(event)\n")
    world.invoke(1)
    world.invoke(2)
    assert [event["shutdownReason"] for event in told(world) if event["eventType"] == "SHUTDOWN"] == ["failure"] * 2


def test_who_does_not_want_to_know_of_the_end_is_killed_and_who_goes_on_too_long_is_so_too(world: World) -> None:
    quiet = 'identifier, _ = register("INVOKE")\nwhile True: following(identifier)\n'
    slow = 'identifier, _ = register("SHUTDOWN")\nfollowing(identifier)\nthreading.Event().wait(100)\n'
    create(world, {"quiet": python_extension(quiet), "slow": python_extension(slow)})
    world.invoke(1)
    world.m.clock.advance(3600)
    (environment,) = world.m.function("orders").environments
    assert environment.state == "Gone"
    assert [one.exit_status for one in environment.processes][:2] == [-9, -9]


def test_the_runtime_gets_sigterm_before_extensions_hear_of_the_end(world: World) -> None:
    code = (
        "import os, signal\ndef end(*_):\n    print('saving')\n    os._exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\ndef handler(event, context):\n    return event\n"
    )
    create(world, {"agent": python_extension(WAITS)}, code, Runtime="python3.12")
    world.invoke(1)
    world.m.clock.advance(3600)
    log = world.m.function("orders").environments[0].log
    assert log.index("saving") < log.index('"eventType": "SHUTDOWN"')


def test_an_extension_of_the_test_stands_for_an_executable_of_its_name(world: World) -> None:
    agent = world.m.extension("agent", function="orders")
    create(world, {"agent": BASH_EXTENSION, "other": python_extension(WAITS)})
    world.invoke(1)
    assert [event["eventType"] for event in agent.received] == ["INVOKE"]
    assert [event["eventType"] for event in told(world)] == ["INVOKE"]
    assert len(world.m.function("orders").environments[0].processes) == 2


def test_a_part_of_the_function_registers_as_an_internal_extension(world: World) -> None:
    code = """
import json, os, threading, urllib.request
API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2020-01-01/extension/"
seen = []
def call(path, body=None, **headers):
    request = urllib.request.Request(API + path, body, {k.replace("_", "-"): v for k, v in headers.items()})
    return urllib.request.urlopen(request)
def work():
    while True:
        seen.append(json.load(call("event/next", Lambda_Extension_Identifier=identifier))["eventType"])
answer = call("register", b'{"events": ["INVOKE"]}', Lambda_Extension_Name="inner")
identifier = answer.headers["Lambda-Extension-Identifier"]
threading.Thread(target=work, daemon=True).start()
def handler(event, context):
    return len(seen)
"""
    world.create(code)
    world.invoke()
    assert world.invoke()[0] in {1, 2}
    assert "EXTENSION\tName: inner\tState: Ready\tEvents: [INVOKE]" in world.log()


# -- telemetry

LISTENS = """
identifier, _ = register("INVOKE", "SHUTDOWN")
listen(4243)
print("subscribed", subscribe(4243, ["platform", "function", "extension"])[0], flush=True)
while True:
    event = following(identifier)
    if event["eventType"] == "SHUTDOWN":
        print("event", json.dumps(Listener.got), flush=True)
        sys.exit(0)
"""


@both
def test_a_subscriber_gets_telemetry_over_http(opened: Callable[..., Any], kind: str) -> None:
    with opened(sandbox=kind) as world:
        create(world, {"agent": python_extension(LISTENS)}, "def handler(event, context):\n    print('one')\n")
        world.invoke(1)
        world.invoke(2)
        world.m.clock.advance(3600)
        (got,) = told(world)
    assert {path for path, _, _ in got} == {"/here"}
    assert all(headers["Content-Type"] == "application/json" for _, headers, _ in got)
    events = [event for _, _, batch in got for event in batch]
    kinds = [event["type"] for event in events]
    assert kinds[0] == "platform.initStart"
    assert kinds.count("platform.runtimeDone") == 2
    assert kinds.count("platform.report") == 2
    assert kinds.count("function") == 2
    assert kinds.index("platform.start") < kinds.index("function") < kinds.index("platform.runtimeDone")
    assert "platform.telemetrySubscription" in kinds
    assert [event["record"] for event in events if event["type"] == "function"] == ["one\n"] * 2


def test_telemetry_comes_before_the_extension_has_to_say_that_it_is_done(world: World) -> None:
    code = """
        identifier, _ = register("INVOKE", "SHUTDOWN")
        listen(4243)
        subscribe(4243, ["platform"])
        while True:
            event = following(identifier)
            if event["eventType"] == "SHUTDOWN": sys.exit(0)
            while not any(e["type"] == "platform.runtimeDone" for _, _, batch in Listener.got for e in batch):
                threading.Event().wait(0.01)
            Listener.got.clear()
    """
    create(world, {"agent": python_extension(code)})
    assert world.invoke(1) == (1, None)
    assert world.invoke(2) == (2, None)
    assert "Status: timeout" not in world.log()


def test_the_logs_api_has_its_own_events(world: World) -> None:
    code = LISTENS.replace(
        'subscribe(4243, ["platform", "function", "extension"])',
        'subscribe(4243, ["platform"], "/2020-08-15/logs", schema="2020-08-15")',
    )
    create(world, {"agent": python_extension(code)})
    world.invoke(1)
    world.m.clock.advance(3600)
    (got,) = told(world)
    kinds = [event["type"] for _, _, batch in got for event in batch]
    assert kinds == [
        *("platform.logsSubscription", "platform.extension"),
        *("platform.start", "platform.end", "platform.report"),
    ]


@pytest.mark.parametrize(
    ("call", "status", "error_type", "message"),
    [
        (
            'subscribe(1, [], destination={"protocol": "HTTP", "URI": "http://sandbox"})',
            400,
            "ValidationError",
            "URI port is not provided; types should not be empty",
        ),
        ('subscribe(1, ["platform"], schema="1999-01-01")', 400, "ValidationError", ""),
        ('subscribe(9001, ["platform"])', 400, "ValidationError", ""),
        ('subscribe(1, ["platform"], destination={"protocol": "TCP", "port": 0})', 400, "ValidationError", ""),
        ('subscribe(1, ["other"], "/2020-08-15/logs", schema="2020-08-15")', 400, "Logs.ValidationError", ""),
        (
            'call("/2022-07-01/telemetry", {}, "PUT")',
            403,
            "Extension.MissingExtensionIdentifier",
            "Missing Lambda-Extension-Identifier header",
        ),
    ],
)
def test_what_is_no_subscription_is_refused(
    world: World, call: str, status: int, error_type: str, message: str
) -> None:
    code = f'identifier, _ = register("INVOKE")\nanswer = {call}\n'
    code += 'print("event", json.dumps([answer[0], json.loads(answer[2])]), flush=True)\nfollowing(identifier)\n'
    create(world, {"agent": python_extension(code + "while True: following(identifier)\n")})
    world.invoke(1)
    (got,) = told(world)
    assert (got[0], got[1]["errorType"]) == (status, error_type)
    assert message in got[1]["errorMessage"]


def test_after_init_nobody_can_subscribe_or_register(world: World) -> None:
    code = """
        identifier, _ = register("INVOKE")
        following(identifier)
        late = subscribe(4243, ["platform"])
        other = register("INVOKE", name="other")
        print("event", json.dumps([late[0], json.loads(late[2]), other[1]]), flush=True)
        following(identifier)
    """
    create(world, {"agent": python_extension(code)})
    world.invoke(1)
    ((status, late, other),) = told(world)
    assert status == 403
    assert late == {
        "errorMessage": "Telemetry API subscription is closed",
        "errorType": "Telemetry.SubscriptionClosed",
    }
    assert other["errorType"] == "Extension.RegistrationClosed"
