"""Durable executions, driven by handlers that speak the protocol of the SDK (function-states 7.5, invocation 15)."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of

INVALID = "InvalidParameterValueException"
LATEST = {"FunctionName": "orders", "Qualifier": "$LATEST"}
PENDING = {"Status": "PENDING"}

Update = dict[str, Any]
Script = Generator[Any, Any, None]
Workflow = Callable[[Any], None]


@pytest.fixture
def durable(mock: LambdaMock, client: Any) -> None:
    """The durable function ``orders``, which may take ten minutes."""
    create(client, DurableConfig={"ExecutionTimeout": 600, "RetentionPeriodInDays": 2})
    mock.clock.run_until_idle()


@pytest.fixture
def workflow(mock: LambdaMock, client: Any, durable: None) -> Workflow:
    """Return a function that makes a generator the code of ``orders``.

    The generator is what the SDK would make of a workflow: it yields lists of updates, each a checkpoint, or an answer,
    which suspends or ends the execution; a new invocation goes on behind the yield. It gets back the operations by id.
    """

    def use(script: Callable[[], Script]) -> None:
        running: dict[str, Script] = {}

        def handler(event: dict[str, Any], _context: Any) -> Any:
            arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
            steps = running.get(arn)
            operations = {one["Id"]: one for one in event["InitialExecutionState"]["Operations"]}
            if steps is None:
                steps = running[arn] = script()
                said = next(steps)
            else:
                said = steps.send(operations)
            while isinstance(said, list):
                answer = client.checkpoint_durable_execution(
                    DurableExecutionArn=arn, CheckpointToken=token, Updates=said
                )
                token = answer["CheckpointToken"]
                said = steps.send({one["Id"]: one for one in answer["NewExecutionState"]["Operations"]})
            return said

        mock.handler("orders", call=handler)

    return use


def start(client: Any, name: str = "one", payload: bytes = b'{"order": 7}') -> str:
    """Start an execution asynchronously and return its ARN."""
    answer = client.invoke(**LATEST, InvocationType="Event", DurableExecutionName=name, Payload=payload)
    return str(answer["DurableExecutionArn"])


def status(client: Any, arn: str) -> str:
    return str(client.get_durable_execution(DurableExecutionArn=arn)["Status"])


def history(client: Any, arn: str, **params: Any) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = client.get_durable_execution_history(DurableExecutionArn=arn, **params)["Events"]
    return events


def types(client: Any, arn: str) -> list[str]:
    return [event["EventType"] for event in history(client, arn) if event["EventType"] != "InvocationCompleted"]


def done(result: str = '"done"') -> dict[str, Any]:
    return {"Status": "SUCCEEDED", "Result": result}


def waiting(seconds: int) -> Script:
    yield [{"Id": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": seconds}}]
    yield PENDING
    yield done()


# -- invoking ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("durable")
def test_an_invocation_answers_with_the_result_and_the_arn_of_the_execution(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", returns=done('{"ok": true}'))

    answer = client.invoke(**LATEST, DurableExecutionName="one", Payload=b"{}")

    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert json.loads(answer["Payload"].read()) == {"ok": True}
    assert answer["DurableExecutionArn"].startswith(f"{ARN}orders:$LATEST/durable-execution/one/")


@pytest.mark.usefixtures("durable")
def test_an_answer_without_a_status_is_the_result(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", returns={"plain": True})

    assert json.loads(client.invoke(**LATEST)["Payload"].read()) == {"plain": True}


@pytest.mark.usefixtures("durable")
def test_an_unqualified_name_is_refused(client: Any) -> None:
    assert error_of(client.invoke, FunctionName="orders")[:2] == (400, INVALID)


def test_the_name_of_an_execution_is_for_durable_functions(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.clock.run_until_idle()

    assert error_of(client.invoke, **LATEST, DurableExecutionName="one")[:2] == (400, INVALID)


def test_nobody_waits_for_more_than_fifteen_minutes(mock: LambdaMock, client: Any) -> None:
    create(client, DurableConfig={"ExecutionTimeout": 901})
    mock.clock.run_until_idle()

    assert error_of(client.invoke, **LATEST)[:2] == (400, INVALID)
    assert client.invoke(**LATEST, InvocationType="Event")["StatusCode"] == 202


def test_a_synchronous_invocation_moves_the_clock_to_the_end(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(300))
    before = mock.clock.now

    client.invoke(**LATEST)

    assert (mock.clock.now - before).total_seconds() == 300


def test_the_same_name_and_payload_attach_to_the_execution(client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    first = start(client)

    assert start(client) == first
    attached = client.invoke(**LATEST, DurableExecutionName="one", Payload=b'{ "order": 7 }')
    assert (attached["DurableExecutionArn"], attached["Payload"].read()) == (first, b'"done"')


def test_the_same_name_with_another_payload_is_refused(client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    start(client)

    answer = error_of(lambda: start(client, payload=b'{"order": 8}'))

    assert answer[:2] == (409, "DurableExecutionAlreadyStartedException")


@pytest.mark.usefixtures("durable")
def test_a_failure_is_an_error_of_the_function(mock: LambdaMock, client: Any) -> None:
    error = {"ErrorType": "OutOfStock", "ErrorMessage": "no more chairs"}
    mock.handler("orders", returns={"Status": "FAILED", "Error": error})

    answer = client.invoke(**LATEST)

    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read()) == {"errorMessage": "no more chairs", "errorType": "OutOfStock"}
    execution = client.get_durable_execution(DurableExecutionArn=answer["DurableExecutionArn"])
    assert (execution["Status"], execution["Error"]) == ("FAILED", error)


@pytest.mark.usefixtures("durable")
def test_an_exception_fails_the_execution(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", side_effect=ValueError("no more chairs"))

    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    error = client.get_durable_execution(DurableExecutionArn=arn)["Error"]
    assert (error["ErrorType"], error["ErrorMessage"]) == ("ValueError", "no more chairs")


@pytest.mark.usefixtures("durable")
def test_waiting_for_nothing_fails_the_execution(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", returns=PENDING)

    assert client.invoke(**LATEST)["FunctionError"] == "Unhandled"


# -- lasting -----------------------------------------------------------------------------------------------------------


def test_an_execution_runs_until_its_wait_has_ended(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)

    mock.clock.advance(59)
    before = status(client, arn)
    mock.clock.advance(1)

    assert (before, status(client, arn)) == ("RUNNING", "SUCCEEDED")
    assert types(client, arn) == ["ExecutionStarted", "WaitStarted", "WaitSucceeded", "ExecutionSucceeded"]


def test_an_execution_that_takes_too_long_times_out(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(10_000))
    arn = start(client)

    mock.clock.advance(600)

    assert status(client, arn) == "TIMED_OUT"
    assert types(client, arn)[-1] == "ExecutionTimedOut"
    mock.clock.run_until_idle()
    assert len(mock.invocations("orders")) == 1


def test_a_closed_execution_is_kept_for_its_retention(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)
    mock.clock.run_until_idle()

    mock.clock.advance(timedelta(days=2) - timedelta(seconds=1))
    kept = status(client, arn)
    mock.clock.advance(1)

    assert kept == "SUCCEEDED"
    assert error_of(client.get_durable_execution, DurableExecutionArn=arn)[:2] == (404, "ResourceNotFoundException")


def test_a_stopped_execution_goes_no_further(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)
    error = {"ErrorType": "Cancelled", "ErrorMessage": "by the customer"}

    answer = client.stop_durable_execution(DurableExecutionArn=arn, Error=error)
    mock.clock.run_until_idle()

    execution = client.get_durable_execution(DurableExecutionArn=arn)
    assert (execution["Status"], execution["Error"]) == ("STOPPED", error)
    assert answer["StopTimestamp"] == execution["EndTimestamp"]
    assert types(client, arn)[-1] == "ExecutionStopped"


def test_an_execution_ends_with_its_function(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)
    client.delete_function(FunctionName="orders")
    mock.clock.run_until_idle()

    assert len(mock.invocations("orders")) == 1
    assert error_of(client.get_durable_execution, DurableExecutionArn=arn)[0] == 404


def test_a_function_that_fell_idle_during_a_wait_is_woken_and_goes_on(mock: LambdaMock, client: Any) -> None:
    create(client, DurableConfig={"ExecutionTimeout": 30 * 86_400})
    mock.clock.run_until_idle()
    waits = [{"Id": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 20 * 86_400}}]

    def handler(event: dict[str, Any], _context: Any) -> Any:
        if len(event["InitialExecutionState"]["Operations"]) > 1:
            return done()
        arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
        client.checkpoint_durable_execution(DurableExecutionArn=arn, CheckpointToken=token, Updates=waits)
        return PENDING

    mock.handler("orders", call=handler)
    arn = start(client)
    mock.clock.advance(timedelta(days=21))

    assert "Inactive" in mock.timeline.of("orders").states
    assert status(client, arn) == "SUCCEEDED"


# -- operations --------------------------------------------------------------------------------------------------------


def test_a_step_is_recorded_with_its_result(client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        step = {"Id": "charge", "Type": "STEP", "Name": "charge the card"}
        yield [{**step, "Action": "START"}]
        operations = yield [{**step, "Action": "SUCCEED", "Payload": "42"}]
        yield done(operations["charge"]["StepDetails"]["Result"])

    workflow(script)
    answer = client.invoke(**LATEST)

    assert answer["Payload"].read() == b"42"
    events = history(client, answer["DurableExecutionArn"])
    assert [one["EventType"] for one in events][1:3] == ["StepStarted", "StepSucceeded"]
    assert (events[2]["Id"], events[2]["Name"]) == ("charge", "charge the card")
    assert events[2]["StepSucceededDetails"] == {
        "Result": {"Payload": "42", "Truncated": False},
        "RetryDetails": {"CurrentAttempt": 1},
    }


def test_a_step_is_tried_again_when_its_time_has_come(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        step = {"Id": "charge", "Type": "STEP"}
        options = {"NextAttemptDelaySeconds": 30}
        yield [{**step, "Action": "START"}]
        yield [{**step, "Action": "RETRY", "StepOptions": options, "Error": {"ErrorMessage": "busy"}}]
        operations = yield PENDING
        assert (operations["charge"]["Status"], operations["charge"]["StepDetails"]["Attempt"]) == ("READY", 2)
        yield [{**step, "Action": "SUCCEED", "Payload": "42"}]
        yield done()

    workflow(script)
    arn = start(client)
    mock.clock.advance(30)

    assert status(client, arn) == "SUCCEEDED"
    failed = next(one for one in history(client, arn) if one["EventType"] == "StepFailed")["StepFailedDetails"]
    assert failed["RetryDetails"] == {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 30}
    assert failed["Error"]["Payload"] == {"ErrorMessage": "busy"}


def test_a_context_holds_other_operations(client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        yield [{"Id": "all", "Type": "CONTEXT", "SubType": "Parallel", "Action": "START"}]
        operations = yield [{"Id": "one", "ParentId": "all", "Type": "STEP", "Action": "START"}]
        assert operations["one"]["ParentId"] == "all"
        yield [{"Id": "all", "Type": "CONTEXT", "Action": "SUCCEED", "Payload": "[]"}]
        yield done()

    workflow(script)
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    assert types(client, arn)[1:4] == ["ContextStarted", "StepStarted", "ContextSucceeded"]


@pytest.mark.usefixtures("durable")
def test_a_wait_can_be_cancelled(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        yield [{"Id": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 60}}]
        operations = yield [{"Id": "nap", "Type": "WAIT", "Action": "CANCEL"}]
        assert operations["nap"]["Status"] == "CANCELLED"
        yield done()

    workflow(script)
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    assert types(client, arn)[1:3] == ["WaitStarted", "WaitCancelled"]


@pytest.mark.usefixtures("durable")
def test_an_execution_may_end_in_a_checkpoint(client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        yield [{"Id": "x", "Type": "EXECUTION", "Action": "SUCCEED", "Payload": '"large"'}]
        yield {"Status": "SUCCEEDED", "Result": ""}

    workflow(script)

    assert client.invoke(**LATEST)["Payload"].read() == b'"large"'


def test_another_function_is_invoked_and_its_result_wakes_the_execution(
    mock: LambdaMock, client: Any, workflow: Workflow
) -> None:
    create(client, "refunds")
    mock.clock.run_until_idle()
    mock.handler("refunds", call=lambda event, _context: {"refunded": event["order"]})

    def script() -> Script:
        options = {"FunctionName": "refunds"}
        call = {"Id": "refund", "Type": "CHAINED_INVOKE", "Action": "START", "Payload": '{"order": 7}'}
        yield [{**call, "ChainedInvokeOptions": options}]
        operations = yield PENDING
        yield done(operations["refund"]["ChainedInvokeDetails"]["Result"])

    workflow(script)
    answer = client.invoke(**LATEST)

    assert json.loads(answer["Payload"].read()) == {"refunded": 7}
    started = next(
        one for one in history(client, answer["DurableExecutionArn"]) if one["EventType"] == "ChainedInvokeStarted"
    )
    assert started["ChainedInvokeStartedDetails"]["FunctionName"] == "refunds"


def test_a_function_that_is_not_there_fails_its_invocation(client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        options = {"FunctionName": "nobody"}
        yield [{"Id": "call", "Type": "CHAINED_INVOKE", "Action": "START", "ChainedInvokeOptions": options}]
        operations = yield PENDING
        yield done(json.dumps(operations["call"]["ChainedInvokeDetails"]["Error"]["ErrorType"]))

    workflow(script)

    assert client.invoke(**LATEST)["Payload"].read() == b'"ResourceNotFoundException"'


# -- checkpoints -------------------------------------------------------------------------------------------------------


def refusing(script_updates: list[list[Update]], errors: list[Any]) -> Callable[[Any], Any]:
    """Return a handler that sends checkpoints with its first token and keeps what they are refused with."""

    def use(client: Any) -> Any:
        def handler(event: dict[str, Any], _context: Any) -> Any:
            arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
            for updates in script_updates[:-1]:
                answer = client.checkpoint_durable_execution(
                    DurableExecutionArn=arn, CheckpointToken=token, Updates=updates
                )
                token = answer["CheckpointToken"]
            last = {"DurableExecutionArn": arn, "CheckpointToken": token, "Updates": script_updates[-1]}
            errors.append(error_of(client.checkpoint_durable_execution, **last))
            return done()

        return handler

    return use


STEP = {"Id": "s", "Type": "STEP"}


@pytest.mark.usefixtures("durable")
@pytest.mark.parametrize(
    "updates",
    [
        [[{**STEP, "Action": "SUCCEED"}], [{**STEP, "Action": "START"}]],
        [[{"Id": "w", "Type": "WAIT", "Action": "SUCCEED"}]],
        [[{"Id": "c", "Type": "CALLBACK", "Action": "FAIL"}]],
        [[{"Id": "w", "Type": "WAIT", "Action": "CANCEL"}]],
    ],
    ids=["a step that has ended", "a wait that shall succeed", "a callback that shall fail", "no wait to cancel"],
)
def test_an_update_that_cannot_be_is_refused(mock: LambdaMock, client: Any, updates: list[list[Update]]) -> None:
    errors: list[Any] = []
    mock.handler("orders", call=refusing(updates, errors)(client))
    client.invoke(**LATEST)

    assert [error[:2] for error in errors] == [(400, INVALID)]


@pytest.mark.usefixtures("durable")
def test_a_checkpoint_consumes_its_token(mock: LambdaMock, client: Any) -> None:
    errors = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        params = {"DurableExecutionArn": event["DurableExecutionArn"], "CheckpointToken": event["CheckpointToken"]}
        client.checkpoint_durable_execution(**params)
        errors.append(error_of(client.checkpoint_durable_execution, **params))
        return done()

    mock.handler("orders", call=handler)
    client.invoke(**LATEST)

    assert errors == [(400, INVALID, "Invalid checkpoint token")]


@pytest.mark.usefixtures("durable")
def test_a_client_token_makes_a_repeated_checkpoint_harmless(mock: LambdaMock, client: Any) -> None:
    tokens = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        params = {"DurableExecutionArn": event["DurableExecutionArn"], "CheckpointToken": event["CheckpointToken"]}
        for _ in range(2):
            answer = client.checkpoint_durable_execution(
                **params, ClientToken="same", Updates=[{**STEP, "Action": "START"}]
            )
            tokens.append(answer["CheckpointToken"])
        return done()

    mock.handler("orders", call=handler)
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    assert tokens[0] == tokens[1]
    assert types(client, arn).count("StepStarted") == 1


@pytest.mark.usefixtures("durable")
def test_a_closed_execution_takes_no_checkpoint(mock: LambdaMock, client: Any) -> None:
    tokens = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        tokens.append(event["CheckpointToken"])
        return done()

    mock.handler("orders", call=handler)
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    answer = error_of(client.checkpoint_durable_execution, DurableExecutionArn=arn, CheckpointToken=tokens[0])

    assert answer[:2] == (400, INVALID)


@pytest.mark.usefixtures("durable")
def test_the_state_begins_with_the_execution_and_pages_through(mock: LambdaMock, client: Any) -> None:
    pages = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        arn = event["DurableExecutionArn"]
        updates = [{"Id": f"s{number}", "Type": "STEP", "Action": "START"} for number in range(3)]
        answer = client.checkpoint_durable_execution(
            DurableExecutionArn=arn, CheckpointToken=event["CheckpointToken"], Updates=updates
        )
        paginator = client.get_paginator("get_durable_execution_state")
        pages.extend(
            paginator.paginate(
                DurableExecutionArn=arn,
                CheckpointToken=answer["CheckpointToken"],
                PaginationConfig={"PageSize": 2},
            )
        )
        return done()

    mock.handler("orders", call=handler)
    client.invoke(**LATEST, Payload=b'{"order": 7}')

    operations = [[one["Type"] for one in page["Operations"]] for page in pages]
    assert operations == [["EXECUTION", "STEP"], ["STEP", "STEP"]]
    assert pages[0]["Operations"][0]["ExecutionDetails"] == {"InputPayload": '{"order": 7}'}


# -- callbacks ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def asking(client: Any, workflow: Workflow) -> Callable[..., tuple[str, str]]:
    """Return a function that starts an execution which waits for a callback; it returns both ids."""

    def begin(**options: int) -> tuple[str, str]:
        def script() -> Script:
            yield [{"Id": "ask", "Type": "CALLBACK", "Action": "START", "CallbackOptions": options}]
            operations = yield PENDING
            details = operations["ask"]["CallbackDetails"]
            yield done(json.dumps([operations["ask"]["Status"], details.get("Result"), details.get("Error")]))

        workflow(script)
        arn = start(client)
        event = next(one for one in history(client, arn) if one["EventType"] == "CallbackStarted")
        return arn, event["CallbackStartedDetails"]["CallbackId"]

    return begin


def result(client: Any, arn: str) -> Any:
    return json.loads(client.get_durable_execution(DurableExecutionArn=arn)["Result"])


Asking = Callable[..., tuple[str, str]]


def test_a_callback_that_succeeds_wakes_the_execution(mock: LambdaMock, client: Any, asking: Asking) -> None:
    arn, callback = asking()
    mock.clock.advance(100)

    client.send_durable_execution_callback_success(CallbackId=callback, Result=b"yes")

    assert result(client, arn) == ["SUCCEEDED", "yes", None]


def test_a_callback_that_fails_wakes_the_execution(client: Any, asking: Asking) -> None:
    arn, callback = asking()

    client.send_durable_execution_callback_failure(CallbackId=callback, Error={"ErrorType": "Denied"})

    assert result(client, arn) == ["FAILED", None, {"ErrorType": "Denied"}]


def test_a_callback_that_nobody_answers_times_out(mock: LambdaMock, client: Any, asking: Asking) -> None:
    arn, _ = asking(TimeoutSeconds=30)

    mock.clock.advance(30)

    assert result(client, arn)[0] == "TIMED_OUT"
    assert "CallbackTimedOut" in types(client, arn)


def test_heartbeats_keep_a_callback_open_until_its_timeout(mock: LambdaMock, client: Any, asking: Asking) -> None:
    arn, callback = asking(TimeoutSeconds=30, HeartbeatTimeoutSeconds=10)
    ended = []
    for _ in range(3):
        mock.clock.advance(9)
        client.send_durable_execution_callback_heartbeat(CallbackId=callback)
        ended.append(status(client, arn))
    mock.clock.advance(3)

    assert ended == ["RUNNING"] * 3
    assert result(client, arn)[0] == "TIMED_OUT"


def test_a_callback_that_is_not_heard_of_times_out(mock: LambdaMock, client: Any, asking: Asking) -> None:
    arn, _ = asking(TimeoutSeconds=30, HeartbeatTimeoutSeconds=10)

    mock.clock.advance(10)

    assert result(client, arn)[0] == "TIMED_OUT"


SENDS = [
    "send_durable_execution_callback_success",
    "send_durable_execution_callback_failure",
    "send_durable_execution_callback_heartbeat",
]


@pytest.mark.parametrize("send", SENDS)
def test_a_callback_is_answered_once(client: Any, asking: Asking, send: str) -> None:
    _, callback = asking()
    client.send_durable_execution_callback_success(CallbackId=callback)

    assert error_of(getattr(client, send), CallbackId=callback)[:2] == (400, "CallbackTimeoutException")


@pytest.mark.parametrize("send", SENDS)
def test_an_unknown_callback_is_not_found(client: Any, send: str) -> None:
    assert error_of(getattr(client, send), CallbackId="unknown")[:2] == (404, "ResourceNotFoundException")


# -- asking ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("durable")
def test_an_execution_tells_its_input_result_and_configuration(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", returns=done())
    arn = client.invoke(**LATEST, DurableExecutionName="one", Payload=b'{"order": 7}')["DurableExecutionArn"]

    answer = client.get_durable_execution(DurableExecutionArn=arn)
    answer.pop("ResponseMetadata")

    assert answer == {
        "DurableExecutionArn": arn,
        "DurableExecutionName": "one",
        "FunctionArn": f"{ARN}orders:$LATEST",
        "Version": "$LATEST",
        "Status": "SUCCEEDED",
        "InputPayload": '{"order": 7}',
        "Result": '"done"',
        "StartTimestamp": mock.clock.now,
        "EndTimestamp": mock.clock.now,
        "ExecutionDataIncluded": True,
        "DurableConfig": {"ExecutionTimeout": 600, "RetentionPeriodInDays": 2},
    }


@pytest.mark.usefixtures("durable")
def test_data_can_be_left_out(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", returns=done())
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    execution = client.get_durable_execution(DurableExecutionArn=arn, IncludeExecutionData=False)
    events = history(client, arn, IncludeExecutionData=False)

    assert execution["ExecutionDataIncluded"] is False
    assert {"InputPayload", "Result"} & set(execution) == set()
    assert events[0]["ExecutionStartedDetails"]["Input"] == {"Truncated": False}


def test_a_history_is_numbered_and_pages_through(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)
    mock.clock.run_until_idle()
    paginator = client.get_paginator("get_durable_execution_history")

    pages = list(paginator.paginate(DurableExecutionArn=arn, PaginationConfig={"PageSize": 4}))

    assert [[one["EventId"] for one in page["Events"]] for page in pages] == [[1, 2, 3, 4], [5, 6]]
    assert [one["EventId"] for one in history(client, arn, ReverseOrder=True)] == [6, 5, 4, 3, 2, 1]


def test_executions_are_listed_newest_first_and_page_through(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    for name in ("a", "b", "c"):
        start(client, name)
        mock.clock.advance(25)
    mid = datetime.fromisoformat("2026-01-01T00:00:20+00:00")

    def listed(**params: Any) -> list[str]:
        paginator = client.get_paginator("list_durable_executions_by_function")
        pages = paginator.paginate(FunctionName="orders", PaginationConfig={"PageSize": 2}, **params)
        return [one["DurableExecutionName"] for page in pages for one in page["DurableExecutions"]]

    assert listed() == ["c", "b", "a"]
    assert listed(ReverseOrder=True) == ["a", "b", "c"]
    assert listed(Statuses=["RUNNING"]) == ["c", "b"]
    assert listed(DurableExecutionName="b") == ["b"]
    assert (listed(StartedAfter=mid), listed(StartedBefore=mid)) == (["c", "b"], ["a"])
    assert listed(Qualifier="$LATEST") == ["c", "b", "a"]


def test_the_executions_of_an_unknown_function_cannot_be_listed(client: Any) -> None:
    answer = error_of(client.list_durable_executions_by_function, FunctionName="nobody")

    assert answer == (404, "ResourceNotFoundException", f"Function not found: {ARN}nobody")


# -- configuring -------------------------------------------------------------------------------------------------------


def test_a_durable_function_says_how_long_it_may_take(client: Any) -> None:
    assert error_of(create, client=client, DurableConfig={"RetentionPeriodInDays": 1})[:2] == (400, INVALID)


def test_a_function_is_made_durable_at_its_creation_only(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.clock.run_until_idle()

    answer = error_of(
        client.update_function_configuration, FunctionName="orders", DurableConfig={"ExecutionTimeout": 60}
    )

    assert answer[:2] == (400, INVALID)


@pytest.mark.usefixtures("durable")
def test_the_configuration_of_a_durable_function_can_be_updated(client: Any) -> None:
    answer = client.update_function_configuration(FunctionName="orders", DurableConfig={"ExecutionTimeout": 60})

    assert answer["DurableConfig"] == {"ExecutionTimeout": 60, "RetentionPeriodInDays": 2}
