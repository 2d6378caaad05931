"""What all sources of a test have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.errors import NamesWhatItHas
from lambda_states_mock.event_sources.sources import Sources
from lambda_states_mock.execution import sleeping
from lambda_states_mock.leaving import EndsWithMock


@dataclass(eq=False)
class SourceView(NamesWhatItHas):
    """What all sources of a test have. Parameters: *text*, the ARN, or the servers of self-managed Kafka."""

    text: str
    sources: Sources
    clock: VirtualClock
    ends: EndsWithMock

    @contextmanager
    def _told(self, method: str, *, stir: bool = True) -> Iterator[None]:
        """Tell the source something in the ``with`` block; what follows from it at once has happened after it."""
        __tracebackhide__ = True
        self.ends.check_active(f"source({self.text!r}).{method}()")
        with self.clock.lock:
            self.clock.catch_up()
            begun = self.clock.scheduled
            yield
            if stir:
                self.sources.stir(self.text)
            if not sleeping.runs_here(self.clock):
                self.clock.settle(begun)
