"""Views of event source mappings, ``m.mapping(uuid)``, and of the sources of a test, ``m.source(arn)``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambda_states_mock.backend import Backend
from lambda_states_mock.errors import NamesWhatItHas, UnknownNameError, nearest
from lambda_states_mock.event_sources.journal import Batch
from lambda_states_mock.event_sources.pollers import Polled
from lambda_states_mock.event_sources.source_view import SourceView
from lambda_states_mock.event_sources.source_views import view_of_source
from lambda_states_mock.resources.event_source_mapping import EventSourceMapping
from lambda_states_mock.states.event_source_mapping import EVENT_SOURCE_MAPPING


class MappingView(NamesWhatItHas):
    """A live view of an event source mapping: what it does, what it did, and why it does nothing.

    Parameters: *backend*, where it is looked up; its *uuid*.
    """

    def __init__(self, backend: Backend, uuid: str, label: str) -> None:
        self._backend = backend
        self.uuid = uuid
        self.label = label

    def __repr__(self) -> str:
        return f"<mapping {self.label}: {self.why}>"

    @property
    def _mapping(self) -> EventSourceMapping | None:
        for partition in self._backend.service.store:
            mapping: EventSourceMapping | None = partition.event_source_mappings.get(self.uuid)
            if mapping is not None:
                return mapping
        return None

    @property
    def _polled(self) -> Polled | None:
        self._backend.clock.catch_up()
        return self._backend.service.pollers.of(self.uuid)

    @property
    def state(self) -> str | None:
        """``State`` as AWS shows it; None once it is deleted."""
        mapping = self._mapping
        if mapping is None:
            return None
        return self._backend.service.registry.of(EVENT_SOURCE_MAPPING, mapping.arn).shown

    @property
    def last_result(self) -> str | None:
        """What came of the latest batch, in the words of ``LastProcessingResult``; None before the first.

        AWS shows it of streams alone.
        """
        polled = self._polled
        return polled.poller.last_result if polled is not None else None

    @property
    def position(self) -> Mapping[str, str]:
        """By shard or partition, the sequence number up to which all is done; empty of queues."""
        polled = self._polled
        return dict(polled.poller.positions) if polled is not None else {}

    @property
    def in_flight(self) -> int:
        """How many records the mapping has read and has not finished with."""
        polled = self._polled
        return polled.poller.in_flight if polled is not None else 0

    @property
    def batches(self) -> Sequence[Batch]:
        """The latest 1,000 batches, oldest first: ``ids``, ``attempts``, ``outcome``."""
        polled = self._polled
        return tuple(polled.journal.batches) if polled is not None else ()

    @property
    def totals(self) -> Mapping[str, int]:
        """How many records were ``polled``, ``filtered``, ``succeeded`` and ``dropped``."""
        totals = self._polled.journal.totals if self._polled is not None else {}
        return {name: totals.get(name, 0) for name in ("polled", "filtered", "succeeded", "dropped")}

    @property
    def why(self) -> str:
        """Why the function is not called now, in one line; or that there is nothing for it."""
        state, polled = self.state, self._polled
        if state is None:
            return "it is deleted"
        if polled is None or (state not in ("Enabled", "Updating", "Disabling") and not self.in_flight):
            return f"it is {state}, and polls only while it is Enabled"
        waits_for = polled.poller.waits_for
        if polled.unfit:
            waits_for = f"its consumer has stopped, {polled.unfit}: the function's timeout is above 14 minutes"
        totals = self.totals
        told = ", ".join(f"{count} {name}" for name, count in totals.items() if count)
        if waits_for:
            return f"{state}: {waits_for}" + (f" ({told})" if told else "")
        if not told:
            return f"{state}: there was no record yet"
        last = f"; the latest batch: {self.batches[-1]!r}" if self.batches else ""
        return f"{state}: nothing is left that it could send ({told}){last}"


def view_of_mapping(backend: Backend, which: str) -> MappingView:
    """Return the view of the mapping *which*: its UUID, the ARN of its source, or ``"jobs -> orders"``.

    Raises UnknownNameError where there is none, or several.
    """
    __tracebackhide__ = True
    given: object = which
    if not isinstance(given, str):
        raise TypeError(f"mapping() takes a UUID, or the ARN or name of a source, not {given!r}")
    known: dict[str, str] = {uuid: polled.journal.label for uuid, polled in backend.service.pollers.items()}
    found = {which} & set(known)
    for partition in backend.service.store:
        for mapping in partition.event_source_mappings:
            label = backend.service.registry.of(EVENT_SOURCE_MAPPING, mapping.arn).label
            known[mapping.uuid] = label
            if which in (mapping.uuid, mapping.source.text, mapping.source.name, mapping.arn, label):
                found.add(mapping.uuid)
    if len(found) == 1:
        uuid = found.pop()
        return MappingView(backend, uuid, known[uuid])
    listed = ", ".join(f"{label} ({uuid})" for uuid, label in known.items()) or "none"
    if found:
        raise UnknownNameError(f'several mappings have the source "{which}": give a UUID. There are: {listed}.')
    raise UnknownNameError(f'no mapping "{which}":{nearest(which, known)} There are: {listed}.')


def mappings_of(backend: Backend) -> list[MappingView]:
    """Return the views of all mappings that there are."""
    return [
        MappingView(backend, mapping.uuid, backend.service.registry.of(EVENT_SOURCE_MAPPING, mapping.arn).label)
        for partition in backend.service.store
        for mapping in partition.event_source_mappings
    ]


def source_of_test(backend: Backend, text: str, options: Mapping[str, Any]) -> SourceView:
    """Return the view of the source *text* of a test."""
    __tracebackhide__ = True
    backend.check_active("source()")
    return view_of_source(text, backend.service.sources, backend.clock, backend, options)
