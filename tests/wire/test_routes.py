"""Every operation of the model is found by its method, path and literal query."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock.api_model import lambda_model, operation_model
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire import HttpRequest, parse, route

from .generate import NOW, OPERATIONS, sent_by_botocore

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders/a b:$LATEST"


def required_params(operation: str) -> dict[str, Any]:
    """Return the smallest params of *operation*; every label holds an ARN with awkward characters."""
    shape = operation_model(operation).input_shape
    kinds: dict[str, Any] = {"string": ARN, "long": 3, "integer": 3, "list": ["x"], "map": {}, "structure": {}}
    kinds |= {"blob": b"x", "timestamp": NOW, "boolean": True}
    return {name: kinds[shape.members[name].type_name] for name in shape.required}


def test_the_installed_botocore_has_at_least_the_operations_of_the_documented_table() -> None:
    assert len(OPERATIONS) >= 88


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_found_by_the_request_that_botocore_sends(operation: str) -> None:
    assert route(sent_by_botocore(operation, required_params(operation))) == operation


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_found_with_a_trailing_slash_too(operation: str) -> None:
    request = sent_by_botocore(operation, required_params(operation))
    slashed = HttpRequest(request.method, request.path + "/", request.query, request.headers, request.body)
    assert route(slashed) == operation
    assert parse(operation, slashed) == parse(operation, request)


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    [
        ("GET", "/2018-10-31/layers", "ListLayers"),
        ("GET", "/2018-10-31/layers?find=LayerVersion&Arn=x", "GetLayerVersionByArn"),
        ("GET", "/2018-10-31/layers?Arn=x&find=LayerVersion", "GetLayerVersionByArn"),
        ("GET", "/2018-10-31/layers?find=other", "ListLayers"),
        ("GET", "/2019-09-30/functions/f/provisioned-concurrency?Qualifier=1", "GetProvisionedConcurrencyConfig"),
        ("GET", "/2019-09-30/functions/f/provisioned-concurrency?List=ALL", "ListProvisionedConcurrencyConfigs"),
        ("GET", "/2015-03-31/functions/", "ListFunctions"),
        ("GET", "/2015-03-31/functions/versions", "GetFunction"),
        ("POST", "/2014-11-13/functions/f/invoke-async/", "InvokeAsync"),
        ("GET", "/2019-09-25/functions/f/event-invoke-config/list", "ListFunctionEventInvokeConfigs"),
    ],
)
def test_literal_query_parts_and_segments_belong_to_the_route(method: str, target: str, operation: str) -> None:
    path, _, query = target.partition("?")
    assert route(HttpRequest(method, path, query, {}, b"")) == operation


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/2015-03-31/functions"),
        ("GET", "/2015-03-31/functions//configuration"),
        ("DELETE", "/2015-03-31/functions/"),
        ("GET", "/"),
        ("GET", "/2015-03-31/functions/f/nothing"),
    ],
)
def test_a_request_for_no_operation_is_answered_as_aws_answers_it(method: str, path: str) -> None:
    with pytest.raises(ServiceError) as raised:
        route(HttpRequest(method, path, "", {}, b""))
    assert raised.value.code == "AccessDeniedException"
    assert raised.value.status == 403
    assert raised.value.message == "Unable to determine service/operation name to be authorized"


def test_a_path_that_is_not_the_operations_own_is_refused_by_parse() -> None:
    with pytest.raises(ServiceError, match="Unable to determine service/operation name"):
        parse("GetFunction", HttpRequest("GET", "/2015-03-31/functions", "", {}, b""))


def test_the_model_is_loaded_once() -> None:
    assert lambda_model() is lambda_model()
