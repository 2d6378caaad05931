"""Responses: status, headers and body of results and errors, and what the strict check says about impossible ones."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire import HttpResponse, serialise, serialise_error

from .generate import NOW, REQUEST_ID, read_by_botocore
from .strict import ImpossibleResultError, check_result


def answer(operation: str, result: dict[str, Any]) -> HttpResponse:
    """Return the response that carries *result*."""
    return serialise(operation, result, request_id=REQUEST_ID, now=NOW)


def refuse(error: ServiceError) -> HttpResponse:
    """Return the response that carries *error*."""
    return serialise_error("GetFunction", error, request_id=REQUEST_ID, now=NOW)


def test_a_response_carries_date_content_type_and_request_id() -> None:
    assert answer("GetFunctionConfiguration", {"FunctionName": "f"}) == HttpResponse(
        200,
        {"date": "Fri, 02 Jan 2026 03:04:05 GMT", "content-type": "application/json", "x-amzn-requestid": REQUEST_ID},
        b'{"FunctionName":"f"}',
    )


def test_the_date_is_in_gmt_whatever_the_zone_of_the_clock() -> None:
    now = NOW.astimezone(timezone(timedelta(hours=5)))
    assert serialise("GetPolicy", {}, request_id="x", now=now).headers["date"] == "Fri, 02 Jan 2026 03:04:05 GMT"


@pytest.mark.parametrize(
    ("operation", "status"),
    [("CreateFunction", 201), ("DeleteAlias", 204), ("GetFunction", 200), ("PutProvisionedConcurrencyConfig", 202)],
)
def test_the_status_is_that_of_the_model(operation: str, status: int) -> None:
    assert answer(operation, {}).status == status


def test_an_operation_without_output_has_no_body() -> None:
    assert answer("DeleteAlias", {}).body == b""


def test_a_status_member_becomes_the_status_and_a_204_has_no_body() -> None:
    response = answer("Invoke", {"StatusCode": 204, "Payload": b"ignored"})
    assert (response.status, response.body) == (204, b"")
    assert answer("DeleteFunction", {"StatusCode": 204}).status == 204


def test_header_members_and_a_raw_payload_travel_outside_json() -> None:
    response = answer(
        "Invoke", {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": b"null", "LogResult": None}
    )
    assert response.headers["X-Amz-Executed-Version"] == "$LATEST"
    assert "X-Amz-Log-Result" not in response.headers
    assert response.body == b"null"


def test_a_timestamp_is_written_as_seconds_since_1970() -> None:
    moment = datetime(2026, 1, 1, 0, 0, 0, 250_000, tzinfo=timezone.utc)
    assert answer("GetEventSourceMapping", {"LastModified": moment}).body == b'{"LastModified":1767225600.25}'
    assert answer("GetEventSourceMapping", {"LastModified": moment.replace(tzinfo=None)}).body == (
        b'{"LastModified":1767225600.25}'
    )


def test_a_half_surrogate_goes_through_as_its_escape() -> None:
    assert json.loads(answer("GetPolicy", {"Policy": "\ud800"}).body) == {"Policy": "\ud800"}


def test_a_response_stream_is_framed_so_that_botocore_reads_it() -> None:
    events: list[dict[str, Any]] = [
        {"PayloadChunk": {"Payload": b"one"}},
        {"PayloadChunk": {"Payload": b""}},
        {"InvokeComplete": {"ErrorCode": "Unhandled", "ErrorDetails": "went wrong"}},
    ]
    response = answer("InvokeWithResponseStream", {"StatusCode": 200, "EventStream": events})
    assert response.headers["content-type"] == "application/vnd.amazon.eventstream"
    assert read_by_botocore("InvokeWithResponseStream", response)["EventStream"] == events


def test_the_content_type_of_a_stream_can_be_given_and_stands_there_once() -> None:
    result = {"StatusCode": 200, "EventStream": [], "ResponseStreamContentType": "text/plain"}
    headers = answer("InvokeWithResponseStream", result).headers
    assert {name: value for name, value in headers.items() if name.lower() == "content-type"} == {
        "content-type": "text/plain"
    }


def test_an_error_has_its_code_in_a_header_and_its_members_in_the_body() -> None:
    response = refuse(ServiceError("InvalidParameterValueException", "no"))
    assert response.status == 400
    assert response.headers["x-amzn-errortype"] == "InvalidParameterValueException"
    assert response.headers["x-amzn-requestid"] == REQUEST_ID
    assert response.body == b'{"Type":"User","message":"no"}'


def test_a_message_has_the_name_that_the_errors_shape_gives_it() -> None:
    assert refuse(ServiceError("ResourceNotFoundException", "no")).body == b'{"Type":"User","Message":"no"}'


def test_an_error_of_type_none_and_an_error_without_message_leave_these_out() -> None:
    assert refuse(ServiceError("ResourceNotFoundException", "no", type=None)).body == b'{"Message":"no"}'
    assert refuse(ServiceError("ResourceNotFoundException", None, type=None)).body == b"{}"


def test_an_unmodelled_error_has_neither_type_nor_message_at_the_top_level() -> None:
    error = ServiceError("RequestEntityTooLargeException", "Request must be smaller", type=None, status=413)
    response = refuse(error)
    assert response.status == 413
    assert read_by_botocore("GetFunction", response) == {
        "Error": {"Code": "RequestEntityTooLargeException", "Message": "Request must be smaller"}
    }


def test_an_unmodelled_error_without_a_status_is_a_400() -> None:
    assert refuse(ServiceError("ValidationException", "no", type=None)).status == 400


def test_a_throttle_tells_its_reason_in_the_body_and_when_to_retry_in_a_header() -> None:
    error = ServiceError(
        "TooManyRequestsException",
        "Rate Exceeded.",
        members={"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "retryAfterSeconds": 1},
    )
    response = refuse(error)
    assert response.status == 429
    assert response.headers["Retry-After"] == "1"
    assert read_by_botocore("Invoke", response) == {
        "Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."},
        "Type": "User",
        "message": "Rate Exceeded.",
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
        "retryAfterSeconds": "1",
    }


def test_the_status_of_an_error_wins_over_the_models() -> None:
    assert refuse(ServiceError("ServiceException", "no", type=None, status=503)).status == 503


@pytest.mark.parametrize(
    ("operation", "result", "problem"),
    [
        ("GetFunctionConfiguration", {"FunctionNme": "f"},
         'GetFunctionConfiguration.FunctionNme: the model has no such member. did you mean "FunctionName"?'),
        ("GetFunctionConfiguration", {"Timeout": "3"},
         "GetFunctionConfiguration.Timeout: '3' is a str, the model has a integer there"),
        ("GetFunctionConfiguration", {"Timeout": True},
         "GetFunctionConfiguration.Timeout: True is a bool, the model has a integer there"),
        ("GetFunctionConfiguration", {"Role": None},
         "GetFunctionConfiguration.Role: None is a NoneType, the model has a string there"),
        ("GetFunctionConfiguration", {"State": "Actve"},
         "GetFunctionConfiguration.State: 'Actve' is none of Pending, Active, Inactive, Failed"),
        ("GetFunctionConfiguration", {"LastModified": NOW}, "GetFunctionConfiguration.LastModified: datetime"),
        ("GetFunction", {"Tags": {"a": 1}}, "GetFunction.Tags['a']: 1 is a int, the model has a string there"),
        ("ListFunctions", {"Functions": [{}, {"Nope": 1}]},
         "ListFunctions.Functions[1].Nope: the model has no such member."),
        ("ListFunctions", {"Functions": ["f"]},
         "ListFunctions.Functions[0]: 'f' is a str, the model has a structure there"),
        ("CreateFunctionUrlConfig", {}, "CreateFunctionUrlConfig.FunctionUrl: it is missing,"),
        ("InvokeWithResponseStream", {"EventStream": [{"Chunk": {}}]},
         "InvokeWithResponseStream.EventStream[0].Chunk: the model has no such member."),
        ("DeleteAlias", {"Name": "x"}, "DeleteAlias.Name: the model has no such member."),
    ],
)  # fmt: skip
def test_an_impossible_result_is_told_with_its_path(operation: str, result: dict[str, Any], problem: str) -> None:
    with pytest.raises(ImpossibleResultError) as raised:
        check_result(operation, result)
    assert f"\n  {problem}" in str(raised.value)
