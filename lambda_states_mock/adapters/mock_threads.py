"""Which threads live in a mock: the one that activated it, and those started since; and what they do now."""

from __future__ import annotations

import threading
import traceback
import warnings
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import ReferenceType, WeakKeyDictionary, WeakSet, ref

from lambda_states_mock.adapters import active_mocks, waits
from lambda_states_mock.clock.thread_frames import current_frames, modules_from
from lambda_states_mock.errors import BackgroundSleepWarning

if TYPE_CHECKING:
    from lambda_states_mock.adapters.standstill import Standstill

NEWCOMERS_MAY_COMPUTE = 0.5
"""Seconds of its own computing after which a thread that has never slept here has nothing to do with the clock."""
_ABSENT: Any = object()
_PREPARING = ("importlib", "boto", "aiobotocore")

BACKGROUND_SLEEPS = 100
"""How often a thread may sleep with nothing else happening, and move the clock, while the test waits for real."""


class _Loop(NamedTuple):
    """The sleeps of one thread since something has happened: the last *call*, or one more of the *transitions*."""

    call: object
    transitions: int
    sleeps: int
    is_told: bool


_NO_LOOP = _Loop(None, -1, 0, is_told=False)


class MockThreads:
    """The threads of one mock. Made by the thread that activates it.

    Parameters: *is_frozen*, whether a thread belongs to an execution environment that is frozen.
    """

    def __init__(self, is_frozen: Callable[[threading.Thread], bool] = lambda _: False) -> None:
        self._earlier = _threads_of_now()
        self._home = threading.current_thread()
        self._is_frozen = is_frozen

    # Not before there is company: a mock in one thread asks for none of these.
    @cached_property
    def _have_slept(self) -> WeakSet[threading.Thread]:
        return WeakSet()

    @cached_property
    def _still(self) -> Standstill:
        from lambda_states_mock.adapters.standstill import Standstill

        return Standstill()

    @cached_property
    def _loops(self) -> WeakKeyDictionary[threading.Thread, _Loop]:
        return WeakKeyDictionary()

    def is_alone(self) -> bool:
        """Return True when no other thread than the running one lives in this mock.

        One that answers for a server is: whoever asked is outside, and waits for it alone.
        """
        if threading.active_count() == 1 or threading.get_ident() in active_mocks.by_thread:
            return True
        me = threading.current_thread()
        return not any(thread is not me and self._lives_here(thread) for thread in threading.enumerate())

    def at_work(self, asleep: Collection[int], waited: float) -> list[threading.Thread]:
        """Return the threads that a sleep of the running one has to wait for.

        Parameters: *asleep*, the numbers of those that wait for their turn; *waited*, for how many real seconds the
        running one has waited by now.
        """
        me, frames = threading.current_thread(), current_frames()
        self._have_slept.add(me)
        found = []
        home = self._home
        sleeps = self._loops.get(me, _NO_LOOP).sleeps
        if sleeps > BACKGROUND_SLEEPS and waits.waits_for_a_time(home.ident or 0, but_for=me):
            self._report(me)
            found.append(home)  # it comes back by itself
        for thread in threading.enumerate():
            number = thread.ident
            if thread is me or number in asleep or not self._lives_here(thread):
                continue
            # Without a number, it is being started.
            if number is None or not self._is_idle(thread, number, frames.get(number), waited):
                found.append(thread)
        return found

    def count_on(self, thread: threading.Thread) -> None:
        """Let *thread* be at work until it sleeps, waits or ends, however long it computes before."""
        self._have_slept.add(thread)

    def _is_idle(self, thread: threading.Thread, number: int, frame: FrameType | None, waited: float) -> bool:
        if frame is None or waits.is_waiting(number) or waits.is_idle_worker(frame) or self.is_frozen(thread):
            return True
        if waited == 0:
            return False  # whether it stands still, or computes, shows when it is looked at again
        if self._still.stands(thread, frame, waited):
            return True
        if thread in self._have_slept:
            return False
        return self._still.computed(thread) > NEWCOMERS_MAY_COMPUTE and not _prepares(frame)

    def is_waiting(self, thread: int, waited: float) -> bool:
        """Return True for a thread that waits for another one, for example for a lock that one holds."""
        if waits.is_waiting(thread):
            return True
        from lambda_states_mock.adapters.standstill import is_at_a_lock

        frame = current_frames().get(thread) if waited else None
        known = next((one for one in threading.enumerate() if one.ident == thread), None) if frame else None
        return (
            frame is not None and known is not None and is_at_a_lock(frame) and self._still.stands(known, frame, waited)
        )

    def is_frozen(self, thread: threading.Thread) -> bool:
        """Return True for a thread that a function has started, while its execution environment is frozen."""
        return self._is_frozen(thread)

    def stack_of(self, thread: int) -> str:
        """Return where the thread stands now, as in a traceback."""
        frame = current_frames().get(thread)
        return "".join(traceback.format_stack(frame)).rstrip() if frame is not None else "      (it has ended)"

    def _lives_here(self, thread: threading.Thread) -> bool:
        return thread is self._home or self._is_new(thread)

    def _is_new(self, thread: threading.Thread) -> bool:
        # The system gives a dead thread's number to a new one: only the same Thread object is the same thread.
        earlier = self._earlier.get(thread.ident or 0, _ABSENT)
        if earlier is None:
            return not _is_dummy(thread)
        return earlier is _ABSENT or earlier() is not thread

    def note_sleep(self, call: object, transitions: int) -> None:
        """Note that the running thread sleeps.

        Parameters: *call*, the last API call, and the number of *transitions* by now: a loop that sleeps while neither
        changes has nothing to do with the mock.
        """
        me = threading.current_thread()
        if me is self._home:
            return
        before = self._loops.get(me, _NO_LOOP)
        goes_on = before.call is call and before.transitions == transitions
        self._loops[me] = _Loop(call, transitions, before.sleeps + 1 if goes_on else 1, before.is_told)

    def _report(self, thread: threading.Thread) -> None:
        loop = self._loops[thread]
        if not loop.is_told:
            self._loops[thread] = loop._replace(is_told=True)
            warnings.warn(
                f'thread "{thread.name}" has slept {loop.sleeps} times with nothing else happening, while the test\n'
                "  waits for real: it does not move the mock's clock any more\n"
                "  A background loop of the test: start it before the mock, or end it. If the test is to wait in\n"
                '  virtual time, use  mock_lambda(sleep="waits").',
                BackgroundSleepWarning,
                stacklevel=2,
            )

    def is_home(self) -> bool:
        """Tell whether the running thread is the one that activated this mock."""
        return threading.current_thread() is self._home

    def has_this_thread(self) -> bool:
        """Tell whether the running thread activated this mock or was started since."""
        if threading.get_ident() not in self._earlier:
            return True
        return self._is_new(threading.current_thread())


class AnsweringThreads(MockThreads):
    """The threads of a mock that has a server alone: none lives there but while it answers."""

    def is_alone(self) -> bool:
        return True

    def has_this_thread(self) -> bool:
        return False  # `active_mocks.answering` says so, for as long as it does


def _prepares(frame: FrameType | None) -> bool:
    """Return True for a thread that imports something, or makes a client: it is on its way to its first call."""
    return any(module.startswith(_PREPARING) for module in modules_from(frame))


def _is_dummy(thread: threading.Thread) -> bool:
    """Return True for what stands for a thread that Python did not start: its class is no public one."""
    kind = type(thread)
    return kind.__module__ == threading.__name__ and kind.__name__ not in threading.__all__


def _threads_of_now() -> Mapping[int, ReferenceType[threading.Thread] | None]:
    threads: dict[int, ReferenceType[threading.Thread] | None] = dict.fromkeys(current_frames())
    threads.update({thread.ident: ref(thread) for thread in threading.enumerate() if thread.ident is not None})
    threads.pop(threading.get_ident(), None)
    return threads
