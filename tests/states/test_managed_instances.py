"""Functions on a capacity provider: what is inferred of their states, seen through the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock, mock_lambda

PROVIDER = "arn:aws:lambda:us-east-1:123456789012:capacity-provider:fleet"
ROLE = "arn:aws:iam::123456789012:role/orders"


@pytest.fixture
def mock() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=1) as m:
        client = boto3.client("lambda", region_name="us-east-1")
        client.create_capacity_provider(
            CapacityProviderName="fleet",
            VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
            PermissionsConfig={"CapacityProviderOperatorRoleArn": ROLE},
        )
        m.clock.run_until_idle()
        client.create_function(
            FunctionName="orders",
            Role=ROLE,
            Runtime="python3.13",
            Handler="app.handler",
            MemorySize=2048,
            Code={"S3Bucket": "code", "S3Key": "k"},
            CapacityProviderConfig={"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER}},
        )
        m.clock.run_until_idle()
        m.handler("orders", returns="ok")
        yield m


@pytest.fixture
def client(mock: LambdaMock) -> Any:
    return boto3.client("lambda", region_name="us-east-1")


def test_the_unpublished_function_is_complete_but_cannot_be_invoked(mock: LambdaMock, client: Any) -> None:
    view = client.get_function_configuration(FunctionName="orders")
    assert (view["State"], view["LastUpdateStatus"]) == ("ActiveNonInvocable", "Successful")

    with pytest.raises(ClientError, match="no published versions") as unpublished:
        client.invoke(FunctionName="orders")
    assert unpublished.value.response["Error"]["Code"] == "NoPublishedVersionException"

    client.publish_version(FunctionName="orders")
    with pytest.raises(ClientError, match="in the following state: ActiveNonInvocable") as raised:
        client.invoke(FunctionName="orders")

    assert raised.value.response["Error"]["Code"] == "ResourceConflictException"


def test_it_can_be_updated_and_stays_what_it_is(mock: LambdaMock, client: Any) -> None:
    client.update_function_configuration(FunctionName="orders", Description="new")
    assert client.get_function_configuration(FunctionName="orders")["LastUpdateStatus"] == "InProgress"
    mock.clock.run_until_idle()

    assert client.get_function_configuration(FunctionName="orders")["State"] == "ActiveNonInvocable"


def test_a_version_is_pending_until_it_is_launched_runs_and_never_falls_idle(mock: LambdaMock, client: Any) -> None:
    client.publish_version(FunctionName="orders")
    version = mock.function("orders").version(1)
    assert version.state == "Pending"
    mock.clock.advance(180)
    assert version.state == "Active"
    assert client.invoke(FunctionName="orders", Qualifier="1")["StatusCode"] == 200
    mock.clock.advance(86_400 * 365)

    assert version.state == "Active"


def test_a_version_is_deleting_until_its_capacity_is_given_back(mock: LambdaMock, client: Any) -> None:
    client.publish_version(FunctionName="orders")
    mock.clock.run_until_idle()
    answer = client.delete_function(FunctionName="orders", Qualifier="1")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert client.get_function_configuration(FunctionName="orders", Qualifier="1")["State"] == "Deleting"
    with pytest.raises(ClientError, match="in the following state: Deleting"):
        client.invoke(FunctionName="orders", Qualifier="1")
    mock.clock.advance(60)

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_function_configuration(FunctionName="orders", Qualifier="1")
    assert mock.function("orders").state == "ActiveNonInvocable"


def test_a_whole_function_is_deleting_with_its_versions(mock: LambdaMock, client: Any) -> None:
    client.publish_version(FunctionName="orders")
    mock.clock.run_until_idle()
    client.delete_function(FunctionName="orders")
    function = mock.function("orders")
    assert (function.state, function.version(1).state) == ("Deleting", "Deleting")
    with pytest.raises(client.exceptions.ResourceConflictException):
        client.update_function_configuration(FunctionName="orders", Description="late")
    mock.clock.advance(60)

    assert not function.exists
    assert client.list_functions()["Functions"] == []
    assert function.history.states == ["Pending", "ActiveNonInvocable", "Deleting", None]
    assert mock.clock.pending == ()


def test_a_version_scaled_to_nothing_is_deactivated_until_it_is_scaled_again(mock: LambdaMock, client: Any) -> None:
    client.publish_version(FunctionName="orders")
    mock.clock.run_until_idle()
    version = mock.function("orders").version(1)
    states = []
    for least, most in ((0, 0), (1, 2)):
        client.put_function_scaling_config(
            FunctionName="orders",
            Qualifier="1",
            FunctionScalingConfig={"MinExecutionEnvironments": least, "MaxExecutionEnvironments": most},
        )
        states.append(version.state)
        mock.clock.run_until_idle()
        states.append(version.state)

    assert states == ["Deactivating", "Deactivated", "Pending", "Active"]
