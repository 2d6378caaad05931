"""The model of AWS Lambda, read from ``lambda.json`` on first use: the server's side, whichever botocore calls it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lambda_states_mock.api_model.views import ApiModel, ModelledOperation
from lambda_states_mock.errors import UnknownNameError, nearest

_SERVER_FAULT = 500


@cache
def data() -> Mapping[str, Any]:
    """Return all that ``lambda.json`` holds: ``botocore``, ``made``, ``partitions``, ``operations`` and ``shapes``."""
    loader: Any = __spec__.loader  # which may read from a zip, too
    found: Mapping[str, Any] = json.loads(loader.get_data(str(Path(__file__).with_name("lambda.json"))))
    return found


def botocore_version() -> str:
    """Return the version of botocore that the model comes from."""
    return str(data()["botocore"])


def model_date() -> str:
    """Return the day on which the model was made from that botocore, e.g. ``2026-01-31``."""
    return str(data()["made"])


def origin() -> str:
    """Return what errors call this model: a client may be newer, and so may AWS."""
    return f"lambda_states_mock's API model (of botocore {botocore_version()}, {model_date()})"


@cache
def lambda_model() -> ApiModel:
    """Return the model of Lambda, loaded once per process."""
    return ApiModel(data())


@cache
def regions() -> frozenset[str]:
    """Return the regions of AWS, in all partitions."""
    return frozenset(region for partition in data()["partitions"].values() for region in partition)


@cache
def operation_model(operation: str) -> ModelledOperation:
    """Return the model of *operation*; UnknownNameError when Lambda has none of that name."""
    __tracebackhide__ = True
    model = lambda_model()
    if operation not in model:
        hint = nearest(operation, model.operation_names)
        hint = f":{hint}" if hint else '. They have names such as "CreateFunction"; phases are chosen with on_phase().'
        raise UnknownNameError(f'{origin()} knows no Lambda operation "{operation}"{hint}')
    return model.operation(operation)


@cache
def enum_of(shape: str) -> frozenset[str]:
    """Return the values of the enumeration *shape*, e.g. of ``StateReasonCode``."""
    return frozenset(lambda_model().shape(shape).traits["enum"])


def is_service_fault(code: str) -> bool:
    """Tell whether the modelled error *code* is a fault of AWS: HTTP 5xx."""
    return (lambda_model().shape(code).error_status or 0) >= _SERVER_FAULT


@cache
def members_of_error(code: str) -> frozenset[str]:
    """Return the names of what the error *code* carries beside its type and its message; none for an unmodelled one."""
    shape = lambda_model().error(code)
    members = shape.members if shape is not None else ()
    return frozenset(name for name in members if name.lower() not in ("type", "message"))


@cache
def modelled_errors(operation: str) -> frozenset[str]:
    """Return the codes of the errors that *operation* declares; ``"*"``: of all that Lambda has.

    Raises UnknownNameError for what is no operation.
    """
    __tracebackhide__ = True
    return frozenset(lambda_model().error_names if operation == "*" else operation_model(operation).errors)


@cache
def parameters_of(operation: str) -> frozenset[str]:
    """Return the names of the parameters of *operation*; ``"*"``: of all that Lambda has.

    Raises UnknownNameError for what is no operation.
    """
    __tracebackhide__ = True
    operations = lambda_model().operation_names if operation == "*" else [operation]
    return frozenset(name for one in operations for name in operation_model(one).input_shape.members)
