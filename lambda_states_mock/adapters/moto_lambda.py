"""moto's services ask here for their Lambda: for whether a function exists, and to invoke it.

Nearly all of them call `moto.awslambda.utils.get_backend`, which knows nothing while we are active. What it returns
then behaves as moto's backend does, as far as they use it.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.event_sources.events.logs import logs_event
from lambda_states_mock.event_sources.pushes import Pusher, Pushes, PushRefusedError
from lambda_states_mock.instants import iso_seconds
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.service_errors import ServiceError

_CALLERS = {
    "moto.secretsmanager": Pusher("Secrets Manager", "secretsmanager.amazonaws.com"),
    "moto.logs": Pusher("CloudWatch Logs", "logs.amazonaws.com"),
    "moto.config": Pusher("AWS Config", "config.amazonaws.com"),
    "moto.events": Pusher("EventBridge", "events.amazonaws.com"),
}
"""Who calls, by the module of the call."""


def install(patches: Patches) -> None:
    """Let moto's services find the functions of the innermost mock until *patches* are restored."""
    utils: Any = importlib.import_module("moto.awslambda.utils")
    original = utils.get_backend

    def get_backend(account_id: str, region: str) -> Any:
        mock = active_mocks.innermost()
        if mock is None:
            return original(account_id, region)
        caller = str(sys._getframe(1).f_globals.get("__name__", ""))  # noqa: SLF001 - who asks says who invokes
        return LambdaForMoto(mock.backend.pushes, Place(account_id, region), caller)

    patches.set(utils, "get_backend", get_backend)


def push(pusher: Pusher, function_arn: str, event: Mapping[str, Any] | str, *, traced: bool = False) -> None:
    """Send *event* to a function of the innermost mock. Raises PushRefusedError where Lambda does not take it.

    Parameters: *event*, also as JSON; *traced*, whether *pusher* hands the chain of requests on, by which Lambda finds
    recursion.
    """
    mock = active_mocks.innermost()
    if mock is None:
        return
    payload = event if isinstance(event, str) else json.dumps(event)
    trace = os.environ.get("_X_AMZN_TRACE_ID") if traced else None
    mock.backend.pushes.send(pusher, function_arn, payload.encode(), trace=trace)


def are_permissions_needed() -> bool:
    """Tell whether a test of the innermost mock wants what AWS wants of sources."""
    mock = active_mocks.innermost()
    return mock is not None and mock.backend.pushes.asks_for_permissions


def may_invoke(pusher: Pusher, function_arn: str) -> bool:
    """Tell whether *pusher* may invoke a function of the innermost mock. It may if sources need no permission."""
    mock = active_mocks.innermost()
    if mock is None or not mock.backend.pushes.asks_for_permissions:
        return True
    pushes = mock.backend.pushes
    target = pushes.target(function_arn, pushes.home)
    if target is None:
        return False
    try:
        pushes.check_permission(pusher, target)
    except ServiceError:
        return False
    return True


class LambdaForMoto:
    """As much of `LambdaBackend` as other services use.

    Parameters: *pushes*, of the mock; *home*, the place that was asked for; *caller*, the module that asks.
    """

    def __init__(self, pushes: Pushes, home: Place, caller: str) -> None:
        self._pushes = pushes
        self._home = home
        service = ".".join(caller.split(".")[:2])
        self._pusher = _CALLERS.get(service, Pusher(service, ""))._replace(account=home.account)
        self._caller = service
        self._has_failed = False

    def get_function(self, function_name_or_arn: str, qualifier: str | None = None) -> ResolvedName:
        """Return what is named. Raises what moto's callers take for one that is not there, or not for them."""
        name = f"{function_name_or_arn}:{qualifier}" if qualifier else function_name_or_arn
        target = self._pushes.target(name, self._home)
        if target is None:
            raise LookupError(f"Function not found: {name}")
        if self._caller != "moto.logs":  # which asks of a group, see `moto_logs`
            self._pushes.check_permission(self._pusher, target)
        return target

    def invoke(
        self,
        function_name: str,
        qualifier: str | None,
        body: Any,
        headers: Any,  # noqa: ARG002 - moto's names
        response_headers: Any,
    ) -> bytes | None:
        """Invoke a function synchronously, as Secrets Manager does, and return its answer."""
        if self._has_failed:  # a rotation ends with the first step that fails
            return None
        name = f"{function_name}:{qualifier}" if qualifier else function_name
        event = json.loads(body)
        if self._caller == "moto.events":  # a service of moto's tells EventBridge, which queues it
            self._notify(name, event)
            return None
        if "Step" in event and "ClientRequestToken" in event:
            event = self._rotation(event)
        try:
            outcome = self._pushes.ask(self._pusher, name, json.dumps(event).encode())
        except PushRefusedError:
            outcome = None
        self._has_failed = outcome is None or outcome.function_error is not None
        if outcome is not None and outcome.function_error is not None:
            response_headers["x-amz-function-error"] = outcome.function_error
        return outcome.payload if outcome is not None else None

    def send_log_event(
        self, function_arn: str, filter_name: str, log_group_name: str, log_stream_name: str, log_events: Any
    ) -> None:
        """Send log events that have passed a subscription filter."""
        event = logs_event(log_group_name, log_stream_name, [filter_name], log_events, owner=self._home.account)
        source = self._home.arn(f"log-group:{log_group_name}:*", service="logs")
        with suppress(PushRefusedError):  # lost, as of all services without a queue of their own
            push(self._pusher._replace(source=source), function_arn, event)

    def _notify(self, function: str, event: dict[str, Any]) -> None:
        """Send an event of a service beside us; moto gives them all one id and one time."""
        pushes = self._pushes
        event |= {
            "id": pushes.chance.uuid(),
            "account": self._home.account,
            "time": iso_seconds(pushes.clock.now),
        }
        with suppress(PushRefusedError):
            push(self._pusher, function, event)

    def _rotation(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the event of Secrets Manager as AWS makes it: with the secret's ARN, and a token."""
        backends: Any = sys.modules["moto.secretsmanager.models"]
        secret = backends.secretsmanager_backends[self._home.account][self._home.region].secrets.get(event["SecretId"])
        arn = secret.arn if secret is not None else event["SecretId"]
        return {**event, "SecretId": arn, "RotationToken": self._pushes.chance.uuid()}
