"""How much of its telemetry an extension gets at once, and when (execution-environment.md, section 6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock.execution.extensions import Extension
from lambda_states_mock.execution.telemetry import BUFFERING, Buffering
from tests.execution.stage import PLACE, Stage, spec

KILOBYTE = 1024


class Listener:
    """An extension that notes when each batch came, in seconds, and how many items it had."""

    def __init__(self, stage: Stage, buffering: dict[str, int], **options: Any) -> None:
        self.batches: list[tuple[float, int]] = []
        self.extension: Extension = stage.extensions.add(
            "agent", **{"telemetry": ["function"], "buffering": buffering, **options}
        )

        @self.extension.on_telemetry
        def listen(batch: list[Any]) -> None:
            self.batches.append((stage.elapsed.total_seconds(), len(batch)))


def printing(stage: Stage, lines: int, *, size: int = 1, then: float = 0) -> None:
    """Let ``orders`` print so many *lines* of that *size*, and sleep."""

    def handler(event: Any, context: Any) -> None:
        for _ in range(lines):
            print("x" * (size - 1))
        stage.sleep(then)

    stage.handlers.add("orders", call=handler)


# -- the settings


@pytest.mark.parametrize(
    ("name", "default", "least", "most"),
    [
        ("maxBytes", 262_144, 262_144, 1_048_576),
        ("maxItems", 10_000, 1_000, 10_000),
        ("timeoutMs", 1_000, 25, 30_000),
    ],
)
def test_each_setting_has_a_default_and_a_range(stage: Stage, name: str, default: int, least: int, most: int) -> None:
    assert tuple(BUFFERING[name]) == (default, least, most)
    assert Buffering.of({name: default}) == Buffering.of({})
    for value in (least, most):
        stage.extensions.add(f"agent-{value}", telemetry=["platform"], buffering={name: value})
    for value in (least - 1, most + 1):
        with pytest.raises(ValueError, match=f"^ValidationError: buffering has {name} from {least} to {most}, not"):
            stage.extensions.add("other", telemetry=["platform"], buffering={name: value})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"telemetry": ["platform"], "buffering": {"maxItem": 1000}},
            'ValidationError: buffering has no "maxItem"; did you mean "maxItems"? maxItems, maxBytes, timeoutMs.',
        ),
        (
            {"telemetry": ["platform"], "buffering": {"timeoutMs": 99.5}},
            "ValidationError: buffering has timeoutMs from 25 to 30000, not 99.5",
        ),
        (
            {"buffering": {}},
            "ValidationError: types should not be empty; say with telemetry= what is to be buffered",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(stage: Stage, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        stage.extensions.add("agent", **options)
    assert str(caught.value) == message


# -- when it comes


def test_it_comes_when_the_time_since_the_first_item_is_up(stage: Stage) -> None:
    listener = Listener(stage, {})
    printing(stage, 2)
    stage.invoke(spec())
    assert (listener.batches, listener.extension.telemetry_received) == ([], [])
    stage.clock.advance(0.999)
    assert listener.batches == []
    stage.clock.advance(0.001)
    assert listener.batches == [(1, 2)]
    assert [event["record"] for event in listener.extension.telemetry_received] == ["x\n"[1:]] * 2


def test_it_comes_while_the_function_runs(stage: Stage) -> None:
    listener = Listener(stage, {"timeoutMs": 25})
    printing(stage, 1, then=2)
    stage.invoke(spec())
    assert listener.batches == [(0.025, 1)]


def test_what_is_full_comes_at_once_and_the_rest_in_its_time(stage: Stage) -> None:
    listener = Listener(stage, {"maxItems": 1_000, "timeoutMs": 500})
    printing(stage, 2_500)
    stage.invoke(spec())
    stage.clock.advance(0)
    assert listener.batches == [(0, 1_000), (0, 1_000)]
    stage.clock.advance(10)
    assert listener.batches[2:] == [(0.5, 500)]


def test_no_batch_has_more_bytes_than_it_may(stage: Stage) -> None:
    listener = Listener(stage, {"maxBytes": 262_144})
    printing(stage, 30, size=10 * KILOBYTE)
    stage.invoke(spec())
    stage.clock.advance(0)
    assert listener.batches == [(0, 25)]
    stage.clock.run_until_idle()
    assert listener.batches == [(0, 25), (1, 5)]


def test_an_item_that_is_too_large_comes_alone(stage: Stage) -> None:
    listener = Listener(stage, {})
    printing(stage, 2, size=300 * KILOBYTE)
    stage.invoke(spec())
    stage.clock.advance(0)
    assert listener.batches == [(0, 1), (0, 1)]


def test_events_of_several_invocations_come_together(stage: Stage) -> None:
    listener = Listener(stage, {"timeoutMs": 30_000})
    printing(stage, 3)
    for _ in range(3):
        stage.invoke(spec())
    stage.clock.run_until_idle()
    assert listener.batches == [(30, 9)]


def test_it_tells_of_the_init_in_which_it_has_subscribed(stage: Stage) -> None:
    listener = Listener(stage, {}, telemetry=["platform"])
    printing(stage, 1)
    stage.invoke(spec())
    stage.clock.run_until_idle()
    types = [event["type"] for event in listener.extension.telemetry_received]
    assert types[0] == "platform.initStart"
    assert types[-1] == "platform.report"
    assert len(types) == len(set(types)) == 8


def test_each_extension_has_a_buffer_of_its_own(stage: Stage) -> None:
    listener = Listener(stage, {"timeoutMs": 500})
    at_once = stage.extensions.add("other", telemetry=["function"])
    printing(stage, 2)
    stage.invoke(spec())
    assert (len(at_once.telemetry_received), listener.batches) == (2, [])


def test_what_runs_apart_sends_it_at_its_own_time(stage: Stage) -> None:
    from lambda_states_mock.execution import sleeping

    listener = Listener(stage, {"timeoutMs": 25})

    def handler(event: Any, context: Any) -> None:
        stage.sleep(2)
        print("late")

    stage.handlers.add("orders", call=handler)
    with sleeping.detached(stage.clock):
        stage.invoke(spec())
    assert listener.batches == []
    stage.clock.run_until_idle()
    assert listener.batches == [(2.025, 1)]


# -- what becomes of the rest


def test_a_shutdown_sends_what_is_there(stage: Stage) -> None:
    listener = Listener(stage, {"timeoutMs": 30_000})
    printing(stage, 2)
    stage.invoke(spec())
    stage.pool.discard(PLACE, "orders")
    stage.clock.advance(0)
    assert (listener.batches, stage.clock.pending) == ([(0, 2)], ())


def test_a_reset_sends_what_is_there(stage: Stage) -> None:
    listener = Listener(stage, {"timeoutMs": 30_000})
    printing(stage, 2, then=60)
    stage.invoke(spec())
    assert (listener.batches, stage.elapsed) == ([(3, 2)], timedelta(seconds=3))


def test_the_end_of_the_mock_sends_nothing_more(stage: Stage) -> None:
    listener = Listener(stage, {"maxItems": 1_000})
    printing(stage, 1_500)
    stage.invoke(spec())
    stage.pool.close()
    assert (listener.batches, stage.clock.pending) == ([(0, 1_000)], ())
