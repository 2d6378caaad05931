"""A walk through all that answers show: the members that come, by shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lambda_states_mock import LambdaMock
from lambda_states_mock.api_model import Shape, lambda_model, operation_model
from lambda_states_mock.service_errors import ServiceError
from tests.deploying import ARN, ROLE, create, zip_of
from tests.fuzz.accepted import accepted
from tests.fuzz.furnished import furnished

from .given import IMAGE, IN_S3, KEY, PROFILE, VPC
from .requests import bases

NAMED = {"FunctionName": "orders"}
Members = set[tuple[str, str]]
Scene = Callable[[LambdaMock, Any], object]


def members_of_answers() -> Members:
    """Return all members of all shapes that answers can have, each with the name of its shape.

    What only operations of durable executions answer is tested with them.
    """
    found: Members = set()
    for name in lambda_model().operation_names:
        if "Durable" not in name:
            _collect(operation_model(name).output_shape, found)
    return found


def _collect(shape: Shape, found: Members) -> None:
    if shape.type_name == "list":
        _collect(shape.member, found)
    elif shape.type_name == "map":
        _collect(shape.value, found)
    for name, member in shape.members.items():
        if (shape.name, name) not in found:
            found.add((shape.name, name))
            _collect(member, found)


def note(shape: Shape, value: Any, seen: Members) -> None:
    """Note in *seen* the members that *value*, of *shape*, has; an event stream is a list of structures."""
    if shape.type_name == "structure" and isinstance(value, list):
        for each in value:
            note(shape, each, seen)
    elif shape.type_name == "list":
        for each in value:
            note(shape.member, each, seen)
    elif shape.type_name == "map":
        for each in value.values():
            note(shape.value, each, seen)
    for name, member in shape.members.items():
        if isinstance(value, dict) and value.get(name) is not None:
            seen.add((shape.name, name))
            note(member, value[name], seen)


def seen_in_furnished_worlds() -> Members:
    """Return the members that come when each operation is asked for what the furnished world has."""
    seen: Members = set()
    world = furnished()
    for operation in accepted():
        for request in bases(operation):
            try:
                note(operation_model(operation).output_shape, world.call(operation, request), seen)
            except ServiceError:
                continue
            if operation.startswith(("Delete", "Remove")):
                world.close()
                world = furnished()
            elif not operation.startswith(("Get", "List")):
                world.clock.advance(600)  # what the call has begun ends
    world.close()
    return seen


def seen_by(m: LambdaMock) -> Members:
    """Return the members that have come in the calls of *m*."""
    seen: Members = set()
    for call in m.calls:
        if call.response is not None:
            note(operation_model(call.operation).output_shape, call.response, seen)
    return seen


def _signed_layers(m: LambdaMock, client: Any) -> None:
    m.world.objects["s3://code/orders.zip"].sign(PROFILE)
    layer = client.publish_layer_version(
        LayerName="tools",
        Content={**IN_S3, "S3ObjectVersion": "7", "S3ObjectStorageMode": "REFERENCE"},
        LicenseInfo="MIT",
        CompatibleRuntimes=["python3.13"],
        CompatibleArchitectures=["arm64"],
    )
    create(client, Code={**IN_S3, "S3ObjectVersion": "7", "S3ObjectStorageMode": "REFERENCE", "SourceKMSKeyArn": KEY},
           Layers=[layer["LayerVersionArn"]], Tags={"team": "shop"})  # fmt: skip
    client.get_layer_version(LayerName="tools", VersionNumber=1)
    client.list_layer_versions(LayerName="tools")
    client.publish_layer_version(LayerName="others", Content=IN_S3)
    client.list_layers(MaxItems=1)
    m.clock.run_until_idle()
    client.put_function_concurrency(**NAMED, ReservedConcurrentExecutions=1)
    client.get_function(**NAMED)
    m.world.objects["s3://code/orders.zip"].delete()
    m.world.deny("lambda:ListTags")
    client.get_function(**NAMED)


def _withheld(m: LambdaMock, client: Any) -> None:
    create(
        client,
        PackageType="Image",
        Code={"ImageUri": IMAGE},
        Runtime=None,
        Handler=None,
        KMSKeyArn=KEY,
        ImageConfig={"EntryPoint": ["run"], "Command": ["it"], "WorkingDirectory": "/"},
        Environment={"Variables": {"COLOUR": "red"}},
        LoggingConfig={"LogFormat": "JSON"},
        DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"},
    )
    m.clock.run_until_idle()
    m.world.keys[KEY].disable()
    client.get_function(**NAMED)
    m.faults.on_phase("update").fail("InvalidImage")
    client.update_function_configuration(**NAMED, Timeout=9)
    m.clock.run_until_idle()
    client.get_function_configuration(**NAMED)


def _bound(m: LambdaMock, client: Any) -> None:
    point = f"arn:aws:s3files:us-east-1:123456789012:file-system/fs-{'1' * 17}/access-point/fsap-{'1' * 17}"
    mounted = {"Arn": point, "LocalMountPath": "/mnt/data", "S3FilesConfig": {"DirectS3Read": "AUTO"}}
    made = create(client, **VPC, FileSystemConfigs=[mounted], TenancyConfig={"TenantIsolationMode": "PER_TENANT"})
    m.clock.run_until_idle()
    arn = made["RuntimeVersionConfig"]["RuntimeVersionArn"]
    client.put_runtime_management_config(**NAMED, UpdateRuntimeOn="Manual", RuntimeVersionArn=arn)
    client.get_runtime_management_config(**NAMED)
    m.world.runtime_versions[arn].delete()
    client.get_function_configuration(**NAMED)


def _managed(m: LambdaMock, client: Any) -> None:
    policy = {"PredefinedMetricType": "LambdaCapacityProviderAverageGPUUtilization", "TargetValue": 50.0}
    provider = client.create_capacity_provider(
        CapacityProviderName="fleet",
        VpcConfig=VPC["VpcConfig"],
        PermissionsConfig={"CapacityProviderOperatorRoleArn": ROLE},
        InstanceRequirements={"Architectures": ["x86_64"], "ExcludedInstanceTypes": ["p5.*"]},
        CapacityProviderScalingConfig={"MaxVCpuCount": 9, "ScalingMode": "Manual", "ScalingPolicies": [policy]},
        KmsKeyArn=KEY,
        PropagateTags={"Mode": "Explicit", "ExplicitTags": {"team": "shop"}},
        TelemetryConfig={"LoggingConfig": {"SystemLogLevel": "WARN"}},
    )["CapacityProvider"]
    client.create_capacity_provider(
        CapacityProviderName="other",
        VpcConfig=VPC["VpcConfig"],
        PermissionsConfig={"CapacityProviderOperatorRoleArn": ROLE},
        InstanceRequirements={"AllowedInstanceTypes": ["g6.*"]},
    )
    m.clock.run_until_idle()
    on_fleet = {
        "CapacityProviderArn": provider["CapacityProviderArn"],
        "PerExecutionEnvironmentMaxConcurrency": 4,
        "ExecutionEnvironmentMemoryGiBPerVCpu": 2.0,
    }
    create(
        client,
        CapacityProviderConfig={"LambdaManagedInstancesCapacityProviderConfig": on_fleet},
        MemorySize=2048,
        AcceleratorConfig={"AcceleratorMemorySize": 16},
        RuntimeConfig={"RuntimeArn": "arn:aws:lambda:us-east-1:123456789012:runtime/mine", "RuntimeAlias": "live"},
        Runtime=None,
        Publish=True,
    )
    m.clock.run_until_idle()
    scaling = {"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 2}
    client.put_function_scaling_config(**NAMED, Qualifier="1", FunctionScalingConfig=scaling)
    client.get_function_scaling_config(**NAMED, Qualifier="1")
    client.update_function_configuration(**NAMED, Timeout=9)
    m.clock.run_until_idle()
    client.publish_version(**NAMED)
    client.list_function_versions_by_capacity_provider(CapacityProviderName="fleet", MaxItems=1)


def _mappings(m: LambdaMock, client: Any) -> None:
    create(client)
    m.clock.run_until_idle()
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"
    registry = {
        "SchemaRegistryURI": "https://registry.example.com",
        "EventRecordFormat": "JSON",
        "AccessConfigs": [{"Type": "BASIC_AUTH", "URI": secret}],
        "SchemaValidationConfigs": [{"Attribute": "KEY"}],
    }
    pollers = {"MinimumPollers": 1, "MaximumPollers": 2, "PollerGroupName": "mine"}
    made = list(bases("CreateEventSourceMapping"))
    kafka = [base for base in made if "SelfManagedEventSource" in base]
    msk = [base for base in made if ":kafka:" in base.get("EventSourceArn", "")]
    others = [base for base in made if base not in kafka and base not in msk]
    client.create_event_source_mapping(
        **kafka[0],
        SelfManagedKafkaEventSourceConfig={"ConsumptionMode": "Stream", "SchemaRegistryConfig": registry},
        ProvisionedPollerConfig=pollers,
        LoggingConfig={"SystemLogLevel": "WARN"},
        MetricsConfig={"Metrics": ["EventCount"]},
    )
    client.create_event_source_mapping(**msk[0], AmazonManagedKafkaEventSourceConfig={"SchemaRegistryConfig": registry})
    for base in others:
        more: dict[str, Any] = {}
        if ":sqs:" in base["EventSourceArn"]:
            more = {"FilterCriteria": {"Filters": [{"Pattern": '{"body": ["a"]}'}]}, "KMSKeyArn": KEY,
                    "ScalingConfig": {"MaximumConcurrency": 2}}  # fmt: skip
        elif ":rds:" in base["EventSourceArn"]:
            base.pop("DocumentDBEventSourceConfig")
            watched = {"DatabaseName": "d", "CollectionName": "c", "FullDocument": "Default"}
            more = {"DocumentDBEventSourceConfig": watched}
        elif ":dynamodb:" in base["EventSourceArn"]:
            more = {
                "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:dead"}},
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            }
        client.create_event_source_mapping(**base, **more)
    stream = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
    at = {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": m.clock.now}
    client.create_event_source_mapping(**NAMED, EventSourceArn=stream, **at)
    m.world.keys[KEY].disable()
    client.list_event_source_mappings()
    client.list_event_source_mappings(MaxItems=1)


def _invoked(m: LambdaMock, client: Any) -> None:
    create(client)
    m.clock.run_until_idle()
    m.handler("orders", side_effect=[RuntimeError("no"), RuntimeError("no")])
    client.invoke(**NAMED, LogType="Tail")
    list(client.invoke_with_response_stream(**NAMED, LogType="Tail")["EventStream"])
    create(client, "workflow", DurableConfig={"ExecutionTimeout": 60, "RetentionPeriodInDays": 3, "KMSKeyArn": KEY})
    m.clock.run_until_idle()
    m.handler("workflow", returns={"Status": "SUCCEEDED", "Result": "1"})
    client.invoke(FunctionName="workflow", Qualifier="$LATEST")


def _settings(m: LambdaMock, client: Any) -> None:
    create(client, Publish=True)
    m.clock.run_until_idle()
    queue = "arn:aws:sqs:us-east-1:123456789012:orders"
    destinations = {"OnSuccess": {"Destination": queue}, "OnFailure": {"Destination": queue}}
    client.put_function_event_invoke_config(
        **NAMED, DestinationConfig=destinations, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=60
    )
    client.create_function_url_config(
        **NAMED,
        AuthType="NONE",
        InvokeMode="BUFFERED",
        Cors={
            "AllowCredentials": True,
            "AllowHeaders": ["a"],
            "AllowMethods": ["GET"],
            "AllowOrigins": ["*"],
            "ExposeHeaders": ["b"],
            "MaxAge": 1,
        },
    )
    m.faults.on_phase("provision").fail("FUNCTION_ERROR_INIT_FAILURE")
    client.publish_version(**NAMED, Description="next")
    client.update_function_configuration(**NAMED, Timeout=9)
    m.clock.run_until_idle()
    client.publish_version(**NAMED)
    for number in ("1", "2"):
        client.put_provisioned_concurrency_config(**NAMED, Qualifier=number, ProvisionedConcurrentExecutions=1)
    m.clock.run_until_idle()
    client.list_provisioned_concurrency_configs(**NAMED)
    client.list_provisioned_concurrency_configs(**NAMED, MaxItems=1)
    client.get_function_url_config(**NAMED)
    client.list_function_url_configs(**NAMED)
    client.update_function_url_config(**NAMED, AuthType="NONE")
    for name in ("orders", "prices"):
        if name != "orders":
            create(client, name)
            m.clock.run_until_idle()
        config = client.create_code_signing_config(AllowedPublishers={"SigningProfileVersionArns": [PROFILE]})
    arn = config["CodeSigningConfig"]["CodeSigningConfigArn"]
    for name in ("orders", "prices"):
        client.put_function_code_signing_config(FunctionName=name, CodeSigningConfigArn=arn)
    client.get_function_code_signing_config(**NAMED)
    client.list_code_signing_configs(MaxItems=1)
    client.list_functions_by_code_signing_config(CodeSigningConfigArn=arn, MaxItems=1)
    client.add_permission(**NAMED, StatementId="s", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com")
    client.get_resource_policy(ResourceArn=f"{ARN}orders")
    client.get_provisioned_concurrency_config(**NAMED, Qualifier="1")
    for name in ("a", "b"):
        client.create_alias(**NAMED, Name=name, FunctionVersion="1")
    for name in ("list_aliases", "list_versions_by_function"):
        getattr(client, name)(**NAMED, MaxItems=1)
    client.update_function_code(**NAMED, ZipFile=zip_of("x = 1"))


SCENES: tuple[Scene, ...] = (_signed_layers, _withheld, _bound, _managed, _mappings, _invoked, _settings)


def missing(seen: Members) -> Iterator[str]:
    """Yield, in order, what no answer has shown."""
    for shape, member in sorted(members_of_answers() - seen):
        yield f"{shape}.{member}"
