"""Brokers of the test: ``m.source("arn:aws:mq:...").put("one", queue="jobs")``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from lambda_states_mock.errors import nearest
from lambda_states_mock.event_sources.brokers import DEAD_LETTERS, ENGINES
from lambda_states_mock.event_sources.events.mq import ACTIVE_MQ_MEMBERS, RABBIT_MQ, RABBIT_MQ_MEMBERS
from lambda_states_mock.event_sources.scripted_queue import ScriptedQueue
from lambda_states_mock.event_sources.source_view import SourceView
from lambda_states_mock.event_sources.sources import address_of
from lambda_states_mock.event_sources.stream_views import as_text
from lambda_states_mock.instants import length_of


class BrokerView(SourceView):
    """A broker of Amazon MQ with its queues. Where *queue* is left out, the only one that a mapping reads is meant."""

    def __repr__(self) -> str:
        return f"<broker {self.text}: {', '.join(self._parts) or 'empty'}>"

    @property
    def _parts(self) -> list[str]:
        return [part for part in self.sources.parts_of(self.source) if part != DEAD_LETTERS]

    def _queue(self, queue: str) -> ScriptedQueue:
        return self.sources.scripted_queue(address_of(self.source, queue))

    def put(
        self,
        *bodies: Any,
        queue: str | None = None,
        expires: float | timedelta | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> list[str]:
        """Send messages, in one go, and return their ids. A mapping that is Enabled sees them at once.

        Parameters:
            bodies: texts, bytes, or what becomes JSON.
            expires: after how long they are gone, seconds or a timedelta; never by default.
            properties: members of the message as in the event (``priority``, ``correlationId`` ...), of RabbitMQ those
                of ``basicProperties``.

        Raises TypeError for a property that the engine does not know.
        """
        __tracebackhide__ = True
        name = self._part(queue, "queue", "put")
        own = dict(properties or {})
        self._check(own)
        lives = length_of("put()", expires) if expires is not None else None
        if lives is not None:
            own["expiration"] = str(round(lives.total_seconds() * 1000))
        with self._told("put", part=name):
            kept = self._queue(name)
            return [kept.put(as_text(body), own=own, lives=lives) for body in bodies]

    def _check(self, properties: Mapping[str, Any]) -> None:
        __tracebackhide__ = True
        engine = self.sources.engine_of(self.text)
        known = sorted(RABBIT_MQ_MEMBERS if engine == RABBIT_MQ else ACTIVE_MQ_MEMBERS)
        for name in properties:
            if name not in known:
                raise TypeError(
                    f'a message of {engine} has no property "{name}":{nearest(name, known)} It has: {", ".join(known)}.'
                )

    def configure(
        self, *, engine: str | None = None, queue: str | None = None, max_redeliveries: int | None = None
    ) -> BrokerView:
        """Set the broker's engine, ``ActiveMQ`` by default, or how often a queue gives a message out again.

        A mapping that names a virtual host makes it ``RabbitMQ``, too. Raises ValueError for another engine.
        """
        __tracebackhide__ = True
        if engine not in (None, *ENGINES):
            raise ValueError(f"Amazon MQ has no engine {engine!r}: it has {' and '.join(ENGINES)}")
        with self._told("configure", stir=False):
            if engine is not None:
                self.sources.have_engine(self.text, engine)
            if max_redeliveries is not None:
                name = self._part(queue, "queue", "configure")
                self._queue(name).configure({"max_receives": max_redeliveries + 1})
        return self

    def waiting(self, queue: str | None = None) -> list[str]:
        """Return the bodies of the messages of *queue* that may be received."""
        __tracebackhide__ = True
        return self._queue(self._part(queue, "queue", "waiting")).waiting

    def in_flight(self, queue: str | None = None) -> list[str]:
        """Return the bodies of the messages of *queue* that were received and are not done."""
        __tracebackhide__ = True
        return self._queue(self._part(queue, "queue", "in_flight")).in_flight

    @property
    def dead(self) -> list[str]:
        """The bodies of the messages that were given out too often, and are in ``ActiveMQ.DLQ``."""
        return self._queue(DEAD_LETTERS).waiting

    def purge(self, queue: str | None = None) -> None:
        """Delete all messages of *queue*."""
        __tracebackhide__ = True
        name = self._part(queue, "queue", "purge")
        with self._told("purge", part=name):
            self._queue(name).purge()
