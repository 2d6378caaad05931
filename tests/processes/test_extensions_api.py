"""The Extensions API without sockets: what it answers in which state."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock.execution.runtimes.processes.extensions_api import ExtensionsApi
from lambda_states_mock.execution.runtimes.processes.mailbox import ProcessLetter
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest

BASE = "/2020-01-01/extension"
ABOUT = {"functionName": "orders", "functionVersion": "$LATEST", "handler": "app.handler"}
ID = "00000000-0000-4000-8000-000000000001"
REFUSED = "State transition from {} to {} failed for extension {}. Error: State transition is not allowed"
Ask = Callable[..., Any]


@pytest.fixture
def api() -> ExtensionsApi:
    numbers = iter(range(1, 100))
    return ExtensionsApi(["agent"], 0, ABOUT, "123456789012", lambda: f"00000000-0000-4000-8000-{next(numbers):012}")


def ask(api: ExtensionsApi, path: str, body: bytes = b"", method: str = "", **headers: str) -> ProcessReply | None:
    named = {f"lambda-extension-{name.replace('_', '-')}": value for name, value in headers.items()}
    method = method or ("GET" if path.endswith("next") else "POST")
    letter = ProcessLetter(ProcessRequest(method, f"{BASE}{path}", named, body))
    api.ask(letter)
    return letter.reply


def register(api: ExtensionsApi, name: str = "agent", events: tuple[str, ...] = ("INVOKE", "SHUTDOWN")) -> Any:
    return ask(api, "/register", json.dumps({"events": events}).encode(), name=name)


def error_of(reply: ProcessReply | None) -> tuple[str, str]:
    assert reply is not None
    assert reply.status == 403
    error = json.loads(reply.body)
    return error["errorType"], error["errorMessage"]


def test_a_registration_is_answered_with_what_the_function_is(api: ExtensionsApi) -> None:
    reply = register(api)
    assert (reply.status, json.loads(reply.body)) == (200, ABOUT)
    assert reply.headers["Lambda-Extension-Identifier"] == ID


@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        (b"{}", {}, ("Extension.InvalidExtensionName", "Empty extension name")),
        (b"", {"name": "agent"}, ("InvalidRequestFormat", "unexpected end of JSON input")),
        (
            b'{"configurationKeys": ["A"]}',
            {"name": "agent"},
            ("InvalidRequestFormat", "configurationKeys are deprecated; use environment variables instead"),
        ),
        (
            b'{"events": ["OTHER"]}',
            {"name": "agent"},
            ("Extension.InvalidEventType", "OTHER: ErrorInvalidEventType"),
        ),
        (
            b'{"events": ["SHUTDOWN"]}',
            {"name": "inner"},
            ("Extension.InvalidEventType", "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"),
        ),
    ],
)
def test_what_cannot_register_is_refused(
    api: ExtensionsApi, body: bytes, headers: dict[str, str], error: tuple[str, str]
) -> None:
    assert error_of(ask(api, "/register", body, **headers)) == error


def test_nobody_registers_twice_too_many_or_too_late(api: ExtensionsApi) -> None:
    register(api)
    text = REFUSED.format("Registered", "Registered", "agent")
    assert error_of(register(api)) == ("Extension.InvalidExtensionState", text)
    for number in range(9):
        assert register(api, f"inner{number}", ("INVOKE",)).status == 200
    taken = ("Extension.InvalidExtensionState", "Extension with this name already registered")
    assert error_of(register(api, "inner1", ("INVOKE",))) == taken
    full = ("Extension.TooManyExtensions", "Extension limit (10) reached")
    assert error_of(register(api, "inner9", ("INVOKE",))) == full
    api.close()
    late = ("Extension.RegistrationClosed", "Extension registration closed already")
    assert error_of(register(api, "other", ("INVOKE",))) == late


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, ("Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header")),
        (
            {"identifier": "no"},
            ("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"),
        ),
        (
            {"identifier": ID.replace("1", "2")},
            ("Extension.UnknownExtensionIdentifier", f"Unknown extension {ID.replace('1', '2')}"),
        ),
    ],
)
def test_who_has_no_identifier_is_refused(api: ExtensionsApi, headers: dict[str, str], error: tuple[str, str]) -> None:
    register(api)
    assert error_of(ask(api, "/event/next", b"", **headers)) == error


def test_an_event_waits_for_who_is_not_there_and_comes_at_once_to_who_waits(api: ExtensionsApi) -> None:
    register(api)
    agent = api.known["agent"]
    assert ask(api, "/event/next", identifier=ID) is None
    second = error_of(ask(api, "/event/next", identifier=ID))
    assert second == ("Extension.InvalidExtensionState", REFUSED.format("Ready", "Ready", ID))
    letter = agent.letter
    agent.hand({"eventType": "INVOKE"}, {"Lambda-Extension-Event-Identifier": "one"})
    assert letter is not None
    assert letter.reply is not None
    assert (letter.reply.body, letter.reply.headers["Lambda-Extension-Event-Identifier"]) == (
        b'{"eventType":"INVOKE"}',
        "one",
    )
    agent.hand({"eventType": "SHUTDOWN"}, {})
    reply = ask(api, "/event/next", identifier=ID)
    assert reply is not None
    assert reply.body == b'{"eventType":"SHUTDOWN"}'


def test_an_error_ends_all_that_can_be_asked(api: ExtensionsApi) -> None:
    register(api)
    missing = ("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found")
    assert error_of(ask(api, "/init/error", identifier=ID)) == missing
    for _ in range(2):
        reply = ask(api, "/init/error", identifier=ID, function_error_type="Agent.No")
        assert reply == ProcessReply(202, b'{"status":"OK"}\n', {"Content-Type": "application/json"})
    after = error_of(ask(api, "/exit/error", identifier=ID, function_error_type="Agent.No"))
    assert after == ("Extension.InvalidExtensionState", REFUSED.format("InitError", "Exited", ID))
    assert error_of(ask(api, "/event/next", identifier=ID))[1] == REFUSED.format("InitError", "Ready", ID)
    assert api.known["agent"].error_type == "Agent.No"


def test_another_method_or_path_is_none_of_it(api: ExtensionsApi) -> None:
    for path, method, status in (("/register", "GET", 405), ("/event/next", "POST", 405), ("/other", "POST", 404)):
        reply = ask(api, path, method=method)
        assert reply is not None
        assert reply.status == status
