"""What is put into moto's queues and streams is seen by pollers at once, and polls of moto that wait move the clock.

moto's own Lambda is called at the same places (``Queue.add_message``, ``Stream.put_record``, ``StreamShard.add``).
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.adapters.moto_time import now
from lambda_states_mock.clock.whole_locks import is_mine
from lambda_states_mock.execution import sleeping
from lambda_states_mock.instants import exact_milliseconds


class _MotoRequest(threading.local):
    trace: str | None = None  # the header of the chain of requests that the running request belongs to


_request = _MotoRequest()


def answering(request: Any, answer: Callable[[], Any]) -> Any:
    """Return what moto answers to *request*. What follows from it at once has happened then."""
    mock = active_mocks.innermost()
    if mock is None:
        return answer()
    clock = mock.clock
    outer, _request.trace = _request.trace, _text(request.headers.get("X-Amzn-Trace-Id"))
    begun = clock.scheduled
    try:
        found = answer()
    finally:
        _request.trace = outer
    if not _is_inside(mock):
        with clock.lock:
            clock.settle(begun)
    return found


def _is_inside(mock: ActiveMock) -> bool:
    """Return whether the mock itself, or a function in it, makes this request: then what follows comes later."""
    return is_mine(mock.clock.lock) or sleeping.runs_here(mock.clock)


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


def stir(source: str, shard: str | None = None) -> None:
    """Let pollers of *source* look."""
    mock = active_mocks.innermost()
    if mock is not None:
        with mock.clock.lock:
            mock.backend.service.sources.stir(source, shard)


def add_message(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``Queue.add_message`` of moto, after which pollers look."""

    def add(self: Any, message: Any, *args: Any, **kwargs: Any) -> Any:
        trace = _request.trace
        if trace is not None and not message.system_attributes:
            words = {"DataType": "String", "StringValue": trace}
            older = {"data_type": "String", "string_value": trace}  # as moto spelled them until 5.1
            message.system_attributes = {"AWSTraceHeader": {**words, **older}}
        found = original(self, message, *args, **kwargs)
        stir(self.queue_arn)
        return found

    return add


def is_visible(self: Any) -> bool:
    """``Message.visible`` of moto: AWS shows a message again at the end of its timeout, moto a millisecond later."""
    moment = now()
    return moment is None or exact_milliseconds(moment) >= self.visible_at


def change_message_visibility(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``SQSBackend.change_message_visibility`` of moto, after which pollers look."""

    def change(self: Any, queue_name: str, *args: Any, **kwargs: Any) -> Any:
        found = original(self, queue_name, *args, **kwargs)
        stir(self.get_queue(queue_name).queue_arn)
        return found

    return change


def receive_message(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``SQSBackend.receive_message`` of moto, whose wait for a message moves the mock's clock."""
    signature = inspect.signature(original)

    def receive(self: Any, *args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(self, *args, **kwargs)
        seconds = int(bound.arguments["wait_seconds_timeout"] or 0)
        bound.arguments["wait_seconds_timeout"] = 0
        found = original(*bound.args, **bound.kwargs)
        if found or not seconds:
            return found
        queue, mock = self.get_queue(bound.arguments["queue_name"]), active_mocks.where_this_thread_sleeps()
        if mock is None or mock.sleep_mode in ("real", "botocore"):
            for _ in range(seconds):
                queue.wait_for_messages(1)
                found = original(*bound.args, **bound.kwargs)
                if found:
                    break
            return found
        end = mock.clock.now + timedelta(seconds=seconds)
        while not found and (left := end - mock.clock.now) > timedelta():
            if mock.sleep(left.total_seconds(), unless=lambda: bool(queue.messages)):
                return original(*bound.args, **bound.kwargs)
            before = mock.clock.now
            found = original(*bound.args, **bound.kwargs)
            if not found and mock.clock.now == before:
                mock.sleep(min(left.total_seconds(), 1))  # what is there is not for us: a group that is in flight
        return found

    return receive


def put_record(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``Stream.put_record`` of moto's Kinesis, after which pollers look."""

    def put(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = original(self, *args, **kwargs)
        stir(self.arn, found[1] if isinstance(found, tuple) else None)
        return found

    return put


def add_change(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``StreamShard.add`` of moto's DynamoDB, after which pollers look.

    An item that is written again as it was makes no record (recorded); moto makes one.
    """

    def add(self: Any, old: Any, new: Any) -> Any:
        is_ours = active_mocks.innermost() is not None and old is not None and new is not None
        if is_ours and _item(old.to_json()) == _item(new.to_json()):
            return None
        found = original(self, old, new)
        stir(f"{self.table.table_arn}/stream/{self.table.latest_stream_label}", self.id)
        return found

    return add


_SETS = frozenset({"SS", "NS", "BS"})


def _item(shown: Any) -> Any:
    """Return an item of DynamoDB so that two can be compared: sets have no order."""
    if isinstance(shown, dict):
        return {
            name: sorted(map(str, value)) if name in _SETS and isinstance(value, list) else _item(value)
            for name, value in shown.items()
        }
    return [_item(one) for one in shown] if isinstance(shown, list) else shown
