"""InvokeAsync, deprecated since 2014: an Invoke of type Event in older words."""

from __future__ import annotations

from lambda_states_mock.invocation import run
from lambda_states_mock.invocation.async_events import enqueue
from lambda_states_mock.invocation.names import named
from lambda_states_mock.service import Call, Params, View, operation
from lambda_states_mock.service_errors import (
    ARTIFACT_DELETED,
    ARTIFACT_FAILED,
    ARTIFACT_PENDING,
    INVOKED_IN_STATE,
    NETWORK_NOT_READY,
    ServiceError,
)

_UNDECLARED = {one.code for one in (ARTIFACT_DELETED, ARTIFACT_FAILED, ARTIFACT_PENDING, NETWORK_NOT_READY)}
"""What Invoke answers for a function that cannot run now; InvokeAsync declares none of them."""


@operation("InvokeAsync")
def invoke_async(call: Call, params: Params) -> View:
    wanted, payload = named(call, params), bytes(params["InvokeArgs"])
    run.check_size(payload, call.service.limits.invoke_async_bytes, "InvokeAsync")
    version = run.find(call, wanted, payload, is_queued=True)
    try:
        run.accept(call.service, version)
    except ServiceError as error:
        if error.code not in _UNDECLARED:
            raise
        lifecycle = call.service.lifecycles.of(version.place, version.name, version.number)
        raise INVOKED_IN_STATE.error(state=lifecycle.shown) from None  # (I) of its own answers the one that says so
    enqueue(call, wanted, payload)
    return {"Status": 202}
