"""How often an account may call."""

from __future__ import annotations

from lambda_states_mock.resources.arn import Place
from lambda_states_mock.service import LambdaService
from lambda_states_mock.service_errors import CALLER_RATE_EXCEEDED

_OF_OWN_RATE = frozenset(  # gettingstarted-limits.html
    {"Invoke", "InvokeAsync", "InvokeWithResponseStream", "GetFunction", "GetPolicy"}
)


def check_rate(service: LambdaService, operation: str, place: Place) -> None:
    """Raise TooManyRequestsException where an account calls the control plane more often than its limit allows."""
    limit = service.limits.control_plane_requests
    if limit is None or operation in _OF_OWN_RATE:
        return
    key = ("control plane", place.account, place.region)
    wait = service.buckets.take(key, size=limit, seconds=1, at=service.driver.clock.now)
    if wait:
        raise CALLER_RATE_EXCEEDED.retry_after(wait)
