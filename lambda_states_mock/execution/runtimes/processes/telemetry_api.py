"""The Telemetry API and the Logs API: who has subscribed to what, and what is still to be sent.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html ,
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lambda_states_mock.execution.extensions import TELEMETRY
from lambda_states_mock.execution.logs import Record
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest, refusal
from lambda_states_mock.execution.telemetry import Buffering

TELEMETRY_PATH = "/2022-07-01/telemetry"
LOGS_PATH = "/2020-08-15/logs"
FELL_BEHIND = "Consumer seems to have fallen behind as it has not acknowledged receipt of logs."
_HOSTS = ("sandbox.localdomain", "sandbox")
_RESERVED_PORT = 9001
_SCHEMAS = {
    TELEMETRY_PATH: (None, ("2022-07-01", "2022-12-13", "2025-01-29")),
    LOGS_PATH: ("2020-08-15", ("2020-08-15", "2021-03-18")),
}
_OF_LOGS = {  # what the Logs API sends of the platform's events, and under which name
    "platform.start": "platform.start",
    "platform.runtimeDone": "platform.runtimeDone",  # from the second schema on
    "platform.report": "platform.report",
    "platform.extension": "platform.extension",
    "platform.telemetrySubscription": "platform.logsSubscription",
    "platform.logsDropped": "platform.logsDropped",
}
_MOST_KEPT = 2  # times maxBytes: beyond, what a subscriber does not take is dropped


class Subscription(NamedTuple):
    """What an extension wants, and where. *path* and *method* are of HTTP alone; *tcp*, whether it is a bare stream."""

    is_logs: bool
    schema: str
    types: tuple[str, ...]
    buffering: Buffering
    port: int
    path: str = "/"
    method: str = "POST"
    tcp: bool = False


def subscription_of(request: ProcessRequest) -> Subscription | ProcessReply:
    """Return what *request* subscribes to, or the answer to one that is not valid."""
    is_logs = request.path.startswith(LOGS_PATH)
    found: list[str] = []
    try:
        given = json.loads(request.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        given, found = {}, ["request body is not valid JSON"]
    default, known = _SCHEMAS[LOGS_PATH if is_logs else TELEMETRY_PATH]
    schema = given.get("schemaVersion", default)
    if not found and schema not in known:
        found.append("schemaVersion is required" if schema is None else f"schemaVersion {schema!r} is not supported")
    destination = given.get("destination")
    target = _target(destination if isinstance(destination, dict) else {}, found)
    types = given.get("types")
    if not types:
        found.append("types should not be empty")
    elif not isinstance(types, list) or any(one not in TELEMETRY for one in types):
        found.append(f"types should be of {', '.join(TELEMETRY)}")
    buffering = Buffering.of({})
    try:
        wanted = given.get("buffering") or {}
        buffering = Buffering.of({name: value for name, value in wanted.items() if name in _BUFFERING})
    except (AttributeError, ValueError) as error:
        found.append(str(error).removeprefix("ValidationError: "))
    if found or target is None:
        return refusal(400, "Logs.ValidationError" if is_logs else "ValidationError", "; ".join(found))
    return Subscription(is_logs, str(schema), tuple(types or ()), buffering, *target)


_BUFFERING = ("maxItems", "maxBytes", "timeoutMs")


def _target(given: Mapping[str, Any], found: list[str]) -> tuple[int, str, str, bool] | None:
    protocol = given.get("protocol")
    if protocol == "TCP":
        port = given.get("port")
        if isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65_535:
            return port, "", "", True
        found.append("port should be from 1 to 65535")
        return None
    if protocol != "HTTP":
        found.append("destination should have the protocol HTTP or TCP")
        return None
    try:
        uri = urlsplit(str(given.get("URI") or ""))
        port = uri.port
    except ValueError:
        found.append("URI is not valid")
        return None
    if uri.scheme != "http" or uri.hostname not in _HOSTS:
        found.append(f"URI should begin with http://{_HOSTS[0]}")
    if port is None:
        found.append("URI port is not provided")
    elif port == _RESERVED_PORT:
        found.append(f"port {port} is reserved")
    method = given.get("method", "POST")
    return None if port is None else (port, uri.path or "/", "PUT" if method == "PUT" else "POST", False)


@dataclass(slots=True, eq=False)
class TelemetrySubscriber:
    """One subscription, and what has come together for it.

    Parameters: *now*, the time of an event, in words.
    """

    name: str
    subscription: Subscription
    now: Callable[[], str]
    _events: list[Record] = field(default_factory=list, init=False)
    _size: int = field(default=0, init=False)

    def hear(self, kind: str, event: Record) -> None:
        """Add an event of the *kind* platform, function or extension, if it has subscribed to that."""
        if kind not in self.subscription.types:
            return
        for one in _for_logs(event, self.subscription.schema) if self.subscription.is_logs else (event,):
            self._events.append(one)
            self._size += len(json.dumps(one))

    def take(self) -> list[list[Record]]:
        """Return all that there is, in batches of the size that it wants."""
        batches: list[list[Record]] = []
        size = 0
        for event in self._events:
            if not batches or len(batches[-1]) >= self.subscription.buffering.items:
                batches.append([])
                size = 0
            batches[-1].append(event)
            size += len(json.dumps(event))
            if size >= self.subscription.buffering.bytes:
                batches.append([])
                size = 0
        self._events, self._size = [], 0
        return [one for one in batches if one]

    def put_back(self, batches: list[list[Record]]) -> None:
        """Keep *batches*, which nobody has taken, for the next time; too much of it is dropped."""
        kept = [event for batch in batches for event in batch]
        size = sum(len(json.dumps(one)) for one in kept)
        if size > _MOST_KEPT * self.subscription.buffering.bytes:
            record = {"reason": FELL_BEHIND, "droppedRecords": len(kept), "droppedBytes": size}
            kept = [{"time": self.now(), "type": "platform.logsDropped", "record": record}]
            size = len(json.dumps(kept[0]))
        self._events[:0] = kept
        self._size += size


def _for_logs(event: Record, schema: str) -> tuple[Record, ...]:
    """Return *event* as the Logs API has it: it knows fewer events, and one more."""
    kind = event["type"]
    if not kind.startswith("platform."):
        return (event,)
    if kind not in _OF_LOGS or (kind == "platform.runtimeDone" and schema < "2021-03-18"):
        return ()
    told = {**event, "type": _OF_LOGS[kind]}
    if kind != "platform.report":
        return (told,)
    end = {"time": event["time"], "type": "platform.end", "record": {"requestId": event["record"]["requestId"]}}
    return end, told
