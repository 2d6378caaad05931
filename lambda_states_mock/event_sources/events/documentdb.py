"""The event of change streams of Amazon DocumentDB.

https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.instants import epoch_seconds

SOURCE = "aws:docdb"


def resume_token(number: int) -> str:
    """Return the token of the n-th change of a cluster, as ``_id._data`` shows it."""
    return f"0163eeb6e7{number:08x}010000000{number % 10}000041e1"


def documentdb_change(record: StreamRecord, *, looks_up: bool = True) -> dict[str, Any]:
    """Return one member of ``events``.

    Parameters: *record*, whose data has ``operationType``, ``ns``, ``documentKey`` and, as they are there,
    ``fullDocument`` and ``updateDescription``; *looks_up*: an update comes with the whole document, too.
    """
    data: Mapping[str, Any] = record.data
    change: dict[str, Any] = {
        "_id": {"_data": record.sequence},
        "clusterTime": {"$timestamp": {"t": epoch_seconds(record.arrived), "i": record.position % 1000 + 1}},
        "documentKey": data["documentKey"],
    }
    if "fullDocument" in data and (looks_up or data["operationType"] != "update"):
        change["fullDocument"] = data["fullDocument"]
    change["ns"] = data["ns"]
    change["operationType"] = data["operationType"]
    if "updateDescription" in data:
        change["updateDescription"] = data["updateDescription"]
    return {"event": change}


def documentdb_event(arn: str, events: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the event of several changes of the cluster *arn*."""
    return {"eventSourceArn": arn, "events": events, "eventSource": SOURCE}
