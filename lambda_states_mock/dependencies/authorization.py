"""Whether the resource policy of a function or of a layer version lets the caller in.

A caller of the same account needs no resource policy, but one can deny what it asks for. A caller of another account
needs one that allows it (IAM's reference_policies_evaluation-logic-cross-account.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lambda_states_mock.dependencies.permissions import action_of
from lambda_states_mock.dependencies.policies import ANONYMOUS, Decision, Request, account_of, evaluate
from lambda_states_mock.dependencies.policy_conditions import Values
from lambda_states_mock.dependencies.world import World
from lambda_states_mock.instants import epoch_seconds, iso_seconds
from lambda_states_mock.resources.arn import FunctionReference, Place, function_reference
from lambda_states_mock.service_errors import NO_POLICY_ALLOWS, POLICY_DENIES
from lambda_states_mock.store import Store

SOURCE_IP = "127.0.0.1"

_INVOKING = frozenset({"Invoke", "InvokeAsync", "InvokeWithResponseStream"})
_OF_MAPPINGS = frozenset({"CreateEventSourceMapping", "UpdateEventSourceMapping", "ListEventSourceMappings"})
_OF_PARAMETERS = {"lambda:FunctionUrlAuthType": "AuthType", "lambda:Principal": "Principal"}
"""Condition keys with the values of parameters (the service authorization reference of Lambda)."""


_ARNS = ("Resource", "ResourceArn")  # what is tagged, and what a policy as a whole is for


def function_in(params: Mapping[str, Any]) -> FunctionReference | None:
    """Return the function that *params* name without a FunctionName: the resource that they are about; None: none."""
    arns = (str(params[member]) for member in _ARNS if member in params)
    return next((function_reference(arn) for arn in arns if ":function:" in arn), None)


def request_keys(place: Place, now: datetime) -> dict[str, Values]:
    """Return the condition keys that every request has, with its credentials or without."""
    return {
        "aws:CurrentTime": iso_seconds(now),
        "aws:EpochTime": str(epoch_seconds(now)),
        "aws:RequestedRegion": place.region,
        "aws:SecureTransport": "true",
        "aws:SourceIp": SOURCE_IP,
    }


def check_function(
    world: World,
    store: Store,
    operation: str,
    reference: FunctionReference,
    place: Place,
    caller: str,
    params: Mapping[str, Any],
) -> None:
    """Raise AccessDeniedException where the resource policy of a function does not let *operation* through.

    Invocations count however the function is named. Other operations are another account's where an ARN says so: a bare
    name means a function of the caller.

    Parameters: *reference*, from the ``FunctionName``, or as `function_in` finds it; *place*, of the client; *caller*,
    its ARN; *params*, of the operation.
    """
    invokes = operation in _INVOKING
    owner = reference.account or place.account
    owners = place if owner == place.account else Place(owner, place.region)
    bare = reference.account is None and not invokes
    own = bare or owner == account_of(caller)
    qualifier = reference.qualifier or params.get("Qualifier")
    policy = store.at(owners).policies.get((reference.name, qualifier or ""))
    if (own and policy is None) or operation in _OF_MAPPINGS:
        return
    keys = request_keys(place, world.watch.now())
    keys.update({key: str(params[member]) for key, member in _OF_PARAMETERS.items() if params.get(member)})
    if invokes:
        keys["lambda:InvokedViaFunctionUrl"] = "false"  # (I)
    action = action_of("Invoke" if invokes else operation)
    request = Request(action, owners.function_arn(reference.name, qualifier), world.permissions.principal(caller), keys)
    _check(policy.statements if policy is not None else (), request, own=own)


def check_layer(
    world: World,
    store: Store,
    operation: str,
    owner: str | None,
    name: str,
    number: int | None,
    place: Place,
    caller: str,
) -> None:
    """Raise AccessDeniedException where another account's layer is not shared with the caller for *operation*.

    The policy of a layer version can only share GetLayerVersion (AddLayerVersionPermission in the API reference).

    Parameters: *owner*, the account that an ARN names, or None; *number*, of the version; *place*, of the client;
    *caller*, its ARN.
    """
    if owner is None or owner == account_of(caller):
        return
    owners = Place(owner, place.region)
    policy = store.at(owners).layer_policies.get((name, -number)) if number is not None else None
    resource = owners.arn(f"layer:{name}" if number is None else f"layer:{name}:{number}")
    principal, keys = world.permissions.principal(caller), request_keys(place, world.watch.now())
    request = Request(action_of(operation), resource, principal, keys)
    _check(policy.statements if policy is not None else (), request, own=False)


def check_owner(world: World, operation: str, arn: str, caller: str) -> None:
    """Raise AccessDeniedException where what has *arn*, which no policy can share, is not the account's of *caller*."""
    if account_of(arn) != account_of(caller):
        _check((), Request(action_of(operation), arn, world.permissions.principal(caller), {}), own=False)


def lets_invoke(
    statements: tuple[Mapping[str, Any], ...], request: Request, *, own: bool, identity_allows: bool
) -> bool:
    """Return whether *request* may pass: in one's *own* account identity or resource policy suffices, else both must.

    Nobody but the resource policy speaks for a caller without an account.
    """
    decision = evaluate(statements, request)
    if decision is Decision.DENIED:
        return False
    allowed = decision is Decision.ALLOWED
    if own:
        return allowed or identity_allows
    return allowed and (identity_allows or request.principal == ANONYMOUS)


def _check(statements: tuple[Mapping[str, Any], ...], request: Request, *, own: bool) -> None:
    decision = evaluate(statements, request)
    if decision is Decision.ALLOWED or (own and decision is Decision.NOT_MENTIONED):
        return
    refusal = POLICY_DENIES if decision is Decision.DENIED else NO_POLICY_ALLOWS
    raise refusal.error(caller=request.principal.arn, action=request.action, resource=request.resource)
