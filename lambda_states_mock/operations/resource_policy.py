"""Resource policies as whole documents, of functions, versions and aliases: those that AddPermission adds to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.policy_conditions import listed
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.operations.permission import check_target, policy_of, policy_text, put_policy, revision_of
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.checks import check_revision, found


@operation("PutResourcePolicy")
def put_resource_policy(call: Call, params: Params) -> View:
    wanted = _governed(call, params)
    statements = _statements(wanted, params["Policy"])
    check_target(wanted)
    policy = policy_of(wanted)
    current = [revision_of(wanted), *([policy.revision_id] if policy is not None else [])]
    check_revision(params, *current, stale=texts.STALE_POLICY_REVISION)
    put_policy(call, wanted, statements)
    return _view(wanted)


@operation("GetResourcePolicy")
def get_resource_policy(call: Call, params: Params) -> View:
    return _view(_governed(call, params))


@operation("DeleteResourcePolicy")
def delete_resource_policy(call: Call, params: Params) -> View:
    wanted = _governed(call, params)
    policy = found(policy_of(wanted), texts.NO_SUCH_RESOURCE)
    check_revision(params, revision_of(wanted), policy.revision_id, stale=texts.STALE_POLICY_REVISION)
    put_policy(call, wanted, ())
    return {}


def _governed(call: Call, params: Params) -> ResolvedName:
    """Return what the policy is for. Raises ResourceNotFoundException for a runtime: none here has a policy."""
    if ":runtime/" in params["ResourceArn"]:
        raise texts.NO_SUCH_RESOURCE.error()
    wanted = call.reference(params["ResourceArn"])
    if wanted.qualifier == LATEST:
        raise texts.POLICY_FOR_LATEST.error()
    return wanted


def _view(wanted: ResolvedName) -> View:
    policy = policy_of(wanted)
    if policy is None or wanted.name not in wanted.partition.functions:
        raise texts.NO_SUCH_RESOURCE.error()
    return {"Policy": policy_text(policy.statements), "RevisionId": policy.revision_id}


def _statements(wanted: ResolvedName, text: str) -> tuple[Mapping[str, Any], ...]:
    """Return the statements of the document *text*. Raises InvalidParameterValueException for what is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    found = document.get("Statement") if isinstance(document, dict) else None
    statements = [found] if isinstance(found, dict) else found
    if not isinstance(statements, list) or not statements or not all(_is_statement(one) for one in statements):
        raise texts.MALFORMED_POLICY.error()
    elsewhere = any(wanted.arn not in listed(one["Resource"]) for one in statements)
    if elsewhere or not _are_names([one["Sid"] for one in statements if "Sid" in one]):
        raise texts.MALFORMED_POLICY.error()
    return tuple(statements)


def _are_names(sids: list[Any]) -> bool:
    """Tell whether *sids* are texts, each other than the rest."""
    return all(isinstance(sid, str) for sid in sids) and len(sids) == len(set(sids))


def _is_statement(value: Any) -> bool:
    """Tell whether *value* has what a statement needs: of Principal and Action, or their opposites, exactly one (I)."""
    if not isinstance(value, dict) or not {"Effect", "Resource"} <= value.keys():
        return False
    if any((member in value) is (f"Not{member}" in value) for member in ("Principal", "Action")):
        return False
    actions = listed(value.get("Action", value.get("NotAction")))
    return value["Effect"] in ("Allow", "Deny") and bool(actions) and all(one.startswith("lambda:") for one in actions)
