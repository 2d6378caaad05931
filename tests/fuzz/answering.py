"""Send a request to a furnished world, and judge the answer as AWS's rules and botocore do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lambda_states_mock.api_model import modelled_errors, operation_model
from lambda_states_mock.backend import Backend
from lambda_states_mock.errors import NoHandlerError
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire import HttpRequest, HttpResponse, route
from tests.wire.generate import read_by_botocore
from tests.wire.strict import ImpossibleResultError, check_result

from .furnished import FUNCTIONS, as_text, furnished, picture_of

ANY_OPERATION = frozenset(
    {"ValidationException", "SerializationException", "RequestEntityTooLargeException", "AccessDeniedException"}
)
"""Codes that AWS answers although no operation declares them."""
UNDECLARED: Mapping[str, frozenset[str]] = {}
"""Codes that AWS was recorded to answer although the operation does not declare them."""
FAILS_IN_AWS = frozenset({"DeleteFunctionUrlConfig"})
"""Where AWS was recorded to answer ServiceException: the qualifiers of a name and of the request disagree."""
BESIDE_THE_MODEL = (
    "LastUpdateStatusReasonCode: 'Creating' is none of",
    "GetFunctionCodeSigningConfig.CodeSigningConfigArn: it is missing",
    "GetFunctionCodeSigningConfig.FunctionName: it is missing",
)
"""What AWS was recorded to answer although its own model has it otherwise."""
WAKES = {"Invoke", "InvokeAsync", "InvokeWithResponseStream"}
AWAKENING = {"CodeArtifactUserPendingException", "ENINotReadyException", "ResourceConflictException"}
"""What an idle function answers to an invocation, which begins its restoration all the same (functions-states.html)."""
READS = ("Get", "List")


class Desk:
    """A furnished world to which requests are sent, one after the other; each answer is judged at once."""

    def __init__(self) -> None:
        self.backend: Backend = furnished()
        self.picture = picture_of(self.backend)
        self.codes: list[str] = []

    def close(self) -> None:
        """Leave nothing behind."""
        self.backend.close()

    def send(self, operation: str, request: HttpRequest, *, named: bool = True) -> None:
        """Send *request* and judge the answer. Parameters: *named*, whether the adapter knows *operation*."""
        asked = operation if named else routed(request)
        try:
            response = self.backend.handle(asked if named else None, request)
        except NoHandlerError as error:
            if asked not in WAKES or any(f'function "{name}"' in str(error) for name in FUNCTIONS):
                raise
            self._judge_state(asked, "NoHandlerError")
            return
        code = None
        if response.status >= 400:
            code = judge_error(asked, response)
        else:
            assert asked is not None
            # What it has begun may have called, too.
            call = next(call for call in reversed(self.backend.calls) if call.operation == asked)
            judge_success(asked, response, call.response or {})
        self.codes.append(code or "ok")
        self._judge_state(asked, code)

    def wait(self, seconds: float) -> None:
        """Let time pass, and whatever falls due happen."""
        self.backend.clock.advance(seconds)
        self.picture = picture_of(self.backend)

    def _judge_state(self, operation: str | None, code: str | None) -> None:
        after = picture_of(self.backend)
        changed = after != self.picture
        before, self.picture = self.picture, after
        if code is not None and not (operation in WAKES and code in AWAKENING):
            assert not changed, f"{operation} answered {code}, and changed\n{as_text(before, after)}"
        if operation is not None and operation.startswith(READS):
            assert not changed, f"{operation} only looks, and changed\n{as_text(before, after)}"


def routed(request: HttpRequest) -> str | None:
    """Return the operation that *request* is for, if it is for any."""
    try:
        return route(request)
    except ServiceError:
        return None


def judge_error(operation: str | None, response: HttpResponse) -> str:
    """Check that AWS could answer *operation* with this error; return its code."""
    code = response.headers["x-amzn-errortype"]
    text = response.body.decode()
    document = json.loads(text)
    assert not any(ours in text for ours in ("Traceback", "object at 0x", "lambda_states_mock")), text
    if operation is None:
        assert response.status < 500, text
        return code
    allowed = modelled_errors(operation) | ANY_OPERATION | UNDECLARED.get(operation, frozenset())
    assert code in allowed, f"{operation} does not declare {code}: {text}"
    assert code != "ServiceException" or operation in FAILS_IN_AWS, text
    parsed = read_by_botocore(operation, response)
    assert parsed["Error"]["Code"] == code
    message = document.get("message", document.get("Message"))
    assert parsed["Error"].get("Message", "") == (message or ""), text
    return code


def judge_success(operation: str, response: HttpResponse, result: Mapping[str, Any]) -> None:
    """Check that *response* is one that botocore reads, of nothing but members that the operation has."""
    try:
        check_result(operation, result)
    except ImpossibleResultError as error:
        _, *problems = str(error).splitlines()
        unheard_of = [problem for problem in problems if not any(known in problem for known in BESIDE_THE_MODEL)]
        assert not unheard_of, "\n".join([f"{operation} answered what the model does not allow:", *unheard_of])
    assert response.status == status_of(operation, result), (operation, response.status)
    read_by_botocore(operation, response)


def status_of(operation: str, result: Mapping[str, Any]) -> int:
    """Return the status that an answer has: the model's, or that of the member which carries it."""
    model = operation_model(operation)
    carriers = [name for name, member in model.output_shape.members.items() if member.location == "statusCode"]
    return int(result[carriers[0]] if carriers else model.status)
