"""InvokeWithResponseStream: the result as an event stream of chunks, closed by one InvokeComplete."""

from __future__ import annotations

from lambda_states_mock.execution.spec import Outcome
from lambda_states_mock.invocation import run
from lambda_states_mock.invocation.names import named
from lambda_states_mock.service import Call, Params, View, operation

CONTENT_TYPE = "application/json"


@operation("InvokeWithResponseStream")
def invoke_with_response_stream(call: Call, params: Params) -> View:
    wanted, payload = named(call, params), bytes(params.get("Payload") or b"")
    run.check_size(payload, call.service.limits.sync_payload_bytes, "InvokeWithResponseStream")
    version = run.find(call, wanted, payload, client_context=params.get("ClientContext"))
    if params.get("InvocationType") == "DryRun":
        run.try_out(call, version)
        return {"StatusCode": 204}
    outcome = run.admit_and_run(call, wanted, version, payload, params.get("ClientContext"), streams=True)
    return {
        "StatusCode": 200,
        "ExecutedVersion": version.number,
        "ResponseStreamContentType": CONTENT_TYPE,
        "EventStream": _events(outcome, params),
    }


def _events(outcome: Outcome, params: Params) -> list[View]:
    """Return a chunk for each part; an error is in the end of the stream, since the status has been sent by then."""
    complete: View = {}
    chunks: list[View] = [{"PayloadChunk": {"Payload": part}} for part in outcome.chunks]
    if params.get("LogType") == "Tail":
        complete["LogResult"] = outcome.log_result
    if outcome.function_error is not None:
        complete["ErrorCode"] = outcome.function_error
        complete["ErrorDetails"] = outcome.payload.decode()
    return [*chunks, {"InvokeComplete": complete}]
