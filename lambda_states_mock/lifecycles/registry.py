"""The state machines of what hangs on functions or stands beside them, by their lifecycle and ARN.

Those of functions and versions themselves are in `lifecycles.functions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from lambda_states_mock.engine.driver import Driver, StateMachine
from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.states.lifecycle import Lifecycle, Reason

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)


class LifecycleRegistry:
    """All of them. Parameters: who drives them, the world's timings, and the place whose labels are bare."""

    def __init__(self, driver: Driver, timings: Timings, home: Place) -> None:
        self._driver = driver
        self._timings = timings
        self._home = home
        self._machines: dict[tuple[str, str], StateMachine[Any, Any]] = {}

    def begin(
        self,
        lifecycle: Lifecycle[S, E],
        place: Place,
        arn: str,
        *,
        label: str,
        kind: str,
        timings: Timings | None = None,
        scope: Mapping[str, str] | None = None,
        moved: Callable[[StateMachine[S, E], S], object] | None = None,
        precondition: Callable[[str], Reason | None] | None = None,
    ) -> StateMachine[S, E]:
        """Make the state machine of *lifecycle* for what has *arn*; nothing has happened to it yet.

        Parameters: as `StateMachine`; *timings*, the world's where none are given; *label*, without the place.
        """
        label += place.seen_from(self._home)
        machine = StateMachine(
            lifecycle, label, arn, kind, timings or self._timings, scope or {}, moved=moved, precondition=precondition
        )
        self._machines[lifecycle.title, arn] = machine
        return machine

    def find(self, lifecycle: Lifecycle[S, E], arn: str) -> StateMachine[S, E] | None:
        """Return the state machine of *lifecycle* for what has *arn*, or None."""
        return self._machines.get((lifecycle.title, arn))

    def of(self, lifecycle: Lifecycle[S, E], arn: str) -> StateMachine[S, E]:
        """Return the state machine of *lifecycle* for what has *arn*. Raises KeyError if there is none."""
        return self._machines[lifecycle.title, arn]

    def fire(self, lifecycle: Lifecycle[S, E], arn: str, event: E) -> StateMachine[S, E]:
        """Let *event* happen to what has *arn*; return its machine. Raises ServiceError where the table refuses."""
        machine = self.of(lifecycle, arn)
        self._driver.fire(machine, event)
        return machine

    def check(self, lifecycle: Lifecycle[S, E], arn: str, event: E) -> None:
        """Raise what AWS would answer to *event* now; change nothing."""
        self._driver.check(self.of(lifecycle, arn), event)

    def end(self, lifecycle: Lifecycle[S, E], arn: str) -> None:
        """Forget what has *arn*: nothing of it is to happen any more."""
        machine = self._machines.pop((lifecycle.title, arn), None)
        if machine is not None:
            self._driver.drop(machine)

    def end_under(self, arn: str) -> None:
        """Forget all that hangs on the function, version or alias *arn*, and on a function's versions and aliases."""
        below = (f"{arn}:", f"{arn}/")
        for key in [key for key in self._machines if key[1] == arn or key[1].startswith(below)]:
            self._driver.drop(self._machines.pop(key))
