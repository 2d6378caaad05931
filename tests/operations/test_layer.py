"""Layers are published, read, listed, shared and deleted as AWS does it (recorded; configuration-layers.html)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import error_of, zip_of

LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:tools"
NOT_FOUND = "ResourceNotFoundException"
NO_SUCH = (404, NOT_FOUND, "The resource you requested does not exist.")


def publish(client: Any, name: str = "tools", **params: Any) -> dict[str, Any]:
    """Publish a version of the layer *name*."""
    answer: dict[str, Any] = client.publish_layer_version(
        LayerName=name, **{"Content": {"ZipFile": zip_of()}, **params}
    )
    return answer


def share(client: Any, sid: str = "s1", **params: Any) -> dict[str, Any]:
    """Let everybody use version 1 of the layer."""
    usual = {"LayerName": "tools", "VersionNumber": 1, "Action": "lambda:GetLayerVersion", "Principal": "*"}
    answer: dict[str, Any] = client.add_layer_version_permission(StatementId=sid, **{**usual, **params})
    return answer


def versions(client: Any, **params: Any) -> list[int]:
    """Return the numbers of the layer's versions, as they are listed."""
    return [one["Version"] for one in client.list_layer_versions(LayerName="tools", **params)["LayerVersions"]]


def test_publishing_answers_201_with_the_hash_and_size_of_the_zip(client: Any) -> None:
    content = zip_of({"python/tools.py": "X = 1\n"})
    answer = publish(client, Content={"ZipFile": content})

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert answer["Content"]["CodeSize"] == len(content)
    assert answer["Content"]["CodeSha256"] == base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert answer["Content"]["Location"].startswith("https://awslambda-us-east-1-layers.s3.us-east-1.amazonaws.com/")


def test_publishing_answers_exactly_these_members_when_nothing_optional_was_sent(client: Any) -> None:
    answer = publish(client)

    del answer["ResponseMetadata"], answer["Content"]
    assert answer == {
        "LayerArn": LAYER,
        "LayerVersionArn": f"{LAYER}:1",
        "Version": 1,
        "Description": "",
        "CreatedDate": "2026-01-01T00:00:00.000+0000",
    }


@pytest.mark.parametrize("runtimes", [[], ["python3.13", "nodejs12.x", "go1.x"]])
@pytest.mark.parametrize("architectures", [[], ["arm64", "x86_64"]])
def test_the_compatible_ones_are_echoed_in_the_order_sent_even_when_empty(
    client: Any, runtimes: list[str], architectures: list[str]
) -> None:
    answer = publish(client, CompatibleRuntimes=runtimes, CompatibleArchitectures=architectures, LicenseInfo="MIT")

    assert answer["CompatibleRuntimes"] == runtimes
    assert answer["CompatibleArchitectures"] == architectures
    assert answer["LicenseInfo"] == "MIT"


def test_a_version_reads_back_as_it_was_published(client: Any) -> None:
    published = publish(client, Description="tools", CompatibleRuntimes=["python3.13"])
    by_number = client.get_layer_version(LayerName="tools", VersionNumber=1)
    by_layer_arn = client.get_layer_version(LayerName=LAYER, VersionNumber=1)
    by_arn = client.get_layer_version_by_arn(Arn=f"{LAYER}:1")

    for answer in (published, by_number, by_layer_arn, by_arn):
        del answer["ResponseMetadata"]
    assert published == by_number == by_layer_arn == by_arn


def test_the_link_to_the_content_is_new_each_time_it_is_asked_for(client: Any, mock: LambdaMock) -> None:
    first = publish(client)["Content"]["Location"]
    mock.clock.advance(60)

    assert client.get_layer_version(LayerName="tools", VersionNumber=1)["Content"]["Location"] != first


def test_versions_only_grow_in_number_also_after_all_were_deleted(client: Any) -> None:
    for number in (1, 2):
        publish(client)
        client.delete_layer_version(LayerName="tools", VersionNumber=number)

    assert publish(client)["Version"] == 3


def test_content_comes_from_s3_when_moto_mocks_it() -> None:
    content = zip_of({"python/tools.py": "X = 1\n"})
    with mock_aws(), mock_lambda():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="layers")
        s3.put_object(Bucket="layers", Key="/tools.zip", Body=content)
        answer = publish(boto3.client("lambda"), Content={"S3Bucket": "layers", "S3Key": "/tools.zip"})

    assert answer["Content"]["CodeSize"] == len(content)


def test_content_that_is_not_in_s3_is_refused() -> None:
    with mock_aws(), mock_lambda():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="layers")
        content = {"S3Bucket": "layers", "S3Key": "nowhere.zip"}
        refusal = error_of(boto3.client("lambda").publish_layer_version, LayerName="tools", Content=content)

    assert refusal[:2] == (400, "InvalidParameterValueException")
    assert refusal[2].startswith("Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message:")


def test_content_that_is_no_zip_is_refused_and_no_version_is_made(client: Any) -> None:
    assert error_of(client.publish_layer_version, LayerName="tools", Content={"ZipFile": b"no zip"}) == (
        400,
        "InvalidParameterValueException",
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
    )
    assert versions(client) == []


def test_content_that_unpacks_to_too_much_is_refused(client: Any, mock: LambdaMock) -> None:
    mock.backend.limits.unzipped_bytes = 10

    assert error_of(client.publish_layer_version, LayerName="tools", Content={"ZipFile": zip_of()}) == (
        400,
        "InvalidParameterValueException",
        "Unzipped size must be smaller than 10 bytes",
    )


def test_content_that_does_not_fit_into_the_accounts_storage_is_refused(client: Any, mock: LambdaMock) -> None:
    mock.backend.limits.code_storage_bytes = len(zip_of())
    publish(client)

    refusal = error_of(client.publish_layer_version, LayerName="tools", Content={"ZipFile": zip_of()})
    assert refusal[:2] == (400, "CodeStorageExceededException")


@pytest.mark.parametrize("number", [0, -1])
@pytest.mark.parametrize("operation", ["get_layer_version", "delete_layer_version", "get_layer_version_policy"])
def test_version_numbers_begin_at_one(client: Any, operation: str, number: int) -> None:
    assert error_of(getattr(client, operation), LayerName="tools", VersionNumber=number) == (
        400,
        "InvalidParameterValueException",
        "Layer Version Cannot be less than 1",
    )


def test_a_version_that_is_not_there_cannot_be_read(client: Any) -> None:
    publish(client)

    assert error_of(client.get_layer_version, LayerName="other", VersionNumber=1) == NO_SUCH
    assert error_of(client.get_layer_version, LayerName="tools", VersionNumber=2) == NO_SUCH
    assert error_of(client.get_layer_version_by_arn, Arn=f"{LAYER}:2") == NO_SUCH
    elsewhere = f"{LAYER}:1".replace("us-east-1", "eu-west-1")
    assert error_of(client.get_layer_version_by_arn, Arn=elsewhere) == NO_SUCH


def test_deleting_what_is_not_there_answers_204(client: Any) -> None:
    publish(client)
    answers = [client.delete_layer_version(LayerName=name, VersionNumber=1) for name in ("tools", "tools", "other")]

    assert [answer["ResponseMetadata"]["HTTPStatusCode"] for answer in answers] == [204, 204, 204]


def test_versions_are_listed_newest_first_without_content_and_deleted_ones(client: Any) -> None:
    for _ in range(3):
        publish(client)
    client.delete_layer_version(LayerName="tools", VersionNumber=2)

    listed = client.list_layer_versions(LayerName="tools")["LayerVersions"]

    assert [one["Version"] for one in listed] == [3, 1]
    assert listed[0].keys() == {"LayerVersionArn", "Version", "Description", "CreatedDate"}


def test_versions_of_an_unknown_layer_are_none(client: Any) -> None:
    assert client.list_layer_versions(LayerName="nothing")["LayerVersions"] == []


def test_versions_page_through_with_the_paginator(client: Any) -> None:
    for _ in range(5):
        publish(client)
    pages = list(client.get_paginator("list_layer_versions").paginate(LayerName="tools", MaxItems=2))

    assert [[one["Version"] for one in page["LayerVersions"]] for page in pages] == [[5, 4], [3, 2], [1]]
    assert "NextMarker" not in pages[-1]


def test_layers_page_through_with_the_paginator_each_with_its_newest_version(client: Any) -> None:
    for name in ("c", "a", "b", "a"):
        publish(client, name)
    pages = list(client.get_paginator("list_layers").paginate(MaxItems=2))

    shown = [[(one["LayerName"], one["LatestMatchingVersion"]["Version"]) for one in page["Layers"]] for page in pages]
    assert shown == [[("a", 2), ("b", 1)], [("c", 1)]]


def test_a_layer_without_versions_is_not_listed(client: Any) -> None:
    publish(client)
    client.delete_layer_version(LayerName="tools", VersionNumber=1)

    assert client.list_layers()["Layers"] == []


def test_lists_can_be_narrowed_to_a_runtime_and_an_architecture(client: Any) -> None:
    publish(client, CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["x86_64"])
    publish(client, CompatibleRuntimes=["python3.13"], CompatibleArchitectures=["x86_64"])
    publish(client, CompatibleRuntimes=["python3.13"], CompatibleArchitectures=["arm64"])

    assert versions(client, CompatibleRuntime="python3.13") == [3, 2]
    assert versions(client, CompatibleRuntime="python3.13", CompatibleArchitecture="x86_64") == [2]
    (layer,) = client.list_layers(CompatibleRuntime="python3.12")["Layers"]
    assert layer["LatestMatchingVersion"]["LayerVersionArn"] == f"{LAYER}:1"
    assert client.list_layers(CompatibleRuntime="java21")["Layers"] == []


def test_each_region_has_its_own_layers(client: Any) -> None:
    publish(client)

    assert boto3.client("lambda", region_name="eu-west-1").list_layers()["Layers"] == []


def test_a_permission_is_answered_as_a_statement_and_found_in_the_policy(client: Any) -> None:
    publish(client)
    added = share(client)
    policy = client.get_layer_version_policy(LayerName="tools", VersionNumber=1)

    statement = {
        "Sid": "s1",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "lambda:GetLayerVersion",
        "Resource": f"{LAYER}:1",
    }
    assert added["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert json.loads(added["Statement"]) == statement
    assert json.loads(policy["Policy"]) == {"Version": "2012-10-17", "Id": "default", "Statement": [statement]}
    assert policy["RevisionId"] == added["RevisionId"]


@pytest.mark.parametrize("principal", ["111122223333", "arn:aws:iam::111122223333:root"])
def test_an_account_is_written_as_its_root(client: Any, principal: str) -> None:
    publish(client)

    statement = json.loads(share(client, Principal=principal)["Statement"])
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}


def test_an_organization_becomes_a_condition(client: Any) -> None:
    publish(client)

    statement = json.loads(share(client, OrganizationId="o-abcdefghij")["Statement"])
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}


def test_another_action_than_reading_the_layer_is_refused(client: Any) -> None:
    publish(client)

    with pytest.raises(client.exceptions.ClientError, match="Value 'lambda:Invoke' at 'action'"):
        share(client, Action="lambda:Invoke")


def test_the_same_statement_twice_is_a_conflict(client: Any) -> None:
    publish(client)
    share(client)

    with pytest.raises(client.exceptions.ResourceConflictException, match=r"The statement id \(s1\) provided already"):
        share(client)


def test_a_revision_guards_the_policy(client: Any) -> None:
    publish(client)
    first = share(client)
    second = share(client, "s2", RevisionId=first["RevisionId"])

    assert second["RevisionId"] != first["RevisionId"]
    with pytest.raises(client.exceptions.PreconditionFailedException, match="Call the GetLayerPolicy API"):
        share(client, "s3", RevisionId=first["RevisionId"])
    stale = {"LayerName": "tools", "VersionNumber": 1, "StatementId": "s1", "RevisionId": first["RevisionId"]}
    assert error_of(client.remove_layer_version_permission, **stale)[:2] == (412, "PreconditionFailedException")


def test_when_the_last_statement_goes_so_does_the_policy(client: Any) -> None:
    publish(client)
    share(client)
    client.remove_layer_version_permission(LayerName="tools", VersionNumber=1, StatementId="s1")

    refusal = (404, NOT_FOUND, "No policy is associated with the given resource.")
    assert error_of(client.get_layer_version_policy, LayerName="tools", VersionNumber=1) == refusal


def test_an_unknown_statement_cannot_be_removed(client: Any) -> None:
    publish(client)
    share(client)

    unknown = {"LayerName": "tools", "VersionNumber": 1, "StatementId": "s2"}
    assert error_of(client.remove_layer_version_permission, **unknown) == (
        404,
        NOT_FOUND,
        "Statement s2 is not found in resource policy.",
    )


def test_permissions_need_the_version(client: Any) -> None:
    refusal = (404, NOT_FOUND, f"Layer version {LAYER}:1 does not exist.")
    version = {"LayerName": "tools", "VersionNumber": 1}
    added = {**version, "StatementId": "s1", "Action": "lambda:GetLayerVersion", "Principal": "*"}

    assert error_of(client.add_layer_version_permission, **added) == refusal
    assert error_of(client.get_layer_version_policy, **version) == refusal
    assert error_of(client.remove_layer_version_permission, **version, StatementId="s1") == refusal


def test_a_policy_cannot_grow_beyond_its_limit(client: Any, mock: LambdaMock) -> None:
    mock.backend.limits.policy_bytes = 250
    publish(client)
    share(client)

    with pytest.raises(client.exceptions.PolicyLengthExceededException):
        share(client, "s2")
