"""What is recorded is answered the same, byte for byte, whether botocore makes each request or not."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from lambda_states_mock.adapters import unseen_requests

from .replaying import replay
from .stage import ACCOUNT_LIMITS
from .test_replay import NAMES, SEQUENCES, pytestmark  # noqa: F401 - without recordings there is nothing to compare
from .worlds import Boto3World, mocked

START = "2026-03-01T12:00:00Z"


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


def heard(name: str, *, whole: bool) -> list[str]:
    """Return what comes back of each call of a sequence."""
    mock_random.seed(1)
    with mocked(ACCOUNT_LIMITS.get(name, {}), start=START, whole_requests=whole) as world:
        listening = Listening(world)
        replay(SEQUENCES[name], listening)
    return listening.heard


@pytest.mark.parametrize("name", NAMES, ids=NAMES)
def test_each_recorded_call_is_answered_the_same_both_ways(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left_out: list[object] = []

    def unsent(*call: Any) -> Any:
        stands = real(*call)
        left_out.append(stands)
        return stands

    real = unseen_requests.unsent
    monkeypatch.setattr(unseen_requests, "unsent", unsent)
    quick = heard(name, whole=False)
    assert sum(one is not None for one in left_out) >= len(quick)  # or else nothing is compared
    assert quick == heard(name, whole=True)
