"""Faults of operations of durable executions: steps, contexts, callbacks, chained invocations, waits."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import TYPE_CHECKING

from lambda_states_mock.engine.fault import Fault, FaultPlace

if TYPE_CHECKING:
    from lambda_states_mock.engine.faults import Faults

_ENDED_BY_CODE = frozenset({"STEP", "CONTEXT"})


class OperationEffect(Enum):
    """What a fault does to an operation."""

    FAIL = auto()
    CRASH = auto()
    HANG = auto()
    LOSE = auto()


class OperationFault(Fault):
    """A fault of an operation. Created by the methods of `OperationPlace`."""

    def __init__(
        self,
        place: OperationPlace,
        effect: OperationEffect,
        error: Mapping[str, str],
        *,
        times: int | None,
        required: bool,
    ) -> None:
        __tracebackhide__ = True
        super().__init__(place.faults, f"{place}: {effect.name.lower()}", times=times, required=required)
        self.effect = effect
        self.error = error
        self._place = place

    def meet(self, function: str, names: tuple[str | None, ...], kind: str, action: str) -> bool:
        """Tell whether it is met by an update of a checkpoint, and count it.

        Parameters: *function*, whose execution it is; *names*, name and id of the operation; *kind*, its type;
        *action*, what the update does: what code ends is met at its end, all else at its start.
        """
        is_failure = self.effect is OperationEffect.FAIL
        if kind in _ENDED_BY_CODE:
            is_moment = action == "SUCCEED" if is_failure else action != "START"
        else:
            is_moment = action == "START" and not (kind == "WAIT" and is_failure)
        if self.spent or not is_moment or not self._place.matches(function, names):
            return False
        self.fire(function)
        return True


class OperationPlace(FaultPlace):
    """The operation that `Faults.on_operation` chose. Its methods script what happens to it."""

    methods = "fail(), crash(), hang() or lose_checkpoint()"
    _taken = f" an operation takes {methods}."

    def __init__(self, faults: Faults, operation: str, function: str | None) -> None:
        self.faults = faults
        self.operation = operation
        self.function = function

    def __str__(self) -> str:
        return f"operation {self.operation!r}" + (f" of {self.function}" if self.function is not None else "")

    def matches(self, function: str, names: tuple[str | None, ...]) -> bool:
        """Tell whether an operation called one of *names*, of an execution of *function*, is meant."""
        return self.operation in names and self.function in (None, function)

    def fail(
        self,
        error_type: str = "OperationFault",
        message: str = "failed by the test",
        *,
        times: int | None = 1,
        required: bool = True,
    ) -> OperationFault:
        """Let it fail with an error of *error_type* and *message*.

        A callback or a chained invocation fails as it starts. A step or a context fails at the checkpoint that tells
        its success; the invocation ends there, and the next one finds it failed, whatever its strategy for retries is.

        Parameters: *times*, how often it fires, None for each time; *required*, whether the test fails if it never
        fires.
        Raises ValueError for a wrong *times*.
        """
        error = MappingProxyType({"ErrorType": error_type, "ErrorMessage": message})
        return self._add(OperationEffect.FAIL, error, times, required)

    def crash(self, *, times: int | None = 1, required: bool = True) -> OperationFault:
        """Let the process of the function die before its checkpoint is stored: of a step or a context the one that
        tells its end, else the one that starts it. Parameters and errors: as `fail`.
        """
        return self._add(OperationEffect.CRASH, {}, times, required)

    def hang(self, *, times: int | None = 1, required: bool = True) -> OperationFault:
        """Let the function hang at that checkpoint, which is not stored, until it times out. Otherwise as `crash`."""
        return self._add(OperationEffect.HANG, {}, times, required)

    def lose_checkpoint(self, *, times: int | None = 1, required: bool = True) -> OperationFault:
        """Let the checkpoint be stored, and the process die before it has the answer. Otherwise as `crash`."""
        return self._add(OperationEffect.LOSE, {}, times, required)

    def _add(
        self, effect: OperationEffect, error: Mapping[str, str], times: int | None, required: bool
    ) -> OperationFault:
        __tracebackhide__ = True
        self.spoken_of = True
        fault = OperationFault(self, effect, error, times=times, required=required)
        self.faults.add(fault)
        return fault
