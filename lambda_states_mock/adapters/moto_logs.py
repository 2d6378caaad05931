"""Subscription filters of moto's CloudWatch Logs: only the log events that match the pattern are sent.

Those whose destination is a function go through `moto_lambda`.
"""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

import sys
from typing import Any

from lambda_states_mock.adapters import active_mocks, moto_lambda
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.event_sources.log_patterns import PatternError, matcher
from lambda_states_mock.event_sources.pushes import Pusher
from lambda_states_mock.resources.arn import Place


def install(patches: Patches) -> None:
    """Apply the patterns until *patches* are restored."""
    stream: Any = sys.modules["moto.logs.models"].LogStream
    original = stream._send_log_events

    def _send_log_events(
        self: Any, service: str, destination_arn: str, filter_name: str, log_events: list[dict[str, Any]]
    ) -> None:
        if active_mocks.innermost() is not None:
            pattern = self.log_group.subscription_filters[filter_name].filter_pattern or ""
            try:
                matches = matcher(pattern)
            except PatternError:  # moto has taken it
                matches = matcher("")
            log_events = [event for event in log_events if matches(event["message"])]
            if not log_events:
                return
        original(self, service, destination_arn, filter_name, log_events)

    backend: Any = sys.modules["moto.logs.models"].LogsBackend
    put = backend.put_subscription_filter

    def put_subscription_filter(
        self: Any, log_group_name: str, filter_name: str, filter_pattern: str, destination_arn: str, *rest: Any
    ) -> Any:
        if active_mocks.innermost() is not None:
            _check(destination_arn, log_group_name, Place(self.account_id, self.region_name))
        return put(self, log_group_name, filter_name, filter_pattern, destination_arn, *rest)

    patches.set(backend, "put_subscription_filter", put_subscription_filter)
    patches.set(stream, "_send_log_events", _send_log_events)


def _check(destination_arn: str, group: str, home: Place) -> None:
    """Raise what Logs answers to a function of another account (recorded), or that it may not invoke."""
    if ":lambda:" not in destination_arn:
        return
    errors: Any = sys.modules["moto.logs.exceptions"]
    if destination_arn.split(":")[4] != home.account:
        raise errors.LogsClientError("AccessDeniedException", _CROSS_ACCOUNT)
    source = home.arn(f"log-group:{group}:*", service="logs")
    if not moto_lambda.may_invoke(
        Pusher("CloudWatch Logs", "logs.amazonaws.com", source, home.account), destination_arn
    ):
        raise errors.InvalidParameterException(
            "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your"
            " function."
        )


_CROSS_ACCOUNT = (
    "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account"
    " lambda triggers."
)
