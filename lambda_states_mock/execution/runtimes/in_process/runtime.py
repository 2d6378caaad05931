"""The runtime within the process of the test: handlers of the test, or the Python code in a function's zip."""

from __future__ import annotations

import errno
import inspect
import os
import signal
import threading
import traceback
import zipfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field, replace
from datetime import timedelta
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.role_sessions import RoleSessions
from lambda_states_mock.execution import code_archive, hang_guard, payloads, sleeping
from lambda_states_mock.execution.endings import Ending, is_for_the_test
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.environment_variables import TASK_ROOT, variables
from lambda_states_mock.execution.extension_host import NOT_RUN, Ran
from lambda_states_mock.execution.extensions import Extension
from lambda_states_mock.execution.folders import Folder
from lambda_states_mock.execution.function_threads import end_threads_of
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.execution.invocation_event import InvocationEvent
from lambda_states_mock.execution.log_lines import LogStyle
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.process_record import ProcessRecord
from lambda_states_mock.execution.runtimes.in_process import payloads as runtime_payloads
from lambda_states_mock.execution.runtimes.in_process.context import LambdaContext
from lambda_states_mock.execution.runtimes.in_process.ephemeral_storage import EphemeralStorage
from lambda_states_mock.execution.runtimes.in_process.guarded_call import GuardedCall
from lambda_states_mock.execution.runtimes.in_process.log_streams import warn_of_failed_init
from lambda_states_mock.execution.runtimes.in_process.process import Process
from lambda_states_mock.execution.runtimes.in_process.programs import HandlerProgram, Program
from lambda_states_mock.execution.runtimes.in_process.python_code import PythonCode
from lambda_states_mock.execution.runtimes.in_process.random_values import RandomValues
from lambda_states_mock.execution.runtimes.runtime import bad_zip
from lambda_states_mock.execution.sleeping import Running
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.restoring import all_of
from lambda_states_mock.states.execution_environment import InitializationType

_MEGABYTE = 1024 * 1024


@dataclass(slots=True, eq=False, repr=False)
class InProcessRuntimes:
    """Makes runtimes within the process of the test. Parameters: the *clock*, and the role *sessions* of the mock."""

    _clock: VirtualClock
    _sessions: RoleSessions
    _ending: list[threading.Thread] = field(default_factory=list, init=False)
    _snapshots: dict[tuple[Place, str, str], RandomValues] = field(default_factory=dict, init=False)

    def reason_not_to_run(self, spec: EnvironmentSpec) -> str | None:
        if spec.configuration.package_type == "Image":
            return "its code is a container image, which is not run here"
        if not spec.runs_python:
            return f"its code is for {spec.configuration.runtime}, which is not run here"
        if not code_archive.holds_python(spec.code.zip):
            return "its zip file holds no Python code"
        return None

    def choice(self, spec: EnvironmentSpec) -> None:
        """Return None: there is but one way to run code here."""

    def end_running(self) -> None:
        """Nothing is waited for elsewhere: the hang guard ends the code."""

    def make(
        self,
        spec: EnvironmentSpec,
        handler: Handler | None,
        *,
        folder: Folder,
        log_stream: str,
        processes: list[ProcessRecord],  # noqa: ARG002 - there are none
        extensions: Sequence[Extension],  # they run beside it
    ) -> InProcessRuntime:
        values = None
        if spec.initialization_type is InitializationType.SNAP_START:
            values = self._snapshots.setdefault(_version_of(spec), RandomValues())
        program: Program
        task_root, named_folders = TASK_ROOT, None
        if handler is not None:
            # It has no code there, and most of them never ask for /tmp: nothing is made before.
            storage = EphemeralStorage(folder.make)
            program = HandlerProgram(handler, spec, clock=self._clock, temporary=folder.planned)
        else:
            here = folder.make()
            temporary = here / "tmp"
            temporary.mkdir()
            storage = EphemeralStorage(lambda: temporary)
            storage.make()  # code in a zip knows it by its name
            try:
                program = code = PythonCode(spec, here)
            except (zipfile.BadZipFile, NotImplementedError) as error:
                raise bad_zip() from error
            task_root, named_folders = str(code.task_root), code.named_folders
        session = self._sessions.begin(spec.version.place, spec.configuration.role, spec.version.name)
        process = Process(
            clock=self._clock,
            session=session,
            variables=variables(spec, session=session, log_stream=log_stream, task_root=task_root),
            space=program.space,
            storage=storage,
            named_folders=named_folders,
            style=LogStyle.of(spec),
        )
        runs_code = handler is None or not handler.is_canned
        answers = Answers(program, storage)
        ways = self._clock, log_stream, values, self._ending
        is_seen = runs_code or bool(extensions)
        return InProcessRuntime(program, process, answers, *ways, is_guarded=runs_code, is_seen=is_seen)

    def begin_snapshot(self, spec: EnvironmentSpec) -> None:
        self._snapshots[_version_of(spec)] = RandomValues()

    def await_end(self) -> list[str]:
        for thread in self._ending:
            thread.join(hang_guard.GRACE)
        return [f'thread "{thread.name}" of a function' for thread in self._ending if thread.is_alive()]


@dataclass(slots=True, eq=False, repr=False)
class InProcessRuntime:
    """A runtime within the process of the test.

    Parameters: *values*, what Init draws at random, with SnapStart; *ending*, to which it adds threads that are to end;
    *is_guarded*, whether there is code that may hang; *is_seen*, whether there is any that may look at its process.
    """

    _program: Program
    _process: Process
    _answers: Answers
    _clock: VirtualClock
    _log_stream: str
    _values: RandomValues | None
    _ending: list[threading.Thread]
    is_guarded: bool
    is_seen: bool
    memory_used: None = field(default=None, init=False)
    beside: None = field(default=None, init=False)
    in_text: Callable[[str], str] = field(init=False)
    entered: Callable[[InvocationLog], AbstractContextManager[object]] = field(init=False)
    set_trace: Callable[[str], None] = field(init=False)
    write_to: Callable[[InvocationLog], None] = field(init=False)

    def __post_init__(self) -> None:
        self.in_text = self._program.paths.in_text
        self.entered = self._process.entered if self.is_seen else lambda _log: nullcontext()
        self.set_trace = self._process.set_trace if self.is_seen else lambda _header: None
        self.write_to = self._process.write_to

    def load(self, invocation: InvocationEvent, running: Running) -> Ending:
        ending = self._guard(invocation).run(self._load, running, importing=True)
        if ending.shown is not None and invocation.spec.runs_python:
            warn_of_failed_init()
        return ending

    def _load(self) -> bytes:
        if self._values is None:
            self._program.load()
            return b""
        with self._values.repeated():
            self._program.load()
            self._program.before_snapshot()
        return b""

    def invoke(self, invocation: InvocationEvent, running: Running) -> Ending:
        spec, answers, context = invocation.spec, self._answers, None
        if self.is_guarded:  # nothing else is called with it
            context = LambdaContext(
                spec,
                running=running,
                request_id=invocation.request_id,
                log_stream_name=self._log_stream,
                client_context=invocation.client_context,
            )
        answer = answers.stream if invocation.streams else answers.answer
        ending = self._guard(invocation).run(lambda: answer(invocation.event, context, spec), running)
        return replace(ending, chunks=tuple(answers.sent)) if invocation.streams else ending

    def settle(self, invocation: InvocationEvent, running: Running) -> Ran:  # noqa: ARG002
        return NOT_RUN

    def restore(self, invocation: InvocationEvent, running: Running) -> Ending:
        return self._guard(invocation).run(self._restore, running, importing=True)

    def _restore(self) -> bytes:
        self._program.after_restore()
        return b""

    def restart(self) -> None:
        self._program.unload()
        self._process.restart()

    @property
    def handles_sigterm(self) -> bool:
        return self._process.on_sigterm is not None

    def terminate(self, limit: timedelta) -> timedelta:
        """No signal is sent: the handler is called."""
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
        self._ending.extend(end_threads_of(self._process.owner))
        steps = [self._process.leave_at_the_end]
        if self._program.space is not None:
            steps.append(self._program.space.close)
        all_of(steps)

    def _guard(self, invocation: InvocationEvent) -> GuardedCall:
        limit = payloads.STREAM_LIMIT if invocation.streams else payloads.RESPONSE_LIMIT
        return GuardedCall(invocation.spec, self._program.paths, invocation.request_id, limit)


@dataclass(slots=True, eq=False, repr=False)
class Answers:
    """What the program of one environment answers.

    Parameters: *storage*, its /tmp.

    Attributes: *sent*, the parts of the last streamed answer.
    """

    _program: Program
    _storage: EphemeralStorage
    sent: list[bytes] = field(default_factory=list, init=False)

    def answer(self, event: Any, context: Any, spec: EnvironmentSpec) -> bytes:
        """Return the whole result. Raises what the function raises, and RuntimeFault for what JSON cannot say."""
        result = self._program.call(event, context)
        self._check_storage(spec)
        if inspect.iscoroutine(result):
            result.close()  # the runtime does not await it, and Python would complain about that later
        return self._shown(runtime_payloads.marshal(result, spec.configuration.runtime))

    def _shown(self, content: bytes) -> bytes:
        """Return *content* as the caller gets it: code in a zip finds itself in the folders of Lambda (recorded)."""
        return content if self._program.space is None else self._program.paths.in_bytes(content)

    def stream(self, event: Any, context: Any, spec: EnvironmentSpec) -> bytes:
        """Return all that a generator yields; each part is in `sent` as soon as it has come.

        Anything but a generator is sent in one part. The parts that make the response too large are left out.
        """
        self.sent, size = [], 0
        result = self._program.call(event, context)
        if not inspect.isgenerator(result):
            self._check_storage(spec)
            whole = self._shown(runtime_payloads.marshal(result, spec.configuration.runtime))
            self.sent = [whole] if len(whole) <= payloads.STREAM_LIMIT else []
            return whole
        part = b""
        try:
            for value in result:
                part = self._shown(runtime_payloads.chunk(value, spec.configuration.runtime))
                size += len(part)
                if size > payloads.STREAM_LIMIT:
                    return b"".join((*self.sent, part))
                self.sent.append(part)
        finally:
            result.close()
        self._check_storage(spec)
        return b"".join(self.sent)

    def _check_storage(self, spec: EnvironmentSpec) -> None:
        """Raise OSError ENOSPC when there is more in /tmp than fits."""
        storage = self._storage  # most handlers of the test have none, and take no step more
        if storage.folder is not None and storage.exceeds(spec.configuration.ephemeral_storage * _MEGABYTE):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _version_of(spec: EnvironmentSpec) -> tuple[Place, str, str]:
    return spec.version.place, spec.version.name, spec.version.number
