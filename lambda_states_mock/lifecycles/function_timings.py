"""The timings of each function, which fall back to those of the mock."""

from __future__ import annotations

from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.resources.arn import Place


class FunctionTimings:
    """The timings of all functions. Parameters: the *mock*'s own."""

    def __init__(self, mock: Timings) -> None:
        self._mock = mock
        self._timings: dict[tuple[Place, str], Timings] = {}

    def of(self, place: Place, name: str) -> Timings:
        """Return the timings of function *name*, which need not exist yet."""
        timings = self._timings.get((place, name))
        if timings is None:
            timings = self._timings[place, name] = Timings(parent=self._mock)
        return timings
