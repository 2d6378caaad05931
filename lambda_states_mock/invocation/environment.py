"""An execution environment: Init, then one Invoke after the other, then Shutdown.

It is made for one version of a function and does one thing at a time. Its process is imaginary, but lasts as a
process does: the modules, the environment variables and the log stream of a function stay from one invocation to the
next. A time-out, an exit and a failed Init end the process and not the environment: the next invocation there
initialises anew, within its own duration, and finds /tmp as it was.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import inspect
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from lambda_states_mock.clock import Timer, VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.invocation import lineage, payloads, sleeping
from lambda_states_mock.invocation.context import LambdaContext
from lambda_states_mock.invocation.endings import Ending, Judge
from lambda_states_mock.invocation.environment_variables import TASK_ROOT, variables
from lambda_states_mock.invocation.handlers import Handler
from lambda_states_mock.invocation.logs import InvocationLog
from lambda_states_mock.invocation.process import Process
from lambda_states_mock.invocation.programs import HandlerProgram, Program
from lambda_states_mock.invocation.python_code import PythonCode
from lambda_states_mock.invocation.sleeping import Running
from lambda_states_mock.invocation.spec import FunctionSpec, Outcome
from lambda_states_mock.service_errors import ServiceError

PROVISIONED = "provisioned-concurrency"
INIT_LIMIT = timedelta(seconds=10)
INIT_LIMIT_AHEAD = timedelta(seconds=130)  # at least, for an initialisation that no caller waits for

BAD_ZIP = "Lambda could not unzip the deployment package."  # (I)

Phase = Literal["new", "init", "idle", "invoke", "shutdown"]


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event for a function.

    Parameters: *event* and *client_context*, read already; the latter is None without one; *trace*, the header of the
    chain of requests that it belongs to.
    """

    spec: FunctionSpec
    event: Any
    request_id: str
    client_context: Mapping[str, Any] | None = None
    trace: str | None = None


class ExecutionEnvironment:
    """One place where one version of a function runs.

    Parameters:
        spec: the version. Each invocation brings its own: the ARN that was asked for may be another one.
        handler: the test's handler that runs here; None for the Python code in the zip.
        place: the folder in which it makes its own.

    Attributes: *log_stream*; *phase*; *busy_until*, the end of its last invocation, which the clock has still to reach
    where that ran apart; *idle_timer*, which ends the environment when nobody has needed it for a while.
    """

    def __init__(
        self, spec: FunctionSpec, *, handler: Handler | None, clock: VirtualClock, chance: Chance, place: str
    ) -> None:
        self.log_stream = f"{clock.now:%Y/%m/%d}/[{spec.version}]{chance.hex(32)}"
        self.phase: Phase = "new"
        self.initialization_type = spec.initialization_type
        self.busy_until = clock.now
        self.idle_timer: Timer | None = None
        self._made_for = made_for(spec, handler)
        self._clock = clock
        self._chance = chance
        self._loaded = False
        self._folder = Path(tempfile.mkdtemp(prefix="lambda-states-mock-", dir=place)).resolve()
        try:
            self._program, self._process = self._furnish(spec, handler)
        except BaseException as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            if isinstance(error, (zipfile.BadZipFile, NotImplementedError)):
                raise ServiceError("InvalidZipFileException", BAD_ZIP, type="Service") from error
            raise

    def __repr__(self) -> str:
        return f"<ExecutionEnvironment {self.log_stream} {self.phase}>"

    def _furnish(self, spec: FunctionSpec, handler: Handler | None) -> tuple[Program, Process]:
        temporary = self._folder / "tmp"
        temporary.mkdir()
        program: Program
        task_root = TASK_ROOT
        if handler is not None:
            program = HandlerProgram(handler, spec, clock=self._clock, temporary=temporary)
        else:
            program = code = PythonCode(spec, self._folder)
            task_root = str(code.task_root)
        environ = variables(spec, chance=self._chance, log_stream=self.log_stream, task_root=task_root)
        return program, Process(clock=self._clock, variables=environ, space=program.space, temporary=temporary)

    def is_busy(self, at: datetime) -> bool:
        """Return True when it has something to do at the instant *at*."""
        return self.phase != "idle" or self.busy_until > at

    def was_made_for(self, code: tuple[object, ...]) -> bool:
        """Return True when it was made for the same code, configuration and handler; *code* is of `made_for`."""
        return self._made_for == code

    def invoke(self, invocation: Invocation) -> Outcome:
        """Run one event, after the Init phase if there was none yet, and return how that went.

        Errors that are the test's and not the function's come out as they are; the process is gone then.
        """
        spec = invocation.spec
        log = InvocationLog(invocation.request_id, as_on_aws=self._program.paths.in_text)
        judge = Judge(spec, paths=self._program.paths, request_id=invocation.request_id)
        cold, started = self.phase == "new", sleeping.now(self._clock)
        with self._process.entered(log):
            try:
                if cold and self.initialization_type == PROVISIONED:
                    cold = self._init_ahead(spec, judge, log)
                init = self._init(spec, judge, log) if cold else None
                initialised = self._loaded
                ending, duration = self._invoke(invocation, judge, log)
            except BaseException:
                self._end_process()
                raise
            finally:
                self.phase, self.busy_until = "idle", sleeping.now(self._clock)
        billed = duration + (init or timedelta())
        shown_init = init if initialised else None
        log.report(duration, billed=billed, init=shown_init, memory_size=spec.memory_size, status=ending.status)
        return Outcome(
            payload=ending.payload,
            function_error=ending.function_error,
            log=log.text,
            cold=cold,
            started=started,
            ended=self.busy_until,
            init_duration=init,
            duration=duration,
            error=ending.error,
            environment=self.log_stream,
        )

    def close(self) -> None:
        """Shut down: nothing of the environment is left in the process or on the disk."""
        self.phase = "shutdown"
        if self.idle_timer is not None:
            self.idle_timer.cancel()
        if self._program.space is not None:
            self._program.space.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _init_ahead(self, spec: FunctionSpec, judge: Judge, log: InvocationLog) -> bool:
        """Make up for an Init phase that was over before anybody asked; return False: nobody waits for another."""
        with sleeping.apart(self._clock):
            length = self._init(spec, judge, log)
        if self._loaded:
            log.init_report(length)
        return False

    def _init(self, spec: FunctionSpec, judge: Judge, log: InvocationLog) -> timedelta:
        """Run the Init phase and return its length. When it fails, Invoke begins with another try."""
        self.phase = "init"
        log.init_start(spec.runtime, spec.region)
        with sleeping.running(self._clock, limit=_init_limit(spec)) as running:
            self._load(judge, running, log, phase="init")
            return running.elapsed

    def _invoke(self, invocation: Invocation, judge: Judge, log: InvocationLog) -> tuple[Ending, timedelta]:
        """Run the Invoke phase and return how it ended and its length."""
        self.phase = "invoke"
        log.start(invocation.spec.version)
        with sleeping.running(self._clock, limit=timedelta(seconds=invocation.spec.timeout)) as running:
            ending = self._load(judge, running, log, phase="invoke") if not self._loaded else None
            if ending is None or not ending.failed:
                ending = self._handle(invocation, judge, running)
                self._settle(ending, log)
            return ending, running.elapsed

    def _handle(self, invocation: Invocation, judge: Judge, running: Running) -> Ending:
        spec = invocation.spec
        function_arn = f"arn:aws:lambda:{spec.region}:{spec.account}:function:{spec.name}"
        os.environ["_X_AMZN_TRACE_ID"] = lineage.continued(
            invocation.trace, function_arn, chance=self._chance, now=self._clock.now
        )
        context = LambdaContext(
            invocation.spec,
            running=running,
            request_id=invocation.request_id,
            log_stream_name=self.log_stream,
            client_context=invocation.client_context,
        )
        return judge.run(lambda: self._answer(invocation, context), running)

    def _answer(self, invocation: Invocation, context: LambdaContext) -> bytes:
        result = self._program.call(invocation.event, context)
        if inspect.iscoroutine(result):
            result.close()  # the runtime does not await it, and Python would complain about that later
        return payloads.marshal(result, invocation.spec.runtime)

    def _load(self, judge: Judge, running: Running, log: InvocationLog, *, phase: str) -> Ending:
        began = running.elapsed

        def load() -> bytes:
            self._program.load()
            return b""

        ending = judge.run(load, running, importing=True)
        self._loaded = not ending.failed
        self._settle(ending, log)
        if ending.failed:
            log.init_failed(running.elapsed - began, phase=phase, status=ending.status)
        return ending

    def _settle(self, ending: Ending, log: InvocationLog) -> None:
        if ending.shown is not None:
            log.error(ending.shown, sleeping.now(self._clock))
        if ending.fatal:
            self._end_process()

    def _end_process(self) -> None:
        self._loaded = False
        self._program.unload()
        self._process.restart()


_code_of = attrgetter(*(field.name for field in fields(FunctionSpec) if field.name not in ("invoked_arn", "qualifier")))


def made_for(spec: FunctionSpec, handler: Handler | None) -> tuple[object, ...]:
    """Return what an environment is made for.

    Any change to the code or the configuration asks for a new one; which alias led to it does not matter.
    """
    return (handler, *_code_of(spec))


def _init_limit(spec: FunctionSpec) -> timedelta:
    if spec.initialization_type == "on-demand":
        return INIT_LIMIT
    return max(INIT_LIMIT_AHEAD, timedelta(seconds=spec.timeout))
