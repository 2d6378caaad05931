"""The log of an invocation: the platform's events, the runtime's lines, and what the function prints.

Each event of the platform has a line in the text format, or one in JSON, and goes to the extensions that have
subscribed to the Telemetry API: three views of the same thing.
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.log_lines import (
    SUCCESS,
    TEXT,
    LogEvents,
    LogStyle,
    PhaseStatus,
    Written,
    runtime_version,
)
from lambda_states_mock.instants import iso_milliseconds, iso_seconds
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.states.execution_environment import InitializationType

MAX_MEMORY_USED_MB = 36  # what a small Python function was recorded to use, where nothing is measured
_NO_BREAK_SPACE = "\u00a0"
_MILLISECOND = timedelta(milliseconds=1)
_MEGABYTE = 1024 * 1024

Record = dict[str, Any]
Listener = Callable[[str, Record], object]
OF_LOGS_API = frozenset({"platform.fault"})
"""What the older Logs API sends of the platform's events, and the Telemetry API does not."""


@dataclass(slots=True, eq=False, repr=False)
class InvocationLog:
    """What one invocation wrote, event by event, in the order in which the events began.

    A line of the platform is an event, and so is a record of the runtime, however many lines it has: both come in one
    piece. What is printed has an event for each line, of each stream on its own: a line without an end is over when
    the platform says something, and whatever else is written meanwhile does not become a part of it.

    Parameters: *request_id*, empty where none waits; *now*, what time it is; *as_on_aws*, which turns paths of this
    machine into those of Lambda; *style*, text or JSON, and from which level; *listener*, which gets each telemetry
    event as it comes, with its kind: ``platform``, ``function``, ``extension``; *tenant*, whose event it is, if any,
    which the text format does not show; *instance*, the name of the environment's log stream.
    """

    request_id: str
    _now: Callable[[], datetime]
    _as_on_aws: Callable[[str], str] = str
    _style: LogStyle = TEXT
    _listener: Listener | None = None
    tenant: str | None = None
    _instance: str = ""
    _source: str = field(default="function", init=False)
    _written: list[Written] = field(default_factory=list, init=False)
    # Paths of this machine are in what the function writes, never in the platform's.
    _has_own_words: bool = field(default=False, init=False)
    _initialises: bool = field(default=False, init=False)
    _begun: dict[tuple[str, int], bytearray] = field(default_factory=dict, init=False)  # lines that have not ended
    _invoked: int | None = field(default=None, init=False)  # where that begins what the caller may see
    _closed: int | None = field(default=None, init=False)

    @property
    def events(self) -> LogEvents:
        """All of it, as it is now."""
        shown = self._as_on_aws if self._has_own_words else str
        written = tuple(self._written) if not self._begun else tuple(map(_as_it_is, self._written))
        return LogEvents(written, self._invoked or 0, len(written) if self._closed is None else self._closed, shown)

    @property
    def text(self) -> str:
        """All of it, with a line feed after each event."""
        return self.events.text

    @property
    def known_request_id(self) -> str:
        """What the runtime knows of the request: in an Init phase nothing, whoever waits for it."""
        return "" if self._initialises else self.request_id

    @contextmanager
    def written_by_extension(self) -> Iterator[None]:
        """What is written within comes from an extension, not from the function."""
        self._source = "extension"
        try:
            yield
        finally:
            self._end_lines()
            self._source = "function"

    def write(self, data: bytes, stream: int) -> None:
        """Add what was printed on *stream*, 0 for stdout and 1 for stderr."""
        self._has_own_words = True
        writer = self._source, stream
        *ended, rest = data.split(b"\n")
        for piece in ended:
            line = self._line(writer)
            line += piece
            self._begun.pop(writer, None)
            self._tell(self._source, line)
        if rest:
            line = self._line(writer)
            line += rest

    def record(self, text: str) -> None:
        """Add a record of the runtime: one event, whatever is in it. A line feed at its end is none of its own.

        What has no bytes, half of a surrogate pair, is escaped as on the standard streams.
        """
        self._has_own_words = True
        event = text.removesuffix("\n").encode("utf-8", "backslashreplace")
        self._written.append(event)
        self._tell(self._source, event)

    def init_start(self, spec: EnvironmentSpec, *, phase: str) -> None:
        """Say that an Init phase begins. *phase* is ``init``, or ``invoke`` for one that a reset has made necessary."""
        self._initialises = True
        if phase == "invoke":
            self._invoked = len(self._written)
        runtime = spec.configuration.runtime
        # Suppressed: there is no extra line in the log. An image names no runtime.
        line = f"INIT_START {_version_fields(spec)}" if runtime is not None and phase == "init" else ""
        level = "INFO" if runtime is not None else "DEBUG"
        self._emit("initStart", line, lambda: self._began(spec, phase), level)

    def _began(self, spec: EnvironmentSpec, phase: str) -> Record:
        instance = {"instanceId": self._instance, "instanceMaxMemory": spec.configuration.memory_size * _MEGABYTE}
        return {**_initialization(spec, phase), **_made_of(spec), **instance}

    def init_runtime_done(self, spec: EnvironmentSpec, *, phase: str, status: PhaseStatus) -> None:
        """Say that the runtime is through with its part of the Init phase."""
        self._initialises = False
        self._emit("initRuntimeDone", "", lambda: {**_initialization(spec, phase), **_told(status)}, _quiet(status))

    def init_report(
        self, spec: EnvironmentSpec, length: timedelta, *, phase: str, status: PhaseStatus = SUCCESS
    ) -> None:
        """End the Init phase. The text format has a line of it only when it failed, or when nobody waits for it."""
        ahead = spec.initialization_type is not InitializationType.ON_DEMAND
        line = f"INIT_REPORT Init Duration: {_ms_text(length)}\tPhase: {phase}{_at_end(status)}"
        level = "WARN" if status.name != SUCCESS.name else "INFO" if ahead else "DEBUG"
        record = {**_initialization(spec, phase), **_told(status), "metrics": {"durationMs": _ms(length)}}
        self._emit("initReport", line if status.text or ahead else "", lambda: record, level)

    def restore_start(self, spec: EnvironmentSpec) -> None:
        """Say that a snapshot is resumed."""
        self._emit("restoreStart", f"RESTORE_START {_version_fields(spec)}", lambda: _made_of(spec))

    def restore_report(self, length: timedelta, status: PhaseStatus) -> None:
        """End the Restore phase."""
        self._emit("restoreRuntimeDone", "", lambda: _told(status), _quiet(status))
        line = f"RESTORE_REPORT Restore Duration: {_ms_text(length)}{_at_end(status)}"
        record = {**_told(status), "metrics": {"durationMs": _ms(length)}}
        self._emit("restoreReport", line, lambda: record, "INFO" if status.name == SUCCESS.name else "WARN")

    def extension(self, name: str, state: str, events: Sequence[str], error_type: str | None = None) -> None:
        """Say that an extension has registered, or has failed to: *state* is ``Ready`` or the last one it reached."""
        failed = f"\tError Type: {error_type}" if error_type else ""
        line = f"EXTENSION\tName: {name}\tState: {state}\tEvents: [{', '.join(events)}]{failed}"
        record = {"name": name, "state": state, "events": list(events), **({"errorType": error_type} if failed else {})}
        self._emit("extension", line, lambda: record, "WARN" if failed else "INFO")

    def subscription(self, name: str, types: Sequence[str], *, logs: bool = False, again: bool = False) -> None:
        """Say that an extension gets telemetry.

        Parameters: *logs*, whether through the older Logs API; *again*, whether it had subscribed before.
        """
        state = "Already subscribed" if again else "Subscribed"
        api, shown = ("LOGS", types) if logs else ("TELEMETRY", [one.capitalize() for one in types])
        line = f"{api}\tName: {name}\tState: {state}\tTypes: [{', '.join(shown)}]"
        record = {"name": name, "state": state, "types": list(types)}
        self._emit("telemetrySubscription", line, lambda: record)

    def start(self, version: str) -> None:
        """Begin the Invoke phase."""
        line = partial("START RequestId: {} Version: {}".format, self.request_id, version)
        if self._invoked is None:
            self._invoked = len(self._written)
        self._emit("start", line, lambda: {"requestId": self.request_id, "version": version, **self._whose()})

    def runtime_done(self, length: timedelta, *, produced: int, status: PhaseStatus) -> None:
        """Say that the runtime has answered after *length*, with *produced* bytes."""

        def record() -> Record:
            metrics = {"durationMs": _ms(length), "producedBytes": produced}
            return {"requestId": self.request_id, **_told(status), "metrics": metrics, **self._whose()}

        self._emit("runtimeDone", "", record, _quiet(status))

    def fault(self, payload: bytes) -> None:
        """Let the Logs API know that the processes have failed: the two lines that CloudWatch once had of it."""
        if self._listener is None:
            return
        told = json.loads(payload)
        text = told["errorMessage"]
        if not text.startswith("RequestId: "):
            text = f"RequestId: {self.request_id} Error: {text}"
        record = f"{text}\n{told['errorType']}\n"
        self._listener("platform", {"time": iso_milliseconds(self._now()), "type": "platform.fault", "record": record})

    def report(
        self,
        length: timedelta,
        *,
        memory_size: int,
        init: timedelta | None,
        billed: timedelta,
        status: PhaseStatus,
        restore: timedelta | None = None,
        memory_used: int | None = None,
    ) -> None:
        """End the Invoke phase.

        Parameters: *init*, the initialisation to show, if any; *restore*, the length of a Restore phase. Here it is
        that of the hooks in it, which are billed. *memory_used*, in MB, where it is known.
        """
        used = min(MAX_MEMORY_USED_MB if memory_used is None else memory_used, memory_size)

        def record() -> Record:
            metrics: Record = {"durationMs": _ms(length), "billedDurationMs": billed_ms(billed)}
            metrics |= {"memorySizeMB": memory_size, "maxMemoryUsedMB": used}
            if init is not None:
                metrics["initDurationMs"] = _ms(init)
            if restore is not None:
                metrics |= {"restoreDurationMs": _ms(restore), "billedRestoreDurationMs": _begun_ms(restore)}
            return {"requestId": self.request_id, "metrics": metrics, **_told(status), **self._whose()}

        line = partial(_report_line, self.request_id, length, billed, memory_size, used, init, restore, status)
        self._closed = len(self._written)
        if not self._style.json:
            self._written.append(partial("END RequestId: {}".format, self.request_id))
        level = "INFO" if status.name == SUCCESS.name else "WARN"
        self._emit("report", line, record, level)

    def _whose(self) -> Record:
        return {} if self.tenant is None else {"tenantId": self.tenant}

    def error(self, payload: Mapping[str, Any]) -> None:
        """Show the payload of an error as the runtime that made it does."""
        if self._style.json:
            written = iso_milliseconds if "trace" in payload else iso_seconds  # Python's client leaves them out
            told = {"timestamp": written(self._now()), "log_level": "ERROR", **payload}
            self.record(json.dumps(told, ensure_ascii=False))
        elif "trace" in payload:  # Node.js: one line, with the time first
            shown = json.dumps({key if key != "trace" else "stack": value for key, value in payload.items()})
            self.record(f"{iso_milliseconds(self._now())}\t{self.request_id}\tERROR\tInvoke Error \t{shown}")
        else:  # Python's, indented with no-break spaces; what other runtimes log is not known better
            title = f"{payload['errorType']}: {payload['errorMessage']}".rstrip().removesuffix(":")
            trace = [_indented(line) for entry in payload.get("stackTrace", ()) for line in entry.splitlines()]
            self.record("\n".join([f"[ERROR] {title}", "Traceback (most recent call last):", *trace]))

    def _emit(
        self, name: str, line: str | Callable[[], str], record: Callable[[], Record], level: str = "INFO"
    ) -> None:
        if self._begun:
            self._end_lines()
        event: Record | None = None
        if self._style.json or self._listener is not None:
            event = {"time": iso_milliseconds(self._now()), "type": f"platform.{name}", "record": record()}
        if self._style.json:
            if self._style.shows(level):
                self._written.append(json.dumps(event, separators=(",", ":")).encode())
        elif line:
            self._written.append(line if callable(line) else line.encode(errors="backslashreplace"))
        if self._listener is not None and event is not None:
            self._listener("platform", event)

    def _line(self, writer: tuple[str, int]) -> bytearray:
        """Return the line that *writer* is at: the one that it has begun, or a new one."""
        line = self._begun.get(writer)
        if line is None:
            line = self._begun[writer] = bytearray()
            self._written.append(line)
        return line

    def _end_lines(self) -> None:
        """End the lines that have begun: nothing is going to be added to them."""
        begun, self._begun = self._begun, {}
        for (source, _), line in begun.items():
            self._tell(source, line)

    def _tell(self, source: str, event: bytes | bytearray) -> None:
        """Let the listener know of an event that the function or an extension has written."""
        if self._listener is not None:
            record = self._parsed(event.decode("utf-8", "replace"))
            self._listener(source, {"time": iso_milliseconds(self._now()), "type": source, "record": record})

    def _parsed(self, line: str) -> object:
        if self._style.json:
            with suppress(ValueError):
                return json.loads(line)
        return self._as_on_aws(line) + "\n"


def _initialization(spec: EnvironmentSpec, phase: str) -> Record:
    return {"initializationType": spec.initialization_type.value, "phase": phase}


def _made_of(spec: EnvironmentSpec) -> Record:
    named = {"functionName": spec.version.name, "functionVersion": spec.version.number}
    if spec.configuration.runtime is None:
        return named
    return {
        "runtimeVersion": runtime_version(spec.configuration.runtime),
        "runtimeVersionArn": spec.version.place.runtime_version_arn(spec.configuration.runtime),
        **named,
    }


def _report_line(
    request_id: str,
    length: timedelta,
    billed: timedelta,
    memory_size: int,
    used: int,
    init: timedelta | None,
    restore: timedelta | None,
    status: PhaseStatus,
) -> str:
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {_ms_text(length)}",
        f"Billed Duration: {billed_ms(billed)} ms",
        f"Memory Size: {memory_size} MB",
        f"Max Memory Used: {used} MB",
    ]
    if init is not None:
        fields.append(f"Init Duration: {_ms_text(init)}")
    if restore is not None:
        fields += [f"Restore Duration: {_ms_text(restore)}", f"Billed Restore Duration: {_begun_ms(restore)} ms"]
    return "\t".join([*fields, status.text])


def _as_it_is(event: Written) -> Written:
    """Return *event* as a line that goes on does not change it."""
    return bytes(event) if isinstance(event, bytearray) else event


def _told(status: PhaseStatus) -> Record:
    return {"status": status.name, **({"errorType": status.error_type} if status.error_type else {})}


def _quiet(status: PhaseStatus) -> str:
    """Return the level of what is worth a line only when it went wrong."""
    return "DEBUG" if status.name == SUCCESS.name else "WARN"


def _at_end(status: PhaseStatus) -> str:
    return f"\t{status.text}" if status.text else ""


def _version_fields(spec: EnvironmentSpec) -> str:
    runtime = spec.configuration.runtime or ""
    arn = spec.version.place.runtime_version_arn(runtime)
    return f"Runtime Version: {runtime_version(runtime)}\tRuntime Version ARN: {arn}"


def _indented(line: str) -> str:
    text = line.lstrip(" ")
    return _NO_BREAK_SPACE * (len(line) - len(text)) + text


def billed_ms(length: timedelta) -> int:
    """Return the milliseconds that are billed for *length*: begun ones count, and there is at least one.

    Since August 2025 the Init phase is part of it.
    """
    return max(_begun_ms(length), 1)


def _begun_ms(length: timedelta) -> int:
    return math.ceil(length / _MILLISECOND)


def _ms(length: timedelta) -> float:
    return round(length / _MILLISECOND, 3)


def _ms_text(length: timedelta) -> str:
    return f"{length / _MILLISECOND:.2f} ms"
