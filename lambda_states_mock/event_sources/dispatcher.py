"""One batch, one invocation: how a poller calls the function, and what comes of it.

Pollers call synchronously, but nobody waits for them: the run is detached, and what follows from it happens when the
clock has come to its end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum, auto
from functools import partial
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.outcome import Outcome
from lambda_states_mock.invocation.admission import Admission
from lambda_states_mock.invocation.durable.execution import DurableRuns
from lambda_states_mock.invocation.durable.invoke import await_durable
from lambda_states_mock.invocation.names import ResolvedName, named_in
from lambda_states_mock.invocation.run import Runner
from lambda_states_mock.made_later import MadeLater
from lambda_states_mock.quick_dataclasses import dataclass
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
    """How an attempt ended.

    Attributes: *payload*, what the function answered, and *version*, which one did, None where the attempt was refused;
    *function_error*, as in Invoke's answer; *detail*, why it did not go well, in a few words.
    """

    request_id: str
    result: Result
    detail: str = ""
    payload: bytes = b""
    version: str | None = None
    function_error: str | None = None


@dataclass(eq=False, slots=True)
class Dispatcher:
    """Invokes functions with batches."""

    clock: VirtualClock
    chance: Chance
    store: Store
    limits: Limits
    admission: Admission
    runner: Runner
    durable: MadeLater[DurableRuns]

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
                if received.version.configuration.durable is not None:
                    await_durable(self.durable(), received, lambda answer: ended(_of_execution(request_id, answer)))
                    return
                outcome = self.runner.run(received, attempt=attempt)
        except ServiceError as error:
            why = f"{error.code}: {error.message}".strip(": ")
            ended(Answer(request_id, _RESULTS.get(error.code, Result.NOT_READY), why))
            return
        answer = _of_run(request_id, outcome)
        sleeping.when_over(self.clock, outcome.ended, partial(ended, answer), label=f"{target.name} batch ends")


def _of_run(request_id: str, outcome: Outcome) -> Answer:
    error, failed = outcome.error, outcome.function_error
    why = f"{type(error).__name__}: {error}".strip(": ") if error is not None else ""
    result = Result.RETURNED if failed is None else Result.FAILED
    return Answer(request_id, result, why, outcome.payload, outcome.version, failed)


def _of_execution(request_id: str, answer: Mapping[str, Any]) -> Answer:
    payload, version, failed = answer["Payload"], answer["ExecutedVersion"], answer.get("FunctionError")
    if failed is None:
        return Answer(request_id, Result.RETURNED, "", payload, version)
    told = json.loads(payload)
    why = f"{told.get('errorType', '')}: {told.get('errorMessage', '')}".strip(": ")
    return Answer(request_id, Result.FAILED, why, payload, version, failed)
