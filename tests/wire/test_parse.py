"""Requests of callers that are not botocore: raw HTTP, in good and bad shape."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from lambda_states_mock.api_model import origin
from lambda_states_mock.errors import UnknownNameError
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire import HttpRequest, parse
from lambda_states_mock.wire.parse import split_list

FUNCTIONS = "/2015-03-31/functions"


def request(path: str, *, query: str = "", headers: dict[str, Any] | None = None, body: bytes = b"") -> HttpRequest:
    """Return a request to *path*; the method is the business of the route."""
    return HttpRequest("POST", path, query, headers or {}, body)


def create_function(body: str) -> dict[str, Any]:
    """Return the params of a CreateFunction with *body*."""
    return parse("CreateFunction", request(FUNCTIONS, body=body.encode()))


def test_an_arn_in_the_path_is_decoded() -> None:
    path = f"{FUNCTIONS}/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aorders%3A%24LATEST/configuration"
    params = parse("GetFunctionConfiguration", request(path, query="Qualifier=%24LATEST"))
    assert params == {
        "FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:orders:$LATEST",
        "Qualifier": "$LATEST",
    }


def test_an_invocations_payload_and_client_context_arrive_as_they_were_sent() -> None:
    headers = {"x-amz-CLIENT-context": b"eyJjdXN0b20iOiB7fX0=", "X-Amz-Invocation-Type": "Event"}
    params = parse("Invoke", request(f"{FUNCTIONS}/f/invocations", headers=headers, body=b"\xff not json"))
    assert params == {
        "FunctionName": "f",
        "ClientContext": "eyJjdXN0b20iOiB7fX0=",
        "InvocationType": "Event",
        "Payload": b"\xff not json",
    }


def test_an_empty_payload_is_absent_unless_it_is_required() -> None:
    assert "Payload" not in parse("Invoke", request(f"{FUNCTIONS}/f/invocations"))
    assert parse("InvokeAsync", request("/2014-11-13/functions/f/invoke-async"))["InvokeArgs"] == b""


def test_null_and_unknown_members_are_absent() -> None:
    assert create_function('{"FunctionName": "f", "Role": null, "Later": 1, "VpcConfig": {"New": []}}') == {
        "FunctionName": "f",
        "VpcConfig": {},
    }


def test_a_member_that_belongs_in_the_path_is_not_taken_from_the_body() -> None:
    path = f"{FUNCTIONS}/f/configuration"
    assert parse("UpdateFunctionConfiguration", request(path, body=b'{"FunctionName": "g"}')) == {"FunctionName": "f"}


def test_nulls_in_lists_and_maps_are_kept_for_the_check() -> None:
    params = create_function('{"Layers": [null], "Tags": {"a": null}}')
    assert params == {"Layers": [None], "Tags": {"a": None}}


def test_an_integer_may_be_written_with_a_point() -> None:
    timeout = create_function('{"Timeout": 3.0}')["Timeout"]
    assert timeout == 3
    assert isinstance(timeout, int)


def test_an_integer_has_32_bits_and_a_long_64() -> None:
    assert create_function('{"Timeout": 2147483647}')["Timeout"] == 2**31 - 1
    layer = "/2018-10-31/layers/l/versions/"
    assert parse("GetLayerVersion", request(f"{layer}{2**63 - 1}"))["VersionNumber"] == 2**63 - 1
    with pytest.raises(ServiceError, match=f"SerializationException: '{2**63}' can not be converted to a Long"):
        parse("GetLayerVersion", request(f"{layer}{2**63}"))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
def test_a_number_in_a_body_is_finite(number: str) -> None:
    body = f'{{"RoutingConfig": {{"AdditionalVersionWeights": {{"2": {number}}}}}}}'.encode()
    with pytest.raises(ServiceError, match="SerializationException"):
        parse("CreateAlias", request("/2015-03-31/functions/f/aliases", body=body))


def test_a_query_of_lists_integers_booleans_and_timestamps_is_typed() -> None:
    query = "Statuses=RUNNING&Statuses=FAILED&MaxItems=5&ReverseOrder=true&StartedAfter=2026-01-02T03%3A04%3A05Z&Else=1"
    params = parse(
        "ListDurableExecutionsByFunction", request("/2025-12-01/functions/f/durable-executions", query=query)
    )
    assert params == {
        "FunctionName": "f",
        "Statuses": ["RUNNING", "FAILED"],
        "MaxItems": 5,
        "ReverseOrder": True,
        "StartedAfter": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    }


@pytest.mark.parametrize(
    "text",
    ["1767323045", "1767323045.0", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", "2026-01-02T04:04:05+01:00",
     "2026-01-02T04:04:05+0100", "2026-01-02 03:04:05", "Fri, 02 Jan 2026 03:04:05 GMT"],
)  # fmt: skip
def test_a_timestamp_is_read_in_every_format_that_the_protocol_knows(text: str) -> None:
    body = f'{{"StartingPositionTimestamp": "{text}"}}'.encode()
    params = parse("CreateEventSourceMapping", request("/2015-03-31/event-source-mappings", body=body))
    assert params["StartingPositionTimestamp"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "Could not parse request body into json: Unexpected end-of-input: expected close marker for Object "),
        ("[1,]", "Could not parse request body into json: Unexpected character (']' (code 93)): expected a value"),
        pytest.param(
            "[" * 100_000, "Could not parse request body into json: Document nesting depth exceeds", id="nested"
        ),
        ("[]", "Start of list found where not expected"),
        ('"x"', "STRING_VALUE can not be converted to a structure"),
        ("null", "NULL_VALUE can not be converted to a structure"),
        ('{"Timeout": "3"}', "STRING_VALUE can not be converted to an Integer"),
        ('{"Timeout": 3.5}', "NUMBER_VALUE can not be converted to an Integer"),
        ('{"Timeout": 2147483648}', "NUMBER_VALUE can not be converted to an Integer"),
        ('{"Timeout": -2147483649}', "NUMBER_VALUE can not be converted to an Integer"),
        ('{"Timeout": 1e400}', "NUMBER_VALUE can not be converted to an Integer"),
        ('{"Timeout": NaN}', "Could not parse request body into json: Non-standard token 'NaN'"),
        ('{"Unknown": -Infinity}', "Could not parse request body into json: Non-standard token '-Infinity'"),
        ('{"Timeout": true}', "TRUE_VALUE can not be converted to an Integer"),
        ('{"Role": 1}', "NUMBER_VALUE can not be converted to a String"),
        ('{"Role": {}}', "Start of structure or map found where not expected."),
        ('{"Publish": "true"}', "STRING_VALUE can not be converted to a Boolean"),
        ('{"Layers": "x"}', "STRING_VALUE can not be converted to a list"),
        ('{"Tags": 1}', "NUMBER_VALUE can not be converted to a map"),
        ('{"Code": {"ZipFile": "no base64!"}}', "Invalid base64 in a blob"),
    ],
)
def test_a_body_that_does_not_fit_the_shapes_is_a_serialization_exception(body: str, message: str) -> None:
    with pytest.raises(ServiceError) as raised:
        create_function(body)
    assert (raised.value.code, raised.value.status, raised.value.type) == ("SerializationException", 400, None)
    assert (raised.value.message or "").startswith(message)


def test_a_body_that_is_no_utf8_is_a_serialization_exception() -> None:
    with pytest.raises(ServiceError, match="parse request body into json: Invalid UTF-8 start byte 0xff"):
        parse("CreateFunction", request(FUNCTIONS, body=b"\xff"))


@pytest.mark.parametrize(
    "query", ["MaxItems=abc", "MaxItems=", "MaxItems=2147483648", "ReverseOrder=yes", "StartedAfter=soon"]
)
def test_a_query_part_of_another_type_is_a_serialization_exception(query: str) -> None:
    with pytest.raises(ServiceError, match="SerializationException"):
        parse("ListDurableExecutionsByFunction", request("/2025-12-01/functions/f/durable-executions", query=query))


@pytest.mark.parametrize("text", ["2026-13-01T00:00:00Z", "1e30", "yesterday"])
def test_an_impossible_timestamp_is_a_serialization_exception(text: str) -> None:
    body = f'{{"StartingPositionTimestamp": "{text}"}}'.encode()
    with pytest.raises(ServiceError, match="is no timestamp"):
        parse("CreateEventSourceMapping", request("/2015-03-31/event-source-mappings", body=body))


def test_an_operation_that_the_model_does_not_have_is_our_own_error_with_a_hint() -> None:
    with pytest.raises(UnknownNameError) as raised:
        parse("GetFunctions", request(FUNCTIONS))
    assert str(raised.value) == (f'{origin()} knows no Lambda operation "GetFunctions": did you mean "GetFunction"?')


def test_a_header_is_found_in_any_case() -> None:
    sent = request("/", headers={"X-Amz-Date": b"now"})
    assert sent.header("x-AMZ-date") == "now"
    assert sent.header("other") is None


def test_a_header_list_keeps_commas_within_quotes() -> None:
    assert split_list('a, "b,c" ,"d\\"e"') == ["a", "b,c", 'd"e']
