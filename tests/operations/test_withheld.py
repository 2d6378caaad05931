"""What answers have in place of something that cannot be had, and what only some functions show."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ROLE, create, error_of
from tests.newest_client import newest_client

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1"
NAMED = {"FunctionName": "orders"}
QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
IN_S3 = {"S3Bucket": "code", "S3Key": "orders.zip", "S3ObjectVersion": "7"}
KAFKA = {
    "FunctionName": "orders",
    "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000"]}},
    "Topics": ["topic"],
    "SourceAccessConfigurations": [
        {"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}
    ],
}
CODES = {
    "disable": "DisabledException",
    "delete": "NotFoundException",
    "schedule_deletion": "KMSInvalidStateException",
}


@pytest.fixture
def client(mock: LambdaMock) -> Any:
    """A client that knows the newest members."""
    return newest_client()


@pytest.mark.parametrize("told", CODES)
def test_variables_that_cannot_be_decrypted_are_not_shown(mock: LambdaMock, client: Any, told: str) -> None:
    create(client, KMSKeyArn=KEY, Environment={"Variables": {"COLOUR": "red"}})
    mock.clock.run_until_idle()
    getattr(mock.world.keys[KEY], told)()

    for found in (
        client.get_function_configuration(**NAMED),
        client.get_function(**NAMED)["Configuration"],
        client.list_functions()["Functions"][0],
        client.list_versions_by_function(**NAMED)["Versions"][0],
    ):
        (error,) = found["Environment"].values()
        assert error["ErrorCode"] == CODES[told]
        assert error["Message"].startswith("Lambda was unable to decrypt your environment variables because the ")
    mock.world.keys[KEY].restore()
    found = client.get_function_configuration(**NAMED)
    assert found["Environment"] == {"Variables": {"COLOUR": "red"}}


def test_a_key_that_is_denied_to_the_role_is_not_denied_to_the_caller(mock: LambdaMock, client: Any) -> None:
    create(client, KMSKeyArn=KEY, Environment={"Variables": {"COLOUR": "red"}})
    mock.clock.run_until_idle()
    mock.world.keys[KEY].deny()

    assert "Variables" in client.get_function_configuration(**NAMED)["Environment"]


def test_settings_of_an_image_are_withheld_as_well(mock: LambdaMock, client: Any) -> None:
    made = {"PackageType": "Image", "Code": {"ImageUri": IMAGE}, "Runtime": None, "Handler": None}
    create(client, **made, KMSKeyArn=KEY, ImageConfig={"Command": ["run"]})  # type: ignore[arg-type]
    mock.clock.run_until_idle()
    mock.world.keys[KEY].disable()

    found = client.get_function_configuration(**NAMED)

    assert found["ImageConfigResponse"]["Error"]["ErrorCode"] == "DisabledException"
    assert "Environment" not in found


def test_a_runtime_version_that_is_gone_cannot_be_shown(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.clock.run_until_idle()
    arn = client.get_function_configuration(**NAMED)["RuntimeVersionConfig"]["RuntimeVersionArn"]
    client.put_runtime_management_config(**NAMED, UpdateRuntimeOn="Manual", RuntimeVersionArn=arn)
    assert client.get_function_configuration(**NAMED)["RuntimeVersionConfig"] == {"RuntimeVersionArn": arn}
    mock.world.runtime_versions[arn].delete()

    error = client.get_function_configuration(**NAMED)["RuntimeVersionConfig"]["Error"]

    assert (error["ErrorCode"], arn in error["Message"]) == ("RuntimeVersionNotFoundException", True)


def test_who_may_not_list_tags_is_told_so_by_get_function(mock: LambdaMock, client: Any) -> None:
    create(client, Tags={"team": "shop"})
    mock.clock.run_until_idle()
    mock.world.deny("lambda:ListTags")

    found = client.get_function(**NAMED)

    assert "Tags" not in found
    assert found["TagsError"]["ErrorCode"] == "AccessDeniedException"
    assert "is not authorized to perform: lambda:ListTags on resource: " in found["TagsError"]["Message"]
    mock.world.allow("lambda:ListTags")
    assert client.get_function(**NAMED)["Tags"] == {"team": "shop"}


def test_what_may_not_be_done_besides_does_not_hide_tags(mock: LambdaMock, client: Any) -> None:
    create(client, Tags={"team": "shop"})
    mock.clock.run_until_idle()
    mock.world.deny("lambda:TagResource")

    assert client.get_function(**NAMED)["Tags"] == {"team": "shop"}


@pytest.mark.parametrize(("told", "code"), [("delete", "NoSuchKey"), ("revoke", "AccessDenied")])
def test_code_that_stays_in_s3_says_where_it_is_and_when_it_is_gone(
    mock: LambdaMock, client: Any, told: str, code: str
) -> None:
    create(client, Code={**IN_S3, "S3ObjectStorageMode": "REFERENCE"})
    mock.clock.run_until_idle()
    found = client.get_function(**NAMED)["Code"]
    assert found["ResolvedS3Object"] == IN_S3
    assert found["Location"].startswith("https://")

    getattr(mock.world.objects["s3://code/orders.zip"], told)()

    found = client.get_function(**NAMED)["Code"]
    assert (found["Error"]["ErrorCode"], "Location" in found) == (code, False)


def test_code_that_is_encrypted_names_its_key(mock: LambdaMock, client: Any) -> None:
    create(client, Code={**IN_S3, "SourceKMSKeyArn": KEY})
    mock.clock.run_until_idle()
    found = client.get_function(**NAMED)["Code"]
    assert (found["SourceKMSKeyArn"], "ResolvedS3Object" in found) == (KEY, False)

    mock.world.keys[KEY].disable()

    assert client.get_function(**NAMED)["Code"]["Error"]["ErrorCode"] == "DisabledException"


def test_a_layer_that_stays_in_s3_says_where_it_is(mock: LambdaMock, client: Any) -> None:
    made = client.publish_layer_version(LayerName="tools", Content={**IN_S3, "S3ObjectStorageMode": "REFERENCE"})

    assert made["Content"]["ResolvedS3Object"] == IN_S3


def test_filters_that_cannot_be_decrypted_are_not_shown(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.clock.run_until_idle()
    criteria = {"Filters": [{"Pattern": '{"body": ["a"]}'}]}
    made = client.create_event_source_mapping(
        FunctionName="orders", EventSourceArn=QUEUE, FilterCriteria=criteria, KMSKeyArn=KEY
    )
    mock.clock.advance(60)
    assert client.get_event_source_mapping(UUID=made["UUID"])["FilterCriteria"] == criteria
    mock.world.keys[KEY].delete()

    found = client.get_event_source_mapping(UUID=made["UUID"])

    assert (found["FilterCriteriaError"]["ErrorCode"], "FilterCriteria" in found) == ("NotFoundException", False)


def test_a_function_on_a_capacity_provider_shows_the_hash_of_its_configuration(mock: LambdaMock, client: Any) -> None:
    provider = client.create_capacity_provider(
        CapacityProviderName="fleet",
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        PermissionsConfig={"CapacityProviderOperatorRoleArn": ROLE},
        TelemetryConfig={"LoggingConfig": {"SystemLogLevel": "WARN"}},
    )["CapacityProvider"]
    group = {"LogGroup": "/aws/lambda/capacity-provider/fleet", "SystemLogLevel": "WARN"}
    assert provider["TelemetryConfig"] == {"LoggingConfig": group}
    mock.clock.run_until_idle()
    on_fleet = {
        "LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": provider["CapacityProviderArn"]}
    }
    made = create(
        client, CapacityProviderConfig=on_fleet, MemorySize=2048, Environment={"Variables": {"COLOUR": "red"}}
    )
    mock.clock.run_until_idle()
    changed = client.update_function_configuration(**NAMED, Environment={"Variables": {"COLOUR": "blue"}})

    assert len(made["ConfigSha256"]) == 44
    assert changed["ConfigSha256"] != made["ConfigSha256"]
    assert client.get_function_configuration(**NAMED)["ConfigSha256"] == changed["ConfigSha256"]
    assert "ConfigSha256" not in create(client, "prices")


def test_only_an_s3_file_system_is_read_directly(mock: LambdaMock, client: Any) -> None:
    def mounted(arn: str) -> dict[str, Any]:
        vpc = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
        mount = {"Arn": arn, "LocalMountPath": "/mnt/data", "S3FilesConfig": {}}
        return {"FileSystemConfigs": [mount], "VpcConfig": vpc}

    efs = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0"
    s3_files = f"arn:aws:s3files:us-east-1:123456789012:file-system/fs-{'1' * 17}/access-point/fsap-{'1' * 17}"
    text = f"S3FilesConfig is only supported for access points of Amazon S3 Files: {efs}"

    assert error_of(create, client=client, **mounted(efs)) == (400, "InvalidParameterValueException", text)
    assert create(client, **mounted(s3_files))["FileSystemConfigs"] == mounted(s3_files)["FileSystemConfigs"]
    mock.clock.run_until_idle()
    changed = error_of(client.update_function_configuration, **NAMED, **mounted(efs))
    assert changed == (400, "InvalidParameterValueException", text)


def test_a_share_group_reads_a_topic_without_an_order(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.clock.run_until_idle()
    made = client.create_event_source_mapping(
        **KAFKA, SelfManagedKafkaEventSourceConfig={"ConsumptionMode": "Queue", "ConsumerGroupId": "mine"}
    )

    assert "StartingPosition" not in made
    mock.clock.advance(60)
    changed = client.update_event_source_mapping(
        UUID=made["UUID"], BatchSize=7, SelfManagedKafkaEventSourceConfig={"ConsumerGroupId": "mine"}
    )
    group = {"ConsumptionMode": "Queue", "ConsumerGroupId": "mine"}
    assert (changed["SelfManagedKafkaEventSourceConfig"], changed["BatchSize"]) == (group, 7)
    mock.clock.advance(60)
    for member, config in (
        ("ConsumptionMode", {"ConsumptionMode": "Stream"}),
        ("ConsumerGroupId", {"ConsumerGroupId": "other"}),
    ):
        answer = error_of(
            client.update_event_source_mapping, UUID=made["UUID"], SelfManagedKafkaEventSourceConfig=config
        )
        text = f"{member} cannot be changed after the event source mapping was created."
        assert answer == (400, "InvalidParameterValueException", text)


@pytest.mark.parametrize(("member", "value"), [("StartingPosition", "LATEST"), ("MaximumBatchingWindowInSeconds", 1)])
def test_a_share_group_takes_nothing_that_wants_an_order(
    mock: LambdaMock, client: Any, member: str, value: Any
) -> None:
    create(client)
    mock.clock.run_until_idle()
    config = {"SelfManagedKafkaEventSourceConfig": {"ConsumptionMode": "Queue"}}

    answer = error_of(client.create_event_source_mapping, **KAFKA, **config, **{member: value})

    assert answer[2] == f"{member} is not supported when ConsumptionMode is Queue."
    assert "StartingPosition" in client.create_event_source_mapping(**KAFKA)


def test_a_share_group_retries_no_record_without_end(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.clock.run_until_idle()
    group = {"SelfManagedKafkaEventSourceConfig": {"ConsumptionMode": "Queue"}}

    answer = error_of(client.create_event_source_mapping, **KAFKA, **group, MaximumRetryAttempts=-1)

    assert answer[2] == "MaximumRetryAttempts -1 is not supported when ConsumptionMode is Queue."
    assert client.create_event_source_mapping(**KAFKA, MaximumRetryAttempts=-1)["MaximumRetryAttempts"] == -1


def test_only_topics_have_groups_of_pollers(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.clock.run_until_idle()
    group = {"ProvisionedPollerConfig": {"MinimumPollers": 2, "PollerGroupName": "mine"}}

    answer = error_of(client.create_event_source_mapping, **NAMED, EventSourceArn=QUEUE, **group)

    assert answer[2] == "Unsupported PollerGroupName parameter for given event source mapping type."
    assert client.create_event_source_mapping(**KAFKA, **group)["ProvisionedPollerConfig"]["PollerGroupName"] == "mine"


BY_OAUTH = "OAUTHBEARER_AUTH"
BY_IAM = "IAM_OAUTHBEARER_AUTH"
REQUIRES = "The source access type {} requires {}."
APART = "The source access types {} and {} cannot be used together."


@pytest.mark.parametrize(
    ("types", "refusal"),
    [
        (["OAUTHBEARER_SCOPE"], REQUIRES.format("OAUTHBEARER_SCOPE", BY_OAUTH)),
        (["OAUTHBEARER_LOGICAL_CLUSTER"], REQUIRES.format("OAUTHBEARER_LOGICAL_CLUSTER", BY_OAUTH)),
        (["OAUTHBEARER_IDENTITY_POOL"], REQUIRES.format("OAUTHBEARER_IDENTITY_POOL", BY_OAUTH)),
        (["OAUTHBEARER_AUDIENCE"], REQUIRES.format("OAUTHBEARER_AUDIENCE", f"{BY_OAUTH} or {BY_IAM}")),
        ([BY_IAM], REQUIRES.format(BY_IAM, "OAUTHBEARER_AUDIENCE")),
        ([BY_IAM, "OAUTHBEARER_AUDIENCE", BY_OAUTH], APART.format(BY_IAM, BY_OAUTH)),
        ([BY_OAUTH, "OAUTHBEARER_SCOPE"], None),
        ([BY_OAUTH, "OAUTHBEARER_AUDIENCE"], None),
        ([BY_IAM, "OAUTHBEARER_AUDIENCE"], None),
    ],
)
def test_some_ways_to_a_topic_need_or_exclude_others(
    mock: LambdaMock, client: Any, types: list[str], refusal: str | None
) -> None:
    create(client)
    mock.clock.run_until_idle()
    ways = [{"Type": one, "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"} for one in types]
    asked = {**KAFKA, "SourceAccessConfigurations": ways}

    if refusal is None:
        assert client.create_event_source_mapping(**asked)["SourceAccessConfigurations"] == ways
    else:
        answer = error_of(client.create_event_source_mapping, **asked)
        assert answer == (400, "InvalidParameterValueException", refusal)


RUNTIME = "arn:aws:lambda:us-east-1:123456789012:runtime/mine"


def test_a_runtime_has_a_resource_policy_as_functions_have(mock: LambdaMock, client: Any) -> None:
    grant = '"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"lambda:GetFunction"'
    policy = f'{{"Version":"2012-10-17","Id":"default","Statement":[{{{grant},"Resource":"{RUNTIME}"}}]}}'
    assert error_of(client.get_resource_policy, ResourceArn=RUNTIME)[0] == 404

    made = client.put_resource_policy(ResourceArn=RUNTIME, Policy=policy)

    assert made["Policy"] == policy
    found = client.get_resource_policy(ResourceArn=RUNTIME)
    assert (found["Policy"], found["RevisionId"]) == (policy, made["RevisionId"])
    stale = {"ResourceArn": RUNTIME, "RevisionId": "00000000-0000-4000-8000-000000000000"}
    assert error_of(client.put_resource_policy, **stale, Policy=policy)[0] == 412
    assert error_of(client.delete_resource_policy, **stale)[0] == 412
    client.delete_resource_policy(ResourceArn=RUNTIME, RevisionId=made["RevisionId"])
    assert error_of(client.get_resource_policy, ResourceArn=RUNTIME)[0] == 404
    elsewhere = RUNTIME.replace("us-east-1", "eu-west-1")
    assert error_of(client.get_resource_policy, ResourceArn=elsewhere)[0] == 404
    assert error_of(client.put_resource_policy, ResourceArn=f"{RUNTIME}2", Policy=policy)[0] == 400
