"""Attributes of several objects, looked at and set together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import partial
from typing import Any

from lambda_states_mock.restoring import all_of


class Attributes:
    """Some of them, in one order. Parameters: *places*, each an object with the name of an attribute."""

    def __init__(self, places: Iterable[tuple[Any, str]]) -> None:
        self.places = tuple(places)
        self._objects = tuple(place for place, _ in self.places)
        self._names = tuple(name for _, name in self.places)

    def read(self) -> tuple[Any, ...]:
        """Return their values."""
        return tuple(map(getattr, self._objects, self._names))

    def write(self, values: Iterable[Any]) -> None:
        """Set them to *values*, all that can be set. Raises the first error."""
        values = tuple(values)
        try:
            deque(map(setattr, self._objects, self._names, values), maxlen=0)  # without a step of Python for each
        except BaseException:
            all_of([partial(setattr, *place) for place in zip(self._objects, self._names, values, strict=True)])
