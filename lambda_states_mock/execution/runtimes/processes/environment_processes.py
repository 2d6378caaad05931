"""The processes of one environment, the runtime and external extensions: started, run, stopped and ended.

What comes from them is handled by the thread that waits for them, see `pump`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import field
from datetime import timedelta

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.role_sessions import RoleSession
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.crashes import ProcessCrash
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.logs import InvocationLog, Record
from lambda_states_mock.execution.process_record import ProcessRecord
from lambda_states_mock.execution.runtimes.choice import ProcessChoice
from lambda_states_mock.execution.runtimes.processes.bubblewrap import Bubblewrap
from lambda_states_mock.execution.runtimes.processes.extension_processes import ExtensionProcesses, variables_of
from lambda_states_mock.execution.runtimes.processes.extensions_api import ExtensionsApi
from lambda_states_mock.execution.runtimes.processes.mailbox import Mailbox, ProcessLetter
from lambda_states_mock.execution.runtimes.processes.output import Output
from lambda_states_mock.execution.runtimes.processes.process_folders import ProcessFolders
from lambda_states_mock.execution.runtimes.processes.programs import ProcessProgram, program_of, wrapped
from lambda_states_mock.execution.runtimes.processes.pump import Pump, Stopwatch
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest, RuntimeApi
from lambda_states_mock.execution.runtimes.processes.sandbox import NoSandbox, Sandbox
from lambda_states_mock.execution.runtimes.processes.server import EnvironmentServer
from lambda_states_mock.execution.runtimes.processes.sleepers import Sleepers
from lambda_states_mock.execution.runtimes.processes.started_program import StartedProgram
from lambda_states_mock.execution.runtimes.processes.telemetry_api import TelemetrySubscriber
from lambda_states_mock.execution.runtimes.processes.telemetry_sending import Sending
from lambda_states_mock.execution.runtimes.processes.wardship import Wardship
from lambda_states_mock.execution.sleeping import Running, TimedOut
from lambda_states_mock.instants import iso_milliseconds, iso_seconds
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.restoring import all_of
from lambda_states_mock.states.execution_environment import InitializationType

_API_VERSIONS = ("/2018-06-01/", "/2021-04-23/", "/2020-01-01/", "/2020-08-15/", "/2022-07-01/")
SLEEP_PATH = "/lambda-states-mock/sleep"
_BACK_OFF = (0.0, 0.05, 0.1, 0.2)  # (I) real seconds before each time that a batch of telemetry is sent
_LONG = 100  # looks: what computes for so long without a word may wait for a thread that sleeps
_SHUTDOWN_IN_REAL_TIME = 2.0  # seconds at most: how busy the machine is shall not decide

Endpoint = Callable[[ProcessRequest], ProcessReply]


@dataclass(frozen=True, slots=True)
class ProcessTools:
    """What all process runtimes of a mock have in common.

    Parameters: *endpoint*, what answers the calls of AWS's APIs from within; *sandbox*, as `mock_lambda` has it;
    *hang_after*, real seconds, None for no limit; *counts_real_time*, whether the clock moves by what a process
    computes; *hint*, which gets a note for the report of a failing test; *new_id*, which makes ids.
    """

    clock: VirtualClock
    endpoint: Endpoint
    wardship: Wardship
    sandbox: str
    hang_after: float | None
    counts_real_time: bool
    hint: Callable[[str], object]
    new_id: Callable[[], str]


@dataclass(slots=True, eq=False, repr=False)
class EnvironmentProcesses:
    """Parameters: *session*, of the role of the function; *records*, of each process that is started; *executables*,
    the names of those files in /opt/extensions that are to run; *others*, how many extensions of the test are beside.

    Attributes: *api*, the Runtime API; *runtime*, its program, where it runs; *extensions*; *log*, which gets what they
    write; *out_of_memory*, whether they were ended for that.
    """

    tools: ProcessTools
    _spec: EnvironmentSpec
    _choice: ProcessChoice
    surroundings: ProcessFolders
    _session: RoleSession
    _log_stream: str
    _records: list[ProcessRecord]
    _executables: tuple[str, ...]
    _others: int
    api: RuntimeApi = field(init=False)
    extensions: ExtensionProcesses = field(init=False)
    runtime: StartedProgram | None = field(default=None, init=False)
    program: ProcessProgram | None = field(default=None, init=False)
    out_of_memory: bool = field(default=False, init=False)
    named: tuple[tuple[str, str], ...] = field(init=False)
    pump: Pump = field(init=False)
    log: InvocationLog | None = field(default=None, init=False)
    _sandbox: Sandbox | None = field(default=None, init=False)
    _server: EnvironmentServer | None = field(default=None, init=False)
    _waiting: ProcessLetter | None = field(default=None, init=False)  # for an event, or the restore
    _sleepers: Sleepers = field(init=False)
    _owner: int = field(default_factory=os.getpid, init=False)

    def __post_init__(self) -> None:
        clock = self.tools.clock
        self.pump = Pump(clock, Mailbox(), self._handle, self._look)
        self._sleepers = Sleepers(clock, self.surroundings)
        self.named = self.surroundings.named("")
        self.api = self._new_api()
        self.extensions = ExtensionProcesses(
            self._executables,
            self._launch_extension,
            self._new_extensions_api,
            lambda: iso_milliseconds(sleeping.now(clock)),
            lambda port: self._place.connect(port),
        )

    @property
    def memory_used(self) -> int | None:
        """The most that was seen, in MB."""
        used = [one.record.memory_used for one in self.all] or [one.memory_used for one in self._records[-1:]]
        return sum(used) or None

    def write_to(self, log: InvocationLog | None) -> None:
        """Let what they write go to *log* from now on."""
        self.log = log

    @property
    def all(self) -> tuple[StartedProgram, ...]:
        return (*((self.runtime,) if self.runtime is not None else ()), *self.extensions.programs)

    def in_text(self, text: str) -> str:
        """Return *text* with the folders of this machine named as they are on AWS."""
        for here, there in self.named:
            text = text.replace(here, there)
        return text

    def in_lambda(self, content: bytes) -> bytes:
        """Return *content* in the same way."""
        for here, there in self.named:
            content = content.replace(here.encode(), there.encode())
        return content

    def begin(self) -> None:
        """End what is left of an older Init."""
        self.end_all()
        self.api = self._new_api()
        self.extensions.begin()
        self.out_of_memory = False

    def _new_api(self) -> RuntimeApi:
        if self._spec.initialization_type is not InitializationType.SNAP_START:
            return RuntimeApi()
        session = self._session
        expires = iso_seconds(sleeping.standing(self.tools.clock) + timedelta(hours=12))
        key = {"AccessKeyId": session.access_key_id, "SecretAccessKey": session.secret_access_key}
        return RuntimeApi({session.authorization_token: {**key, "Token": session.session_token, "Expiration": expires}})

    def prepare(self) -> ProcessProgram:
        """Return the program of the runtime, once there is a place to run it in."""
        around = self.surroundings
        program = self.program = program_of(self._spec, self._choice, around.task, around.layers)
        self.named = around.named(program.arguments[0])
        if program.note is not None:
            self.tools.hint(program.note)
        if self._sandbox is None:
            if around.is_contained:
                needed = tuple(map(around.inside, program.needed()))
                self._sandbox = Bubblewrap(around, needed, self.tools.wardship)
            else:
                self._sandbox = NoSandbox()
            self._server = EnvironmentServer(self.pump.mailbox, self._sandbox.listening)
        return program

    def start_runtime(self, program: ProcessProgram) -> None:
        """Start the runtime. Raises ProcessCrash where the platform could not."""
        around, sandbox = self.surroundings, self._place
        given, output = self._variables(), Output()
        arguments, records = program.arguments, str(sandbox.records_of(output))
        if program.lives_on_clock:
            around.tell_time(sleeping.now(self.tools.clock))
            arguments += (str(around.clock), sandbox.address, records)
            if program.client is not None:
                around.take_client(program.client)
                arguments += (str(around.client),)
            if self._spec.runs_python:
                arguments += around.modules()
        try:
            if program.is_managed:
                given["_LAMBDA_TELEMETRY_LOG_FD"] = records
                arguments = wrapped(arguments, given, around.places, self.log)
            self.runtime = self._launch(tuple(map(around.inside, arguments)), given, output)
        except OSError as error:
            what = self.in_text(f"fork/exec {arguments[0]}: {(error.strerror or '').lower()}")
            raise ProcessCrash("Runtime.InvalidEntrypoint", what) from error
        finally:
            output.close_writers()
            if self.runtime is None:
                output.close()

    @property
    def _place(self) -> Sandbox:
        assert self._sandbox is not None
        return self._sandbox

    def _variables(self) -> dict[str, str]:
        address = self._place.address
        return self.surroundings.variables(session=self._session, log_stream=self._log_stream, address=address)

    def _launch(
        self, arguments: Sequence[str], given: dict[str, str], output: Output, *, by_extension: bool = False
    ) -> StartedProgram:
        folder = self.surroundings.inside(str(self.surroundings.task))
        group = self._place.start(arguments, given, folder, output)
        self.tools.wardship.tell(f"+{group.pid}")
        record = ProcessRecord(group.pid, tuple(arguments))
        self._records.append(record)
        return StartedProgram(group, output, record, self.tools.wardship, by_extension)

    def _launch_extension(self, name: str) -> StartedProgram:
        """Start an executable of a layer. Raises OSError where that cannot be done."""
        path = self.surroundings.inside(str(self.surroundings.layers / "extensions" / name))
        output = Output()
        started = None
        try:
            started = self._launch((path,), variables_of(self._variables()), output, by_extension=True)
            return started
        finally:
            output.close_writers()
            if started is None:
                output.close()

    def _new_extensions_api(self, names: Iterable[str]) -> ExtensionsApi:
        version = self._spec.version
        about = {
            "functionName": version.name,
            "functionVersion": version.number,
            "handler": self._spec.configuration.handler or "",
        }
        return ExtensionsApi(tuple(names), self._others, about, version.place.account, self.tools.new_id)

    def end_runtime(self) -> None:
        runtime, self.runtime = self.runtime, None
        if os.getpid() != self._owner:
            return
        self._sleepers.forget()
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.answer(None)
        if runtime is not None:
            runtime.end(self.log)

    def end_all(self) -> None:
        if os.getpid() != self._owner:
            self.runtime = None
            return
        self.end_runtime()
        for letter in self.pump.mailbox.take():
            letter.answer(None)
        self.extensions.end(self.log)
        if self._sandbox is not None:
            self._sandbox.end_all()

    def close(self) -> None:
        """Leave nothing of them behind."""
        steps = [one.close for one in (self._server, self._sandbox) if one is not None]
        all_of([self.end_all, *steps, self.pump.mailbox.close, self.surroundings.close])

    # -- run and stop

    def go_on(self, reply: ProcessReply) -> None:
        """Let the processes run, and answer who has waited for that."""
        self.surroundings.tell_time(sleeping.now(self.tools.clock))
        self.wake()
        letter, self._waiting = self._waiting, None
        if letter is not None:
            letter.answer(reply)

    def wake(self) -> None:
        """Let all go on that were stopped."""
        for program in self.all:
            program.group.send(signal.SIGCONT)

    def freeze(self) -> None:
        for program in self.all:
            program.group.send(signal.SIGSTOP)
        self.drain()

    def until_ended(
        self, limit: timedelta, ended: Callable[[], bool], *, first: Callable[[Running], object] | None = None
    ) -> timedelta:
        """Let programs end by themselves within *limit*, in virtual and in real time; return how long it took.

        *first* is done first, within the same time.
        """
        clock = self.tools.clock
        with sleeping.detached(clock), Running(clock, limit=limit) as running:
            try:
                if first is not None:
                    first(running)
                self.run(running, ended, caps={"SHUTDOWN": _SHUTDOWN_IN_REAL_TIME})
            except TimedOut as error:
                if error.running is not running:
                    raise
            return running.elapsed

    # -- what comes from the processes

    def run(self, running: Running, done: Callable[[], bool], caps: dict[str, float] | None = None) -> None:
        descriptors = [one.group.descriptor for one in self.all]
        self.pump.run(done, descriptors, running, self._caps(running) if caps is None else caps, self._capped)

    def _caps(self, running: Running) -> dict[str, float]:
        """Return for how many real seconds a phase may last, by what says so."""
        found = {} if self.tools.hang_after is None else {"hang_after": self.tools.hang_after}
        on_clock = self.program is not None and self.program.lives_on_clock
        if not on_clock or self.extensions.programs:
            found["Timeout"] = max((running.deadline - running.now).total_seconds(), 0.0)
        return found

    def _capped(self, cap: str, limit: float) -> None:
        if self.log is not None and cap != "SHUTDOWN":
            self.drain()
            name = self._spec.version.name
            self.log.record(
                f'lambda_states_mock: function "{name}" did not answer within {limit:g} s of real time ({cap})'
            )

    def send_telemetry(self, running: Running) -> None:
        """Send what there is to all who have subscribed. What one does not take is kept for the next time."""
        for one in self.extensions.subscribers:
            batches = one.take()
            while batches and self._is_sent(one, batches[0], running):
                del batches[0]
            one.put_back(batches)

    def _is_sent(self, subscriber: TelemetrySubscriber, batch: list[Record], running: Running) -> bool:
        """Send *batch*, and again after a while where nobody takes it; return whether somebody has."""
        to, program = subscriber.subscription, self.extensions.program_of(subscriber.name) or self.runtime
        for pause in _BACK_OFF:
            waited = Stopwatch(self.pump)
            self.run(running, lambda: waited.passed >= pause, caps={})  # noqa: B023 - it is called here
            if program is None or program.has_ended():
                return False
            with suppress(OSError):
                connection = subscriber.connection(self._place.connect)
                sending = Sending(to, batch, connection, self.pump.mailbox.ring)
                self.run(running, lambda sending=sending: sending.is_done, caps={})  # type: ignore[misc]
                if sending.went_well:
                    return True
                subscriber.hang_up()
        return False

    def _look(self, quiet: int) -> None:
        """Look after processes that have said nothing for a while."""
        for program in self.all:
            if program.output.has_much():
                program.drain(self.log)
        if self.measure() > self._spec.configuration.memory_size:
            self.kill_for_memory()
        elif self._sleepers and quiet > 1 and (quiet > _LONG or all(one.group.is_idle() for one in self.all)):
            self._sleepers.wake_first()  # only threads beside the main one sleep, and it waits for them

    def measure(self) -> int:
        return sum(one.measure() for one in self.all)

    def kill_for_memory(self) -> None:
        self.out_of_memory = True
        if self.runtime is not None:
            self.runtime.group.send(signal.SIGKILL)
            self.runtime.group.send(signal.SIGCONT)

    def drain(self) -> None:
        for program in self.all:
            program.drain(self.log)

    def _handle(self, letter: ProcessLetter) -> None:
        request = letter.request
        if request.path == SLEEP_PATH:
            self.drain()  # what it has written was written before the clock moves
            with self.pump.outside():
                self._sleepers.add(letter)
        elif self.extensions.ask(letter, self.log):
            pass
        elif request.path.startswith(_API_VERSIONS):
            reply = self.api.ask(request)
            if self.api.is_waiting:
                self.extensions.api.close()
            if reply is None:
                self._waiting = letter
            else:
                letter.answer(reply)
        else:
            with self.pump.outside():
                reply = self.tools.endpoint(request)
            self.surroundings.tell_time(sleeping.now(self.tools.clock))
            letter.answer(reply)
