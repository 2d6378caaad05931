"""An event that a test can give to a handler or send to a function, and what all of them are made with."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.errors import NamesWhatItHas, nearest
from lambda_states_mock.event_sources.events import cognito
from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.event_sources.pushes import Pusher, Pushes, PushRefusedError, Replied
from lambda_states_mock.instants import epoch_milliseconds
from lambda_states_mock.invocation.url_format import JSON, UrlResponse
from lambda_states_mock.leaving import EndsWithMock
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place

F = TypeVar("F", bound=Callable[..., "Event | Records"])
Send = Callable[[str, bytes], Any]
Answer = Callable[[bytes, str | None], UrlResponse]


class HttpAnswer(NamedTuple):
    """What a front end sends back: *status*, *headers* in order, *body* as bytes."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def json(self) -> Any:
        """Return the body, parsed."""
        return json.loads(self.body)


class Event(dict[str, Any]):
    """An event, to be given to a handler as it is, or sent to a function."""

    def __init__(self, members: Mapping[str, Any], send: Send) -> None:
        super().__init__(members)
        self._send = send

    def send(self, function: str) -> Any:
        """Send it to *function*, a name or an ARN, as its service does.

        Returns the result of a service that waits for one, an `HttpAnswer` of one that answers HTTP requests, and None
        of all others, which invoke asynchronously.

        Raises UnknownNameError for a function that never was, PushRefusedError where Lambda refuses, and
        TriggerFailedError for what Cognito answers where its trigger went wrong.
        """
        __tracebackhide__ = True
        return self._send(function, json.dumps(self).encode())


class Records(list[Any]):
    """Records, to be given to a handler as they are, or sent to a function."""

    def __init__(self, records: Iterable[Any], send: Send) -> None:
        super().__init__(records)
        self._send = send

    def send(self, function: str) -> Any:
        """Send them to *function*, as `Event.send`."""
        __tracebackhide__ = True
        return self._send(function, json.dumps(self).encode())


def names_its_fields(build: F) -> F:
    """Let *build* refuse a field that it has not with the nearest name that it has."""
    fields = [name for name in inspect.signature(build).parameters if name != "self"]

    @wraps(build)
    def checked(self: EventMaker, *args: Any, **given: Any) -> Any:
        __tracebackhide__ = True
        self._ends.check_active(f"events.{build.__name__}()")
        for name in given:
            if name not in fields:
                has = f"It has: {', '.join(fields)}."
                raise TypeError(f'events.{build.__name__}() has no field "{name}":{nearest(name, fields)} {has}')
        return build(self, *args, **given)

    return checked  # type: ignore[return-value]


@dataclass(eq=False)
class EventMaker(NamesWhatItHas):
    """Times are the clock's, ids come from the seed, account and region are those of *home*, until *ends* has ended."""

    _clock: VirtualClock
    _chance: Chance
    _home: Place
    _pushes: Pushes
    _ends: EndsWithMock

    def __repr__(self) -> str:
        return "<events>"

    def _where(self) -> dict[str, Any]:
        return {"account": self._home.account, "region": self._home.region, "at": self._clock.now}

    def _origin(self) -> dict[str, Any]:
        return {**self._where(), "chance": self._chance}

    def _arn(self, service: str, resource: str) -> str:
        return resource if resource.startswith("arn:") else self._home.arn(resource, service=service)

    def _record(self, index: int, data: Any, *, key: str = "", more: Mapping[str, Any] | None = None) -> StreamRecord:
        sequence = f"49{epoch_milliseconds(self._clock.now)}{index:041d}"  # 56 digits
        return StreamRecord(
            shard="shardId-000000000000",
            position=index,
            sequence=sequence,
            arrived=self._clock.now,
            data=data,
            key=key,
            more=more or {},
        )

    def _target(self, function: str) -> str:
        return function if function.startswith("arn:") else self._home.function_arn(*function.split(":", 1))

    def _by(self, pusher: Pusher) -> Pusher:
        return pusher._replace(account=self._home.account)

    def _queued(self, pusher: Pusher) -> Send:
        def send(function: str, payload: bytes) -> None:
            __tracebackhide__ = True
            self._pushes.send(self._by(pusher), self._target(function), payload)
            self._pushes.check()

        return send

    def _later(self, made: Mapping[str, Any], pusher: Pusher) -> Event:
        return Event(made, self._queued(pusher))

    def _ask(self, pusher: Pusher, function: str, payload: bytes) -> Replied:
        __tracebackhide__ = True
        replied = self._pushes.ask(self._by(pusher), self._target(function), payload)
        self._pushes.check()
        assert replied is not None  # else there was a mistake
        return replied

    def _result_of(self, pusher: Pusher) -> Send:
        def send(function: str, payload: bytes) -> Any:
            __tracebackhide__ = True
            return json.loads(self._ask(pusher, function, payload).payload or b"null")

        return send

    def _now(self, made: Mapping[str, Any], pusher: Pusher) -> Event:
        return Event(made, self._result_of(pusher))

    def _trigger(self, made: Mapping[str, Any], pusher: Pusher, trigger: str) -> Event:
        def send(function: str, payload: bytes) -> Any:
            __tracebackhide__ = True
            for _ in range(cognito.ATTEMPTS):
                begun = self._clock.now
                try:
                    replied = self._ask(pusher, function, payload)
                except PushRefusedError as refused:
                    raise cognito.not_invoked(trigger, refused.error.code) from None
                if self._clock.now - begun <= cognito.ANSWERS_WITHIN:
                    return cognito.trigger_result(trigger, *replied)
            raise cognito.not_invoked(trigger, "Socket timeout while invoking Lambda function")

        return Event(made, send)

    def _http(
        self,
        made: Mapping[str, Any],
        name: str,
        service: str,
        answer: Answer,
        *,
        refused: int,
        unasked: UrlResponse | None = None,
    ) -> Event:
        """Return an HTTP request. Parameters: *unasked*, what it is answered without asking the function."""

        def send(function: str, payload: bytes) -> HttpAnswer:
            __tracebackhide__ = True
            if unasked is not None:
                return HttpAnswer(unasked.status, unasked.headers, unasked.body)
            try:
                outcome = self._ask(Pusher(name, service), function, payload)
            except PushRefusedError:
                return HttpAnswer(refused, (("Content-Type", JSON),), b'{"message": "Internal server error"}')
            sent = answer(outcome.payload, outcome.function_error)
            return HttpAnswer(sent.status, sent.headers, sent.body)

        return Event(made, send)
