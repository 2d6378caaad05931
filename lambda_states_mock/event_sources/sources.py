"""Where events come from: sources of the test, and those of services that are mocked beside us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.event_sources.queue_poller import QueueSource
from lambda_states_mock.event_sources.scripted_queue import ScriptedQueue
from lambda_states_mock.execution import sleeping


class SourcesBeside(Protocol):
    """The services beside us that have queues and streams."""

    def queue(self, arn: str) -> QueueSource | None:
        """Return the queue, or None where nobody but us answers for it."""


class NoSourcesBeside:
    """All sources are those of the test."""

    def queue(self, arn: str) -> QueueSource | None:  # noqa: ARG002
        return None


@dataclass(eq=False, slots=True)
class Sources:
    """All of them. Sources of the test are there as soon as they are spoken of."""

    clock: VirtualClock
    chance: Chance
    beside: SourcesBeside
    _queues: dict[str, ScriptedQueue] = field(default_factory=dict)
    _watchers: dict[str, list[Callable[[], object]]] = field(default_factory=dict)

    def queue(self, arn: str) -> QueueSource:
        """Return the queue *arn*: that of a service beside us, or else the test's."""
        return self.beside.queue(arn) or self.scripted_queue(arn)

    def scripted_queue(self, arn: str) -> ScriptedQueue:
        """Return the queue of the test."""
        found = self._queues.get(arn)
        if found is None:
            found = self._queues[arn] = ScriptedQueue(arn, lambda: sleeping.now(self.clock), self.chance, self._bury)
        return found

    def _bury(self, dead_letters: str, body: str, more: Mapping[str, Any]) -> None:
        self.scripted_queue(dead_letters).put(body, deduplication_id=more["id"], **more)
        self.stir(dead_letters)

    def close(self) -> None:
        """Let go of whoever watches."""
        self._watchers.clear()

    def watch(self, text: str, look: Callable[[], object]) -> None:
        """Call *look* whenever there may be something in the source that is called *text*."""
        self._watchers.setdefault(text, []).append(look)

    def stir(self, text: str) -> None:
        """Say that there may be something in the source that is called *text*."""
        for look in tuple(self._watchers.get(text, ())):
            look()
