"""Requests to function URLs: who may send them, and the invocation that each becomes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.authorization import lets_invoke, request_keys
from lambda_states_mock.dependencies.policies import ANONYMOUS, Principal, Request
from lambda_states_mock.dependencies.signatures import signing_key
from lambda_states_mock.dependencies.world import World
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.hints import Hints
from lambda_states_mock.instants import http_date
from lambda_states_mock.invocation import url_format
from lambda_states_mock.invocation.admission import Admission
from lambda_states_mock.invocation.durable.execution import DurableRuns
from lambda_states_mock.invocation.durable.invoke import invoke_durable
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.invocation.run import Runner
from lambda_states_mock.invocation.url_format import Caller, UrlRequest, UrlResponse
from lambda_states_mock.made_later import MadeLater
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function_url_config import FunctionUrlConfig
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.store import Partition, Store

WANTED = {
    "lambda:InvokeFunctionUrl": 'FunctionUrlAuthType="{auth_type}"',
    "lambda:InvokeFunction": "InvokedViaFunctionUrl=True",
}
"""The actions that a request needs, since October 2025 both (urls-auth.html), and what AddPermission takes for each."""


CallerOf = Callable[[str | None, str | None, str | None], tuple[Place, str]]
"""From an access key, an account and a region to where its owner calls, and the owner's ARN."""


@dataclass(eq=False, slots=True)
class FunctionUrls:
    """Answers requests to function URLs.

    Parameters: *world* says what the caller may do, *limits* how large an event may be; *hints* say why a request was
    forbidden, where AWS's answer does not; *caller_of*, who has an access key.
    """

    store: Store
    world: World
    limits: Limits
    chance: Chance
    clock: VirtualClock
    admission: Admission
    runner: Runner
    durable: MadeLater[DurableRuns]
    caller_of: CallerOf
    hints: Hints

    def find(self, identifier: str, region: str) -> FunctionUrlConfig | None:
        """Return the URL with this id, or None."""
        configs = (config for partition in self.store for config in partition.function_urls)
        return next((one for one in configs if one.id == identifier and one.place.region == region), None)

    def answer(self, host: str, request: UrlRequest, *, account: str | None) -> UrlResponse:
        """Answer a request to a function URL, as AWS does it: what is refused is in the response.

        Parameters: *host*, ``<id>.lambda-url.<region>.on.aws``; *account*, of whoever signed it, in place of the one
        that the signature tells.
        """
        identifier, _, region = host.split(".")[:3]
        request_id, now = self.chance.uuid(), self.clock.now
        config = self.find(identifier, region)
        if config is None:
            self.hints.give(f"https://{host}/ answered 403: there is no function URL of this name, or it was deleted.")
            response = url_format.forbidden()  # recorded where the alias behind a URL had been deleted
        elif url_format.is_preflight(request, config.cors):
            response = url_format.preflight(request, config.cors)
        else:
            response = self._invoke(config, host, request, account, request_id, now)
            response = url_format.with_headers(response, url_format.cors_headers(request, config.cors))
        return url_format.identified(response, request_id, http_date(now))

    def _invoke(
        self,
        config: FunctionUrlConfig,
        host: str,
        request: UrlRequest,
        account: str | None,
        request_id: str,
        now: datetime,
    ) -> UrlResponse:
        partition = self.store.at(config.place)
        signed = config.auth_type == "AWS_IAM"
        caller = self._caller(request, account, config.place.region) if signed else None
        allowed = allowed_actions(partition, self.world, config, request, caller) if caller or not signed else ()
        if len(allowed) < len(WANTED):
            self.hints.give(why_forbidden(config, host, caller, allowed))
            return url_format.forbidden()
        event = url_format.event_of(request, domain=host, request_id=request_id, now=now, caller=caller)
        target = ResolvedName(partition, config.function, config.alias)
        try:
            is_error, payload = self._run(target, event, request_id)
        except ServiceError as error:
            return url_format.refusal(error.status or STATUS.get(error.code, 502), error.code, error.message)
        if is_error:
            return url_format.failure()
        return url_format.response_of(payload, streamed=config.invoke_mode == "RESPONSE_STREAM")

    def _caller(self, request: UrlRequest, account: str | None, region: str) -> Caller | None:
        """Return who signed *request*, or None if nobody did. The signature itself is not verified."""
        key = signing_key(request.header("authorization"), request.query)
        if key is None:
            return None
        principal = self.world.permissions.principal(self.caller_of(key, account, region)[1])
        return Caller(principal.account or "", principal.arn or "", key, principal.organization)

    def _run(self, target: ResolvedName, event: bytes, request_id: str) -> tuple[bool, bytes]:
        """Return whether the function has failed, and its payload."""
        size = self.limits.sync_payload_bytes
        received = self.admission.receive(target, event, request_id=request_id, size=size)
        if received.version.configuration.durable is not None:
            answer = invoke_durable(self.durable(), received, name=None, waits=True)
            return "FunctionError" in answer, answer["Payload"]
        outcome = self.runner.run(received)
        return outcome.function_error is not None, outcome.payload


STATUS = {
    "InvalidParameterValueException": 400,
    "RequestEntityTooLargeException": 413,
    "RequestTooLargeException": 413,
    "ResourceConflictException": 409,
    "ResourceNotFoundException": 404,
    "TooManyRequestsException": 429,
}
"""Of a refusal by its code, as the model has them for Invoke; what Lambda is not ready for is a 502, as there."""


def allowed_actions(
    partition: Partition, world: World, config: FunctionUrlConfig, request: UrlRequest, caller: Caller | None
) -> tuple[str, ...]:
    """Return which of the actions that are `WANTED` the resource policy, and IAM for a caller with an account, allow.

    Of identity-based policies only what the test denies is known: ``m.world.deny("lambda:InvokeFunctionUrl")``.
    """
    permissions = world.permissions
    policy = partition.policies.get((config.function, config.alias or ""))
    statements = policy.statements if policy is not None else ()
    principal = Principal.of(caller.arn, caller.organization) if caller is not None else ANONYMOUS
    own = principal.account == config.place.account
    keys = request_keys(config.place, world.watch.now()) | {
        "aws:UserAgent": request.header("user-agent") or "",
        "lambda:FunctionUrlAuthType": config.auth_type,
        "lambda:InvokedViaFunctionUrl": "true",
    }
    return tuple(
        action
        for action in WANTED
        if lets_invoke(
            statements,
            Request(action, config.function_arn, principal, keys),
            own=own,
            identity_allows=permissions.allows(action, principal, config.function),
        )
    )


def why_forbidden(config: FunctionUrlConfig, host: str, caller: Caller | None, allowed: tuple[str, ...]) -> str:
    """Return a hint for a request of *caller* to a URL that is *allowed* too little."""
    url, signed = f"https://{host}/", config.auth_type == "AWS_IAM"
    if signed and caller is None:
        return f'{url} answered 403: its AuthType is AWS_IAM, and the request is not signed. Sign it for "lambda".'
    who = caller.arn if caller is not None else "everybody (AuthType NONE)"
    missing = [action for action in WANTED if action not in allowed]
    may = f"{allowed[0]} there, but not {missing[0]}" if allowed else f"neither {' nor '.join(missing)} there"
    name = f'"{config.function}"' + (f', Qualifier="{config.alias}"' if config.alias else "")
    principal = "*" if caller is None else caller.arn
    calls = [
        f"client.add_permission(FunctionName={name}, StatementId=..., "
        f'Action="{action}", Principal="{principal}", {WANTED[action].format(auth_type=config.auth_type)})'
        for action in missing
    ]
    return "\n  ".join(
        [
            f"{url} answered 403: {who} may do {may}.",
            f"Since October 2025, AWS asks for both {' and '.join(WANTED)}. Allow what is missing:",
            *calls,
        ]
    )
