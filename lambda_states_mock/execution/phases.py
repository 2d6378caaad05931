"""The phases of an execution environment: Init, Restore, Invoke, and the end of its processes.

Which follows which is in the table of `states.execution_environment`; here is what happens in each.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver, StateMachine
from lambda_states_mock.execution import sleeping, trace_header
from lambda_states_mock.execution.endings import Ending, process_ended, timed_out
from lambda_states_mock.execution.extension_host import NO_TIME, NOT_RUN, ExtensionHost, Failure, Ran, together
from lambda_states_mock.execution.hang_guard import HangGuard
from lambda_states_mock.execution.invocation_event import InvocationEvent
from lambda_states_mock.execution.log_lines import TIMEOUT, PhaseStatus
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.runtimes.runtime import Runtime
from lambda_states_mock.execution.sleeping import Running, TimedOut
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.service_errors import SNAP_START_FAILED, SNAP_START_TIMEOUT
from lambda_states_mock.states.execution_environment import (
    MANAGED,
    SANDBOX_TIMED_OUT,
    SNAP_START,
    EnvironmentEvent,
    EnvironmentState,
    InitializationType,
)

INIT_LIMIT = timedelta(seconds=10)
INIT_LIMIT_AHEAD = timedelta(seconds=130)  # at least, for an initialisation that no caller waits for
RESTORE_LIMIT = timedelta(seconds=10)
_INSTANT = timedelta(microseconds=1)

_INIT = EnvironmentState.EXTENSION_INIT, EnvironmentState.RUNTIME_INIT, EnvironmentState.FUNCTION_INIT
_AT_WORK = {*_INIT, EnvironmentState.RESTORE, EnvironmentState.INVOKE, EnvironmentState.FINISHING}
Work = Callable[[InvocationEvent, Running], Ending]


class Start(NamedTuple):
    """How the environment came to its first event: the length of its Init, or of its Restore and the hooks in it."""

    init: timedelta | None = None
    restore: timedelta | None = None
    cold: bool = True


class Invoked(NamedTuple):
    """How an Invoke phase went: when the caller had the answer, and the length with all extensions."""

    ending: Ending
    answered: datetime
    length: timedelta
    late: timedelta = NO_TIME  # what the slowest extension took beyond the answer
    beside: Ran = NOT_RUN


@dataclass(slots=True, eq=False, repr=False)
class Phases:
    """What runs in one environment. All of it has to be called where the *runtime* is entered.

    Parameters: *machine*, which *driver* steps as the phases go on; *runtime*, what runs the code; *host*, the
    extensions beside it; *hang_guard*, which watches over the code, None where none runs.

    Attributes: *loaded*, whether there is a process that has been initialised; *ends*, when the last phase ends, which
    the clock may have still to reach.
    """

    _machine: StateMachine[EnvironmentState, EnvironmentEvent]
    _driver: Driver
    _runtime: Runtime
    _host: ExtensionHost
    _chance: Chance
    _hang_guard: HangGuard | None
    loaded: bool = field(default=False, init=False)
    ends: datetime = field(init=False)
    _clock: VirtualClock = field(init=False)
    _standing: datetime | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._clock = self._driver.clock
        self.ends = self._clock.now

    def _now(self) -> datetime:
        return sleeping.now(self._clock)

    def _fire(self, event: EnvironmentEvent, cause: str, at: datetime | None = None) -> None:
        self._driver.fire(self._machine, event, cause=cause, at=at or self._standing or self._now())

    def start(self, invocation: InvocationEvent, log: InvocationLog) -> Start:
        """Bring it to where it can be invoked."""
        if self._machine.state is EnvironmentState.SNAPSHOT or (self._machine.kind is SNAP_START and not self.loaded):
            return Start(restore=self._restore(invocation, log))
        if self._machine.state is not EnvironmentState.NEW:
            return Start(cold=False)
        if self._machine.kind is not InitializationType.ON_DEMAND:
            self.init_ahead(invocation, log)
            return Start(cold=False)
        return Start(self._init(invocation, log)[0])

    def init_ahead(self, invocation: InvocationEvent, log: InvocationLog) -> Ending:
        """Run an Init phase that is over before anybody asks: in the history, it has taken no time."""
        self._standing = self._now()
        try:
            with sleeping.detached(self._clock):
                return self._init(invocation, log)[1]
        finally:
            self._standing = None

    def _init(self, invocation: InvocationEvent, log: InvocationLog) -> tuple[timedelta, Ending]:
        """Run the Init phase and return its length. When it fails, Invoke begins with another try."""
        self._fire(EnvironmentEvent.ALLOCATED, "an environment is needed")
        spec, limit = invocation.spec, INIT_LIMIT
        if spec.initialization_type is not InitializationType.ON_DEMAND:
            limit = max(INIT_LIMIT_AHEAD, timedelta(seconds=spec.configuration.timeout))
        with sleeping.Running(self._clock, limit=limit) as running:
            ending = self._load(invocation, running, log, phase="init")
            length = running.elapsed
        self._wait(self.ends - self._now())  # until a reset is done
        return length, ending

    def _load(self, invocation: InvocationEvent, running: Running, log: InvocationLog, *, phase: str) -> Ending:
        """Start extensions, runtime and function. Init ends when the slowest of them is done."""
        spec = invocation.spec
        began = running.elapsed
        log.init_start(spec, phase=phase)
        beside = self._host.start(log, running.deadline - running.now)
        if beside.failure is None or beside.failure.after:
            self._fire(EnvironmentEvent.EXTENSIONS_STARTED, "the extensions have registered")
            self._fire(EnvironmentEvent.RUNTIME_STARTED, "the runtime has started")
        ending = self._until_failure(self._faulted(self._runtime.load), invocation, running, beside.failure)
        if not ending.failed:
            ending = self._wait_for(beside, running.elapsed - began, invocation, running)
        self.loaded = not ending.failed
        if ending.shown is not None:
            log.error(ending.shown)
        if not self._host.kept_back and (beside.failure is None or beside.failure.after):
            log.init_runtime_done(spec, phase=phase, status=ending.status)
        self._host.show(log)
        log.init_report(spec, running.elapsed - began, phase=phase, status=ending.status)
        if ending.failed:
            self._end_process(log, ending.status)
        else:
            self._fire(EnvironmentEvent.INITIALISED, "Init is over")
        return ending

    def _wait_for(self, beside: Ran, taken: timedelta, invocation: InvocationEvent, running: Running) -> Ending:
        """Let the extensions go on starting; *taken*, how long they have had already."""
        failure = beside.failure
        rest = (beside.length if failure is None else failure.after) - taken
        if beside.cut_off and failure is None:
            rest += _INSTANT  # to the end of the time that there is, and beyond
        ending = self._sleep(rest, invocation, running)
        if failure is None or ending.failed:
            return ending
        return _extension_failed(invocation, failure)

    def _sleep(self, length: timedelta, invocation: InvocationEvent, running: Running) -> Ending:
        """Sleep within *running*, and return how that ended: well, or out of time."""
        try:
            self._wait(length)
        except TimedOut as error:
            if error.running is not running:
                raise  # an outer function is out of time
        if running.is_over():
            return timed_out(invocation.request_id, invocation.spec.configuration.timeout)
        return Ending(b"")

    def _faulted(self, work: Work) -> Work:
        """Return *work*, changed by the fault that a test has scripted for the phase that runs now."""
        fault = self._machine.fault
        work = self._guarded(work)
        if fault is None:
            return work

        def changed(invocation: InvocationEvent, running: Running) -> Ending:
            failed, length = fault.failed, fault.length
            if failed is not None and failed.code != SANDBOX_TIMED_OUT:
                return process_ended(invocation.request_id, failed.code, failed.text)
            if failed is not None or length is None:  # it hangs
                return self._sleep(running.deadline - running.now + _INSTANT, invocation, running)
            ending = work(invocation, running)
            if ending.failed:
                return ending
            late = self._sleep(length - running.elapsed, invocation, running)
            return late if late.failed else ending

        return changed

    def _guarded(self, work: Work) -> Work:
        """Return *work*, which is out of time as well when it takes too long in real time."""
        guard = self._hang_guard
        if guard is None:
            return work

        def guarded(invocation: InvocationEvent, running: Running) -> Ending:
            what = f'function "{invocation.spec.version.name}"'
            try:
                return guard.run(partial(work, invocation, running), running, what)
            except TimedOut as error:
                if error.running is not running:
                    raise
                return timed_out(invocation.request_id, invocation.spec.configuration.timeout)

        return guarded

    def _wait(self, length: timedelta) -> None:
        if length > NO_TIME:
            sleeping.sleep(self._clock, length)

    def _restore(self, invocation: InvocationEvent, log: InvocationLog) -> timedelta:
        """Resume the snapshot, or a copy of it, and return how long that takes.

        Raises ServiceError for a hook that fails, or takes too long.
        """
        self._fire(EnvironmentEvent.RESTORE_ASKED, "an environment is needed")
        log.restore_start(invocation.spec)
        ending, length = self._load_again(invocation, log) if not self.loaded else Ending(b""), NO_TIME
        if not ending.failed:
            with sleeping.Running(self._clock, limit=RESTORE_LIMIT) as running:
                ending = self._faulted(self._runtime.restore)(invocation, running)
                length = running.elapsed
        if ending.shown is not None:
            log.error(ending.shown)
        log.restore_report(length, ending.status)
        if ending.failed:
            self._end_process(log, ending.status)
            if ending.status.name == "timeout":
                raise SNAP_START_TIMEOUT.error()
            raise SNAP_START_FAILED.error(error_type=ending.status.error_type)
        self._fire(EnvironmentEvent.RESTORED, "Restore is over")
        return length

    def _load_again(self, invocation: InvocationEvent, log: InvocationLog, *, with_extensions: bool = True) -> Ending:
        """Come to the end of Init without a word, and in no time.

        A process cannot be copied, but be made again: where the snapshot was made, or a worker was before it crashed.
        """
        quiet = InvocationLog("", self._now)
        self._runtime.write_to(quiet)
        try:
            with sleeping.detached(self._clock), sleeping.Running(self._clock, limit=INIT_LIMIT_AHEAD) as running:
                if with_extensions:
                    self._host.start(quiet, INIT_LIMIT_AHEAD)
                ending = self._guarded(self._runtime.load)(invocation, running)
                self._host.show(quiet)
        finally:
            self._runtime.write_to(log)
        self.loaded = not ending.failed
        return ending

    def invoke(self, invocation: InvocationEvent, log: InvocationLog) -> Invoked:
        """Run the Invoke phase and return how it went."""
        spec = invocation.spec
        limit = timedelta(seconds=spec.configuration.timeout)
        with sleeping.Running(self._clock, limit=limit) as running:
            ending, beside, initialised = Ending(b""), NOT_RUN, NO_TIME
            at = running.began
            if not self.loaded:
                self._fire(EnvironmentEvent.INVOKED, "an event has come", at)
                ending = self._load(invocation, running, log, phase="invoke")
                at = running.now
                initialised = running.elapsed_at(at)
            log.start(spec.version.number)  # recorded: after an Init that the event has waited for
            if not ending.failed:
                self._fire(EnvironmentEvent.INVOKED, "an event has come", at)
                beside, ending = self._handle(invocation, running, log)
            answered = running.now
            taken = running.elapsed_at(answered)
            log.runtime_done(taken, produced=len(ending.payload), status=ending.status)
            if ending.fatal and ending.status != TIMEOUT:
                log.fault(ending.fault or ending.payload)
            if self._runtime.beside is not None and not ending.fatal:
                beside = together(beside, self._runtime.settle(invocation, running))
        if ending.fatal:
            return Invoked(ending, answered, taken, beside=beside)
        if beside is NOT_RUN:
            return Invoked(ending, answered, taken)
        beside = beside.from_(initialised)
        return Invoked(ending, answered, max(taken, beside.length), max(beside.length - taken, NO_TIME), beside)

    def _handle(self, invocation: InvocationEvent, running: Running, log: InvocationLog) -> tuple[Ran, Ending]:
        """Let the extensions and the function have the event."""
        spec = invocation.spec
        trace = trace_header.continued(invocation.trace, spec.function_arn, chance=self._chance, now=running.began)
        self._runtime.set_trace(trace)
        beside = NOT_RUN
        if self._host.has_extensions:
            beside = self._host.invoke(invocation.request_id, spec.invoked_arn, trace, running, log)
        ending = self._until_failure(self._faulted(self._runtime.invoke), invocation, running, beside.failure)
        if ending.shown is not None:
            log.error(ending.shown)
        return beside, ending

    def _until_failure(
        self, work: Work, invocation: InvocationEvent, running: Running, failure: Failure | None
    ) -> Ending:
        """Return how *work* ended, which the *failure* of an extension breaks off, if that comes first."""
        if failure is None:
            return work(invocation, running)
        if failure.after:
            with sleeping.Running(self._clock, limit=failure.after) as span:
                ending = work(invocation, span)
                if not span.is_over():
                    return ending
        return _extension_failed(invocation, failure)

    def end_invoke(self, invoked: Invoked, invocation: InvocationEvent, log: InvocationLog) -> None:
        """Freeze the environment when the last extension is done, or reset it."""
        if self._machine.state is not EnvironmentState.INVOKE:
            return  # Init has failed, which has reset it already
        ending, beside, end = invoked.ending, invoked.beside, invoked.answered + invoked.late
        if invoked.late:
            self._fire(EnvironmentEvent.ANSWERED, "the function has answered", invoked.answered)
        managed = self._machine.kind is MANAGED
        if beside.failure is not None and (managed or not ending.fatal):
            status = PhaseStatus("error", beside.failure.error_type)
            self._end_process(log, status, end, EnvironmentEvent.EXTENSION_FAILED)
        elif ending.fatal and managed:
            self._end_one_of_several(ending, invocation, log, end)
        elif ending.fatal:
            self._end_process(log, ending.status, end)
        elif beside.cut_off and not managed:
            self._end_process(log, TIMEOUT, end)
        else:
            self._fire(EnvironmentEvent.FINISHED, "all are done", end)
            self.ends = end

    def _end_one_of_several(
        self, ending: Ending, invocation: InvocationEvent, log: InvocationLog, at: datetime
    ) -> None:
        """Go on as managed instances do: code that is out of time runs on, a crashed worker is replaced."""
        status = ending.status
        self._fire(EnvironmentEvent.FAILED, status.error_type or status.name, at)
        self.ends = at
        if status == TIMEOUT:
            return
        self._forget_process()
        if self._load_again(invocation, log, with_extensions=False).failed:
            self._fire(EnvironmentEvent.RECLAIMED, "no worker is left", at)

    def _end_process(
        self,
        log: InvocationLog,
        status: PhaseStatus,
        at: datetime | None = None,
        event: EnvironmentEvent = EnvironmentEvent.FAILED,
    ) -> None:
        """End the processes, and tell the extensions of it."""
        at = at or self._standing or self._now()
        self._fire(event, status.error_type or status.name, at)
        self._forget_process()
        length = self._host.shut_down("timeout" if status.name == "timeout" else "failure", log)
        if self._machine.state is EnvironmentState.RESETTING:
            self._fire(EnvironmentEvent.RESET_DONE, "its processes have ended", at + length)
        self.ends = at + length

    def break_off(self) -> None:
        """Leave it as after a reset: something that is not the function's has come up in it."""
        if self._machine.state in _AT_WORK:
            self._fire(EnvironmentEvent.FAILED, "the test broke off")
        if self._machine.state is EnvironmentState.RESETTING:
            self._fire(EnvironmentEvent.RESET_DONE, "its processes have ended")
        self.ends = self._now()
        if self._machine.state is not EnvironmentState.IDLE:
            self._host.forget()
            self._forget_process()

    def _forget_process(self) -> None:
        self.loaded = False
        self._runtime.restart()


def _extension_failed(invocation: InvocationEvent, failure: Failure) -> Ending:
    return process_ended(invocation.request_id, failure.error_type, failure.reason)
