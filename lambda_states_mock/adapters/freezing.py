"""freezegun and the mock's clock are one while freezegun is active, whichever of the two was entered first.

freezegun is imported by its users, or by ``freeze=True``; never for the sake of looking.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from typing import Any

from lambda_states_mock import private_names
from lambda_states_mock.adapters.frozen_modules import FrozenModules
from lambda_states_mock.adapters.shared_clock import SharedClock
from lambda_states_mock.errors import ClockError
from lambda_states_mock.instants import iso

_MODULE = "freezegun.api"
_modules = FrozenModules()  # kept for good, since looking through them takes a while
_ours: list[Any] = []  # the factories that mocks with freeze=True started: each belongs to that mock alone


def frozen_now() -> datetime | None:
    """Return the time at which freezegun stands, or None while it is not active."""
    factory = _factory(None)
    return _time_of(factory) if factory is not None else None


def _factory(own: Any) -> Any:
    """Return the innermost of freezegun's time factories that is *own* or the user's."""
    module = sys.modules.get(_MODULE)
    if module is None or not _is_known():
        return None
    for factory in reversed(module.freeze_factories):
        if factory is own or not any(factory is other for other in _ours):
            return factory
    return None


def _is_known() -> bool:
    """Return False for a freezegun that lacks a name. Raises PrivateNameError while it is active."""
    absent = private_names.missing("adapters.freezing", "companion")
    if absent and sys.modules["datetime"].datetime.__module__ == _MODULE:
        raise private_names.error(absent[0])
    return not absent


def _time_of(factory: Any) -> datetime:
    # A stepping factory moves on when it is called: it is looked at, not asked. A ticking one has to be asked.
    ticks = hasattr(factory, "start")
    moment: datetime = factory() if ticks else factory.time_to_freeze
    return moment.replace(tzinfo=timezone.utc)


class FreezegunCompanion:
    """freezegun as the clock sees it.

    Parameters: *own*, the factory that ``freeze=True`` started for this mock, if it did.
    """

    module = _MODULE
    stacks: tuple[str, ...] = ("freeze_factories",)

    def __init__(self, clock: SharedClock, *, own: Any = None) -> None:
        self._clock = clock
        self._own = own
        self._met: list[Any] = []  # factories that were in step with the clock once

    def now(self) -> datetime | None:
        """Return where freezegun stands, or None while it is not active.

        A freeze that begins inside the mock, before anything is pending there, sets the clock, back too. Raises
        ClockError when freezegun was moved back.
        """
        factory = _factory(self._own)
        if factory is None:
            return None
        moment, current = _time_of(factory), self._clock.standing
        known = self._met and self._met[-1] is factory
        if not known and not self._meet(factory, moment, current):
            return None
        # freezegun keeps microseconds, as the clock does; a ticking freeze that we have set runs behind by what it
        # took.
        if known and current - moment >= timedelta(milliseconds=1):
            raise ClockError(
                "time cannot go backwards\n"
                f"  freezegun was moved back to {iso(moment)}; the mock's clock stands at {iso(current)}\n"
                "  Start earlier, with  freeze_time(...)  around the mock or  mock_lambda(start=...),  "
                "and move on from there."
            )
        return moment

    def _meet(self, factory: Any, moment: datetime, current: datetime) -> bool:
        """Get to know a freeze; False when it is freezegun that has to follow."""
        met_before = any(factory is other for other in self._met)
        self._know(factory)
        if moment >= current:
            return True
        if not met_before and not self._clock.set_back(moment):
            raise _began_before(moment, current)
        if met_before:  # a freeze inside it ended, and time has gone on meanwhile
            _move(factory, current)
            return False
        return True

    def moved(self, to: datetime, /) -> None:
        """Move freezegun to *to*."""
        factory = _factory(self._own)
        if factory is None:
            return
        self._know(factory)
        _move(factory, to)

    def _know(self, factory: Any) -> None:
        self._met = [*(other for other in self._met if other is not factory), factory]


def _move(factory: Any, to: datetime) -> None:
    there = to.astimezone(timezone.utc).replace(tzinfo=None)
    if hasattr(factory, "move_to"):
        factory.move_to(there)
    else:  # a ticking one before freezegun 1.5
        factory.time_to_freeze += there - factory()


class Freeze:
    """freezegun, started for the user by ``freeze=True``."""

    def __init__(self, start: datetime) -> None:
        from freezegun import api, freeze_time

        if "_pytest" in sys.modules:
            private_names.allows("adapters.freezing", "stop watch")

        # Only what must see real time is left out, since freezegun shows real time also to whatever it calls: pytest's
        # stop watch, and asyncio's loops, whose timeouts would else never come.
        self._freezer = freeze_time(start.replace(tzinfo=None), ignore=["_pytest.timing"], real_asyncio=True)
        self.factory = _modules.start(self._freezer, api)
        _ours.append(self.factory)

    def stop(self) -> None:
        """Let time go again."""
        _ours[:] = [factory for factory in _ours if factory is not self.factory]
        self._freezer.stop()


def _began_before(moment: datetime, current: datetime) -> ClockError:
    return ClockError(
        "time cannot go backwards\n"
        f"  freezegun froze time at {iso(moment)}; the mock's clock stands at {iso(current)}, with timers pending\n"
        "  Enter  freeze_time(...)  before  mock_lambda(),  or before the first call.\n"
        "  Where a fixture enters the mock, a decorator of the test comes too late:\n"
        "  freeze in that fixture, too, or say there  mock_lambda(start=...)."
    )
