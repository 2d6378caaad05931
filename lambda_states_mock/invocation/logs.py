"""The log of an invocation: the platform's lines, the runtime's lines, and what the function prints.

The lines are those of the plain text format, with the ``Status`` that newer logs have at the end of REPORT.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from lambda_states_mock.clock import VirtualClock

TAIL_BYTES = 4096
MAX_MEMORY_USED_MB = 36  # what a small Python function was recorded to use; nothing is measured here
_NO_BREAK_SPACE = "\u00a0"
_MILLISECOND = timedelta(milliseconds=1)
_RUNTIME = re.compile(r"([a-z]+)\.?(.*?)(?:\.x)?")


class InvocationLog:
    """What one invocation wrote, in order.

    Parameters: *request_id*, of the invocation; *as_on_aws*, turns paths of this machine into those of Lambda.
    """

    def __init__(self, request_id: str, *, as_on_aws: Callable[[str], str] = str) -> None:
        self.request_id = request_id
        self._as_on_aws = as_on_aws
        self._written: list[bytes] = []

    @property
    def text(self) -> str:
        """All of it. Bytes that are no UTF-8 are replaced, as CloudWatch Logs does."""
        return self._as_on_aws(b"".join(self._written).decode("utf-8", "replace"))

    def write(self, text: str | bytes) -> None:
        """Add *text* as it is."""
        self._written.append(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))

    def init_start(self, runtime: str | None, region: str) -> None:
        """Say with which runtime an environment is made; an image names none."""
        if runtime is not None:
            arn = f"arn:aws:lambda:{region}::runtime:{hashlib.sha256(runtime.encode()).hexdigest()}"
            self.write(f"INIT_START Runtime Version: {_runtime_version(runtime)}\tRuntime Version ARN: {arn}\n")

    def init_report(self, length: timedelta) -> None:
        """Say how long an initialisation took that no invocation has waited for."""
        self.write(f"INIT_REPORT Init Duration: {_ms(length)}\tPhase: init\n")

    def init_failed(self, length: timedelta, *, phase: str, status: str) -> None:
        """Say that an initialisation went wrong: *phase* is ``init`` or ``invoke``, *status* as in `report`."""
        self.write(f"INIT_REPORT Init Duration: {_ms(length)}\tPhase: {phase}\t{status}\n")

    def start(self, version: str) -> None:
        """Begin the Invoke phase."""
        self.write(f"START RequestId: {self.request_id} Version: {version}\n")

    def report(
        self, length: timedelta, *, memory_size: int, init: timedelta | None, billed: timedelta, status: str
    ) -> None:
        """End the Invoke phase.

        Parameters: *init*, the initialisation to show, if any; *status*, e.g. ``Status: timeout``, or empty when all
        went well.
        """
        fields = [
            f"REPORT RequestId: {self.request_id}",
            f"Duration: {_ms(length)}",
            f"Billed Duration: {billed_ms(billed)} ms",
            f"Memory Size: {memory_size} MB",
            f"Max Memory Used: {min(MAX_MEMORY_USED_MB, memory_size)} MB",
        ]
        if init is not None:
            fields.append(f"Init Duration: {_ms(init)}")
        line = "\t".join(fields)
        self.write(f"END RequestId: {self.request_id}\n{line}\t{status}\n")

    def error(self, payload: Mapping[str, Any], now: datetime) -> None:
        """Show the payload of an error as the runtime that made it does."""
        if "trace" in payload:
            self._node_error(payload, now)
        else:
            self._python_error(payload)

    def _node_error(self, payload: Mapping[str, Any], now: datetime) -> None:
        """One line, with the time first."""
        shown = json.dumps({key if key != "trace" else "stack": value for key, value in payload.items()})
        self.write(f"{iso_ms(now)}\t{self.request_id}\tERROR\tInvoke Error \t{shown}\n")

    def _python_error(self, payload: Mapping[str, Any]) -> None:
        """Indented with no-break spaces, and what other runtimes log is not known better."""
        title = f"{payload['errorType']}: {payload['errorMessage']}".rstrip().removesuffix(":")
        lines = [f"[ERROR] {title}", "Traceback (most recent call last):"]
        for entry in payload.get("stackTrace", ()):
            lines += [_indented(line) for line in entry.splitlines()]
        self.write("\n".join(lines) + "\n")


class LogStream(io.TextIOWrapper):
    """Stands for the stdout and stderr of an execution environment; `log` is where it leads at the moment.

    One per environment, not per invocation: a handler keeps what it found as ``sys.stdout`` when it was imported.
    """

    def __init__(self) -> None:
        self._sink = _Sink()
        super().__init__(self._sink, encoding="utf-8", errors="backslashreplace", newline="", write_through=True)  # type: ignore[arg-type]

    def lead_to(self, log: InvocationLog) -> None:
        """Write to *log* from now on."""
        self._sink.log = log


class _Sink(io.RawIOBase):
    def __init__(self) -> None:
        self.log: InvocationLog | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self.log is not None:
            self.log.write(bytes(data))
        return len(data)


class RuntimeLogHandler(logging.Handler):
    """The handler that the Python runtime puts on the root logger.

    Parameters: *clock*, for the time in each line.
    """

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._log: InvocationLog | None = None
        self.setFormatter(_RuntimeFormatter(clock))

    def lead_to(self, log: InvocationLog) -> None:
        """Write to *log* from now on."""
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        if self._log is not None:
            record.aws_request_id = self._log.request_id
            try:
                self._log.write(self.format(record))
            except Exception:
                self.handleError(record)


class _RuntimeFormatter(logging.Formatter):
    def __init__(self, clock: VirtualClock) -> None:
        super().__init__("[%(levelname)s]\t%(asctime)s\t%(aws_request_id)s\t%(message)s\n")
        self._clock = clock

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        return iso_ms(self._clock.now)


def tail(log: str) -> bytes:
    """Return what an Invoke with ``LogType="Tail"`` gets: the last 4 KB, without what was before START."""
    begin = max(log.find("START RequestId: "), 0)
    return log[begin:].encode("utf-8", "replace")[-TAIL_BYTES:]


def billed_ms(length: timedelta) -> int:
    """Return the milliseconds that are billed for *length*: begun ones count, and there is at least one.

    Since August 2025 the Init phase is part of it.
    """
    return max(math.ceil(length / _MILLISECOND), 1)


def iso_ms(instant: datetime) -> str:
    """Return an aware UTC datetime as the runtimes log it: ``2026-01-01T00:00:03.250Z``."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def _ms(length: timedelta) -> str:
    return f"{length / _MILLISECOND:.2f} ms"


def _runtime_version(runtime: str) -> str:
    match = _RUNTIME.fullmatch(runtime)
    return f"{match[1]}:{match[2]}.v1" if match is not None else runtime


def _indented(line: str) -> str:
    text = line.lstrip(" ")
    return _NO_BREAK_SPACE * (len(line) - len(text)) + text


def status_line(status: str, error_type: str | None = None) -> str:
    """Return the end of a REPORT or INIT_REPORT line; *status* is ``timeout`` or ``error``."""
    return f"Status: {status}" + (f"\tError Type: {error_type}" if error_type else "")
