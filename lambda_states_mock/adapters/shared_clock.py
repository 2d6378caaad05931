"""The mock's clock, beside clocks that other libraries have stopped."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from lambda_states_mock.adapters.move_origins import origin_here
from lambda_states_mock.clock import ONE_YEAR, Timer, VirtualClock
from lambda_states_mock.clock.moves import Errand
from lambda_states_mock.clock.thread_frames import is_ours
from lambda_states_mock.errors import NotActiveError
from lambda_states_mock.execution.hang_guard import HangGuard
from lambda_states_mock.instants import instant_of, iso

if TYPE_CHECKING:
    from lambda_states_mock.clock.budget import Budget


class SharedClock(VirtualClock):
    """A clock that notices, whenever it is read, that a companion was moved ahead.

    While it moves it is the one that leads: an action that reads it does not look aside.
    """

    _leading = 0
    _closed = False
    _hang_guard: HangGuard | None = None

    def close(self) -> None:
        """Stand still from now on: the mock was left. The clock can still be read."""
        self._closed = True
        self.turns.close()
        if self._hang_guard is not None:
            self._hang_guard.close()

    def advance(self, by: float | timedelta) -> None:
        """As the clock's own. Raises NotActiveError once the mock was left."""
        __tracebackhide__ = True
        if by:
            self._check_open("advance()")
        super().advance(by)

    def advance_to(self, target: datetime | str) -> None:
        """As the clock's own. Raises NotActiveError once the mock was left."""
        __tracebackhide__ = True
        self._check_open("advance_to()")
        super().advance_to(target)

    def advance_until(self, predicate: Callable[[], object], *, within: float | timedelta) -> None:
        """As the clock's own. Raises NotActiveError once the mock was left, TypeError for what is no function."""
        __tracebackhide__ = True
        if not callable(predicate):
            raise TypeError(
                f"advance_until() asks a function again and again, and got {predicate!r}\n"
                '  Write  m.clock.advance_until(lambda: m.function("orders").state == "Active", within=600).'
            )
        self._check_open("advance_until()")
        super().advance_until(predicate, within=within)

    def run_until_idle(self, *, within: float | timedelta = ONE_YEAR) -> None:
        """As the clock's own. Raises NotActiveError once the mock was left."""
        self._check_open("run_until_idle()")
        super().run_until_idle(within=within)

    def step(self) -> Timer | None:
        """As the clock's own. Raises NotActiveError once the mock was left."""
        self._check_open("step()")
        return super().step()

    def sleep(self, seconds: float | timedelta, *, unless: Callable[[], object] | None = None) -> bool:
        """As the clock's own. Raises NotActiveError once the mock was left."""
        __tracebackhide__ = True
        self._check_open("sleep()")
        return super().sleep(seconds, unless=unless)

    def budget(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> Budget:
        """Limit the virtual time of a block: ``with m.clock.budget(minutes=5):``.

        Parameters: *days*, *hours*, *minutes* and *seconds*, which are added up.

        Raises ClockError for a budget that is not more than zero. The end of the block raises BudgetExceededError,
        which says what has moved the clock, unless another error ends it.
        """
        __tracebackhide__ = True
        from lambda_states_mock.clock.budget import Budget  # few tests need it

        return Budget(self, timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))

    def _check_open(self, method: str) -> None:
        __tracebackhide__ = True
        if self._closed:
            raise NotActiveError(
                f"{method} after the mock was left: its clock stands at {iso(self._now)} for good\n"
                "  Move it inside of the mock. What happened can still be read: m.timeline, m.calls, m.function(...)."
            )

    @property
    def now(self) -> datetime:
        """Where the clock stands, after catching up with its companions: an aware UTC datetime."""
        self.catch_up()
        return self.standing

    @property
    def is_awaited(self) -> bool:
        """Whether a timer is pending that is not a background one."""
        return self._agenda.foreground > 0

    def catch_up(self) -> None:
        """As the clock's own; without effect while it moves."""
        if self._leading:
            return
        for companion in self._companions:
            module = sys.modules.get(companion.module)
            for name in companion.stacks if module is not None else ():
                if getattr(module, name, None):
                    with self.lock:
                        if not self._leading:
                            super().catch_up()
                    return

    def call_later(
        self, delay: float | timedelta, action: Callable[[], object], *, label: str, background: bool = False
    ) -> Timer:
        """As the clock's own, counted from where it stands after catching up. NotActiveError once the mock was left."""
        __tracebackhide__ = True
        self._check_open("call_later()")
        with self.lock:
            self.catch_up()
            guarded = self._guarded(action, label)
            return super().call_later(delay, guarded, label=label, background=background)

    def _guarded(self, action: Callable[[], object], label: str) -> Callable[[], object]:
        """Return *action*, which is an error when it does not come back; our own do."""
        module = getattr(getattr(action, "func", action), "__module__", None) or ""
        if is_ours(module):
            return action
        if self._hang_guard is None:
            self._hang_guard = HangGuard(self, self.turns.hang_after)
        return partial(self._hang_guard.run_action, action, f'the action "{label}" of the clock')

    def call_at(
        self, when: datetime | str, action: Callable[[], object], *, label: str, background: bool = False
    ) -> Timer:
        """As the clock's own. Raises NotActiveError once the mock was left."""
        __tracebackhide__ = True
        self._check_open("call_at()")
        return super().call_at(when, self._guarded(action, label), label=label, background=background)

    def set_back(self, to: datetime) -> bool:
        """Stand at *to*, earlier than now, if nothing is pending; return whether it does."""
        with self.lock:
            if self.pending:
                return False
            self._stand_at(instant_of(to))
            return True

    def _run(self, target: int, *, until: Callable[[], object] | None = None) -> bool:
        thread, errands = threading.get_ident(), self.moves.errands
        outer = errands.get(thread)
        errands[thread] = Errand()
        self._leading += 1
        try:
            return super()._run(target, until=until)
        finally:
            self._leading -= 1
            if outer is None:
                del errands[thread]
            else:
                errands[thread] = outer

    def _set(self, instant: int) -> None:
        if instant > self._now:
            errand = self.moves.errands.get(threading.get_ident()) or Errand()
            self.moves.note(self._now, instant, errand, origin_here)
            super()._set(instant)
