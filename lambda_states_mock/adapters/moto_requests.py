"""Requests that have come over HTTP, for the services that moto mocks: they are answered as those of this process."""

from __future__ import annotations

import sys
from typing import Any

from lambda_states_mock.dependencies.neighbours import SentRequest, ServiceAnswer

_MODULE = "moto.core.models"
_HOSTS = {  # where a service signs under another name than that of its host
    "aws-marketplace": "metering.marketplace",
    "eventbridge": "events",
    "iotdata": "data.iot",
    "mobiletargeting": "pinpoint",
    "ses": "email",
}
_WITHOUT_REGION = frozenset({"budgets", "cloudfront"})
_STREAMS = "DynamoDBStreams"


def answer(request: SentRequest) -> ServiceAnswer | None:
    """Return the answer of moto, which is active, to *request*; None where it has nothing to do with it."""
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.compat import HTTPHeaders

    headers = HTTPHeaders()
    for name, value in request.headers.items():
        headers[name] = value
    host = _host_of(request)
    del headers["host"]
    headers["host"] = host
    prepared = AWSPreparedRequest(request.method, f"https://{host}{request.path}", headers, request.body, False)
    stubber: Any = sys.modules[_MODULE]
    found = stubber.botocore_stubber("before-send", prepared)
    if found is None:
        return None
    given = {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in found.headers.items()}
    return ServiceAnswer(found.status_code, given, found.content)


def _host_of(request: SentRequest) -> str:
    service = _HOSTS.get(request.service, request.service)
    if service == "dynamodb" and request.headers.get("x-amz-target", "").startswith(_STREAMS):
        service = "streams.dynamodb"
    if service in _WITHOUT_REGION:
        return f"{service}.amazonaws.com"
    return f"{service}.{request.region}.amazonaws.com"
