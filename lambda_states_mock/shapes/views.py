"""From records to the shapes of AWS's answers: one function for each shape."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lambda_states_mock.instants import iso_compact, iso_milliseconds_with_offset
from lambda_states_mock.lifecycles.functions import Shown
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.code import Code, Signature
from lambda_states_mock.resources.function import Alias, Configuration, Logging, Version, VpcConfig
from lambda_states_mock.service import View


def given(view: Mapping[str, Any]) -> View:
    """Return *view* without the members that are None: AWS leaves out what is not set."""
    return {member: value for member, value in view.items() if value is not None}


def configuration_view(version: Version, shown: Shown, *, arn: str | None = None) -> View:
    """Return a version's FunctionConfiguration as Get and the changing calls answer it; *arn* as it was asked for."""
    view = listed_view(version, arn=arn)
    view["State"] = shown.state
    if shown.reason is not None:
        view["StateReason"] = shown.reason.text
        view["StateReasonCode"] = shown.reason.code
    if shown.last_update_status is not None:
        view["LastUpdateStatus"] = shown.last_update_status
        if shown.update_reason is not None:
            view["LastUpdateStatusReason"] = shown.update_reason.text
            view["LastUpdateStatusReasonCode"] = shown.update_reason.code
    configuration = version.configuration
    if configuration.runtime is not None and configuration.package_type == "Zip":
        runtime_arn = configuration.runtime_version_arn or version.place.runtime_version_arn(configuration.runtime)
        view["RuntimeVersionConfig"] = {"RuntimeVersionArn": runtime_arn}
    return view


def listed_view(version: Version, *, arn: str | None = None) -> View:
    """Return a version's FunctionConfiguration as lists give it: without states and runtime version."""
    configuration = version.configuration
    view: View = {
        "FunctionName": version.name,
        "FunctionArn": arn or version.arn,
        "Role": configuration.role,
        "CodeSize": version.code.size,
        "Description": configuration.description,
        "Timeout": configuration.timeout,
        "MemorySize": configuration.memory_size,
        "LastModified": iso_milliseconds_with_offset(version.last_modified),
        "CodeSha256": version.code.sha256,
        "Version": version.number,
        "TracingConfig": {"Mode": configuration.tracing_mode},
        "RevisionId": version.revision_id,
        "PackageType": configuration.package_type,
        "Architectures": list(configuration.architectures),
        "EphemeralStorage": {"Size": configuration.ephemeral_storage},
        "SnapStart": snap_start_view(version),
        "LoggingConfig": logging_view(configuration.logging or Logging(f"/aws/lambda/{version.name}")),
    }
    if configuration.package_type == "Zip":
        view["Runtime"] = configuration.runtime
        view["Handler"] = configuration.handler
    if version.code.signature is not None:
        view.update(signature_view(version.code.signature))
    view.update(_optional_members(configuration))
    return view


def signature_view(signature: Signature | None) -> View:
    """Return who has signed code, in the members that functions, their layers and layer versions have for it."""
    if signature is None:
        return {}
    return {"SigningProfileVersionArn": signature.profile_version_arn, "SigningJobArn": signature.job_arn}


def _optional_members(configuration: Configuration) -> View:
    environment, vpc, target = configuration.environment, configuration.vpc, configuration.dead_letter_target
    image, layers, systems = configuration.image_config, configuration.layers, configuration.file_systems
    view: View = {
        "Environment": {"Variables": dict(environment)} if environment is not None else None,
        "VpcConfig": vpc_view(vpc) if vpc is not None else None,
        "DeadLetterConfig": {"TargetArn": target} if target else None,
        "KMSKeyArn": configuration.kms_key_arn or None,
        "Layers": [{"Arn": layer.arn, "CodeSize": layer.size, **signature_view(layer.signature)} for layer in layers]
        if layers
        else None,
        "FileSystemConfigs": [dict(system) for system in systems] if systems else None,
        "ImageConfigResponse": {"ImageConfig": dict(image)} if image else None,
    }
    copied = (
        ("DurableConfig", configuration.durable),
        ("CapacityProviderConfig", configuration.capacity_provider),
        ("TenancyConfig", configuration.tenancy),
        ("RuntimeConfig", configuration.runtime_config),
        ("AcceleratorConfig", configuration.accelerator),
    )
    for member, value in copied:
        if value is not None:
            view[member] = dict(value)
    return given(view)


def vpc_view(vpc: VpcConfig) -> View:
    """Return VpcConfig; of a function that was detached, with empty lists and ids (recorded)."""
    return {
        "SubnetIds": list(vpc.subnet_ids),
        "SecurityGroupIds": list(vpc.security_group_ids),
        "VpcId": vpc.vpc_id,
        "Ipv6AllowedForDualStack": vpc.ipv6_allowed_for_dual_stack,
    }


def logging_view(logging: Logging) -> View:
    """Return LoggingConfig; levels only where they are set."""
    levels = {"ApplicationLogLevel": logging.application_level, "SystemLogLevel": logging.system_level}
    return {"LogFormat": logging.format, "LogGroup": logging.group, **given(levels)}


def snap_start_view(version: Version) -> View:
    """Return SnapStart: optimised only on a published version that has a snapshot."""
    return {"ApplyOn": version.configuration.snap_start, "OptimizationStatus": "On" if version.snapshot else "Off"}


def code_location_view(version: Version, now: datetime, error: View | None = None) -> View:
    """Return GetFunction's Code: where the zip can be fetched for ten minutes, or the image and its digest.

    *error*: why it cannot be fetched.
    """
    code = version.code
    if code.image_uri is not None:
        return {"RepositoryType": "ECR", "ImageUri": code.image_uri, "ResolvedImageUri": code.resolved_image_uri}
    view = {
        "RepositoryType": "S3",
        "Location": download_location(version, now) if error is None else None,
        "Error": error,
        "SourceKMSKeyArn": code.source_kms_key_arn,
        "ResolvedS3Object": resolved_object_view(code),
    }
    return given(view)


def resolved_object_view(code: Code) -> View | None:
    """Return the object in which *code* stays (S3ObjectStorageMode REFERENCE), or None where Lambda has a copy."""
    if code.referenced_object is None:
        return None
    bucket, _, key = code.referenced_object.removeprefix("s3://").partition("/")
    return given({"S3Bucket": bucket, "S3Key": key, "S3ObjectVersion": code.referenced_version})


def download_location(version: Version, now: datetime) -> str:
    """Return a presigned URL as AWS gives for a zip, valid for ten minutes from *now*."""
    digest = hashlib.sha256(f"{version.arn}:{version.number}:{version.code.sha256}".encode()).hexdigest()
    return presigned_url(version.place, "tasks", version.name, digest, now)


def presigned_url(place: Place, kind: str, name: str, digest: str, now: datetime) -> str:
    """Return a presigned URL of S3, as AWS gives for code: *kind* is ``tasks`` or ``layers``, *digest* 64 digits."""
    return (
        f"https://awslambda-{place.region}-{kind}.s3.{place.region}.amazonaws.com/snapshots/{place.account}/"
        f"{name}-{digest[:32]}?versionId={digest[32:]}&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Date={iso_compact(now)}&X-Amz-SignedHeaders=host&X-Amz-Expires=600&X-Amz-Signature={digest}"
    )


def alias_view(arn: str, alias: Alias) -> View:
    """Return an AliasConfiguration; RoutingConfig only where there are weights."""
    view = {
        "AliasArn": arn,
        "Name": alias.name,
        "FunctionVersion": alias.function_version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
        "RoutingConfig": {"AdditionalVersionWeights": dict(alias.weights)} if alias.weights else None,
    }
    return given(view)
