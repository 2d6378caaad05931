"""Answers that are read without botocore's parser are read as it reads them, or are left to it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.parsers import ResponseParserFactory

from lambda_states_mock.adapters.answer_reading import Reader, reader_of
from lambda_states_mock.adapters.botocore_hook import Raw

KEYS = {"region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
HEADERS = {"Content-Type": "application/json", "X-Amzn-RequestId": "id"}


def operation(name: str) -> Any:
    make: Any = boto3.client
    return make("lambda", **KEYS).meta.service_model.operation_model(name)


def reader(of: Any) -> Reader:
    parser = ResponseParserFactory().create_parser("rest-json")
    first, then = reader_of(parser, of), reader_of(parser, of)
    found = first or then
    assert found is not None
    return found


def read(name: str, answer: Any) -> Any:
    raw = Raw(json.dumps(answer).encode(), "https://lambda", HEADERS)
    return reader(operation(name))(SimpleNamespace(raw=raw, status_code=200), lambda _raw, _length: None)


def parsed(name: str, answer: Any) -> Any:
    response = {"body": json.dumps(answer).encode(), "headers": HEADERS, "status_code": 200}
    return ResponseParserFactory().create_parser("rest-json").parse(response, operation(name).output_shape)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("GetFunctionConfiguration", {"FunctionName": "orders", "Timeout": 3, "CodeSize": 7, "Layers": [{"Arn": "a"}]}),
        ("GetFunctionConfiguration", {"Environment": {"Variables": {"A": "1"}}, "VpcConfig": None}),
        ("GetEventSourceMapping", {"LastModified": 1767225600.25, "BisectBatchOnFunctionError": True}),
        ("GetEventSourceMapping", {"LastModified": "2026-01-01T00:00:00Z"}),
        ("GetEventSourceMapping", {"LastModified": 1767225600}),
        ("GetAlias", {"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.5}}}),
    ],
)
def test_usual_values_are_what_the_parser_gives(name: str, answer: Any) -> None:
    found = read(name, answer)
    assert {**found, "ResponseMetadata": None} == {**parsed(name, answer), "ResponseMetadata": None}


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("GetFunctionConfiguration", {"Timeout": "3"}),
        ("GetFunctionConfiguration", {"FunctionName": 3}),
        ("GetFunctionConfiguration", {"VpcConfig": "none"}),
        ("GetFunctionConfiguration", {"Layers": [None]}),
        ("GetFunctionConfiguration", {"Layers": {}}),
        ("GetFunctionConfiguration", {"Environment": {"Variables": {"A": None}}}),
        ("GetFunctionConfiguration", []),
        ("GetAlias", {"RoutingConfig": {"AdditionalVersionWeights": {"2": 1}}}),
    ],
)
def test_an_unusual_value_leaves_the_answer_to_the_parser(name: str, answer: Any) -> None:
    assert read(name, answer) is None
