"""The words and figures of log lines: instants, lengths, statuses, and how the two log formats weigh them.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html (text),
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html (JSON, levels)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING

from lambda_states_mock.patterns import compile_later
from lambda_states_mock.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from lambda_states_mock.execution.environment_spec import EnvironmentSpec

TAIL_BYTES = 4096
LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_RUNTIME = compile_later(r"([a-z]+)\.?(.*?)(?:\.x)?")


@dataclass(frozen=True, slots=True)
class PhaseStatus:
    """How a phase ended.

    Attributes: *name*, ``success``, ``error`` or ``timeout``; *error_type*, as the platform has it; *shown*, whether
    the text format says so, too: it does where the platform had to step in; *text*, the end of a REPORT or INIT_REPORT
    line, empty when nothing is to be said.
    """

    name: str = "success"
    error_type: str | None = None
    shown: bool = False
    text: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        error_type = f"\tError Type: {self.error_type}" if self.error_type else ""
        object.__setattr__(self, "text", f"Status: {self.name}{error_type}" if self.shown else "")


SUCCESS = PhaseStatus()
TIMEOUT = PhaseStatus("timeout", shown=True)


@dataclass(frozen=True, slots=True)
class LogStyle:
    """A function's LoggingConfig.

    Parameters: *json*, the format; *application* and *system*, the least levels that are logged: JSON alone has them.
    """

    json: bool = False
    application: str = "INFO"
    system: str = "INFO"

    @classmethod
    def of(cls, spec: EnvironmentSpec) -> LogStyle:
        """Return the style of *spec*."""
        if spec.logging.format != "JSON":
            return TEXT
        return cls(True, spec.logging.application_level or "INFO", spec.logging.system_level or "INFO")

    def shows(self, level: str) -> bool:
        """Tell whether a system event of *level* is logged."""
        return LEVELS.index(level) >= LEVELS.index(self.system)


TEXT = LogStyle()


Written = bytes | bytearray | Callable[[], str]
"""An event of a log: what was written, or what gives the text once somebody reads it."""


@dataclass(frozen=True)
class LogEvents:
    """What an invocation has left in its log stream.

    Parameters: *written*, its events; *shown*, which turns what they say into what is read.

    Attributes: *invoked*, how many of them came before the Invoke phase; *closed*, how many before END.
    """

    written: tuple[Written, ...] = field(repr=False)
    invoked: int
    closed: int
    shown: Callable[[str], str] = field(default=str, repr=False, compare=False)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The text of each event. Bytes that are no UTF-8 are replaced, as CloudWatch Logs does."""
        return tuple([self.shown(_text_of(event)) for event in self.written])

    @property
    def text(self) -> str:
        """All of it, with a line feed after each event."""
        return "".join([f"{text}\n" for text in self.texts])

    @property
    def tail(self) -> bytes:
        """What an Invoke with ``LogType="Tail"`` gets: the last 4 KB, without what was before START."""
        return "".join([f"{text}\n" for text in self.texts[self.invoked :]]).encode("utf-8", "replace")[-TAIL_BYTES:]


def _text_of(event: Written) -> str:
    if callable(event):
        return event().encode(errors="backslashreplace").decode()
    return event.decode("utf-8", "replace")


def runtime_version(runtime: str) -> str:
    """Return the version that INIT_START names for *runtime*."""
    match = _RUNTIME.fullmatch(runtime)
    return f"{match[1]}:{match[2]}.v1" if match is not None else runtime
