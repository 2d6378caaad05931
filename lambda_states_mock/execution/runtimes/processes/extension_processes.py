"""The external extensions of an environment that are executables of its layers, and what they are told.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html ; the order of things is that of AWS's
emulator. They live in real time: what they do moves no clock.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import timedelta
from functools import partial

from lambda_states_mock.execution import signals
from lambda_states_mock.execution.extension_host import HIDDEN, Failure
from lambda_states_mock.execution.extensions import LIMIT
from lambda_states_mock.execution.logs import InvocationLog, Record
from lambda_states_mock.execution.runtimes.processes.extensions_api import (
    VERSION,
    ApiRefusal,
    ExtensionsApi,
    KnownExtension,
)
from lambda_states_mock.execution.runtimes.processes.mailbox import ProcessLetter
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, refusal
from lambda_states_mock.execution.runtimes.processes.started_program import StartedProgram
from lambda_states_mock.execution.runtimes.processes.telemetry_api import (
    LOGS_PATH,
    TELEMETRY_PATH,
    TelemetrySubscriber,
    subscription_of,
)
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.states.extension_api import ExtensionState

FOLDER = "/opt/extensions"
_WALL_CLOCK = [time.time]  # in a list, where libraries that freeze time do not look
_NO_TIME = timedelta()
_LAUNCH = "LaunchError"
_NAMES = {errno.EACCES: "PermissionDenied"}
_TEXTS = {
    errno.EACCES: "permission denied",
    errno.ENOEXEC: "exec format error",
    errno.ENOENT: "no such file or directory",
}
_OF_STATES = {ExtensionState.INIT_ERROR: "Extension.InitError", ExtensionState.EXIT_ERROR: "Extension.ExitError"}


@dataclass(slots=True, eq=False, repr=False)
class ExtensionProcesses:
    """Those of one environment.

    Parameters: *names*, of the executables, in their order; *launch*, which starts one of them; *new_api*, which makes
    the Extensions API of a new Init; *now*, the mock's time in words; *connect*, which connects to a port of theirs.

    Attributes: *failure*, the first fatal one since the last Init; *api*; *heard*, whether anybody listens.
    """

    names: tuple[str, ...]
    _launch: Callable[[str], StartedProgram]
    _new_api: Callable[[Iterable[str]], ExtensionsApi]
    _now: Callable[[], str]
    _connect: Callable[[int], socket.socket]
    failure: Failure | None = field(default=None, init=False)
    api: ExtensionsApi = field(init=False)
    _programs: dict[str, StartedProgram] = field(default_factory=dict, init=False)
    _failed: dict[str, tuple[str, str]] = field(default_factory=dict, init=False)  # state and error type, to be shown
    _subscribers: dict[str, TelemetrySubscriber] = field(default_factory=dict, init=False)
    _of_init: list[tuple[str, Record]] = field(default_factory=list, init=False)
    _is_ending: bool = field(default=False, init=False)
    _in_init: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        self.api = self._new_api(())

    # -- what runs

    @property
    def programs(self) -> tuple[StartedProgram, ...]:
        """Those that run."""
        return tuple(self._programs.values())

    def program_of(self, name: str) -> StartedProgram | None:
        """Return the one that is *name*; None for an internal one, and where it does not run."""
        return self._programs.get(name)

    @property
    def known(self) -> list[KnownExtension]:
        """Those that have registered, internal ones too."""
        return [one for one in self.api.known.values() if one.identifier]

    @property
    def kinds(self) -> frozenset[bool]:
        """Whether there are internal ones (True), and external ones (False)."""
        return frozenset(one.is_internal for one in self.known) | frozenset({False} if self._programs else ())

    @property
    def awaits_shutdown(self) -> bool:
        """Whether one is to be told of the Shutdown phase."""
        return any("SHUTDOWN" in one.events for one in self.known)

    @property
    def may_listen(self) -> bool:
        """Whether the platform's events have to be made: one may subscribe to them."""
        return bool(self.names) or bool(self._subscribers)

    @property
    def are_ready(self) -> bool:
        """Whether all that have registered wait for an event."""
        return all(one.is_waiting for one in self.known)

    @property
    def are_done(self) -> bool:
        """Whether all that had the current event wait for the next."""
        return all(one.is_waiting and one.due is None for one in self.known if "INVOKE" in one.events)

    def begin(self) -> None:
        """Forget all of an older Init."""
        self.failure, self._is_ending = None, False
        self.api = self._new_api(self.names[:LIMIT])
        self._failed.clear()
        self._forget_subscribers()

    def start(self, until: Callable[[Callable[[], bool]], object]) -> None:
        """Start them one after another; *until* handles what comes from processes until it holds."""
        for name in self.names:
            if len(self._programs) >= LIMIT:
                self._fail(name, "Extension.LaunchError", "ErrTooManyExtensions", _LAUNCH, "TooManyExtensions")
                return
            try:
                self._programs[name] = self._launch(name)
            except OSError as error:
                told = _TEXTS.get(error.errno or 0, (error.strerror or "").lower())
                what = f"fork/exec {FOLDER}/{name}: {told}"
                shown = _NAMES.get(error.errno or 0, "UnknownError")
                self._fail(name, "Extension.LaunchError", what, _LAUNCH, shown)
                return
            until(partial(self._has_come, self.api.known[name]))
            if self.failure is not None:
                return

    def _has_come(self, extension: KnownExtension) -> bool:
        return self.find_failure() is not None or extension.state is not ExtensionState.STARTED

    def show(self, log: InvocationLog) -> None:
        """Write the line of each into *log*: Init is over."""
        self.api.close()
        self._of_init.clear()
        self._in_init = False
        for name, one in self.api.known.items():
            state, error_type = self._failed.get(name, ("", ""))
            told = one.error_type or error_type or None
            log.extension(name, state or one.state.value, sorted(one.events), told)
        for name in self._failed.keys() - self.api.known.keys():
            log.extension(name, self._failed[name][0], (), self._failed[name][1])

    def find_failure(self) -> Failure | None:
        """Return how one has ended that should not have, the first of them."""
        if self._is_ending:
            return None
        for name, program in self._programs.items():
            if self.failure is None and program.has_ended():
                one = self.api.known[name]
                error_type = _OF_STATES.get(one.state, "Extension.Crash")
                status = program.group.status or 0
                reason = "exit code 0" if status == 0 else f"exit status {status}"
                if status < 0:
                    reason = f"signal: {signals.name_of(-status)}"
                self._fail(name, error_type, reason, one.state.value, error_type)
        return self.failure

    def _fail(self, name: str, error_type: str, reason: str, state: str, shown: str) -> None:
        self._failed.setdefault(name, (state, shown))
        self.failure = self.failure or Failure(error_type, reason, _NO_TIME)

    # -- what they are told

    def invoke(self, request_id: str, arn: str, trace: str, limit: timedelta, new_id: Callable[[], str]) -> None:
        """Tell those that want to know of an event, which may take *limit*."""
        event: dict[str, object] = {"eventType": "INVOKE", "deadlineMs": _deadline(limit), "requestId": request_id}
        event["invokedFunctionArn"] = arn
        if trace:
            event["tracing"] = {"type": "X-Amzn-Trace-Id", "value": trace}
        for one in self.known:
            if "INVOKE" in one.events:
                one.hand(event, {"Lambda-Extension-Event-Identifier": new_id()})

    def announce_end(self, reason: str, limit: timedelta) -> None:
        """Tell those that want to know that they have to end within *limit*, and kill the others."""
        self._is_ending = True
        event = {"eventType": "SHUTDOWN", "deadlineMs": _deadline(limit), "shutdownReason": reason}
        for name, program in self._programs.items():
            one = self.api.known[name]
            program.let_end()
            if "SHUTDOWN" in one.events:
                one.hand({name: event[name] for name in ("eventType", "deadlineMs", "shutdownReason")}, {})
            else:
                program.group.send(9)

    @property
    def have_ended(self) -> bool:
        """Whether none runs any more."""
        return all(one.has_ended() for one in self._programs.values())

    def end(self, log: InvocationLog | None) -> None:
        """Kill those that are left."""
        self._is_ending = True
        programs = tuple(self._programs.values())
        self._programs.clear()
        for one in self.api.known.values():
            one.let_go()
        for program in programs:
            program.end(log)
        self.api = self._new_api(())
        self._in_init = True
        self._forget_subscribers()

    # -- what they ask

    def ask(self, letter: ProcessLetter, log: InvocationLog | None) -> bool:
        """Answer *letter*, if it is for one of their APIs; return whether it was."""
        path = letter.request.path.partition("?")[0]
        if path.startswith(f"{VERSION}/"):
            self.api.ask(letter)
        elif path in {TELEMETRY_PATH, LOGS_PATH}:
            letter.answer(self._subscribe(letter, log) if letter.request.method == "PUT" else ProcessReply(405))
        else:
            return False
        return True

    def _subscribe(self, letter: ProcessLetter, log: InvocationLog | None) -> ProcessReply:
        try:
            extension = self.api.of(letter.request)
        except ApiRefusal as refused:
            return refused.reply
        found = subscription_of(letter.request)
        if isinstance(found, ProcessReply):
            return found
        api = "Logs" if found.is_logs else "Telemetry"
        if not self._in_init:
            return refusal(403, f"{api}.SubscriptionClosed", f"{api} API subscription is closed")
        before = self._subscribers.get(extension.name)
        if before is not None and before.subscription.is_logs is not found.is_logs:
            error_type = "Logs.ValidationError" if found.is_logs else "ValidationError"
            return refusal(400, error_type, "the extension has subscribed through the other API")  # (I)
        stream = None
        if found.tcp:
            try:
                stream = self._connect(found.port)
            except OSError as error:
                problem = (error.strerror or str(error)).lower()
                what = f"Invalid destination: dial tcp 127.0.0.1:{found.port}: connect: {problem}"
                return refusal(400, "Logs.ValidationError" if found.is_logs else "ValidationError", what)
        if before is not None:
            before.hang_up()
        made = self._subscribers[extension.name] = TelemetrySubscriber(extension.name, found, self._now, stream)
        for kind, event in self._of_init:
            made.hear(kind, event)
        if log is not None:
            log.subscription(extension.name, found.types, logs=found.is_logs, again=before is not None)
        return ProcessReply(200, b'"OK"', {"Content-Type": "application/json"})

    def listen(self, kind: str, event: Mapping[str, object]) -> None:
        """Let subscribers know of an event of the platform, of the function, or of an extension."""
        record = dict(event)
        if self._in_init:
            self._of_init.append((kind, record))
        for one in self._subscribers.values():
            one.hear(kind, record)

    def _forget_subscribers(self) -> None:
        for one in self._subscribers.values():
            one.hang_up()
        self._subscribers.clear()

    @property
    def subscribers(self) -> tuple[TelemetrySubscriber, ...]:
        """Who has subscribed."""
        return tuple(self._subscribers.values())


def _deadline(limit: timedelta) -> int:
    return int((_WALL_CLOCK[0]() + limit.total_seconds()) * 1000)


def variables_of(given: Mapping[str, str]) -> dict[str, str]:
    """Return what an external extension sees of the variables of the runtime."""
    return {name: value for name, value in given.items() if name not in HIDDEN and not name.startswith("_")}
