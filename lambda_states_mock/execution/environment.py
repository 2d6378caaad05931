"""An execution environment: Init, then one Invoke after the other, then Shutdown.

It is made for one version of a function and does one thing at a time. Its process is imaginary, but lasts as a
process does: the modules, the environment variables and the log stream of a function stay from one invocation to the
next. A time-out, an exit and a failed Init end the process and not the environment: the next invocation there
initialises anew, within its own duration, and finds /tmp as it was. Which phase follows which is in the table of
`states.execution_environment`.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from lambda_states_mock.clock import Timer, VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.crashes import OutOfMemory
from lambda_states_mock.execution.endings import Ending
from lambda_states_mock.execution.environment_record import EnvironmentRecord
from lambda_states_mock.execution.extension_host import NO_TIME, ExtensionHost
from lambda_states_mock.execution.extensions import Extension
from lambda_states_mock.execution.folders import Folder
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.execution.log_lines import TIMEOUT, LogStyle, PhaseStatus
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.phases import Invoked, Phases, Start
from lambda_states_mock.execution.runtimes.runtime import InvocationEvent, Runtimes
from lambda_states_mock.execution.spec import FunctionSpec, Outcome
from lambda_states_mock.states.execution_environment import SHOWN, EnvironmentEvent, EnvironmentState

PROVISIONED = "provisioned-concurrency"
_FREE = frozenset({EnvironmentState.IDLE, EnvironmentState.RESET, EnvironmentState.SNAPSHOT})


class ExecutionEnvironment:
    """One place where one version of a function runs.

    Parameters:
        spec: the version. Each invocation brings its own: the ARN that was asked for may be another one.
        handler: the test's handler that runs here; None for the Python code in the zip.
        extensions: what runs beside it.
        folder: where its files are; it deletes it in the end.
        runtimes: makes what runs the code.

    Attributes: *record*, what is known of it, also after its end; *made*, when it was; *is_taken*, whether it is kept
    for an event; *busy_until*, the end of its last invocation, which the clock may still have to reach: after a
    detached run, or where an extension is not done; *idle_timer*, which ends the environment when nobody has needed
    it for a while.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        *,
        handler: Handler | None,
        clock: VirtualClock,
        chance: Chance,
        folder: Folder,
        runtimes: Runtimes,
        extensions: tuple[Extension, ...] = (),
    ) -> None:
        self.log_stream = f"{clock.now:%Y/%m/%d}/[{spec.version}]{chance.hex(32)}"
        self.initialization_type = spec.initialization_type
        self.record = EnvironmentRecord(
            clock, log_stream=self.log_stream, version=spec.version, initialization_type=spec.initialization_type
        )
        self.made = self.busy_until = clock.now
        self.idle_timer: Timer | None = None
        self.is_taken = True
        self._made_for = made_for(spec, handler, extensions)
        self._clock = clock
        self._chance = chance
        self._style = LogStyle.of(spec)
        self._host = ExtensionHost(extensions, clock)
        self._folder = folder
        try:
            self._runtime = runtimes.make(spec, handler, folder=folder, log_stream=self.log_stream)
        except BaseException:
            folder.close()
            raise
        self._phases = Phases(self.record, runtime=self._runtime, host=self._host, clock=clock, chance=chance)

    def __repr__(self) -> str:
        return f"<ExecutionEnvironment {self.log_stream} {(SHOWN[self.state] or 'new').lower()}>"

    @property
    def state(self) -> EnvironmentState:
        """Where its code has come to."""
        return self.record.ahead

    @property
    def awaits_shutdown(self) -> bool:
        """Whether an extension, or the function's own handler of SIGTERM, is to be told before it ends."""
        if self.state is EnvironmentState.SNAPSHOT:
            return False
        return self._host.awaits_shutdown or self._awaits_sigterm

    @property
    def _awaits_sigterm(self) -> bool:
        """SIGTERM goes to a runtime beside which extensions run, and to no other (runtimes-extensions-api.html)."""
        return bool(self._host.runtime_shutdown_limit) and self._runtime.handles_sigterm

    def take(self) -> None:
        """Keep it for what is going to run in it."""
        self.is_taken = True
        self.retire()

    def retire(self) -> None:
        """Do not let it end by itself any more."""
        if self.idle_timer is not None:
            self.idle_timer.cancel()

    def is_busy(self, at: datetime) -> bool:
        """Return True when it has something to do at the instant *at*."""
        return self.busy_until > at or self.is_taken or self.state not in _FREE

    def was_made_for(self, code: tuple[object, ...]) -> bool:
        """Return True when it was made for the same code, configuration and handler; *code* is of `made_for`."""
        return self._made_for == code

    def initialise(self, spec: FunctionSpec) -> Ending | None:
        """Run the Init phase while no caller waits, and the clock stands; return how it failed, or None."""
        invocation, log = InvocationEvent(spec), self._log("")
        try:
            with self._runtime.entered(log):
                try:
                    ending = self._phases.init_ahead(invocation, log)
                    self._host.send_telemetry()
                except BaseException:
                    self._phases.break_off()
                    raise
        finally:
            self._settle_down(log)
        return ending if ending.failed else None

    def invoke(self, invocation: InvocationEvent) -> Outcome:
        """Run one event, after the Init phase if there was none yet, and return how that went.

        Errors that are the test's and not the function's come out as they are; the process is gone then. Raises
        ServiceError where a snapshot cannot be resumed.
        """
        spec = invocation.spec
        log = self._log(invocation.request_id)
        started = sleeping.standing(self._clock)
        try:
            with self._runtime.entered(log):
                try:
                    start = self._phases.start(invocation, log)
                    initialised = self._phases.loaded
                    invoked = self._phases.invoke(invocation, log)
                    self._report(spec, log, start, invoked, initialised)
                    self._host.send_telemetry()
                    self._phases.end_invoke(invoked, invocation, log)
                except BaseException:
                    self._phases.break_off()
                    raise
        finally:
            self._settle_down(log)
        self.record.count(cold=start.cold)
        ending = invoked.ending
        return Outcome(
            payload=ending.payload,
            function_error=ending.function_error,
            log=log.text,
            cold=start.cold,
            started=started,
            ended=invoked.answered,
            init_duration=start.init,
            duration=invoked.length,
            error=ending.error,
            environment=self.log_stream,
            version=spec.version,
            restore_duration=start.restore,
            chunks=ending.chunks,
        )

    def shut_down(self) -> None:
        """End it, and tell its extensions; nothing of it is left in the process or on the disk."""
        at = max(sleeping.now(self._clock), self.busy_until)
        length = NO_TIME
        try:
            if self.awaits_shutdown:
                length = self._tell_of_shutdown()
        finally:  # also when a mistake of the test has come up there
            self.close(at=at, length=length)

    def _tell_of_shutdown(self) -> timedelta:
        log, length = self._log(""), NO_TIME
        with self._runtime.entered(log):
            if self._awaits_sigterm:
                length = self._runtime.terminate(self._host.runtime_shutdown_limit)
            length = self._host.shut_down("spindown", log, after=length)
        self.record.add_log(log)
        return length

    def close(self, *, at: datetime | None = None, length: timedelta = NO_TIME) -> None:
        """End it at once, or *at* an instant with a Shutdown phase of *length*."""
        at = at or max(sleeping.now(self._clock), self.busy_until)
        if self.state not in (EnvironmentState.SHUTDOWN, EnvironmentState.GONE):
            self.record.fire(EnvironmentEvent.RECLAIMED, at, "nobody needs it any more")
        self.record.fire(EnvironmentEvent.ENDED, at + length, "its processes have ended")
        if self.idle_timer is not None:
            self.idle_timer.cancel()
        self._runtime.close()
        self._host.forget()
        self._folder.close()

    def _log(self, request_id: str) -> InvocationLog:
        return InvocationLog(
            request_id,
            now=partial(sleeping.now, self._clock),
            as_on_aws=self._runtime.in_text,
            style=self._style,
            listener=self._host.listener,
        )

    def _report(self, spec: FunctionSpec, log: InvocationLog, start: Start, invoked: Invoked, shown: bool) -> None:
        status, failure = invoked.ending.status, invoked.beside.failure
        if not invoked.ending.fatal and (failure is not None or invoked.beside.cut_off):
            status = TIMEOUT if failure is None else PhaseStatus("error", failure.error_type, shown=True)
        log.report(
            invoked.length,
            billed=invoked.length + (start.init or NO_TIME) + (start.restore or NO_TIME),
            init=start.init if shown else None,
            restore=start.restore,
            memory_size=spec.memory_size,
            status=status,
            out_of_memory=isinstance(invoked.ending.error, OutOfMemory),
        )

    def _settle_down(self, log: InvocationLog) -> None:
        self.record.add_log(log)
        self.busy_until = self._phases.ends
        self.is_taken = False


def made_for(spec: FunctionSpec, handler: Handler | None, extensions: tuple[Extension, ...] = ()) -> tuple[object, ...]:
    """Return what an environment is made for.

    Any change to the code or the configuration asks for a new one; which alias led to it does not matter.
    """
    return handler, extensions, spec.makes
