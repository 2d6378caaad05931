"""A world with one of everything in it, the same each time, and what requests may name there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from operator import attrgetter
from typing import Any

from lambda_states_mock.backend import Backend
from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.store import Table
from tests.deploying import ROLE, zip_of

SEED = 7
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
ACCOUNT = "123456789012"
LAMBDA = f"arn:aws:lambda:us-east-1:{ACCOUNT}"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
STREAM = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/orders"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders/stream/2026-01-01T00:00:00.000"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:orders"
PROFILE = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-profiles/orders/abcdefghij"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
SUBNETS, GROUPS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"], ["sg-0123456789abcdef0"]
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/orders:latest"
FUNCTIONS = ("orders", "mailer", "picture", "workflow", "managed", "sleeper", "young")
"""With versions and aliases; with settings; an image; durable; on a capacity provider; idle; still Pending."""

ZIP = zip_of()
OTHER_ZIP = zip_of("def handler(event, context):\n    return 2\n")
_USUAL = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Code": {"ZipFile": ZIP}}


@dataclass(frozen=True, slots=True)
class Known:
    """What the world gave names to: the same in each world, as all ids come from the seed."""

    mappings: tuple[str, ...]
    signing: tuple[str, ...]
    revisions: tuple[str, ...]
    markers: tuple[str, ...]
    providers: tuple[str, ...]
    executions: tuple[str, ...]
    callbacks: tuple[str, ...]
    tokens: tuple[str, ...]


def furnished() -> Backend:
    """Return a new world with one of everything."""
    backend = Backend(clock=VirtualClock(START), chance=Chance(SEED))
    furnish(backend)
    return backend


@cache
def known() -> Known:
    """Return what every furnished world has in it."""
    backend = Backend(clock=VirtualClock(START), chance=Chance(SEED))
    found = furnish(backend)
    backend.close()
    return found


def furnish(backend: Backend) -> Known:
    """Put one of everything into *backend*, which has nothing yet; return what got names."""
    call, clock = backend.call, backend.clock
    for name in FUNCTIONS:
        backend.handlers.add(name, returns={"handled": name})
    call("CreateFunction", {**_USUAL, "FunctionName": "sleeper"})
    clock.run_until_idle()
    backend.service.lifecycles.idle(backend.home, "sleeper")
    call("CreateFunction", {**_USUAL, "FunctionName": "orders", "Tags": {"team": "shop"}, "Publish": True})
    call(
        "CreateFunction",
        {"FunctionName": "picture", "PackageType": "Image", "Role": ROLE, "Code": {"ImageUri": IMAGE}},
    )
    layers = [call("PublishLayerVersion", {"LayerName": "tools", "Content": {"ZipFile": ZIP}}) for _ in range(2)]
    call(
        "CreateFunction",
        {**_USUAL, "FunctionName": "mailer", "VpcConfig": {"SubnetIds": SUBNETS, "SecurityGroupIds": GROUPS},
         "Layers": [layers[0]["LayerVersionArn"]], "Environment": {"Variables": {"COLOUR": "red"}}},
    )  # fmt: skip
    clock.run_until_idle()
    signing = [call("CreateCodeSigningConfig", {"AllowedPublishers": {"SigningProfileVersionArns": [PROFILE]}})]
    mappings = _hang_on_functions(backend)
    providers = _provide_capacity(backend)
    clock.run_until_idle()
    executions, callbacks, tokens = _begin_execution(backend)
    call("CreateFunction", {**_USUAL, "FunctionName": "young"})
    return Known(
        mappings=mappings,
        signing=tuple(each["CodeSigningConfig"]["CodeSigningConfigArn"] for each in signing),
        revisions=_revisions(backend),
        markers=tuple(call(name, {"MaxItems": 1})["NextMarker"] for name in ("ListFunctions",)),
        providers=providers,
        executions=executions,
        callbacks=callbacks,
        tokens=tokens,
    )


def _hang_on_functions(backend: Backend) -> tuple[str, ...]:
    call = backend.call
    orders = {"FunctionName": "orders"}
    call("UpdateFunctionCode", {**orders, "ZipFile": OTHER_ZIP})
    backend.clock.run_until_idle()
    call("PublishVersion", orders)
    backend.clock.run_until_idle()
    routing = {"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.5}}}
    call("CreateAlias", {**orders, "Name": "live", "FunctionVersion": "1", **routing})
    call("CreateAlias", {**orders, "Name": "blue", "FunctionVersion": "2"})
    for qualifier in ({}, {"Qualifier": "live"}):
        grant = {"StatementId": "s1", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"}
        call("AddPermission", {**orders, **qualifier, **grant})
        call("CreateFunctionUrlConfig", {**orders, **qualifier, "AuthType": "NONE"})
        call("PutFunctionEventInvokeConfig", {**orders, **qualifier, "MaximumRetryAttempts": 1})
    call("PutProvisionedConcurrencyConfig", {**orders, "Qualifier": "blue", "ProvisionedConcurrentExecutions": 2})
    call("PutFunctionConcurrency", {"FunctionName": "mailer", "ReservedConcurrentExecutions": 3})
    share = {"StatementId": "s1", "Action": "lambda:GetLayerVersion", "Principal": "*"}
    call("AddLayerVersionPermission", {"LayerName": "tools", "VersionNumber": 1, **share})
    sources: list[dict[str, Any]] = [
        {"EventSourceArn": QUEUE},
        {"EventSourceArn": STREAM, "StartingPosition": "LATEST", "Enabled": False},
    ]
    return tuple(call("CreateEventSourceMapping", {"FunctionName": "orders", **each})["UUID"] for each in sources)


def _provide_capacity(backend: Backend) -> tuple[str, ...]:
    network = {"SubnetIds": SUBNETS, "SecurityGroupIds": GROUPS}
    given = {"VpcConfig": network, "PermissionsConfig": {"CapacityProviderOperatorRoleArn": ROLE}}
    made = [
        backend.call("CreateCapacityProvider", {"CapacityProviderName": name, **given})["CapacityProvider"]
        for name in ("fleet", "spare")
    ]
    arns = tuple(provider["CapacityProviderArn"] for provider in made)
    backend.clock.run_until_idle()
    on_fleet = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": arns[0]}}
    managed = {"FunctionName": "managed", "CapacityProviderConfig": on_fleet, "MemorySize": 2048}
    backend.call("CreateFunction", {**_USUAL, **managed})
    backend.clock.run_until_idle()
    backend.call("PublishVersion", {"FunctionName": "managed"})
    return arns


def _begin_execution(backend: Backend) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Begin an execution that waits for a callback, one that is over and one that is paused.

    Return their ARNs, the callback's id and the last token of the first.
    """
    answers: list[Mapping[str, Any]] = []

    def wait_for_callback(event: dict[str, Any], _context: object) -> dict[str, str]:
        begun = {"Id": "asked", "Type": "CALLBACK", "Action": "START"}
        params = {name: event[name] for name in ("DurableExecutionArn", "CheckpointToken")}
        if len(event["InitialExecutionState"]["Operations"]) == 1:
            answers.append({**params, **backend.call("CheckpointDurableExecution", {**params, "Updates": [begun]})})
        return {"Status": "PENDING"}

    durable = {"DurableConfig": {"ExecutionTimeout": 600}}
    backend.call("CreateFunction", {**_USUAL, "FunctionName": "workflow", **durable})
    backend.clock.run_until_idle()
    backend.handlers.add("workflow", call=wait_for_callback, duration=2)  # under way still, so that the token is good
    named = {"FunctionName": "workflow", "Qualifier": "$LATEST", "InvocationType": "Event"}
    arns = [
        backend.call("Invoke", {**named, "DurableExecutionName": f"run-{number}"})["DurableExecutionArn"]
        for number in (1, 2, 3)
    ]
    backend.call("StopDurableExecution", {"DurableExecutionArn": arns[1]})
    backend.call("PauseDurableExecution", {"DurableExecutionArn": arns[2]})
    backend.clock.advance(1)
    answer = answers[0]
    operations = answer["NewExecutionState"]["Operations"]
    callbacks = (each["CallbackDetails"]["CallbackId"] for each in operations if "CallbackDetails" in each)
    return tuple(arns), tuple(callbacks), (answer["CheckpointToken"],)


def _revisions(backend: Backend) -> tuple[str, ...]:
    partition = backend.service.store.at(backend.home)
    records = [*partition.versions, *partition.aliases, *partition.policies, *partition.layer_policies]
    return tuple(dict.fromkeys(record.revision_id for record in records))


def picture_of(backend: Backend) -> dict[str, Any]:
    """Return all that a refused request must leave as it was, in a form of its own: records, lives, what is to come."""
    found: dict[str, Any] = {}
    for partition in backend.service.store:
        for name, table in vars(partition).items():
            if isinstance(table, Table) and len(table):
                keys = table._keys
                found[f"{partition.place} {name}"] = tuple((key, _frozen(table[key])) for key in keys), table.size
    lives, subjects = backend.service.lifecycles._lifecycles, backend.service.registry._machines
    found["lives"] = {key: (life.state.state, life.update and life.update.state) for key, life in lives.items()}
    found["subjects"] = {key: subject.state for key, subject in subjects.items()}
    found["to come"] = tuple((timer.due, timer.label) for timer in backend.clock.pending)
    found["now"] = backend.clock.now
    found["happened"] = len(backend.timeline), len(backend.service.records)
    return found


def _frozen(value: Any) -> Any:
    """Return *value* such that no later change of it shows."""
    kind: Any = type(value)
    return value if kind in _UNCHANGING else _way_to_freeze(kind)(value)


_UNCHANGING = frozenset({type(None), str, bytes, bool, int, float, datetime, timedelta})


def _frozen_items(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple([value if type(value) in _UNCHANGING else _frozen(value) for value in values])


@cache
def _way_to_freeze(kind: type) -> Callable[[Any], Any]:
    """Return what freezes a value of *kind*."""
    if is_dataclass(kind):
        names = [each.name for each in fields(kind)]
        if len(names) > 1:
            values_of = attrgetter(*names)  # quicker; of one name it would be no tuple
            return lambda value: _frozen_items(values_of(value))
        return lambda value: _frozen_items([getattr(value, name) for name in names])
    if issubclass(kind, Mapping):
        return lambda value: ((*value,), _frozen_items(value.values()))
    if issubclass(kind, Sequence | frozenset | set):
        return _frozen_items
    return repr


def as_text(picture: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return what differs between two pictures, for the reader of a failure."""
    return "\n".join(
        f"{name}:\n  before {picture.get(name)}\n  after  {other.get(name)}"
        for name in {**picture, **other}
        if picture.get(name) != other.get(name)
    )


def policy(*statements: Mapping[str, Any]) -> str:
    """Return a resource policy with *statements*."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
