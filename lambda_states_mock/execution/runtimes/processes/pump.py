"""Handles what comes from the processes of an environment, while something is waited for."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from datetime import timedelta

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.runtimes.processes.mailbox import Mailbox, ProcessLetter
from lambda_states_mock.execution.sleeping import EnvironmentEnded, Running
from lambda_states_mock.quick_dataclasses import dataclass

_INSTANT = timedelta(microseconds=1)
_TICK = 50  # real milliseconds between two looks at output and memory
_REAL_TIME = [time.monotonic]  # in a list, where libraries that freeze time do not look


@dataclass(slots=True, eq=False, repr=False)
class Pump:
    """Parameters: *handle*, which is given each letter; *look*, which is called where nothing has come for a while,
    with how often in a row.

    Attributes: *is_left*, whether the mock was left; *elsewhere*, real seconds that were not the processes' own.
    """

    _clock: VirtualClock
    mailbox: Mailbox
    _handle: Callable[[ProcessLetter], object]
    _look: Callable[[int], object]
    is_left: bool = field(default=False, init=False)
    elsewhere: float = field(default=0.0, init=False)

    def run(
        self,
        done: Callable[[], bool],
        descriptors: Iterable[int],
        running: Running,
        caps: Mapping[str, float],
        capped: Callable[[str, float], object],
    ) -> None:
        """Handle what comes until *done*.

        Parameters: *descriptors*, of processes, whose ends are to be noticed; *caps*, for how many real seconds this
        may last, by what says so; *capped*, which is told of that.

        Raises TimedOut at the end of the time of *running*, which comes as well where a cap is reached;
        EnvironmentEnded once the mock is left.
        """
        poll = select.poll()
        for descriptor in (self.mailbox.descriptor, *descriptors):
            poll.register(descriptor, select.POLLIN)
        watch, quiet = Stopwatch(self), 0
        while True:
            for letter in self.mailbox.take():
                quiet = 0
                self._handle(letter)
            if self.is_left:
                raise EnvironmentEnded
            if done():
                return
            if not poll.poll(_TICK):
                quiet += 1
                self._look(quiet)
            for cap, limit in caps.items():
                if watch.passed >= limit:
                    capped(cap, limit)
                    sleeping.sleep(self._clock, running.deadline - running.now + _INSTANT)

    def rest(self) -> None:
        """Handle what has come by now."""
        for letter in self.mailbox.take():
            self._handle(letter)

    def leave(self) -> None:
        """Let whoever waits end."""
        self.is_left = True
        self.mailbox.ring()

    @contextmanager
    def outside(self) -> Iterator[None]:
        """What goes on in the ``with`` block is no time of the processes."""
        began = _REAL_TIME[0]()
        try:
            yield
        finally:
            self.elsewhere += _REAL_TIME[0]() - began


class Stopwatch:
    """How long processes have computed, in real seconds, since it was made."""

    def __init__(self, pump: Pump) -> None:
        self._pump = pump
        self._began, self._elsewhere = _REAL_TIME[0](), pump.elsewhere

    @property
    def passed(self) -> float:
        """The length so far."""
        return max(0.0, _REAL_TIME[0]() - self._began - (self._pump.elsewhere - self._elsewhere))
