"""Where the output of a function goes: its standard streams and the log handler of the Python runtime."""

from __future__ import annotations

import io
import json
import logging
import sys
import traceback
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.log_lines import TEXT, LogStyle
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.runtimes.in_process import isolation
from lambda_states_mock.execution.runtimes.in_process.own_threads import Outlet, owners
from lambda_states_mock.instants import iso_milliseconds, iso_seconds

_PYTHON_LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40, "FATAL": 50}
_LAMBDA_LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}
_USUAL = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "aws_request_id", "tenant_id", "taskName"})


class LogStream(io.TextIOWrapper):
    """Stands for the stdout or stderr of an execution environment.

    One per environment, not per invocation: a handler keeps what it found as ``sys.stdout`` when it was imported.

    Parameters: *outlet*, where threads of the environment write; *number*, 0 for stdout and 1 for stderr.
    """

    def __init__(self, outlet: Outlet, number: int) -> None:
        sink: Any = _Sink(outlet, number)
        super().__init__(sink, encoding="utf-8", errors="backslashreplace", newline="", write_through=True)


class _Sink(io.RawIOBase):
    def __init__(self, outlet: Outlet, number: int) -> None:
        self._outlet = outlet
        self._number = number

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        mine, outlet = owners(), self._outlet
        if outlet not in mine:  # another thread of the test, or another function's
            outlet = mine[-1] if mine else outlet
            test = None if mine else isolation.output_of_the_test(self._number)
            if test is not None:
                test.write(bytes(data).decode("utf-8", "backslashreplace"))
                return len(data)
        if outlet.log is not None:
            outlet.log.write(bytes(data), self._number)
        return len(data)


class RuntimeLogHandler(logging.Handler):
    """The handler that the Python runtime puts on the root logger.

    Parameters: *clock*, for the time in each line; *style*, text or JSON; *outlet*, of whose threads it takes records.
    """

    def __init__(self, clock: VirtualClock, style: LogStyle = TEXT, *, outlet: Outlet) -> None:
        super().__init__(_PYTHON_LEVELS[style.application] if style.json else logging.NOTSET)
        self._outlet = outlet
        self.setFormatter(_JsonFormatter(clock) if style.json else _TextFormatter(clock))

    def emit(self, record: logging.LogRecord) -> None:
        log = self.log
        if log is not None:
            record.aws_request_id, record.tenant_id = log.known_request_id, log.tenant
            try:
                log.record(self.format(record))
            except Exception:
                self.handleError(record)

    @property
    def log(self) -> InvocationLog | None:
        """Where records of the running thread go; None for a thread that is not the environment's."""
        return self._outlet.log if owners()[-1:] == (self._outlet,) else None


_INIT_WARNING = (
    "LAMBDA_WARNING: Unhandled exception. The most likely cause is an issue in the function code. "
    "However, in rare cases, a Lambda runtime update can cause unexpected function behavior. "
    "For functions using managed runtimes, runtime updates can be triggered by a function change, or can be applied "
    "automatically. To determine if the runtime has been updated, check the runtime version in the INIT_START log "
    "entry. If this error correlates with a change in the runtime version, you may be able to mitigate this error by "
    "temporarily rolling back to the previous runtime version. "
    "For more information, see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html\r"
)


def warn_of_failed_init() -> None:
    """Log what AWS's client logs before the error of an Init phase."""
    logging.root.warning(_INIT_WARNING)


def root_level(style: LogStyle) -> int:
    """Return the level that the runtime gives the root logger."""
    return _PYTHON_LEVELS[style.application] if style.json else logging.WARNING


def log_message(message: str) -> None:
    """Write what ``context.log`` was given: an event of its own, as long as the runtime's handler is in its place."""
    for handler in logging.root.handlers:
        if isinstance(handler, RuntimeLogHandler) and (log := handler.log) is not None:
            log.record(message)
            return
    sys.stdout.write(message)


class _TextFormatter(logging.Formatter):
    def __init__(self, clock: VirtualClock) -> None:
        super().__init__("[%(levelname)s]\t%(asctime)s\t%(aws_request_id)s\t%(message)s\n")
        self._clock = clock

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        return iso_milliseconds(sleeping.now(self._clock))


class _JsonFormatter(_TextFormatter):
    """One object for each record: what the runtime knows of it, then the caller's ``extra``; nothing that is None.

    Its time is in whole seconds.
    """

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "timestamp": iso_seconds(sleeping.now(self._clock)),
            "level": _LAMBDA_LEVELS.get(record.levelname, record.levelname),
            "message": record.getMessage(),
            "logger": record.name,
            **_raised(record),
            "requestId": getattr(record, "aws_request_id", None) or None,
            "tenantId": getattr(record, "tenant_id", None),
        }
        extra = {name: value for name, value in vars(record).items() if name not in _USUAL and name not in told}
        shown = {name: value for name, value in {**told, **extra}.items() if value is not None}
        return json.dumps(shown, ensure_ascii=False, default=str) + "\n"


def _raised(record: logging.LogRecord) -> dict[str, Any]:
    if not record.exc_info or record.exc_info[1] is None:
        return {}
    error = record.exc_info[1]
    return {
        "stackTrace": traceback.format_tb(error.__traceback__),
        "errorType": type(error).__name__,
        "errorMessage": str(error),
        "location": f"{record.pathname}:{record.funcName}:{record.lineno}",
    }
