"""Calls of AWS's APIs that come from real processes of functions, over HTTP, and are answered by this world."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from lambda_states_mock.dependencies.neighbours import Neighbours, SentRequest
from lambda_states_mock.dependencies.signatures import signing_key
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.errors import LambdaMockError
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest
from lambda_states_mock.wire.http import HttpRequest, HttpResponse

_REFUSED = "NotMocked"
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/")


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
        authorization = request.headers.get("authorization", "")
        signed = _SIGNED_FOR.search(authorization)
        region = signed["region"] if signed is not None else region_by_default
        service = signed["service"] if signed is not None else _service_of(query)
        if service not in {"lambda", ""}:
            sent = SentRequest(service, region, request.method, request.path, request.headers, request.body)
            found = neighbours.answer(sent)
            if found is not None:
                return ProcessReply(found.status, found.body, found.headers)
            return _refused(sent, f"{service} is not mocked: AWS Lambda alone answers here. Add moto:  @mock_aws.")
        key = signing_key(authorization, query)
        call = HttpRequest(request.method, path, query, dict(request.headers), request.body)
        try:
            response = handle(None, call, region=region, access_key=key)
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


def _service_of(query: str) -> str:
    given = parse_qs(query).get("X-Amz-Credential", [""])[0].split("/")
    return given[3] if len(given) > 3 else ""
