"""When a disturbance comes that meets no call of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lambda_states_mock.engine.fault import Fault

if TYPE_CHECKING:
    from lambda_states_mock.engine.faults import Faults


class Moment(Fault):
    """Right before the call *number* of the code under test, counted from 1: *act* does *what*."""

    def __init__(self, faults: Faults, number: int, what: str, act: Callable[[], None]) -> None:
        super().__init__(faults, f"before call {number}: {what}", times=1, required=False)
        self.number = number
        self._act = act

    def come(self) -> None:
        """Do it."""
        self.fire("")
        self._act()
