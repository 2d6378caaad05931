"""Stacks of moto's CloudFormation that change: resources in place, replaced, taken out, and rolled back."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from lambda_states_mock import LambdaMock, StackResourceError, mock_lambda
from tests.neighbours.conftest import TRUST, client

ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders"
RESOURCES: dict[str, Any] = {
    "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "orders", "AssumeRolePolicyDocument": TRUST}},
    "Orders": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "orders",
            "Runtime": "python3.12",
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": "def handler(event, context):\n    return 1\n"},
        },
    },
}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::Lambda::{kind}", "Properties": properties}


MAPPING = resource(
    "EventSourceMapping",
    FunctionName={"Ref": "Orders"},
    EventSourceArn={"Fn::GetAtt": ["Jobs", "Arn"]},
    BatchSize=5,
)
QUEUES: dict[str, Any] = {
    "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
    "Letters": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "letters"}},
}
INVOKING = resource("EventInvokeConfig", FunctionName={"Ref": "Orders"}, Qualifier="$LATEST", MaximumRetryAttempts="1")
LAYER = resource("LayerVersion", LayerName="tools", Content={"S3Bucket": "code", "S3Key": "layer.zip"})


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    timings = {"create": 20, "update": 10, "mapping_create": 3, "mapping_update": 2, "mapping_delete": 1}
    with mock_aws(), mock_lambda(start="2026-01-01T00:00:00Z", timings=timings) as mock:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("python/tools.py", "")
        client("s3").create_bucket(Bucket="code")
        client("s3").put_object(Bucket="code", Key="layer.zip", Body=packed.getvalue())
        yield mock


class Stacks:
    """The one stack of a test."""

    def __init__(self, m: LambdaMock) -> None:
        self.m = m
        self.resources: dict[str, Any] = copy.deepcopy(RESOURCES)
        self.outputs: dict[str, Any] = {}

    def text(self) -> str:
        shown = {name: {"Value": value} for name, value in self.outputs.items()}
        return json.dumps({"Resources": self.resources, "Outputs": shown})

    def create(self, **resources: Any) -> dict[str, str]:
        """Create the stack with *resources* beside the function; return its outputs."""
        self.resources.update(copy.deepcopy(resources))
        client("cloudformation").create_stack(StackName="shop", TemplateBody=self.text())
        return self.shown()

    def update(self, **properties: dict[str, Any] | None) -> list[str]:
        """Change properties of resources, None taking one out; return the operations that were called."""
        for name, changed in properties.items():
            if changed is None:
                del self.resources[name]
            elif "Type" in changed:
                self.resources[name] = changed
            else:
                kept = {**self.resources[name]["Properties"], **changed}
                self.resources[name]["Properties"] = {key: value for key, value in kept.items() if value is not None}
        before = len(self.m.calls)
        client("cloudformation").update_stack(StackName="shop", TemplateBody=self.text())
        return self.m.calls[before:].operations

    def shown(self) -> dict[str, str]:
        return {one["OutputKey"]: one["OutputValue"] for one in self.described().get("Outputs", ())}

    def described(self) -> dict[str, Any]:
        stack: dict[str, Any] = client("cloudformation").describe_stacks(StackName="shop")["Stacks"][0]
        return stack

    def reasons(self) -> dict[str, str]:
        """Return the last reason that its events give for each resource."""
        events = client("cloudformation").describe_stack_events(StackName="shop")["StackEvents"]
        return {
            one["LogicalResourceId"]: one["ResourceStatusReason"] for one in events if one.get("ResourceStatusReason")
        }


@pytest.fixture
def stack(m: LambdaMock) -> Stacks:
    return Stacks(m)


def awslambda() -> Any:
    return client("lambda")


# -- event source mappings


def test_a_mapping_is_enabled_when_its_stack_is_there(m: LambdaMock, stack: Stacks) -> None:
    stack.outputs = {"Ref": {"Ref": "Reading"}, "Arn": {"Fn::GetAtt": ["Reading", "EventSourceMappingArn"]}}
    before = m.clock.now
    shown = stack.create(**QUEUES, Reading=MAPPING)
    (found,) = awslambda().list_event_source_mappings()["EventSourceMappings"]
    assert (found["State"], found["BatchSize"]) == ("Enabled", 5)
    assert shown == {"Ref": found["UUID"], "Arn": found["EventSourceMappingArn"]}
    assert m.clock.now - before == timedelta(seconds=20 + 3)


def test_a_mapping_is_updated_in_place(m: LambdaMock, stack: Stacks) -> None:
    stack.create(**QUEUES, Reading=MAPPING)
    (before,) = awslambda().list_event_source_mappings()["EventSourceMappings"]
    assert stack.update(Reading={"BatchSize": 9, "Enabled": False}) == ["UpdateEventSourceMapping"]
    (found,) = awslambda().list_event_source_mappings()["EventSourceMappings"]
    assert (found["State"], found["BatchSize"], found["UUID"]) == ("Disabled", 9, before["UUID"])
    stack.update(Reading={"Enabled": None})
    assert awslambda().get_event_source_mapping(UUID=before["UUID"])["State"] == "Enabled"


def test_a_mapping_of_another_queue_is_another_one(m: LambdaMock, stack: Stacks) -> None:
    stack.create(**QUEUES, Reading=MAPPING)
    called = stack.update(Reading={"EventSourceArn": {"Fn::GetAtt": ["Letters", "Arn"]}})
    assert called == ["CreateEventSourceMapping", "DeleteEventSourceMapping"]
    (found,) = awslambda().list_event_source_mappings()["EventSourceMappings"]
    assert found["EventSourceArn"].endswith(":letters")
    assert found["State"] == "Enabled"


def test_a_mapping_that_is_taken_out_is_gone_when_the_update_ends(m: LambdaMock, stack: Stacks) -> None:
    stack.create(**QUEUES, Reading=MAPPING)
    assert stack.update(Reading=None) == ["DeleteEventSourceMapping"]
    assert awslambda().list_event_source_mappings()["EventSourceMappings"] == []
    stack.update(Reading=copy.deepcopy(MAPPING))
    assert len(awslambda().list_event_source_mappings()["EventSourceMappings"]) == 1


def test_the_tags_of_a_mapping_follow_its_template(m: LambdaMock, stack: Stacks) -> None:
    stack.create(**QUEUES, Reading=MAPPING)
    (found,) = awslambda().list_event_source_mappings()["EventSourceMappings"]
    stack.update(Reading={"Tags": [{"Key": "team", "Value": "shop"}]})
    assert awslambda().list_tags(Resource=found["EventSourceMappingArn"])["Tags"] == {"team": "shop"}
    stack.update(Reading={"Tags": [{"Key": "cost", "Value": "7"}]})
    assert awslambda().list_tags(Resource=found["EventSourceMappingArn"])["Tags"] == {"cost": "7"}


# -- event invoke configurations


def test_an_event_invoke_config_is_set_changed_and_taken_out(m: LambdaMock, stack: Stacks) -> None:
    stack.outputs = {"Ref": {"Ref": "Invoking"}}
    assert stack.create(**QUEUES, Invoking=INVOKING) == {"Ref": "orders|$LATEST"}
    assert awslambda().get_function_event_invoke_config(FunctionName="orders")["MaximumRetryAttempts"] == 1
    letters = {"OnFailure": {"Destination": {"Fn::GetAtt": ["Letters", "Arn"]}}}
    called = stack.update(Invoking={"DestinationConfig": letters, "MaximumRetryAttempts": None})
    assert called == ["PutFunctionEventInvokeConfig"]
    found = awslambda().get_function_event_invoke_config(FunctionName="orders")
    assert "MaximumRetryAttempts" not in found
    assert found["DestinationConfig"]["OnFailure"]["Destination"].endswith(":letters")
    assert stack.update(Invoking=None) == ["DeleteFunctionEventInvokeConfig"]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        awslambda().get_function_event_invoke_config(FunctionName="orders")


def test_an_event_invoke_config_of_another_qualifier_is_another_one(m: LambdaMock, stack: Stacks) -> None:
    stack.create(One=resource("Version", FunctionName={"Ref": "Orders"}), Invoking=INVOKING)
    called = stack.update(Invoking={"Qualifier": {"Fn::GetAtt": ["One", "Version"]}})
    assert called == ["PutFunctionEventInvokeConfig", "DeleteFunctionEventInvokeConfig"]
    found = awslambda().list_function_event_invoke_configs(FunctionName="orders")["FunctionEventInvokeConfigs"]
    assert [one["FunctionArn"] for one in found] == [f"{ARN}:1"]


# -- layers


def test_a_function_follows_to_the_new_version_of_its_layer(m: LambdaMock, stack: Stacks) -> None:
    stack.resources["Orders"]["Properties"]["Layers"] = [{"Ref": "Tools"}]
    stack.outputs = {"Ref": {"Ref": "Tools"}, "Arn": {"Fn::GetAtt": ["Tools", "LayerVersionArn"]}}
    layer = "arn:aws:lambda:us-east-1:123456789012:layer:tools"
    assert stack.create(Tools=LAYER) == {"Ref": f"{layer}:1", "Arn": f"{layer}:1"}
    called = stack.update(Tools={"Description": "with more"})
    assert called == ["PublishLayerVersion", "UpdateFunctionConfiguration", "DeleteLayerVersion"]
    (used,) = awslambda().get_function_configuration(FunctionName="orders")["Layers"]
    assert used["Arn"] == f"{layer}:2"
    assert m.function("orders").last_update_status == "Successful"
    assert [one["Version"] for one in awslambda().list_layer_versions(LayerName="tools")["LayerVersions"]] == [2]


@pytest.mark.parametrize("policy", ["DeletionPolicy", "UpdateReplacePolicy"])
def test_a_layer_that_is_to_be_retained_stays(m: LambdaMock, stack: Stacks, policy: str) -> None:
    stack.create(Tools={**LAYER, policy: "Retain"})
    stack.update(Tools=None if policy == "DeletionPolicy" else {"Description": "with more"})
    versions = [one["Version"] for one in awslambda().list_layer_versions(LayerName="tools")["LayerVersions"]]
    assert versions == ([1] if policy == "DeletionPolicy" else [2, 1])


def test_a_layer_without_a_name_is_called_as_in_the_template(m: LambdaMock, stack: Stacks) -> None:
    stack.outputs = {"Ref": {"Ref": "Tools"}}
    without_name = {name: value for name, value in LAYER["Properties"].items() if name != "LayerName"}
    assert stack.create(Tools=resource("LayerVersion", **without_name))["Ref"].endswith(":layer:Tools:1")


def test_others_may_use_a_layer_as_long_as_its_permission_is_there(m: LambdaMock, stack: Stacks) -> None:
    sharing = resource(
        "LayerVersionPermission",
        LayerVersionArn={"Ref": "Tools"},
        Action="lambda:GetLayerVersion",
        Principal="210987654321",
    )
    stack.create(Tools=LAYER, Sharing=sharing)
    policy = awslambda().get_layer_version_policy(LayerName="tools", VersionNumber=1)["Policy"]
    assert "210987654321" in policy
    stack.update(Tools={"Description": "with more"})
    assert "210987654321" in awslambda().get_layer_version_policy(LayerName="tools", VersionNumber=2)["Policy"]
    stack.update(Sharing=None)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        awslambda().get_layer_version_policy(LayerName="tools", VersionNumber=2)


# -- functions, versions, aliases, URLs, permissions, code signing


def test_what_a_template_takes_out_of_a_function_has_its_default_again(m: LambdaMock, stack: Stacks) -> None:
    stack.resources["Orders"]["Properties"].update(
        MemorySize=512,
        Environment={"Variables": {"STAGE": "dev"}},
        ReservedConcurrentExecutions=5,
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    stack.create()
    gone = dict.fromkeys(["MemorySize", "Environment", "ReservedConcurrentExecutions", "Tags"])
    assert stack.update(Orders=gone) == ["UpdateFunctionConfiguration", "DeleteFunctionConcurrency", "UntagResource"]
    found = awslambda().get_function(FunctionName="orders")
    assert found["Configuration"]["MemorySize"] == 128
    assert not found["Configuration"].get("Environment", {}).get("Variables")
    assert "Concurrency" not in found
    assert "Tags" not in found


def test_a_change_of_the_code_alone_takes_one_update(m: LambdaMock, stack: Stacks) -> None:
    stack.create()
    before = m.clock.now
    called = stack.update(Orders={"Code": {"ZipFile": "def handler(event, context):\n    return 2\n"}})
    assert called == ["UpdateFunctionCode"]
    assert m.clock.now - before == timedelta(seconds=10)


def test_another_name_is_another_function_and_all_that_refers_to_it_follows(m: LambdaMock, stack: Stacks) -> None:
    live = resource("Alias", FunctionName={"Ref": "Orders"}, Name="live", FunctionVersion="$LATEST")
    public = resource("Url", TargetFunctionArn={"Ref": "Orders"}, AuthType="NONE")
    may = resource(
        "Permission", FunctionName={"Ref": "Orders"}, Action="lambda:InvokeFunction", Principal="sns.amazonaws.com"
    )
    stack.create(Live=live, Public=public, May=may, **QUEUES, Reading=MAPPING)
    stack.update(Orders={"FunctionName": "purchases"})
    assert not m.function("orders").exists
    assert m.function("purchases").state == "Active"
    assert m.function("purchases").alias("live").function_version == "$LATEST"
    assert awslambda().get_function_url_config(FunctionName="purchases")["AuthType"] == "NONE"
    assert "sns.amazonaws.com" in awslambda().get_policy(FunctionName="purchases")["Policy"]
    (found,) = awslambda().list_event_source_mappings()["EventSourceMappings"]
    assert found["FunctionArn"].endswith(":purchases")


def test_a_version_waits_for_its_provisioned_concurrency(m: LambdaMock, stack: Stacks) -> None:
    wanted = {"ProvisionedConcurrentExecutions": 2}
    stack.create(
        One=resource("Version", FunctionName={"Ref": "Orders"}),
        Live=resource(
            "Alias",
            FunctionName={"Ref": "Orders"},
            Name="live",
            FunctionVersion={"Fn::GetAtt": ["One", "Version"]},
            ProvisionedConcurrencyConfig=wanted,
        ),
    )
    asked = {"FunctionName": "orders", "Qualifier": "live"}
    assert awslambda().get_provisioned_concurrency_config(**asked)["Status"] == "READY"
    assert stack.update(Live={"ProvisionedConcurrencyConfig": None})[-1] == "DeleteProvisionedConcurrencyConfig"


def test_a_url_is_updated_in_place(m: LambdaMock, stack: Stacks) -> None:
    stack.outputs = {"Url": {"Fn::GetAtt": ["Public", "FunctionUrl"]}}
    shown = stack.create(
        Public=resource("Url", TargetFunctionArn={"Ref": "Orders"}, AuthType="NONE", Cors={"AllowOrigins": ["*"]})
    )
    assert stack.update(Public={"AuthType": "AWS_IAM", "Cors": None}) == ["UpdateFunctionUrlConfig"]
    found = awslambda().get_function_url_config(FunctionName="orders")
    assert found["AuthType"] == "AWS_IAM"
    assert not found.get("Cors")
    assert stack.shown() == shown


def test_code_signing_is_made_updated_and_taken_out(m: LambdaMock, stack: Stacks) -> None:
    profile = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/shop/abcdefghij"
    signing = resource("CodeSigningConfig", AllowedPublishers={"SigningProfileVersionArns": [profile]})
    stack.outputs = {"Ref": {"Ref": "Signing"}, "Id": {"Fn::GetAtt": ["Signing", "CodeSigningConfigId"]}}
    shown = stack.create(Signing=signing)
    assert shown["Ref"].endswith(shown["Id"])
    assert stack.update(Signing={"Description": "of the shop"}) == ["UpdateCodeSigningConfig"]
    stack.update(Orders={"CodeSigningConfigArn": {"Ref": "Signing"}})
    found = awslambda().get_function_code_signing_config(FunctionName="orders")
    assert found["CodeSigningConfigArn"] == shown["Ref"]
    stack.outputs = {}
    called = stack.update(Orders={"CodeSigningConfigArn": None}, Signing=None)
    assert called == ["DeleteFunctionCodeSigningConfig", "DeleteCodeSigningConfig"]


def test_a_stack_is_listed_with_its_resources(m: LambdaMock, stack: Stacks) -> None:
    stack.create(**QUEUES, Reading=MAPPING)
    found = client("cloudformation").describe_stack_resources(StackName="shop")["StackResources"]
    ids = {one["LogicalResourceId"]: (one["ResourceType"], one["PhysicalResourceId"]) for one in found}
    assert ids["Orders"] == ("AWS::Lambda::Function", "orders")
    assert ids["Reading"][0] == "AWS::Lambda::EventSourceMapping"


def test_a_change_set_makes_and_changes_what_it_says(m: LambdaMock, stack: Stacks) -> None:
    stacks = client("cloudformation")

    def execute(kind: str) -> None:
        name = kind.lower()
        stacks.create_change_set(StackName="shop", ChangeSetName=name, ChangeSetType=kind, TemplateBody=stack.text())
        stacks.execute_change_set(StackName="shop", ChangeSetName=name)

    execute("CREATE")
    assert m.function("orders").state == "Active"
    stack.resources["Orders"]["Properties"]["MemorySize"] = 256
    execute("UPDATE")
    assert awslambda().get_function_configuration(FunctionName="orders")["MemorySize"] == 256
    assert stack.described()["StackStatus"] == "UPDATE_COMPLETE"


def test_all_goes_with_the_stack(m: LambdaMock, stack: Stacks) -> None:
    stack.create(**QUEUES, Reading=MAPPING, Invoking=INVOKING, Tools=LAYER)
    client("cloudformation").delete_stack(StackName="shop")
    assert not m.function("orders").exists
    assert awslambda().list_event_source_mappings()["EventSourceMappings"] == []
    assert awslambda().list_layers()["Layers"] == []


# -- rollback


def test_a_stack_that_fails_takes_back_what_it_has_made(m: LambdaMock, stack: Stacks) -> None:
    with pytest.raises(StackResourceError, match=r"AWS::Lambda::EventInvokeConfig .*: InvalidParameterValueException"):
        stack.create(
            **QUEUES,
            Reading=MAPPING,
            Invoking=resource("EventInvokeConfig", FunctionName={"Ref": "Orders"}, Qualifier="$LATEST"),
        )
    assert not m.function("orders").exists
    assert awslambda().list_event_source_mappings()["EventSourceMappings"] == []
    assert client("sqs").list_queues().get("QueueUrls", []) == []
    assert stack.described()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "InvalidParameterValueException" in stack.reasons()["Invoking"]
    assert client("cloudformation").describe_stack_resources(StackName="shop")["StackResources"] == []
    client("cloudformation").delete_stack(StackName="shop")


def test_a_function_that_does_not_become_ready_is_deleted_again(m: LambdaMock, stack: Stacks) -> None:
    m.faults.on_phase("create").hang()
    with pytest.raises(StackResourceError, match='waits for an hour until function "orders" is ready'):
        stack.create()
    assert not m.function("orders").exists
    with pytest.raises(ClientError, match="NoSuchEntity"):
        client("iam").get_role(RoleName="orders")


def test_an_output_that_is_exported_does_not_change_that(m: LambdaMock, stack: Stacks) -> None:
    m.faults.on_phase("create").fail("InvalidSubnet")
    template = json.loads(stack.text())
    template["Outputs"] = {"Name": {"Value": {"Ref": "Orders"}, "Export": {"Name": "orders"}}}
    with pytest.raises(StackResourceError, match="InvalidSubnet"):
        client("cloudformation").create_stack(StackName="shop", TemplateBody=json.dumps(template))
    assert stack.described()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert not m.function("orders").exists


def test_an_update_that_fails_leaves_all_as_it_was(m: LambdaMock, stack: Stacks) -> None:
    stack.outputs = {"Name": {"Ref": "Orders"}}
    stack.create(**QUEUES, Reading=MAPPING, Tools=LAYER, Invoking=INVOKING)
    (mapping,) = awslambda().list_event_source_mappings()["EventSourceMappings"]
    fault = m.faults.on_call("PutFunctionEventInvokeConfig").error("TooManyRequestsException", times=1)
    with pytest.raises(StackResourceError, match="TooManyRequestsException"):
        stack.update(
            Orders={"MemorySize": 512, "Code": {"ZipFile": "def handler(event, context):\n    return 2\n"}},
            Reading={"EventSourceArn": {"Fn::GetAtt": ["Letters", "Arn"]}},
            Tools=None,
            More=resource("Alias", FunctionName={"Ref": "Orders"}, Name="live", FunctionVersion="$LATEST"),
            Others={"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "others"}},
            Invoking={"MaximumRetryAttempts": 2},
        )
    assert fault.called == 1
    assert stack.described()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.shown() == {"Name": "orders"}
    assert "TooManyRequestsException" in stack.reasons()["Invoking"]
    assert awslambda().get_function_configuration(FunctionName="orders")["MemorySize"] == 128
    assert awslambda().invoke(FunctionName="orders")["Payload"].read() == b"1"
    assert awslambda().list_event_source_mappings()["EventSourceMappings"] == [mapping]
    assert awslambda().list_aliases(FunctionName="orders")["Aliases"] == []
    assert awslambda().get_function_event_invoke_config(FunctionName="orders")["MaximumRetryAttempts"] == 1
    assert len(awslambda().list_layers()["Layers"]) == 1
    queues = [url.rpartition("/")[2] for url in client("sqs").list_queues()["QueueUrls"]]
    assert sorted(queues) == ["jobs", "letters"]


def test_a_function_whose_update_fails_gets_its_code_back(m: LambdaMock, stack: Stacks) -> None:
    stack.create()
    m.faults.on_call("UpdateFunctionConfiguration").error("ServiceException", times=1)
    with pytest.raises(StackResourceError, match="ServiceException"):
        stack.update(Orders={"MemorySize": 512, "Code": {"ZipFile": "def handler(event, context):\n    return 2\n"}})
    assert awslambda().invoke(FunctionName="orders")["Payload"].read() == b"1"
    stack.update(Orders={"MemorySize": 256})
    assert awslambda().invoke(FunctionName="orders")["Payload"].read() == b"2"


def test_an_update_can_follow_one_that_was_rolled_back(m: LambdaMock, stack: Stacks) -> None:
    stack.create(Tools=LAYER)
    m.faults.on_call("UpdateFunctionConfiguration").error("ServiceException", times=1)
    with pytest.raises(StackResourceError, match="ServiceException"):
        stack.update(Tools=None, Orders={"MemorySize": 512})
    stack.update()
    assert awslambda().list_layers()["Layers"] == []
    assert awslambda().get_function_configuration(FunctionName="orders")["MemorySize"] == 512


def test_a_call_of_a_stack_that_gets_no_answer_fails_the_stack(m: LambdaMock, stack: Stacks) -> None:
    m.faults.on_call("CreateFunction").disconnect()
    with pytest.raises(StackResourceError, match="CloudFormation got no answer to CreateFunction: connection closed"):
        stack.create()
    assert stack.described()["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_change_set_that_fails_leaves_an_empty_stack(m: LambdaMock, stack: Stacks) -> None:
    stacks = client("cloudformation")
    stacks.create_change_set(StackName="shop", ChangeSetName="new", ChangeSetType="CREATE", TemplateBody=stack.text())
    m.faults.on_phase("create").fail("InvalidSubnet")
    with pytest.raises(StackResourceError, match="InvalidSubnet"):
        stacks.execute_change_set(StackName="shop", ChangeSetName="new")
    assert stack.described()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert not m.function("orders").exists
    with pytest.raises(ClientError, match="NoSuchEntity"):
        client("iam").get_role(RoleName="orders")


def test_a_function_that_is_to_isolate_its_tenants_is_replaced(stack: Stacks) -> None:
    del stack.resources["Orders"]["Properties"]["FunctionName"]
    stack.create()
    operations = stack.update(Orders={"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}})
    assert "UpdateFunctionConfiguration" not in operations
    (function,) = awslambda().list_functions()["Functions"]
    assert function["TenancyConfig"] == {"TenantIsolationMode": "PER_TENANT"}
