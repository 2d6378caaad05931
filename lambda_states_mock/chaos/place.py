"""Where a disturbance meets calls: those of the code under test alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lambda_states_mock.engine.call_faults import CallPlace

if TYPE_CHECKING:
    from lambda_states_mock.engine.faults import Faults


class ChaosPlace(CallPlace):
    """Calls that a disturbance chose. *params*: those of the call that it met last; *counts*, whether one counts."""

    def __init__(
        self, faults: Faults, operation: str, nth: int | None, counts: Callable[[Mapping[str, Any]], bool]
    ) -> None:
        super().__init__(faults, operation, None, nth, None)
        self._counts = counts
        self.params: Mapping[str, Any] = {}

    def matches(self, operation: str, params: Mapping[str, Any]) -> bool:
        if not super().matches(operation, params) or not self._counts(params):
            return False
        self.params = params
        return True
