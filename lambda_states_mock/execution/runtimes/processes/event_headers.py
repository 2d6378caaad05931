"""The headers with which an event goes out to a runtime.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from lambda_states_mock.execution.invocation_event import InvocationEvent
from lambda_states_mock.execution.sleeping import Running
from lambda_states_mock.instants import epoch_milliseconds

_WALL_CLOCK = [time.time]  # in a list, where libraries that freeze time do not look


def headers_of(invocation: InvocationEvent, running: Running, *, trace: str, lives_on_clock: bool) -> Mapping[str, str]:
    """Return the headers of *invocation*; clients compare the deadline with the clock of their own process."""
    spec, context = invocation.spec, invocation.client_context
    deadline = epoch_milliseconds(running.deadline)
    if not lives_on_clock:
        deadline = int((_WALL_CLOCK[0]() + (running.deadline - running.now).total_seconds()) * 1000)
    return {
        "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
        "Lambda-Runtime-Deadline-Ms": str(deadline),
        "Lambda-Runtime-Invoked-Function-Arn": spec.invoked_arn,
        "Lambda-Runtime-Trace-Id": trace,
        "Lambda-Runtime-Client-Context": "" if context is None else json.dumps(context),
        "Lambda-Runtime-Aws-Tenant-Id": spec.tenant or "",
    }
