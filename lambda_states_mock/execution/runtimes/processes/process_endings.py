"""How phases of a process end: by what its runtime has told, by its exit, or before it could start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lambda_states_mock.execution import payloads, signals
from lambda_states_mock.execution.crashes import RUNTIME_EXIT, OutOfMemory, ProcessCrash
from lambda_states_mock.execution.endings import Ending, platform_type, process_ended
from lambda_states_mock.execution.log_lines import PhaseStatus
from lambda_states_mock.execution.runtimes.processes.runtime_api import Told

_TOO_LARGE = "Function.ResponseSizeTooLarge"
InLambda = Callable[[bytes], bytes]


def of_invocation(told: Told, in_lambda: InLambda, *, streams: bool) -> Ending:
    """Return how an invocation ends of which the runtime has *told*.

    Parameters: *in_lambda*, which names folders as in Lambda; *streams*, whether the answer is wanted in parts.
    """
    payload, chunks = in_lambda(told.payload), tuple(map(in_lambda, told.chunks))
    if told.error_type is None:
        return Ending(payload, chunks=(chunks or ((payload,) if payload else ())) if streams else ())
    named = told.error_type
    status = PhaseStatus("error", named if named == _TOO_LARGE else platform_type(named))
    return Ending(payload, failed=True, status=status, chunks=chunks if streams else ())


def answered_before(ending: Ending, end: Ending) -> Ending:
    """Return *ending*, which the caller had before the process came to its *end*: the phase ends as that did."""
    status = ending.status if ending.status.error_type == _TOO_LARGE else end.status
    return replace(ending, status=status, fatal=True, error=end.error, fault=end.payload)


def of_init(told: Told, in_lambda: InLambda) -> Ending:
    """Return how an Init or Restore ends whose failure the runtime has *told*, before it exited."""
    status = PhaseStatus("error", platform_type(told.error_type or ""), shown=True)
    return Ending(in_lambda(told.payload), failed=True, status=status, fatal=True)


def of_exit(request_id: str, status: int | None, *, out_of_memory: bool) -> Ending:
    """Return how a phase ends with its process: *status* as `ProcessRecord.exit_status`; None, it has lost its way."""
    if out_of_memory:
        return of_crash(request_id, OutOfMemory())
    if status is not None and status < 0:
        reason = f"Runtime exited with error: signal: {signals.name_of(-status)}"
        return process_ended(request_id, RUNTIME_EXIT, reason)
    payload = payloads.compact(payloads.exited(request_id, status or 0))
    return Ending(payload, failed=True, status=PhaseStatus("error", RUNTIME_EXIT, shown=True), fatal=True)


def of_crash(request_id: str, crash: ProcessCrash) -> Ending:
    """Return how a phase ends in which the platform finds no process, or ends it."""
    return replace(process_ended(request_id, crash.error_type, crash.message), error=crash)
