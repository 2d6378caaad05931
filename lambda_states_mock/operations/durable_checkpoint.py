"""What a running durable function reports, and what others report to it: checkpoints and callbacks."""

from __future__ import annotations

from lambda_states_mock import service_errors as texts
from lambda_states_mock.invocation.durable.callbacks import call_back
from lambda_states_mock.invocation.durable.checkpoint import checkpoint
from lambda_states_mock.invocation.durable.rules import check_error
from lambda_states_mock.json_reading import encodable
from lambda_states_mock.operations.durable_execution import durable_of
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.data_keys import check_data_key
from lambda_states_mock.states.durable_operation import OperationEvent


@operation("CheckpointDurableExecution")
def checkpoint_durable_execution(call: Call, params: Params) -> View:
    durable = durable_of(call, params, texts.EXECUTION_NOT_FOUND_FOR_CHECKPOINT)
    updates = encodable(params.get("Updates") or [])  # payloads are counted, and given to functions, in UTF-8
    return checkpoint(durable, params["CheckpointToken"], updates, params.get("ClientToken"), call.now)


@operation("SendDurableExecutionCallbackSuccess")
def send_durable_execution_callback_success(call: Call, params: Params) -> View:
    sent = params.get("Result")
    # the history can show text alone; without a Result there is none, which is not an empty one
    result = None if not sent else bytes(sent).decode(errors="replace")
    partition, callback = call.partition, params["CallbackId"]
    _check_key(call, callback)
    call_back(call.service.durable, partition, callback, OperationEvent.CALLBACK_SUCCEEDED, result=result)
    return {}


@operation("SendDurableExecutionCallbackFailure")
def send_durable_execution_callback_failure(call: Call, params: Params) -> View:
    error, callback = params.get("Error") or {}, params["CallbackId"]
    check_error(error, call.service.limits)
    _check_key(call, callback)
    call_back(call.service.durable, call.partition, callback, OperationEvent.CALLBACK_FAILED, error=error)
    return {}


def _check_key(call: Call, callback: str) -> None:
    """Raise a KMS exception where what answers *callback* cannot be kept."""
    key = call.partition.durable_callbacks.get(callback)
    if key is not None:
        check_data_key(call, call.partition.durable_executions[key[:2]])


@operation("SendDurableExecutionCallbackHeartbeat")
def send_durable_execution_callback_heartbeat(call: Call, params: Params) -> View:
    call_back(call.service.durable, call.partition, params["CallbackId"], OperationEvent.HEARTBEAT)
    return {}
