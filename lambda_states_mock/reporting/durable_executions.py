"""What the report of a failing test says of durable executions: where those stand that have not succeeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambda_states_mock.printing import shortened

if TYPE_CHECKING:
    from lambda_states_mock.durable_view import ExecutionView
    from lambda_states_mock.mock import LambdaMock

SHOWN_EXECUTIONS = 5


def not_succeeded(mock: LambdaMock) -> str:
    """Return the latest executions of *mock* that have not succeeded, with their operations; empty without any."""
    from lambda_states_mock.durable_view import DurableView

    found = [
        one
        for partition in mock.backend.service.store
        for function in sorted({one.function for one in partition.durable_executions})
        for one in DurableView(mock.backend, partition.place, function, "").executions
        if one.status != "SUCCEEDED"
    ]
    parts = [_described(one) for one in found[-SHOWN_EXECUTIONS:]]
    if len(found) > SHOWN_EXECUTIONS:
        parts.insert(0, f"(the last {SHOWN_EXECUTIONS} of {len(found)})")
    return "\n".join(parts)


def _described(execution: ExecutionView) -> str:
    error = execution.error
    told = "" if error is None else f": {error.get('ErrorType')}: {shortened(str(error.get('ErrorMessage')))}"
    lines = str(execution.operations).splitlines()
    return "\n".join([f"{execution!r}{told}", *(f"  {line}" for line in lines)])
