"""Requests to function URLs: who may send them, and the invocation that each becomes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lambda_states_mock.dependencies import permissions
from lambda_states_mock.invocation import url_format
from lambda_states_mock.invocation.url_format import Caller, UrlRequest, UrlResponse
from lambda_states_mock.operations.invoke import invoke
from lambda_states_mock.resources.arn import Place, partition_of
from lambda_states_mock.resources.function_url_config import FunctionUrlConfig
from lambda_states_mock.service import Call, LambdaService
from lambda_states_mock.service_errors import ServiceError

INVOKE_URL, INVOKE = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"

_SIGNATURE = re.compile(r"AWS4-[A-Z0-9-]+ .*Credential=(?P<key>[^/,]+)/")
_PRESIGNED = re.compile(r"(?:^|&)X-Amz-Credential=(?P<key>[^&%/]+)")


def find_url(service: LambdaService, identifier: str, region: str) -> FunctionUrlConfig | None:
    """Return the URL with this id, or None."""
    configs = (config for partition in service.store for config in partition.function_urls)
    return next((one for one in configs if one.id == identifier and one.place.region == region), None)


def answer_url(service: LambdaService, host: str, request: UrlRequest, *, account: str) -> UrlResponse:
    """Answer a request to a function URL, as AWS does it: what is refused is in the response.

    Parameters: *host*, ``<id>.lambda-url.<region>.on.aws``; *account*, whose credentials signed it, if it is signed.
    """
    identifier, _, region = host.split(".")[:3]
    request_id, now = service.chance.uuid(), service.driver.clock.now
    config = find_url(service, identifier, region)
    if config is None:
        response = url_format.forbidden()  # recorded where the alias behind a URL had been deleted
    elif url_format.is_preflight(request, config.cors):
        response = url_format.preflight(request, config.cors)
    else:
        call = Call(service, config.place, now, request_id, "Invoke")
        response = _invoke(call, config, host, request, account)
        response = url_format.with_cors(response, url_format.cors_headers(request, config.cors))
    date = f"{now:%a, %d %b %Y %H:%M:%S} GMT"
    headers = (("Date", date), *response.headers, ("x-amzn-RequestId", request_id))
    return UrlResponse(response.status, headers, response.body)


def _invoke(call: Call, config: FunctionUrlConfig, host: str, request: UrlRequest, account: str) -> UrlResponse:
    caller = _caller(request, config.place, account) if config.auth_type == "AWS_IAM" else None
    if (config.auth_type == "AWS_IAM" and caller is None) or not may_invoke(call, config, caller):
        return url_format.forbidden()
    event = url_format.event_of(request, domain=host, request_id=call.request_id, now=call.now, caller=caller)
    try:
        view = invoke(call, {"FunctionName": config.function, "Qualifier": config.alias, "Payload": event})
    except ServiceError as error:
        return url_format.refusal(error.status or STATUS.get(error.code, 502), error.code, error.message)
    if "FunctionError" in view:
        return url_format.failure()
    return url_format.response_of(view["Payload"], streamed=config.invoke_mode == "RESPONSE_STREAM")


STATUS = {
    "InvalidParameterValueException": 400,
    "RequestEntityTooLargeException": 413,
    "RequestTooLargeException": 413,
    "ResourceConflictException": 409,
    "ResourceNotFoundException": 404,
    "TooManyRequestsException": 429,
}
"""Of a refusal by its code, as the model has them for Invoke; what Lambda is not ready for is a 502, as there."""


def _caller(request: UrlRequest, place: Place, account: str) -> Caller | None:
    """Return who signed *request*, or None if nobody did. The signature itself is not verified."""
    signed = _SIGNATURE.match(request.header("authorization") or "") or _PRESIGNED.search(request.query)
    if signed is None:
        return None
    return Caller(account, f"arn:{partition_of(place.region)}:iam::{account}:user/test", signed["key"])


def may_invoke(call: Call, config: FunctionUrlConfig, caller: Caller | None) -> bool:
    """Tell whether the URL's resource policy, and for a caller with an account IAM, let the request in.

    Since October 2025 both actions are needed (urls-auth.html). A caller of the function's own account has them from
    IAM, where everything is allowed that the test does not deny; nobody else's policy is known here.
    """
    policy = call.partition.policies.get((config.function, config.alias or ""))
    facts = {"lambda:FunctionUrlAuthType": config.auth_type, "lambda:InvokedViaFunctionUrl": "true"}
    statements = [one for one in (policy.statements if policy is not None else ()) if _is_met(one, facts)]
    own = caller is not None and caller.account == config.place.account and _is_allowed(call, config)
    for action in (INVOKE_URL, INVOKE):
        effects = {one.get("Effect") for one in statements if _names(one, action) and _is_about(one, caller)}
        if "Deny" in effects or ("Allow" not in effects and not own):
            return False
    return True


def _is_allowed(call: Call, config: FunctionUrlConfig) -> bool:
    """Tell whether the test lets the caller invoke through URLs: ``m.world.deny("lambda:InvokeFunctionUrl")``."""
    try:
        for operation in (permissions.INVOKE_URL, "Invoke"):
            call.service.world.permissions.check(operation, config.function_arn, config.function)
    except ServiceError:
        return False
    return True


def _names(statement: Mapping[str, Any], action: str) -> bool:
    return any(named in (action, "lambda:*", "*") for named in _several(statement.get("Action")))


def _is_about(statement: Mapping[str, Any], caller: Caller | None) -> bool:
    principal = statement.get("Principal")
    named = list(_several(principal.get("AWS") if isinstance(principal, dict) else principal))
    if "*" in named:
        return True
    return caller is not None and any(one == caller.arn or one.endswith(f"::{caller.account}:root") for one in named)


def _is_met(statement: Mapping[str, Any], facts: Mapping[str, str]) -> bool:
    """Tell whether all conditions of *statement* are met; one about anything but *facts* is not."""
    conditions = statement.get("Condition") or {}
    return all(
        facts.get(key, "").lower() in [str(value).lower() for value in _several(wanted)]
        for tests in conditions.values()
        for key, wanted in tests.items()
    )


def _several(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        yield from value
    elif value is not None:
        yield value
