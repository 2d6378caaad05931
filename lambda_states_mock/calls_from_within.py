"""Calls of AWS's APIs that come from real processes of functions, over HTTP, and are answered by this world."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs

from lambda_states_mock.dependencies.signatures import signing_key
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.errors import LambdaMockError
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest, refusal
from lambda_states_mock.wire.http import HttpRequest, HttpResponse

_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/")


def calls_from_within(
    handle: Callable[..., HttpResponse], region_by_default: str, hint: Callable[[str], object]
) -> Callable[[ProcessRequest], ProcessReply]:
    """Return what answers such a call by *handle*, as `Backend.handle`; *hint* gets the mistakes of the test in it."""

    def answer(request: ProcessRequest) -> ProcessReply:
        """Answer one; mistakes of the test come out as they are."""
        path, _, query = request.path.partition("?")
        authorization = request.headers.get("authorization", "")
        signed = _SIGNED_FOR.search(authorization)
        region = signed["region"] if signed is not None else region_by_default
        service = signed["service"] if signed is not None else _service_of(query)
        if service not in {"lambda", ""}:
            # No status that an SDK would ask again after.
            text = f"{service} is not mocked for processes of functions: only AWS Lambda answers here."
            return refusal(400, "NotMocked", text)
        key = signing_key(authorization, query)
        sent = HttpRequest(request.method, path, query, dict(request.headers), request.body)
        try:
            response = handle(None, sent, region=region, access_key=key)
        except BrokenConnection:
            return ProcessReply(500)
        except LambdaMockError as mistake:
            hint(str(mistake))
            raise
        return ProcessReply(response.status, response.body, dict(response.headers))

    return answer


def _service_of(query: str) -> str:
    given = parse_qs(query).get("X-Amz-Credential", [""])[0].split("/")
    return given[3] if len(given) > 3 else ""
