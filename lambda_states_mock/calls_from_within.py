"""Calls of AWS's APIs that come from real processes of functions, over HTTP, and are answered by this world."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.sax.saxutils import escape

from lambda_states_mock.dependencies.neighbours import Neighbours, SentRequest
from lambda_states_mock.dependencies.signatures import Signed, signed_by
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.errors import LambdaMockError
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest
from lambda_states_mock.wire.http import HttpRequest, HttpResponse

_REFUSED = "NotMocked"


def calls_from_within(
    handle: Callable[..., HttpResponse],
    neighbours: Neighbours,
    region_by_default: str,
    hint: Callable[[str], object],
) -> Callable[[ProcessRequest], ProcessReply]:
    """Return what answers such a call: Lambda's by *handle*, as `Backend.handle`, others by the *neighbours*.

    *hint* gets the mistakes of the test in it.
    """

    def answer(request: ProcessRequest) -> ProcessReply:
        """Answer one; mistakes of the test come out as they are."""
        path, _, query = request.path.partition("?")
        signed = signed_by(request.headers.get("authorization"), query) or Signed("")
        region, service = signed.region or region_by_default, signed.service or "lambda"
        if service != "lambda":
            sent = SentRequest(service, region, request.method, request.path, request.headers, request.body)
            found = neighbours.answer(sent)
            if found is not None:
                return ProcessReply(found.status, found.body, found.headers)
            return _refused(sent, f"{service} is not mocked: AWS Lambda alone answers here. Add moto:  @mock_aws.")
        call = HttpRequest(request.method, path, query, dict(request.headers), request.body)
        try:
            response = handle(None, call, region=region, access_key=signed.key or None)
        except BrokenConnection:
            return ProcessReply(500)
        except LambdaMockError as mistake:
            hint(str(mistake))
            raise
        return ProcessReply(response.status, response.body, dict(response.headers))

    return answer


def _refused(request: SentRequest, text: str) -> ProcessReply:
    """Return an error as the SDKs of *request*'s protocol read it; it has no status that they would ask again after."""
    told = f"<Error><Code>{_REFUSED}</Code><Message>{escape(text)}</Message></Error>"
    if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        return ProcessReply(400, f"<ErrorResponse>{told}</ErrorResponse>".encode(), {"Content-Type": "text/xml"})
    if request.service == "s3":
        return ProcessReply(400, told.encode(), {"Content-Type": "application/xml"})
    body = json.dumps({"__type": _REFUSED, "message": text})
    return ProcessReply(400, body.encode(), {"Content-Type": "application/json", "X-Amzn-ErrorType": _REFUSED})
