"""CloudFormation templates in moto: their Lambda resources are ours."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from moto import mock_aws

from lambda_states_mock import LambdaMock, StackResourceError, mock_lambda
from tests.neighbours.conftest import TRUST, client, functions_of_moto

ORDERS: dict[str, Any] = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "FunctionName": "orders",
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "MemorySize": "256",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": "def handler(event, context):\n    return {'code': 1}\n"},
        "Tags": [{"Key": "team", "Value": "shop"}],
        "ReservedConcurrentExecutions": 5,
    },
}
RESOURCES: dict[str, Any] = {
    "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "orders", "AssumeRolePolicyDocument": TRUST}},
    "Orders": ORDERS,
}
PUBLISHED: dict[str, Any] = {
    "One": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Orders"}}},
    "Live": {
        "Type": "AWS::Lambda::Alias",
        "Properties": {
            "FunctionName": {"Ref": "Orders"},
            "Name": "live",
            "FunctionVersion": {"Fn::GetAtt": ["One", "Version"]},
        },
    },
}
PUBLIC: dict[str, Any] = {
    "Url": {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": {"Ref": "Orders"}, "AuthType": "NONE"}},
    "MayCallTheUrl": {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Ref": "Orders"},
            "Action": "lambda:InvokeFunctionUrl",
            "Principal": "*",
            "FunctionUrlAuthType": "NONE",
        },
    },
    "MayInvoke": {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Ref": "Orders"},
            "Action": "lambda:InvokeFunction",
            "Principal": "*",
            "InvokedViaFunctionUrl": True,
        },
    },
}


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_aws(), mock_lambda(start="2026-01-01T00:00:00Z", timings={"create": 20, "update": 10}) as mock:
        yield mock


def body(*more: dict[str, Any], outputs: dict[str, Any] | None = None, **changes: Any) -> str:
    """Return a template with the function, *more* resources, and *changes* of the function's properties."""
    resources = copy.deepcopy(RESOURCES)
    resources["Orders"]["Properties"].update(changes)
    for one in more:
        resources.update(one)
    shown = {name: {"Value": value} for name, value in (outputs or {}).items()}
    return json.dumps({"Resources": resources, "Outputs": shown})


def create(template: str) -> dict[str, str]:
    """Create the stack and return its outputs."""
    stacks = client("cloudformation")
    stacks.create_stack(StackName="shop", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
    (stack,) = stacks.describe_stacks(StackName="shop")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}


def update(template: str) -> None:
    client("cloudformation").update_stack(
        StackName="shop", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"]
    )


def test_a_function_of_a_stack_is_ours_and_ready_when_the_stack_is(m: LambdaMock) -> None:
    before = m.clock.now
    outputs = create(body(outputs={"Arn": {"Fn::GetAtt": ["Orders", "Arn"]}, "Name": {"Ref": "Orders"}}))
    assert outputs == {"Arn": "arn:aws:lambda:us-east-1:123456789012:function:orders", "Name": "orders"}
    assert m.function("orders").state == "Active"
    assert m.clock.now - before == timedelta(seconds=20)
    assert functions_of_moto() == []


def test_its_properties_are_the_functions(m: LambdaMock) -> None:
    create(body())
    found = client("lambda").get_function(FunctionName="orders")
    assert found["Configuration"]["MemorySize"] == 256
    assert found["Tags"] == {"team": "shop"}
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 5}
    assert client("lambda").invoke(FunctionName="orders")["Payload"].read() == b'{"code": 1}'


def test_a_function_without_a_name_gets_one_from_the_stack(m: LambdaMock) -> None:
    template = json.loads(body(outputs={"Name": {"Ref": "Orders"}}))
    del template["Resources"]["Orders"]["Properties"]["FunctionName"]
    name = create(json.dumps(template))["Name"]
    assert name.startswith("shop-Orders-")
    assert m.function(name).state == "Active"


def test_versions_and_aliases_are_made_once_the_function_is_ready(m: LambdaMock) -> None:
    create(body(PUBLISHED))
    assert m.function("orders").versions == ["1"]
    assert m.function("orders").alias("live").function_version == "1"


def test_a_url_with_its_permissions_can_be_called(m: LambdaMock) -> None:
    outputs = create(body(PUBLIC, outputs={"Url": {"Fn::GetAtt": ["Url", "FunctionUrl"]}}))
    assert requests.get(outputs["Url"], timeout=5).json() == {"code": 1}


def test_an_update_changes_what_is_different_and_waits(m: LambdaMock) -> None:
    create(body())
    before = m.clock.now
    update(body(MemorySize=512, Code={"ZipFile": "def handler(event, context):\n    return {'code': 2}\n"}))
    assert m.clock.now - before == timedelta(seconds=2 * 10)
    assert client("lambda").get_function_configuration(FunctionName="orders")["MemorySize"] == 512
    assert client("lambda").invoke(FunctionName="orders")["Payload"].read() == b'{"code": 2}'


def test_an_update_of_something_else_leaves_the_function_alone(m: LambdaMock) -> None:
    create(body())
    calls = len(m.calls)
    update(body(PUBLISHED))
    assert m.calls[calls:].operations == ["PublishVersion", "CreateAlias"]


def test_a_deleted_stack_takes_its_functions_along(m: LambdaMock) -> None:
    create(body(PUBLISHED, PUBLIC))
    client("cloudformation").delete_stack(StackName="shop")
    assert not m.function("orders").exists


def test_what_aws_refuses_is_told_with_the_resource(m: LambdaMock) -> None:
    with pytest.raises(StackResourceError, match=r"AWS::Lambda::Function orders: InvalidParameterValueException"):
        create(body(Role="arn:aws:iam::123456789012:role/nobody"))


def test_a_function_that_fails_is_told(m: LambdaMock) -> None:
    m.faults.on_phase("create").fail("InvalidSubnet")
    with pytest.raises(StackResourceError, match='function "orders" failed: InvalidSubnet'):
        create(body())


def test_a_resource_that_cannot_be_made_is_named(m: LambdaMock) -> None:
    other = {"Teapot": {"Type": "AWS::Lambda::Teapot", "Properties": {}}}
    with pytest.raises(StackResourceError, match="AWS::Lambda::Teapot cannot be made by a stack here"):
        create(body(other))


def test_without_the_mock_moto_makes_its_own() -> None:
    with mock_aws(config={"lambda": {"use_docker": False}}):
        with mock_lambda():
            pass
        create(body())
        assert functions_of_moto() == ["orders"]
