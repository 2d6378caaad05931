"""Tags of functions, event source mappings, code signing configurations and capacity providers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, ROLE, create, error_of

INVALID = "InvalidParameterValueException"
NOT_FOUND = "ResourceNotFoundException"
PLACE = "arn:aws:lambda:us-east-1:123456789012"
PROFILE = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/mine/1234567890"
UUID = "e0d0ca85-053e-4e3b-a93d-49a2bfabd66a"


def function(client: Any, tags: dict[str, str]) -> str:
    return str(create(client, Tags=tags)["FunctionArn"])


def mapping(client: Any, tags: dict[str, str]) -> str:
    create(client)
    queue = "arn:aws:sqs:us-east-1:123456789012:jobs"
    answer = client.create_event_source_mapping(FunctionName="orders", EventSourceArn=queue, Tags=tags)
    return str(answer["EventSourceMappingArn"])


def code_signing_config(client: Any, tags: dict[str, str]) -> str:
    answer = client.create_code_signing_config(AllowedPublishers={"SigningProfileVersionArns": [PROFILE]}, Tags=tags)
    return str(answer["CodeSigningConfig"]["CodeSigningConfigArn"])


def capacity_provider(client: Any, tags: dict[str, str]) -> str:
    answer = client.create_capacity_provider(
        CapacityProviderName="fleet",
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        PermissionsConfig={"CapacityProviderOperatorRoleArn": ROLE},
        Tags=tags,
    )
    return str(answer["CapacityProvider"]["CapacityProviderArn"])


Making = Callable[[Any, dict[str, str]], str]
every_kind = pytest.mark.parametrize("make", [function, mapping, code_signing_config, capacity_provider])


@pytest.fixture
def tagged(mock: LambdaMock, client: Any, make: Making) -> str:
    """The ARN of something with the tag ``team``."""
    arn = make(client, {"team": "shop"})
    mock.clock.run_until_idle()
    return arn


@every_kind
def test_tags_that_are_given_at_creation_are_listed(client: Any, tagged: str) -> None:
    assert client.list_tags(Resource=tagged)["Tags"] == {"team": "shop"}


@every_kind
def test_tags_are_added_and_overwritten(client: Any, tagged: str) -> None:
    answer = client.tag_resource(Resource=tagged, Tags={"team": "web", "stage": "test"})

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert client.list_tags(Resource=tagged)["Tags"] == {"team": "web", "stage": "test"}


@every_kind
def test_tags_are_taken_away_also_those_that_are_not_there(client: Any, tagged: str) -> None:
    answer = client.untag_resource(Resource=tagged, TagKeys=["team", "nothing"])

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert client.list_tags(Resource=tagged)["Tags"] == {}


@every_kind
def test_fifty_tags_are_the_limit(client: Any, tagged: str) -> None:
    client.tag_resource(Resource=tagged, Tags={f"key-{number}": "" for number in range(49)})

    answer = error_of(client.tag_resource, Resource=tagged, Tags={"one": "more"})

    assert answer == (400, INVALID, "Number of tags exceeds resource tag limit.")


@every_kind
def test_another_account_tags_nothing_that_is_not_shared(mock: LambdaMock, client: Any, tagged: str) -> None:
    mock.world.caller = "arn:aws:iam::210987654321:role/partner"
    for operation, action, more in (
        (client.list_tags, "ListTags", {}),
        (client.tag_resource, "TagResource", {"Tags": {"a": "b"}}),
        (client.untag_resource, "UntagResource", {"TagKeys": ["team"]}),
    ):
        assert error_of(operation, Resource=tagged, **more) == (
            403,
            "AccessDeniedException",
            f"User: {mock.world.caller} is not authorized to perform: lambda:{action} on resource: {tagged} "
            f"because no resource-based policy allows the lambda:{action} action",
        )
    mock.world.caller = "arn:aws:iam::123456789012:role/own"
    assert client.list_tags(Resource=tagged)["Tags"] == {"team": "shop"}


@every_kind
def test_what_is_in_another_region_is_not_there(client: Any, tagged: str) -> None:
    elsewhere = boto3.client("lambda", region_name="eu-west-1")

    assert error_of(elsewhere.list_tags, Resource=tagged)[:2] == (404, NOT_FOUND)
    assert error_of(elsewhere.tag_resource, Resource=tagged, Tags={"team": "web"})[:2] == (404, NOT_FOUND)
    assert client.list_tags(Resource=tagged)["Tags"] == {"team": "shop"}


CONFIG = f"{PLACE}:code-signing-config:csc-0123456789abcdef0"
MISSING = {
    f"{ARN}nobody": f"Function not found: {ARN}nobody",
    f"{PLACE}:event-source-mapping:{UUID}": f"Event source mapping not found: {PLACE}:event-source-mapping:{UUID}",
    f"{PLACE}:capacity-provider:fleet": f"Capacity provider not found: {PLACE}:capacity-provider:fleet",
    CONFIG: f"The Lambda code signing configuration {CONFIG} can not be found.",
    f"{PLACE}:network-connector:wire": "The resource you requested does not exist.",
}


@pytest.mark.parametrize(("arn", "message"), MISSING.items(), ids=[arn.split(":")[5] for arn in MISSING])
def test_what_is_not_there_is_named_by_its_kind(client: Any, arn: str, message: str) -> None:
    expected = (404, NOT_FOUND, message)

    assert error_of(client.list_tags, Resource=arn) == expected
    assert error_of(client.tag_resource, Resource=arn, Tags={"a": "b"}) == expected
    assert error_of(client.untag_resource, Resource=arn, TagKeys=["a"]) == expected


def test_a_function_cannot_be_tagged_while_it_is_updated(mock: LambdaMock, client: Any) -> None:
    arn = function(client, {})
    mock.clock.run_until_idle()
    client.update_function_configuration(FunctionName="orders", Timeout=5)

    assert error_of(client.tag_resource, Resource=arn, Tags={"a": "b"})[:2] == (409, "ResourceConflictException")
