"""A runtime of the customer's own, accelerators, and the version of a runtime that a function is bound to."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from lambda_states_mock import LambdaMock
from lambda_states_mock.resources.accelerators import is_compatible
from tests.deploying import ROLE, create, error_of, refused
from tests.newest_client import newest_client

INVALID = "InvalidParameterValueException"
MINE = {"RuntimeArn": "arn:aws:lambda:us-east-1:123456789012:runtime/mine", "RuntimeAlias": "live"}
NETWORK = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
NAMED = {"FunctionName": "orders"}
ON_ONE = {**NAMED, "Qualifier": "1"}


@pytest.fixture
def client(mock: LambdaMock) -> Any:
    """A client that knows the newest members, and does not try again."""
    return newest_client(Config(retries={"total_max_attempts": 1}))


def fleet(mock: LambdaMock, client: Any, **requirements: Any) -> dict[str, Any]:
    """Create a capacity provider with *requirements*; return what makes a function one on it."""
    permissions = {"CapacityProviderOperatorRoleArn": ROLE}
    made = client.create_capacity_provider(
        CapacityProviderName="fleet",
        VpcConfig=NETWORK,
        PermissionsConfig=permissions,
        InstanceRequirements=requirements,
    )["CapacityProvider"]
    mock.clock.run_until_idle()
    on_fleet = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": made["CapacityProviderArn"]}}
    return {"CapacityProviderConfig": on_fleet, "MemorySize": 2048}


@pytest.mark.parametrize("runtime", [{}, {"Runtime": "custom"}], ids=["unnamed", "custom"])
def test_a_function_has_a_runtime_of_its_own(mock: LambdaMock, client: Any, runtime: dict[str, str]) -> None:
    params: dict[str, Any] = {"RuntimeConfig": MINE, "Runtime": None, **runtime}
    made = create(client, **params)
    mock.handler("orders", returns="done")
    mock.clock.run_until_idle()

    assert (made["Runtime"], made["RuntimeConfig"]) == ("custom", MINE)
    for found in (client.get_function_configuration(**NAMED), client.list_functions()["Functions"][0]):
        assert (found["Runtime"], found["RuntimeConfig"]) == ("custom", MINE)
    assert client.invoke(**NAMED)["Payload"].read() == b'"done"'


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (
            {"RuntimeConfig": MINE, "Runtime": "python3.13"},
            "Runtime python3.13 cannot be specified together with RuntimeConfig.",
        ),
        ({"Runtime": "custom"}, "RuntimeConfig is required for the runtime custom."),
        (
            {
                "RuntimeConfig": MINE,
                "PackageType": "Image",
                "Runtime": None,
                "Handler": None,
                "Code": {"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1"},
            },
            "RuntimeConfig is not supported for functions with PackageType Image.",
        ),
        (
            {"AcceleratorConfig": {"AcceleratorMemorySize": 16}},
            "AcceleratorConfig is supported for functions on a capacity provider only.",
        ),
    ],
    ids=["another runtime", "nothing named", "an image", "no provider"],
)
def test_parts_that_do_not_go_together_are_refused(client: Any, params: dict[str, Any], text: str) -> None:
    assert error_of(create, client=client, **params) == (400, INVALID, text)


def test_a_runtime_of_aws_takes_the_place_of_ones_own_and_the_other_way_round(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.clock.run_until_idle()
    assert client.update_function_configuration(**NAMED, RuntimeConfig=MINE)["Runtime"] == "custom"
    mock.clock.run_until_idle()

    changed = client.update_function_configuration(**NAMED, Runtime="python3.12")

    assert (changed["Runtime"], "RuntimeConfig" in changed) == ("python3.12", False)
    mock.clock.run_until_idle()
    assert error_of(client.update_function_configuration, **NAMED, Runtime="custom")[1] == INVALID


@pytest.mark.parametrize("name", ["live", f"{MINE['RuntimeArn']}:live"])
def test_a_runtime_whose_alias_is_deleted_runs_nothing_any_more(mock: LambdaMock, client: Any, name: str) -> None:
    create(client, RuntimeConfig=MINE, Runtime=None)
    create(client, "prices", RuntimeConfig={**MINE, "RuntimeAlias": "next"}, Runtime=None)
    for each in ("orders", "prices"):
        mock.handler(each, returns="done")
    mock.clock.run_until_idle()
    mock.world.runtime_aliases[name].delete()

    assert error_of(client.invoke, **NAMED) == (
        409,
        "RuntimeAliasDeletedException",
        "The runtime alias for your function is no longer available. "
        "Update your function to use an available runtime alias.",
    )
    assert client.invoke(FunctionName="prices")["StatusCode"] == 200
    client.update_function_configuration(**NAMED, Timeout=9)
    mock.clock.run_until_idle()
    assert mock.function("orders").last_update_status_reason_code == "InvalidRuntime"
    client.update_function_configuration(**NAMED, Runtime="python3.13")
    mock.clock.run_until_idle()
    assert client.invoke(**NAMED)["StatusCode"] == 200


@pytest.mark.parametrize(
    ("told", "answer"),
    [("delete", (409, "RuntimeVersionDeletedException")), ("withdraw", (502, "InvalidRuntimeException"))],
)
def test_only_functions_that_are_bound_to_a_runtime_version_miss_it(
    mock: LambdaMock, client: Any, told: str, answer: tuple[int, str]
) -> None:
    for name in ("orders", "prices"):
        create(client, name)
        mock.handler(name, returns="done")
    mock.clock.run_until_idle()
    arn = client.get_function_configuration(**NAMED)["RuntimeVersionConfig"]["RuntimeVersionArn"]
    client.put_runtime_management_config(**NAMED, UpdateRuntimeOn="Manual", RuntimeVersionArn=arn)
    getattr(mock.world.runtime_versions[arn], told)()

    assert error_of(client.invoke, **NAMED)[:2] == answer
    assert client.invoke(FunctionName="prices")["StatusCode"] == 200
    client.put_runtime_management_config(**NAMED, UpdateRuntimeOn="Auto")
    assert client.invoke(**NAMED)["StatusCode"] == 200


def test_a_function_shows_its_accelerators(mock: LambdaMock, client: Any) -> None:
    made = create(
        client,
        **fleet(mock, client, AllowedInstanceTypes=["g6.*"]),
        AcceleratorConfig={"AcceleratorMemorySize": 16},
        EphemeralStorage={"Size": 32_768},
    )
    mock.clock.run_until_idle()
    assert made["AcceleratorConfig"] == {"AcceleratorMemorySize": 16}

    changed = client.update_function_configuration(**NAMED, AcceleratorConfig={"AcceleratorMemorySize": 24})

    assert changed["AcceleratorConfig"] == {"AcceleratorMemorySize": 24}
    mock.clock.run_until_idle()
    client.publish_version(**NAMED)
    mock.clock.run_until_idle()
    found = client.get_function_configuration(**ON_ONE)
    assert (found["State"], found["AcceleratorConfig"]) == ("Active", {"AcceleratorMemorySize": 24})


def test_only_accelerators_come_with_that_much_storage(mock: LambdaMock, client: Any) -> None:
    on_fleet = fleet(mock, client)

    assert error_of(create, client=client, **on_fleet, EphemeralStorage={"Size": 10_241})[1] == INVALID


def test_an_accelerator_has_memory(mock: LambdaMock, client: Any) -> None:
    accelerator = {"AcceleratorConfig": {"AcceleratorMemorySize": 0}}

    assert error_of(create, client=client, **fleet(mock, client), **accelerator) == (
        400,
        INVALID,
        "'AcceleratorMemorySize' value failed to satisfy constraint: Member must have value greater than or equal to 1",
    )


def test_a_version_fails_where_the_provider_has_no_such_accelerators(mock: LambdaMock, client: Any) -> None:
    on_fleet = fleet(mock, client, AllowedInstanceTypes=["m7g.large"])
    create(client, **on_fleet, AcceleratorConfig={"AcceleratorMemorySize": 16})
    mock.clock.run_until_idle()
    client.publish_version(**NAMED)
    mock.clock.run_until_idle()

    found = client.get_function_configuration(**ON_ONE)

    assert (found["State"], found["StateReasonCode"]) == ("Failed", "IncompatibleAcceleratorInstanceTypes")
    assert refused(client.invoke, **ON_ONE)["Error"]["Code"] == "ResourceConflictException"


@pytest.mark.parametrize(
    ("least", "requirements", "compatible"),
    [
        (16, {}, True),
        (268, {}, True),
        (269, {}, False),
        (24, {"AllowedInstanceTypes": ["g6.xlarge"]}, True),
        (25, {"AllowedInstanceTypes": ["g6.xlarge"]}, False),
        (48, {"AllowedInstanceTypes": ["c7i.large", "g6e.*"]}, True),
        (24, {"AllowedInstanceTypes": ["g*"]}, True),
        (1, {"AllowedInstanceTypes": ["m7g.large"]}, False),
        (141, {"ExcludedInstanceTypes": ["p6-b200.*", "p6-b300.*"]}, True),
        (142, {"ExcludedInstanceTypes": ["p6*"]}, False),
        (268, {"ExcludedInstanceTypes": ["p6-b300.48xlarge"]}, True),
    ],
)
def test_a_device_has_to_have_the_memory(least: int, requirements: dict[str, Any], compatible: bool) -> None:
    assert is_compatible({"AcceleratorMemorySize": least}, requirements) is compatible
