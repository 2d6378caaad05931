"""The runtime that is a group of processes: it gets its events over the Runtime API, and is stopped between them.

One thread handles all that comes from the processes: the one that waits for the answer. So what they ask of Lambda, and
what they sleep, happens as if the function ran on that thread.
"""

from __future__ import annotations

import os
import select
import signal
import time
from _thread import get_ident
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.role_sessions import RoleSession
from lambda_states_mock.execution import payloads, sleeping
from lambda_states_mock.execution.crashes import ProcessCrash
from lambda_states_mock.execution.endings import Ending, timed_out
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.hang_guard import GRACE
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.process_record import ProcessRecord
from lambda_states_mock.execution.runtimes.choice import ProcessChoice
from lambda_states_mock.execution.runtimes.processes.bubblewrap import Bubblewrap
from lambda_states_mock.execution.runtimes.processes.event_headers import headers_of
from lambda_states_mock.execution.runtimes.processes.group import ProcessGroup
from lambda_states_mock.execution.runtimes.processes.mailbox import AtWork, Mailbox, ProcessLetter, at_work
from lambda_states_mock.execution.runtimes.processes.output import Output
from lambda_states_mock.execution.runtimes.processes.process_endings import of_crash, of_exit, of_init, of_invocation
from lambda_states_mock.execution.runtimes.processes.process_folders import ProcessFolders
from lambda_states_mock.execution.runtimes.processes.programs import ProcessProgram, program_of, wrapped
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest, RuntimeApi
from lambda_states_mock.execution.runtimes.processes.sandbox import NoSandbox, Sandbox
from lambda_states_mock.execution.runtimes.processes.server import EnvironmentServer
from lambda_states_mock.execution.runtimes.processes.sleepers import Sleepers
from lambda_states_mock.execution.runtimes.processes.wardship import Wardship
from lambda_states_mock.execution.runtimes.runtime import InvocationEvent
from lambda_states_mock.execution.sleeping import EnvironmentEnded, Running, TimedOut
from lambda_states_mock.instants import iso_seconds
from lambda_states_mock.restoring import all_of
from lambda_states_mock.states.execution_environment import InitializationType
from lambda_states_mock.states.runtime_api import RuntimeState

SLEEP_PATH = "/lambda-states-mock/sleep"
_API_VERSIONS = ("/2018-06-01/", "/2020-01-01/", "/2020-08-15/", "/2021-04-23/", "/2022-07-01/")
_INSTANT = timedelta(microseconds=1)
_TICK = 50  # real milliseconds between two looks at output and memory
_SIGTERM_IN_REAL_TIME = 2.0  # seconds at most: how busy the machine is shall not decide
_REAL_TIME = [time.monotonic]  # in a list, where libraries that freeze time do not look

Endpoint = Callable[[ProcessRequest], ProcessReply]


@dataclass(frozen=True, slots=True)
class ProcessTools:
    """What all process runtimes of a mock have in common.

    Parameters: *endpoint*, what answers the calls of AWS's APIs from within; *sandbox*, as `mock_lambda` has it;
    *hang_after*, real seconds, None for no limit; *counts_real_time*, whether the clock moves by what a process
    computes; *hint*, which gets a note for the report of a failing test.
    """

    clock: VirtualClock
    endpoint: Endpoint
    wardship: Wardship
    sandbox: str
    hang_after: float | None
    counts_real_time: bool
    hint: Callable[[str], object]


@dataclass(slots=True, eq=False, repr=False)
class ProcessRuntime:
    """The processes of one environment. Parameters: *session*, of its role; *records*, of each process that it starts.

    Attributes: *memory_used*, the most that was seen, in MB.
    """

    _tools: ProcessTools
    _spec: EnvironmentSpec
    _choice: ProcessChoice
    _surroundings: ProcessFolders
    _session: RoleSession
    _log_stream: str
    _records: list[ProcessRecord]
    is_guarded: bool = field(default=False, init=False)
    handles_sigterm: bool = field(default=False, init=False)
    _named: tuple[tuple[str, str], ...] = field(init=False)
    _mailbox: Mailbox = field(init=False)
    _sandbox: Sandbox | None = field(default=None, init=False)
    _server: EnvironmentServer | None = field(default=None, init=False)
    _api: RuntimeApi = field(init=False)
    _group: ProcessGroup | None = field(default=None, init=False)
    _output: Output | None = field(default=None, init=False)
    _program: ProcessProgram | None = field(default=None, init=False)
    _log: InvocationLog | None = field(default=None, init=False)
    _waiting: ProcessLetter | None = field(default=None, init=False)  # for an event, or the restore
    _sleepers: Sleepers = field(init=False)
    _trace: str = field(default="", init=False)
    _entered: AtWork | None = field(default=None, init=False)
    _is_left: bool = field(default=False, init=False)
    _out_of_memory: bool = field(default=False, init=False)
    _elsewhere: float = field(default=0.0, init=False)  # real seconds of this phase that were not the processes'
    _owner: int = field(default_factory=os.getpid, init=False)

    def __post_init__(self) -> None:
        self._mailbox = Mailbox()
        self._sleepers = Sleepers(self._tools.clock, self._surroundings)
        self._api = self._new_api()
        self._named = self._surroundings.named("")

    # -- what an environment asks of a runtime

    @property
    def memory_used(self) -> int | None:
        return self._records[-1].memory_used or None if self._records else None

    @contextmanager
    def entered(self, log: InvocationLog) -> Iterator[None]:
        before, self._log = self._log, log
        entered = self._entered = at_work()
        try:
            yield
        finally:
            self._log, self._entered = before, None
            entered.left.release()

    def write_to(self, log: InvocationLog) -> None:
        self._drain()
        self._log = log

    def in_text(self, text: str) -> str:
        for here, there in self._named:
            text = text.replace(here, there)
        return text

    def set_trace(self, header: str) -> None:
        self._trace = header

    def load(self, invocation: InvocationEvent, running: Running) -> Ending:
        self._api = self._new_api()
        try:
            self._start()
        except ProcessCrash as crash:
            return of_crash(invocation.request_id, crash)
        return self._phase(invocation, running, lambda: self._api.is_waiting, importing=True)

    def invoke(self, invocation: InvocationEvent, running: Running) -> Ending:
        if self._group is None or self._group.has_ended():  # between two events
            return self._exited(invocation.request_id)
        if not self._api.is_waiting:  # a managed instance goes on after a time-out, which a stopped process cannot
            ending = self.load(invocation, running)
            if ending.failed:
                return ending
        limit = payloads.STREAM_LIMIT if invocation.streams else payloads.RESPONSE_LIMIT
        on_clock = self._program is not None and self._program.lives_on_clock
        headers = headers_of(invocation, running, trace=self._trace, lives_on_clock=on_clock)
        reply = self._api.offer(invocation.request_id, invocation.payload, headers, limit=limit)
        self._go_on(reply)
        ending = self._phase(invocation, running, lambda: self._api.is_waiting)
        if not ending.failed and self._choice.duration:
            try:
                sleeping.sleep(self._tools.clock, self._choice.duration)
            except TimedOut as error:
                return self._out_of_time(invocation, running, error)
        return ending

    def restore(self, invocation: InvocationEvent, running: Running) -> Ending:
        if self._group is None or self._group.has_ended():
            return self._exited(invocation.request_id)
        if self._api.state is RuntimeState.READY:
            return Ending(b"")  # it has no hooks
        self._go_on(self._api.resume())
        return self._phase(invocation, running, lambda: self._api.state is RuntimeState.READY, importing=True)

    def restart(self) -> None:
        """End the processes; what they have written is still read."""
        self._end_group()

    def terminate(self, limit: timedelta) -> timedelta:
        """Send SIGTERM, and SIGKILL once *limit* is over."""
        group, clock = self._group, self._tools.clock
        if group is None:
            return timedelta()
        with sleeping.detached(clock), Running(clock, limit=limit) as running:
            self._surroundings.tell_time(running.now)
            group.terminate()
            try:
                self._pump(running, lambda: False, real_limit=_SIGTERM_IN_REAL_TIME)
            except TimedOut as error:
                if error.running is not running:
                    raise
            length = running.elapsed
        self._end_group()
        return length

    def end_running(self) -> None:
        """Let the thread that waits for these processes end, and wait until it has: the mock is left."""
        self._is_left = True
        self._mailbox.ring()
        entered = self._entered
        if entered is not None and entered.thread != get_ident():
            entered.left.acquire(True, GRACE)

    def close(self) -> None:
        steps = [one.close for one in (self._server, self._sandbox) if one is not None]
        all_of([self._end_group, *steps, self._mailbox.close, self._surroundings.close])

    # -- start and end

    def _new_api(self) -> RuntimeApi:
        if self._spec.initialization_type is not InitializationType.SNAP_START:
            return RuntimeApi()
        session = self._session
        expires = iso_seconds(sleeping.standing(self._tools.clock) + timedelta(hours=12))
        key = {"AccessKeyId": session.access_key_id, "SecretAccessKey": session.secret_access_key}
        return RuntimeApi({session.authorization_token: {**key, "Token": session.session_token, "Expiration": expires}})

    def _start(self) -> None:
        """Start the program. Raises ProcessCrash where the platform could not, ProcessStartError where we cannot."""
        self._end_group()
        around = self._surroundings
        program = self._program = program_of(self._spec, self._choice, around.task, around.layers)
        self._named = around.named(program.arguments[0])
        if program.note is not None:
            self._tools.hint(program.note)
        sandbox = self._opened(tuple(map(around.inside, program.needed())))
        given = around.variables(session=self._session, log_stream=self._log_stream, address=sandbox.address)
        output = self._output = Output()
        arguments, records = program.arguments, str(sandbox.records_of(output))
        if program.lives_on_clock:
            around.tell_time(sleeping.now(self._tools.clock))
            arguments += (str(around.clock), sandbox.address, records)
            if self._spec.runs_python:
                arguments += around.modules()
        try:
            if program.is_managed:
                given["_LAMBDA_TELEMETRY_LOG_FD"] = records
                arguments = wrapped(arguments, given, around.places, self._log)
            arguments = tuple(map(around.inside, arguments))
            group = sandbox.start(arguments, given, around.inside(str(around.task)), output)
        except (OSError, ProcessCrash) as error:
            output.close_writers()
            output.close()
            self._output = None
            if isinstance(error, ProcessCrash):
                raise
            what = self.in_text(f"fork/exec {arguments[0]}: {(error.strerror or '').lower()}")
            raise ProcessCrash("Runtime.InvalidEntrypoint", what) from error
        output.close_writers()
        self._group = group
        self._tools.wardship.tell(f"+{group.pid}")
        self._records.append(ProcessRecord(group.pid, arguments))
        self._out_of_memory = False
        self.handles_sigterm = True

    def _opened(self, needed: Sequence[str]) -> Sandbox:
        """Return where the programs run, which lasts as long as the environment."""
        if self._sandbox is None:
            if self._surroundings.is_contained:
                self._sandbox = Bubblewrap(self._surroundings, needed, self._tools.wardship)
            else:
                self._sandbox = NoSandbox()
            self._server = EnvironmentServer(self._mailbox, self._sandbox.listening)
        return self._sandbox

    def _end_group(self) -> None:
        group, self._group = self._group, None
        self.handles_sigterm = False
        if os.getpid() != self._owner:
            return
        self._sleepers.forget()
        waiting, self._waiting = self._waiting, None
        for letter in [waiting, *self._mailbox.take()]:
            if letter is not None:
                letter.answer(None)
        if group is None:
            return
        self._tools.wardship.tell(f"-{group.pid}")
        group.end()
        if self._sandbox is not None:
            self._sandbox.end_all()
        self._records[-1].ended(group.status, group.memory_used)
        output, self._output = self._output, None
        if output is not None:
            if self._log is not None:
                output.drain(self._log)
            self._records[-1].printed(output.tail)
            output.close()

    # -- a phase

    def _go_on(self, reply: ProcessReply) -> None:
        """Let the processes run, and answer who has waited for that."""
        self._surroundings.tell_time(sleeping.now(self._tools.clock))
        assert self._group is not None
        self._group.send(signal.SIGCONT)
        letter, self._waiting = self._waiting, None
        if letter is not None:
            letter.answer(reply)

    def _phase(  # noqa: PLR0911 - one for each way to end
        self, invocation: InvocationEvent, running: Running, done: Callable[[], bool], *, importing: bool = False
    ) -> Ending:
        """Return how the phase ended: when *done* says so, or the processes have ended, or it is out of time."""
        began, self._elsewhere = _REAL_TIME[0](), 0.0
        try:
            came_back = self._pump(running, done)
            if self._tools.counts_real_time:
                sleeping.sleep(self._tools.clock, max(0.0, _REAL_TIME[0]() - began - self._elsewhere))
        except TimedOut as error:
            return self._out_of_time(invocation, running, error)
        if running.is_over():
            return timed_out(invocation.request_id, invocation.spec.configuration.timeout)
        told = self._api.init_error if importing else self._api.told
        if came_back and self._group is not None:
            self._group.send(signal.SIGSTOP)
            self._drain()
            if self._group.measure() <= invocation.spec.configuration.memory_size:
                self._records[-1].used(self._group.memory_used)
                if importing:
                    return Ending(b"")
                if told is None:  # it has asked for the next event without a word on this one
                    return self._exited(invocation.request_id)
                return of_invocation(told, self._in_lambda, streams=invocation.streams)
            self._kill_for_memory()
        self._drain()
        if told is None:
            return self._exited(invocation.request_id)
        if importing:
            return of_init(told, self._in_lambda)
        return replace(of_invocation(told, self._in_lambda, streams=invocation.streams), fatal=True)

    def _exited(self, request_id: str) -> Ending:
        status = self._group.status if self._group is not None else None
        return of_exit(request_id, status, out_of_memory=self._out_of_memory)

    def _out_of_time(self, invocation: InvocationEvent, running: Running, error: TimedOut) -> Ending:
        if error.running is not running:
            raise error
        if self._group is not None:
            self._group.send(signal.SIGSTOP)
            self._drain()
        return timed_out(invocation.request_id, invocation.spec.configuration.timeout)

    def _in_lambda(self, content: bytes) -> bytes:
        for here, there in self._named:
            content = content.replace(here.encode(), there.encode())
        return content

    # -- what comes from the processes

    def _pump(self, running: Running, done: Callable[[], bool], *, real_limit: float | None = None) -> bool:
        """Handle what comes until *done*, and return True; False where the processes have ended before.

        Raises TimedOut at the end of the time of *running*, which comes as well at the end of its real time.
        """
        group = self._group
        assert group is not None
        poll = select.poll()
        poll.register(self._mailbox.descriptor, select.POLLIN)
        poll.register(group.descriptor, select.POLLIN)
        began, quiet = _REAL_TIME[0](), 0
        caps = self._caps(running) if real_limit is None else {"SIGTERM": real_limit}
        while True:
            for letter in self._mailbox.take():
                quiet = 0
                self._handle(letter)
            if self._is_left:
                raise EnvironmentEnded
            if done():
                return True
            if group.has_ended():
                for letter in self._mailbox.take():
                    self._handle(letter)
                self._records[-1].ended(group.status, group.memory_used)
                return False
            if not poll.poll(_TICK):
                quiet += 1
                self._look(group, quiet)
            passed = _REAL_TIME[0]() - began - self._elsewhere
            for cap, limit in caps.items():
                if passed >= limit:
                    self._cap(cap, limit, running)

    def _caps(self, running: Running) -> dict[str, float]:
        """Return for how many real seconds a phase may last, by what says so."""
        found = {} if self._tools.hang_after is None else {"hang_after": self._tools.hang_after}
        if self._program is not None and not self._program.lives_on_clock:
            found["Timeout"] = max((running.deadline - running.now).total_seconds(), 0.0)
        return found

    def _cap(self, cap: str, limit: float, running: Running) -> None:
        if self._log is not None and cap != "SIGTERM":
            self._drain()
            name = self._spec.version.name
            self._log.record(
                f'lambda_states_mock: function "{name}" did not answer within {limit:g} s of real time ({cap})'
            )
        sleeping.sleep(self._tools.clock, running.deadline - running.now + _INSTANT)

    def _look(self, group: ProcessGroup, quiet: int) -> None:
        """Look after processes that have said nothing for a while."""
        if self._output is not None and self._output.has_much():
            self._drain()
        if group.measure() > self._spec.configuration.memory_size:
            self._kill_for_memory()
        elif self._sleepers and quiet > 1:  # only threads beside the main one sleep, and it waits for them
            self._sleepers.wake_first()

    def _kill_for_memory(self) -> None:
        self._out_of_memory = True
        if self._group is not None:
            self._records[-1].used(self._group.memory_used)
            self._group.send(signal.SIGKILL)
            self._group.send(signal.SIGCONT)

    def _drain(self) -> None:
        if self._output is not None and self._log is not None:
            self._output.drain(self._log)

    def _handle(self, letter: ProcessLetter) -> None:
        request = letter.request
        if request.path == SLEEP_PATH:
            began = _REAL_TIME[0]()
            self._sleepers.add(letter)
            self._elsewhere += _REAL_TIME[0]() - began
        elif request.path.startswith(_API_VERSIONS) and not request.path.startswith("/2020-01-01/functions"):
            reply = self._api.ask(request)
            if reply is None:
                self._waiting = letter
            else:
                letter.answer(reply)
        else:
            began = _REAL_TIME[0]()
            try:
                reply = self._tools.endpoint(request)
            finally:
                self._elsewhere += _REAL_TIME[0]() - began
            self._surroundings.tell_time(sleeping.now(self._tools.clock))
            letter.answer(reply)
