"""How a function can end, and what of it is an answer: everything else flies straight to the test."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lambda_states_mock.errors import LambdaMockError
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.crashes import RUNTIME_EXIT, ProcessCrash, RuntimeFault
from lambda_states_mock.execution.log_lines import SUCCESS, TIMEOUT, PhaseStatus
from lambda_states_mock.execution.runtimes.in_process import payloads
from lambda_states_mock.execution.runtimes.in_process.isolation import ProcessExit
from lambda_states_mock.execution.runtimes.in_process.stack_traces import LambdaPaths
from lambda_states_mock.execution.sleeping import Running, TimedOut
from lambda_states_mock.execution.spec import FunctionSpec

_PLATFORM_TYPE = re.compile(r"(Runtime|Function)\.[A-Z][A-Za-z]+")
UNHANDLED = "Unhandled"
_INSTANT = timedelta(microseconds=1)
# What the runtime's own frame looks like when a handler could not even be entered.
_CALL_FRAME = (
    '  File "/var/runtime/bootstrap.py", line 188, in handle_event_request\n'
    "    response = request_handler(event, lambda_context)\n"
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How one phase ended.

    Parameters:
        payload: for the caller; empty after a successful Init phase.
        error: the exception behind a failure.
        shown: the payload of an error that the runtime itself reports in the log.
        status: how the platform calls that.
        fatal: True when the process is gone.
    """

    payload: bytes
    error: BaseException | None = None
    failed: bool = False
    shown: payloads.Payload | None = None
    status: PhaseStatus = SUCCESS
    fatal: bool = False

    @property
    def function_error(self) -> str | None:
        """The ``FunctionError`` of the answer."""
        return UNHANDLED if self.failed else None


class Judge:
    """Runs a phase of a function and says how it ended.

    Parameters: *spec*, for the shape of errors and the timeout; *paths*, for stack traces; *response_limit*, in bytes.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        *,
        paths: LambdaPaths,
        request_id: str,
        response_limit: int = payloads.RESPONSE_LIMIT,
    ) -> None:
        self._runtime = spec.runtime
        self._is_python = spec.python
        self._timeout = spec.timeout
        self._paths = paths
        self._request_id = request_id
        self._response_limit = response_limit

    def run(self, work: Callable[[], bytes], running: Running, *, importing: bool = False) -> Ending:
        """Return how *work* ended: it returns the payload, fails, ends the process, or takes too long.

        Errors of this package, of pytest and KeyboardInterrupt are not the function's: they come out of here as they
        are.

        Parameters: *importing*, True in the part that the runtime reports as an error of the initialisation.
        """
        try:
            ending = self._answered(self._noticed(work, running))
        except BaseException as error:
            if is_for_the_test(error, running):
                raise
            ending = self._failed(error, importing=importing)
        if running.is_over():
            return self._timed_out(ending.error)
        return ending

    def _noticed(self, work: Callable[[], bytes], running: Running) -> bytes:
        try:
            return work()
        except ProcessCrash as crash:
            unnoticed = crash.unnoticed if crash.unnoticed is not None else self._is_python
            if unnoticed:
                sleeping.sleep(running.clock, running.deadline - running.now + _INSTANT)
            raise

    def extension_failed(self, error_type: str, reason: str) -> Ending:
        """Return how a phase ends because an extension has failed."""
        payload = payloads.compact(payloads.extension_failed(error_type, self._request_id, reason))
        return Ending(payload, failed=True, status=PhaseStatus("error", error_type, shown=True), fatal=True)

    def _answered(self, payload: bytes) -> Ending:
        if len(payload) > self._response_limit:
            status = PhaseStatus("error", "Function.ResponseSizeTooLarge")
            return Ending(payloads.compact(payloads.too_large(self._response_limit)), failed=True, status=status)
        return Ending(payload)

    def _failed(self, error: BaseException, *, importing: bool) -> Ending:
        if not isinstance(error, (Exception, TimedOut)):
            return self._exited(error)
        request_id = "" if importing else self._request_id
        if isinstance(error, RuntimeFault):
            payload = payloads.fault(error, self._runtime, request_id=request_id)
            cause = error.__cause__ or error
        else:
            payload, cause = self._raised(error, request_id, importing=importing), error
        return Ending(
            self._written(payload),
            error=cause,
            failed=True,
            shown=payload,
            # The Python runtime reports what went wrong while importing, and exits.
            status=PhaseStatus("error", _platform_type(str(payload["errorType"])), shown=importing),
            fatal=importing,
        )

    def _written(self, payload: payloads.Payload) -> bytes:
        is_python = "requestId" in payload
        return payloads.to_json(payload, self._runtime) if is_python else payloads.compact(payload)

    def _raised(self, error: BaseException, request_id: str, *, importing: bool) -> payloads.Payload:
        trace = self._paths.stack_trace(error.__traceback__)
        if not trace and not importing and isinstance(error, TypeError):
            trace = [_CALL_FRAME]
        payload = payloads.raised(error, self._runtime, trace=trace, request_id=request_id)
        return {**payload, "errorMessage": self._paths.in_text(payload["errorMessage"])}

    def _exited(self, error: BaseException) -> Ending:
        if isinstance(error, ProcessCrash):
            payload, error_type = payloads.crashed(self._request_id, error), error.error_type
        else:
            payload, error_type = payloads.exited(self._request_id, exit_status(error)), RUNTIME_EXIT
        reason = PhaseStatus("error", error_type, shown=True)
        return Ending(payloads.compact(payload), error=error, failed=True, status=reason, fatal=True)

    def _timed_out(self, error: BaseException | None) -> Ending:
        payload = payloads.compact(payloads.timed_out(self._request_id, self._timeout))
        behind = None if isinstance(error, TimedOut) else error
        return Ending(payload, error=behind, failed=True, status=TIMEOUT, fatal=True)


def is_for_the_test(error: BaseException, running: Running) -> bool:
    """Return True for what is not of the code that runs in *running*: mistakes of the test, pytest's outcomes."""
    if isinstance(error, TimedOut):
        return error.running is not running  # of an outer function: it is over for all that it waits for
    if isinstance(error, (LambdaMockError, KeyboardInterrupt)):
        return True
    # pytest.fail, skip, exit, and a pytest.raises that saw nothing; pytest itself may not be there.
    return any(kind.__module__ == "_pytest.outcomes" for kind in type(error).__mro__)


def _platform_type(error_type: str) -> str:
    """Return the error type as the platform has it: what is neither the runtime's nor the function's is not named."""
    if _PLATFORM_TYPE.fullmatch(error_type):
        return error_type
    return "Function.Unknown" if error_type.startswith("Function.") else "Runtime.Unknown"


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
