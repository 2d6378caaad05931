"""time-machine and the mock's clock are one while time-machine travels, as with freezegun.

time-machine is imported by its users; never for the sake of looking. By default it lets time go on from its
destination: the clock then follows at each call and each time it is read.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any

from lambda_states_mock import private_names
from lambda_states_mock.adapters.shared_clock import SharedClock
from lambda_states_mock.errors import ClockError
from lambda_states_mock.instants import as_datetime, iso

_MODULE = "time_machine"
_STACKS = ("traveller_stack", "coordinates_stack")  # before version 3 travellers were called coordinates


def travelled_now() -> datetime | None:
    """Return the time at which time-machine stands, or None while it does not travel."""
    traveller = _traveller()
    return _time_of(traveller) if traveller is not None else None


def _traveller() -> Any:
    module = sys.modules.get(_MODULE)
    if module is None or not _is_known(module):
        return None
    stack = next((stack for name in _STACKS if (stack := getattr(module, name, None))), None)
    return stack[-1] if stack else None


def _is_known(module: Any) -> bool:
    """Return False for a time-machine that lacks a name. Raises PrivateNameError while it travels."""
    absent = private_names.missing("adapters.time_travelling", "companion")
    if absent and module.escape_hatch.is_travelling():
        raise private_names.error(absent[0])
    return not absent


def _time_of(traveller: Any) -> datetime:
    return as_datetime(traveller.time_ns() // 1_000)


class TimeMachineCompanion:
    """time-machine as the clock sees it."""

    module = _MODULE
    stacks: tuple[str, ...] = _STACKS

    def __init__(self, clock: SharedClock) -> None:
        self._clock = clock
        self._followed: Any = None

    def now(self) -> datetime | None:
        """Return where time-machine stands; None while it does not travel. Raises ClockError if it was moved back."""
        traveller = _traveller()
        if traveller is None:
            return None
        moment, current = _time_of(traveller), self._clock.standing
        is_new, self._followed = traveller is not self._followed, traveller
        if current - moment < timedelta(milliseconds=1) or (is_new and self._clock.set_back(moment)):
            return moment
        raise ClockError(
            "time cannot go backwards\n"
            f"  time-machine travelled to {iso(moment)}; the mock's clock stands at {iso(current)}\n"
            "  Travel before the mock's first call, or start the mock earlier with  mock_lambda(start=...)."
        )

    def moved(self, to: datetime, /) -> None:
        """Move time-machine to *to*."""
        traveller = _traveller()
        if traveller is not None:
            self._followed = traveller
            traveller.shift(to - _time_of(traveller))
