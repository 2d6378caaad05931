"""Telemetry on its way to executables of a layer: over HTTP and as a stream, again where nobody takes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.processes.conftest import World
from tests.processes.extension_programs import python_extension
from tests.processes.test_extensions import ECHO, create, told

pytestmark = [pytest.mark.processes, pytest.mark.needs_program("python")]
contained = pytest.mark.needs_program("bubblewrap")
both = pytest.mark.parametrize("kind", [pytest.param("bubblewrap", marks=contained), "none"])

STREAM = """
    import socket
    lines = []
    def read():
        while True:
            connection, _ = server.accept()
            lines.append("connected")
            for line in connection.makefile():
                lines.append(json.loads(line))
    identifier, _ = register("INVOKE", "SHUTDOWN")
    server = socket.create_server((os.environ.get("LISTEN", "127.0.0.1"), 4243))
    threading.Thread(target=read, daemon=True).start()
    answer = subscribe(0, ["platform", "function"], destination={"protocol": "TCP", "port": 4243})
    print("subscribed", answer[0], flush=True)
    while following(identifier)["eventType"] != "SHUTDOWN": pass
    while not lines or lines[-1]["type"] != "platform.report": threading.Event().wait(0.01)
    print("event", json.dumps(lines), flush=True)
"""


@both
def test_a_stream_gets_a_line_for_each_event_over_one_connection(opened: Callable[..., Any], kind: str) -> None:
    with opened(sandbox=kind) as world:
        create(world, {"agent": python_extension(STREAM)}, "def handler(event, context):\n    print('two\\nlines')\n")
        world.invoke(1)
        world.invoke(2)
        world.m.clock.advance(3600)
        assert "subscribed 200" in world.log()
        ((connected, *events),) = told(world)
    assert connected == "connected"
    kinds = [event["type"] for event in events]
    assert kinds[0] == "platform.initStart"
    assert (kinds.count("platform.start"), kinds.count("function"), kinds.count("connected")) == (2, 4, 0)
    assert [event["record"] for event in events if event["type"] == "function"] == ["two\n", "lines\n"] * 2


def test_a_stream_that_nobody_listens_to_is_refused(world: World) -> None:
    code = """
        identifier, _ = register("INVOKE")
        answer = subscribe(0, ["platform"], destination={"protocol": "TCP", "port": 4243})
        print("event", json.dumps([answer[0], json.loads(answer[2])]), flush=True)
        while True: following(identifier)
    """
    create(world, {"agent": python_extension(code)})
    world.invoke(1)
    ((status, error),) = told(world)
    assert (status, error["errorType"]) == (400, "ValidationError")
    assert error["errorMessage"] == "Invalid destination: dial tcp 127.0.0.1:4243: connect: connection refused"


FAILS = """
    class Failing(Listener):
        failures = {failures}
        def do_POST(self):
            if Failing.failures:
                Failing.failures -= 1
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response({status}); self.send_header("Content-Length", "0"); self.end_headers()
            else:
                super().do_POST()
    identifier, _ = register("INVOKE", "SHUTDOWN")
    server = http.server.HTTPServer(("127.0.0.1", 4243), Failing)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    subscribe(4243, {types})
    while following(identifier)["eventType"] != "SHUTDOWN": pass
    print("event", json.dumps([[event["type"] for event in batch] for _, _, batch in Listener.got]), flush=True)
"""


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_batch_that_a_subscriber_refuses_is_sent_again(world: World, status: int) -> None:
    create(world, {"agent": python_extension(FAILS.format(failures=3, status=status, types=["platform"]))})
    world.invoke(1)
    world.m.clock.advance(3600)
    (batches,) = told(world)
    assert batches[0][0] == "platform.initStart"
    kinds = [kind for batch in batches for kind in batch]
    assert [kinds.count(one) for one in ("platform.initStart", "platform.start", "platform.report")] == [1, 1, 1]


def test_what_is_refused_each_time_comes_with_the_next_event(world: World) -> None:
    create(world, {"agent": python_extension(FAILS.format(failures=4, status=500, types=["platform"]))})
    world.invoke(1)
    world.m.clock.advance(3600)
    (batches,) = told(world)
    assert "platform.runtimeDone" in batches[0]
    assert batches[0][0] == "platform.initStart"


def test_what_a_subscriber_never_takes_is_dropped_and_it_hears_how_much(world: World) -> None:
    code = "def handler(event, context):\n    for _ in range(event): print('x' * 1000)\n"
    agent = python_extension(FAILS.format(failures=5, status=500, types=["function"]))
    create(world, {"agent": agent}, code, Timeout=30)
    world.invoke(600)  # more than twice 262,144 bytes, in three batches, of which the first is refused four times
    world.invoke(1)
    world.m.clock.advance(3600)
    (batches,) = told(world)
    assert batches == [["platform.logsDropped", "function"]]


def test_batches_are_divided_by_the_time_of_the_mock(world: World) -> None:
    code = """
        identifier, _ = register("INVOKE", "SHUTDOWN")
        listen(4243)
        subscribe(4243, ["function"])
        while following(identifier)["eventType"] != "SHUTDOWN": pass
        print("event", json.dumps([[event["record"] for event in batch] for _, _, batch in Listener.got]), flush=True)
    """
    work = "import time\ndef handler(event, context):\n    for number in range(4):\n"
    work += "        print(number)\n        time.sleep(0.6)\n"
    create(world, {"agent": python_extension(code)}, work)
    world.invoke(1)
    world.m.clock.advance(3600)
    assert told(world) == [[["0\n", "1\n"], ["2\n", "3\n"]]]


COLLECTS = """
    identifier, _ = register("INVOKE", "SHUTDOWN")
    listen(4243)
    subscribe(4243, ["platform", "function", "extension"], "{path}", schema="{schema}")
    print("from the extension", flush=True)
    while True:
        event = following(identifier)
        if event["eventType"] == "SHUTDOWN": break
    print("event", json.dumps([event for _, _, batch in Listener.got for event in batch]), flush=True)
"""
CRASHES = "import os\ndef handler(event, context):\n    print('one')\n    if event: os._exit(3)\n"


def heard(world: World, path: str, schema: str) -> list[Any]:
    """Return what a subscriber has heard of an event that went well, and of a crash after it."""
    create(world, {"agent": python_extension(COLLECTS.format(path=path, schema=schema))}, CRASHES)
    world.invoke(0)
    world.invoke(1)
    (found,) = told(world)
    assert isinstance(found, list)
    return found


STARTED = ["initializationType", "phase", "runtimeVersion", "runtimeVersionArn", "functionName", "functionVersion"]
TELEMETRY_RECORDS = {
    "platform.initStart": [*STARTED, "instanceId", "instanceMaxMemory"],
    "platform.initRuntimeDone": ["initializationType", "phase", "status"],
    "platform.initReport": ["initializationType", "phase", "status", "metrics"],
    "platform.extension": ["name", "state", "events"],
    "platform.telemetrySubscription": ["name", "state", "types"],
    "platform.start": ["requestId", "version"],
    "platform.runtimeDone": ["requestId", "status", "metrics"],
    "platform.report": ["requestId", "metrics", "status"],
}


def test_each_event_of_the_telemetry_api_has_its_members(world: World) -> None:
    events = heard(world, "/2022-07-01/telemetry", "2022-07-01")
    first: dict[str, Any] = {}
    for event in events:
        assert list(event) == ["time", "type", "record"]
        assert len(event["time"]) == len("2026-01-01T00:00:00.000Z")
        first.setdefault(event["type"], event["record"])
    assert {kind: list(record) for kind, record in first.items() if isinstance(record, dict)} == TELEMETRY_RECORDS
    assert (first["function"], first["extension"]) == ("one\n", "from the extension\n")
    (environment,) = world.m.function("orders").environments
    assert first["platform.initStart"]["instanceMaxMemory"] == 512 * 1024 * 1024
    assert first["platform.initStart"]["instanceId"] == environment.log_stream
    crash = [event["record"] for event in events if event["type"] == "platform.runtimeDone"][1]
    assert (crash["status"], crash["errorType"]) == ("error", "Runtime.ExitError")
    kinds = [event["type"] for event in events]
    order = ["initStart", "initRuntimeDone", "extension", "initReport", "start", "runtimeDone", "report"]
    places = [kinds.index(f"platform.{kind}") for kind in order]
    assert places == sorted(places)


def test_the_logs_api_tells_of_a_crash_in_the_words_of_the_log(world: World) -> None:
    events = heard(world, "/2020-08-15/logs", "2021-03-18")
    kinds = {event["type"] for event in events}
    assert kinds == {
        *("platform.extension", "platform.logsSubscription", "platform.start", "platform.runtimeDone"),
        *("platform.end", "platform.report", "platform.fault", "function", "extension"),
    }
    (fault,) = [event["record"] for event in events if event["type"] == "platform.fault"]
    request_id = world.m.invocations("orders")[1].request_id
    text = "Runtime exited with error: exit status 3"
    assert fault == f"RequestId: {request_id} Error: {text}\nRuntime.ExitError\n"
    subscribed = next(event["record"] for event in events if event["type"] == "platform.logsSubscription")
    assert subscribed == {"name": "agent", "state": "Subscribed", "types": ["platform", "function", "extension"]}


def test_a_runtime_that_an_extension_has_kept_back_is_not_said_to_be_done(world: World) -> None:
    create(world, {"agent": python_extension("sys.exit(1)")}, ECHO, LoggingConfig={"LogFormat": "JSON"})
    world.invoke(1)
    kinds = [json.loads(line)["type"] for line in world.log().splitlines() if line.startswith('{"time"')]
    assert "platform.initRuntimeDone" not in kinds
    assert kinds.index("platform.extension") < kinds.index("platform.initReport") < kinds.index("platform.start")
