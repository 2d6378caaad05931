"""The timers of a clock, in the order in which they run."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from operator import attrgetter

from lambda_states_mock.clock.timer import Timer

CANCELLED_KEPT = 64
"""So many cancelled timers may always stay."""
HEAP_SIZE = 256
"""So many timers may always be in the heap."""
_by_instant = attrgetter("instant")


class Agenda:
    """Timers, the earliest first; of those that are due at one instant, the one that was added first.

    New ones go to a heap once the earliest is asked for. To take the earliest of very many out of a heap costs far more
    than to sort them, so many new ones are sorted into a list, and a large heap is emptied into it. That is done again
    after a quarter as many, so the cost of a timer hardly grows with their number.

    An action that is let go of, or the garbage collector, may run code that adds and cancels timers, between any two
    steps. So lists are changed where they are, or exchanged in one step.

    Attributes: *live*, how many timers there are; *foreground*, how many of them are no background ones; *running*, the
    timer whose action runs.
    """

    def __init__(self) -> None:
        self.live = 0
        self.foreground = 0
        self.running: Timer | None = None
        # Cancelled ones, too. All in the heap were added after those that are sorted, and the new ones after those.
        self._sorted: list[Timer] = []  # the earliest at the end, where it is taken away at no cost
        self._heap: list[tuple[int, int, Timer]] = []
        self._new: list[Timer] = []

    def add(self, timer: Timer) -> None:
        """Add *timer*, whose order is higher than that of all before."""
        running, label = self.running, timer.label
        if running is not None and running.label == label:
            timer.renewals = running.renewals + 1
        self.live += 1
        if not timer.background:
            self.foreground += 1
        self._new.append(timer)

    def cancel(self, timer: Timer) -> None:
        """Cancel *timer*, unless it has run or was cancelled.

        It is taken out later: beyond `CANCELLED_KEPT` there are never more dead ones than live ones. Each invoke
        cancels an idle timer two weeks ahead.
        """
        action = timer.action  # let go of at the end, when all has been counted
        if action is None:
            return
        timer.action, timer.cancelled = None, True
        self.live -= 1
        if not timer.background:
            self.foreground -= 1
        dead = len(self._sorted) + len(self._heap) + len(self._new) - self.live
        if dead > CANCELLED_KEPT and dead > self.live:
            self._sorted[:] = [timer for timer in self._sorted if not timer.cancelled]
            self._heap[:] = [entry for entry in self._heap if not entry[2].cancelled]
            heapify(self._heap)
            self._new[:] = [timer for timer in self._new if not timer.cancelled]

    def first(self) -> Timer | None:
        """Return the earliest timer, and leave it there. None without one."""
        if self._new:
            self._sort_in()
        heap, ordered = self._heap, self._sorted
        while heap or ordered:
            if ordered and not (heap and heap[0][0] < ordered[-1].instant):
                timer = ordered[-1]
                if not timer.cancelled:
                    return timer
                ordered.pop()
            else:
                timer = heap[0][2]
                if not timer.cancelled:
                    return timer
                heappop(heap)
        return None

    def take(self, timer: Timer) -> bool:
        """Take *timer* away, which was the first one. Return False if it is not any more."""
        if timer.cancelled:
            return False
        if self._sorted and self._sorted[-1] is timer:
            self._sorted.pop()
        elif self._heap and self._heap[0][2] is timer:
            heappop(self._heap)
        else:
            return False
        self.live -= 1
        if not timer.background:
            self.foreground -= 1
        return True

    def in_order(self) -> list[Timer]:
        """Return all timers in the order in which they will run."""
        timers = [*self._sorted, *(timer for _, _, timer in self._heap), *self._new]
        return sorted((timer for timer in timers if not timer.cancelled), key=attrgetter("instant", "order"))

    def _sort_in(self) -> None:
        """Let there be no new timers."""
        if len(self._heap) + len(self._new) <= max(HEAP_SIZE, len(self._sorted) // 4):
            while self._new:
                timer = self._new.pop()
                heappush(self._heap, (timer.instant, timer.order, timer))
            return
        newest = self._new[-1].order
        # What is sorted already is found to be so. Of one instant the first added is the first, and stays it.
        together = [*reversed(self._sorted), *(timer for _, _, timer in sorted(self._heap)), *self._new]
        together.sort(key=_by_instant)
        together.reverse()
        self._sorted, self._heap, self._new = together, [], [timer for timer in self._new if timer.order > newest]
