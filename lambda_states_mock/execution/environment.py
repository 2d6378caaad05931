"""An execution environment: Init, then one Invoke after the other, then Shutdown.

It is made for one version of a function and does one thing at a time. Its process is imaginary, but lasts as a
process does: the modules, the environment variables and the log stream of a function stay from one invocation to the
next. A time-out, an exit and a failed Init end the process and not the environment: the next invocation there
initialises anew, within its own duration, and finds /tmp as it was. Which phase follows which is in the table of
`states.execution_environment`.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from lambda_states_mock.clock import Timer
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver, StateMachine
from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.crashes import OutOfMemory
from lambda_states_mock.execution.endings import UNHANDLED, Ending
from lambda_states_mock.execution.environment_record import EnvironmentRecord
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.extension_host import NO_TIME, ExtensionHost
from lambda_states_mock.execution.extensions import Extension
from lambda_states_mock.execution.folders import Folder
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.execution.hang_guard import HangGuard
from lambda_states_mock.execution.invocation_event import InvocationEvent
from lambda_states_mock.execution.log_lines import TIMEOUT, LogStyle, PhaseStatus
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.outcome import Outcome
from lambda_states_mock.execution.phases import Invoked, Phases, Start
from lambda_states_mock.execution.runtimes.runtime import Runtimes
from lambda_states_mock.instants import date_path
from lambda_states_mock.restoring import all_of
from lambda_states_mock.states.execution_environment import (
    EXECUTION_ENVIRONMENT,
    EnvironmentEvent,
    EnvironmentState,
    InitializationType,
)

_FREE = frozenset({EnvironmentState.IDLE, EnvironmentState.RESET, EnvironmentState.SNAPSHOT})


class ExecutionEnvironment:
    """One place where one version of a function runs.

    Parameters: *spec*, the version: each invocation brings its own, since the ARN that was asked for may be another
    one; *handler*, of the test, None for the Python code in the zip; *folder*, where its files are, which it deletes in
    the end; *driver*, which steps its states; *timings*, of the function; *runtimes*, which makes what runs the code;
    *hang_guard*, which watches over it; *ended*, which gets its record in the end.

    Attributes: *tenant*, whose events alone it runs, if any; *record*, what is known of it, also after its end; *made*,
    when it was; *is_taken*, whether it is kept for an event; *busy_until*, the end of its last invocation, which the
    clock may still have to reach: after a detached run, or where an extension is not done.
    """

    def __init__(
        self,
        spec: EnvironmentSpec,
        handler: Handler | None,
        extensions: tuple[Extension, ...],
        *,
        driver: Driver,
        timings: Timings,
        chance: Chance,
        folder: Folder,
        runtimes: Runtimes,
        hang_guard: HangGuard,
        ended: Callable[[EnvironmentRecord], object],
    ) -> None:
        clock = driver.clock
        self.log_stream = f"{date_path(clock.now)}/[{spec.version.number}]{chance.hex(32)}"
        self.initialization_type = spec.initialization_type
        self.tenant = spec.tenant
        self.record = EnvironmentRecord(
            clock, self.log_stream, spec.version.number, spec.initialization_type, spec.tenant
        )
        self.machine: StateMachine[EnvironmentState, EnvironmentEvent] = StateMachine(
            EXECUTION_ENVIRONMENT,
            self.log_stream,
            spec.invoked_arn,
            spec.initialization_type,
            timings,
            {"function": spec.version.name, "version": spec.version.number, "kind": spec.version.kind},
            recorder=self.record,
        )
        self.made = self.busy_until = clock.now
        self._idle_timer: Timer | None = None
        self.is_taken = True
        runs_it = handler if handler is not None else runtimes.choice(spec)
        self.made_of = (runs_it, extensions, spec.made_of)
        self.is_provisioned = spec.initialization_type is InitializationType.PROVISIONED
        self.timings = timings
        self._driver = driver
        self._clock = clock
        self._style = LogStyle.of(spec)
        self._hang_guard = hang_guard
        self._ended = ended
        self._folder = folder
        try:
            self._runtime = runtimes.make(
                spec,
                handler,
                folder=folder,
                log_stream=self.log_stream,
                processes=self.record.processes,
                extensions=extensions,
            )
        except BaseException:
            folder.close()
            raise
        programs = self._runtime.beside
        if programs is not None:
            extensions = tuple(one for one in extensions if not one.stands_in)
        self._host = ExtensionHost(extensions, clock, hang_guard, programs)
        guard = hang_guard if self._runtime.is_guarded else None
        self._entered = self._runtime.entered
        self._phases = Phases(self.machine, driver, self._runtime, self._host, chance, guard)
        self._now = partial(sleeping.now, clock)

    def __repr__(self) -> str:
        return f"<ExecutionEnvironment {self.log_stream} {(self.machine.shown or 'new').lower()}>"

    @property
    def awaits_shutdown(self) -> bool:
        """Whether an extension, or the function's own handler of SIGTERM, is to be told before it ends."""
        if self.machine.state is EnvironmentState.SNAPSHOT:
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

    def release(self) -> None:
        """Let it be taken again. The world's lock is held: who looks for a free one may have it at once."""
        self.is_taken = False

    def spin_down_after(self, length: timedelta, spin_down: Callable[[], object]) -> None:
        """Call *spin_down* after *length*, unless it is taken or retired before."""
        label = f"{self.machine.scope['function']} environment spins down"
        self._idle_timer = self._clock.schedule(length, spin_down, label=label, background=True)

    def retire(self) -> None:
        """Do not let it end by itself any more."""
        if self._idle_timer is not None:
            self._clock.cancel(self._idle_timer)

    def is_busy(self, at: datetime) -> bool:
        """Return True when it has something to do at the instant *at*."""
        return self.busy_until > at or self.is_taken or self.machine.state not in _FREE

    def initialise(self, spec: EnvironmentSpec) -> Ending | None:
        """Run the Init phase while no caller waits, and the clock stands; return how it failed, or None."""
        invocation, log = InvocationEvent(spec), self._log("")
        try:
            with self._entered(log):
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
            with self._entered(log):
                try:
                    start = self._phases.start(invocation, log)
                    initialised = self._phases.loaded
                    invoked = self._phases.invoke(invocation, log)
                    self._report(spec, log, start, invoked, initialised)
                    if self._host.has_extensions:
                        self._host.send_telemetry()
                    self._phases.end_invoke(invoked, invocation, log)
                except BaseException:
                    self._phases.break_off()
                    raise
        except BaseException:
            self._settle_down(log)
            raise
        self._settle_down(log)
        self.record.met[start.cold] += 1
        ending = invoked.ending
        return Outcome(
            payload=ending.payload,
            function_error=UNHANDLED if ending.failed else None,
            log_events=log.events,
            cold=start.cold,
            started=started,
            ended=invoked.answered,
            init_duration=start.init,
            duration=invoked.length,
            error=ending.error,
            environment=self.log_stream,
            version=spec.version.number,
            restore_duration=start.restore,
            chunks=ending.chunks,
        )

    def shut_down(self) -> None:
        """End it, and tell its extensions; nothing of it is left in the process or on the disk."""
        at, length = max(sleeping.now(self._clock), self.busy_until), NO_TIME
        try:
            if self.awaits_shutdown:
                log = self._log("")
                with self._entered(log):
                    if self._awaits_sigterm:
                        terminate = partial(self._runtime.terminate, self._host.runtime_shutdown_limit)
                        length = self._hang_guard.run_action(terminate, "the function's handler of SIGTERM")
                    length = self._host.shut_down("spindown", log, after=length)
                self.record.log_ended(log)
        finally:  # also when a mistake of the test has come up there
            self.close(at=at, length=length)

    def close(self, *, at: datetime | None = None, length: timedelta = NO_TIME) -> None:
        """End it at once, or *at* an instant with a Shutdown phase of *length*."""
        end = partial(self._end, at or max(sleeping.now(self._clock), self.busy_until), length)
        all_of((end, self.retire, self._runtime.close, self._host.forget, self._folder.close))

    def _end(self, at: datetime, length: timedelta) -> None:
        if self.machine.state is EnvironmentState.GONE:
            return
        if self.machine.state is not EnvironmentState.SHUTDOWN:
            self._driver.fire(self.machine, EnvironmentEvent.RECLAIMED, cause="nobody needs it any more", at=at)
        self._driver.fire(self.machine, EnvironmentEvent.ENDED, cause="its processes have ended", at=at + length)
        self._ended(self.record)

    def _log(self, request_id: str) -> InvocationLog:
        runtime, listener = self._runtime, self._host.listener
        return InvocationLog(
            request_id, self._now, runtime.in_text, self._style, listener, self.tenant, self.log_stream
        )

    def _report(self, spec: EnvironmentSpec, log: InvocationLog, start: Start, invoked: Invoked, shown: bool) -> None:
        status, failure = invoked.ending.status, invoked.beside.failure
        if not invoked.ending.fatal and (failure is not None or invoked.beside.cut_off):
            status = TIMEOUT if failure is None else PhaseStatus("error", failure.error_type, shown=True)
        log.report(
            invoked.length,
            billed=invoked.length + (start.init or NO_TIME) + (start.restore or NO_TIME),
            init=start.init if shown else None,
            restore=start.restore,
            memory_size=spec.configuration.memory_size,
            status=status,
            memory_used=spec.configuration.memory_size
            if isinstance(invoked.ending.error, OutOfMemory)
            else self._runtime.memory_used,
        )

    def _settle_down(self, log: InvocationLog) -> None:
        self.record.log_ended(log)
        self.busy_until = self._phases.ends
