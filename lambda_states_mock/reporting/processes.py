"""What the report of a failing test says of processes: how they ended, and what they wrote last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambda_states_mock.printing import shortened

if TYPE_CHECKING:
    from lambda_states_mock.execution.process_record import ProcessRecord
    from lambda_states_mock.mock import LambdaMock

SHOWN_PROCESSES = 5
SHOWN_LINES = 15


def failed_processes(mock: LambdaMock) -> str:
    """Return the latest processes of *mock* that ended by themselves, and not well; empty without any."""
    failed = [
        (name, one)
        for _, name, record in mock.backend.service.pool.all_records()
        for one in record.processes
        if one.failed
    ]
    parts = [_described(name, one) for name, one in failed[-SHOWN_PROCESSES:]]
    if len(failed) > SHOWN_PROCESSES:
        parts.insert(0, f"(the last {SHOWN_PROCESSES} of {len(failed)})")
    return "\n".join(parts)


def _described(function: str, process: ProcessRecord) -> str:
    from lambda_states_mock.execution import signals

    status = process.exit_status or 0
    how = f"exit status {status}" if status > 0 else f"signal: {signals.name_of(-status)}"
    lines = [shortened(line) for line in process.tail.splitlines() if line.strip()]
    if len(lines) > SHOWN_LINES:
        lines = ["...", *lines[-SHOWN_LINES:]]
    head = f"{function}  {shortened(' '.join(process.arguments))}  {how}"
    return "\n".join([head, *(f"  {line}" for line in lines)])
