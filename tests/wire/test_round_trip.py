"""What botocore writes we read, and what we write botocore reads: over the whole model of Lambda."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_states_mock.api_model import lambda_model, operation_model
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire import parse, route, serialise, serialise_error
from lambda_states_mock.wire.serialise import EVENT_STREAM
from tests.any_text import any_text

from .generate import FEW, NOW, OPERATIONS, REQUEST_ID, read_by_botocore, sent_by_botocore, structure
from .strict import check_result


def without_empty_payload(operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return *params* without an empty payload, which looks the same on the wire as none."""
    shape = operation_model(operation).input_shape
    payload = shape.traits.get("payload")
    required = shape.required
    return {name: value for name, value in params.items() if value or name != payload or name in required}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_parameters_survive_the_way_through_botocores_serialiser(operation: str) -> None:
    shape = operation_model(operation).input_shape
    params = structure(shape)

    @FEW
    @given(params)
    def there(given_params: dict[str, Any]) -> None:
        request = sent_by_botocore(operation, given_params)
        assert route(request) == operation
        assert parse(operation, request) == without_empty_payload(operation, given_params)

    there()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_results_survive_the_way_through_botocores_parser(operation: str) -> None:
    shape = operation_model(operation).output_shape
    results = structure(shape, steps_per_second=1000)
    payload = shape.traits.get("payload")

    @FEW
    @given(results)
    def back(result: dict[str, Any]) -> None:
        response = serialise(operation, result, request_id=REQUEST_ID, now=NOW)
        expected = dict(result)
        if payload:
            expected.setdefault(payload, [] if operation == "InvokeWithResponseStream" else b"")
        if operation == "InvokeWithResponseStream":
            expected.setdefault("ResponseStreamContentType", EVENT_STREAM)
        assert read_by_botocore(operation, response) == expected

    back()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_modelled_error_reaches_the_client_with_its_members(operation: str) -> None:
    model = operation_model(operation)

    @FEW
    @given(any_text(max_size=9), st.sampled_from(["User", "Service", None]))
    def back(message: str, kind: str | None) -> None:
        for shape in map(lambda_model().shape, model.errors):
            members = {name: f"some {name}" for name in shape.members if name.lower() not in {"type", "message"}}
            error = ServiceError(shape.name, message, type=kind, members=members)
            response = serialise_error(operation, error, request_id=REQUEST_ID, now=NOW)
            message_name = next(name for name in shape.members if name.lower() == "message")
            expected = {"Error": {"Code": shape.name, "Message": message}, message_name: message, **members}
            if kind is not None:
                expected["Type"] = kind
            assert read_by_botocore(operation, response) == expected
            assert response.status == shape.error_status

    back()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_member_of_a_request_or_a_result_is_lost(operation: str) -> None:
    model = operation_model(operation)
    params = smallest(model.input_shape)
    result = smallest(model.output_shape)
    assert parse(operation, sent_by_botocore(operation, params)) == params
    assert read_by_botocore(operation, serialise(operation, result, request_id=REQUEST_ID, now=NOW)) == result


@pytest.mark.parametrize("operation", OPERATIONS)
def test_results_made_from_the_model_pass_the_strict_check(operation: str) -> None:
    shape = operation_model(operation).output_shape
    check_result(operation, smallest(shape))


def smallest(shape: Any) -> Any:
    """Return one value of *shape* with every member, the first of each enum."""
    if shape.traits.get("eventstream"):
        return [{name: smallest(member)} for name, member in shape.members.items()]
    containers: dict[str, Callable[[], Any]] = {
        "structure": lambda: {name: smallest(member) for name, member in shape.members.items()},
        "list": lambda: [smallest(shape.member)],
        "map": lambda: {smallest(shape.key): smallest(shape.value)},
        "string": lambda: shape.traits.get("enum", ["x"])[0],
    }
    if shape.type_name in containers:
        return containers[shape.type_name]()
    if shape.location == "statusCode":
        return 200
    return {"blob": b"x", "boolean": True, "timestamp": NOW, "double": 0.5}.get(shape.type_name, 1)
