"""Resource policies of functions, versions and aliases, statement by statement."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.public_policies import grants_public_access
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.resources.arn import LATEST, Place, can_be_alias
from lambda_states_mock.resources.function import Policy
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.checks import check_revision, found
from lambda_states_mock.shapes.views import given
from lambda_states_mock.store import Table

Statements = tuple[Mapping[str, Any], ...]
K = TypeVar("K")

_SERVICE = compile_later(r"[a-z0-9][a-z0-9.-]*\.(amazonaws\.com(\.cn)?|amazon\.com|alexa\.com)")
_PRINCIPAL_ARN = compile_later(r"arn:aws[a-z-]*:(iam|sts)::(\d{12}|cloudfront):.+")

_BY_URL = "lambda:InvokeFunctionUrl"


@operation("AddPermission")
def add_permission(call: Call, params: Params) -> View:
    wanted = call.named(params)
    if wanted.qualifier == LATEST:
        raise texts.POLICY_FOR_LATEST.error()
    statement = _statement(wanted, params)
    check_target(wanted)
    policy = policy_of(wanted)
    check_policy_revision(params, wanted, policy)
    statements = policy.statements if policy is not None else ()
    statements = with_statement(statements, statement)
    check_public(call, wanted.arn, statements)
    put_policy(call, wanted, statements)
    return {"Statement": json.dumps(statement, separators=(",", ":"))}


@operation("RemovePermission")
def remove_permission(call: Call, params: Params) -> View:
    wanted, sid = call.named(params), params["StatementId"]
    if wanted.name not in wanted.partition.functions:
        # (I) without a qualifier, as AddPermission and DeleteFunction name a function that is not there
        raise texts.NO_POLICY_FOUND.error(arn=wanted.place.function_arn(wanted.name))
    if wanted.qualifier == LATEST:
        raise texts.POLICY_FOR_LATEST.error()
    check_target(wanted)
    policy = found(policy_of(wanted), texts.NO_POLICY)
    kept = without_statement(policy.statements, sid)
    check_policy_revision(params, wanted, policy)
    put_policy(call, wanted, kept)
    return {}


@operation("GetPolicy")
def get_policy(call: Call, params: Params) -> View:
    return policy_view(call.named(params))


def policy_view(wanted: ResolvedName) -> View:
    """Return the policy of what is named. Raises ResourceNotFoundException where there is none."""
    policy = policy_of(wanted)
    if policy is None or wanted.name not in wanted.partition.functions:
        raise texts.NO_SUCH_RESOURCE.error()
    return view_of(policy)


def view_of(policy: Policy) -> View:
    """Return *policy* as the answers have it."""
    return {"Policy": policy_text(policy.statements), "RevisionId": policy.revision_id}


def policy_text(statements: Statements) -> str:
    """Return the policy document of *statements* as AWS writes it."""
    document = {"Version": "2012-10-17", "Id": "default", "Statement": list(statements)}
    return json.dumps(document, separators=(",", ":"))


def with_statement(statements: Statements, statement: Mapping[str, Any]) -> Statements:
    """Return *statements* and *statement*. Raises ResourceConflictException where its Sid is taken."""
    if any(one.get("Sid") == statement["Sid"] for one in statements):
        raise texts.STATEMENT_EXISTS.error(sid=statement["Sid"])
    return (*statements, statement)


def without_statement(statements: Statements, sid: str) -> Statements:
    """Return *statements* but the one called *sid*. Raises ResourceNotFoundException where there is none."""
    kept = tuple(one for one in statements if one.get("Sid") != sid)
    if len(kept) == len(statements):
        raise texts.NO_STATEMENT.error(sid=sid)
    return kept


def policy_of(wanted: ResolvedName) -> Policy | None:
    """Return the policy of what is named, or None."""
    return wanted.partition.policies.get((wanted.name, wanted.qualifier or ""))


def check_public(call: Call, arn: str, statements: Statements) -> None:
    """Raise PublicPolicyException where *statements* let everybody in, and the account forbids that.

    (I) RemovePermission, which declares the error too, never answers it: to take a statement away lets nobody in.
    """
    if call.service.world.blocks_public_policies and grants_public_access(statements):
        raise texts.PUBLIC_POLICY.error(arn=arn)


def check_target(wanted: ResolvedName) -> None:
    """Raise AWS's answer where the function, version or alias is not there."""
    wanted.function()
    qualifier = wanted.qualifier
    if qualifier is None:
        return
    if wanted.alias() is not None or wanted.partition.version(wanted.name, qualifier) is not None:
        return
    missing = texts.ALIAS_NOT_FOUND if can_be_alias(qualifier) else texts.FUNCTION_NOT_FOUND
    raise missing.error(arn=wanted.arn)


def revision_of(wanted: ResolvedName) -> str:
    """Return the revision of what the policy is for: an alias has its own."""
    return (wanted.alias() or wanted.version()).revision_id


def check_policy_revision(params: Params, wanted: ResolvedName, policy: Policy | None) -> None:
    """Raise PreconditionFailedException for a RevisionId that is neither the policy's nor that of what it is for.

    The two part when something else changes the function: publishing a version gives it a new revision, and the
    policy keeps its own (recorded).
    """
    current = [revision_of(wanted), *([policy.revision_id] if policy is not None else [])]
    check_revision(params, *current, stale=texts.STALE_POLICY_REVISION)


def put_policy(call: Call, wanted: ResolvedName, statements: Statements) -> None:
    """Let *statements* be the policy of what is named, which has a new revision then."""
    partition, key = wanted.partition, (wanted.name, wanted.qualifier or "")
    revision = keep_policy(call, partition.policies, key, statements).revision_id
    alias = wanted.alias()
    if alias is not None:
        partition.aliases.put((wanted.name, alias.name), replace(alias, revision_id=revision))
    else:
        partition.put(replace(wanted.version(), revision_id=revision))


def keep_policy(call: Call, table: Table[K, Policy], key: K, statements: Statements) -> Policy:
    """Let *statements* be the policy at *key* of *table*, none being no policy; return it.

    Raises PolicyLengthExceededException where its document is too long.
    """
    size, limit = len(policy_text(statements)), call.service.limits.policy_bytes
    if size > limit:
        raise texts.POLICY_TOO_LONG.error(size=size, limit=limit)
    policy = Policy(statements=statements, revision_id=call.service.chance.uuid())
    if statements:
        table.put(key, policy)
    else:
        table.delete(key)
    return policy


def _statement(wanted: ResolvedName, params: Params) -> dict[str, Any]:
    if params.get("FunctionUrlAuthType") and params["Action"] != _BY_URL:
        raise texts.AUTH_TYPE_OF_OTHER_ACTION.error(action=_BY_URL)
    statement = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(wanted, params["Principal"]),
        "Action": params["Action"],
        "Resource": wanted.arn,
        "Condition": _condition(params) or None,
    }
    return given(statement)


def _principal(wanted: ResolvedName, principal: str) -> str | dict[str, str]:
    if principal == "*":
        return "*"
    if _SERVICE.fullmatch(principal):
        return {"Service": principal}
    if re.fullmatch(r"\d{12}", principal):
        return {"AWS": Place(principal, wanted.place.region).root_arn()}
    if _PRINCIPAL_ARN.fullmatch(principal):
        return {"AWS": principal}
    raise texts.INVALID_PRINCIPAL.error()


_EQUALS = (
    ("SourceAccount", "AWS:SourceAccount"),
    ("EventSourceToken", "lambda:EventSourceToken"),
    ("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
    ("PrincipalOrgID", "aws:PrincipalOrgID"),
)


def _condition(params: Params) -> dict[str, Any]:
    by_url, source = params.get("InvokedViaFunctionUrl"), params.get("SourceArn")
    condition = {
        "StringEquals": given({key: params.get(member) for member, key in _EQUALS}) or None,
        "Bool": None if by_url is None else {"lambda:InvokedViaFunctionUrl": "true" if by_url else "false"},
        "ArnLike": None if source is None else {"AWS:SourceArn": source},
    }
    return given(condition)
