"""What a function is to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.quick_dataclasses import dataclass


@dataclass(slots=True, eq=False)
class InvocationEvent:
    """One event for a function; without a request id, none: a phase that no caller waits for.

    Attributes: *payload*, the event's bytes; *event* and *client_context*, parsed; the latter is None without one;
    *trace*, the header of the chain of requests that it belongs to; *streams*, whether the answer is wanted in parts.
    """

    spec: EnvironmentSpec
    payload: bytes = b"{}"
    event: Any = None
    request_id: str = ""
    client_context: Mapping[str, Any] | None = None
    trace: str | None = None
    streams: bool = False
