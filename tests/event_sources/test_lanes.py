"""The lanes in which batches of a shard run: what holds when there are more or fewer of them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from lambda_states_mock import LambdaMock

from .conftest import Connect, Seen, client

STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"

Handle = Callable[..., Seen]


def test_a_key_stays_in_order_when_the_parallelization_factor_is_raised_beside_a_running_batch(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    client().update_function_configuration(FunctionName="orders", Timeout=60)

    def once(_event: Any) -> None:
        if len(seen.events) == 1:
            raise RuntimeError("once")

    uuid = connect(STREAM, StartingPosition="TRIM_HORIZON", BatchSize=2)
    seen = handle(once, duration=10)
    m.source(STREAM).put("0", "1", "2", "3", key="same")
    client().update_event_source_mapping(UUID=uuid, ParallelizationFactor=2)
    m.clock.advance(5)
    assert len(seen.events) == 1
    m.clock.advance(60)
    got = [[base64.b64decode(one["kinesis"]["data"]).decode() for one in event["Records"]] for event in seen.events]
    assert got == [["0", "1"], ["0", "1"], ["2", "3"]]
