"""Invoke: to a version, and to whatever runs there."""

from __future__ import annotations

from lambda_states_mock.execution.outcome import Outcome
from lambda_states_mock.invocation.durable_invoke import invoke_durable
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import NOT_DURABLE


@operation("Invoke")
def invoke(call: Call, params: Params) -> View:
    service, kind = call.service, params.get("InvocationType", "RequestResponse")
    is_queued, limits = kind == "Event", service.limits
    received = service.admission.receive(
        call.named(params),
        params.get("Payload") or b"",
        request_id=call.request_id,
        size=limits.async_payload_bytes if is_queued else limits.sync_payload_bytes,
        client_context=params.get("ClientContext"),
        trace=call.trace,
        is_queued=is_queued,
    )
    version, name = received.version, params.get("DurableExecutionName")
    if kind == "DryRun":
        service.admission.check_state(received)
        return {"StatusCode": 204}
    if version.configuration.durable is not None:
        return invoke_durable(service.durable, received, name=name, waits=not is_queued)
    if name:
        raise NOT_DURABLE.error()
    if is_queued:
        service.events.accept(received)
        return {"StatusCode": 202}
    return {"StatusCode": 200, **_result(version, service.runner.run(received), params)}


def _result(version: Version, outcome: Outcome, params: Params) -> View:
    """Return what the answer says of a run; the log's end where *params* ask for it."""
    view: View = {"ExecutedVersion": version.number, "Payload": outcome.payload}
    if outcome.function_error is not None:
        view["FunctionError"] = outcome.function_error
    if params.get("LogType") == "Tail":
        view["LogResult"] = outcome.log_result
    return view
