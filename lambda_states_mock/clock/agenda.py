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

    Attributes: *foreground*, how many of the timers are no background ones; *running*, the timer whose action runs.
    """

    def __init__(self) -> None:
        self.foreground = 0
        self.running: Timer | None = None
        self._sorted: list[Timer] = []  # the earliest last, where it is taken away at no cost
        self._heap: list[tuple[int, int, Timer]] = []  # added after all of these
        self._new: list[Timer] = []  # and these last
        self._cancelled = 0  # how many of all these are

    def __len__(self) -> int:
        return len(self._sorted) + len(self._heap) + len(self._new) - self._cancelled

    def add(self, timer: Timer) -> None:
        """Add *timer*, whose order is higher than that of all before."""
        running, label = self.running, timer.label
        if running is not None and running.label == label:
            timer.renewals = running.renewals + 1
        if not timer.background:
            self.foreground += 1
        self._new.append(timer)

    def cancel(self, timer: Timer) -> None:
        """Cancel *timer*, unless it has run or was cancelled.

        It is taken away later, but there are never more dead ones than live ones: each invoke cancels an idle timer two
        weeks ahead.
        """
        if timer.action is None:
            return
        timer.cancelled = True
        timer.action = None  # lets go of all that the action refers to
        if not timer.background:
            self.foreground -= 1
        self._cancelled += 1
        if self._cancelled > CANCELLED_KEPT and self._cancelled > len(self):
            self._sorted = [timer for timer in self._sorted if not timer.cancelled]
            self._heap = [entry for entry in self._heap if not entry[2].cancelled]
            heapify(self._heap)
            self._new = [timer for timer in self._new if not timer.cancelled]
            self._cancelled = 0

    def first(self) -> Timer | None:
        """Return the earliest timer, and leave it there. None without one."""
        if self._new or self._cancelled:
            self._tidy()
        heap, ordered = self._heap, self._sorted
        if ordered and not (heap and heap[0][0] < ordered[-1].instant):
            return ordered[-1]
        return heap[0][2] if heap else None

    def take(self, until: int) -> Timer | None:
        """Take the earliest timer away if it is due up to *until*, and return it. None without one."""
        if self._new or self._cancelled:
            self._tidy()
        heap, ordered = self._heap, self._sorted
        if ordered and not (heap and heap[0][0] < ordered[-1].instant):
            if ordered[-1].instant > until:
                return None
            timer = ordered.pop()
        elif heap and heap[0][0] <= until:
            timer = heappop(heap)[2]
        else:
            return None
        if not timer.background:
            self.foreground -= 1
        return timer

    def in_order(self) -> list[Timer]:
        """Return all timers in the order in which they will run."""
        self._tidy()
        timers = self._sorted + [timer for _, _, timer in self._heap]
        return sorted((timer for timer in timers if not timer.cancelled), key=attrgetter("instant", "order"))

    def _tidy(self) -> None:
        """Sort new timers in, and take away the cancelled ones that would be the earliest."""
        heap, new = self._heap, self._new
        if len(heap) + len(new) > max(HEAP_SIZE, len(self._sorted) // 4):
            # What is sorted already is found to be so. Of one instant the first added is the first, and stays it.
            together = [*reversed(self._sorted), *(timer for _, _, timer in sorted(heap)), *new]
            together.sort(key=_by_instant)
            together.reverse()
            self._sorted, self._heap, self._new = together, [], []
        else:
            for timer in new:
                heappush(heap, (timer.instant, timer.order, timer))
            new.clear()
        self._drop_cancelled()

    def _drop_cancelled(self) -> None:
        heap, ordered = self._heap, self._sorted
        while heap and heap[0][2].cancelled:
            heappop(heap)
            self._cancelled -= 1
        while ordered and ordered[-1].cancelled:
            ordered.pop()
            self._cancelled -= 1
