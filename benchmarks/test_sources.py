"""Polling at scale: a queue with 100,000 messages, an hour of sixteen shards, and what moto's queue costs by itself.

The limits are those of a machine on which a call of boto3 to a canned answer takes 570 us; they grow with what it takes
here. It is CPU time that is measured, so that a busy machine changes little.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from moto import mock_aws

from benchmarks.conftest import botocore_alone, client, create
from benchmarks.test_traffic import megabytes
from lambda_states_mock import LambdaMock, mock_lambda

QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
ROLE = "arn:aws:iam::123456789012:role/orders"
CANNED = 570e-6  # seconds
REAL_SECONDS = 60
GROWTH = 6  # MB that may come on top in the second half
SHARDS, RATE, HOUR = 16, 100, 3600
MOTO_RATIO = 1.5


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU time of *work* in seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


def slowness() -> float:
    """Return how many times as long as there a canned call takes here."""
    with botocore_alone() as call:
        call()
        return cpu(lambda: [call() for _ in range(1000)]) / 1000 / CANNED


def mapped(m: LambdaMock, source: str, **members: Any) -> None:
    lambda_client = client()
    create(lambda_client, ROLE)
    m.handler("orders", returns=None)
    lambda_client.create_event_source_mapping(FunctionName="orders", EventSourceArn=source, **members)


def test_a_hundred_thousand_messages_of_a_queue() -> None:
    slow = slowness()
    with mock_lambda(timings="instant") as m:
        mapped(m, QUEUE)
        queue = m.source(QUEUE)

        def half() -> None:
            for first in range(0, 50_000, 1_000):
                queue.put(*(str(number) for number in range(first, first + 1_000)))
            m.clock.run_until_idle()

        took = cpu(half)
        halfway = megabytes()
        took += cpu(half)
        assert m.mapping(QUEUE).totals["succeeded"] == 100_000
        assert m.metrics.sum("Invocations", "orders") == 10_000
    print(f"{took:.1f} s, {took / slow:.1f} s there; {megabytes() - halfway:.0f} MB more than halfway")
    assert took / slow < REAL_SECONDS
    assert megabytes() - halfway < GROWTH


def test_an_hour_of_sixteen_shards() -> None:
    slow = slowness()
    with mock_lambda(timings="instant") as m:
        stream = m.source(STREAM, shards=SHARDS)
        mapped(m, STREAM, StartingPosition="TRIM_HORIZON")

        def hour() -> None:
            for _ in range(HOUR):
                for first, shard in enumerate(stream.shards):
                    stream.put(*(str(number) for number in range(first, RATE, SHARDS)), shard=shard)
                m.clock.advance(1)

        took = cpu(hour)
        assert m.mapping(STREAM).totals["succeeded"] == HOUR * RATE
    print(f"{took:.1f} s, {took / slow:.1f} s there")
    assert took / slow < REAL_SECONDS


def test_what_a_mapping_costs_beside_the_calls_to_motos_queue() -> None:
    few, many = ([str(number) for number in range(count)] for count in (10, 2_000))
    by_hand(few), polled(few)  # what is imported at first does not count
    alone, ours = by_hand(many), polled(many)  # once: minutes of moto's own work, which grows with the square
    print(f"alone {alone:.1f} s, polled {ours:.1f} s: {ours / alone:.2f} x")
    assert ours < MOTO_RATIO * alone


def by_hand(bodies: Sequence[str]) -> float:
    """Return the CPU time that it takes to send, receive and delete *bodies* in moto's queue, ten with each call."""
    with mock_aws():
        sqs = client("sqs")
        url = sqs.create_queue(QueueName="jobs")["QueueUrl"]

        def work() -> None:
            send(sqs, url, bodies)
            while messages := sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"]
            ).get("Messages"):
                entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(messages)]
                sqs.delete_message_batch(QueueUrl=url, Entries=entries)

        return cpu(work)


def polled(bodies: Sequence[str]) -> float:
    """Return the CPU time that it takes to send *bodies* to moto's queue, and to let a mapping take them to a function.

    They are all there before the mapping polls, as they are before the first receive by hand.
    """
    with mock_aws(), mock_lambda(timings="instant") as m:
        client("iam").create_role(RoleName="orders", AssumeRolePolicyDocument=TRUST)
        sqs = client("sqs")
        url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
        mapped(m, QUEUE, Enabled=False)
        uuid = m.mapping(QUEUE).uuid

        def work() -> None:
            send(sqs, url, bodies)
            client().update_event_source_mapping(UUID=uuid, Enabled=True)
            m.clock.advance(60)

        took = cpu(work)
        assert m.mapping(QUEUE).totals["succeeded"] == len(bodies)
        return took


def send(sqs: Any, url: str, bodies: Sequence[str]) -> None:
    for first in range(0, len(bodies), 10):
        entries = [{"Id": body, "MessageBody": body} for body in bodies[first : first + 10]]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
