"""The wire: HTTP requests to parameters, results and errors to HTTP responses, all from the API's model."""

from lambda_states_mock.wire.constraints import check
from lambda_states_mock.wire.errors import serialise_error
from lambda_states_mock.wire.http import HttpRequest, HttpResponse
from lambda_states_mock.wire.parse import parse
from lambda_states_mock.wire.routes import route
from lambda_states_mock.wire.serialise import serialise

__all__ = [
    "HttpRequest",
    "HttpResponse",
    "check",
    "parse",
    "route",
    "serialise",
    "serialise_error",
]
