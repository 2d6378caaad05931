"""What meets a tool that has just created a function: it is Pending, or it fails, or the request was wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import WaiterError
from moto import mock_aws

from .deploying import (
    NOT_CHANGED,
    NOT_INVOKED,
    REGION,
    VPC,
    answer_of,
    arn_of,
    client,
    configure,
    create,
    create_active,
    look,
    package,
    publish,
    refused,
    update_code,
)

PENDING = NOT_CHANGED.format(arn_of(), "Pending", "Creating")
STATEMENT = {"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}


# -- while it is Pending


def test_an_invoke_right_after_the_creation_is_refused_and_a_little_later_answered(m: Any) -> None:
    created = create()
    assert (created["State"], created["StateReasonCode"]) == ("Pending", "Creating")
    assert "LastUpdateStatus" not in created

    with refused("ResourceConflictException", NOT_INVOKED.format("Pending"), status=409):
        answer_of()
    m.clock.advance(2)

    assert answer_of() == "one"
    found = look()
    assert found["LastUpdateStatus"] == "Successful"
    assert found["RevisionId"] != created["RevisionId"]
    assert not found.keys() & {"StateReason", "StateReasonCode"}


def test_a_configuration_right_after_the_creation_has_to_wait(m: Any) -> None:
    m.timings["create"] = 12
    create()
    with refused("ResourceConflictException", PENDING, status=409):
        configure()

    client().get_waiter("function_active_v2").wait(FunctionName="orders")

    assert len(m.calls.of("GetFunction")) == 13
    assert configure(Timeout=30)["Timeout"] == 30


def test_a_version_cannot_be_published_of_what_is_pending(m: Any) -> None:
    create()

    with refused("ResourceConflictException", PENDING, status=409):
        publish()

    assert m.function("orders").versions == []


def test_a_version_published_with_the_creation_is_pending_until_its_waiter_ends(m: Any) -> None:
    created = create(Publish=True)
    assert (created["Version"], created["FunctionArn"]) == ("1", arn_of())
    assert look(qualifier="1")["State"] == "Pending"
    with refused("ResourceConflictException", NOT_INVOKED.format("Pending")):
        answer_of(qualifier="1")

    client().get_waiter("published_version_active").wait(FunctionName="orders", Qualifier="1")

    assert answer_of(qualifier="1") == "one"


def test_what_hangs_on_a_function_can_be_set_while_it_is_pending(m: Any) -> None:
    create()

    client().add_permission(FunctionName="orders", **STATEMENT)
    client().put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=5)
    client().tag_resource(Resource=arn_of(), Tags={"team": "ops"})

    policy = json.loads(client().get_policy(FunctionName="orders")["Policy"])
    found = client().get_function(FunctionName="orders")
    assert [statement["Sid"] for statement in policy["Statement"]] == ["s3"]
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 5}
    assert found["Tags"] == {"team": "ops"}
    assert found["Configuration"]["State"] == "Pending"


# -- creations that fail

REASONS = [
    "SubnetOutOfIPAddresses",
    "InvalidSecurityGroup",
    "EniLimitExceeded",
    "ImageAccessDenied",
    "KMSKeyAccessDenied",
    "EFSMountFailure",
]


@pytest.mark.parametrize("reason", REASONS)
def test_a_failed_creation_ends_the_wait_refuses_updates_and_is_deleted_and_begun_anew(m: Any, reason: str) -> None:
    m.faults.on_phase("create", function="orders").fail(reason, times=1)
    create(**VPC)

    with pytest.raises(WaiterError, match="terminal failure state"):
        client().get_waiter("function_active").wait(FunctionName="orders")
    assert (look()["State"], look()["StateReasonCode"]) == ("Failed", reason)
    with refused("ResourceConflictException", NOT_CHANGED.format(arn_of(), "Failed", reason), status=409):
        update_code()

    client().delete_function(FunctionName="orders")
    create(**VPC)
    client().get_waiter("function_active").wait(FunctionName="orders")
    assert answer_of() == "one"


def test_a_creation_that_is_stuck_is_cancelled_by_an_update_after_six_minutes(m: Any) -> None:
    m.faults.on_phase("create").hang()
    create(**VPC)
    m.clock.advance(361)
    with refused("ResourceConflictException"):
        update_code()
    assert look()["State"] == "Failed"

    update_code()
    client().get_waiter("function_updated_v2").wait(FunctionName="orders")

    assert (look()["State"], answer_of()) == ("Active", "two")


# -- deleting what is on its way


def test_a_function_is_deleted_while_pending_and_its_name_is_free_at_once(m: Any) -> None:
    create(answer="old")
    m.clock.advance(1)
    client().delete_function(FunctionName="orders")
    with refused("ResourceNotFoundException", f"Function not found: {arn_of()}", status=404):
        client().get_function(FunctionName="orders")

    create(answer="new")
    m.clock.advance(1)

    assert look()["State"] == "Pending"  # the end of the first creation is not that of the second
    m.clock.advance(1)
    assert answer_of() == "new"


def test_a_function_is_deleted_in_the_middle_of_an_update(m: Any) -> None:
    create_active(m)
    update_code()

    client().delete_function(FunctionName="orders")
    m.clock.run_until_idle()

    assert not m.function("orders").exists
    assert m.timeline.of("orders").states[-1] is None


def test_a_function_in_a_vpc_is_not_deleted_by_halves_while_a_version_of_it_is_pending(m: Any) -> None:
    create_active(m, **VPC)
    publish()
    update_code(Publish=True)
    before = look(), look(qualifier="1"), look(qualifier="2")

    with refused("ResourceConflictException", status=409):
        client().delete_function(FunctionName="orders")

    assert (look(), look(qualifier="1"), look(qualifier="2")) == before
    m.clock.run_until_idle()
    client().delete_function(FunctionName="orders")
    assert not m.function("orders").exists


def test_aliases_versions_and_the_policy_go_with_the_function(m: Any) -> None:
    create_active(m)
    publish()
    client().create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    client().add_permission(FunctionName="orders", **STATEMENT)

    client().delete_function(FunctionName="orders")
    create_active(m)

    versions = client().list_versions_by_function(FunctionName="orders")["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST"]
    assert client().list_aliases(FunctionName="orders")["Aliases"] == []
    with refused("ResourceNotFoundException"):
        client().get_policy(FunctionName="orders")


def test_a_name_that_is_taken_cannot_be_created_again(m: Any) -> None:
    create()

    with refused("ResourceConflictException", "Function already exist: orders", status=409):
        create()


# -- requests that are wrong from the start: nothing comes into being


def nothing_was_created(m: Any) -> bool:
    return not m.function("orders").exists and len(m.timeline) == 0


def test_a_zip_that_unpacks_to_more_than_250_mb_is_refused(m: Any) -> None:
    m.backend.limits.unzipped_bytes = 10

    with refused("InvalidParameterValueException", "Unzipped size must be smaller than 10 bytes", status=400):
        create()

    assert nothing_was_created(m)


def test_a_zip_of_more_than_50_mb_is_refused(m: Any) -> None:
    m.backend.limits.zipped_bytes = 10

    with refused("RequestEntityTooLargeException", "Zipped size must be smaller than 10 bytes", status=413):
        create()

    assert nothing_was_created(m)


def test_an_environment_of_more_than_4_kb_is_refused(m: Any) -> None:
    with refused("InvalidParameterValueException", status=400) as refusal:
        create(Environment={"Variables": {"BIG": "x" * 4_096}})

    assert "exceeded the 4KB limit" in refusal.message
    assert nothing_was_created(m)


def test_code_that_is_no_zip_is_refused(m: Any) -> None:
    text = "Could not unzip uploaded file. Please check your file, then try to upload again."

    with refused("InvalidParameterValueException", text, status=400):
        create(Code={"ZipFile": b"no zip"})

    assert nothing_was_created(m)


def test_code_that_is_too_large_leaves_an_existing_function_as_it_was(m: Any) -> None:
    create_active(m)
    before = look()
    m.backend.limits.unzipped_bytes = 10

    with refused("InvalidParameterValueException"):
        update_code()

    assert look() == before


def test_a_wrong_parameter_is_not_retried_by_a_tool_that_waits_for_roles(m: Any) -> None:
    def deploy(**members: Any) -> None:
        """Retry, as deploy tools do, only what says that the role is not there yet."""
        for _ in range(10):
            try:
                create(**members)
            except client().exceptions.InvalidParameterValueException as error:
                if "cannot be assumed by Lambda" not in str(error):
                    raise
            else:
                return

    with refused("InvalidParameterValueException"):
        deploy(Environment={"Variables": {"AWS_REGION": "eu-west-1"}})

    assert len(m.calls.of("CreateFunction")) == 1


# -- code in S3


@pytest.fixture
def s3(m: Any) -> Iterator[Any]:
    with mock_aws():
        make: Any = boto3.client
        yield make("s3", region_name=REGION)


@pytest.fixture
def role(s3: Any) -> str:
    """A role that Lambda may assume: with moto beside us, it has to exist."""
    make: Any = boto3.client
    principal = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [principal]})
    made = make("iam", region_name=REGION).create_role(RoleName="runner", AssumeRolePolicyDocument=trust)
    return str(made["Role"]["Arn"])


IN_S3 = {"S3Bucket": "artifacts", "S3Key": "orders.zip"}


def test_code_in_a_bucket_that_is_not_there_is_refused(m: Any, role: str) -> None:
    with refused("InvalidParameterValueException", status=400) as refusal:
        create(Code=IN_S3, Role=role)

    assert "S3 Error Code: NoSuchBucket" in refusal.message
    assert nothing_was_created(m)


def test_code_under_a_key_that_is_not_there_is_refused(m: Any, s3: Any, role: str) -> None:
    s3.create_bucket(Bucket="artifacts")

    with refused("InvalidParameterValueException", status=400) as refusal:
        create(Code=IN_S3, Role=role)

    assert "S3 Error Code: NoSuchKey" in refusal.message
    assert nothing_was_created(m)


def test_code_in_a_bucket_of_another_region_is_refused(m: Any, s3: Any, role: str) -> None:
    s3.create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="artifacts", Key="orders.zip", Body=package())

    with refused("InvalidParameterValueException", status=400) as refusal:
        create(Code=IN_S3, Role=role)

    assert "S3 Error Code: PermanentRedirect" in refusal.message
    assert "eu-west-1" in refusal.message
    assert nothing_was_created(m)


def test_code_that_is_there_is_what_runs(m: Any, s3: Any, role: str) -> None:
    s3.create_bucket(Bucket="artifacts")
    s3.put_object(Bucket="artifacts", Key="orders.zip", Body=package("from S3"))
    create_active(m, Code=IN_S3, Role=role)

    assert answer_of() == "from S3"
    assert len(base64.b64decode(look()["CodeSha256"])) == 32
