"""Traits of rest-json that Lambda's model does not use today, on a small service of our own: a new botocore may."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import ServiceModel

from lambda_states_mock.api_model import ApiModel
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire import HttpRequest, HttpResponse
from lambda_states_mock.wire.errors import plan_for
from lambda_states_mock.wire.eventstream import stream_encoder
from lambda_states_mock.wire.parse import compile_readers
from lambda_states_mock.wire.serialise import compile_writer

from .generate import NOW, read_by_botocore, sent_by_botocore

DATA: dict[str, Any] = {
    "metadata": {"protocol": "rest-json", "serviceId": "Lambda", "endpointPrefix": "lambda"},
    "operations": {
        "PutThing": {
            "name": "PutThing",
            "http": {"method": "PUT", "requestUri": "/things/{Key}"},
            "input": {"shape": "Thing"},
            "output": {"shape": "Answer"},
        },
        "GetText": {
            "name": "GetText",
            "http": {"method": "GET", "requestUri": "/text", "responseCode": 200},
            "input": {"shape": "TextAsked"},
            "output": {"shape": "TextAnswer"},
        },
        "GetPart": {
            "name": "GetPart",
            "http": {"method": "GET", "requestUri": "/part"},
            "output": {"shape": "PartAnswer"},
        },
    },
    "shapes": {
        "Thing": {
            "type": "structure",
            "members": {
                "Key": {"shape": "String", "location": "uri", "locationName": "Key"},
                "Context": {
                    "shape": "String",
                    "location": "header",
                    "locationName": "X-Context",
                    "jsonvalue": True,
                },
                "Names": {"shape": "Strings", "location": "header", "locationName": "X-Names"},
                "Meta": {"shape": "Map", "location": "headers", "locationName": "X-Meta-"},
                "Since": {"shape": "When", "location": "header", "locationName": "X-Since"},
                "Ratio": {"shape": "Double", "location": "querystring", "locationName": "ratio"},
                "Rest": {"shape": "Map", "location": "querystring"},
                "Free": {"shape": "Document"},
                "Renamed": {"shape": "String", "locationName": "other"},
                "Odd": {"shape": "Double"},
            },
        },
        "Answer": {
            "type": "structure",
            "members": {
                "Context": {
                    "shape": "String",
                    "location": "header",
                    "locationName": "X-Context",
                    "jsonvalue": True,
                },
                "Flag": {"shape": "Boolean", "location": "header", "locationName": "X-Flag"},
                "Names": {"shape": "Strings", "location": "header", "locationName": "X-Names"},
                "Since": {"shape": "When", "location": "header", "locationName": "X-Since"},
                "Meta": {"shape": "Map", "location": "headers", "locationName": "X-Meta-"},
                "Renamed": {"shape": "String", "locationName": "other"},
                "Made": {"shape": "IsoWhen"},
                "Blobs": {"shape": "Blobs"},
                "Files": {"shape": "Files"},
            },
        },
        "TextAsked": {"type": "structure", "payload": "Text", "members": {"Text": {"shape": "String"}}},
        "TextAnswer": {"type": "structure", "payload": "Text", "members": {"Text": {"shape": "String"}}},
        "PartAnswer": {"type": "structure", "payload": "Part", "members": {"Part": {"shape": "Part"}}},
        "Part": {"type": "structure", "members": {"Made": {"shape": "When"}}},
        "Stream": {
            "type": "structure",
            "eventstream": True,
            "members": {"Said": {"shape": "Said"}, "Told": {"shape": "Told"}, "Broke": {"shape": "Broke"}},
        },
        "Said": {
            "type": "structure",
            "event": True,
            "members": {
                "Who": {"shape": "String", "eventheader": True},
                "Words": {"shape": "String", "eventpayload": True},
            },
        },
        "Told": {
            "type": "structure",
            "event": True,
            "members": {"Part": {"shape": "Part", "eventpayload": True}},
        },
        "Broke": {"type": "structure", "exception": True, "members": {"message": {"shape": "String"}}},
        "Silent": {"type": "structure", "exception": True, "members": {}},
        "Document": {"type": "structure", "document": True, "members": {}},
        "Map": {"type": "map", "key": {"shape": "String"}, "value": {"shape": "String"}},
        "Strings": {"type": "list", "member": {"shape": "String"}},
        "Blobs": {"type": "list", "member": {"shape": "Blob"}},
        "Files": {"type": "map", "key": {"shape": "String"}, "value": {"shape": "Blob"}},
        "String": {"type": "string"},
        "Boolean": {"type": "boolean"},
        "Blob": {"type": "blob"},
        "Double": {"type": "double"},
        "When": {"type": "timestamp"},
        "IsoWhen": {"type": "timestamp", "timestampFormat": "iso8601"},
    },
}
SENT_SINCE = pytest.mark.needs("botocore>=1.38")  # an older one writes such headers as Python prints them
OURS, SERVICE = ApiModel(DATA), ServiceModel(DATA, "lambda")


def parsed(operation: str, request: HttpRequest) -> dict[str, Any]:
    """Return the params of *request*."""
    params: dict[str, Any] = {}
    for read in compile_readers(OURS.operation(operation)):
        read(request, params)
    return params


def there(operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return *params* after their way through botocore's serialiser and our parser."""
    return parsed(operation, sent_by_botocore(operation, params, model=SERVICE.operation_model(operation)))


def back(operation: str, result: dict[str, Any]) -> dict[str, Any]:
    """Return *result* after its way through our serialiser and botocore's parser."""
    model = SERVICE.operation_model(operation)
    headers: dict[str, str] = {}
    status, body = compile_writer(OURS.operation(operation))(result, headers)
    return read_by_botocore(operation, HttpResponse(status, headers, body), model=model)


@pytest.mark.parametrize(
    "params",
    [
        {"Key": "a", "Context": {"deep": [1, None, "é"]}},
        pytest.param({"Key": "a", "Names": ["x", "y,z", 'q"r']}, marks=SENT_SINCE),
        {"Key": "a", "Meta": {"one": "1", "two": "2"}},
        {"Key": "a", "Since": NOW},
        {"Key": "a", "Ratio": 0.25, "Rest": {"more": "yes", "most": ""}},
        pytest.param({"Key": "a", "Ratio": float("inf"), "Odd": float("-inf")}, marks=SENT_SINCE),
        {"Key": "a", "Free": {"any": ["thing", 1]}, "Renamed": "here"},
    ],
)
def test_parameters_with_unusual_traits_survive(params: dict[str, Any]) -> None:
    assert there("PutThing", params) == params


@pytest.mark.parametrize(
    "result",
    [
        {"Context": {"deep": [1, "é"]}},
        {"Names": ["x", "y"], "Since": NOW},
        {"Renamed": "here", "Made": NOW},
        {"Made": NOW.replace(microsecond=5000)},
        {"Blobs": [b"\x00", b""], "Files": {"a": b"\xff"}},
    ],
)
def test_results_with_unusual_traits_survive(result: dict[str, Any]) -> None:
    assert back("PutThing", {**result, "Meta": {"one": "1"}}) == {**result, "Meta": {"one": "1"}}


def test_a_boolean_header_is_written_in_lower_case() -> None:
    headers: dict[str, str] = {}
    compile_writer(OURS.operation("PutThing"))({"Flag": False}, headers)
    assert headers == {"X-Flag": "false"}


def test_nulls_in_a_result_stay_nulls() -> None:
    result = {"Renamed": None, "Made": None, "Blobs": None, "Files": None}
    assert back("PutThing", result) == {"Meta": {}}


def test_a_text_payload_is_no_json() -> None:
    assert there("GetText", {"Text": "plain é"}) == {"Text": "plain é"}
    assert compile_writer(OURS.operation("GetText"))({"Text": "plain é"}, {}) == (200, "plain é".encode())


def test_a_structure_payload_is_the_whole_body() -> None:
    assert back("GetPart", {"Part": {"Made": NOW}}) == {"Part": {"Made": NOW}}


def test_a_broken_json_header_is_a_serialization_exception() -> None:
    for text in ("bm90IGpzb24=", "not base64"):
        with pytest.raises(ServiceError, match="SerializationException"):
            parsed("PutThing", HttpRequest("PUT", "/things/a", "", {"X-Context": text}, b""))


def test_events_carry_header_members_texts_structures_and_exceptions() -> None:
    shape = OURS.shape("Stream")
    frames = stream_encoder(shape)(
        [
            {"Said": {"Who": "me", "Words": "hé"}},
            {"Told": {"Part": {"Made": NOW}}},
            {"Broke": {"message": "no"}},
        ]
    )
    json_content = {":content-type": "application/json"}
    assert list(decoded(frames)) == [
        ({":event-type": "Said", ":content-type": "text/plain", ":message-type": "event", "Who": "me"}, "hé".encode()),
        ({":event-type": "Told", **json_content, ":message-type": "event"}, b'{"Made":1767323045}'),
        ({":exception-type": "Broke", **json_content, ":message-type": "exception"}, b'{"message":"no"}'),
    ]


def decoded(frames: bytes) -> Any:
    """Yield headers and payload of each of *frames*, as botocore reads them."""
    from botocore.eventstream import EventStreamBuffer

    buffer = EventStreamBuffer()
    buffer.add_data(frames)
    for message in buffer:
        yield message.headers, message.payload


def test_an_error_without_a_status_in_the_model_is_a_400_with_a_message() -> None:
    assert plan_for(OURS.shape("Silent")) == (400, "message", {}, {})
