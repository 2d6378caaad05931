"""A world in which something goes wrong, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from lambda_states_mock.chaos.entries import Disturbance, LateReaders


@dataclass(frozen=True, init=False)
class ChaosWorld:
    """The disturbances of one world: ``ChaosWorld(Takes("update", 45), Throttled("GetFunction", 6))``.

    Raises TypeError for what is no disturbance. What it names (phases, operations, codes) is checked when a mock begins
    to live in it. Two worlds with the same disturbances are equal.
    """

    entries: tuple[Disturbance, ...]

    def __init__(self, *entries: Disturbance) -> None:
        __tracebackhide__ = True
        for entry in entries:
            given: object = entry
            if not isinstance(given, Disturbance):
                raise TypeError(
                    f"a ChaosWorld is made of disturbances, not {entry!r}\n"
                    '  Write  ChaosWorld(Takes("create", 45)),  with records from lambda_states_mock.testing.'
                )
        object.__setattr__(self, "entries", entries)

    def __repr__(self) -> str:
        return f"ChaosWorld({', '.join(map(repr, self.entries))})"

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Disturbance]:
        return iter(self.entries)

    @property
    def readers_are_late_by(self) -> timedelta:
        """How late Get and List show what has changed."""
        return timedelta(seconds=max((one.seconds for one in self.entries if isinstance(one, LateReaders)), default=0))

    def simpler(self) -> Iterator[ChaosWorld]:
        """Yield worlds with less in them: without one of the disturbances, then with a simpler one."""
        for index in range(len(self.entries)):
            yield ChaosWorld(*self.entries[:index], *self.entries[index + 1 :])
        for index, entry in enumerate(self.entries):
            for simpler in entry.simpler():
                yield ChaosWorld(*self.entries[:index], simpler, *self.entries[index + 1 :])
