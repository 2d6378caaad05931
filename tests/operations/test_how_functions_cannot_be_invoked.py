"""Invocations that AWS refuses for what a function is: not published, too long, without a network or a snapshot."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock, UnknownNameError, WrongStateError, mock_lambda
from tests.deploying import ROLE, create, error_of, refused, zip_of
from tests.kept_clients import kept_client
from tests.newest_client import newest_client

VPC = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
SNAP_START: dict[str, Any] = {"SnapStart": {"ApplyOn": "PublishedVersions"}}
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1"
FROM_IMAGE: dict[str, Any] = {"PackageType": "Image", "Code": {"ImageUri": IMAGE}, "Runtime": None, "Handler": None}
ON_ONE = {"FunctionName": "orders", "Qualifier": "1"}
NAMED = {"FunctionName": "orders"}


@pytest.fixture
def once(mock: LambdaMock) -> Any:
    """A client that does not try again: a 502 is retried, and the clock would move."""
    return kept_client(attempts=1)


@pytest.fixture
def managed(mock: LambdaMock, client: Any) -> dict[str, Any]:
    """What makes a function one on a capacity provider."""
    made = client.create_capacity_provider(
        CapacityProviderName="fleet", VpcConfig=VPC, PermissionsConfig={"CapacityProviderOperatorRoleArn": ROLE}
    )["CapacityProvider"]
    mock.clock.run_until_idle()
    on_fleet = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": made["CapacityProviderArn"]}}
    return {"CapacityProviderConfig": on_fleet, "MemorySize": 2048}


@pytest.mark.parametrize("qualifier", [{}, {"Qualifier": "$LATEST.PUBLISHED"}], ids=["unqualified", "latest published"])
def test_without_a_published_version_nothing_runs_on_a_capacity_provider(
    client: Any, mock: LambdaMock, managed: Any, qualifier: dict[str, str]
) -> None:
    create(client, **managed)
    mock.clock.run_until_idle()
    answer = (400, "NoPublishedVersionException", "The function has no published versions available.")

    assert error_of(client.invoke, **NAMED, **qualifier) == answer
    assert error_of(client.invoke, **NAMED, **qualifier, InvocationType="DryRun") == answer
    assert error_of(client.invoke, **NAMED, **qualifier, InvocationType="Event") == answer
    assert error_of(client.invoke_with_response_stream, **NAMED, **qualifier) == answer


def test_invoke_async_says_it_in_words_of_its_own(client: Any, mock: LambdaMock, managed: Any) -> None:
    create(client, **managed)
    mock.clock.run_until_idle()

    for name in ("orders", "orders:$LATEST.PUBLISHED"):
        answer = error_of(client.invoke_async, FunctionName=name, InvokeArgs=b"{}")
        assert (answer[:2], answer[2].endswith("ActiveNonInvocable")) == ((409, "ResourceConflictException"), True)


def test_with_a_published_version_the_state_is_the_answer_again(client: Any, mock: LambdaMock, managed: Any) -> None:
    create(client, **managed, Publish=True)
    mock.clock.run_until_idle()

    assert error_of(client.invoke, **NAMED)[1] == "ResourceConflictException"


def test_elsewhere_there_is_no_latest_published_version(client: Any, mock: LambdaMock) -> None:
    create(client)
    mock.clock.run_until_idle()

    assert error_of(client.invoke, **NAMED, Qualifier="$LATEST.PUBLISHED")[0] == 404


def test_nobody_waits_for_more_than_half_an_hour(client: Any, mock: LambdaMock, managed: Any) -> None:
    create(client, **managed, Publish=True, Timeout=1801)
    mock.handler("orders", returns=1)
    mock.clock.run_until_idle()
    text = "The function's timeout of 1801 seconds is only supported for asynchronous invocations."

    assert error_of(client.invoke, **ON_ONE) == (400, "ModeNotSupportedException", text)
    assert error_of(client.invoke, **ON_ONE, InvocationType="DryRun") == (400, "ModeNotSupportedException", text)
    streamed = error_of(client.invoke_with_response_stream, **ON_ONE)
    assert streamed == (400, "InvalidParameterValueException", text)
    assert client.invoke(**ON_ONE, InvocationType="Event")["StatusCode"] == 202


def test_half_an_hour_can_be_waited_for(client: Any, mock: LambdaMock, managed: Any) -> None:
    create(client, **managed, Publish=True, Timeout=1800)
    mock.handler("orders", returns=1)
    mock.clock.run_until_idle()

    assert client.invoke(**ON_ONE)["StatusCode"] == 200


def test_network_interfaces_that_are_not_ready_stop_invocations_alone(once: Any, mock: LambdaMock) -> None:
    create(once, VpcConfig=VPC)
    create(once, "prices")
    for name in ("orders", "prices"):
        mock.handler(name, returns=1)
    mock.clock.run_until_idle()
    mock.world.network_interfaces.lose()

    assert error_of(once.invoke, **NAMED)[:2] == (502, "ENINotReadyException")
    assert error_of(once.invoke_with_response_stream, **NAMED)[:2] == (502, "ResourceNotReadyException")
    assert once.invoke(FunctionName="prices")["StatusCode"] == 200
    once.update_function_configuration(FunctionName="orders", Timeout=9)
    mock.clock.run_until_idle()
    assert mock.function("orders").last_update_status == "Successful"
    mock.world.network_interfaces.restore()
    assert once.invoke(**NAMED)["StatusCode"] == 200


def test_each_invocation_says_in_its_own_words_that_interfaces_are_not_ready() -> None:
    with mock_lambda(waking_error={"vpc": "ENINotReadyException"}) as m:
        client: Any = newest_client(Config(retries={"total_max_attempts": 1}))
        create(client, VpcConfig=VPC)
        m.clock.run_until_idle()
        m.function("orders").idle()

        assert error_of(client.invoke, **NAMED)[:2] == (502, "ENINotReadyException")
        assert error_of(client.invoke_with_response_stream, **NAMED)[:2] == (502, "ResourceNotReadyException")
        answer = error_of(client.invoke_async, **NAMED, InvokeArgs=b"{}")
        assert (answer[:2], answer[2].endswith("Pending")) == ((409, "ResourceConflictException"), True)


def test_an_error_of_ec2_that_lambda_does_not_know_is_named(once: Any, mock: LambdaMock) -> None:
    create(once, VpcConfig=VPC)
    mock.clock.run_until_idle()
    mock.function("orders").idle()
    mock.world.network_interfaces.fail("InternalError")
    with pytest.raises(ClientError):
        once.invoke(**NAMED)
    mock.clock.advance(60)
    assert mock.function("orders").state_reason_code == "InternalError"

    answer = refused(once.invoke, **NAMED)

    assert (answer["Error"]["Code"], answer["EC2ErrorCode"]) == ("EC2UnexpectedException", "InternalError")


@pytest.mark.parametrize(("code", "error"), [(7, TypeError), ("", ValueError)])
def test_ec2_answers_with_a_code(mock: LambdaMock, code: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="an error code of EC2"):
        mock.world.network_interfaces.fail(code)


def test_an_image_that_cannot_be_run_fails_the_creation(client: Any, mock: LambdaMock) -> None:
    mock.world.images[IMAGE].corrupt()
    create(client, **FROM_IMAGE)
    mock.clock.run_until_idle()

    assert (mock.function("orders").state, mock.function("orders").state_reason_code) == ("Failed", "InvalidImage")
    assert error_of(client.invoke, **NAMED)[1] == "CodeArtifactUserFailedException"


def test_an_object_that_is_no_zip_cannot_be_deployed(client: Any, mock: LambdaMock) -> None:
    mock.world.objects["s3://code/orders.zip"].corrupt()

    answer = error_of(create, client=client, Code={"S3Bucket": "code", "S3Key": "orders.zip"})

    assert answer[2] == "Could not unzip uploaded file. Please check your file, then try to upload again."


def test_a_function_has_as_many_aliases_as_its_limit(client: Any, mock: LambdaMock) -> None:
    for name in ("orders", "prices"):
        create(client, name, Publish=True)
    mock.limits.aliases = 1
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    asked = {"FunctionName": "orders", "Name": "blue", "FunctionVersion": "1"}

    assert error_of(client.create_alias, **asked)[:2] == (400, "AliasLimitExceededException")
    client.create_alias(FunctionName="prices", Name="live", FunctionVersion="1")
    client.update_alias(FunctionName="orders", Name="live", Description="still there")
    client.delete_alias(FunctionName="orders", Name="live")
    client.create_alias(**asked)


@pytest.fixture
def snapshot(client: Any, mock: LambdaMock) -> None:
    """Version 1 of ``orders`` has a snapshot."""
    create(client, **SNAP_START, Publish=True)
    mock.handler("orders", returns=1)
    mock.clock.run_until_idle()


@pytest.mark.usefixtures("snapshot")
def test_a_snapshot_that_is_made_anew_changes_nothing_to_see(client: Any, mock: LambdaMock) -> None:
    version = mock.function("orders").version(1)
    version.regenerate_snapshot()

    assert version.state == "Active"
    assert client.invoke(**ON_ONE)["StatusCode"] == 200


@pytest.mark.usefixtures("snapshot")
def test_a_snapshot_that_cannot_be_made_anew_makes_the_version_inactive(client: Any, mock: LambdaMock) -> None:
    version = mock.function("orders").version(1)
    mock.handler("orders", returns=1, init=1000)
    version.regenerate_snapshot()
    assert (version.state, version.state_reason_code) == ("Inactive", "FunctionError.InitTimeout")

    assert error_of(client.invoke, **ON_ONE)[:2] == (409, "SnapStartRegenerationFailureException")
    assert version.state == "Pending"  # Lambda tries again
    assert error_of(client.invoke, **ON_ONE)[1] == "SnapStartNotReadyException"
    mock.handler("orders", returns=1)
    mock.clock.run_until_idle()
    assert client.invoke(**ON_ONE)["StatusCode"] == 200


@pytest.mark.usefixtures("snapshot")
def test_a_snapshot_that_hangs_is_not_made_anew(mock: LambdaMock) -> None:
    fault = mock.faults.on_phase("snapshot").hang()
    mock.function("orders").version(1).regenerate_snapshot()

    fault.release()

    assert mock.function("orders").version(1).state == "Active"


@pytest.mark.usefixtures("snapshot")
def test_only_a_version_with_a_snapshot_can_have_it_made_anew(mock: LambdaMock) -> None:
    for view in (mock.function("orders"), mock.function("orders").version(1)):
        view.idle()
        with pytest.raises(WrongStateError, match="a published version with SnapStart that is Active"):
            view.regenerate_snapshot()


def test_no_more_snapshots_are_made_at_once_than_the_limit(client: Any, mock: LambdaMock) -> None:
    create(client, **SNAP_START)
    create(client, "prices", **SNAP_START)
    create(client, "plain")
    mock.clock.run_until_idle()
    mock.limits.concurrent_snapshots = 1
    client.publish_version(FunctionName="orders")

    for publish in (
        lambda: client.publish_version(FunctionName="prices"),
        lambda: client.update_function_code(FunctionName="prices", ZipFile=zip_of("x = 1"), Publish=True),
        lambda: create(client, "new", **SNAP_START, Publish=True),
    ):
        answer = refused(publish)
        assert answer["Reason"] == "ConcurrentSnapshotCreateLimitExceeded"
        assert answer["Error"]["Message"].endswith("you have reached your concurrent snapshot creation limit.")
    assert error_of(client.get_function, FunctionName="new")[0] == 404
    client.publish_version(FunctionName="plain")
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="prices")


@pytest.mark.parametrize(
    ("code", "kind"),
    [("ServiceException", "Service"), ("ResourceNotFoundException", "User"), ("AccessDeniedException", None)],
)
def test_a_fault_at_random_has_the_type_that_aws_gives_it(once: Any, mock: LambdaMock, code: str, kind: Any) -> None:
    mock.faults.random(rate=1, errors=[code])

    assert refused(once.get_function, **NAMED).get("Type") == kind


def test_a_fault_says_what_an_error_carries(once: Any, mock: LambdaMock) -> None:
    create(once)
    fault = mock.faults.on_call("Invoke")
    fault.error("EC2UnexpectedException", members={"EC2ErrorCode": "InternalError"})

    assert refused(once.invoke, **NAMED)["EC2ErrorCode"] == "InternalError"
    with pytest.raises(UnknownNameError, match='EC2UnexpectedException has no member "EC2Error": did you mean'):
        fault.error("EC2UnexpectedException", members={"EC2Error": "x"})
    with pytest.raises(UnknownNameError, match='ServiceException has no member "Reason": It has: none'):
        fault.error("ServiceException", reason="x")
