"""The Runtime API as a protocol without sockets: a request comes in, a reply goes out, or has to wait.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html ; order of the checks, texts and limits as in AWS's
emulator, where AWS was not recorded.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import field

from lambda_states_mock.execution import payloads
from lambda_states_mock.json_reading import read_json
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.service_errors import RUNTIME_TRANSITION
from lambda_states_mock.states.lifecycle import Move, Refuse
from lambda_states_mock.states.runtime_api import RUNTIME_API, RuntimeCall, RuntimeState

VERSION = "/2018-06-01"
CREDENTIALS_PATH = "/2021-04-23/credentials"
ERROR_TYPE = "lambda-runtime-function-error-type"
ERROR_BODY = "lambda-runtime-function-error-body"
_MODE = "lambda-runtime-function-response-mode"
_CAUSE_TYPE = "application/vnd.aws.lambda.error.cause+json"
_OF_INVOCATION = compile_later(r"/runtime/invocation/([^/]*)/(response|error)")
_CALLS: Mapping[str, tuple[str, RuntimeCall]] = {
    "/runtime/invocation/next": ("GET", RuntimeCall.NEXT),
    "/runtime/init/error": ("POST", RuntimeCall.INIT_FAIL),
    "/runtime/restore/next": ("GET", RuntimeCall.RESTORE_NEXT),
    "/runtime/restore/error": ("POST", RuntimeCall.RESTORE_FAIL),
}
_TARGETS = {
    RuntimeCall.NEXT: RuntimeState.READY,
    RuntimeCall.RESPOND: RuntimeState.RESPONSE,
    RuntimeCall.FAIL: RuntimeState.ERROR_RESPONSE,
    RuntimeCall.INIT_FAIL: RuntimeState.INIT_ERROR,
    RuntimeCall.RESTORE_NEXT: RuntimeState.READY,
    RuntimeCall.RESTORE_FAIL: RuntimeState.RESTORE_ERROR,
}


@dataclass(frozen=True, slots=True)
class ProcessRequest:
    """What a process has sent: *headers* and *trailers* by their names in lower case; *is_cut*, without its end.

    *chunks*, how the body came in, where it came in parts.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    trailers: Mapping[str, str] = field(default_factory=dict)
    chunks: tuple[bytes, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class ProcessReply:
    """What it gets for it."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What the runtime has told of an invocation, or of its Init.

    Attributes: *payload*; *error_type*, the platform's word for a failure, None where it went well; *chunks*, of a
    streamed response.
    """

    payload: bytes
    error_type: str | None = None
    chunks: tuple[bytes, ...] = ()


_OK = ProcessReply(202, b'{"status":"OK"}\n', {"Content-Type": "application/json"})
_WRONG = ProcessReply(405)  # method
NOT_FOUND = ProcessReply(404, b"404 page not found\n", {"Content-Type": "text/plain; charset=utf-8"})


class RuntimeApi:
    """The API of one environment.

    Parameters: *credentials*, what the environment hands out for the token that is its key, with SnapStart.

    Attributes: *state*; *told*, what has been told of the current invocation;
    *init_error*, of a failed Init or Restore.
    """

    def __init__(self, credentials: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._credentials = credentials
        self._limit = payloads.RESPONSE_LIMIT
        self.state = RuntimeState.STARTED
        self.told: Told | None = None
        self.init_error: Told | None = None
        self._request_id: str | None = None
        self._event: ProcessReply | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the runtime has come back, and waits for the next event or for the restore."""
        return self.state in {RuntimeState.READY, RuntimeState.RESTORE_READY}

    def offer(
        self, request_id: str, payload: bytes, headers: Mapping[str, str], *, limit: int = payloads.RESPONSE_LIMIT
    ) -> ProcessReply:
        """Let the runtime have an event, and return the reply for its ``next``. *limit*, of the response in bytes."""
        self._step(RuntimeCall.EVENT)
        self.told, self._request_id, self._limit = None, request_id, limit
        given = {name: value for name, value in headers.items() if value}
        self._event = ProcessReply(200, payload or b"{}", {"Content-Type": "application/json", **given})
        return self._event

    def resume(self) -> ProcessReply:
        """Resume from a snapshot, and return the reply for ``restore/next``."""
        self._step(RuntimeCall.RESTORE)
        return ProcessReply(200)

    def end_invocation(self) -> None:
        """The current invocation is over: an answer to it is refused from now on."""
        self._request_id, self._event = None, None

    def ask(self, request: ProcessRequest) -> ProcessReply | None:  # noqa: PLR0911 - one for each refusal
        """Return the reply to *request*, None where it has to wait: for an event, or for the restore."""
        path = request.path.partition("?")[0]
        if path == f"{VERSION}/ping":
            return ProcessReply(200, b"pong", {"Content-Type": "text/plain"}) if request.method == "GET" else _WRONG
        if path == CREDENTIALS_PATH and self._credentials is not None:
            return self._hand_out(request) if request.method == "GET" else _WRONG
        path = path.removeprefix(VERSION) if path.startswith(f"{VERSION}/") else ""
        found = _OF_INVOCATION.fullmatch(path)
        if found is not None:
            if request.method != "POST":
                return _WRONG
            if not found[1] or found[1] != self._request_id:
                return refusal(400, "InvalidRequestID", "Invalid request ID")
            return self._respond(request) if found[2] == "response" else self._fail(request)
        known = _CALLS.get(path)
        if known is None or ("restore" in path and self._credentials is None):
            return NOT_FOUND
        method, call = known
        if request.method != method:
            return _WRONG
        if (refused := self._step(call)) is not None:
            return refused
        if method == "GET":
            return self._event if self.state is RuntimeState.RUNNING else None
        self.init_error = _told_of_error(request)
        return _OK

    def _respond(self, request: ProcessRequest) -> ProcessReply:
        if (refused := self._step(RuntimeCall.RESPOND)) is not None:
            return refused
        mode = request.headers.get(_MODE, "")
        if mode not in {"", "streaming"}:
            self.told = Told(b"", "Runtime.InvalidResponseModeHeader")
            return refusal(400, "InvalidFunctionResponseMode", "Invalid function response mode")
        self._step(RuntimeCall.READ)
        if request.is_cut:
            self.told = Told(request.body, "Runtime.TruncatedResponse", request.chunks)
            return refusal(400, "TruncatedHTTPRequest", "HTTP request detected as truncated")
        if len(request.body) > self._limit:
            self.told = Told(payloads.compact(payloads.too_large(self._limit)), "Function.ResponseSizeTooLarge")
            text = f"Exceeded maximum allowed payload size ({self._limit} bytes)."
            return refusal(413, "RequestEntityTooLarge", text)
        self.told = _told_of_response(request)
        return _OK

    def _fail(self, request: ProcessRequest) -> ProcessReply:
        if (refused := self._step(RuntimeCall.FAIL)) is not None:
            return refused
        self._step(RuntimeCall.READ)
        self.told = _told_of_error(request)
        return _OK

    def _hand_out(self, request: ProcessRequest) -> ProcessReply:
        found = (self._credentials or {}).get(request.headers.get("authorization", ""))
        if found is None:
            return ProcessReply(404, b"cannot get credentials for the provided token\n", {"Content-Type": "text/plain"})
        return ProcessReply(200, json.dumps(found).encode(), {"Content-Type": "application/json"})

    def _step(self, call: RuntimeCall) -> ProcessReply | None:
        cell = RUNTIME_API.step(self.state, call)
        if isinstance(cell, Refuse):
            error = RUNTIME_TRANSITION.error(before=self.state.value, after=_TARGETS[call].value)
            return refusal(403, error.code, error.message or "")
        if isinstance(cell, Move):
            self.state = cell.to
            if cell.to is RuntimeState.READY:
                self.end_invocation()
        return None


def json_of(body: bytes) -> object:
    """Return what *body* says in JSON. Raises ValueError where it is none, also for what is nested without end."""
    try:
        return read_json(body.decode())
    except RecursionError:
        raise ValueError("exceeded max depth") from None


def refusal(status: int, error_type: str, message: str) -> ProcessReply:
    """Return an error of the API itself."""
    text = json.dumps({"errorMessage": message, "errorType": error_type}, separators=(",", ":"))
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return ProcessReply(status, f"{text}\n".encode(), {"Content-Type": "application/json"})


def _told_of_response(request: ProcessRequest) -> Told:
    failed = request.trailers.get(ERROR_TYPE)
    if failed is None:
        return Told(request.body, None, request.chunks)
    try:
        said = base64.b64decode(request.trailers.get(ERROR_BODY, ""))
    except ValueError:
        said = b""
    return Told(said, failed, request.chunks)


def _told_of_error(request: ProcessRequest) -> Told:
    """Return what an error tells: its type is in a header, or else in its body."""
    body = request.body
    try:
        parsed = json_of(body)
    except ValueError:
        parsed = None
    if request.headers.get("content-type") == _CAUSE_TYPE:
        if not isinstance(parsed, dict):
            body, parsed = b'"Invalid error body"', None
        else:
            kept = {name: parsed[name] for name in ("errorMessage", "errorType", "stackTrace") if name in parsed}
            body = payloads.compact(kept)
    named = parsed.get("errorType") if isinstance(parsed, dict) else None
    return Told(body, request.headers.get(ERROR_TYPE) or (named if isinstance(named, str) else "") or "Runtime.Unknown")
