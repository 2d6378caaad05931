"""What the Runtime API and the Extensions API answer to each call in each state, cell by cell.

The tables are those of AWS's emulator; the lifecycles that are drawn from ours are in `lambda_states_mock.states`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from lambda_states_mock.execution.runtimes.processes.extensions_api import ExtensionsApi
from lambda_states_mock.execution.runtimes.processes.mailbox import ProcessLetter
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest, RuntimeApi
from lambda_states_mock.states.runtime_api import RuntimeState

ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
OTHER = "00000000-e9f4-11e8-9739-2dfe598c3fcd"
NOT_ALLOWED = "Error: State transition is not allowed"

# -- the Runtime API

CALLS = {
    "next": ("GET", "invocation/next", "Ready"),
    "response": ("POST", f"invocation/{ID}/response", "InvocationResponse"),
    "error": ("POST", f"invocation/{ID}/error", "InvocationErrorResponse"),
    "init/error": ("POST", "init/error", "InitError"),
    "restore/next": ("GET", "restore/next", "Ready"),
    "restore/error": ("POST", "restore/error", "RuntimeRestoreErrorState"),
}
INVALID_MODE = {"lambda-runtime-function-response-mode": "buffered"}


def request(call: str, headers: Mapping[str, str] | None = None) -> ProcessRequest:
    method, path, _ = CALLS[call]
    return ProcessRequest(method, f"/2018-06-01/runtime/{path}", headers or {}, b"{}")


def runtime_in(state: RuntimeState) -> RuntimeApi:
    """Return an API in *state*, come there by calls as far as calls lead there."""
    api = RuntimeApi({})
    restores = state in {RuntimeState.RESTORE_READY, RuntimeState.RESTORING, RuntimeState.RESTORE_ERROR}
    if restores:
        api.ask(request("restore/next"))
        if state is not RuntimeState.RESTORE_READY:
            api.resume()
        if state is RuntimeState.RESTORE_ERROR:
            api.ask(request("restore/error"))
    elif state is RuntimeState.INIT_ERROR:
        api.ask(request("init/error"))
    elif state is not RuntimeState.STARTED:
        api.ask(request("next"))
        if state is not RuntimeState.READY:
            api.offer(ID, b'{"a":1}', {})
        if state is RuntimeState.RESPONSE:
            api.ask(request("response", INVALID_MODE))
        elif state is RuntimeState.SENT:
            api.ask(request("response"))
        elif state is RuntimeState.ERROR_RESPONSE:
            api.state = state  # it is left within the call that leads there
    assert api.state is state
    return api


WAITS, EVENT, OK, NO, BAD_ID = "waits", "event", "202", "403", "400"
RUNTIME_CELLS = {
    #                              next   response  error   init/error  restore/next  restore/error
    RuntimeState.STARTED:        (WAITS,  BAD_ID,   BAD_ID, OK,         WAITS,        NO),
    RuntimeState.READY:          (WAITS,  BAD_ID,   BAD_ID, NO,         NO,           NO),
    RuntimeState.RUNNING:        (EVENT,  OK,       OK,     NO,         NO,           NO),
    RuntimeState.RESPONSE:       (NO,     NO,       NO,     NO,         NO,           NO),
    RuntimeState.ERROR_RESPONSE: (NO,     NO,       NO,     NO,         NO,           NO),
    RuntimeState.SENT:           (WAITS,  NO,       NO,     NO,         NO,           NO),
    RuntimeState.RESTORE_READY:  (NO,     BAD_ID,   BAD_ID, NO,         NO,           NO),
    RuntimeState.RESTORING:      (WAITS,  BAD_ID,   BAD_ID, OK,         NO,           OK),
    RuntimeState.INIT_ERROR:     (NO,     BAD_ID,   BAD_ID, NO,         NO,           NO),
    RuntimeState.RESTORE_ERROR:  (NO,     BAD_ID,   BAD_ID, NO,         NO,           NO),
}  # fmt: skip


def shown(reply: ProcessReply | None) -> str:
    if reply is None:
        return WAITS
    return EVENT if reply.status == 200 else str(reply.status)


@pytest.mark.parametrize("state", RUNTIME_CELLS, ids=lambda one: one.value)
def test_the_runtime_api_answers_each_call_in_each_state(state: RuntimeState) -> None:
    assert tuple(shown(runtime_in(state).ask(request(call))) for call in CALLS) == RUNTIME_CELLS[state]


@pytest.mark.parametrize("state", RUNTIME_CELLS, ids=lambda one: one.value)
def test_a_refusal_names_both_states_and_changes_none(state: RuntimeState) -> None:
    for call, (_, _, target) in CALLS.items():
        api = runtime_in(state)
        reply = api.ask(request(call))
        if shown(reply) == NO:
            assert reply is not None
            text = f"State transition from {state.value} to {target} failed for runtime. {NOT_ALLOWED}"
            assert json.loads(reply.body) == {"errorMessage": text, "errorType": "InvalidStateTransition"}
            assert list(json.loads(reply.body)) == ["errorMessage", "errorType"]
            assert api.state is state


def test_a_failed_restore_is_told_by_either_call() -> None:
    for call in ("restore/error", "init/error"):
        api = runtime_in(RuntimeState.RESTORING)
        headers = {"lambda-runtime-function-error-type": "Runtime.AfterRestoreError"}
        assert shown(api.ask(request(call, headers))) == OK
        assert api.state is RuntimeState.RESTORE_ERROR
        assert api.init_error is not None
        assert api.init_error.error_type == "Runtime.AfterRestoreError"


def test_the_request_id_comes_before_the_state_and_the_state_before_the_body() -> None:
    path = f"/2018-06-01/runtime/invocation/{OTHER}/response"
    wrong = ProcessRequest("POST", path, INVALID_MODE, b"x" * 6_291_557, is_cut=True)
    for state in RuntimeState:
        assert shown(runtime_in(state).ask(wrong)) == BAD_ID
    again = ProcessRequest("POST", path.replace(OTHER, ID), INVALID_MODE, b"x" * 6_291_557, is_cut=True)
    assert shown(runtime_in(RuntimeState.SENT).ask(again)) == NO
    reply = runtime_in(RuntimeState.RUNNING).ask(again)
    assert reply is not None
    assert json.loads(reply.body)["errorType"] == "InvalidFunctionResponseMode"


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"[" * 100_000, b'{"errorType": 7}', b"null"], ids=repr)
@pytest.mark.parametrize("call", ["error", "init/error", "restore/error"])
def test_an_error_may_have_any_body(call: str, body: bytes) -> None:
    states = {"error": RuntimeState.RUNNING, "init/error": RuntimeState.STARTED}
    api = runtime_in(states.get(call, RuntimeState.RESTORING))
    method, path, _ = CALLS[call]
    assert shown(api.ask(ProcessRequest(method, f"/2018-06-01/runtime/{path}", {}, body))) == OK
    told = api.told if call == "error" else api.init_error
    assert told is not None
    assert (told.payload, told.error_type) == (body, "Runtime.Unknown")


def test_an_error_is_as_long_as_it_wants_to_be() -> None:
    api = runtime_in(RuntimeState.RUNNING)
    method, path, _ = CALLS["error"]
    assert shown(api.ask(ProcessRequest(method, f"/2018-06-01/runtime/{path}", {}, b"x" * 7_000_000))) == OK


# -- the Extensions API

BASE = "/2020-01-01/extension"
TARGETS = {"register": "Registered", "next": "Ready", "init/error": "InitError", "exit/error": "Exited"}


class Agent:
    """An external extension, and the API that it calls."""

    def __init__(self, *calls: str) -> None:
        self.api = ExtensionsApi(["agent"], 0, {}, "123456789012", lambda: ID)
        for call in calls:
            if call == "event":
                self.api.known["agent"].hand({"eventType": "INVOKE"}, {})
            else:
                self.ask(call)

    def ask(self, call: str) -> ProcessReply | None:
        headers = {"lambda-extension-name": "agent", "lambda-extension-identifier": ID}
        headers["lambda-extension-function-error-type"] = "Agent.No"
        path = "event/next" if call == "next" else call
        letter = ProcessLetter(ProcessRequest("GET" if call == "next" else "POST", f"{BASE}/{path}", headers, b"{}"))
        self.api.ask(letter)
        return letter.reply


EXTENSION_CELLS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    #               come there by                     register  next    init/error  exit/error
    "Registered":  (("register",),                     (NO,     WAITS,  OK,         OK)),
    "Ready":       (("register", "next"),              (NO,     NO,     NO,         OK)),
    "Running":     (("register", "next", "event"),     (NO,     WAITS,  NO,         OK)),
    "InitError":   (("register", "init/error"),        (NO,     NO,     OK,         NO)),
    "ExitError":   (("register", "exit/error"),        (NO,     NO,     NO,         OK)),
}  # fmt: skip


@pytest.mark.parametrize("state", EXTENSION_CELLS)
def test_the_extensions_api_answers_each_call_in_each_state(state: str) -> None:
    calls, cells = EXTENSION_CELLS[state]
    for call, cell in zip(TARGETS, cells, strict=True):
        agent = Agent(*calls)
        assert agent.api.known["agent"].state.value == state
        reply = agent.ask(call)
        assert (call, shown(reply)) == (call, cell)
        if cell == NO:
            assert reply is not None
            who = "agent" if call == "register" else ID
            text = f"State transition from {state} to {TARGETS[call]} failed for extension {who}. {NOT_ALLOWED}"
            assert json.loads(reply.body) == {"errorMessage": text, "errorType": "Extension.InvalidExtensionState"}
            assert agent.api.known["agent"].state.value == state


def refusal_of(ask: Callable[[], ProcessReply | None]) -> tuple[int, str, str]:
    reply = ask()
    assert reply is not None
    error = json.loads(reply.body)
    return reply.status, error["errorType"], error["errorMessage"]


@pytest.mark.parametrize("path", ["event/next", "init/error", "exit/error"])
@pytest.mark.parametrize(
    ("identifier", "error_type", "message"),
    [
        ("", "Missing", "Missing Lambda-Extension-Identifier header"),
        ("agent", "Invalid", "Invalid Lambda-Extension-Identifier"),
        (OTHER, "Unknown", None),
    ],
)
def test_each_call_wants_an_identifier_first(path: str, identifier: str, error_type: str, message: str | None) -> None:
    agent = Agent("register")
    headers = {"lambda-extension-identifier": identifier} if identifier else {}
    method = "GET" if path == "event/next" else "POST"
    letter = ProcessLetter(ProcessRequest(method, f"{BASE}/{path}", headers))
    agent.api.ask(letter)
    unknown = "Unknown Lambda-Extension-Identifier" if path.endswith("error") else f"Unknown extension {OTHER}"
    found = refusal_of(lambda: letter.reply)
    assert found == (403, f"Extension.{error_type}ExtensionIdentifier", message or unknown)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "unexpected end of JSON input"),
        (b'{"events": [', "unexpected end of JSON input"),
        (b"no", "invalid character 'n' looking for beginning of value"),
        (b"{} x", "invalid character 'x' after top-level value"),
        (b"[" * 100_000, "exceeded max depth"),
        (b"[]", "json: cannot unmarshal array into Go value of type RegisterRequest"),
        (b'"INVOKE"', "json: cannot unmarshal string into Go value of type RegisterRequest"),
        (
            b'{"events": "INVOKE"}',
            "json: cannot unmarshal string into Go struct field RegisterRequest.events of type []string",
        ),
        (
            b'{"events": 0}',
            "json: cannot unmarshal number into Go struct field RegisterRequest.events of type []string",
        ),
        (
            b'{"events": [7]}',
            "json: cannot unmarshal number into Go struct field RegisterRequest.events of type string",
        ),
        (b'{"configurationKeys": ["A"], "events": ["OTHER"]}', "configurationKeys are deprecated; use environment"),
    ],
    ids=repr,
)
def test_what_is_no_registration_is_refused_in_the_words_of_the_parser(body: bytes, message: str) -> None:
    agent = Agent()
    letter = ProcessLetter(ProcessRequest("POST", f"{BASE}/register", {"lambda-extension-name": "agent"}, body))
    agent.api.ask(letter)
    status, error_type, found = refusal_of(lambda: letter.reply)
    assert (status, error_type) == (403, "InvalidRequestFormat")
    assert found.startswith(message)
    assert agent.api.known["agent"].identifier == ""


@pytest.mark.parametrize("body", [b"{}", b"null", b'{"events": null}', b'{"events": []}', b'{"more": 1}'], ids=repr)
def test_an_extension_may_register_for_no_event(body: bytes) -> None:
    agent = Agent()
    letter = ProcessLetter(ProcessRequest("POST", f"{BASE}/register", {"lambda-extension-name": "agent"}, body))
    agent.api.ask(letter)
    assert letter.reply is not None
    assert letter.reply.status == 200
    assert agent.api.known["agent"].events == ()


@pytest.mark.parametrize(
    ("feature", "members"),
    [
        ("accountId", ["accountId", "functionName"]),
        ("other, accountId", ["accountId", "functionName"]),
        ("account", ["functionName"]),
        ("", ["functionName"]),
    ],
)
def test_the_account_is_told_where_it_is_asked_for(feature: str, members: list[str]) -> None:
    api = ExtensionsApi(["agent"], 0, {"functionName": "orders"}, "123456789012", lambda: ID)
    headers = {"lambda-extension-name": "agent", "lambda-extension-accept-feature": feature}
    letter = ProcessLetter(ProcessRequest("POST", f"{BASE}/register", headers, b"{}"))
    api.ask(letter)
    assert letter.reply is not None
    assert list(json.loads(letter.reply.body)) == members


@pytest.mark.parametrize(
    ("name", "events", "is_open", "error_type"),
    [
        ("", b'["OTHER"]', False, "Extension.InvalidExtensionName"),
        ("inner", b'["OTHER"]', False, "Extension.InvalidEventType"),
        ("inner", b'["SHUTDOWN"]', False, "Extension.InvalidEventType"),
        ("agent", b'["OTHER"]', False, "Extension.InvalidEventType"),
        ("agent", b"[]", False, "Extension.InvalidExtensionState"),
        ("known", b"[]", False, "Extension.InvalidExtensionState"),
        ("inner", b"[]", False, "Extension.RegistrationClosed"),
        ("inner", b"[]", True, "Extension.TooManyExtensions"),
    ],
)
def test_the_first_thing_that_is_wrong_with_a_registration_is_told(
    name: str, events: bytes, is_open: bool, error_type: str
) -> None:
    numbers = iter(range(20))
    api = ExtensionsApi(["agent"], 8, {}, "123456789012", lambda: f"{next(numbers)}")
    for known in ("agent", "known"):  # with the eight others, ten
        api.ask(ProcessLetter(ProcessRequest("POST", f"{BASE}/register", {"lambda-extension-name": known}, b"{}")))
    if not is_open:
        api.close()
    headers = {"lambda-extension-name": name}
    letter = ProcessLetter(ProcessRequest("POST", f"{BASE}/register", headers, b'{"events": %b}' % events))
    api.ask(letter)
    assert refusal_of(lambda: letter.reply)[:2] == (403, error_type)


# -- routes

ROUTES = {
    "/2018-06-01/runtime/invocation/next": "GET",
    f"/2018-06-01/runtime/invocation/{ID}/response": "POST",
    f"/2018-06-01/runtime/invocation/{ID}/error": "POST",
    "/2018-06-01/runtime/init/error": "POST",
    "/2018-06-01/runtime/restore/next": "GET",
    "/2018-06-01/runtime/restore/error": "POST",
    "/2018-06-01/ping": "GET",
    "/2021-04-23/credentials": "GET",
    f"{BASE}/register": "POST",
    f"{BASE}/event/next": "GET",
    f"{BASE}/init/error": "POST",
    f"{BASE}/exit/error": "POST",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE")


@pytest.mark.parametrize("path", ROUTES)
def test_each_route_has_one_method_and_answers_no_other(path: str) -> None:
    for method in METHODS:
        if method == ROUTES[path]:
            continue
        asked = ProcessRequest(method, path)
        if path.startswith(BASE):
            letter = ProcessLetter(asked)
            Agent("register").api.ask(letter)
            reply = letter.reply
        else:
            reply = runtime_in(RuntimeState.RUNNING).ask(asked)
        assert reply == ProcessReply(405)


@pytest.mark.parametrize(
    "path",
    [
        "/2018-06-01/",
        "/2018-06-01/runtime/",
        "/2018-06-01/runtime/invocation/next/",
        f"/2018-06-01/runtime/invocation/{ID}",
        f"/2018-06-01/runtime/invocation/{ID}/other",
        "/2018-06-01/runtime/restore/next",
        "/2018-06-01/runtime/restore/error",
        "/2021-04-23/credentials",
        "/2020-01-01/other",
        "/2022-07-01/other",
    ],
)
def test_what_is_no_route_without_snap_start_is_not_found_in_plain_text(path: str) -> None:
    for method in METHODS:
        reply = RuntimeApi().ask(ProcessRequest(method, path))
        assert reply == ProcessReply(404, b"404 page not found\n", {"Content-Type": "text/plain; charset=utf-8"})
