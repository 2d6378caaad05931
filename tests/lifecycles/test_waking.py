"""An idle function and the way back: what Invoke answers meanwhile, and who is idle."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock, mock_lambda

ROLE = "arn:aws:iam::123456789012:role/orders"
DAY = 86_400
KINDS: dict[str, dict[str, Any]] = {
    "zip": {"Runtime": "python3.13", "Handler": "app.handler", "Code": {"S3Bucket": "code", "S3Key": "k"}},
    "image": {"PackageType": "Image", "Code": {"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1"}},
}
KINDS["vpc"] = {**KINDS["zip"], "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}


def client_of() -> Any:
    return boto3.client("lambda", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def client(mock: LambdaMock) -> Any:
    mock.handler("orders", returns="ok")
    return client_of()


def create(mock: LambdaMock, client: Any, kind: str = "zip", **more: Any) -> None:
    client.create_function(FunctionName="orders", Role=ROLE, **{**KINDS[kind], **more})
    mock.clock.run_until_idle()


def waking(client: Any, **more: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as raised:
        client.invoke(FunctionName="orders", **more)
    response: Any = raised.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("zip", ("CodeArtifactUserPendingException", 409)),
        ("image", ("CodeArtifactUserPendingException", 409)),
        ("vpc", ("ResourceNotReadyException", 502)),
    ],
)
def test_the_invoke_that_wakes_a_function_fails_as_its_kind_does(
    mock: LambdaMock, client: Any, kind: str, error: tuple[str, int]
) -> None:
    create(mock, client, kind)
    mock.clock.advance(14 * DAY)
    function = mock.function("orders")
    assert (function.state, function.state_reason_code) == ("Inactive", "Idle")

    assert waking(client)[:2] == error
    assert (function.state, function.state_reason_code) == ("Pending", "Restoring")
    assert waking(client)[:2] == error
    mock.clock.advance(60)
    assert client.invoke(FunctionName="orders")["StatusCode"] == 200


def test_one_error_for_every_kind_is_an_option() -> None:
    with mock_lambda(waking_error="ResourceConflictException") as m:
        client = client_of()
        create(m, client, "vpc")
        m.function("orders").idle()

        code, status, text = waking(client)

    assert (code, status) == ("ResourceConflictException", 409)
    assert text.endswith("The function is currently in the following state: Inactive")


def test_an_error_by_kind_leaves_the_other_kinds_as_they_are() -> None:
    with mock_lambda(waking_error={"vpc": "ENINotReadyException"}) as m:
        client = client_of()
        create(m, client, "vpc")
        m.function("orders").idle()
        assert waking(client)[:2] == ("ENINotReadyException", 502)

    with mock_lambda(waking_error={"vpc": "ENINotReadyException"}) as m:
        client = client_of()
        create(m, client)
        m.function("orders").idle()
        assert waking(client)[0] == "CodeArtifactUserPendingException"


@pytest.mark.parametrize(
    ("value", "error", "hint"),
    [
        ("ResourceConflictExeption", ValueError, 'did you mean "ResourceConflictException"?'),
        ({"image": "FunctionAlreadyExists"}, ValueError, "Invoke does not answer 'FunctionAlreadyExists'"),
        ({"vcp": "ResourceNotReadyException"}, ValueError, 'did you mean "vpc"?'),
        (409, TypeError, "an error code, or a mapping"),
    ],
)
def test_a_waking_error_that_cannot_be_is_refused_at_once(value: Any, error: type[Exception], hint: str) -> None:
    with pytest.raises(error) as raised:
        mock_lambda(waking_error=value)

    assert hint in str(raised.value)


def test_an_invoke_restarts_the_idle_period_and_a_look_does_not(mock: LambdaMock, client: Any) -> None:
    create(mock, client)
    mock.clock.advance(13 * DAY)
    client.invoke(FunctionName="orders")
    mock.clock.advance(13 * DAY)
    assert mock.function("orders").state == "Active"

    client.get_function(FunctionName="orders")
    mock.clock.advance(1 * DAY)
    assert mock.function("orders").state == "Inactive"


def test_a_version_sleeps_and_wakes_on_its_own(mock: LambdaMock, client: Any) -> None:
    create(mock, client)
    client.publish_version(FunctionName="orders")
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    mock.clock.advance(10 * DAY)
    client.invoke(FunctionName="orders", Qualifier="live")
    mock.clock.advance(5 * DAY)

    latest, version = mock.function("orders"), mock.function("orders").version(1)
    assert (latest.state, version.state) == ("Inactive", "Active")

    version.idle()
    assert waking(client, Qualifier="live")[0] == "CodeArtifactUserPendingException"
    assert (latest.state, version.state) == ("Inactive", "Pending")
    mock.clock.advance(60)
    assert (latest.state, version.state) == ("Inactive", "Active")


def test_an_event_for_an_idle_function_wakes_it_and_is_refused_too(mock: LambdaMock, client: Any) -> None:
    create(mock, client)
    mock.function("orders").idle()

    assert waking(client, InvocationType="Event")[0] == "CodeArtifactUserPendingException"
    assert mock.function("orders").state == "Pending"


def test_a_restoration_that_fails_leaves_the_function_inactive_with_the_reason(mock: LambdaMock, client: Any) -> None:
    create(mock, client)
    mock.function("orders").idle()
    mock.faults.on_phase("restore").fail("InternalError", times=1)
    waking(client)
    mock.clock.advance(60)
    function = mock.function("orders")
    assert (function.state, function.state_reason_code) == ("Inactive", "InternalError")

    waking(client)  # there is no back-off for this reason
    assert function.state == "Pending"


def snap_start(client: Any, mock: LambdaMock, runtime: str) -> Any:
    create(mock, client, Runtime=runtime, SnapStart={"ApplyOn": "PublishedVersions"})
    client.publish_version(FunctionName="orders")
    return mock.function("orders").version(1)


def test_a_snapshot_is_on_once_it_is_ready_and_off_once_it_is_deleted(mock: LambdaMock, client: Any) -> None:
    version = snap_start(client, mock, "java21")

    def status() -> str:
        view = client.get_function_configuration(FunctionName="orders", Qualifier="1")
        return str(view["SnapStart"]["OptimizationStatus"])

    assert (version.state, status()) == ("Pending", "Off")
    mock.clock.advance(120)
    assert (version.state, status()) == ("Active", "On")
    latest = client.get_function_configuration(FunctionName="orders")["SnapStart"]
    assert latest == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}

    mock.clock.advance(14 * DAY)
    assert (version.state, status()) == ("Inactive", "Off")
    assert waking(client, Qualifier="1")[:2] == ("SnapStartNotReadyException", 409)
    mock.clock.advance(60)
    assert (version.state, status()) == ("Active", "On")


@pytest.mark.parametrize("runtime", ["python3.13", "dotnet8"])
def test_only_the_snapshots_of_java_are_deleted_for_idleness(mock: LambdaMock, client: Any, runtime: str) -> None:
    version = snap_start(client, mock, runtime)
    mock.clock.advance(120 + 400 * DAY)

    assert version.state == "Active"
    version.idle()  # when a test wants it all the same
    assert version.state == "Inactive"
