"""Layers: versions that only grow in number, and who may use them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import datetime
from functools import partial

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.authorization import check_layer
from lambda_states_mock.instants import iso_milliseconds_with_offset
from lambda_states_mock.operations.function import check_storage
from lambda_states_mock.operations.permission import keep_policy, policy_text, with_statement, without_statement
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.layer import LayerHistory, LayerVersion, layer_reference
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.checks import check_revision, found
from lambda_states_mock.shapes.function_code import code_from
from lambda_states_mock.shapes.paging import page_of
from lambda_states_mock.shapes.views import given, presigned_url, resolved_object_view, signature_view
from lambda_states_mock.store import Partition


@operation("PublishLayerVersion")
def publish_layer_version(call: Call, params: Params) -> View:
    partition, name = _layer(call, params)
    code = code_from(call, params["Content"], "Zip")
    check_storage(call, partition, code)
    history = partition.layers.get(name) or LayerHistory(name)
    version = LayerVersion(
        place=partition.place,
        name=name,
        number=history.next_version,
        code=code,
        created=call.now,
        description=params.get("Description", ""),
        license_info=params.get("LicenseInfo"),
        compatible_runtimes=_sent(params, "CompatibleRuntimes"),
        compatible_architectures=_sent(params, "CompatibleArchitectures"),
    )
    partition.layers.put(name, replace(history, next_version=history.next_version + 1))
    partition.layer_versions.put(version.key, version)
    return layer_version_view(version, call.now)


def _sent(params: Params, member: str) -> tuple[str, ...] | None:
    return tuple(params[member]) if params.get(member) is not None else None


@operation("GetLayerVersion")
def get_layer_version(call: Call, params: Params) -> View:
    partition, key = _version_key(call, params)
    return layer_version_view(found(partition.layer_versions.get(key), texts.NO_SUCH_RESOURCE), call.now)


@operation("GetLayerVersionByArn")
def get_layer_version_by_arn(call: Call, params: Params) -> View:
    layer_arn, _, number = params["Arn"].rpartition(":")
    if not number.isdecimal():  # AWS's own layers have no versions, and none of them is here
        raise texts.NO_SUCH_RESOURCE.error()
    return get_layer_version(call, {"LayerName": layer_arn, "VersionNumber": int(number)})


@operation("DeleteLayerVersion")
def delete_layer_version(call: Call, params: Params) -> View:
    partition, key = _version_key(call, params)
    partition.layer_versions.delete(key)  # one that is not there: 204 all the same; functions keep what they have
    partition.layer_policies.delete(key)
    return {}


@operation("ListLayers")
def list_layers(call: Call, params: Params) -> View:
    partition = call.partition

    def newest(layer: LayerHistory) -> LayerVersion | None:
        versions = partition.layer_versions.under((layer.name,))
        return next((version for version in versions if _suits(params, version)), None)

    def view(layer: LayerHistory) -> View:
        version = newest(layer)
        assert version is not None  # those without are not chosen
        return {
            "LayerName": layer.name,
            "LayerArn": version.layer_arn,
            "LatestMatchingVersion": listed_layer_version_view(version),
        }

    return page_of(call, partition.layers, params, "Layers", view, chosen=lambda layer: newest(layer) is not None)


@operation("ListLayerVersions")
def list_layer_versions(call: Call, params: Params) -> View:
    partition, name = _layer(call, params)
    versions, view, chosen = partition.layer_versions, listed_layer_version_view, partial(_suits, params)
    return page_of(call, versions, params, "LayerVersions", view, prefix=(name,), chosen=chosen)


def _suits(params: Params, version: LayerVersion) -> bool:
    return version.suits(params.get("CompatibleRuntime"), params.get("CompatibleArchitecture"))


@operation("AddLayerVersionPermission")
def add_layer_version_permission(call: Call, params: Params) -> View:
    partition, version = _permitted(call, params)
    policy = partition.layer_policies.get(version.key)
    current = [policy.revision_id] if policy is not None else []
    check_revision(params, *current, stale=texts.STALE_LAYER_POLICY_REVISION)
    statement = _statement(version, params)
    statements = with_statement(policy.statements if policy is not None else (), statement)
    policy = keep_policy(call, partition.layer_policies, version.key, statements)
    return {"Statement": json.dumps(statement, separators=(",", ":")), "RevisionId": policy.revision_id}


@operation("RemoveLayerVersionPermission")
def remove_layer_version_permission(call: Call, params: Params) -> View:
    partition, version = _permitted(call, params)
    policy = found(partition.layer_policies.get(version.key), texts.NO_POLICY)
    kept = without_statement(policy.statements, params["StatementId"])
    check_revision(params, policy.revision_id, stale=texts.STALE_LAYER_POLICY_REVISION)
    keep_policy(call, partition.layer_policies, version.key, kept)
    return {}


@operation("GetLayerVersionPolicy")
def get_layer_version_policy(call: Call, params: Params) -> View:
    partition, version = _permitted(call, params)
    policy = found(partition.layer_policies.get(version.key), texts.NO_POLICY)
    return {"Policy": policy_text(policy.statements), "RevisionId": policy.revision_id}


def _layer(call: Call, params: Params) -> tuple[Partition, str]:
    """Return what *params* name by LayerName: where the layer is, and its bare name."""
    reference = layer_reference(params["LayerName"])
    if reference is None or reference.region not in (None, call.place.region):
        raise texts.NO_SUCH_RESOURCE.error()
    place = Place(reference.account or call.place.account, call.place.region)
    service, number = call.service, params.get("VersionNumber")
    of_whom = reference.account, reference.name, number, call.place, call.caller
    check_layer(service.world, service.store, call.operation, *of_whom)
    return call.at(place), reference.name


def _version_key(call: Call, params: Params) -> tuple[Partition, tuple[str, int]]:
    partition, name = _layer(call, params)
    if params["VersionNumber"] < 1:
        raise texts.LAYER_VERSION_BELOW_ONE.error()
    return partition, (name, -params["VersionNumber"])


def _permitted(call: Call, params: Params) -> tuple[Partition, LayerVersion]:
    """Return the layer version that *params* give or take a permission for. Raises ResourceNotFoundException."""
    partition, key = _version_key(call, params)
    arn = partition.place.arn(f"layer:{key[0]}:{-key[1]}")
    return partition, found(partition.layer_versions.get(key), texts.LAYER_VERSION_NOT_FOUND, arn=arn)


def _statement(version: LayerVersion, params: Params) -> View:
    principal = params["Principal"]
    if re.fullmatch(r"\d{12}", principal):
        principal = Place(principal, version.place.region).root_arn()
    organization = params.get("OrganizationId")
    statement = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": principal if principal == "*" else {"AWS": principal},
        "Action": params["Action"],
        "Resource": version.arn,
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization}} if organization else None,
    }
    return given(statement)


def layer_version_view(version: LayerVersion, now: datetime) -> View:
    """Return a layer version as Publish and Get answer it, with a link to its content that is good from *now*."""
    return {
        **listed_layer_version_view(version),
        "LayerArn": version.layer_arn,
        "Content": {
            "CodeSha256": version.code.sha256,
            "CodeSize": version.code.size,
            "Location": layer_location(version, now),
            **signature_view(version.code.signature),
            **given({"ResolvedS3Object": resolved_object_view(version.code)}),
        },
    }


def listed_layer_version_view(version: LayerVersion) -> View:
    """Return a layer version as the lists give it; the compatible ones only where they were sent."""
    runtimes, architectures = version.compatible_runtimes, version.compatible_architectures
    view = {
        "LayerVersionArn": version.arn,
        "Version": version.number,
        "Description": version.description,
        "CreatedDate": iso_milliseconds_with_offset(version.created),
        "CompatibleRuntimes": None if runtimes is None else list(runtimes),
        "CompatibleArchitectures": None if architectures is None else list(architectures),
        "LicenseInfo": version.license_info,
    }
    return given(view)


def layer_location(version: LayerVersion, now: datetime) -> str:
    """Return a presigned URL as AWS gives for a layer's zip, valid for ten minutes from *now*."""
    digest = hashlib.sha256(f"{version.arn}:{version.code.sha256}".encode()).hexdigest()
    return presigned_url(version.place, "layers", version.name, digest, now)
