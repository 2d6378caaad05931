"""How a phase of a function can end, and which errors are the test's: those fly straight to it."""

from __future__ import annotations

import sys
from typing import Any

from lambda_states_mock.errors import HungHandlerWarning, LambdaMockError, NotUnpackedWarning
from lambda_states_mock.execution import payloads
from lambda_states_mock.execution.crashes import ProcessExit
from lambda_states_mock.execution.hang_guard import Hung
from lambda_states_mock.execution.log_lines import SUCCESS, TIMEOUT, PhaseStatus
from lambda_states_mock.execution.payloads import Payload
from lambda_states_mock.execution.sleeping import EnvironmentEnded, Running, TimedOut
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.quick_dataclasses import dataclass

UNHANDLED = "Unhandled"
_PLATFORM_TYPE = compile_later(r"(Runtime|Function)\.[A-Z][A-Za-z]+")

_FOR_THE_TEST = LambdaMockError, KeyboardInterrupt, Hung, EnvironmentEnded, HungHandlerWarning, NotUnpackedWarning


@dataclass(slots=True)  # not frozen: each run has some, and those take longer to make
class Ending:
    """How one phase ended.

    Parameters: *payload*, for the caller, empty after a successful Init phase; *error*, the exception behind a failure;
    *shown*, the payload of an error that the runtime itself reports in the log; *status*, how the platform calls that;
    *fatal*, whether the process is gone; *chunks*, the parts of a streamed response that were sent; *fault*, the
    payload of what ended the process, where the caller had the answer by then.
    """

    payload: bytes
    error: BaseException | None = None
    failed: bool = False
    shown: Payload | None = None
    status: PhaseStatus = SUCCESS
    fatal: bool = False
    chunks: tuple[bytes, ...] = ()
    fault: bytes | None = None


def timed_out(request_id: str, timeout: float, error: BaseException | None = None) -> Ending:
    """Return how a phase ends that was not done within *timeout* seconds. *error*, what came up in it besides."""
    payload = payloads.compact(payloads.timed_out(request_id, timeout))
    behind = None if isinstance(error, TimedOut) else error
    return Ending(payload, error=behind, failed=True, status=TIMEOUT, fatal=True)


def process_ended(request_id: str, error_type: str, reason: str) -> Ending:
    """Return how a phase ends with the processes of its environment: an extension has failed, a fault says so."""
    payload = payloads.compact(payloads.process_ended(error_type, request_id, reason))
    return Ending(payload, failed=True, status=PhaseStatus("error", error_type, shown=True), fatal=True)


def is_for_the_test(error: BaseException, running: Running) -> bool:
    """Return True for what is not of the code that runs in *running*: mistakes of the test, pytest's outcomes."""
    if isinstance(error, TimedOut):
        return error.running is not running  # of an outer function: it is over for all that it waits for
    if isinstance(error, _FOR_THE_TEST):
        return True
    return isinstance(error, _outcomes_of_pytest())


def _outcomes_of_pytest() -> tuple[type[BaseException], ...]:
    """Return what pytest.fail and its like raise, also a pytest.raises that saw nothing; pytest may not be there."""
    pytest: Any = sys.modules.get("pytest")
    return () if pytest is None else tuple(getattr(pytest, way).Exception for way in ("fail", "skip", "xfail", "exit"))


def exit_status(error: BaseException) -> int:
    """Return the exit status of a process that *error* ends."""
    if isinstance(error, ProcessExit):
        return error.status & 0xFF
    if not isinstance(error, SystemExit):
        return 1
    code: Any = error.code
    if code is None or isinstance(code, int):
        return (code or 0) & 0xFF
    print(code, file=sys.stderr)  # as the interpreter does with sys.exit("text")
    return 1


def platform_type(error_type: str) -> str:
    """Return the error type as the platform has it: what is neither the runtime's nor the function's is not named."""
    if _PLATFORM_TYPE.fullmatch(error_type):
        return error_type
    return "Function.Unknown" if error_type.startswith("Function.") else "Runtime.Unknown"
