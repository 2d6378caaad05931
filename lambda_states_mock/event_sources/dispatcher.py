"""One batch, one invocation: how a poller calls the function, and what comes of it.

Pollers call synchronously, but nobody waits for them: the run is detached, and what follows from it happens when the
clock has come to its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.outcome import Outcome
from lambda_states_mock.invocation.admission import Admission
from lambda_states_mock.invocation.names import ResolvedName, named_in
from lambda_states_mock.invocation.run import Runner
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.service_errors import RECURSION_STOPPED, ServiceError
from lambda_states_mock.store import Store


class Result(Enum):
    """What came of an attempt to invoke a function with a batch."""

    RETURNED = auto()
    FAILED = auto()  # the function ran, and ended in an error
    THROTTLED = auto()
    NOT_READY = auto()  # Pending, Inactive, a key or a network that cannot be used ...
    GONE = auto()
    LOOPING = auto()  # recursion was stopped


_RESULTS = {
    "TooManyRequestsException": Result.THROTTLED,
    "ResourceNotFoundException": Result.GONE,
    RECURSION_STOPPED.code: Result.LOOPING,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """How an attempt ended: with the *outcome* of a run, or refused with an *error*."""

    request_id: str
    result: Result
    outcome: Outcome | None = None
    error: ServiceError | None = None

    @property
    def payload(self) -> bytes:
        """What the function answered."""
        return self.outcome.payload if self.outcome is not None else b""

    @property
    def detail(self) -> str:
        """Why it did not go well, in a few words; empty where it did."""
        if self.error is not None:
            return f"{self.error.code}: {self.error.message}".strip(": ")
        if self.outcome is not None and self.outcome.error is not None:
            return f"{type(self.outcome.error).__name__}: {self.outcome.error}".strip(": ")
        return ""


@dataclass(eq=False, slots=True)
class Dispatcher:
    """Invokes functions with batches."""

    clock: VirtualClock
    chance: Chance
    store: Store
    limits: Limits
    admission: Admission
    runner: Runner

    def target(self, place: Place, function_arn: str) -> ResolvedName:
        """Return what *function_arn* of a mapping names."""
        target = named_in(self.store, function_arn, place)
        assert target is not None
        return target

    def send(
        self,
        target: ResolvedName,
        payload: bytes,
        ended: Callable[[Answer], object],
        *,
        trace: str | None = None,
        attempt: int = 1,
    ) -> None:
        """Invoke *target* once. *ended* is called with the answer, when the clock has come to it.

        Parameters: *trace*, the header of the chain of requests that has led to the batch.
        Raises mistakes of the test author, such as NoHandlerError; *ended* is then not called.
        """
        request_id = self.chance.uuid()
        try:
            with sleeping.detached(self.clock):
                received = self.admission.receive(
                    target, payload, request_id=request_id, size=self.limits.sync_payload_bytes, trace=trace
                )
                outcome = self.runner.run(received, attempt=attempt)
        except ServiceError as error:
            ended(Answer(request_id, _RESULTS.get(error.code, Result.NOT_READY), error=error))
            return
        result = Result.RETURNED if outcome.function_error is None else Result.FAILED
        answer = Answer(request_id, result, outcome)
        sleeping.when_over(self.clock, outcome.ended, partial(ended, answer), label=f"{target.name} batch ends")
