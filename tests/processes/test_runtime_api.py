"""The Runtime API without sockets: what it answers in which state."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest, RuntimeApi

ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
BASE = "/2018-06-01/runtime"
NEXT = ProcessRequest("GET", f"{BASE}/invocation/next")
REFUSED = "State transition from {} to {} failed for runtime. Error: State transition is not allowed"


def respond(body: bytes = b"{}", **more: Any) -> ProcessRequest:
    return ProcessRequest("POST", f"{BASE}/invocation/{ID}/response", body=body, **more)


def fail(body: bytes = b"{}", **more: Any) -> ProcessRequest:
    return ProcessRequest("POST", f"{BASE}/invocation/{ID}/error", body=body, **more)


def parsed(reply: ProcessReply | None) -> tuple[int, Any]:
    assert reply is not None
    return reply.status, json.loads(reply.body)


@pytest.fixture
def running() -> RuntimeApi:
    api = RuntimeApi()
    assert api.ask(NEXT) is None
    api.offer(ID, b'{"a": 1}', {"Lambda-Runtime-Aws-Request-Id": ID})
    return api


def test_next_waits_for_an_event_and_gets_it() -> None:
    api = RuntimeApi()
    assert api.ask(NEXT) is None
    assert api.is_waiting
    reply = api.offer(ID, b"[1,  2]", {"Lambda-Runtime-Aws-Request-Id": ID, "Lambda-Runtime-Trace-Id": ""})
    assert reply == ProcessReply(
        200, b"[1,  2]", {"Content-Type": "application/json", "Lambda-Runtime-Aws-Request-Id": ID}
    )


def test_an_empty_event_goes_out_as_an_object() -> None:
    api = RuntimeApi()
    api.ask(NEXT)
    assert api.offer(ID, b"", {}).body == b"{}"


def test_who_has_an_event_and_asks_again_gets_the_same_at_once(running: RuntimeApi) -> None:
    reply = running.ask(NEXT)
    assert reply is not None
    assert reply.body == b'{"a": 1}'


def test_a_response_is_taken_as_it_is(running: RuntimeApi) -> None:
    assert parsed(running.ask(respond(b"\x00any"))) == (202, {"status": "OK"})
    assert running.told is not None
    assert (running.told.payload, running.told.error_type) == (b"\x00any", None)
    assert running.ask(NEXT) is None


@pytest.mark.parametrize("path", [f"{BASE}/invocation/other/response", f"{BASE}/invocation//error"])
def test_another_request_id_is_refused_before_the_state_is_looked_at(running: RuntimeApi, path: str) -> None:
    for api in (running, RuntimeApi()):
        assert parsed(api.ask(ProcessRequest("POST", path))) == (
            400,
            {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"},
        )


def test_a_second_answer_is_refused(running: RuntimeApi) -> None:
    running.ask(respond())
    status, error = parsed(running.ask(fail()))
    assert (status, error["errorType"]) == (403, "InvalidStateTransition")
    assert error["errorMessage"] == REFUSED.format("RuntimeResponseSentState", "InvocationErrorResponse")


def test_an_answer_that_comes_after_the_next_event_was_asked_for_has_an_old_id(running: RuntimeApi) -> None:
    running.ask(respond())
    running.ask(NEXT)
    assert parsed(running.ask(respond()))[0] == 400


def test_a_response_above_the_limit_is_refused_and_answered_by_the_platform(running: RuntimeApi) -> None:
    reply = running.ask(respond(b"x" * 6_291_557))
    assert reply == ProcessReply(
        413,
        b'{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).",'
        b'"errorType":"RequestEntityTooLarge"}\n',
        {"Content-Type": "application/json"},
    )
    assert running.told is not None
    assert running.told.error_type == "Function.ResponseSizeTooLarge"
    assert parsed(running.ask(fail()))[0] == 403
    assert running.ask(NEXT) is None


def test_a_response_of_the_largest_size_is_taken(running: RuntimeApi) -> None:
    assert parsed(running.ask(respond(b"x" * 6_291_556)))[0] == 202


def test_another_response_mode_than_streaming_is_refused_and_the_runtime_is_stuck(running: RuntimeApi) -> None:
    headers = {"lambda-runtime-function-response-mode": "buffered"}
    assert parsed(running.ask(respond(headers=headers))) == (
        400,
        {"errorMessage": "Invalid function response mode", "errorType": "InvalidFunctionResponseMode"},
    )
    assert parsed(running.ask(NEXT))[0] == 403


def test_a_response_that_is_cut_off_is_refused(running: RuntimeApi) -> None:
    assert parsed(running.ask(respond(b"half", is_cut=True)))[1]["errorType"] == "TruncatedHTTPRequest"
    assert running.told is not None
    assert running.told.error_type == "Runtime.TruncatedResponse"


def test_trailers_tell_of_an_error_in_the_middle_of_a_stream(running: RuntimeApi) -> None:
    error = b'{"errorType": "Bad"}'
    trailers = {
        "lambda-runtime-function-error-type": "Bad",
        "lambda-runtime-function-error-body": base64.b64encode(error).decode(),
    }
    running.ask(respond(b"onetwo", trailers=trailers, chunks=(b"one", b"two")))
    assert running.told is not None
    assert (running.told.payload, running.told.error_type, running.told.chunks) == (error, "Bad", (b"one", b"two"))


@pytest.mark.parametrize(
    ("body", "headers", "error_type"),
    [
        (b'{"errorType": "Mine"}', {}, "Mine"),
        (b'{"errorType": "Mine"}', {"lambda-runtime-function-error-type": "Function.Bad"}, "Function.Bad"),
        (b"no json", {}, "Runtime.Unknown"),
    ],
)
def test_an_error_is_named_by_its_header_or_else_by_its_body(
    running: RuntimeApi, body: bytes, headers: dict[str, str], error_type: str
) -> None:
    assert parsed(running.ask(fail(body, headers=headers)))[0] == 202
    assert running.told is not None
    assert (running.told.payload, running.told.error_type) == (body, error_type)


def test_the_cause_of_an_error_is_taken_out(running: RuntimeApi) -> None:
    body = b'{"errorType": "A", "errorCause": {"message": "secret"}, "errorMessage": "b"}'
    running.ask(fail(body, headers={"content-type": "application/vnd.aws.lambda.error.cause+json"}))
    assert running.told is not None
    assert running.told.payload == b'{"errorMessage":"b","errorType":"A"}'


def test_a_failed_init_is_told_once_and_ends_all_else() -> None:
    api, failed = RuntimeApi(), ProcessRequest("POST", f"{BASE}/init/error", body=b'{"errorType": "Runtime.X"}')
    assert parsed(api.ask(failed))[0] == 202
    assert api.init_error is not None
    assert api.init_error.error_type == "Runtime.X"
    for request, target in ((NEXT, "Ready"), (failed, "InitError")):
        assert parsed(api.ask(request))[1]["errorMessage"] == REFUSED.format("InitError", target)


def test_restore_is_there_with_snap_start_alone() -> None:
    request = ProcessRequest("GET", f"{BASE}/restore/next")
    without = RuntimeApi().ask(request)
    assert without is not None
    assert without.status == 404
    api = RuntimeApi({})
    assert api.ask(request) is None
    assert api.is_waiting
    assert api.resume() == ProcessReply(200)
    assert api.ask(NEXT) is None


def test_credentials_are_handed_out_for_the_token() -> None:
    api = RuntimeApi({"token": {"AccessKeyId": "AKIA"}})
    path = "/2021-04-23/credentials"
    assert parsed(api.ask(ProcessRequest("GET", path, {"authorization": "token"}))) == (200, {"AccessKeyId": "AKIA"})
    refused = api.ask(ProcessRequest("GET", path, {"authorization": "other"}))
    assert refused is not None
    assert (refused.status, refused.body) == (404, b"cannot get credentials for the provided token\n")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/2018-06-01/ping", 200),
        ("POST", f"{BASE}/invocation/next", 405),
        ("GET", f"{BASE}/invocation/{ID}/response", 405),
        ("GET", f"{BASE}/nothing", 404),
        ("GET", "/2017-01-01/runtime/invocation/next", 404),
    ],
)
def test_paths_and_methods_are_those_of_the_api(method: str, path: str, status: int) -> None:
    reply = RuntimeApi().ask(ProcessRequest(method, path))
    assert reply is not None
    assert reply.status == status
