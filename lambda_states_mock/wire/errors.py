"""From an error answer to an HTTP response: code in a header, message under the name that its shape gives it."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from lambda_states_mock.api_model import Shape, lambda_model
from lambda_states_mock.instants import http_date
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire.encode import Encoder, dump, json_encoder, text_encoder
from lambda_states_mock.wire.http import HttpResponse

UNMODELLED_STATUS = 400


class ErrorPlan(NamedTuple):
    """How one error code is written: its status, the name of its message, where its members go."""

    status: int
    message_name: str
    headers: dict[str, tuple[str, Encoder]]
    body: dict[str, tuple[str, Encoder | None]]


def serialise_error(
    operation: str | None,  # noqa: ARG001 - an error looks the same whichever operation answers it
    error: ServiceError,
    *,
    request_id: str,
    now: datetime,
) -> HttpResponse:
    """Return the response that carries *error*.

    Parameters: *operation*, its name or None when none was found; *error*, the answer, whose status wins over the
    model's; *request_id*, for ``x-amzn-requestid``; *now*, for ``date``.
    """
    plan = _plan(error.code)
    headers = {
        "date": http_date(now),
        "content-type": "application/json",
        "x-amzn-requestid": request_id,
        "x-amzn-errortype": error.code,
    }
    document: dict[str, Any] = {}
    if error.type is not None:
        document["Type"] = error.type
    for name, value in error.members.items():
        if name in plan.headers:
            header, as_text = plan.headers[name]
            headers[header] = as_text(value)
        else:
            wire, encode = plan.body.get(name, (name, None))
            document[wire] = value if encode is None else encode(value)
    if error.message is not None:
        document[plan.message_name] = error.message
    return HttpResponse(error.status or plan.status, headers, dump(document))


@cache
def _plan(code: str) -> ErrorPlan:
    return plan_for(lambda_model().error(code))


def plan_for(shape: Shape | None) -> ErrorPlan:
    """Return how errors of *shape* are written; None stands for a code that the model does not know."""
    if shape is None:
        return ErrorPlan(UNMODELLED_STATUS, "message", {}, {})
    members = shape.members
    message = next((name for name in members if name.lower() == "message"), "message")
    headers = {
        name: (member.wire_name(name), text_encoder(member))
        for name, member in members.items()
        if member.location == "header"
    }
    body = {
        name: (member.wire_name(name), json_encoder(member)) for name, member in members.items() if name not in headers
    }
    return ErrorPlan(shape.error_status or UNMODELLED_STATUS, message, headers, body)
