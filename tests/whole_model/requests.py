"""Requests that have each parameter of an operation in turn, and whether the operation looks at it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from itertools import count
from typing import Any

from lambda_states_mock.api_model import Shape, operation_model
from lambda_states_mock.backend import Backend
from tests.fuzz.accepted import accepted
from tests.fuzz.furnished import GROUPS, IMAGE, QUEUE, SUBNETS, TABLE, known
from tests.fuzz.plausible import candidates

_KAFKA = {
    "FunctionName": "orders",
    "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000"]}},
    "Topics": ["topic"],
    "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:1:secret:s"}],
}
_OTHERS: Mapping[str, dict[str, Any]] = {  # of a kind of source that takes what queues and streams do not
    "msk": {"EventSourceArn": "arn:aws:kafka:us-east-1:123456789012:cluster/c/1-1", "Topics": ["topic"],
            "StartingPosition": "LATEST"},
    "documentdb": {"EventSourceArn": "arn:aws:rds:us-east-1:123456789012:cluster:c", "StartingPosition": "LATEST",
                   "DocumentDBEventSourceConfig": {"DatabaseName": "d"},
                   "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:s"}]},
    "mq": {"EventSourceArn": "arn:aws:mq:us-east-1:123456789012:broker:b:b-1", "Queues": ["queue"],
           "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:s"}]},
    "queue": {"EventSourceArn": QUEUE.replace("orders", "others")},
    "stream": {"EventSourceArn": TABLE.replace("orders", "others"), "StartingPosition": "LATEST"},
}  # fmt: skip
_IN_S3 = {"S3Bucket": "bucket", "S3Key": "key"}


def bases(operation: str) -> Iterator[dict[str, Any]]:
    """Yield requests that *operation* accepts, of each kind that takes other parameters than the rest."""
    usual = accepted()[operation]
    yield usual
    if operation in _FURTHER:
        yield from _FURTHER[operation](usual)


def _functions(usual: dict[str, Any]) -> Iterator[dict[str, Any]]:
    plain = {name: value for name, value in usual.items() if name not in ("Runtime", "Handler", "VpcConfig")}
    provider = {"CapacityProviderArn": known().providers[0]}
    managed = {"LambdaManagedInstancesCapacityProviderConfig": provider}
    yield {**usual, "FunctionName": "new1", "Code": _IN_S3}
    yield {**plain, "FunctionName": "new2", "PackageType": "Image", "Code": {"ImageUri": IMAGE}}
    yield {**usual, "FunctionName": "new3", "MemorySize": 2048, "CapacityProviderConfig": managed}
    yield {**usual, "FunctionName": "new4", "DurableConfig": {"ExecutionTimeout": 60}}
    yield {"FunctionName": "new5", "Role": usual["Role"], "Handler": "app.handler", "Code": _IN_S3}


def _mappings(_usual: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield _KAFKA
    for others in _OTHERS.values():
        yield {"FunctionName": "orders", **others}


def _checkpoints(usual: dict[str, Any]) -> Iterator[dict[str, Any]]:
    updates = operation_model("CheckpointDurableExecution").input_shape.members["Updates"].member
    for kind in updates.members["Type"].traits["enum"]:
        for action in ("START", "SUCCEED", "FAIL", "RETRY"):
            yield {**usual, "Updates": [{"Id": "one", "Type": kind, "Action": action}]}


_FURTHER: Mapping[str, Callable[[dict[str, Any]], Iterable[dict[str, Any]]]] = {
    "CreateFunction": _functions,
    "CreateEventSourceMapping": _mappings,
    "UpdateFunctionCode": lambda _: [
        {"FunctionName": "mailer", **_IN_S3},
        {"FunctionName": "picture", "ImageUri": IMAGE},
    ],
    "UpdateFunctionConfiguration": lambda _: [
        *({"FunctionName": name} for name in ("picture", "managed", "workflow")),
        {"FunctionName": "mailer", "VpcConfig": {"SubnetIds": SUBNETS, "SecurityGroupIds": GROUPS}},
    ],
    "PublishLayerVersion": lambda _: [{"LayerName": "tools", "Content": _IN_S3}],
    "CheckpointDurableExecution": _checkpoints,
}


def with_each(operation: str, base: dict[str, Any], paths: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each of *paths* with a request of *operation* that is *base* and has something there."""
    shape = operation_model(operation).input_shape
    for path in paths:
        request = _with(shape, base, re.findall(r"[^.\[\]{}]+|\[\]|\{\}", path))
        if operation == "CreateFunction" and request["FunctionName"] == base["FunctionName"]:
            request["FunctionName"] = f"new{next(_NUMBERS)}"
        yield path, request


def mapped(backend: Backend) -> Iterator[dict[str, Any]]:
    """Make a mapping of each kind in *backend*; yield what names it."""
    for base in bases("CreateEventSourceMapping"):
        made = backend.call("CreateEventSourceMapping", base)
        yield {"UUID": made["UUID"]}


_NUMBERS = count()


def _with(shape: Shape, value: Any, steps: list[str]) -> Any:
    """Return a copy of *value*, of *shape*, that has something where *steps* lead."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if step == "[]":
        items = list(value or [_simple(shape.member, "")])
        return [_with(shape.member, items[0], rest), *items[1:]]
    if step == "{}":
        key, content = next(iter((value or {}).items()), ("key", None))
        return {**(value or {}), key: _with(shape.value, content, rest)}
    made = {**{name: _simple(shape.members[name], name) for name in shape.required}, **(value or {})}
    member = shape.members[step]
    if step not in made:
        made[step] = _simple(member, step)
    made[step] = _with(member, made[step], rest)
    return made


def _simple(shape: Shape, name: str) -> Any:
    """Return a value for member *name* that the model allows."""
    found = candidates().get(shape.name) or candidates().get(name)
    kinds: dict[str, Any] = {"string": str, "integer": int, "long": int, "boolean": bool, "list": list, "map": dict}
    if found is not None and isinstance(found[0], kinds.get(shape.type_name, object)):
        return found[0]
    made: dict[str, Callable[[], Any]] = {
        "structure": lambda: {each: _simple(shape.members[each], each) for each in shape.required},
        "list": lambda: [_simple(shape.member, name)],
        "map": lambda: {_simple(shape.key, ""): _simple(shape.value, name)},
    }
    return made.get(shape.type_name, lambda: _scalar(shape))()


def _scalar(shape: Shape) -> Any:
    if shape.traits.get("enum"):
        return shape.traits["enum"][0]
    value = _SIMPLE[shape.type_name]
    least, most = shape.traits.get("min"), shape.traits.get("max")
    if least is None or most is None or not isinstance(value, (int, float)):
        return value
    return min(max(value, least), most)


_SIMPLE: Mapping[str, Any] = {
    "string": "abcdef",
    "integer": 60,
    "long": 60,
    "double": 0.5,
    "float": 0.5,
    "boolean": True,
    "blob": b"{}",
    "timestamp": datetime(2026, 1, 1, tzinfo=timezone.utc),
}


class Watched(dict[str, Any]):
    """Parameters that note which of them are looked at; *read* gets their paths."""

    def __init__(self, value: Mapping[str, Any], path: str, read: set[str]) -> None:
        self._before, self._read = f"{path}." if path else "", read
        super().__init__({name: watched(each, f"{self._before}{name}", read) for name, each in value.items()})

    def _note(self, name: object) -> None:
        self._read.add(f"{self._before}{name}")

    def _note_all(self) -> None:
        for name in list(super().keys()):
            self._note(name)

    def __iter__(self) -> Iterator[str]:
        self._note_all()
        return super().__iter__()

    def __getitem__(self, name: str) -> Any:
        self._note(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return super().get(name, default)

    def items(self) -> Any:
        self._note_all()
        return super().items()

    def keys(self) -> Any:
        self._note_all()
        return super().keys()

    def values(self) -> Any:
        self._note_all()
        return super().values()


def look_at_all(value: Any) -> None:
    """Look at all that is in *value*, an answer: a parameter that stands there as it was sent was not passed over."""
    if isinstance(value, Mapping):
        for each in value.values():
            look_at_all(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            look_at_all(each)


def watched(value: Any, path: str, read: set[str]) -> Any:
    """Return *value*, at *path* of the parameters, so that *read* gets what is looked at in it."""
    if isinstance(value, dict):
        return Watched(value, path, read)
    if isinstance(value, list):
        return [watched(each, f"{path}[]", read) for each in value]
    return value
