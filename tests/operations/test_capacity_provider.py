"""Capacity providers, and how versions scale on them (function-states, section 7.4; api-validation, section 16)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, ROLE, answering, create, error_of, zip_of

INVALID = "InvalidParameterValueException"
CONFLICT = "ResourceConflictException"
NOT_FOUND = "ResourceNotFoundException"
FLEET = "arn:aws:lambda:us-east-1:123456789012:capacity-provider:fleet"
MANAGED = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": FLEET}}
LATEST_PUBLISHED = "$LATEST.PUBLISHED"
VPC = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}


def provide(client: Any, name: str = "fleet", **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.create_capacity_provider(
        CapacityProviderName=name,
        VpcConfig=VPC,
        PermissionsConfig={"CapacityProviderOperatorRoleArn": ROLE},
        **params,
    )
    return answer


@pytest.fixture
def fleet(mock: LambdaMock, client: Any) -> None:
    """The capacity provider ``fleet``, Active."""
    provide(client)
    mock.clock.run_until_idle()


@pytest.fixture
def managed(mock: LambdaMock, client: Any, fleet: None) -> None:
    """The function ``orders`` on ``fleet``, with version 1, all Active."""
    create(client, CapacityProviderConfig=MANAGED, MemorySize=2048)
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    mock.clock.run_until_idle()


def test_a_provider_is_pending_first_and_active_later(mock: LambdaMock, client: Any) -> None:
    answer = provide(client)
    mock.clock.run_until_idle()

    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["CapacityProvider"]["State"]) == (202, "Pending")
    assert client.get_capacity_provider(CapacityProviderName="fleet")["CapacityProvider"]["State"] == "Active"


def test_a_provider_answers_with_its_defaults(client: Any) -> None:
    assert provide(client)["CapacityProvider"] == {
        "CapacityProviderArn": FLEET,
        "State": "Pending",
        "VpcConfig": VPC,
        "PermissionsConfig": {"CapacityProviderOperatorRoleArn": ROLE},
        "InstanceRequirements": {"Architectures": ["x86_64"]},
        "CapacityProviderScalingConfig": {"MaxVCpuCount": 400, "ScalingMode": "Auto"},
        "LastModified": "2026-01-01T00:00:00.000+0000",
    }


def test_a_provider_that_cannot_be_made_fails(mock: LambdaMock, client: Any) -> None:
    mock.faults.on_phase("provider_create").fail("InsufficientCapacity")
    provide(client)
    mock.clock.run_until_idle()

    assert client.get_capacity_provider(CapacityProviderName="fleet")["CapacityProvider"]["State"] == "Failed"


@pytest.mark.usefixtures("fleet")
def test_a_name_is_taken_once(client: Any) -> None:
    answer = error_of(lambda: provide(client))

    assert answer == (409, CONFLICT, "Capacity provider already exists: fleet")


def test_what_a_provider_refers_to_is_looked_at_before_its_name(client: Any) -> None:
    provide(client)
    types = {"AllowedInstanceTypes": ["m7g.large"], "ExcludedInstanceTypes": ["m7g.xlarge"]}

    assert error_of(provide, client=client, InstanceRequirements=types)[1] == INVALID
    assert error_of(provide, client=client, Tags={f"key-{number}": "" for number in range(51)})[1] == INVALID


def test_an_account_has_a_limit_of_providers(mock: LambdaMock, client: Any) -> None:
    mock.backend.limits.capacity_providers = 1
    provide(client)

    assert error_of(lambda: provide(client, "other"))[:2] == (400, "CapacityProviderLimitExceededException")


def test_instance_types_are_allowed_or_excluded_but_not_both(client: Any) -> None:
    types = {"AllowedInstanceTypes": ["m7i.large"], "ExcludedInstanceTypes": ["m7i.xlarge"]}

    assert error_of(lambda: provide(client, InstanceRequirements=types))[:2] == (400, INVALID)


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize("name", ["fleet", FLEET])
def test_an_update_changes_what_is_sent(client: Any, name: str) -> None:
    answer = client.update_capacity_provider(
        CapacityProviderName=name, CapacityProviderScalingConfig={"MaxVCpuCount": 10}
    )

    scaling = answer["CapacityProvider"]["CapacityProviderScalingConfig"]
    assert (scaling, answer["CapacityProvider"]["State"]) == ({"MaxVCpuCount": 10, "ScalingMode": "Auto"}, "Active")


def test_a_pending_provider_cannot_be_updated_or_used(client: Any) -> None:
    provide(client)

    assert error_of(client.update_capacity_provider, CapacityProviderName="fleet")[:2] == (409, CONFLICT)
    assert error_of(create, client=client, CapacityProviderConfig=MANAGED)[:2] == (409, CONFLICT)


@pytest.mark.usefixtures("fleet")
def test_a_deleted_provider_is_deleting_and_then_gone(mock: LambdaMock, client: Any) -> None:
    answer = client.delete_capacity_provider(CapacityProviderName="fleet")
    during = client.get_capacity_provider(CapacityProviderName="fleet")["CapacityProvider"]["State"]
    mock.clock.run_until_idle()

    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["CapacityProvider"]["State"]) == (202, "Deleting")
    assert during == "Deleting"
    assert error_of(client.get_capacity_provider, CapacityProviderName="fleet") == (
        404,
        NOT_FOUND,
        f"Capacity provider not found: {FLEET}",
    )


@pytest.mark.usefixtures("managed")
def test_a_provider_in_use_cannot_be_deleted(client: Any) -> None:
    assert error_of(client.delete_capacity_provider, CapacityProviderName="fleet")[:2] == (409, CONFLICT)


def test_a_function_cannot_use_a_provider_that_is_not_there(client: Any) -> None:
    answer = error_of(create, client=client, CapacityProviderConfig=MANAGED)

    assert answer == (404, NOT_FOUND, f"Capacity provider not found: {FLEET}")


def test_the_arn_of_another_region_is_none_of_a_provider_here(client: Any, fleet: None) -> None:
    elsewhere = FLEET.replace("us-east-1", "eu-west-1")
    missing = (404, NOT_FOUND, f"Capacity provider not found: {elsewhere}")
    config = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": elsewhere}}

    assert error_of(client.get_capacity_provider, CapacityProviderName=elsewhere) == missing
    assert error_of(client.delete_capacity_provider, CapacityProviderName=elsewhere) == missing
    assert error_of(create, client=client, CapacityProviderConfig=config, MemorySize=2048) == missing
    assert client.get_capacity_provider(CapacityProviderName=FLEET)["CapacityProvider"]["State"] == "Active"


def test_the_arn_of_another_account_is_refused(client: Any, fleet: None) -> None:
    theirs = FLEET.replace("123456789012", "210987654321")

    status, code, message = error_of(client.get_capacity_provider, CapacityProviderName=theirs)

    assert (status, code) == (403, "AccessDeniedException")
    assert f"is not authorized to perform: lambda:GetCapacityProvider on resource: {theirs} " in message


def test_a_function_on_a_provider_has_two_gigabytes_or_more(mock: LambdaMock, client: Any, fleet: None) -> None:
    message = "'MemorySize' value failed to satisfy constraint: Member must have value greater than or equal to 2048"
    refusal = error_of(create, client=client, CapacityProviderConfig=MANAGED, MemorySize=2_047)
    assert refusal == (400, INVALID, message)
    assert create(client, CapacityProviderConfig=MANAGED)["MemorySize"] == 2_048
    assert create(client, "large", CapacityProviderConfig=MANAGED, MemorySize=32_768)["MemorySize"] == 32_768
    mock.clock.run_until_idle()
    assert error_of(client.update_function_configuration, FunctionName="orders", MemorySize=1_024)[2] == message


def test_providers_are_listed_by_state_and_page_through(mock: LambdaMock, client: Any) -> None:
    for name in ("a", "b", "c"):
        provide(client, name)
    mock.clock.run_until_idle()
    provide(client, "d")

    paginator = client.get_paginator("list_capacity_providers")
    pages = list(paginator.paginate(State="Active", PaginationConfig={"PageSize": 2}))

    names = [[one["CapacityProviderArn"][-1] for one in page["CapacityProviders"]] for page in pages]
    assert names == [["a", "b"], ["c"]]


@pytest.mark.usefixtures("fleet")
def test_a_version_is_pending_until_its_instances_run(mock: LambdaMock, client: Any) -> None:
    create(client, CapacityProviderConfig=MANAGED)
    mock.clock.run_until_idle()

    published = client.publish_version(FunctionName="orders")
    during = client.list_function_versions_by_capacity_provider(CapacityProviderName="fleet")
    mock.clock.run_until_idle()

    assert (published["State"], published["CapacityProviderConfig"]) == ("Pending", MANAGED)
    assert during["FunctionVersions"] == [{"FunctionArn": f"{ARN}orders:1", "State": "Pending"}]
    assert client.get_function_configuration(FunctionName="orders:1")["State"] == "Active"


@pytest.mark.usefixtures("managed")
def test_a_provider_has_a_limit_of_versions(mock: LambdaMock, client: Any) -> None:
    mock.backend.limits.versions_per_capacity_provider = 1

    answer = error_of(create, client=client, name="refunds", CapacityProviderConfig=MANAGED)

    assert answer[:2] == (400, "FunctionVersionsPerCapacityProviderLimitExceededException")


ON_ONE = {"FunctionName": "orders", "Qualifier": "1"}


def scale(client: Any, least: int | None = None, most: int | None = None) -> str:
    wanted = {"MinExecutionEnvironments": least, "MaxExecutionEnvironments": most}
    config = {member: value for member, value in wanted.items() if value is not None}
    return str(client.put_function_scaling_config(FunctionScalingConfig=config, **ON_ONE)["FunctionState"])


@pytest.mark.usefixtures("managed")
def test_a_function_is_published_without_a_number_too(mock: LambdaMock, client: Any) -> None:
    answer = client.publish_version(FunctionName="orders", PublishTo="LATEST_PUBLISHED")
    assert (answer["Version"], answer["State"]) == (LATEST_PUBLISHED, "Pending")
    assert answer["FunctionArn"] == f"{ARN}orders:{LATEST_PUBLISHED}"

    waiter = client.get_waiter("published_version_active")
    waiter.wait(FunctionName="orders", Qualifier=LATEST_PUBLISHED)
    mock.handler("orders", returns="ok")
    assert client.invoke(FunctionName="orders", Qualifier=LATEST_PUBLISHED)["ExecutedVersion"] == LATEST_PUBLISHED
    listed = client.list_versions_by_function(FunctionName="orders")["Versions"]
    assert [one["Version"] for one in listed] == ["$LATEST", LATEST_PUBLISHED, "1"]


def run(client: Any) -> Any:
    return json.loads(client.invoke(FunctionName="orders", Qualifier=LATEST_PUBLISHED)["Payload"].read())


@pytest.mark.usefixtures("managed")
def test_what_is_published_without_a_number_is_replaced_by_what_is_new(mock: LambdaMock, client: Any) -> None:
    client.publish_version(FunctionName="orders", PublishTo="LATEST_PUBLISHED")
    mock.clock.run_until_idle()
    assert run(client) == {}
    again = client.publish_version(FunctionName="orders", PublishTo="LATEST_PUBLISHED")
    assert again["State"] == "Active"  # nothing has changed

    update = {"FunctionName": "orders", "ZipFile": answering("new"), "Publish": True}
    answer = client.update_function_code(**update, PublishTo="LATEST_PUBLISHED")
    assert (answer["Version"], answer["State"]) == (LATEST_PUBLISHED, "Pending")
    assert answer["CodeSha256"] != again["CodeSha256"]
    mock.clock.run_until_idle()
    assert mock.function("orders").version(LATEST_PUBLISHED).state == "Active"
    assert run(client) == "new"
    assert client.publish_version(FunctionName="orders")["Version"] == "2"


def test_a_creation_can_publish_without_a_number(mock: LambdaMock, client: Any, fleet: None) -> None:
    answer = create(client, CapacityProviderConfig=MANAGED, Publish=True, PublishTo="LATEST_PUBLISHED")
    assert answer["Version"] == LATEST_PUBLISHED
    mock.clock.run_until_idle()
    assert client.publish_version(FunctionName="orders")["Version"] == "1"
    client.delete_function(FunctionName="orders", Qualifier=LATEST_PUBLISHED)
    mock.clock.run_until_idle()
    assert mock.function("orders").versions == ["1"]


def test_only_on_a_provider_something_is_published_without_a_number(mock: LambdaMock, client: Any) -> None:
    params = {"Publish": True, "PublishTo": "LATEST_PUBLISHED"}
    assert error_of(create, client=client, **params)[:2] == (400, INVALID)
    create(client)
    mock.clock.run_until_idle()
    published = error_of(client.publish_version, FunctionName="orders", PublishTo="LATEST_PUBLISHED")
    updated = error_of(client.update_function_code, FunctionName="orders", ZipFile=zip_of(), **params)
    assert published[:2] == updated[:2] == (400, INVALID)
    assert mock.function("orders").last_update_status == "Successful"


@pytest.mark.usefixtures("managed")
def test_three_environments_are_the_default(client: Any) -> None:
    answer = client.get_function_scaling_config(**ON_ONE)
    answer.pop("ResponseMetadata")

    assert answer == {
        "FunctionArn": f"{ARN}orders:1",
        "AppliedFunctionScalingConfig": {"MinExecutionEnvironments": 3},
    }


@pytest.mark.usefixtures("managed")
def test_what_is_requested_is_applied_later(mock: LambdaMock, client: Any) -> None:
    state = scale(client, 5, 9)
    during = client.get_function_scaling_config(**ON_ONE)
    mock.clock.run_until_idle()
    after = client.get_function_scaling_config(**ON_ONE)

    wanted = {"MinExecutionEnvironments": 5, "MaxExecutionEnvironments": 9}
    assert state == "Active"
    assert during["RequestedFunctionScalingConfig"] == wanted == after["AppliedFunctionScalingConfig"]
    assert during["AppliedFunctionScalingConfig"] == {"MinExecutionEnvironments": 3}


@pytest.mark.usefixtures("managed")
def test_no_environments_deactivate_a_version_until_it_is_scaled_again(mock: LambdaMock, client: Any) -> None:
    def state() -> str:
        return str(client.get_function_configuration(FunctionName="orders:1")["State"])

    states = [scale(client, 0, 0), state()]
    mock.clock.run_until_idle()
    states.append(state())
    states.append(scale(client, 1))
    mock.clock.run_until_idle()
    states.append(state())

    assert states == ["Deactivating", "Deactivating", "Deactivated", "Pending", "Active"]


@pytest.mark.usefixtures("managed")
def test_a_deactivated_version_cannot_be_invoked(mock: LambdaMock, client: Any) -> None:
    scale(client, 0, 0)
    mock.clock.run_until_idle()

    assert error_of(client.invoke, **ON_ONE) == (
        409,
        CONFLICT,
        (
            "The operation cannot be performed at this time. "
            "The function is currently in the following state: Deactivated"
        ),
    )


@pytest.mark.usefixtures("managed")
@pytest.mark.parametrize(("least", "most"), [(0, 5), (0, None), (6, 5)])
def test_a_range_that_is_none_is_refused(client: Any, least: int, most: int | None) -> None:
    assert error_of(lambda: scale(client, least, most))[:2] == (400, INVALID)
    client.delete_function(FunctionName="orders")
    assert error_of(lambda: scale(client, least, most))[:2] == (400, INVALID)  # before that it is not there


def test_a_version_on_no_provider_does_not_scale(mock: LambdaMock, client: Any) -> None:
    create(client, Publish=True)
    mock.clock.run_until_idle()

    assert error_of(client.get_function_scaling_config, **ON_ONE)[:2] == (400, INVALID)


@pytest.mark.usefixtures("fleet")
def test_an_unknown_version_is_not_found(client: Any) -> None:
    answer = error_of(client.get_function_scaling_config, **ON_ONE)

    assert answer == (404, NOT_FOUND, f"Function not found: {ARN}orders:1")


@pytest.mark.usefixtures("fleet")
def test_a_function_on_a_provider_cannot_isolate_its_tenants(client: Any) -> None:
    tenancy = {"TenantIsolationMode": "PER_TENANT"}
    assert error_of(create, client=client, CapacityProviderConfig=MANAGED, MemorySize=2048, TenancyConfig=tenancy) == (
        400,
        INVALID,
        "CapacityProviderConfig is not supported for functions that are enabled with tenancy configuration.",
    )
