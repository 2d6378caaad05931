"""Invoke: to a version, and to whatever runs there."""

from __future__ import annotations

from lambda_states_mock.execution.spec import Outcome
from lambda_states_mock.invocation import run
from lambda_states_mock.invocation.async_events import enqueue
from lambda_states_mock.invocation.names import named
from lambda_states_mock.operations.durable_execution import invoke_durable
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service import Call, Params, View, operation
from lambda_states_mock.service_errors import NOT_DURABLE


@operation("Invoke")
def invoke(call: Call, params: Params) -> View:
    wanted = named(call, params)
    kind = params.get("InvocationType", "RequestResponse")
    payload: bytes = params.get("Payload") or b""
    limits = call.service.limits
    is_queued = kind == "Event"
    limit = limits.async_payload_bytes if is_queued else limits.sync_payload_bytes
    run.check_size(payload, limit, "InvokeFunction")
    version = run.find(call, wanted, payload, client_context=params.get("ClientContext"), is_queued=is_queued)
    if kind == "DryRun":
        run.try_out(call, version)
        return {"StatusCode": 204}
    if version.configuration.durable is not None:
        return invoke_durable(call, wanted, version, payload, params)
    if params.get("DurableExecutionName"):
        raise NOT_DURABLE.error()
    if is_queued:
        run.accept(call.service, version)
        enqueue(call, wanted, payload)
        return {"StatusCode": 202}
    outcome = run.admit_and_run(call, wanted, version, payload, params.get("ClientContext"))
    return {"StatusCode": 200, **outcome_view(version, outcome, params)}


def outcome_view(version: Version, outcome: Outcome, params: Params) -> View:
    """Return what the answer says of a run; the log's end where *params* ask for it."""
    view: View = {"ExecutedVersion": version.number, "Payload": outcome.payload}
    if outcome.function_error is not None:
        view["FunctionError"] = outcome.function_error
    if params.get("LogType") == "Tail":
        view["LogResult"] = outcome.log_result
    return view
