"""The active mocks: one stack, the innermost last.

The adapters ask here which mock answers a call, or whose clock a sleep moves. `lambda_states_mock.current` reads the
same stack. Importing this module costs next to nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from lambda_states_mock.adapters.runaway import RunawayGuard
from lambda_states_mock.errors import NotActiveError

if TYPE_CHECKING:
    from lambda_states_mock.adapters.mock_threads import MockThreads
    from lambda_states_mock.backend import Backend
    from lambda_states_mock.clock import VirtualClock
    from lambda_states_mock.engine.chance import Chance

SleepMode = Literal["all", "waits", "botocore", "real"]
Need = Literal["calls", "virtual sleep", "waits"]


class ActiveMock:
    """One active mock, as the adapters see it: *threads* live in it, *region* is that of a client that has none.

    *sleep* says whose sleeping moves the clock: everybody's, only botocore's and aiobotocore's, or nobody's;
    *max_sleep* how much virtual time may be slept away with nothing else happening, None for no limit;
    *whole_requests* whether botocore makes every request, also where nobody would see it. *owner* is the `LambdaMock`
    that the test holds; None where the adapters are tested alone.
    """

    def __init__(
        self,
        *,
        backend: Backend,
        clock: VirtualClock,
        threads: MockThreads,
        chance: Chance,
        account: str,
        region: str,
        sleep: SleepMode = "all",
        max_sleep: timedelta | None = None,
        whole_requests: bool = False,
        owner: Any = None,
    ) -> None:
        self.owner = owner
        self.whole_requests = whole_requests
        self.backend = backend
        self.clock = clock
        self.threads = threads
        self.chance = chance
        self.account = account
        self.region = region
        self.sleep_mode = sleep
        self.has_company = False  # whether threads were started meanwhile

        def seen() -> int:
            return len(backend.state_changes) + backend.changes

        self.guard = RunawayGuard(clock, max_sleep, clock.turns.hang_after, seen=seen)

    def sleep(self, seconds: float, *, unless: Callable[[], object] | None = None) -> bool:
        """Move the clock by *seconds*; return False if *unless* was true before, or the mock was left meanwhile.

        Raises RunawaySleepError if this looks like a loop that never ends.
        """
        from lambda_states_mock.execution.sleeping import sleep as sleep_within_deadline  # with it come many more

        self.threads.note_sleep(self.backend.calls.latest, len(self.backend.state_changes))
        try:
            return self.guard.watch(seconds, lambda: sleep_within_deadline(self.clock, seconds, unless=unless))
        except NotActiveError:
            if any(self is other for other in stack):
                raise  # not of this mock: of what fell due meanwhile
            return False


stack: list[ActiveMock] = []
"""The active mocks, the innermost last. Only `push` and `remove` change it."""


def push(mock: ActiveMock) -> None:
    """Make *mock* the innermost one."""
    stack.append(mock)


def remove(mock: ActiveMock) -> None:
    """Take *mock* out, wherever it is in the stack."""
    stack[:] = [other for other in stack if other is not mock]


def innermost() -> ActiveMock | None:
    """Return the mock that answers API calls of this thread now, or None when no mock is active."""
    if (by_thread or _heirs) and (mock := _of_this_thread()) is not None:
        return mock
    return stack[-1] if stack else None


def _of_this_thread() -> ActiveMock | None:
    """Return the mock of a server for which this thread, or the one that has started it, answers."""
    return by_thread.get(threading.get_ident()) or _heirs.get(threading.current_thread())


by_thread: dict[int, ActiveMock] = {}
"""The mocks that a server answers for just now, by the number of the thread that does. `answering` changes it."""


@contextmanager
def answering(mock: ActiveMock) -> Iterator[None]:
    """Let what this thread does in the ``with`` block be done in *mock*: a server has several, and threads for all."""
    number = threading.get_ident()
    outer = by_thread.get(number)
    by_thread[number] = mock
    try:
        yield
    finally:
        if outer is None:
            del by_thread[number]
        else:
            by_thread[number] = outer


def inherited(thread: threading.Thread) -> None:
    """Let *thread*, which is to be started, live in the mock for which the running one answers."""
    mock = by_thread.get(threading.get_ident())
    if mock is not None:
        _heirs[thread] = mock


_heirs: WeakKeyDictionary[threading.Thread, ActiveMock] = WeakKeyDictionary()


def owners() -> list[Any]:
    """Return the `LambdaMock` objects of the active mocks, the innermost last."""
    return [mock.owner for mock in stack if mock.owner is not None]


def where_this_thread_sleeps() -> ActiveMock | None:
    """Return the innermost mock of the running thread, or None if the thread sleeps for real."""
    if (by_thread or _heirs) and (mock := _of_this_thread()) is not None:
        return mock
    for mock in reversed(stack):
        if mock.threads.has_this_thread():
            return mock
    return None


def needs() -> set[Need]:
    """Return what the active mocks need adapters for."""
    found: set[Need] = {"calls"} if stack else set()
    for mock in stack:
        if mock.sleep_mode != "real":
            found.add("virtual sleep")
            if mock.has_company or mock.sleep_mode == "waits":
                found.add("waits")
    return found


def note_company() -> bool:
    """Note that a thread is started in the active mocks; return False where that was known already."""
    is_new = any(not mock.has_company for mock in stack)
    for mock in stack:
        mock.has_company = True
    return is_new
