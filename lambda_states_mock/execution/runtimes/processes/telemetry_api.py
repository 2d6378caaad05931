"""The Telemetry API and the Logs API: who has subscribed to what, and what is still to be sent.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html ,
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime, timezone
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lambda_states_mock.execution.extensions import TELEMETRY
from lambda_states_mock.execution.logs import OF_LOGS_API, Record
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest, json_of, refusal
from lambda_states_mock.execution.telemetry import BUFFERING, Buffering
from lambda_states_mock.instants import parse_instant
from lambda_states_mock.quick_dataclasses import dataclass

TELEMETRY_PATH = "/2022-07-01/telemetry"
LOGS_PATH = "/2020-08-15/logs"
DROPPED = "platform.logsDropped"
FELL_BEHIND = "Consumer seems to have fallen behind as it has not acknowledged receipt of logs."
_HOSTS = ("sandbox.localdomain", "sandbox")
_RESERVED_PORT = 9001
_METHODS = ("PUT", "POST")
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
    DROPPED: DROPPED,
    **{name: name for name in OF_LOGS_API},
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
        given = json_of(request.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        given, found = {}, ["request body is not valid JSON"]
    default, known = _SCHEMAS[LOGS_PATH if is_logs else TELEMETRY_PATH]
    schema = given.get("schemaVersion", default)
    if not found and schema not in known:
        found.append("schemaVersion is required" if schema is None else f"schemaVersion {schema!r} is not supported")
    destination = given.get("destination")
    target = _target(destination if isinstance(destination, dict) else {}, found, is_logs=is_logs)
    types = given.get("types")
    if not types:
        found.append("types should not be empty")
    elif not isinstance(types, list) or any(one not in TELEMETRY for one in types):
        found.append(f"types should be of {', '.join(TELEMETRY)}")
    buffering = _buffering(given.get("buffering"), found)
    if found or target is None:
        return refusal(400, "Logs.ValidationError" if is_logs else "ValidationError", "; ".join(found))
    return Subscription(is_logs, str(schema), tuple(types or ()), buffering, *target)


def _buffering(given: object, found: list[str]) -> Buffering:
    """Return what *given* says of batches, by default what it does not; what is wrong with it is added to *found*."""
    if given is not None and not isinstance(given, dict):
        found.append("buffering should be an object")
    wanted = {name: given[name] for name in BUFFERING if name in given} if isinstance(given, dict) else {}
    for name, value in tuple(wanted.items()):
        try:
            Buffering.of({name: value})
        except ValueError as error:
            found.append(str(error).removeprefix("ValidationError: "))
            del wanted[name]
    return Buffering.of(wanted)


def _target(given: Mapping[str, Any], found: list[str], *, is_logs: bool) -> tuple[int, str, str, bool] | None:
    protocol = given.get("protocol")
    if protocol == "TCP":
        port = given.get("port")
        if not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= 65_535:
            found.append("port should be from 1 to 65535")
            return None
        if port == _RESERVED_PORT:
            found.append(f"port {port} is reserved")
        return port, "", "", True
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
    method = given.get("method", "POST") if is_logs else "POST"  # the Telemetry API does not know that member
    if method not in _METHODS:
        found.append(f"method should be of {', '.join(_METHODS)}")
    return None if port is None else (port, uri.path or "/", str(method), False)


@dataclass(slots=True, eq=False)
class TelemetrySubscriber:
    """One subscription, and what has come together for it.

    Parameters: *now*, the time of an event, in words; *stream*, the connection to a destination that is a bare stream,
    None where there is none, or none any more.
    """

    name: str
    subscription: Subscription
    now: Callable[[], str]
    stream: socket.socket | None = None
    _events: list[Record] = field(default_factory=list, init=False)

    def hear(self, kind: str, event: Record) -> None:
        """Add an event of the *kind* platform, function or extension, if it has subscribed to that."""
        if kind not in self.subscription.types:
            return
        if self.subscription.is_logs:
            self._events += _for_logs(event, self.subscription.schema)
        elif event["type"] not in OF_LOGS_API:
            self._events.append(event)

    def take(self) -> list[list[Record]]:
        """Return all that there is, in batches as it wants them."""
        events, self._events = self._events, []
        return batches_of(events, self.subscription.buffering)

    def put_back(self, batches: list[list[Record]]) -> None:
        """Keep *batches*, which nobody has taken, for the next time; too much of it is dropped."""
        kept = [event for batch in batches for event in batch]
        size = sum(map(_size_of, kept))
        if size > _MOST_KEPT * self.subscription.buffering.bytes:
            before = [one["record"] for one in kept if one["type"] == DROPPED]
            kept = [one for one in kept if one["type"] != DROPPED]
            records = len(kept) + sum(one["droppedRecords"] for one in before)
            size = sum(map(_size_of, kept)) + sum(one["droppedBytes"] for one in before)
            record = {"reason": FELL_BEHIND, "droppedRecords": records, "droppedBytes": size}
            kept = [{"time": self.now(), "type": DROPPED, "record": record}]
        self._events[:0] = kept

    def connection(self, connect: Callable[[int], socket.socket]) -> socket.socket:
        """Return the stream, or a new connection that *connect* makes to its port. Raises OSError."""
        made = self.stream or connect(self.subscription.port)
        if self.subscription.tcp:
            self.stream = made
        return made

    def hang_up(self) -> None:
        """Close the connection that there is."""
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.close()


def batches_of(events: list[Record], buffering: Buffering) -> list[list[Record]]:
    """Return *events* in batches.

    One is over as soon as it has so many items, or so many bytes, as *buffering* says, and when its first event is so
    old: what has happened later comes with the next one.
    """
    batches: list[list[Record]] = []
    size, first = 0, datetime.min.replace(tzinfo=timezone.utc)
    for event in events:
        at = parse_instant(event["time"])
        is_over = size >= buffering.bytes or at - first >= buffering.timeout
        if not batches or is_over or len(batches[-1]) >= buffering.items:
            batches.append([])
            size, first = 0, at
        batches[-1].append(event)
        size += _size_of(event)
    return batches


def _size_of(event: Record) -> int:
    return len(json.dumps(event, separators=(",", ":")))


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
