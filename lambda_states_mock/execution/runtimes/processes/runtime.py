"""The runtime that is a group of processes: it gets its events over the Runtime API, and is stopped between them.

One thread handles all that comes from the processes: the one that waits for the answer. So what they ask of Lambda, and
what they sleep, happens as if the function ran on that thread.
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from datetime import timedelta

from lambda_states_mock.execution import payloads, sleeping
from lambda_states_mock.execution.crashes import ProcessCrash
from lambda_states_mock.execution.endings import Ending, process_ended, timed_out
from lambda_states_mock.execution.extension_host import NO_TIME, NOT_RUN, RUNTIME_SHUTDOWN, ExtensionPrograms, Ran
from lambda_states_mock.execution.hang_guard import GRACE
from lambda_states_mock.execution.invocation_event import InvocationEvent
from lambda_states_mock.execution.logs import InvocationLog, Record
from lambda_states_mock.execution.runtimes.processes.environment_processes import EnvironmentProcesses, ProcessTools
from lambda_states_mock.execution.runtimes.processes.event_headers import headers_of
from lambda_states_mock.execution.runtimes.processes.extension_processes import ExtensionProcesses
from lambda_states_mock.execution.runtimes.processes.mailbox import AtWork, at_work
from lambda_states_mock.execution.runtimes.processes.process_endings import (
    answered_before,
    of_crash,
    of_exit,
    of_init,
    of_invocation,
)
from lambda_states_mock.execution.runtimes.processes.pump import Stopwatch
from lambda_states_mock.execution.sleeping import Running, TimedOut
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.states.runtime_api import RuntimeState


@dataclass(slots=True, eq=False, repr=False)
class ProcessRuntime:
    """Parameters: *processes*, of its environment; *duration*, of each invocation beyond what it sleeps.

    Attributes: *extensions*, those that are processes.
    """

    _processes: EnvironmentProcesses
    _duration: timedelta
    is_guarded: bool = field(default=False, init=False)
    extensions: ExtensionProcesses = field(init=False)
    _tools: ProcessTools = field(init=False)
    _trace: str = field(default="", init=False)
    _kept_back: bool = field(default=False, init=False)
    _entered: AtWork | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.extensions = self._processes.extensions
        self._tools = self._processes.tools

    # -- what an environment asks of a runtime

    @property
    def handles_sigterm(self) -> bool:
        return self._processes.runtime is not None

    @property
    def memory_used(self) -> int | None:
        return self._processes.memory_used

    @contextmanager
    def entered(self, log: InvocationLog) -> Iterator[None]:
        before = self._processes.log
        self._processes.write_to(log)
        entered = self._entered = at_work()
        try:
            yield
        finally:
            self._processes.write_to(before)
            self._entered = None
            entered.left.release()

    def write_to(self, log: InvocationLog) -> None:
        self._processes.drain()
        self._processes.write_to(log)

    def in_text(self, text: str) -> str:
        return self._processes.in_text(text)

    def set_trace(self, header: str) -> None:
        self._trace = header

    def load(self, invocation: InvocationEvent, running: Running) -> Ending:
        self._processes.begin()
        self._kept_back = False
        try:
            program = self._processes.prepare()
            self._kept_back = True  # until it is known better
            self.extensions.start(lambda done: self._processes.run(running, done))
            self._kept_back = self.extensions.failure is not None
            if not self._kept_back:
                self._processes.start_runtime(program)
        except ProcessCrash as crash:
            return of_crash(invocation.request_id, crash)
        except TimedOut as error:
            return self._out_of_time(invocation, running, error)
        ending = self._phase(invocation, running, self._is_initialised, importing=True)
        if not ending.failed and self.extensions.subscribers:
            self._processes.send_telemetry(running)
        self._processes.freeze()
        return ending

    def invoke(self, invocation: InvocationEvent, running: Running) -> Ending:
        if self._processes.runtime is None or self._processes.runtime.has_ended():  # between two events
            return self._exited(invocation.request_id)
        if self.extensions.find_failure() is not None:
            return self._extension_failed(invocation)
        if (
            not self._processes.api.is_waiting
        ):  # a managed instance goes on after a time-out, which a stopped process cannot
            ending = self.load(invocation, running)
            if self._processes.log is not None:
                self.show(self._processes.log)
            if ending.failed:
                return ending
        limit = payloads.STREAM_LIMIT if invocation.streams else payloads.RESPONSE_LIMIT
        on_clock = self._processes.program is not None and self._processes.program.lives_on_clock
        headers = headers_of(invocation, running, trace=self._trace, lives_on_clock=on_clock)
        reply = self._processes.api.offer(invocation.request_id, invocation.payload, headers, limit=limit)
        left = running.deadline - running.now
        self.extensions.invoke(
            invocation.request_id, invocation.spec.invoked_arn, self._trace, left, self._tools.new_id
        )
        self._processes.go_on(reply)
        ending = self._phase(invocation, running, lambda: self._processes.api.is_waiting)
        if not ending.failed and self._duration:
            try:
                sleeping.sleep(self._tools.clock, self._duration)
            except TimedOut as error:
                return self._out_of_time(invocation, running, error)
        return ending

    def settle(self, invocation: InvocationEvent, running: Running) -> Ran:
        """Let the extensions that are processes come to the end of the event, and stop all of them."""
        extensions = self.extensions
        if not extensions.known:
            return NOT_RUN
        limit = timedelta(seconds=invocation.spec.configuration.timeout)
        cut_off = False
        with sleeping.detached(self._tools.clock), Running(self._tools.clock, limit=limit) as beside:
            try:
                if extensions.subscribers:
                    self._processes.send_telemetry(beside)
                self._processes.run(beside, lambda: extensions.are_done or self._has_failed())
            except TimedOut as error:
                if error.running is not beside:
                    raise
                cut_off = True
        self._processes.freeze()
        if extensions.failure is not None:
            return Ran(running.elapsed, extensions.failure._replace(after=running.elapsed))
        return Ran(limit if cut_off else running.elapsed, None, cut_off)

    def restore(self, invocation: InvocationEvent, running: Running) -> Ending:
        if self._processes.runtime is None or self._processes.runtime.has_ended():
            return self._exited(invocation.request_id)
        if self._processes.api.state is RuntimeState.READY:
            return Ending(b"")  # it has no hooks
        self._processes.go_on(self._processes.api.resume())
        ending = self._phase(
            invocation, running, lambda: self._processes.api.state is RuntimeState.READY, importing=True
        )
        self._processes.freeze()
        return ending

    def restart(self) -> None:
        """End the runtime, which is told where an extension is known; what it has written is still read."""
        if (
            self.extensions.kinds
            and not self._processes.pump.is_left
            and self._processes.runtime is not None
            and self._processes.log is not None
        ):
            self.terminate(RUNTIME_SHUTDOWN)
        self._processes.end_runtime()
        if not self.extensions.kinds:
            self._processes.end_all()

    def terminate(self, limit: timedelta) -> timedelta:
        """Send SIGTERM, and SIGKILL once *limit* is over."""
        runtime = self._processes.runtime
        if runtime is None:
            return NO_TIME
        self._processes.surroundings.tell_time(sleeping.now(self._tools.clock))
        runtime.let_end()
        runtime.group.terminate()
        length = self._processes.until_ended(limit, runtime.has_ended)
        self._processes.end_runtime()
        return length

    # -- the extensions that are processes

    @property
    def beside(self) -> ExtensionPrograms:
        return self

    @property
    def kinds(self) -> frozenset[bool]:
        return self.extensions.kinds

    @property
    def awaits_shutdown(self) -> bool:
        return self.extensions.awaits_shutdown

    @property
    def may_listen(self) -> bool:
        return self.extensions.may_listen

    @property
    def kept_back(self) -> bool:
        return self._kept_back

    def show(self, log: InvocationLog) -> None:
        self.extensions.show(log)

    def listen(self, kind: str, event: Record) -> None:
        self.extensions.listen(kind, event)

    def shut_down(self, reason: str, limit: timedelta) -> timedelta:
        length = NO_TIME
        if self.extensions.programs:
            self._processes.wake()

            def announce(running: Running) -> None:
                if self.extensions.subscribers:
                    self._processes.send_telemetry(running)
                self.extensions.announce_end(reason, limit)

            length = self._processes.until_ended(limit, lambda: self.extensions.have_ended, first=announce)
        self._processes.end_all()
        return length

    # -- the end

    def end_running(self) -> None:
        """Let the thread that waits for these processes end, and wait until it has: the mock is left."""
        self._processes.pump.leave()
        entered = self._entered
        if entered is not None and entered.thread != get_ident():
            entered.left.acquire(True, GRACE)

    def close(self) -> None:
        self._processes.close()

    # -- a phase

    def _is_initialised(self) -> bool:
        return self._processes.api.is_waiting and self.extensions.are_ready

    def _phase(
        self, invocation: InvocationEvent, running: Running, done: Callable[[], bool], *, importing: bool = False
    ) -> Ending:
        """Return how the phase ended: when *done* says so, or processes have ended, or it is out of time."""
        watch = Stopwatch(self._processes.pump)
        try:
            self._processes.run(running, lambda: done() or self._has_failed())
        except TimedOut as error:
            ending, told = self._out_of_time(invocation, running, error), self._told(invocation, importing=importing)
            return ending if told is None else answered_before(told, ending)
        if self._tools.counts_real_time:
            try:
                sleeping.sleep(self._tools.clock, watch.passed)
            except TimedOut as error:
                return self._out_of_time(invocation, running, error)
        if running.is_over():
            return timed_out(invocation.request_id, invocation.spec.configuration.timeout)
        if not self._has_failed() and not self.extensions.known:
            self._processes.freeze()
        if self._processes.measure() > invocation.spec.configuration.memory_size:
            self._processes.kill_for_memory()
        self._processes.drain()
        return self._ended(invocation, done, importing=importing)

    def _ended(self, invocation: InvocationEvent, done: Callable[[], bool], *, importing: bool) -> Ending:
        told = self._told(invocation, importing=importing)
        if self.extensions.failure is not None and (importing or told is None):
            return self._extension_failed(invocation)
        came_back = done() and self._processes.runtime is not None and not self._processes.out_of_memory
        if came_back and importing:
            return Ending(b"")
        if told is None:  # where it came back: it has asked for the next event without a word on this one
            return self._exited(invocation.request_id)
        return told if came_back or importing else answered_before(told, self._exited(invocation.request_id))

    def _told(self, invocation: InvocationEvent, *, importing: bool) -> Ending | None:
        """Return how the phase ends by what the runtime has told so far; None, if nothing."""
        api, in_lambda = self._processes.api, self._processes.in_lambda
        if importing:
            return None if api.init_error is None else of_init(api.init_error, in_lambda)
        return None if api.told is None else of_invocation(api.told, in_lambda, streams=invocation.streams)

    def _has_failed(self) -> bool:
        """Return whether a program has ended that should not have."""
        failed = self.extensions.find_failure() is not None
        if self._processes.runtime is not None and self._processes.runtime.has_ended():
            self._processes.pump.rest()
            return True
        return failed

    def _extension_failed(self, invocation: InvocationEvent) -> Ending:
        failure = self.extensions.failure
        assert failure is not None
        return process_ended(invocation.request_id, failure.error_type, failure.reason)

    def _exited(self, request_id: str) -> Ending:
        status = self._processes.runtime.group.status if self._processes.runtime is not None else None
        return of_exit(request_id, status, out_of_memory=self._processes.out_of_memory)

    def _out_of_time(self, invocation: InvocationEvent, running: Running, error: TimedOut) -> Ending:
        if error.running is not running:
            raise error
        self._processes.freeze()
        return timed_out(invocation.request_id, invocation.spec.configuration.timeout)
