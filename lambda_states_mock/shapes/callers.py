"""Who calls: how often an account may, and what one account may do with the functions of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lambda_states_mock.resources.arn import Place, function_reference, partition_of
from lambda_states_mock.service import LambdaService
from lambda_states_mock.service_errors import CALLER_RATE_EXCEEDED, NO_POLICY_ALLOWS

INVOKE = "lambda:InvokeFunction"
_INVOKING = frozenset({"Invoke", "InvokeAsync", "InvokeWithResponseStream"})
_OF_MAPPINGS = frozenset({"CreateEventSourceMapping", "UpdateEventSourceMapping", "ListEventSourceMappings"})
_OF_OWN_RATE = frozenset({*_INVOKING, "GetFunction", "GetPolicy"})  # gettingstarted-limits.html


def check_rate(service: LambdaService, operation: str, place: Place) -> None:
    """Raise TooManyRequestsException where an account calls the control plane more often than its limit allows."""
    limit = service.limits.control_plane_requests
    if limit is None or operation in _OF_OWN_RATE:
        return
    key = ("control plane", place.account, place.region)
    wait = service.buckets.take(key, size=limit, seconds=1, at=service.driver.clock.now)
    if wait:
        raise CALLER_RATE_EXCEEDED.retry_after(wait)


def check_other_account(
    service: LambdaService, operation: str, place: Place, params: Mapping[str, Any], *, home: Place
) -> None:
    """Raise AccessDeniedException where a function of another account is meant whose resource policy does not let in.

    Invocations count however the function is named, other operations where an ARN says that it is another account's.
    Who calls is ``world.caller``; in a client of another account than *home*'s, a user of that account.
    """
    if operation in _OF_MAPPINGS:
        return
    reference = function_reference(str(params.get("FunctionName", "")))
    if reference is None:
        return
    action = INVOKE if operation in _INVOKING else f"lambda:{operation}"
    if action != INVOKE and reference.account in (None, place.account):
        return
    caller = service.world.caller
    if place.account != home.account:
        caller = f"arn:{partition_of(place.region)}:iam::{place.account}:user/test"
    account, owner = _account_of(caller), reference.account or place.account
    if account == owner:
        return
    qualifier = reference.qualifier or params.get("Qualifier")
    owners = Place(owner, place.region)
    policy = service.store.at(owners).policies.get((reference.name, qualifier or ""))
    statements = policy.statements if policy is not None else ()
    effects = {one.get("Effect") for one in statements if _is_for(one, action, caller, account)}
    if "Deny" in effects or "Allow" not in effects:
        resource = owners.function_arn(reference.name, qualifier)
        raise NO_POLICY_ALLOWS.error(caller=caller, action=action, resource=resource)


def _account_of(arn: str) -> str:
    return arn.split(":")[4] if arn.count(":") >= 5 else ""


def _is_for(statement: Mapping[str, Any], action: str, caller: str, account: str) -> bool:
    """Tell whether *statement* is about *action* by *caller*: one with conditions is about a service's."""
    actions = set(_several(statement.get("Action")))
    if not actions & {action, "lambda:*", "*"} or statement.get("Condition"):
        return False
    principal = statement.get("Principal")
    named = list(_several(principal.get("AWS") if isinstance(principal, Mapping) else principal))
    return any(one in ("*", caller, account) or one.endswith(f"::{account}:root") for one in named)


def _several(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        yield from value or ()
