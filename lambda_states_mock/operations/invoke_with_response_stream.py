"""InvokeWithResponseStream: the result as an event stream of chunks, closed by one InvokeComplete."""

from __future__ import annotations

from lambda_states_mock.execution.outcome import Outcome
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.service import Call, Params, View

CONTENT_TYPE = "application/json"


@operation("InvokeWithResponseStream")
def invoke_with_response_stream(call: Call, params: Params) -> View:
    service = call.service
    received = service.admission.receive(
        call.named(params),
        bytes(params.get("Payload") or b""),
        request_id=call.request_id,
        size=service.limits.sync_payload_bytes,
        operation="InvokeWithResponseStream",
        client_context=params.get("ClientContext"),
        trace=call.trace,
        streams=True,
    )
    if params.get("InvocationType") == "DryRun":
        service.admission.check_state(received)
        return {"StatusCode": 204}
    outcome = service.runner.run(received)
    return {
        "StatusCode": 200,
        "ExecutedVersion": received.version.number,
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
