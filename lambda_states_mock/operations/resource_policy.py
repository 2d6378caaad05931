"""Resource policies as whole documents: of functions, versions and aliases, and of runtimes that customers manage."""

from __future__ import annotations

from typing import Any

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.policy_conditions import listed
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.json_reading import read_json
from lambda_states_mock.operations.permission import (
    Statements,
    check_policy_revision,
    check_public,
    check_target,
    keep_policy,
    policy_of,
    policy_view,
    put_policy,
    view_of,
)
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.checks import check_revision, found


@operation("PutResourcePolicy")
def put_resource_policy(call: Call, params: Params) -> View:
    key = _runtime(call, params)
    if key is not None:
        return _put_for_runtime(call, params, key)
    wanted = _governed(call, params)
    statements = _statements(wanted.arn, params["Policy"])
    check_target(wanted)
    check_policy_revision(params, wanted, policy_of(wanted))
    check_public(call, wanted.arn, statements)
    put_policy(call, wanted, statements)
    return policy_view(wanted)


@operation("GetResourcePolicy")
def get_resource_policy(call: Call, params: Params) -> View:
    key = _runtime(call, params)
    if key is not None:
        return view_of(found(call.partition.policies.get(key), texts.NO_SUCH_RESOURCE))
    return policy_view(_governed(call, params))


@operation("DeleteResourcePolicy")
def delete_resource_policy(call: Call, params: Params) -> View:
    key = _runtime(call, params)
    if key is not None:
        policy = found(call.partition.policies.get(key), texts.NO_SUCH_RESOURCE)
        check_revision(params, policy.revision_id, stale=texts.STALE_POLICY_REVISION)
        keep_policy(call, call.partition.policies, key, ())
        return {}
    wanted = _governed(call, params)
    policy = found(policy_of(wanted), texts.NO_SUCH_RESOURCE)
    check_policy_revision(params, wanted, policy)
    put_policy(call, wanted, ())
    return {}


def _runtime(call: Call, params: Params) -> tuple[str, str] | None:
    """Return the key of the policy of a runtime, where *params* name one; None: of a function.

    The API cannot make runtimes, so all of this account and region are there. Raises ResourceNotFoundException for one
    that is elsewhere.
    """
    arn = params["ResourceArn"]
    if ":runtime/" not in arn:
        return None
    if not arn.startswith(call.place.arn("runtime/")):
        raise texts.NO_SUCH_RESOURCE.error()
    return arn, ""


def _put_for_runtime(call: Call, params: Params, key: tuple[str, str]) -> View:
    arn, policies = key[0], call.partition.policies
    statements, policy = _statements(arn, params["Policy"]), policies.get(key)
    check_revision(params, *([policy.revision_id] if policy is not None else []), stale=texts.STALE_POLICY_REVISION)
    check_public(call, arn, statements)
    return view_of(keep_policy(call, policies, key, statements))


def _governed(call: Call, params: Params) -> ResolvedName:
    """Return the function, version or alias that the policy is for."""
    wanted = call.reference(params["ResourceArn"])
    if wanted.qualifier == LATEST:
        raise texts.POLICY_FOR_LATEST.error()
    return wanted


def _statements(arn: str, text: str) -> Statements:
    """Return the statements of *text*, for what has *arn*. Raises InvalidParameterValueException for no document."""
    try:
        document = read_json(text)
    except (ValueError, RecursionError):
        document = None
    found = document.get("Statement") if isinstance(document, dict) else None
    statements = [found] if isinstance(found, dict) else found
    if not isinstance(statements, list) or not statements or not all(_is_statement(one) for one in statements):
        raise texts.MALFORMED_POLICY.error()
    elsewhere = any(arn not in listed(one["Resource"]) for one in statements)
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
