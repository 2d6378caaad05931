"""Invoke: to a version, and to whatever runs there.

InvokeAsync, deprecated since 2014, is an Invoke of type Event in older words. InvokeWithResponseStream gives the result
as an event stream of chunks, closed by one InvokeComplete.
"""

from __future__ import annotations

from collections.abc import Sequence

from lambda_states_mock import service_errors as texts
from lambda_states_mock.api_model import modelled_errors
from lambda_states_mock.invocation.admission import Received
from lambda_states_mock.invocation.durable.asking import check_durable
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import ErrorTemplate, ServiceError


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
        tenant=params.get("TenantId"),
    )
    version, name = received.version, params.get("DurableExecutionName")
    is_durable = version.configuration.durable is not None
    if is_durable or name:
        check_durable(received, name=name)
    if not is_queued and version.kind == "managed":
        _check_waiting(call, version, texts.TOO_LONG_FOR_A_CALLER)
    if kind == "DryRun":
        service.admission.check_state(received)
        return {"StatusCode": 204}
    if is_durable:
        return _invoke_durable(call, received, name, waits=not is_queued)
    if is_queued:
        service.events.accept(received)
        return {"StatusCode": 202}
    outcome = service.runner.run(received)
    view: View = {"StatusCode": 200, "ExecutedVersion": version.number, "Payload": outcome.payload}
    if outcome.function_error is not None:
        view["FunctionError"] = outcome.function_error
    if params.get("LogType") == "Tail":
        view["LogResult"] = outcome.log_result
    return view


def _invoke_durable(call: Call, received: Received, name: str | None, *, waits: bool) -> View:
    from lambda_states_mock.invocation.durable.invoke import invoke_durable  # few functions are durable

    return invoke_durable(call.service.durable, received, name=name, waits=waits)


def _check_waiting(call: Call, version: Version, answer: ErrorTemplate) -> None:
    """Raise *answer* where *version*, on a capacity provider, may run longer than a caller can wait for it.

    (I) That AWS answers so; documented (CreateFunction's Timeout): there asynchronous invocations and event sources can
    take longer than any other.
    """
    timeout = version.live_configuration.timeout
    if timeout > call.service.limits.timeout:
        raise answer.error(timeout=timeout)


def _is_undeclared(operation: str, error: ServiceError) -> bool:
    """Tell whether *error* says that a function cannot run now, as Invoke declares it and *operation* does not."""
    return error.code in modelled_errors("Invoke") - modelled_errors(operation) - {"InvalidParameterValueException"}


@operation("InvokeAsync")
def invoke_async(call: Call, params: Params) -> View:
    service, target = call.service, call.named(params)
    try:
        received = service.admission.receive(
            target,
            bytes(params["InvokeArgs"]),
            request_id=call.request_id,
            size=service.limits.invoke_async_bytes,
            operation="InvokeAsync",
            trace=call.trace,
            is_queued=True,
        )
        if received.version.configuration.durable is not None:
            _invoke_durable(call, received, None, waits=False)
        else:
            service.events.accept(received)
    except ServiceError as error:
        if not _is_undeclared("InvokeAsync", error):
            raise
        nothing_there = error.code == texts.NO_PUBLISHED_VERSION.code
        state = call.shown(target.latest() if nothing_there else target.version()).state
        raise texts.INVOKED_IN_STATE.error(state=state) from None  # (I) of its own answers the one that says so
    return {"Status": 202}


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
        tenant=params.get("TenantId"),
    )
    check_durable(received)
    if received.version.kind == "managed":
        _check_waiting(call, received.version, texts.TOO_LONG_TO_STREAM)
    if params.get("InvocationType") == "DryRun":
        service.admission.check_state(received)
        return {"StatusCode": 204}
    try:
        version, events = _streamed(call, params, received)
    except ServiceError as error:
        if not _is_undeclared("InvokeWithResponseStream", error):
            raise
        raise texts.NETWORK_NOT_READY.error() from None  # (I) the only one that is left: ENINotReadyException
    return {
        "StatusCode": 200,
        "ExecutedVersion": version,
        "ResponseStreamContentType": "application/json",
        "EventStream": events,
    }


def _streamed(call: Call, params: Params, received: Received) -> tuple[str, list[View]]:
    """Run *received*; return the version that has run, and the events of the stream.

    (I) A durable function answers as a synchronous Invoke does, in one chunk: the model has no name and no ARN of an
    execution here.
    """
    service = call.service
    if received.version.configuration.durable is not None:
        answer = _invoke_durable(call, received, None, waits=True)
        payload, error = answer["Payload"], answer.get("FunctionError")
        return answer["ExecutedVersion"], _events([payload] if error is None else [], error, payload)
    outcome = service.runner.run(received)
    log = outcome.log_result if params.get("LogType") == "Tail" else None
    return received.version.number, _events(outcome.chunks, outcome.function_error, outcome.payload, log)


def _events(chunks: Sequence[bytes], error: str | None, payload: bytes, log: str | None = None) -> list[View]:
    """Return a chunk for each part; an error is in the end of the stream, since the status has been sent by then.

    Parameters: *error*, the function error, of which *payload* tells; *log*, the LogResult where it was asked for.
    """
    complete: View = {} if log is None else {"LogResult": log}
    if error is not None:
        complete["ErrorCode"], complete["ErrorDetails"] = error, payload.decode()
    return [*({"PayloadChunk": {"Payload": part}} for part in chunks), {"InvokeComplete": complete}]
