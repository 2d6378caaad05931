"""What all sources of a test have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.errors import NamesWhatItHas
from lambda_states_mock.event_sources.sources import Sources, address_of
from lambda_states_mock.execution import sleeping
from lambda_states_mock.leaving import EndsWithMock
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.event_source_mapping import Source


@dataclass(eq=False)
class SourceView(NamesWhatItHas):
    """What all sources of a test have. Parameters: *source*, which one it is."""

    source: Source
    sources: Sources
    clock: VirtualClock
    ends: EndsWithMock

    @property
    def text(self) -> str:
        """The ARN of the source, or the servers of a cluster that is self-managed."""
        return self.source.text

    @property
    def _parts(self) -> list[str]:
        return self.sources.parts_of(self.source)

    def _part(self, given: str | None, what: str, method: str) -> str:
        """Return which topic or queue is meant: the one *given*, or the only one that a mapping reads."""
        __tracebackhide__ = True
        if given is not None:
            return given
        known = self._parts
        if len(known) == 1:
            return known[0]
        has = f"Several are known: {', '.join(known)}." if known else "No mapping that is Enabled reads one yet."
        raise TypeError(f'source({self.text!r}).{method}() does not know which {what}. {has} Say  {what}="...".')

    @contextmanager
    def _told(self, method: str, *, stir: bool = True, part: str = "") -> Iterator[None]:
        """Tell the source something in the ``with`` block; what follows from it at once has happened after it."""
        __tracebackhide__ = True
        self.ends.check_active(f"source({self.text!r}).{method}()")
        with self.clock.lock:
            self.clock.catch_up()
            begun = self.clock.scheduled
            yield
            if stir:
                self.sources.stir(address_of(self.source, part))
            if not sleeping.runs_here(self.clock):
                self.clock.settle(begun)
