"""The OpenAPI file of what is below ``/_lambda_states_mock``, made of the table of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lambda_states_mock.server.control_table import PREFIX, Endpoint, Input

_SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "length": {"oneOf": [{"type": "number"}, {"type": "string"}]},
    "number": {"type": "integer"},
    "yes": {"type": "boolean"},
    "json": {},
    "body": {"type": "object"},
}
_DONE = {"description": "done", "content": {"application/json": {}}}
_ERROR = {
    "description": "refused; the header x-amzn-errortype names the error",
    "content": {"application/json": {"schema": {"type": "object", "properties": {"message": {"type": "string"}}}}},
}


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return the OpenAPI document of *endpoints*."""
    from lambda_states_mock import __version__

    paths: dict[str, dict[str, Any]] = {}
    for one in endpoints:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "lambda_states_mock",
            "version": __version__,
            "description": "What a test asks of the mock of AWS Lambda, beside Lambda's own API.",
        },
        "servers": [
            {"url": "/", "description": "the world without a name"},
            {"url": "/worlds/{world}", "variables": {"world": {"default": "gw0"}}, "description": "another world"},
        ],
        "paths": paths,
    }


def _operation(one: Endpoint) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": one.words.replace(" ", "_").replace("-", "_"),
        "summary": one.what,
        "responses": {
            "200": _DONE,
            "400": _ERROR,
            "404": _ERROR,
        },
    }
    placed = [field for field in one.fields if field.name in one.named or one.in_query]
    if placed:
        made["parameters"] = [_parameter(field, "path" if field.name in one.named else "query") for field in placed]
    in_body = [field for field in one.fields if field not in placed]
    if in_body:
        whole = next((field for field in in_body if field.kind == "body"), None)
        properties = {field.name: {**_SCHEMAS[field.kind], "description": field.what} for field in in_body}
        required = [field.name for field in in_body if field.required]
        schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
        if whole is not None:
            schema = {"type": "object", "description": whole.what}
            required = []
        made["requestBody"] = {
            "content": {"application/json": {"schema": schema}},
            "required": bool(required) or whole is not None,
        }
        if required:
            schema["required"] = required
    return made


def _parameter(field: Input, where: str) -> dict[str, Any]:
    schema = _SCHEMAS[field.kind]
    return {"name": field.name, "in": where, "required": field.required, "schema": schema, "description": field.what}
