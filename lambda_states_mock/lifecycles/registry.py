"""The lives of what hangs on functions or stands beside them: which subjects there are, by their machine and ARN.

The lives of functions and versions themselves are in `operations.lives`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from lambda_states_mock.engine.driver import Driver, StateMachine
from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.states.lifecycle import Lifecycle

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)


class LifecycleRegistry:
    """All of them. Parameters: who drives them, the world's timings, and the place whose labels are bare."""

    def __init__(self, driver: Driver, timings: Timings, home: Place) -> None:
        self._driver = driver
        self._timings = timings
        self._home = home
        self._subjects: dict[tuple[str, str], StateMachine[Any, Any]] = {}

    def begin(
        self,
        machine: Lifecycle[S, E],
        place: Place,
        arn: str,
        *,
        label: str,
        kind: str,
        timings: Timings | None = None,
        scope: Mapping[str, str] | None = None,
        moved: Callable[[StateMachine[S, E], S], object] | None = None,
    ) -> StateMachine[S, E]:
        """Make the subject of *machine* for what has *arn*; nothing has happened to it yet.

        Parameters: as `Subject`; *timings*, the world's where none are given; *label*, without the place.
        """
        if place != self._home:
            label = f"{label} ({place.account}, {place.region})"
        subject = StateMachine(machine, label, arn, kind, timings or self._timings, scope or {})
        if moved is not None:
            subject.moved = moved
        self._subjects[machine.title, arn] = subject
        return subject

    def find(self, machine: Lifecycle[S, E], arn: str) -> StateMachine[S, E] | None:
        """Return the subject of *machine* for what has *arn*, or None."""
        return self._subjects.get((machine.title, arn))

    def of(self, machine: Lifecycle[S, E], arn: str) -> StateMachine[S, E]:
        """Return the subject of *machine* for what has *arn*. Raises KeyError if there is none."""
        return self._subjects[machine.title, arn]

    def fire(self, machine: Lifecycle[S, E], arn: str, event: E) -> StateMachine[S, E]:
        """Let *event* happen to what has *arn*; return its subject. Raises ServiceError where the table refuses."""
        subject = self.of(machine, arn)
        self._driver.fire(subject, event)
        return subject

    def check(self, machine: Lifecycle[S, E], arn: str, event: E) -> None:
        """Raise what AWS would answer to *event* now; change nothing."""
        self._driver.check(self.of(machine, arn), event)

    def end(self, machine: Lifecycle[S, E], arn: str) -> None:
        """Forget what has *arn*: nothing of it is to happen any more."""
        subject = self._subjects.pop((machine.title, arn), None)
        if subject is not None:
            self._driver.drop(subject)

    def end_under(self, arn: str) -> None:
        """Forget all that hangs on the function, version or alias *arn*, and on a function's versions and aliases."""
        below = (f"{arn}:", f"{arn}/")
        for key in [key for key in self._subjects if key[1] == arn or key[1].startswith(below)]:
            self._driver.drop(self._subjects.pop(key))
