"""What a world shows of itself as JSON. The values of environment variables are masked unless they are asked for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from lambda_states_mock.api_calls import ApiCall
from lambda_states_mock.clock import Timer
from lambda_states_mock.engine.fault import Fault
from lambda_states_mock.instants import iso, iso_milliseconds
from lambda_states_mock.invocation.record import Invocation
from lambda_states_mock.live_view import FunctionView
from lambda_states_mock.mock import LambdaMock
from lambda_states_mock.printing import MASK, Masked
from lambda_states_mock.resources.arn import LATEST

Json = dict[str, Any]


def plain(value: Any, *, unmasked: bool = False) -> Any:
    """Return *value* as JSON has it. Bytes are text where they are UTF-8, else ``{"base64": ...}``."""
    if isinstance(value, Mapping):
        if isinstance(value, Masked) and not unmasked:
            return dict.fromkeys(map(str, value), MASK)
        return {str(key): plain(one, unmasked=unmasked) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one, unmasked=unmasked) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name), unmasked=unmasked) for one in fields(value) if one.repr}
    return next((show(value) for kinds, show in _SIMPLE if isinstance(value, kinds)), repr(value))


def _bytes(value: bytes) -> Any:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


_SIMPLE: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Enum, lambda value: value.value),
    ((str, int, float, bool, type(None)), lambda value: value),
    ((bytes, bytearray), _bytes),
    (datetime, iso_milliseconds),
    (timedelta, lambda value: value.total_seconds()),
)


def clock_view(mock: LambdaMock) -> Json:
    """Return where the clock stands, and what is pending."""
    with mock.clock.lock:
        return {"now": iso(mock.clock.now), "pending": [timer_view(timer) for timer in mock.clock.pending]}


def timer_view(timer: Timer) -> Json:
    """Return one timer."""
    return {"label": timer.label, "due": iso(timer.due), "background": timer.background}


def functions_view(mock: LambdaMock, *, unmasked: bool = False) -> Iterator[Json]:
    """Yield all functions and published versions, of all accounts and regions."""
    for partition in mock.backend.service.store:
        for version in partition.versions:
            name = version.name if version.number == LATEST else f"{version.name}:{version.number}"
            view = mock.function(name, account=partition.place.account, region=partition.place.region)
            yield function_view(view, version.configuration.environment or {}, unmasked=unmasked)


def function_view(view: FunctionView, variables: Mapping[str, str], *, unmasked: bool = False) -> Json:
    """Return one function or version, which exists. Parameters: *variables*, of its environment."""
    environments = [
        {name: plain(getattr(one, name)) for name in ("log_stream", "state", "initialization_type")}
        for one in view.environments
    ]
    return {
        "name": view.name,
        "version": view.number,
        "arn": view.arn,
        "state": view.state,
        "state_reason_code": view.state_reason_code,
        "last_update_status": view.last_update_status,
        "last_update_status_reason_code": view.last_update_status_reason_code,
        "revision_id": view.revision_id,
        "variables": dict(variables) if unmasked else dict.fromkeys(variables, MASK),
        "environments": environments,
    }


def call_view(call: ApiCall, *, unmasked: bool = False) -> Json:
    """Return one call of the API."""
    error = call.error
    return {
        "operation": call.operation,
        "at": iso_milliseconds(call.at),
        "account": call.account,
        "region": call.region,
        "request_id": call.request_id,
        "caller": call.caller,
        "params": plain(call.params, unmasked=unmasked),
        "response": plain(call.response, unmasked=unmasked),
        "error": None if error is None else {"code": error.code, "message": error.message, "members": error.members},
        "broken": call.broken,
    }


def invocation_view(one: Invocation) -> Json:
    """Return one run of a function."""
    return {
        "function": one.function,
        "version": one.version,
        "invoked_arn": one.invoked_arn,
        "request_id": one.request_id,
        "kind": one.kind,
        "attempt": one.attempt,
        "payload": plain(one.payload),
        "result": plain(one.result),
        "error": one.error,
        "cold": one.cold,
        "start": iso_milliseconds(one.start),
        "end": iso_milliseconds(one.end),
        "log": one.log,
        "environment": one.environment,
    }


def fault_view(number: int, fault: Fault) -> Json:
    """Return one fault. Parameters: its *number*."""
    return {
        "id": number,
        "what": fault.what,
        "times": fault.times,
        "called": fault.called,
        "required": fault.required,
        "spent": fault.spent,
    }
