"""An execution environment: Init, then one Invoke after the other, then Shutdown.

It is made for one version of a function and does one thing at a time. Its process is imaginary, but lasts as a
process does: the modules, the environment variables and the log stream of a function stay from one invocation to the
next. A time-out, an exit and a failed Init end the process and not the environment: the next invocation there
initialises anew, within its own duration, and finds /tmp as it was. Which phase follows which is in the table of
`states.execution_environment`.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta
from functools import partial

from lambda_states_mock.clock import Timer, VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.crashes import OutOfMemory
from lambda_states_mock.execution.endings import Ending, Judge
from lambda_states_mock.execution.environment_record import EnvironmentRecord
from lambda_states_mock.execution.environment_variables import TASK_ROOT, variables
from lambda_states_mock.execution.extension_host import NO_TIME, ExtensionHost
from lambda_states_mock.execution.extensions import Extension
from lambda_states_mock.execution.folders import Folder
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.execution.log_lines import TIMEOUT, LogStyle, PhaseStatus
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.phases import InvocationEvent, Invoked, Phases, Start
from lambda_states_mock.execution.runtimes.in_process import payloads
from lambda_states_mock.execution.runtimes.in_process.answers import Answers
from lambda_states_mock.execution.runtimes.in_process.process import Process
from lambda_states_mock.execution.runtimes.in_process.programs import HandlerProgram, Program
from lambda_states_mock.execution.runtimes.in_process.python_code import PythonCode
from lambda_states_mock.execution.runtimes.in_process.random_values import RandomValues
from lambda_states_mock.execution.spec import FunctionSpec, Outcome
from lambda_states_mock.execution.termination import OnSignal, terminate
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.states.execution_environment import SHOWN, EnvironmentEvent, EnvironmentState

PROVISIONED = "provisioned-concurrency"
BAD_ZIP = "Lambda could not unzip the deployment package."  # (I)
_FREE = frozenset({EnvironmentState.IDLE, EnvironmentState.RESET, EnvironmentState.SNAPSHOT})


class ExecutionEnvironment:
    """One place where one version of a function runs.

    Parameters:
        spec: the version. Each invocation brings its own: the ARN that was asked for may be another one.
        handler: the test's handler that runs here; None for the Python code in the zip.
        extensions: what runs beside it.
        draws: what Init draws at random, with SnapStart.
        folder: where its files are; it deletes it in the end.

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
        extensions: tuple[Extension, ...] = (),
        draws: RandomValues | None = None,
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
        # A handler of the test has no code there, and one folder less to make counts among a thousand environments.
        self._temporary = folder.path if handler is not None else folder.path / "tmp"
        try:
            self._program, self._process = self._furnish(spec, handler)
        except BaseException as error:
            folder.close()
            if isinstance(error, (zipfile.BadZipFile, NotImplementedError)):
                raise ServiceError("InvalidZipFileException", BAD_ZIP, type="Service") from error
            raise
        self._answers = Answers(self._program, self._temporary)
        self._phases = Phases(
            self.record,
            program=self._program,
            process=self._process,
            host=self._host,
            answers=self._answers,
            clock=clock,
            chance=chance,
            draws=draws,
        )

    def __repr__(self) -> str:
        return f"<ExecutionEnvironment {self.log_stream} {(SHOWN[self.state] or 'new').lower()}>"

    def _furnish(self, spec: FunctionSpec, handler: Handler | None) -> tuple[Program, Process]:
        temporary = self._temporary
        program: Program
        task_root = TASK_ROOT
        if handler is not None:
            program = HandlerProgram(handler, spec, clock=self._clock, temporary=temporary)
        else:
            temporary.mkdir()
            program = code = PythonCode(spec, self._folder.path)
            task_root = str(code.task_root)
        environ = variables(spec, chance=self._chance, log_stream=self.log_stream, task_root=task_root)
        return program, Process(
            clock=self._clock, variables=environ, space=program.space, temporary=temporary, style=self._style
        )

    @property
    def state(self) -> EnvironmentState:
        """Where its code has come to."""
        return self.record.ahead

    @property
    def awaits_shutdown(self) -> bool:
        """Whether an extension, or the function's own handler of SIGTERM, is to be told before it ends."""
        if self.state is EnvironmentState.SNAPSHOT:
            return False
        return self._host.awaits_shutdown or self._on_sigterm is not None

    @property
    def _on_sigterm(self) -> OnSignal | None:
        return self._process.on_sigterm if self._host.runtime_shutdown_limit else None

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
        log, judge = self._begin(spec, "")
        try:
            with self._process.entered(log):
                try:
                    ending = self._phases.init_ahead(spec, judge, log)
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
        log, judge = self._begin(spec, invocation.request_id, streams=invocation.streams)
        started = sleeping.standing(self._clock)
        try:
            with self._process.entered(log):
                try:
                    start = self._phases.start(spec, judge, log)
                    initialised = self._phases.loaded
                    invoked = self._phases.invoke(invocation, judge, log)
                    self._report(spec, log, start, invoked, initialised)
                    self._host.send_telemetry()
                    self._phases.end_invoke(invoked, judge, log)
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
            chunks=tuple(self._answers.sent) if invocation.streams else (),
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
        log, handler, length = self._log(""), self._on_sigterm, NO_TIME
        with self._process.entered(log):
            if handler is not None:
                length = terminate(handler, self._clock, self._host.runtime_shutdown_limit)
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
        if self._program.space is not None:
            self._program.space.close()
        self._host.forget()
        self._folder.close()

    def _begin(self, spec: FunctionSpec, request_id: str, *, streams: bool = False) -> tuple[InvocationLog, Judge]:
        limit = payloads.STREAM_LIMIT if streams else payloads.RESPONSE_LIMIT
        judge = Judge(spec, paths=self._program.paths, request_id=request_id, response_limit=limit)
        return self._log(request_id), judge

    def _log(self, request_id: str) -> InvocationLog:
        return InvocationLog(
            request_id,
            now=partial(sleeping.now, self._clock),
            as_on_aws=self._program.paths.in_text,
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
