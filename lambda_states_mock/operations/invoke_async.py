"""InvokeAsync, deprecated since 2014: an Invoke of type Event in older words."""

from __future__ import annotations

from lambda_states_mock import service_errors as texts
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import ServiceError

_UNDECLARED = {
    one.code for one in (texts.ARTIFACT_DELETED, texts.ARTIFACT_FAILED, texts.ARTIFACT_PENDING, texts.NETWORK_NOT_READY)
}
"""What Invoke answers for a function that cannot run now; InvokeAsync declares none of them."""


@operation("InvokeAsync")
def invoke_async(call: Call, params: Params) -> View:
    service = call.service
    received = service.admission.receive(
        call.named(params),
        bytes(params["InvokeArgs"]),
        request_id=call.request_id,
        size=service.limits.invoke_async_bytes,
        operation="InvokeAsync",
        trace=call.trace,
        is_queued=True,
    )
    try:
        service.events.accept(received)
    except ServiceError as error:
        if error.code not in _UNDECLARED:
            raise
        state = call.shown(received.version).state
        raise texts.INVOKED_IN_STATE.error(state=state) from None  # (I) of its own answers the one that says so
    return {"Status": 202}
