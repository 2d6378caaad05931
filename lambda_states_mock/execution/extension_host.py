"""The extensions of one environment: started with it, told of its events, listened for telemetry, and shut down.

They run beside the function: what they sleep does not move the clock, but the environment is busy until the slowest of
them is done, and its Init ends no sooner than theirs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.crashes import ProcessCrash
from lambda_states_mock.execution.endings import exit_status, is_for_the_test
from lambda_states_mock.execution.extensions import LIMIT, Extension, ExtensionEvent
from lambda_states_mock.execution.hang_guard import HangGuard
from lambda_states_mock.execution.logs import OF_LOGS_API, InvocationLog, Listener, Record
from lambda_states_mock.execution.sleeping import Running, unlocked
from lambda_states_mock.instants import epoch_milliseconds

if TYPE_CHECKING:
    from lambda_states_mock.execution.telemetry import TelemetryBuffer

_MILLISECOND = timedelta(milliseconds=1)
NO_TIME = timedelta(0)
SHUTDOWN_INTERNAL = timedelta(milliseconds=500)
SHUTDOWN_EXTERNAL = timedelta(seconds=2)
RUNTIME_SHUTDOWN = timedelta(milliseconds=300)
"""How much of SHUTDOWN_EXTERNAL the runtime gets; beside internal extensions alone it gets all of its time."""

HIDDEN = (
    *("AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_XRAY_CONTEXT_MISSING"),
    *("AWS_XRAY_DAEMON_ADDRESS", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "_AWS_XRAY_DAEMON_ADDRESS"),
    *("_AWS_XRAY_DAEMON_PORT", "_HANDLER"),
)
"""What external extensions do not see of the environment variables."""


class Failure(NamedTuple):
    """How an extension failed: the platform's *error_type*, the *reason* in its words, and how long it had run."""

    error_type: str
    reason: str
    after: timedelta


class Ran(NamedTuple):
    """How extensions went: the *length* of the slowest, the first *failure*, and whether one was *cut_off*."""

    length: timedelta = NO_TIME
    failure: Failure | None = None
    cut_off: bool = False

    def from_(self, start: timedelta) -> Ran:
        """Return it as seen from *start* earlier."""
        if self is NOT_RUN:
            return self
        failure = self.failure._replace(after=self.failure.after + start) if self.failure is not None else None
        return Ran(self.length + start, failure, self.cut_off)


NOT_RUN = Ran()


class ExtensionPrograms(Protocol):
    """Extensions of an environment that are real processes, and start and work with its runtime.

    Attributes: *kinds*, whether there are internal ones (True) and external ones (False); *awaits_shutdown*, whether
    one is to be told of the Shutdown phase; *may_listen*, whether one may subscribe to telemetry; *kept_back*, whether
    one has failed before the runtime could be started.
    """

    @property
    def kinds(self) -> frozenset[bool]: ...

    @property
    def awaits_shutdown(self) -> bool: ...

    @property
    def may_listen(self) -> bool: ...

    @property
    def kept_back(self) -> bool: ...

    def show(self, log: InvocationLog) -> None:
        """Say in *log* what has become of each: Init is over."""

    def listen(self, kind: str, event: Record) -> None:
        """Let subscribers know of an event."""

    def shut_down(self, reason: str, limit: timedelta) -> timedelta:
        """Let them end within *limit*, and return how long that takes."""


class ExtensionHost:
    """The extensions of one environment. What it calls has to be called inside of the environment's process.

    Parameters: *extensions*, those of the test that belong to its function; *hang_guard*, which watches over their
    code; *programs*, those that are processes, None where there can be none.
    Attributes: *has_extensions*; *listener*, what is to hear of each telemetry event, None when nobody asks for it.
    """

    def __init__(
        self,
        extensions: tuple[Extension, ...],
        clock: VirtualClock,
        hang_guard: HangGuard,
        programs: ExtensionPrograms | None = None,
    ) -> None:
        self._hang_guard = hang_guard
        self._programs = programs
        self.has_extensions = bool(extensions)
        self._tells = any(one.telemetry for one in extensions)
        may_listen = self._tells or (programs is not None and programs.may_listen)
        self.listener: Listener | None = self._listen if may_listen else None
        self._extensions = extensions
        self._clock = clock
        self._alive: list[Extension] = []
        self._to_show: list[tuple[str, str, tuple[str, ...], str | None]] = []
        self._subscribed: dict[Extension, tuple[str, ...]] = {}
        self._telemetry: list[tuple[str, Record]] = []
        self._buffers: dict[Extension, TelemetryBuffer] = {}

    @property
    def shutdown_limit(self) -> timedelta:
        """How long the Shutdown phase may take: it depends on which kinds of extensions there are."""
        kinds = {one.internal for one in self._alive}
        if self._programs is not None:
            kinds |= self._programs.kinds
        if not kinds:
            return NO_TIME
        return SHUTDOWN_INTERNAL if all(kinds) else SHUTDOWN_EXTERNAL

    @property
    def runtime_shutdown_limit(self) -> timedelta:
        """How much of it is the runtime's, before the extensions are told: none where it is killed at once."""
        return min(
            self.shutdown_limit, RUNTIME_SHUTDOWN if self.shutdown_limit > SHUTDOWN_INTERNAL else SHUTDOWN_INTERNAL
        )

    @property
    def awaits_shutdown(self) -> bool:
        """Whether an extension is to be told of the Shutdown phase."""
        if self._programs is not None and self._programs.awaits_shutdown:
            return True
        return any("SHUTDOWN" in one.events for one in self._alive)

    def start(self, log: InvocationLog, limit: timedelta) -> Ran:
        """Let all of them register and start, for no longer than *limit*."""
        self._alive = []
        self._to_show = []
        self._subscribed = {}
        self._buffers = {}
        if not self._extensions:
            return NOT_RUN
        if len(self._extensions) > LIMIT:
            extra = self._extensions[LIMIT]
            self._to_show = [(extra.name, "Started", (), "TooManyExtensions")]
            return Ran(failure=Failure("TooManyExtensions", f"Extension limit ({LIMIT}) reached", NO_TIME))
        ran = NOT_RUN
        for extension in self._extensions:
            init = extension.init
            work = partial(sleeping.sleep, self._clock, init) if isinstance(init, timedelta) else init
            one = self._run(extension, work, limit, log, starting=True)
            ran = together(ran, one)
            if one.failure is not None:
                self._to_show.append((extension.name, "Registered", extension.events, one.failure.error_type))
                continue
            self._to_show.append((extension.name, "Ready", extension.events, None))
            if extension.telemetry:
                log.subscription(extension.name, extension.telemetry)
                self._subscribe(extension)
            self._alive.append(extension)
        return ran

    @property
    def kept_back(self) -> bool:
        """Whether one that is a process has kept the runtime from being started."""
        return self._programs is not None and self._programs.kept_back

    def show(self, log: InvocationLog) -> None:
        """Say in *log* what has become of each of them in Init."""
        for shown in self._to_show:
            log.extension(*shown)
        self._to_show = []
        if self._programs is not None:
            self._programs.show(log)

    def invoke(self, request_id: str, arn: str, trace: str, running: Running, log: InvocationLog) -> Ran:
        """Tell those that have subscribed to INVOKE of an event; they have as much time as the function, *running*."""
        if not self._alive:
            return NOT_RUN
        ran, limit = NOT_RUN, running.deadline - running.now
        event = {
            "eventType": "INVOKE",
            "deadlineMs": epoch_milliseconds(running.deadline),
            "requestId": request_id,
            "invokedFunctionArn": arn,
            "tracing": {"type": "X-Amzn-Trace-Id", "value": trace},
        }
        for extension in [one for one in self._alive if "INVOKE" in one.events]:
            one = self._hand(extension, event, limit, log)
            ran = together(ran, one)
            if one.failure is not None:
                self._alive.remove(extension)
        return ran

    def shut_down(self, reason: str, log: InvocationLog, *, after: timedelta = NO_TIME) -> timedelta:
        """Tell those that have subscribed to SHUTDOWN, and return how long the whole phase takes.

        Parameters: *reason*, ``spindown``, ``timeout`` or ``failure``; *after*, what the runtime has had of its time.
        """
        limit, ran = self.shutdown_limit - after, NOT_RUN
        deadline = epoch_milliseconds(sleeping.now(self._clock) + self.shutdown_limit)
        for extension in self._alive:
            if "SHUTDOWN" in extension.events:
                event = {"eventType": "SHUTDOWN", "shutdownReason": reason, "deadlineMs": deadline}
                ran = together(ran, self._hand(extension, event, limit, log))
        length = ran.length
        if self._programs is not None:
            length = max(length, self._programs.shut_down(reason, max(limit, NO_TIME)))
        self.send_telemetry()
        for buffer in self._buffers.values():
            buffer.flush()
        self._alive = []
        return after + length

    def send_telemetry(self) -> None:
        """Hand over what has come together since the last time."""
        if not self._telemetry:
            return
        heard, self._telemetry = self._telemetry, []
        for extension in self._alive:
            batch = [event for kind, event in heard if kind in self._subscribed.get(extension, ())]
            if batch and extension not in self._buffers:
                self._deliver(extension, batch)

    def forget(self) -> None:
        """All of them are gone, without a word."""
        self._alive = []
        self._telemetry = []
        for buffer in self._buffers.values():
            buffer.forget()
        self._buffers = {}

    def _subscribe(self, extension: Extension) -> None:
        """Let *extension* hear of what is to come, and of what has been in this Init."""
        self._subscribed[extension] = extension.telemetry
        if extension.buffering is not None:
            from lambda_states_mock.execution.telemetry import TelemetryBuffer  # few tests need it

            label, deliver = f"{extension.name} gets telemetry", partial(self._deliver, extension)
            buffer = self._buffers[extension] = TelemetryBuffer(label, extension.buffering, self._clock, deliver)
            for kind, event in self._telemetry:
                if kind in extension.telemetry:
                    buffer.add(event)

    def _deliver(self, extension: Extension, batch: list[Record]) -> None:
        extension.telemetry_received.extend(batch)
        if extension.listens is not None:
            with unlocked(self._clock), sleeping.detached(self._clock):
                self._hang_guard.run_action(partial(extension.listens, batch), f'extension "{extension.name}"')

    def _listen(self, kind: str, event: Record) -> None:
        if self._programs is not None:
            self._programs.listen(kind, event)
            if not self._tells:
                return
        if event["type"] in OF_LOGS_API:
            return
        self._telemetry.append((kind, event))
        for extension, buffer in self._buffers.items():
            if kind in self._subscribed[extension]:
                buffer.add(event)

    def _hand(self, extension: Extension, event: ExtensionEvent, limit: timedelta, log: InvocationLog) -> Ran:
        def work() -> None:
            extension.received.append(event)
            if extension.call is not None:
                extension.call(dict(event))
            if extension.duration:
                sleeping.sleep(self._clock, extension.duration)

        return self._run(extension, work, limit, log, starting=False)

    def _run(
        self, extension: Extension, work: Callable[[], object], limit: timedelta, log: InvocationLog, *, starting: bool
    ) -> Ran:
        failure = None
        with (
            log.written_by_extension(),
            _without(() if extension.internal else HIDDEN),
            sleeping.detached(self._clock),
            sleeping.Running(self._clock, limit=limit) as running,
        ):
            try:
                self._hang_guard.run(work, running, f'extension "{extension.name}"')
            except BaseException as error:
                if is_for_the_test(error, running):
                    raise
                if not isinstance(error, sleeping.TimedOut):
                    failure = _failure(error, running.elapsed, starting=starting)
            return Ran(running.elapsed, failure, running.is_over())


def together(first: Ran, second: Ran) -> Ran:
    failures = [one.failure for one in (first, second) if one.failure is not None]
    earliest = min(failures, key=lambda failure: failure.after) if failures else None
    return Ran(max(first.length, second.length), earliest, first.cut_off or second.cut_off)


def _failure(error: BaseException, after: timedelta, *, starting: bool) -> Failure:
    if not isinstance(error, Exception):
        if isinstance(error, ProcessCrash):
            named = error.error_type.startswith("Extension.")
            return Failure(error.error_type if named else "Extension.Crash", error.reason, after)
        return Failure("Extension.Crash", f"exit status {exit_status(error)}", after)
    error_type = "Extension.InitError" if starting else "Extension.ExitError"
    return Failure(error_type, type(error).__name__, after)  # (I): what of it AWS shows


@contextmanager
def _without(names: Iterable[str]) -> Iterator[None]:
    hidden: dict[str, Any] = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
