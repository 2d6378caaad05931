"""The runtime within the process of the test: handlers of the test, or the Python code in a function's zip."""

from __future__ import annotations

import signal
import traceback
import zipfile
from datetime import timedelta

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.execution import payloads, sleeping
from lambda_states_mock.execution.endings import Ending, is_for_the_test
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.environment_variables import TASK_ROOT, variables
from lambda_states_mock.execution.folders import Folder
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.execution.log_lines import LogStyle
from lambda_states_mock.execution.runtimes.in_process.answers import Answers
from lambda_states_mock.execution.runtimes.in_process.context import LambdaContext
from lambda_states_mock.execution.runtimes.in_process.guarded_call import GuardedCall
from lambda_states_mock.execution.runtimes.in_process.process import Process
from lambda_states_mock.execution.runtimes.in_process.programs import HandlerProgram, Program
from lambda_states_mock.execution.runtimes.in_process.python_code import PythonCode
from lambda_states_mock.execution.runtimes.in_process.random_values import RandomValues
from lambda_states_mock.execution.runtimes.runtime import InvocationEvent
from lambda_states_mock.execution.sleeping import Running
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.states.execution_environment import InitializationType

BAD_ZIP = "Lambda could not unzip the deployment package."  # (I)


class InProcessRuntimes:
    """Makes runtimes within the process of the test. Parameters: the *clock* and the *chance* of the mock."""

    def __init__(self, clock: VirtualClock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._snapshots: dict[tuple[Place, str, str], RandomValues] = {}

    def make(
        self, spec: EnvironmentSpec, handler: Handler | None, *, folder: Folder, log_stream: str
    ) -> InProcessRuntime:
        """As the protocol says."""
        values = None
        if spec.initialization_type is InitializationType.SNAP_START:
            values = self._snapshots.setdefault(_version_of(spec), RandomValues())
        # A handler of the test has no code there, and one folder less to make counts among a thousand environments.
        temporary = folder.path if handler is not None else folder.path / "tmp"
        program: Program
        task_root = TASK_ROOT
        if handler is not None:
            program = HandlerProgram(handler, spec, clock=self._clock, temporary=temporary)
        else:
            temporary.mkdir()
            try:
                program = code = PythonCode(spec, folder.path)
            except (zipfile.BadZipFile, NotImplementedError) as error:
                raise ServiceError("InvalidZipFileException", BAD_ZIP, type="Service") from error
            task_root = str(code.task_root)
        process = Process(
            clock=self._clock,
            variables=variables(spec, chance=self._chance, log_stream=log_stream, task_root=task_root),
            space=program.space,
            temporary=temporary,
            style=LogStyle.of(spec),
        )
        return InProcessRuntime(
            program, process, Answers(program, temporary), clock=self._clock, log_stream=log_stream, values=values
        )

    def begin_snapshot(self, spec: EnvironmentSpec) -> None:
        """As the protocol says."""
        self._snapshots[_version_of(spec)] = RandomValues()


class InProcessRuntime:
    """A runtime within the process of the test.

    Parameters: *program* and *process*, what runs there; *answers*, of the program; *log_stream*, of its environment;
    *values*, what Init draws at random, with SnapStart.
    """

    def __init__(
        self,
        program: Program,
        process: Process,
        answers: Answers,
        *,
        clock: VirtualClock,
        log_stream: str,
        values: RandomValues | None,
    ) -> None:
        self.in_text = program.paths.in_text
        self.entered = process.entered
        self.write_to = process.write_to
        self._program = program
        self._process = process
        self._answers = answers
        self._clock = clock
        self._log_stream = log_stream
        self._values = values

    def load(self, invocation: InvocationEvent, running: Running) -> Ending:
        """As the protocol says."""
        return self._guard(invocation).run(self._load, running, importing=True)

    def _load(self) -> bytes:
        if self._values is None:
            self._program.load()
            return b""
        with self._values.repeated():
            self._program.load()
            self._program.before_snapshot()
        return b""

    def set_trace(self, header: str) -> None:
        """As the protocol says."""
        self._process.set_variable("_X_AMZN_TRACE_ID", header)

    def invoke(self, invocation: InvocationEvent, running: Running) -> Ending:
        """As the protocol says."""
        spec, answers = invocation.spec, self._answers
        context = LambdaContext(
            spec,
            running=running,
            request_id=invocation.request_id,
            log_stream_name=self._log_stream,
            client_context=invocation.client_context,
        )
        answer = answers.stream if invocation.streams else answers.answer
        ending = self._guard(invocation).run(lambda: answer(invocation.event, context, spec), running)
        return ending.sent_in(answers.sent) if invocation.streams else ending

    def restore(self, invocation: InvocationEvent, running: Running) -> Ending:
        """As the protocol says."""
        return self._guard(invocation).run(self._restore, running, importing=True)

    def _restore(self) -> bytes:
        self._program.after_restore()
        return b""

    def restart(self) -> None:
        """As the protocol says."""
        self._program.unload()
        self._process.restart()

    @property
    def handles_sigterm(self) -> bool:
        """As the protocol says."""
        return self._process.on_sigterm is not None

    def terminate(self, limit: timedelta) -> timedelta:
        """As the protocol says. No signal is sent: the handler is called."""
        handler = self._process.on_sigterm
        if handler is None:
            return timedelta()
        with sleeping.detached(self._clock), Running(self._clock, limit=limit) as running:
            try:
                handler(signal.SIGTERM, None)
            except BaseException as error:
                if is_for_the_test(error, running):
                    raise
                if isinstance(error, Exception):
                    traceback.print_exception(error)
            return running.elapsed

    def close(self) -> None:
        """As the protocol says."""
        if self._program.space is not None:
            self._program.space.close()

    def _guard(self, invocation: InvocationEvent) -> GuardedCall:
        limit = payloads.STREAM_LIMIT if invocation.streams else payloads.RESPONSE_LIMIT
        return GuardedCall(
            invocation.spec, paths=self._program.paths, request_id=invocation.request_id, response_limit=limit
        )


def _version_of(spec: EnvironmentSpec) -> tuple[Place, str, str]:
    return spec.version.place, spec.version.name, spec.version.number
