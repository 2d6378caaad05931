"""Long lists: botocore's paginators get every item, and each once, whatever the size of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore import xform_name

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.api_model import lambda_model
from tests.budget import sized
from tests.deploying import ROLE, zip_of
from tests.kept_clients import kept_client

MANY = sized(201, 1_000)  # more than two pages of any list
NUMBERS = range(MANY)
ARN = "arn:aws:lambda:us-east-1:123456789012"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:"
ORDERS = {"FunctionName": "orders"}
WORK = {**ORDERS, "Qualifier": "$LATEST"}
PROFILES = {"SigningProfileVersionArns": ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/abcdefghij"]}
VPC = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
FLEET = {
    "CapacityProviderName": "fleet",
    "VpcConfig": VPC,
    "PermissionsConfig": {"CapacityProviderOperatorRoleArn": ROLE},
}


def create(m: LambdaMock, name: str = "orders", **params: Any) -> str:
    usual = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Code": {"ZipFile": zip_of()}}
    answer = m.backend.call("CreateFunction", {**usual, "FunctionName": name, **params})
    m.clock.advance(0)
    return str(answer["FunctionArn"])


def made(m: LambdaMock, operation: str, member: str, params: Callable[[int], dict[str, Any]]) -> list[Any]:
    """Call *operation* many times and return the *member* of each answer."""
    answers = [m.backend.call(operation, params(number)) for number in NUMBERS]
    return [answer[member] for answer in answers]


def functions(m: LambdaMock) -> list[Any]:
    return [create(m, f"f{number}") for number in NUMBERS]


def versions(m: LambdaMock, **params: Any) -> list[Any]:
    create(m, **params)
    published = []
    for number in NUMBERS:
        m.backend.call("UpdateFunctionConfiguration", {**ORDERS, "Description": str(number)})
        published.append(m.backend.call("PublishVersion", ORDERS)["FunctionArn"])
    return published


def versions_with_latest(m: LambdaMock) -> list[Any]:
    return [*versions(m), f"{ARN}:function:orders:$LATEST"]


def aliases(m: LambdaMock) -> list[Any]:
    create(m)
    return made(
        m, "CreateAlias", "AliasArn", lambda number: {**ORDERS, "Name": f"a{number}", "FunctionVersion": "$LATEST"}
    )


def of_aliases(operation: str, params: dict[str, Any]) -> Callable[[LambdaMock], list[Any]]:
    """Return a maker of aliases that each have what *operation* gives them."""

    def make(m: LambdaMock) -> list[Any]:
        aliases(m)
        return made(m, operation, "FunctionArn", lambda number: {**ORDERS, "Qualifier": f"a{number}", **params})

    return make


def provisioned(m: LambdaMock) -> list[Any]:
    m.backend.limits.concurrent_executions = 2 * MANY
    m.timings["provision"] = 3600  # that many environments take a while to make, and are not what is listed
    arns = versions(m)
    for number in NUMBERS:
        qualified = {**ORDERS, "Qualifier": str(number + 1)}
        m.backend.call("PutProvisionedConcurrencyConfig", {**qualified, "ProvisionedConcurrentExecutions": 1})
    return arns


def mappings(m: LambdaMock) -> list[Any]:
    create(m)
    return made(m, "CreateEventSourceMapping", "UUID", lambda number: {**ORDERS, "EventSourceArn": f"{QUEUE}q{number}"})


def layers(m: LambdaMock) -> list[Any]:
    return made(
        m,
        "PublishLayerVersion",
        "LayerArn",
        lambda number: {"LayerName": f"l{number}", "Content": {"ZipFile": zip_of()}},
    )


def layer_versions(m: LambdaMock) -> list[Any]:
    return made(m, "PublishLayerVersion", "Version", lambda _: {"LayerName": "tools", "Content": {"ZipFile": zip_of()}})


def signings(m: LambdaMock) -> list[Any]:
    configs = made(m, "CreateCodeSigningConfig", "CodeSigningConfig", lambda _: {"AllowedPublishers": PROFILES})
    return [config["CodeSigningConfigArn"] for config in configs]


def signed(m: LambdaMock) -> list[Any]:
    config = signing(m)
    arns = functions(m)
    for arn in arns:
        m.backend.call("PutFunctionCodeSigningConfig", {"FunctionName": arn, **config})
    return arns


def signing(m: LambdaMock) -> dict[str, Any]:
    """Return the parameters that name the one code signing configuration, which is made where there is none."""
    found = m.backend.call("ListCodeSigningConfigs", {})["CodeSigningConfigs"]
    if not found:
        found = [m.backend.call("CreateCodeSigningConfig", {"AllowedPublishers": PROFILES})["CodeSigningConfig"]]
    return {"CodeSigningConfigArn": found[0]["CodeSigningConfigArn"]}


def providers(m: LambdaMock) -> list[Any]:
    each = made(m, "CreateCapacityProvider", "CapacityProvider", lambda n: {**FLEET, "CapacityProviderName": f"p{n}"})
    return [provider["CapacityProviderArn"] for provider in each]


def capacity_users(m: LambdaMock) -> list[Any]:
    m.backend.limits.versions_per_capacity_provider = MANY
    fleet = m.backend.call("CreateCapacityProvider", FLEET)["CapacityProvider"]["CapacityProviderArn"]
    m.clock.run_until_idle()
    managed = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": fleet}}
    return versions(m, CapacityProviderConfig=managed, MemorySize=2048)


def executions(m: LambdaMock) -> list[Any]:
    create(m, DurableConfig={"ExecutionTimeout": 600})
    m.handler("orders", returns={"Status": "SUCCEEDED", "Result": "1"})
    return made(m, "Invoke", "DurableExecutionArn", lambda number: {**WORK, "DurableExecutionName": f"e{number}"})


@dataclass(frozen=True)
class Listing:
    """How to fill a list with many items.

    Parameters: *fill*, makes them and returns what tells them apart; *member*, of an item, that tells it apart (an item
    that is no structure tells itself apart); *params*, of the list.
    """

    fill: Callable[[LambdaMock], list[Any]]
    member: str | None
    params: Callable[[LambdaMock], dict[str, Any]] = lambda _: {}


def of_orders(_mock: LambdaMock) -> dict[str, Any]:
    return ORDERS


def of_fleet(_mock: LambdaMock) -> dict[str, Any]:
    return {"CapacityProviderName": "fleet"}


urls = of_aliases("CreateFunctionUrlConfig", {"AuthType": "NONE"})
retries = of_aliases("PutFunctionEventInvokeConfig", {"MaximumRetryAttempts": 1})
LISTINGS = {
    "ListAliases": Listing(aliases, "AliasArn", of_orders),
    "ListCapacityProviders": Listing(providers, "CapacityProviderArn"),
    "ListCodeSigningConfigs": Listing(signings, "CodeSigningConfigArn"),
    "ListDurableExecutionsByFunction": Listing(executions, "DurableExecutionArn", lambda _: WORK),
    "ListEventSourceMappings": Listing(mappings, "UUID"),
    "ListFunctionEventInvokeConfigs": Listing(retries, "FunctionArn", of_orders),
    "ListFunctionUrlConfigs": Listing(urls, "FunctionArn", of_orders),
    "ListFunctionVersionsByCapacityProvider": Listing(capacity_users, "FunctionArn", of_fleet),
    "ListFunctions": Listing(functions, "FunctionArn"),
    "ListFunctionsByCodeSigningConfig": Listing(signed, None, signing),
    "ListLayerVersions": Listing(layer_versions, "Version", lambda _: {"LayerName": "tools"}),
    "ListLayers": Listing(layers, "LayerArn"),
    "ListProvisionedConcurrencyConfigs": Listing(provisioned, "FunctionArn", of_orders),
    "ListVersionsByFunction": Listing(versions_with_latest, "FunctionArn", of_orders),
}
OF_AN_EXECUTION = {
    "GetDurableExecutionHistory": ("Events", "EventId"),
    "GetDurableExecutionState": ("Operations", "Id"),
}


@pytest.fixture
def mock() -> Iterator[LambdaMock]:
    with mock_lambda(timings="instant", seed=1) as m:
        yield m


@pytest.fixture
def client(mock: LambdaMock) -> Any:
    return kept_client()


def items(client: Any, operation: str, params: dict[str, Any], size: int | None = None) -> list[Any]:
    """Return all items as botocore's paginator gives them, in pages of *size*; None: of the usual one."""
    pages = client.get_paginator(xform_name(operation)).paginate(**params, PaginationConfig={"PageSize": size})
    found: list[Any] = pages.build_full_result()[pages.result_keys[0].expression]
    return found


def test_every_list_of_the_model_that_has_pages_is_tested_here() -> None:
    model = lambda_model()
    with_pages = {name for name in model.operation_names if "Marker" in model.operation(name).input_shape.members}
    assert with_pages == {*LISTINGS, *OF_AN_EXECUTION}


@pytest.mark.parametrize("operation", LISTINGS)
def test_many_items_are_all_listed_and_each_once(mock: LambdaMock, client: Any, operation: str) -> None:
    listing = LISTINGS[operation]
    expected = listing.fill(mock)

    usual = items(client, operation, listing.params(mock))
    found = [item if listing.member is None else item[listing.member] for item in usual]

    assert len(found) == len(set(found)) == len(expected)
    assert set(found) == set(expected)
    assert items(client, operation, listing.params(mock), size=37) == usual


@pytest.mark.needs("botocore>=1.42.1")
@pytest.mark.parametrize("operation", OF_AN_EXECUTION)
def test_many_steps_of_an_execution_are_all_listed_and_each_once(mock: LambdaMock, client: Any, operation: str) -> None:
    member, key = OF_AN_EXECUTION[operation]
    pages: list[list[Any]] = []

    def look(named: dict[str, Any]) -> None:
        params = (
            named if operation == "GetDurableExecutionState" else {"DurableExecutionArn": named["DurableExecutionArn"]}
        )
        pages.extend(items(client, operation, params, size) for size in (None, 37))

    long_execution(mock, look)
    usual, small = pages
    found = [item[key] for item in usual]

    assert len(found) == len(set(found)) >= MANY, member
    assert small == usual


def long_execution(mock: LambdaMock, look: Callable[[dict[str, Any]], None]) -> None:
    """Run an execution that makes many steps; *look* is called with what names it and its last checkpoint.

    A token serves only as long as the invocation to which it belongs.
    """
    create(mock, DurableConfig={"ExecutionTimeout": 600})

    def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
        named = {"DurableExecutionArn": event["DurableExecutionArn"]}
        steps = [{"Id": f"s{number}", "Type": "STEP", "Action": "SUCCEED", "Payload": "1"} for number in NUMBERS]
        nap = {"Id": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 60}}
        params = {**named, "CheckpointToken": event["CheckpointToken"], "Updates": [*steps, nap]}
        answer = mock.backend.call("CheckpointDurableExecution", params)
        look({**named, "CheckpointToken": answer["CheckpointToken"]})
        return {"Status": "PENDING"}

    mock.handler("orders", call=handler)
    mock.backend.call("Invoke", {**WORK, "InvocationType": "Event"})
    mock.clock.advance(0)
