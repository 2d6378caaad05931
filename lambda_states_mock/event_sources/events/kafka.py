"""The event of topics: Amazon MSK and self-managed Apache Kafka.

https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html , https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.instants import epoch_milliseconds

MANAGED, SELF_MANAGED = "aws:kafka", "SelfManagedKafka"


def partition_name(topic: str, partition: int) -> str:
    """Return under which name the records of a partition stand in an event."""
    return f"{topic}-{partition}"


def kafka_record(record: StreamRecord) -> dict[str, Any]:
    """Return one record.

    Parameters: *record*, whose data is the value, None where there is none; its ``more`` has ``key`` and ``headers``,
    bytes by name or a list of pairs, and ``timestamp``, if the producer has set one, in milliseconds.

    What a record has not is absent (inferred).
    """
    topic, _, partition = record.shard.rpartition("-")
    key, headers = record.more.get("key"), record.more.get("headers") or ()
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    moment = record.more.get("timestamp")
    return {
        "topic": topic,
        "partition": int(partition),
        "offset": record.position,
        "timestamp": epoch_milliseconds(record.arrived) if moment is None else moment,
        "timestampType": "CREATE_TIME",
        **({} if key is None else {"key": base64.b64encode(key).decode()}),
        **({} if record.data is None else {"value": base64.b64encode(record.data).decode()}),
        "headers": [{name: list(value)} for name, value in pairs],
    }


def kafka_origin(arn: str | None, bootstrap_servers: str) -> dict[str, Any]:
    """Return the members of the event beside ``records``. Parameters: *arn* of the cluster, None if self-managed."""
    if arn is None:
        return {"eventSource": SELF_MANAGED, "bootstrapServers": bootstrap_servers}
    return {"eventSource": MANAGED, "eventSourceArn": arn, "bootstrapServers": bootstrap_servers}


def bootstrap_servers_of(arn: str) -> str:
    """Return the brokers of the MSK cluster *arn*, which are made up: three, in the cluster's domain."""
    region, name, unique = arn.split(":")[3], *arn.split("/")[1:3]
    domain = f"{name}.{unique.replace('-', '')[:6]}.c1.kafka.{region}.amazonaws.com:9092"
    return ",".join(f"b-{number}.{domain}" for number in (1, 2, 3))
