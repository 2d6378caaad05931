"""From the result of an operation to an HTTP response. The twin of `parse`.

A serialiser is compiled per operation on first use. When nothing in the result needs care, which is so for most
operations, it dumps the result as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from lambda_states_mock.api_model import ModelledOperation, Shape, operation_model
from lambda_states_mock.instants import http_date
from lambda_states_mock.wire.encode import dump, payload_encoder, structure_encoder, text_encoder
from lambda_states_mock.wire.eventstream import stream_encoder
from lambda_states_mock.wire.http import HttpResponse

JSON = "application/json"
EVENT_STREAM = "application/vnd.amazon.eventstream"
NO_CONTENT = 204

Result = Mapping[str, Any]
# status code and body of a result; what it adds to the headers goes into the dict
Writer = Callable[[Result, dict[str, str]], tuple[int, bytes]]


def serialise(operation: str, result: Result, *, request_id: str, now: datetime) -> HttpResponse:
    """Return the response that carries *result*.

    Parameters: *operation*, its name; *result*, the members as boto3 gives them to a caller (bytes for blobs, datetimes
    for timestamps, a list of events for an event stream); *request_id*, for ``x-amzn-requestid``; *now*, for ``date``.
    Members unknown to the model are not looked for: it trusts the operations, to be quick.
    """
    headers = {"date": http_date(now), "content-type": JSON, "x-amzn-requestid": request_id}
    status, body = _writer(operation)(result, headers)
    return HttpResponse(status, headers, body)


@cache
def _writer(operation: str) -> Writer:
    return compile_writer(operation_model(operation))


def compile_writer(operation: ModelledOperation) -> Writer:
    """Return the function that writes results of *operation*."""
    status = operation.status
    shape = operation.output_shape
    members = shape.members
    in_body = {name: member for name, member in members.items() if member.location is None}
    if not in_body:
        write_body: Callable[[Result, dict[str, str]], bytes] = _nothing
    elif "payload" in shape.traits:
        name = shape.traits["payload"]
        write_body = _payload(name, members[name])
    else:
        write = _document(in_body)
        if len(in_body) == len(members):
            return lambda result, _headers: (status, write(result))
        write_body = lambda result, _headers: write(  # noqa: E731
            {name: value for name, value in result.items() if name in in_body}
        )
    if len(in_body) == len(members):
        return lambda result, headers: (status, write_body(result, headers))
    return _with_locations(status, members, write_body)


def _nothing(_result: Result, _headers: dict[str, str]) -> bytes:
    return b""


def _document(members: Mapping[str, Shape]) -> Callable[[Result], bytes]:
    convert = structure_encoder(members)
    return dump if convert is None else lambda result: dump(convert(result))


def _payload(name: str, shape: Shape) -> Callable[[Result, dict[str, str]], bytes]:
    if shape.traits.get("eventstream"):
        encode = stream_encoder(shape)

        def write_stream(result: Result, headers: dict[str, str]) -> bytes:
            headers["content-type"] = EVENT_STREAM
            return encode(result.get(name) or ())

        return write_stream
    encode_payload, absent = payload_encoder(shape)
    return lambda result, _headers: encode_payload(result.get(name) or absent)


def _with_locations(
    default_status: int, members: Mapping[str, Shape], write_body: Callable[[Result, dict[str, str]], bytes]
) -> Writer:
    header_members = [
        (name, header_name(member.wire_name(name)), text_encoder(member))
        for name, member in members.items()
        if member.location == "header"
    ]
    header_maps = [(name, member.wire_name(name)) for name, member in members.items() if member.location == "headers"]
    status_member = next((name for name, member in members.items() if member.location == "statusCode"), None)

    def write(result: Result, headers: dict[str, str]) -> tuple[int, bytes]:
        body = write_body(result, headers)
        for name, header, as_text in header_members:
            value = result.get(name)
            if value is not None:
                headers[header] = as_text(value)
        for name, prefix in header_maps:
            for key, value in (result.get(name) or {}).items():
                headers[prefix + key] = value
        status = (result.get(status_member) if status_member else None) or default_status
        return status, b"" if status == NO_CONTENT else body

    return write


def header_name(name: str) -> str:
    """Return *name*, lower-case where this module sets a header of that name itself, so that none is there twice."""
    return name.lower() if name.lower() in {"content-type", "date", "x-amzn-requestid"} else name
