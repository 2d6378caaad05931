"""The Telemetry API and the Logs API without sockets: who may subscribe to what, and in which batches it comes."""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock.execution.logs import InvocationLog, Record
from lambda_states_mock.execution.runtimes.processes.extension_processes import ExtensionProcesses
from lambda_states_mock.execution.runtimes.processes.extensions_api import ExtensionsApi
from lambda_states_mock.execution.runtimes.processes.mailbox import ProcessLetter
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest
from lambda_states_mock.execution.runtimes.processes.telemetry_api import (
    FELL_BEHIND,
    LOGS_PATH,
    TELEMETRY_PATH,
    Subscription,
    TelemetrySubscriber,
    batches_of,
    subscription_of,
)
from lambda_states_mock.execution.telemetry import Buffering

ID = "00000000-0000-4000-8000-000000000001"
NOW = "2026-01-01T00:00:00.000Z"
HTTP = {"protocol": "HTTP", "URI": "http://sandbox.localdomain:8080"}
TCP = {"protocol": "TCP", "port": 8080}
TELEMETRY = {"schemaVersion": "2022-07-01", "types": ["platform"], "destination": HTTP}
LOGS = {"types": ["platform"], "destination": HTTP}
USUAL = Buffering(10_000, 262_144, timedelta(seconds=1))


def parsed(path: str, given: object, **changes: Any) -> Subscription | ProcessReply:
    if changes:
        assert isinstance(given, dict)
        given = {name: value for name, value in {**given, **changes}.items() if value is not ...}
    body = given if isinstance(given, bytes) else json.dumps(given).encode()
    return subscription_of(ProcessRequest("PUT", path, {}, body))


def refused(path: str, given: object, **changes: Any) -> tuple[str, str]:
    found = parsed(path, given, **changes)
    assert isinstance(found, ProcessReply)
    assert found.status == 400
    error = json.loads(found.body)
    return error["errorType"], error["errorMessage"]


@pytest.mark.parametrize(
    ("path", "given", "changes", "found"),
    [
        (TELEMETRY_PATH, TELEMETRY, {}, Subscription(False, "2022-07-01", ("platform",), USUAL, 8080)),
        (TELEMETRY_PATH, TELEMETRY, {"schemaVersion": "2025-01-29"}, {"schema": "2025-01-29"}),
        (TELEMETRY_PATH, TELEMETRY, {"types": ["function", "extension"]}, {"types": ("function", "extension")}),
        (TELEMETRY_PATH, TELEMETRY, {"destination": TCP}, {"port": 8080, "tcp": True}),
        (
            TELEMETRY_PATH,
            TELEMETRY,
            {"destination": {**HTTP, "URI": "http://sandbox:1/a?b"}},
            {"port": 1, "path": "/a"},
        ),
        (TELEMETRY_PATH, TELEMETRY, {"destination": {**HTTP, "method": "PUT"}}, {"method": "POST"}),
        (TELEMETRY_PATH, TELEMETRY, {"more": [1]}, {"port": 8080}),
        (TELEMETRY_PATH, TELEMETRY, {"buffering": {"other": 1}}, {"buffering": USUAL}),
        (TELEMETRY_PATH, TELEMETRY, {"buffering": {"maxItems": 1000}}, {"buffering": USUAL._replace(items=1000)}),
        (
            TELEMETRY_PATH,
            TELEMETRY,
            {"buffering": {"maxItems": 10_000, "maxBytes": 1_048_576, "timeoutMs": 30_000}},
            {"buffering": Buffering(10_000, 1_048_576, timedelta(seconds=30))},
        ),
        (LOGS_PATH, LOGS, {}, Subscription(True, "2020-08-15", ("platform",), USUAL, 8080)),
        (LOGS_PATH, LOGS, {"schemaVersion": "2021-03-18"}, {"schema": "2021-03-18"}),
        (LOGS_PATH, LOGS, {"destination": {**HTTP, "method": "PUT"}}, {"method": "PUT"}),
        (LOGS_PATH, LOGS, {"destination": TCP}, {"tcp": True}),
    ],
)
def test_what_is_a_subscription(
    path: str, given: object, changes: Mapping[str, Any], found: Subscription | Mapping[str, Any]
) -> None:
    made = parsed(path, given, **changes)
    assert isinstance(made, Subscription)
    if isinstance(found, Subscription):
        assert made == found
    else:
        assert {name: getattr(made, name) for name in found} == found


HOST = "URI should begin with http://sandbox.localdomain"
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"types": ...}, "types should not be empty"),
    ({"types": []}, "types should not be empty"),
    ({"types": "platform"}, "types should be of platform, function, extension"),
    ({"types": ["platform", "other"]}, "types should be of platform, function, extension"),
    ({"types": [["platform"]]}, "types should be of platform, function, extension"),
    ({"schemaVersion": "1999-01-01"}, "schemaVersion '1999-01-01' is not supported"),
    ({"schemaVersion": 7}, "schemaVersion 7 is not supported"),
    ({"destination": ...}, "destination should have the protocol HTTP or TCP"),
    ({"destination": "http://sandbox:8080"}, "destination should have the protocol HTTP or TCP"),
    ({"destination": {**HTTP, "protocol": "HTTPS"}}, "destination should have the protocol HTTP or TCP"),
    ({"destination": {**HTTP, "URI": "http://sandbox"}}, "URI port is not provided"),
    ({"destination": {**HTTP, "URI": "https://sandbox:1"}}, HOST),
    ({"destination": {**HTTP, "URI": "http://example.com:1"}}, HOST),
    ({"destination": {**HTTP, "URI": "http://127.0.0.1:1"}}, HOST),
    ({"destination": {**HTTP, "URI": "http://sandbox:9001"}}, "port 9001 is reserved"),
    ({"destination": {**HTTP, "URI": "http://sandbox:99999"}}, "URI is not valid"),
    ({"destination": {**TCP, "port": 0}}, "port should be from 1 to 65535"),
    ({"destination": {**TCP, "port": 65_536}}, "port should be from 1 to 65535"),
    ({"destination": {**TCP, "port": "8080"}}, "port should be from 1 to 65535"),
    ({"destination": {**TCP, "port": True}}, "port should be from 1 to 65535"),
    ({"destination": {**TCP, "port": 9001}}, "port 9001 is reserved"),
    ({"buffering": []}, "buffering should be an object"),
    ({"buffering": {"maxItems": 999}}, "buffering has maxItems from 1000 to 10000, not 999"),
    ({"buffering": {"maxItems": 10_001}}, "buffering has maxItems from 1000 to 10000, not 10001"),
    ({"buffering": {"maxBytes": 262_143}}, "buffering has maxBytes from 262144 to 1048576, not 262143"),
    ({"buffering": {"timeoutMs": 24}}, "buffering has timeoutMs from 25 to 30000, not 24"),
    ({"buffering": {"timeoutMs": 25.0}}, "buffering has timeoutMs from 25 to 30000, not 25.0"),
    (
        {"buffering": {"maxItems": 1, "timeoutMs": "1"}, "types": []},
        "types should not be empty; buffering has maxItems from 1000 to 10000, not 1; "
        "buffering has timeoutMs from 25 to 30000, not '1'",
    ),
    ({"destination": {"protocol": "HTTP", "URI": "http://sandbox"}, "types": []}, "URI port is not provided; types "),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED, ids=str)
def test_what_is_no_subscription_is_refused_by_both_apis(changes: dict[str, Any], message: str) -> None:
    for path, given, error_type in (
        (TELEMETRY_PATH, TELEMETRY, "ValidationError"),
        (LOGS_PATH, LOGS, "Logs.ValidationError"),
    ):
        found = refused(path, given, **changes)
        assert found[0] == error_type
        assert found[1].startswith(message)


def test_one_api_wants_a_schema_and_the_other_a_method_that_it_knows() -> None:
    assert refused(TELEMETRY_PATH, LOGS)[1] == "schemaVersion is required"
    assert refused(LOGS_PATH, LOGS, destination={**HTTP, "method": "GET"})[1] == "method should be of PUT, POST"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"7", b"\xff", b"[" * 100_000, b"NaN"], ids=repr)
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    for path in (TELEMETRY_PATH, LOGS_PATH):
        assert "request body is not valid JSON" in refused(path, body)[1]


# -- subscribing


class Agents:
    """An environment in Init with the external extension *agent*, in which nothing runs."""

    def __init__(self) -> None:
        self.connected: list[socket.socket] = []
        self.log = InvocationLog("", lambda: None)  # type: ignore[arg-type, return-value]
        self.inside = ExtensionProcesses(
            ("agent",),
            lambda name: pytest.fail(name),
            lambda names: ExtensionsApi(list(names), 0, {}, "123456789012", lambda: ID),
            lambda: NOW,
            self._connect,
        )
        self.inside.begin()
        self.ask("/2020-01-01/extension/register", b"{}", "POST")

    def _connect(self, port: int) -> socket.socket:
        if port == 81:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        ours, theirs = socket.socketpair()
        self.connected += [ours, theirs]
        return ours

    def ask(self, path: str, body: bytes, method: str = "PUT", identifier: str = ID) -> tuple[int, Any]:
        headers = {"lambda-extension-name": "agent", "lambda-extension-identifier": identifier}
        letter = ProcessLetter(ProcessRequest(method, path, headers, body))
        assert self.inside.ask(letter, self.log)
        assert letter.reply is not None
        return letter.reply.status, json.loads(letter.reply.body or b"null")

    def subscribe(self, path: str = TELEMETRY_PATH, **changes: Any) -> tuple[int, Any]:
        given = {**(TELEMETRY if path == TELEMETRY_PATH else LOGS), **changes}
        return self.ask(path, json.dumps(given).encode())

    def heard(self) -> list[str]:
        return [event["type"] for one in self.inside.subscribers for batch in one.take() for event in batch]

    def tell(self, kind: str) -> None:
        self.inside.listen("platform", {"time": NOW, "type": f"platform.{kind}", "record": {}})


@pytest.fixture
def agents() -> Iterator[Agents]:
    made = Agents()
    yield made
    made.inside.end(None)
    for one in made.connected:
        one.close()


def test_a_subscription_is_answered_with_ok(agents: Agents) -> None:
    assert agents.subscribe() == (200, "OK")
    assert agents.log.text == "TELEMETRY\tName: agent\tState: Subscribed\tTypes: [Platform]\n"


def test_the_logs_api_has_a_line_of_its_own_and_says_when_one_has_subscribed_before(agents: Agents) -> None:
    assert agents.subscribe(LOGS_PATH) == (200, "OK")
    assert agents.subscribe(LOGS_PATH, types=["platform", "function"]) == (200, "OK")
    assert agents.log.text.splitlines() == [
        "LOGS\tName: agent\tState: Subscribed\tTypes: [platform]",
        "LOGS\tName: agent\tState: Already subscribed\tTypes: [platform, function]",
    ]


def test_what_was_in_init_is_told_to_each_new_subscriber_and_once_to_who_subscribes_again(agents: Agents) -> None:
    agents.tell("initStart")
    agents.subscribe()
    agents.subscribe()
    agents.tell("start")
    assert agents.heard() == ["platform.initStart", "platform.start"]


def test_the_other_api_is_refused_to_who_has_subscribed(agents: Agents) -> None:
    agents.subscribe()
    assert agents.subscribe(LOGS_PATH)[0] == 400
    assert agents.subscribe(LOGS_PATH)[1]["errorType"] == "Logs.ValidationError"


def test_a_stream_is_connected_when_one_subscribes_and_refused_where_nobody_listens(agents: Agents) -> None:
    assert agents.subscribe(destination=TCP) == (200, "OK")
    assert len(agents.connected) == 2
    refused = {
        "errorMessage": "Invalid destination: dial tcp 127.0.0.1:81: connect: connection refused",
        "errorType": "ValidationError",
    }
    assert agents.subscribe(destination={**TCP, "port": 81}) == (400, refused)
    assert agents.subscribe() == (200, "OK")  # over HTTP from now on
    assert agents.connected[0].fileno() == -1


@pytest.mark.parametrize(("path", "api"), [(TELEMETRY_PATH, "Telemetry"), (LOGS_PATH, "Logs")])
def test_after_init_nobody_can_subscribe(agents: Agents, path: str, api: str) -> None:
    agents.inside.show(agents.log)
    closed = {
        "errorMessage": f"{api} API subscription is closed",
        "errorType": f"{api}.SubscriptionClosed",
    }
    assert agents.subscribe(path) == (403, closed)


def test_who_has_registered_can_subscribe_after_nobody_can_register_any_more(agents: Agents) -> None:
    agents.inside.api.close()
    assert agents.subscribe() == (200, "OK")


@pytest.mark.parametrize("path", [TELEMETRY_PATH, LOGS_PATH])
def test_a_subscription_wants_an_identifier_and_the_right_method(agents: Agents, path: str) -> None:
    cases = {"": "Missing", "agent": "Invalid", ID.replace("1", "2"): "Unknown"}
    for identifier, kind in cases.items():
        status, error = agents.ask(path, b"", identifier=identifier)
        assert (status, error["errorType"]) == (403, f"Extension.{kind}ExtensionIdentifier")
    assert error["errorMessage"] == f"Unknown extension {ID.replace('1', '2')}"
    for method in ("GET", "POST", "DELETE", "HEAD"):
        assert agents.ask(path, b"", method) == (405, None)


# -- which events


def event(kind: str, record: Any = None) -> Record:
    return {"time": NOW, "type": f"platform.{kind}", "record": {"requestId": "one"} if record is None else record}


# What each API sends of the platform's events: its own name of them, nothing, or one more.
PLATFORM_EVENTS = {
    #                         Telemetry API                      Logs API of 2020             of 2021, where it differs
    "initStart":             (["initStart"],                     [],                          None),
    "initRuntimeDone":       (["initRuntimeDone"],               [],                          None),
    "initReport":            (["initReport"],                    [],                          None),
    "restoreStart":          (["restoreStart"],                  [],                          None),
    "restoreRuntimeDone":    (["restoreRuntimeDone"],            [],                          None),
    "restoreReport":         (["restoreReport"],                 [],                          None),
    "start":                 (["start"],                         ["start"],                   None),
    "runtimeDone":           (["runtimeDone"],                   [],                          ["runtimeDone"]),
    "report":                (["report"],                        ["end", "report"],           None),
    "extension":             (["extension"],                     ["extension"],               None),
    "telemetrySubscription": (["telemetrySubscription"],         ["logsSubscription"],        None),
    "logsDropped":           (["logsDropped"],                   ["logsDropped"],             None),
    "fault":                 ([],                                ["fault"],                   None),
}  # fmt: skip


@pytest.mark.parametrize("kind", PLATFORM_EVENTS)
def test_each_event_of_the_platform_has_its_name_in_each_api(kind: str) -> None:
    telemetry, logs, newer = PLATFORM_EVENTS[kind]
    for path, given, schema, expected in (
        (TELEMETRY_PATH, TELEMETRY, "2022-07-01", telemetry),
        (LOGS_PATH, LOGS, "2020-08-15", logs),
        (LOGS_PATH, LOGS, "2021-03-18", logs if newer is None else newer),
    ):
        one = subscriber(path, given, schemaVersion=schema)
        one.hear("platform", event(kind))
        found = [each for batch in one.take() for each in batch]
        assert [each["type"] for each in found] == [f"platform.{name}" for name in expected]
        assert all(each["record"] == {"requestId": "one"} for each in found)


def subscriber(path: str = TELEMETRY_PATH, given: object = TELEMETRY, **changes: Any) -> TelemetrySubscriber:
    made = parsed(path, given, **changes)
    assert isinstance(made, Subscription)
    return TelemetrySubscriber("agent", made, lambda: NOW)


@pytest.mark.parametrize("path", [TELEMETRY_PATH, LOGS_PATH])
def test_one_hears_of_what_it_has_subscribed_to(path: str) -> None:
    given = TELEMETRY if path == TELEMETRY_PATH else LOGS
    for kind in ("platform", "function", "extension"):
        one = subscriber(path, given, types=[kind])
        for other in ("platform", "function", "extension"):
            type_ = "platform.start" if other == "platform" else other
            one.hear(other, {"time": NOW, "type": type_, "record": "x"})
        found = [each["type"] for batch in one.take() for each in batch]
        assert found == ["platform.start" if kind == "platform" else kind]


# -- batches


def line(size: int, second: float = 0) -> Record:
    """Return an event of *size* bytes at a *second*."""
    made = {"time": f"2026-01-01T00:00:{second:06.3f}Z", "type": "function", "record": ""}
    made["record"] = "x" * (size - len(json.dumps(made, separators=(",", ":"))))
    return made


SMALL = Buffering(1000, 262_144, timedelta(milliseconds=25))


@pytest.mark.parametrize(
    ("events", "sizes"),
    [
        ([], []),
        ([line(100)], [1]),
        ([line(100)] * 1000, [1000]),
        ([line(100)] * 1001, [1000, 1]),
        ([line(131_072)] * 2, [2]),
        ([line(131_072)] * 3, [2, 1]),
        ([line(131_071)] * 4, [3, 1]),  # the third one crosses the line
        ([line(1_000_000), line(100)], [1, 1]),
        ([line(100, 0), line(100, 0.024)], [2]),
        ([line(100, 0), line(100, 0.025)], [1, 1]),
        ([line(100, 0), line(100, 0.02), line(100, 0.03), line(100, 0.05)], [2, 2]),
    ],
)
def test_a_batch_is_over_by_its_items_its_bytes_or_its_age(events: list[Record], sizes: list[int]) -> None:
    batches = batches_of(events, SMALL)
    assert [len(one) for one in batches] == sizes
    assert [each for batch in batches for each in batch] == events


def test_what_nobody_takes_comes_first_the_next_time() -> None:
    one = subscriber()
    one.hear("platform", event("start"))
    one.put_back(one.take())
    one.hear("platform", event("report"))
    assert [each["type"] for (batch,) in [one.take()] for each in batch] == ["platform.start", "platform.report"]
    assert one.take() == []


@pytest.mark.parametrize(("size", "is_kept"), [(262_144, True), (262_145, False)])
def test_what_nobody_takes_is_dropped_beyond_twice_the_size_of_a_batch(size: int, is_kept: bool) -> None:
    one = subscriber(types=["function"])
    for _ in range(2):
        one.hear("function", line(size))
    one.put_back(one.take())
    found = [each for batch in one.take() for each in batch]
    record = {"reason": FELL_BEHIND, "droppedRecords": 2, "droppedBytes": 2 * size}
    dropped = [{"time": NOW, "type": "platform.logsDropped", "record": record}]
    assert found == ([line(size)] * 2 if is_kept else dropped)


def test_what_is_dropped_again_and_again_is_counted_together() -> None:
    one = subscriber(types=["function"])
    for _ in range(2):
        for _ in range(2):
            one.hear("function", line(262_145))
        one.put_back(one.take())
    ((found,),) = one.take()
    assert found["record"] == {"reason": FELL_BEHIND, "droppedRecords": 4, "droppedBytes": 4 * 262_145}
