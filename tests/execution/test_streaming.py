"""Handlers that yield their answer in parts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock.execution import payloads
from lambda_states_mock.execution.outcome import Outcome
from tests.execution.stage import Stage, spec


def streamed(stage: Stage, function: Any) -> Outcome:
    return stage.invoke(function, streams=True)


def test_each_part_that_is_yielded_is_a_chunk(stage: Stage) -> None:
    code = "def handler(event, context):\n    yield b'one '\n    yield 'tw\\u00f6 '\n    yield {'three': 3}"
    outcome = streamed(stage, spec(code))
    assert outcome.chunks == (b"one ", "twö ".encode(), b'{"three": 3}')
    assert (outcome.payload, outcome.function_error) == (b"".join(outcome.chunks), None)


def test_a_result_that_is_not_yielded_is_one_chunk(stage: Stage) -> None:
    outcome = streamed(stage, spec("def handler(event, context): return [1]"))
    assert outcome.chunks == (b"[1]",)


def test_the_time_between_the_parts_is_the_functions(stage: Stage) -> None:
    def handler(event: Any, context: Any) -> Iterator[str]:
        for part in "ab":
            stage.sleep(1)
            yield part

    stage.handlers.add("orders", call=handler)
    assert streamed(stage, spec()).duration == timedelta(seconds=2)


def test_an_error_in_the_middle_comes_after_the_parts_that_were_sent(stage: Stage) -> None:
    code = "def handler(event, context):\n    yield 'begun'\n    raise ValueError('broken')"
    outcome = streamed(stage, spec(code))
    assert (outcome.chunks, outcome.function_error) == ((b"begun",), "Unhandled")
    payload = json.loads(outcome.payload)
    assert (payload["errorType"], payload["errorMessage"]) == ("ValueError", "broken")
    assert payload["stackTrace"] == [
        "  File \"/var/task/app.py\", line 3, in handler\n    raise ValueError('broken')\n"
    ]


def test_a_time_out_in_the_middle_comes_after_the_parts_that_were_sent(stage: Stage) -> None:
    closed: list[str] = []

    def handler(event: Any, context: Any) -> Iterator[str]:
        try:
            yield "begun"
            stage.sleep(10)
            yield "never"
        finally:
            closed.append("closed")

    stage.handlers.add("orders", call=handler)
    outcome = streamed(stage, spec())
    assert (outcome.chunks, closed) == ((b"begun",), ["closed"])
    assert b"Sandbox.Timedout" in outcome.payload


def test_a_streamed_response_may_be_larger_than_another_one(stage: Stage) -> None:
    code = f"def handler(event, context):\n    yield bytes({payloads.RESPONSE_LIMIT + 1})"
    assert streamed(stage, spec(code)).function_error is None


def test_a_streamed_response_ends_where_it_becomes_too_large(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payloads, "STREAM_LIMIT", 10)
    outcome = streamed(stage, spec("def handler(event, context):\n    while True: yield 'sixsix'"))
    assert (outcome.chunks, outcome.function_error) == ((b"sixsix",), "Unhandled")
    assert json.loads(outcome.payload)["errorType"] == "Function.ResponseSizeTooLarge"


def test_the_limit_of_a_streamed_response_is_200_mb() -> None:
    assert payloads.STREAM_LIMIT == 200 * 1024 * 1024


def test_without_streaming_a_generator_is_no_json(stage: Stage) -> None:
    payload = stage.result(spec("def handler(event, context):\n    yield 1"))
    assert payload["errorType"] == "Runtime.MarshalError"
    assert payload["errorMessage"] == "Unable to marshal response: Object of type generator is not JSON serializable"


def test_what_the_generator_leaves_open_is_closed_by_the_end(stage: Stage) -> None:
    closed: list[str] = []

    def handler(event: Any, context: Any) -> Iterator[Any]:
        try:
            yield {1}
        finally:
            closed.append("closed")

    stage.handlers.add("orders", call=handler)
    assert json.loads(streamed(stage, spec()).payload)["errorType"] == "Runtime.MarshalError"
    assert closed == ["closed"]
