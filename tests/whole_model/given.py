"""What there is before a test says anything: functions of several kinds, by the words of ``docs/errors.md``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from lambda_states_mock import LambdaMock
from tests.deploying import ROLE, create, zip_of

from .durable_given import sends_updates

VPC: dict[str, Any] = {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
POINT = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1"
PROFILE = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/orders/abcdefghij"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders"
RUNTIME = {"RuntimeArn": "arn:aws:lambda:us-east-1:123456789012:runtime/mine", "RuntimeAlias": "live"}
IN_S3 = {"S3Bucket": "code", "S3Key": "orders.zip"}
PROVIDER: dict[str, Any] = {
    "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    "PermissionsConfig": {"CapacityProviderOperatorRoleArn": ROLE},
}
_HOOK = "from snapshot_restore_py import register_after_restore\n@register_after_restore\ndef after(): 1 / 0\n"

Given = Callable[[LambdaMock, Any], Mapping[str, Any] | None]
"""Prepares a world by a mock and a client; returns what the test knows by name, if anything."""


def _function(*, handler: bool = True, settled: bool = True, **params: Any) -> Given:
    """Return what makes the function ``orders``; *handler*: it has one of the test."""

    def prepare(m: LambdaMock, client: Any) -> None:
        create(client, **params)
        if handler:
            m.handler("orders", returns="done")
        if settled:
            m.clock.run_until_idle()

    return prepare


def _nothing(m: LambdaMock, client: Any) -> None:
    """Nothing at all."""


def _bound(m: LambdaMock, client: Any) -> Mapping[str, Any]:
    _function()(m, client)
    found = client.get_function_configuration(FunctionName="orders")["RuntimeVersionConfig"]["RuntimeVersionArn"]
    client.put_runtime_management_config(FunctionName="orders", UpdateRuntimeOn="Manual", RuntimeVersionArn=found)
    return {"runtime_version": found}


def _mapping(m: LambdaMock, client: Any) -> Mapping[str, Any]:
    create(client)
    m.clock.run_until_idle()
    queue = "arn:aws:sqs:us-east-1:123456789012:orders"
    made = client.create_event_source_mapping(FunctionName="orders", EventSourceArn=queue)
    return {"uuid": made["UUID"]}


def _signing(m: LambdaMock, client: Any) -> None:
    config = client.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": [PROFILE]},
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"},
    )["CodeSigningConfig"]
    m.world.objects["s3://code/orders.zip"].sign(PROFILE)
    create(client, Code=IN_S3, CodeSigningConfigArn=config["CodeSigningConfigArn"])
    m.clock.run_until_idle()


def _provider(m: LambdaMock, client: Any) -> Mapping[str, Any]:
    made = client.create_capacity_provider(CapacityProviderName="fleet", **PROVIDER)["CapacityProvider"]
    m.clock.run_until_idle()
    on_fleet = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": made["CapacityProviderArn"]}}
    return {"on_fleet": {"CapacityProviderConfig": on_fleet, "MemorySize": 2048}}


def _managed(**params: Any) -> Given:
    def prepare(m: LambdaMock, client: Any) -> None:
        create(client, **_provider(m, client)["on_fleet"], **params)
        m.handler("orders", returns="done")
        m.clock.run_until_idle()

    return prepare


def _durable(m: LambdaMock, client: Any) -> Mapping[str, Any]:
    """A durable function whose execution ``run`` waits for a callback."""
    callbacks: list[str] = []

    def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
        if callbacks:
            return {"Status": "SUCCEEDED", "Result": '"done"'}
        asked = client.checkpoint_durable_execution(
            DurableExecutionArn=event["DurableExecutionArn"],
            CheckpointToken=event["CheckpointToken"],
            Updates=[{"Id": "asked", "Type": "CALLBACK", "Action": "START", "CallbackOptions": {"TimeoutSeconds": 60}}],
        )["NewExecutionState"]["Operations"]
        callbacks.extend(one["CallbackDetails"]["CallbackId"] for one in asked if "CallbackDetails" in one)
        return {"Status": "PENDING"}

    create(client, DurableConfig={"ExecutionTimeout": 600})
    m.handler("orders", call=handler)
    m.clock.run_until_idle()
    run = {"FunctionName": "orders", "Qualifier": "$LATEST", "DurableExecutionName": "run", "InvocationType": "Event"}
    client.invoke(**run, Payload=b"1")
    return {"callback": callbacks[0], "run": run}


def _idle(m: LambdaMock, client: Any) -> None:
    _function()(m, client)
    m.function("orders").idle()


GIVEN: Mapping[str, Given] = MappingProxyType(
    {
        "nothing": _nothing,
        "a function": _function(),
        "a version": _function(Publish=True),
        "a function with a runtime of its own": _function(RuntimeConfig=RUNTIME, Runtime="custom"),
        "a function that is bound to a runtime version": _bound,
        "a function that is Pending": _function(settled=False),
        "a function that is idle": _idle,
        "a function in a VPC": _function(**VPC),
        "a function with a key": _function(KMSKeyArn=KEY),
        "a function with a file system": _function(
            **VPC, FileSystemConfigs=[{"Arn": POINT, "LocalMountPath": "/mnt/data"}]
        ),
        "a function from an image": _function(
            PackageType="Image", Code={"ImageUri": IMAGE}, Runtime=None, Handler=None
        ),
        "a function whose code stays in S3": _function(Code={**IN_S3, "S3ObjectStorageMode": "REFERENCE"}),
        "a function whose code is signed": _signing,
        "a function with SnapStart": _function(SnapStart={"ApplyOn": "PublishedVersions"}, Publish=True),
        "a function with SnapStart, in Java": _function(
            SnapStart={"ApplyOn": "PublishedVersions"}, Publish=True, Runtime="java21"
        ),
        "a function with SnapStart and a hook that fails": _function(
            handler=False,
            SnapStart={"ApplyOn": "PublishedVersions"},
            Publish=True,
            Code={"ZipFile": zip_of(f"{_HOOK}def handler(e, c): pass")},
        ),
        "an event source mapping": _mapping,
        "a capacity provider": _provider,
        "a function on a capacity provider": _managed(),
        "a version on a capacity provider": _managed(Publish=True),
        "a version on a capacity provider, with Timeout=5400": _managed(Timeout=5400, Publish=True),
        "a durable function that waits for a callback": _durable,
        "a durable function that sends updates": sends_updates,
    }
)
