"""Subscription filters of moto's CloudWatch Logs: only the log events that match the pattern are sent.

Those whose destination is a function go through `moto_lambda`.
"""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

import sys
from typing import Any

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.event_sources.log_patterns import PatternError, matcher


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

    patches.set(stream, "_send_log_events", _send_log_events)
