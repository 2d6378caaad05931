"""Hypothesis strategies for values of any shape of the model, and the ways there and back through botocore."""

from __future__ import annotations

import io
import string
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse, create_request_object, prepare_request_dict
from botocore.endpoint import convert_to_response_dict
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from lambda_states_mock.api_model import Shape, lambda_model, of_lambda
from lambda_states_mock.wire import HttpRequest, HttpResponse
from tests.any_text import any_text
from tests.budget import sized

CLIENTS_MODEL = ServiceModel(dict(of_lambda.data()), "lambda")
OPERATIONS = sorted(lambda_model().operation_names)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
REQUEST_ID = "c9a6f6f4-9d6a-4a8e-9d3c-3f0f6f1d2b11"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FEW = settings(max_examples=sized(3, 100), deadline=None, database=None, suppress_health_check=list(HealthCheck))

_HEADER_TEXT = st.text(string.ascii_letters + string.digits + "$/+=.:-_", max_size=12)
_TEXT = any_text(max_size=6)
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "blob": st.binary(max_size=12),
    "string": _TEXT,
}


def values(shape: Shape, *, steps_per_second: int = 1) -> st.SearchStrategy[Any]:
    """Return values that boto3 could hold for *shape*; timestamps are multiples of a part of a second."""
    if shape.type_name == "structure":
        if shape.traits.get("eventstream"):
            return st.lists(_event(shape), max_size=4)
        return structure(shape, steps_per_second=steps_per_second)
    if shape.type_name == "list":
        return st.lists(values(shape.member, steps_per_second=steps_per_second), max_size=3)
    if shape.type_name == "map":
        return st.dictionaries(_TEXT, values(shape.value, steps_per_second=steps_per_second), max_size=2)
    if shape.type_name == "timestamp":
        steps = st.integers(0, 4_000_000_000 * steps_per_second)
        return steps.map(lambda count: EPOCH + timedelta(microseconds=count * 1_000_000 // steps_per_second))
    return _SCALARS[shape.type_name]


def structure(shape: Shape, *, steps_per_second: int = 1) -> st.SearchStrategy[dict[str, Any]]:
    """Return dicts with all required and some of the other members of *shape*."""
    required = shape.required
    fields = {name: _member(member, steps_per_second) for name, member in shape.members.items()}
    always = {name for name in fields if name in required or shape.members[name].location == "statusCode"}
    return st.fixed_dictionaries(
        {name: fields[name] for name in fields if name in always},
        optional={name: fields[name] for name in fields if name not in always},
    )


def _member(shape: Shape, steps_per_second: int) -> st.SearchStrategy[Any]:
    location = shape.location
    if location == "uri" and shape.type_name == "string":
        return any_text(min_size=1, max_size=6)
    if location == "header" and shape.type_name == "string":
        return _HEADER_TEXT
    if location == "statusCode":
        return st.sampled_from([200, 202])
    if location == "querystring" and shape.type_name == "list":
        return st.lists(_TEXT, min_size=1, max_size=3)  # an empty list leaves no trace in a query
    return values(shape, steps_per_second=steps_per_second)


def _event(shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
    kinds = [
        st.fixed_dictionaries({name: st.fixed_dictionaries({each: values(m) for each, m in member.members.items()})})
        for name, member in shape.members.items()
    ]
    return st.one_of(kinds)


def sent_by_botocore(operation: str, params: dict[str, Any], *, model: OperationModel | None = None) -> HttpRequest:
    """Return the request that a botocore client sends for *params*."""
    model = model or CLIENTS_MODEL.operation_model(operation)
    request_dict = create_serializer("rest-json", False).serialize_to_request(params, model)
    prepare_request_dict(request_dict, "https://lambda.us-east-1.amazonaws.com")
    prepared = create_request_object(request_dict).prepare()
    url = urlsplit(prepared.url)
    body = prepared.body or b""
    return HttpRequest(
        method=prepared.method,
        path=url.path,
        query=url.query,
        headers=dict(prepared.headers.items()),
        body=body.encode() if isinstance(body, str) else body,
    )


class Raw(io.BytesIO):
    """A response body as urllib3 would hand it to botocore."""

    def stream(self, *_args: object, **_options: object) -> Iterator[bytes]:
        """Yield the body in one piece."""
        yield self.read()


def read_by_botocore(operation: str, response: HttpResponse, *, model: OperationModel | None = None) -> dict[str, Any]:
    """Return what a botocore client makes of *response*: streams read to their end, ResponseMetadata taken out."""
    model = model or CLIENTS_MODEL.operation_model(operation)
    raw = AWSResponse("https://lambda", response.status, _headers(response), Raw(response.body))
    response_dict = convert_to_response_dict(raw, model)
    parser = create_parser("rest-json")
    parsed = parser.parse(response_dict, model.output_shape)  # type: ignore[arg-type]
    if response.status >= 300:
        shape = model.service_model.shape_for_error_code(parsed["Error"]["Code"])
        if shape is not None:
            parsed.update(parser.parse(response_dict, shape))
    parsed.pop("ResponseMetadata")
    return {name: _drained(value) for name, value in parsed.items()}


def _headers(response: HttpResponse) -> Any:
    from botocore.awsrequest import HeadersDict

    return HeadersDict(response.headers)


def _drained(value: Any) -> Any:
    if hasattr(value, "read"):
        return value.read()
    return list(value) if type(value).__name__ == "EventStream" else value
