"""Services of moto that ask for a function, and wait for its answer."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock
from lambda_states_mock.errors import StackResourceError
from tests.deploying import create, error_of
from tests.neighbours.conftest import client
from tests.pushes.conftest import Receiver

STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]


# -- Secrets Manager


def test_a_rotation_invokes_its_steps_in_order(receiver: Receiver) -> None:
    secrets = client("secretsmanager")
    arn = secrets.create_secret(Name="key", SecretString="old")["ARN"]
    version = secrets.rotate_secret(SecretId="key", RotationLambdaARN=receiver.arn)["VersionId"]
    assert [event["Step"] for event in receiver.events] == STEPS
    assert {event["SecretId"] for event in receiver.events} == {arn}
    assert {event["ClientRequestToken"] for event in receiver.events} == {version}
    assert all(event["RotationToken"] for event in receiver.events)


def test_a_step_can_use_the_secret(mock: LambdaMock) -> None:
    arn = create(client("lambda"))["FunctionArn"]
    secrets = client("secretsmanager")
    secrets.create_secret(Name="key", SecretString="old")

    def rotate(event: dict[str, Any], _context: Any) -> None:
        if event["Step"] == "createSecret":
            secrets.put_secret_value(
                SecretId=event["SecretId"],
                ClientRequestToken=event["ClientRequestToken"],
                SecretString="new",
                VersionStages=["AWSPENDING"],
            )

    mock.handler("orders", call=rotate)
    secrets.rotate_secret(SecretId="key", RotationLambdaARN=arn)
    assert secrets.get_secret_value(SecretId="key")["SecretString"] == "new"


def test_a_rotation_ends_with_the_step_that_fails(mock: LambdaMock) -> None:
    arn = create(client("lambda"))["FunctionArn"]
    mock.handler("orders", side_effect=RuntimeError("no"))
    secrets = client("secretsmanager")
    secrets.create_secret(Name="key", SecretString="old")
    secrets.rotate_secret(SecretId="key", RotationLambdaARN=arn)
    assert len(mock.invocations("orders")) == 1


def test_a_rotation_without_a_permission_is_refused_as_recorded(mock: LambdaMock, receiver: Receiver) -> None:
    mock.world.require_source_permissions = True
    secrets = client("secretsmanager")
    secrets.create_secret(Name="key", SecretString="old")
    assert error_of(secrets.rotate_secret, SecretId="key", RotationLambdaARN=receiver.arn)[1:] == (
        "AccessDeniedException",
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to"
        " the principal secretsmanager.amazonaws.com.",
    )
    assert secrets.describe_secret(SecretId="key").get("RotationLambdaARN", "") == ""

    client("lambda").add_permission(
        FunctionName="orders",
        StatementId="rotation",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
    )
    secrets.rotate_secret(SecretId="key", RotationLambdaARN=receiver.arn)
    assert len(receiver.events) == 4


def test_a_rotation_without_any_function_is_refused_as_recorded_where_the_test_wants_that(mock: LambdaMock) -> None:
    secrets = client("secretsmanager")
    for name in ("alone", "key"):
        secrets.create_secret(Name=name, SecretString="old")
    secrets.rotate_secret(SecretId="alone")  # moto's users may
    mock.world.require_source_permissions = True
    assert error_of(secrets.rotate_secret, SecretId="key") == (
        400,
        "InvalidRequestException",
        "No Lambda rotation function ARN is associated with this secret.",
    )


def test_a_rotation_that_is_not_immediate_only_tests_its_function(receiver: Receiver) -> None:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="key", SecretString="old")
    secrets.rotate_secret(SecretId="key", RotationLambdaARN=receiver.arn, RotateImmediately=False)
    assert [event["Step"] for event in receiver.events] == ["testSecret"]


def test_a_secret_is_rotated_again_by_its_function(receiver: Receiver) -> None:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="key", SecretString="old")
    secrets.rotate_secret(SecretId="key", RotationLambdaARN=receiver.arn)
    token = receiver.events[0]["ClientRequestToken"]
    for stage in secrets.describe_secret(SecretId="key")["VersionIdsToStages"].get(token, ()):
        if stage == "AWSPENDING":
            secrets.update_secret_version_stage(SecretId="key", VersionStage=stage, RemoveFromVersionId=token)
    secrets.rotate_secret(SecretId="key")
    assert len(receiver.events) == 8


def test_a_rotation_function_that_is_not_there_is_refused(mock: LambdaMock) -> None:
    del mock
    secrets = client("secretsmanager")
    secrets.create_secret(Name="key", SecretString="old")
    with pytest.raises(ClientError):
        secrets.rotate_secret(
            SecretId="key", RotationLambdaARN="arn:aws:lambda:us-east-1:123456789012:function:nothing"
        )


# -- CloudFormation's custom resources


def respond(event: dict[str, Any], status: str = "SUCCESS", **more: Any) -> None:
    """Answer to the URL of a custom resource's *event*."""
    names = ("StackId", "RequestId", "LogicalResourceId")
    body = {"Status": status, **{name: event[name] for name in names}, **more}
    request = urllib.request.Request(event["ResponseURL"], method="PUT", data=json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def template(function_arn: str, **properties: Any) -> str:
    resource = {"Type": "Custom::Pear", "Properties": {"ServiceToken": function_arn, **properties}}
    outputs = {
        "Taste": {"Value": {"Fn::GetAtt": ["Pear", "Taste"]}},
        "Id": {"Value": {"Ref": "Pear"}},
    }
    return json.dumps({"Resources": {"Pear": resource}, "Outputs": outputs})


@pytest.fixture
def grown(mock: LambdaMock) -> Receiver:
    """A function that answers with what the properties say."""
    arn = create(client("lambda"))["FunctionArn"]
    events: list[Any] = []

    def grow(event: dict[str, Any], _context: Any) -> None:
        events.append(event)
        taste = event["ResourceProperties"]["Taste"]
        if taste == "bitter":
            respond(event, "FAILED", Reason="nobody eats that", PhysicalResourceId="pear-1")
        elif taste != "none":
            respond(event, PhysicalResourceId="pear-1", Data={"Taste": taste})

    mock.handler("orders", call=grow)
    return Receiver(arn, events)


def outputs(cloudformation: Any) -> dict[str, str]:
    """Return what the stack has put out, by name."""
    stack = cloudformation.describe_stacks(StackName="garden")["Stacks"][0]
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def test_a_custom_resource_is_made_changed_and_deleted_by_its_function(grown: Receiver) -> None:
    cloudformation = client("cloudformation")
    stack = cloudformation.create_stack(StackName="garden", TemplateBody=template(grown.arn, Taste="sweet", Size=3))
    assert outputs(cloudformation) == {"Taste": "sweet", "Id": "pear-1"}
    cloudformation.update_stack(StackName="garden", TemplateBody=template(grown.arn, Taste="sour"))
    assert outputs(cloudformation)["Taste"] == "sour"
    cloudformation.delete_stack(StackName="garden")
    made, changed, deleted = grown.events
    assert [one["RequestType"] for one in grown.events] == ["Create", "Update", "Delete"]
    assert made["ResourceProperties"] == {"ServiceToken": grown.arn, "Taste": "sweet", "Size": "3"}
    assert "PhysicalResourceId" not in made
    assert changed["OldResourceProperties"]["Taste"] == "sweet"
    assert {changed["PhysicalResourceId"], deleted["PhysicalResourceId"]} == {"pear-1"}
    assert made["StackId"] == stack["StackId"]
    assert (made["LogicalResourceId"], made["ResourceType"]) == ("Pear", "Custom::Pear")


def test_a_custom_resource_that_fails_takes_its_stack_back(grown: Receiver) -> None:
    cloudformation = client("cloudformation")
    with pytest.raises(StackResourceError, match="nobody eats that"):
        cloudformation.create_stack(StackName="garden", TemplateBody=template(grown.arn, Taste="bitter"))
    assert cloudformation.describe_stacks(StackName="garden")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_function_that_does_not_answer_is_waited_for_for_an_hour(grown: Receiver, mock: LambdaMock) -> None:
    before = mock.clock.now
    with pytest.raises(StackResourceError, match="for an hour"):
        client("cloudformation").create_stack(StackName="garden", TemplateBody=template(grown.arn, Taste="none"))
    assert (mock.clock.now - before).total_seconds() == 3600


def test_an_answer_to_a_url_that_nobody_waits_for_is_refused(grown: Receiver) -> None:
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName="garden", TemplateBody=template(grown.arn, Taste="sweet"))
    with pytest.raises(urllib.error.HTTPError, match="403"):
        respond(grown.events[0])


# -- configuration that names a function


def test_a_receipt_rule_of_ses_finds_the_function(receiver: Receiver) -> None:
    ses = client("ses")
    ses.create_receipt_rule_set(RuleSetName="set")
    action = {"LambdaAction": {"FunctionArn": receiver.arn, "InvocationType": "Event"}}
    ses.create_receipt_rule(RuleSetName="set", Rule={"Name": "r", "Actions": [action]})


@pytest.mark.needs("moto>=5.1.12")  # an older one looks for no function
def test_a_receipt_rule_of_ses_without_its_function_is_refused(mock: LambdaMock) -> None:
    del mock
    ses = client("ses")
    ses.create_receipt_rule_set(RuleSetName="set")
    action = {"LambdaAction": {"FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:nothing"}}
    with pytest.raises(ClientError, match="Invalid Lambda function"):
        ses.create_receipt_rule(RuleSetName="set", Rule={"Name": "r", "Actions": [action]})
