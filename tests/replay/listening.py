"""Replay a sequence with botocore making each request, or none, and hear all that comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from lambda_states_mock.adapters import unseen_requests

from .replaying import Exchange, replay
from .sequences import Call, RecordedSequence
from .worlds import Boto3World, mocked

START = "2026-03-01T12:00:00Z"
LIMITS_OF_SIZE = {"request_bytes": 70_167_211, "zipped_bytes": 52_428_800}


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a sequence.

    Attributes: *exchanges*, each judged; *answers*, what came back of each call, as text; *unsent*, how many requests
    were not made.
    """

    exchanges: tuple[Exchange, ...]
    answers: list[str]
    unsent: int


def hear(sequence: RecordedSequence, limits: Mapping[str, int], *, whole: bool) -> Heard:
    """Replay *sequence*.

    Parameters: *limits*, as of `mocked`; *whole*, whether botocore makes each request.
    """
    left_out: list[object] = []
    real = unseen_requests.unsent

    def unsent(*call: Any) -> Any:
        stands = real(*call)
        left_out.append(stands)
        return stands

    mock_random.seed(1)
    with pytest.MonkeyPatch.context() as patched, mocked(limits, start=START, whole_requests=whole) as world:
        patched.setattr(unseen_requests, "unsent", unsent)
        listening = Listening(world)
        exchanges = replay(sequence, listening)
    return Heard(exchanges, listening.heard, sum(one is not None for one in left_out))


class Listening:
    """Calls through *world*; *heard* has what came back of each, as text."""

    def __init__(self, world: Boto3World) -> None:
        self._world = world
        self.settle = world.settle
        self.heard: list[str] = []

    def call(self, service: str, operation: str, region: str, params: dict[str, Any], *, sent: bool = False) -> Any:
        """Return and raise as the world does."""
        try:
            answer = self._world.call(service, operation, region, params, sent=sent)
        except ClientError as error:
            self._hear(service, f"{type(error)} {error} {error.response}")
            raise
        if service != "lambda":
            return answer
        bodies = {name: body.read() for name, body in answer.items() if hasattr(body, "read")}
        streams = {name: list(body) for name, body in answer.items() if type(body).__name__ == "EventStream"}
        self._hear(service, repr({**answer, **bodies, **streams}))
        for name, body in bodies.items():
            answer[name] = _Again(body)
        return {**answer, **streams}

    def _hear(self, service: str, text: str) -> None:
        if service == "lambda":
            self.heard.append(text)


class _Again:
    def __init__(self, body: bytes) -> None:
        self.read = lambda: body


def is_large(sequence: RecordedSequence) -> bool:
    """Return whether a call of *sequence* has parameters of many megabytes."""
    return any(size > 1_000_000 for call in sequence.calls for size in _sizes(call.params))


def smaller(sequence: RecordedSequence, divisor: int) -> tuple[RecordedSequence, Mapping[str, int]]:
    """Return *sequence* with sizes that are divided, and the limits that are to them as AWS's are to the real ones."""
    steps = (
        replace(step, params=_divided(step.params, divisor)) if isinstance(step, Call) else step
        for step in sequence.steps
    )
    limits = {name: limit // divisor for name, limit in LIMITS_OF_SIZE.items()}
    return replace(sequence, steps=tuple(steps)), limits


SIZES = ("$size", "__len__")
"""The members of a recorded parameter that say how large the real one was."""


def _sizes(params: Any) -> list[int]:
    if not isinstance(params, Mapping):
        return []
    own = [params[name] for name in SIZES if name in params]
    return [*own, *(size for value in params.values() for size in _sizes(value))]


def _divided(params: Any, divisor: int) -> Any:
    if not isinstance(params, Mapping):
        return params
    sizes = {name: -(-params[name] // divisor) for name in SIZES if name in params}  # one byte too much stays too much
    return {name: sizes.get(name, _divided(value, divisor)) for name, value in params.items()}
