"""What happened beside the state changes, as rows of `Timeline.to_json`: calls, runs, environments, faults ...

Each row has its ``kind``, ``at``, when it happened or began, and ``subject``, what it is of, as the timeline calls it;
``until``, where it took time. The values of environment variables are masked unless they are asked for.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambda_states_mock.engine.timeline import Entry, instant_text
from lambda_states_mock.instants import as_given
from lambda_states_mock.invocation.durable.execution import Durable
from lambda_states_mock.printing import MASK
from lambda_states_mock.resources.arn import LATEST, Place, function_reference

if TYPE_CHECKING:
    from lambda_states_mock.api_calls import ApiCalls
    from lambda_states_mock.engine.fault import Firing
    from lambda_states_mock.engine.faults import Faults
    from lambda_states_mock.service import LambdaService

LONGEST_TEXT = 20_000
"""Of a payload, a log or another text, so many characters are in a row."""

MOST_IDS = 100
"""Of the records of a batch, so many ids are in a row."""


def entries_of(calls: ApiCalls, service: LambdaService, faults: Faults, home: Place, *, secrets: bool) -> list[Entry]:
    """Return all that happened beside the state changes.

    Parameters: *home*, whose functions are called by their bare names; *secrets*, whether the values of environment
    variables are shown.
    """
    teller = _Teller(calls, service, faults, home, secrets=secrets)
    return [
        *teller.calls(),
        *teller.invocations(),
        *teller.environments(),
        *teller.batches(),
        *teller.durable_executions(),
        *teller.messages(),
        *teller.faults(),
        *teller.moves(),
    ]


class _Teller:
    def __init__(self, calls: ApiCalls, service: LambdaService, faults: Faults, home: Place, *, secrets: bool) -> None:
        self._calls = calls
        self._service = service
        self._home = home
        self._secrets = secrets
        self._before = {call.request_id: call.changes_before for call in calls}
        self._fired: dict[tuple[datetime, str], deque[Firing]] = {}
        for firing in faults.fired:
            whose = firing.at, self._named(firing.subject, home)
            self._fired.setdefault(whose, deque()).append(firing)

    def calls(self) -> Iterator[Entry]:
        for call in self._calls:
            row = {
                "kind": "call",
                "at": instant_text(call.at),
                "subject": self._subject(call.params, Place(call.account, call.region)),
                "operation": call.operation,
                "params": self._plain(dict(call.params)),
                "response": self._plain(call.response and dict(call.response)),
                "error": call.error and {"code": call.error.code, "message": call.error.message},
                "broken": call.broken,
                "caller": call.caller,
                "account": call.account,
                "region": call.region,
                "request_id": call.request_id,
            }
            yield Entry(call.at, call.changes_before, row)
            firings = self._fired.get((call.at, row["subject"])) if call.error or call.broken else None
            if firings:  # beside the call that it has failed: many may be made at one instant
                yield self._fault(firings.popleft(), call.changes_before)

    def invocations(self) -> Iterator[Entry]:
        for one in self._service.records:
            outcome = one.outcome
            row = {
                "kind": "invocation",
                "at": instant_text(one.start),
                "until": instant_text(one.end),
                "subject": self._label(one.place, one.function, one.version),
                "type": one.kind,
                "attempt": one.attempt,
                "payload": self._plain(one.payload),
                "result": self._plain(one.result),
                "error": one.error and _told(one.error, one.result),
                "cold": one.cold,
                "init_seconds": _seconds(outcome.init_duration),
                "restore_seconds": _seconds(outcome.restore_duration),
                "seconds": _seconds(outcome.duration),
                "tenant": one.tenant,
                "environment": one.environment,
                "request_id": one.request_id,
                "log": self._plain(one.log),
            }
            yield Entry(one.start, self._before.get(one.request_id), row)

    def environments(self) -> Iterator[Entry]:
        for place, name, record in self._service.pool.all_records():
            for move in record.history:
                row = {
                    "kind": "environment",
                    "at": instant_text(move.at),
                    "subject": self._label(place, name, record.version),
                    "environment": record.log_stream,
                    "type": str(record.initialization_type),
                    "before": move.before,
                    "after": move.after,
                    "cause": move.cause,
                    "code": move.code,
                    "reason": move.reason,
                }
                yield Entry(move.at, None, row)

    def batches(self) -> Iterator[Entry]:
        for _uuid, polled in sorted(self._service.pollers.items()):
            for batch in polled.journal.batches:
                row = {
                    "kind": "batch",
                    "at": instant_text(batch.began),
                    "until": instant_text(batch.attempts[-1].at) if batch.attempts else None,
                    "subject": polled.journal.label,
                    "shard": batch.shard,
                    "records": len(batch),
                    "ids": list(batch.ids[:MOST_IDS]),
                    "outcome": batch.outcome,
                    "attempts": [
                        {"at": instant_text(one.at), "outcome": one.outcome, "detail": one.detail}
                        for one in batch.attempts
                    ],
                }
                yield Entry(batch.began, None, row)

    def durable_executions(self) -> Iterator[Entry]:
        for partition in self._service.store:
            for execution in partition.durable_executions:
                durable = Durable(self._service.durable, partition, execution.key)
                whose = {
                    "subject": self._label(partition.place, execution.function, execution.version),
                    "execution": execution.name,
                }
                row = {
                    "kind": "execution",
                    "at": instant_text(execution.started),
                    "until": execution.ended and instant_text(execution.ended),
                    **whose,
                    "status": durable.machine.shown,
                    "input": self._plain(execution.payload),
                    "result": self._plain(execution.result),
                    "error": self._plain(execution.error),
                }
                yield Entry(execution.started, None, row)
                yield from self._operations(durable, whose)

    def _operations(self, durable: Durable, whose: Mapping[str, Any]) -> Iterator[Entry]:
        depths: dict[str | None, int] = {None: -1}
        for one in durable.operations:
            depths[one.id] = depth = depths.get(one.parent_id, -1) + 1
            row = {
                "kind": "operation",
                "at": instant_text(one.started),
                "until": one.ended and instant_text(one.ended),
                **whose,
                "id": one.id,
                "name": one.name,
                "type": one.type,
                "sub_type": one.sub_type,
                "depth": depth,
                "status": durable.status_of(one).name,
                "attempts": one.attempt,
                "result": self._plain(one.result),
                "error": self._plain(one.error),
            }
            yield Entry(one.started, None, row)

    def messages(self) -> Iterator[Entry]:
        for message in self._service.events.destinations.sent:
            row = {
                "kind": "message",
                "at": instant_text(message.at),
                "subject": self._named(message.source, self._home),
                "type": message.kind,
                "target": message.target,
                "condition": message.condition,
                "error": message.error,
                "request_id": message.request_id,
                "body": self._plain(message.body),
            }
            yield Entry(message.at, None, row)

    def faults(self) -> Iterator[Entry]:
        """Yield those that no call has met."""
        for firings in self._fired.values():
            yield from (self._fault(firing, None) for firing in firings)

    def _fault(self, firing: Firing, changes_before: int | None) -> Entry:
        row = {
            "kind": "fault",
            "at": instant_text(firing.at),
            "subject": self._named(firing.subject, self._home),
            "fault": firing.fault,
        }
        return Entry(firing.at, changes_before, row)

    def moves(self) -> Iterator[Entry]:
        for move in self._service.driver.clock.moves:
            origin = move.origin
            row = {
                "kind": "move",
                "at": instant_text(move.start),
                "until": instant_text(move.end),
                "subject": "",
                "by": origin.by,
                "line": origin.file and f"{_shortest(origin.file)}:{origin.line}",
            }
            yield Entry(move.start, None, row)

    # -- words and values

    def _label(self, place: Place, name: str, version: str = LATEST) -> str:
        return f"{name}{'' if version == LATEST else f':{version}'}{place.seen_from(self._home)}"

    def _subject(self, params: Mapping[str, Any], place: Place) -> str:
        """Return what a call with *params* is about."""
        arn, _, execution = str(params.get("DurableExecutionArn", "")).partition("/durable-execution/")
        if execution:
            return f"{self._named(arn, place)} execution {execution.partition('/')[0]}"
        return self._named(params.get("FunctionName"), place)

    def _named(self, given: Any, place: Place) -> str:
        """Return how the timeline calls the function that *given* names, without what an alias hides."""
        reference = function_reference(str(given)) if given else None
        if reference is None:
            return str(given or "")
        return self._label(Place(reference.account or place.account, reference.region or place.region), reference.name)

    def _plain(self, value: Any, *within: str) -> Any:
        """Return *value* as JSON has it. Parameters: *within*, the keys that led to it."""
        if isinstance(value, Mapping):
            hidden = within[-2:] == ("Environment", "Variables") and not self._secrets
            return {str(key): MASK if hidden else self._plain(one, *within, str(key)) for key, one in value.items()}
        if isinstance(value, _LISTS):
            return [self._plain(one, *within) for one in value]
        return _scalar(value)


_LISTS = (list, tuple, set, frozenset)  # not whatever can be iterated: a stream is read once


def _scalar(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return _text(bytes(value))
    if isinstance(value, date):
        return as_given(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value if value is None or isinstance(value, (bool, int, float)) else _cut(str(value))


def _text(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return f"({len(content)} bytes)"
    return _cut(text) if text.isprintable() or not {*text} & _CONTROLS else f"({len(content)} bytes)"


_CONTROLS = {chr(code) for code in range(32)} - {*"\t\n\r\x1b"}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}... ({len(text)} characters)"


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _told(error: str, payload: bytes) -> str:
    """Return what an error's *payload* says: its type and message; *error* itself where it says nothing."""
    try:
        told = json.loads(payload)
        return ": ".join(str(told[key]) for key in ("errorType", "errorMessage") if told.get(key)) or error
    except (ValueError, TypeError, AttributeError):
        return error


def _shortest(file: str) -> str:
    """Return the path of *file* from where the process is, if it is below."""
    path = Path(file)
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()
