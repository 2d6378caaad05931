"""Who moves a clock next, when several threads live by it.

A virtual sleep takes no real time, so threads that are meant to sleep together would come one after the other, and
their sleeps would add up. So a sleep waits for its turn:

1. The nearest goal first; of equal ones, who asked first.
2. Not while another thread is at work. It is from its start on, and from the end of a sleep on, until it sleeps, waits
   for another thread, or ends. So between two sleeps only one of the threads that have slept acts.
3. Code of a function keeps everybody else from moving the clock while it is at work, and so does whoever holds the
   clock by name. `VirtualClock.advance` and its like wait for these, and not for other work.

What the threads do is asked of the `Company`. Nothing here depends on how quick the machine is.
"""

from __future__ import annotations

import threading
from _thread import allocate_lock  # not threading.Lock: a mock watches over the locks by which threads wait
from collections.abc import Callable, Collection
from dataclasses import field
from typing import Any, NamedTuple, Protocol

from lambda_states_mock.clock.whole_locks import give_back, take_again
from lambda_states_mock.errors import ClockError
from lambda_states_mock.quick_dataclasses import dataclass

HANG_AFTER = 30.0
"""Real seconds after which a thread that waits for others says so."""
FIRST_LOOK, LAST_LOOK = 0.001, 0.05
"""Real seconds between two looks at threads that end, or stand still, without a word."""
RARE_LOOK = 5.0
"""The same, for a thread that is not the next one: that one wakes it."""


class Hold(NamedTuple):
    """Work that a test has named, and its thread."""

    name: str
    thread: int
    thread_name: str


class Company(Protocol):
    """The threads that live by a clock."""

    def is_alone(self) -> bool:
        """Return True when there is no thread but the running one."""

    def at_work(self, asleep: Collection[int], waited: float) -> list[threading.Thread]:
        """Return the threads that a sleep of the running one has to wait for.

        Parameters: *asleep*, the numbers of those that wait for their turn; *waited*, for how many real seconds the
        running one has waited by now.
        """

    def count_on(self, thread: threading.Thread) -> None:
        """Let *thread* be at work until it sleeps, waits or ends, however long it computes before."""

    def is_waiting(self, thread: int, waited: float) -> bool:
        """Return True for a thread that waits for another one; *waited* as in `at_work`."""

    def is_frozen(self, thread: threading.Thread) -> bool:
        """Return True for a thread of an execution environment that is frozen."""

    def stack_of(self, thread: int) -> str:
        """Return where the thread stands now, as in a traceback."""


class _Alone:
    """The company of a clock that knows of no threads."""

    def is_alone(self) -> bool:
        return True

    def at_work(self, asleep: Collection[int], waited: float) -> list[threading.Thread]:  # noqa: ARG002
        return []

    def count_on(self, thread: threading.Thread) -> None:
        pass

    def is_waiting(self, thread: int, waited: float) -> bool:  # noqa: ARG002
        return False

    def is_frozen(self, thread: threading.Thread) -> bool:  # noqa: ARG002
        return False

    def stack_of(self, thread: int) -> str:  # noqa: ARG002
        return ""


ALONE: Company = _Alone()


class Interrupted(Exception):  # noqa: N818 - never leaves the clock
    """A wait has ended that was not for its turn."""


@dataclass(slots=True, eq=False, repr=False)
class Mover:
    """Who wants to move the clock to *goal*, an instant, and whom *wake* lets look again.

    Parameters: *is_patient*, whether it waits for the work of other threads: a sleep does; *unless*, which ends its
    wait once it is true; *outer*, the mover within which it moves; *is_waiting*, whether it waits now.
    """

    number: int
    thread: threading.Thread
    goal: int
    order: int
    is_patient: bool
    wake: _Waker
    unless: Callable[[], object] | None
    outer: Mover | None
    is_waiting: bool = False


class _Waker:
    """Wakes one thread, once for any number of calls."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._lock.acquire()

    def __call__(self) -> None:
        try:
            self._lock.release()
        except RuntimeError:
            return  # it wakes already

    def wait(self, seconds: float) -> bool:
        """Return False after so many real seconds, if nobody has woken it."""
        # Counts real time in C: frozen and patched clocks cannot stretch it.
        return self._lock.acquire(True, seconds)


@dataclass(slots=True, eq=False, repr=False)
class Turns:
    """The turns of one clock.

    Parameters: *lock*, the clock's; *company*, the threads that live by it.

    Attributes: *holds*, by name; *works*, how many runs of functions are on each thread; *movers*, by thread;
    *hang_after*, the real seconds after which a wait that nothing ends is an error, None for never; *is_closed*,
    whether the clock stands for good.
    """

    lock: Any
    company: Company = ALONE
    hang_after: float | None = HANG_AFTER
    holds: list[Hold] = field(default_factory=list, init=False)
    works: dict[int, int] = field(default_factory=dict, init=False)
    movers: dict[int, Mover] = field(default_factory=dict, init=False)
    is_closed: bool = field(default=False, init=False)
    _count: int = field(default=0, init=False)

    def close(self) -> None:
        """Let everybody go on: the clock stands from now on."""
        self.is_closed = True
        for mover in list(self.movers.values()):
            mover.wake()

    def join(self, goal: int, *, is_patient: bool, unless: Callable[[], object] | None = None) -> Mover:
        """Let the running thread want to come to *goal*; `leave` ends that. The lock is held."""
        self._count += 1
        me = threading.get_ident()
        self.movers[me] = mover = Mover(
            me, threading.current_thread(), goal, self._count, is_patient, _Waker(), unless, self.movers.get(me)
        )
        return mover

    def leave(self, mover: Mover) -> None:
        """The *mover* wants no more."""
        if mover.outer is None:
            del self.movers[mover.number]
        else:
            self.movers[mover.number] = mover.outer
        self.stir()

    def stir(self) -> None:
        """Something has changed: let the next one look whether it may go on. Any thread may say so, without a lock."""
        waiting = [mover for mover in list(self.movers.values()) if mover.is_waiting]
        if waiting:
            min(waiting, key=self._rank).wake()

    def call(self, thread: int) -> None:
        """Say that *thread* has something else to do than to wait for its turn; that it looks is up to its mover."""
        mover = self.movers.get(thread)
        if mover is not None and mover.unless is not None:
            mover.is_waiting = False  # it is at work from now on
            mover.wake()

    def await_turn(self, mover: Mover | None, step: Callable[[], int | None], *, describe: Callable[[], str]) -> None:
        """Return when the running thread may move the clock by one step. The lock is given back meanwhile.

        Parameters: *mover*, that of the thread, if it has one; *step*, which returns the instant to which the clock
        would move, None where no time would pass; *describe*, what is pending, for an error.

        Raises ClockError when nothing ends the wait, Interrupted when something else does than its turn.
        """
        instant = step()
        if instant is None and (mover is None or not mover.is_patient):
            return
        if mover is not None and mover.unless is not None and mover.unless():
            raise Interrupted
        blocked = self._blocked(mover, instant, 0.0)
        if not blocked:
            return
        own = mover or self.join(instant or 0, is_patient=False)
        try:
            self._wait(own, step, blocked, describe)
        finally:
            own.is_waiting = False
            if mover is None:
                self.leave(own)

    def _wait(
        self, mover: Mover, step: Callable[[], int | None], blocked: tuple[object, ...], describe: Callable[[], str]
    ) -> None:
        waited, look, since, began = 0.0, FIRST_LOOK, 0.0, blocked
        mover.is_waiting = True
        self.stir()  # who waits lets the others pass
        while True:
            mover.is_waiting = True
            times = give_back(self.lock)
            try:
                was_woken = mover.wake.wait(look)
            finally:
                take_again(self.lock, times)
            if self.is_closed or (mover.unless is not None and mover.unless()):
                raise Interrupted
            waited += 0.0 if was_woken else look
            instant = step()
            if instant is None and not mover.is_patient:
                return
            blocked = self._blocked(mover, instant, waited)
            if not blocked:
                return
            # By what blocks it now: what has blocked it before may have been another thread's turn.
            look = RARE_LOOK if isinstance(blocked[0], Mover) else min(look * 2, LAST_LOOK)
            if blocked != began:
                began, since = blocked, waited
            elif self.hang_after is not None and waited - since > self.hang_after:
                self._give_up(blocked, describe)

    def _blocked(self, mover: Mover | None, instant: int | None, waited: float) -> tuple[object, ...]:
        """Return what keeps *mover* from moving the clock to *instant*; nothing when it may."""
        if self.is_closed:
            return ()
        me = threading.get_ident()
        movers, company = self.movers, self.company
        waiting = [one for one in movers.values() if one.is_waiting and one is not mover] if movers else []
        if mover is not None and company.is_frozen(mover.thread):
            return (mover,)
        if instant is not None and (self.holds or self.works):
            asleep = {one.number for one in waiting if one.goal >= instant}
            blocked: list[object] = [hold for hold in self.holds if hold.thread != me and hold.thread not in asleep]
            blocked += [
                thread
                for thread in list(self.works)
                if thread != me and thread not in asleep and not company.is_waiting(thread, waited)
            ]
            if blocked:
                return tuple(blocked)
        if waiting:
            rank = self._rank(mover) if mover is not None else (False, instant or 0, self._count + 1)
            first = [one for one in waiting if self._rank(one) < rank]
            if first:
                return tuple(first)
        if mover is not None and mover.is_patient and not company.is_alone():
            return tuple(company.at_work({one.number for one in waiting}, waited))
        return ()

    def _rank(self, mover: Mover) -> tuple[bool, int, int]:
        return self.company.is_frozen(mover.thread), mover.goal, mover.order

    def _give_up(self, blocked: tuple[object, ...], describe: Callable[[], str]) -> None:
        """Raise for a wait that nothing ends; where code of functions or a sleep is waited for, wait on."""
        holds = [one for one in blocked if isinstance(one, Hold)]
        threads = [one for one in blocked if isinstance(one, threading.Thread)]
        if holds:
            lines = "\n".join(f'    "{hold.name}" in thread "{hold.thread_name}"' for hold in holds)
            raise ClockError(
                f"the clock was held for more than {self.hang_after:g} s of real time\n  held by:\n{lines}\n"
                f"{describe()}\n"
                "  That work hangs, or waits for this thread. If it only needs longer, set  hang_after=...."
            )
        if threads:
            lines = "\n".join(
                f'    thread "{one.name}" stands at\n{self.company.stack_of(one.ident or 0)}' for one in threads
            )
            raise ClockError(
                f"a sleep has waited {self.hang_after:g} s of real time for other threads to sleep, wait or end\n"
                f"  at work:\n{lines}\n{describe()}\n"
                "  A thread that has nothing to do with the mock: start it before the mock. A loop that polls: let it\n"
                '  sleep, or wait with  sleep="waits".  If it only needs longer, set  hang_after=....'
            )
