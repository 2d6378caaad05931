"""No operation passes over a parameter, and no member of an answer is one that never comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lambda_states_mock import mock_lambda
from lambda_states_mock.api_model import lambda_model
from lambda_states_mock.backend import Backend
from lambda_states_mock.command.coverage import parameters_of
from lambda_states_mock.errors import LambdaMockError
from lambda_states_mock.operations import ANSWERS, load
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import ServiceError
from tests.fuzz.answering import READS
from tests.fuzz.furnished import furnished, known
from tests.newest_client import newest_client

from .answers import SCENES, missing, seen_by, seen_in_furnished_worlds
from .requests import bases, look_at_all, mapped, watched, with_each

NEVER = {
    "FunctionConfiguration.MasterArn": "of replicas that CloudFront makes (Lambda@Edge): nothing makes any here",
    "PutProvisionedConcurrencyConfigResponse.StatusReason": "a new allocation is in progress, and has no reason",
}
"""Members that no answer has, and why."""
ONCE = {"CheckpointDurableExecution", "SendDurableExecutionCallbackFailure", "StopDurableExecution"}
"""Operations that a furnished world takes once in the same form."""
UNDONE: dict[str, Callable[[Any, Any], tuple[str, dict[str, Any]]]] = {
    "CreateCapacityProvider": lambda asked, _: (
        "DeleteCapacityProvider",
        {"CapacityProviderName": asked["CapacityProviderName"]},
    ),
    "CreateEventSourceMapping": lambda _, made: ("DeleteEventSourceMapping", {"UUID": made["UUID"]}),
    "CreateFunctionUrlConfig": lambda asked, _: (
        "DeleteFunctionUrlConfig",
        {name: asked[name] for name in ("FunctionName", "Qualifier") if name in asked},
    ),
}
"""Operations that it takes again once that has been undone, and by which call."""
WITH_DATA = {"DurableExecutionArn": known().executions[0], "IncludeExecutionData": True}


@pytest.fixture(scope="module")
def world_to_look_at() -> Iterator[Backend]:
    """A furnished world for operations that only look."""
    backend = furnished()
    yield backend
    backend.close()


@pytest.mark.parametrize("operation", sorted(lambda_model().operation_names))
def test_an_operation_looks_at_each_of_its_parameters(
    operation: str, monkeypatch: pytest.MonkeyPatch, world_to_look_at: Backend
) -> None:
    read: set[str] = set()
    answer = load(operation)

    def answered(call: Call, params: Params) -> View:
        return answer(call, watched(dict(params), "", read))

    monkeypatch.setitem(ANSWERS, operation, answered)
    paths = parameters_of(lambda_model(), operation)
    world = World(operation, world_to_look_at if operation.startswith(READS) else None)
    try:
        for number in range(world.bases):
            for path, request in with_each(operation, world.base(number), sorted(paths)):
                if path not in read:
                    world.call(operation, request)
    finally:
        world.close()
    assert paths - read == set()


def test_every_member_of_an_answer_comes() -> None:
    seen = seen_in_furnished_worlds()
    for scene in SCENES:
        with mock_lambda(start="2026-01-01T00:00:00Z", seed=1) as m:
            scene(m, newest_client())
            seen |= seen_by(m)

    assert list(missing(seen)) == sorted(NEVER)


class World:
    """A furnished world, which is a new one after each request to *operation* that could not be made twice.

    Parameters: *of_all*, the world for an *operation* that only looks.
    """

    def __init__(self, operation: str, of_all: Backend | None) -> None:
        self._operation = operation
        self._of_all = of_all
        self._begin()
        self.bases = len(self._bases)

    def _begin(self) -> None:
        self.backend = self._of_all or furnished()
        self._bases = list(bases(self._operation))
        if self._operation == "UpdateEventSourceMapping":
            self._bases += mapped(self.backend)
            self.backend.clock.advance(600)
        self.is_spent = False

    def base(self, number: int) -> dict[str, Any]:
        return self._bases[number]

    def call(self, operation: str, request: dict[str, Any]) -> None:
        """Send *request*, and look at the answer; a refusal changes nothing."""
        if self.is_spent:
            self.close()
            self._begin()
        try:
            made = self.backend.call(operation, request)
            look_at_all(made)
        except (ServiceError, LambdaMockError):
            return
        if "Durable" in operation:  # an execution keeps what it is sent
            look_at_all(self.backend.call("GetDurableExecutionHistory", WITH_DATA))
        if self._of_all:
            return
        self.is_spent = operation in ONCE
        self.backend.clock.advance(600)  # what the call has begun ends
        if operation in UNDONE:
            self.backend.call(*UNDONE[operation](request, made))
            self.backend.clock.advance(600)

    def close(self) -> None:
        if not self._of_all:
            self.backend.close()
