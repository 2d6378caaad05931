"""The functions that AWS's conformance requirements describe, for the SDK for Python: by the id of the requirement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aws_durable_execution_sdk_python.config import Duration, JitterStrategy, StepConfig
from aws_durable_execution_sdk_python.retries import RetryPresets, RetryStrategyConfig, create_retry_strategy


@dataclass
class Counted:
    """What a function remembers from one invocation to the next, as with a table of its own."""

    count: int = 0
    seen: list[Any] = field(default_factory=list)

    def once_more(self) -> int:
        self.count += 1
        return self.count


Handler = Callable[[Any, Any, Counted], Any]
HANDLERS: dict[str, Handler] = {}


def handles(*requirements: str) -> Callable[[Handler], Handler]:
    """Let a function be that of *requirements*. Its parameters: the event, the context, what it remembers."""

    def keep(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(requirements, handler))
        return handler

    return keep


class Busy(Exception):  # noqa: N818 - an error of the function's code
    """What steps fail with."""


def tried(most: int, *, delay: int = 1, rate: float = 1, **more: Any) -> StepConfig:
    """Return the configuration of a step that is tried *most* times, after *delay* seconds at first."""
    strategy = RetryStrategyConfig(
        max_attempts=most,
        initial_delay=Duration.from_seconds(delay),
        backoff_rate=rate,
        jitter_strategy=JitterStrategy.NONE,
    )
    return StepConfig(retry_strategy=create_retry_strategy(strategy), **more)


ONCE = StepConfig(retry_strategy=RetryPresets.none())


@dataclass(frozen=True)
class _Coded:
    write: Callable[[Any], str]
    read: Callable[[str], Any]

    def serialize(self, value: Any, _context: Any) -> str:
        return self.write(value)

    def deserialize(self, data: str, _context: Any) -> Any:
        return self.read(data)


def coded(write: Callable[[Any], str], read: Callable[[str], Any] = lambda text: text) -> Any:
    """Return what makes text of values, and values of text, as the SDK calls it."""
    return _Coded(write, read)


def failing(_step: Any) -> Any:
    raise Busy("always")
