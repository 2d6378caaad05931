"""InvokeAsync, deprecated since 2014: an Invoke of type Event in older words."""

from __future__ import annotations

from lambda_states_mock.operations import runs
from lambda_states_mock.operations.invoke import enqueue
from lambda_states_mock.operations.names import named
from lambda_states_mock.operations.world import Call, Params, View, operation


@operation("InvokeAsync")
def invoke_async(call: Call, params: Params) -> View:
    wanted, payload = named(call, params), bytes(params["InvokeArgs"])
    runs.check_size(payload, call.world.limits.invoke_async_bytes, "InvokeAsync")
    version = runs.find(call, wanted, payload)
    runs.admit(call.world, wanted, version, payload)
    enqueue(call, wanted, payload)
    return {"Status": 202}
