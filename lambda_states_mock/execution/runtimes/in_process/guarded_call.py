"""A call of a function's code, guarded: whatever it does is an ending, or the test's own mistake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from lambda_states_mock.execution import payloads as platform
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.crashes import RUNTIME_EXIT, ProcessCrash, RuntimeFault
from lambda_states_mock.execution.endings import Ending, exit_status, is_for_the_test, platform_type, timed_out
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.log_lines import PhaseStatus
from lambda_states_mock.execution.payloads import RESPONSE_LIMIT, Payload
from lambda_states_mock.execution.runtimes.in_process import exits, payloads, timers
from lambda_states_mock.execution.runtimes.in_process.own_threads import PARENTS, owners
from lambda_states_mock.execution.runtimes.in_process.stack_traces import LambdaPaths
from lambda_states_mock.execution.sleeping import Running, TimedOut
from lambda_states_mock.quick_dataclasses import dataclass

_INSTANT = timedelta(microseconds=1)
# What the runtime's own frame looks like when a handler could not even be entered.
_CALL_FRAME = (
    '  File "/var/runtime/bootstrap.py", line 188, in handle_event_request\n'
    "    response = request_handler(event, lambda_context)\n"
)


@dataclass(slots=True, eq=False, repr=False)
class GuardedCall:
    """Runs code of a function and says how it ended.

    Parameters: *spec*, for the shape of errors and the timeout; *paths*, for stack traces; *response_limit*, in bytes.
    """

    _spec: EnvironmentSpec
    _paths: LambdaPaths
    _request_id: str
    _response_limit: int = RESPONSE_LIMIT

    def run(self, work: Callable[[], bytes], running: Running, *, importing: bool = False) -> Ending:
        """Return how *work* ended: it returns the payload, fails, ends the process, or takes too long.

        Errors of this package, of pytest and KeyboardInterrupt are not the function's: they come out of here as they
        are.

        Parameters: *importing*, True in the part that the runtime reports as an error of the initialisation.
        """
        try:
            ending = self._answered(self._noticed(work, running))
            if PARENTS:
                exits.end_child()
        except BaseException as error:
            if PARENTS:
                exits.end_child(error)
            if is_for_the_test(error, running):
                raise
            ending = self._failed(error, importing=importing)
        if running.is_over():
            return timed_out(self._request_id, self._spec.configuration.timeout, ending.error)
        return ending

    def _noticed(self, work: Callable[[], bytes], running: Running) -> bytes:
        try:
            try:
                answer = work()
            finally:
                if timers.FOUND:
                    timers.stop()
        except ProcessCrash as crash:
            if crash.unnoticed if crash.unnoticed is not None else self._spec.runs_python:
                _let_time_run_out(running)
            raise
        except RecursionError:
            mine = owners()
            if mine and mine[-1].recurses_slowly:
                _let_time_run_out(running)
            raise
        else:
            return answer

    def _answered(self, payload: bytes) -> Ending:
        if len(payload) > self._response_limit:
            status = PhaseStatus("error", "Function.ResponseSizeTooLarge")
            return Ending(platform.compact(platform.too_large(self._response_limit)), failed=True, status=status)
        return Ending(payload)

    def _failed(self, error: BaseException, *, importing: bool) -> Ending:
        if not isinstance(error, (Exception, TimedOut)):
            return self._exited(error)
        request_id = "" if importing else self._request_id
        runtime = self._spec.configuration.runtime
        if isinstance(error, RuntimeFault):
            payload = payloads.fault(error, runtime, request_id=request_id)
            cause = error.__cause__ or error
        else:
            payload, cause = self._raised(error, request_id, importing=importing), error
        return Ending(
            payloads.to_json(payload, runtime)
            if "requestId" in payload
            else platform.compact(payload),  # Python's has it
            error=cause,
            failed=True,
            shown=payload,
            # The Python runtime reports what went wrong while importing, and exits.
            status=PhaseStatus("error", platform_type(str(payload["errorType"])), shown=importing),
            fatal=importing,
        )

    def _raised(self, error: BaseException, request_id: str, *, importing: bool) -> Payload:
        trace = self._paths.stack_trace(error.__traceback__)
        if not trace and not importing and isinstance(error, TypeError):
            trace = [_CALL_FRAME]
        payload = payloads.raised(error, self._spec.configuration.runtime, trace=trace, request_id=request_id)
        return {**payload, "errorMessage": self._paths.in_text(payload["errorMessage"])}

    def _exited(self, error: BaseException) -> Ending:
        if isinstance(error, ProcessCrash):
            error_type = error.error_type
            payload = platform.process_ended(error_type, self._request_id, error.message)
        else:
            payload, error_type = platform.exited(self._request_id, exit_status(error)), RUNTIME_EXIT
        reason = PhaseStatus("error", error_type, shown=True)
        return Ending(platform.compact(payload), error=error, failed=True, status=reason, fatal=True)


def _let_time_run_out(running: Running) -> None:
    sleeping.sleep(running.clock, running.deadline - running.now + _INSTANT)
