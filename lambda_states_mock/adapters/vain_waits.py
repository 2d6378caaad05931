"""How long a client waits for an answer, or a connection, that never comes: it passes on the mock's clock."""

from __future__ import annotations

from typing import Any

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.execution.sleeping import sleep

PATIENCE = 60.0
"""Seconds that a client waits which does not say how long: botocore's default."""


def wait_in_vain(broken: BrokenConnection, *, read: Any, connect: Any) -> None:
    """Let the time pass for which the client waited until it gave up.

    Parameters: *broken*, what happened; *read* and *connect*, the client's time-outs in seconds, of whatever kind.
    """
    limit = {"read timed out": read, "connection timed out": connect}.get(broken.how, 0)
    mock = active_mocks.innermost()
    if mock is not None:
        sleep(mock.clock, limit if isinstance(limit, (int, float)) else PATIENCE)
