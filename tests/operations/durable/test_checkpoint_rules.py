"""What a checkpoint may say: every refusal with its text, and that a refused checkpoint changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock
from lambda_states_mock.invocation.durable.rules import Before, check_updates
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.states.durable_operation import OperationStatus as Status
from tests.deploying import error_of
from tests.operations.durable.workflows import INVALID, LATEST, done, types

KNOWN = {
    "started": Before(Status.STARTED, {"Type": "STEP", "SubType": "Step", "Name": "charge", "ParentId": None}),
    "pending": Before(Status.PENDING, {"Type": "STEP", "SubType": None, "Name": None, "ParentId": None}),
    "ready": Before(Status.READY, {"Type": "STEP", "SubType": None, "Name": None, "ParentId": None}),
    "succeeded": Before(Status.SUCCEEDED, {"Type": "STEP", "SubType": None, "Name": None, "ParentId": None}),
    "context": Before(Status.ENTERED, {"Type": "CONTEXT", "SubType": None, "Name": None, "ParentId": None}),
    "left": Before(Status.SUCCEEDED, {"Type": "CONTEXT", "SubType": None, "Name": None, "ParentId": None}),
    "wait": Before(Status.WAITING, {"Type": "WAIT", "SubType": None, "Name": None, "ParentId": "context"}),
    "waited": Before(Status.SUCCEEDED, {"Type": "WAIT", "SubType": None, "Name": None, "ParentId": None}),
    "callback": Before(Status.OPEN, {"Type": "CALLBACK", "SubType": None, "Name": None, "ParentId": None}),
    "invoke": Before(Status.CHAINED, {"Type": "CHAINED_INVOKE", "SubType": None, "Name": None, "ParentId": None}),
}
ERROR = {"ErrorType": "Late", "ErrorMessage": "too late"}
RETRY: dict[str, Any] = {"StepOptions": {"NextAttemptDelaySeconds": 5}}
MB = 1_048_576


def update(kind: str, action: str, operation: str = "new", **members: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {}
    if (kind, action) == ("WAIT", "START"):
        usual = {"WaitOptions": {"WaitSeconds": 1}}
    if (kind, action) == ("CHAINED_INVOKE", "START"):
        usual = {"ChainedInvokeOptions": {"FunctionName": "refunds"}}
    return {"Id": operation, "Type": kind, "Action": action, **usual, **members}


END = update("EXECUTION", "SUCCEED", "end")
REFUSED = [
    ([update("WAIT", "SUCCEED")], "Invalid action for the given operation type."),
    ([update("CALLBACK", "FAIL")], "Invalid action for the given operation type."),
    ([update("CONTEXT", "RETRY")], "Invalid action for the given operation type."),
    ([update("STEP", "CANCEL")], "Invalid action for the given operation type."),
    ([update("EXECUTION", "START")], "Invalid action for the given operation type."),
    ([update("STEP", "START", "started")], "Invalid current STEP state to start."),
    ([update("STEP", "START", "pending")], "Invalid current STEP state to start."),
    ([update("STEP", "START", "succeeded")], "Invalid current STEP state to start."),
    ([update("STEP", "SUCCEED", "pending")], "Invalid current STEP state to close."),
    ([update("STEP", "FAIL", "succeeded")], "Invalid current STEP state to close."),
    ([update("STEP", "RETRY", "pending", **RETRY)], "Invalid current STEP state to re-attempt."),
    ([update("STEP", "RETRY", "succeeded", **RETRY)], "Invalid current STEP state to re-attempt."),
    ([update("STEP", "RETRY", "started")], "Invalid StepOptions for the given action."),
    ([update("STEP", "RETRY")], "Invalid StepOptions for the given action."),
    ([update("STEP", "RETRY", "ready", StepOptions={})], "Invalid StepOptions for the given action."),
    (
        [update("STEP", "RETRY", "started", Payload="1", Error=ERROR, **RETRY)],
        "Cannot provide both error and payload to RETRY a STEP.",
    ),
    ([update("CONTEXT", "START", "context")], "Cannot start a CONTEXT that already exist."),
    ([update("CONTEXT", "START", "left")], "Cannot start a CONTEXT that already exist."),
    ([update("CONTEXT", "SUCCEED", "left")], "Invalid current CONTEXT state to close."),
    ([update("CONTEXT", "FAIL", "left")], "Invalid current CONTEXT state to close."),
    ([update("WAIT", "START", "wait")], "Cannot start a WAIT that already exist."),
    ([update("WAIT", "START", WaitOptions=None)], "Update for WAIT operation requires WaitOptions."),
    ([update("WAIT", "START", WaitOptions={})], "Update for WAIT operation requires WaitOptions."),
    ([update("WAIT", "CANCEL")], "Cannot cancel a WAIT that does not exist or has already completed."),
    ([update("WAIT", "CANCEL", "waited")], "Cannot cancel a WAIT that does not exist or has already completed."),
    ([update("CALLBACK", "START", "callback")], "Cannot start a CALLBACK that already exist."),
    ([update("CHAINED_INVOKE", "START", "invoke")], "Cannot start an INVOKE that already exist."),
    ([update("CHAINED_INVOKE", "CANCEL")], "Cannot cancel an INVOKE that does not exist or has already completed."),
    (
        [update("CHAINED_INVOKE", "START", ChainedInvokeOptions=None)],
        "Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.",
    ),
    ([update("STEP", "SUCCEED", Error=ERROR)], "Cannot provide an Error for SUCCEED action."),
    ([update("CONTEXT", "SUCCEED", Error=ERROR)], "Cannot provide an Error for SUCCEED action."),
    ([update("EXECUTION", "SUCCEED", Error=ERROR)], "Cannot provide an Error for SUCCEED action."),
    ([update("STEP", "FAIL", Payload="1")], "Cannot provide a Payload for FAIL action."),
    ([update("CONTEXT", "FAIL", Payload="1")], "Cannot provide a Payload for FAIL action."),
    ([update("EXECUTION", "FAIL", Payload="1")], "Cannot provide a Payload for FAIL action."),
    ([update("CONTEXT", "SUCCEED", "started")], "Inconsistent operation type."),
    ([update("STEP", "SUCCEED", "started", SubType="Other")], "Inconsistent operation subtype."),
    ([update("STEP", "SUCCEED", "started", Name="refund")], "Inconsistent operation name."),
    ([update("STEP", "SUCCEED", "started", ParentId="context")], "Inconsistent parent operation id."),
    ([update("STEP", "START"), update("CONTEXT", "SUCCEED")], "Inconsistent operation type."),
    ([update("CONTEXT", "START"), update("STEP", "FAIL", Error=ERROR)], "Inconsistent operation type."),
    ([update("STEP", "START"), update("WAIT", "CANCEL")], "Inconsistent operation type."),
    ([update("CONTEXT", "START"), update("CHAINED_INVOKE", "CANCEL")], "Inconsistent operation type."),
    ([update("STEP", "START"), update("EXECUTION", "SUCCEED")], "Inconsistent operation type."),
    (
        [update("STEP", "START", SubType="Step"), update("STEP", "SUCCEED", SubType="Other")],
        "Inconsistent operation subtype.",
    ),
    ([update("STEP", "START", Name="a"), update("STEP", "RETRY", Name="b", **RETRY)], "Inconsistent operation name."),
    ([update("CONTEXT", "START"), update("CONTEXT", "FAIL", Name="b")], "Inconsistent operation name."),
    ([update("STEP", "START"), update("STEP", "FAIL", ParentId="context")], "Inconsistent parent operation id."),
    ([update("STEP", "START", "ready"), update("STEP", "SUCCEED", "ready", Name="b")], "Inconsistent operation name."),
    ([update("STEP", "START", ParentId="nobody")], "Invalid parent operation id."),
    ([update("STEP", "START", ParentId="started")], "Invalid parent operation id."),
    ([update("STEP", "START", "a"), update("STEP", "START", "b", ParentId="a")], "Invalid parent operation id."),
    (
        [update("STEP", "START"), update("STEP", "START")],
        "Cannot checkpoint multiple operations with the same ID.",
    ),
    (
        [update("STEP", "SUCCEED"), update("STEP", "FAIL")],
        "Cannot checkpoint multiple operations with the same ID.",
    ),
    (
        [update("WAIT", "START"), update("WAIT", "CANCEL")],
        "Cannot checkpoint multiple operations with the same ID.",
    ),
    ([END, END], "Cannot checkpoint multiple EXECUTION updates."),
    ([END, update("STEP", "START")], "EXECUTION checkpoint must be the last update."),
    (
        [update("STEP", "SUCCEED", Payload="x" * (MB + 1))],
        f"STEP output payload size must be less than or equal to {MB} bytes.",
    ),
    (
        [update("CHAINED_INVOKE", "START", Payload="ü" * (MB // 2 + 1))],
        f"CHAINED_INVOKE input payload size must be less than or equal to {MB} bytes.",
    ),
    (
        [update("EXECUTION", "SUCCEED", Payload="x" * (MB + 1))],
        f"Execution output payload size must be less than or equal to {MB} bytes.",
    ),
    ([update("STEP", "FAIL", Error={"ErrorData": "x" * MB})], f"Error object size must be less than {MB} bytes."),
]
ACCEPTED = [
    [],
    [update("STEP", "START"), update("STEP", "SUCCEED", Payload="1")],
    [update("STEP", "START"), update("STEP", "RETRY", Error=ERROR, **RETRY)],
    [update("STEP", "START", "ready"), update("STEP", "SUCCEED", "ready")],
    [update("STEP", "RETRY", "ready", Payload="1", **RETRY)],
    [update("STEP", "SUCCEED")],
    [update("STEP", "START", Name="charge", SubType="Step", ParentId="context"), update("STEP", "FAIL")],
    [update("STEP", "START", Name="charge"), update("STEP", "SUCCEED", Name="charge")],
    [update("STEP", "SUCCEED", "started", SubType="Step", Name="charge")],
    [update("CONTEXT", "SUCCEED", "context"), END],
    [update("CONTEXT", "START", "c"), update("STEP", "START", "s", ParentId="c")],
    [update("WAIT", "CANCEL", "wait", ParentId="context")],
    [update("CHAINED_INVOKE", "CANCEL", "invoke")],
    [update("STEP", "SUCCEED", Payload="x" * MB)],
]


@pytest.mark.parametrize(("updates", "text"), REFUSED, ids=[f"{number}" for number in range(len(REFUSED))])
def test_a_checkpoint_that_cannot_be_is_refused_with_the_text_of_aws(updates: list[Any], text: str) -> None:
    with pytest.raises(ServiceError) as raised:
        check_updates(updates, KNOWN.get, Limits(), is_awaited=False)

    assert (raised.value.code, raised.value.message) == (INVALID, text)


@pytest.mark.parametrize("updates", ACCEPTED, ids=[f"{number}" for number in range(len(ACCEPTED))])
def test_a_checkpoint_that_can_be_is_accepted(updates: list[Any]) -> None:
    check_updates(updates, KNOWN.get, Limits(), is_awaited=False)


def test_the_result_of_an_execution_that_is_waited_for_may_have_six_megabytes() -> None:
    check_updates([{**END, "Payload": "x" * 6 * MB}], KNOWN.get, Limits(), is_awaited=True)


@pytest.mark.usefixtures("durable")
def test_a_refused_checkpoint_changes_nothing_and_its_token_is_good_still(mock: LambdaMock, client: Any) -> None:
    errors: list[Any] = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        sent = {"DurableExecutionArn": event["DurableExecutionArn"], "CheckpointToken": event["CheckpointToken"]}
        wrong = [update("STEP", "START", "a"), update("WAIT", "CANCEL", "b")]
        errors.append(error_of(client.checkpoint_durable_execution, **sent, Updates=wrong))
        client.checkpoint_durable_execution(**sent, Updates=[update("STEP", "SUCCEED", "c", Payload="1")])
        return done()

    mock.handler("orders", call=handler)
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    assert errors[0][:2] == (400, INVALID)
    assert types(client, arn) == ["ExecutionStarted", "StepSucceeded", "ExecutionSucceeded"]


@pytest.mark.usefixtures("durable")
@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"Type": "STEP", "Action": "START"}, "Inconsistent operation type."),
        ({"Type": "CONTEXT", "Action": "SUCCEED"}, "Inconsistent operation type."),
        ({"Type": "EXECUTION", "Action": "SUCCEED", "Name": "another"}, "Inconsistent operation name."),
        ({"Type": "EXECUTION", "Action": "SUCCEED", "SubType": "Step"}, "Inconsistent operation subtype."),
    ],
)
def test_the_execution_is_an_operation_that_updates_may_not_contradict(
    mock: LambdaMock, client: Any, wrong: dict[str, Any], text: str
) -> None:
    errors: list[Any] = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        sent = {"DurableExecutionArn": event["DurableExecutionArn"], "CheckpointToken": event["CheckpointToken"]}
        own = event["InitialExecutionState"]["Operations"][0]["Id"]
        errors.append(error_of(client.checkpoint_durable_execution, **sent, Updates=[{**wrong, "Id": own}]))
        return done()

    mock.handler("orders", call=handler)
    client.invoke(**LATEST, DurableExecutionName="one")

    assert errors == [(400, INVALID, text)]


@pytest.mark.usefixtures("durable")
@pytest.mark.parametrize(
    ("place", "what"), [("us-east-1:210987654321", "account"), ("eu-west-1:123456789012", "region")]
)
def test_a_function_elsewhere_cannot_be_chained(mock: LambdaMock, client: Any, place: str, what: str) -> None:
    errors: list[Any] = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        options = {"FunctionName": f"arn:aws:lambda:{place}:function:refunds"}
        sent = {"DurableExecutionArn": event["DurableExecutionArn"], "CheckpointToken": event["CheckpointToken"]}
        updates = [update("CHAINED_INVOKE", "START", ChainedInvokeOptions=options)]
        errors.append(error_of(client.checkpoint_durable_execution, **sent, Updates=updates))
        return done()

    mock.handler("orders", call=handler)
    client.invoke(**LATEST)

    assert errors == [(400, INVALID, f"Cannot start a CHAINED_INVOKE on a function in another {what}.")]


@pytest.mark.usefixtures("durable")
def test_an_execution_has_room_for_so_many_operations_and_so_much_data(mock: LambdaMock, client: Any) -> None:
    mock.limits.durable_operations = 2
    mock.limits.durable_stored_bytes = 100
    errors: list[Any] = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        sent = {"DurableExecutionArn": event["DurableExecutionArn"], "CheckpointToken": event["CheckpointToken"]}
        three = [{"Id": name, "Type": "STEP", "Action": "START"} for name in "abc"]
        errors.append(error_of(client.checkpoint_durable_execution, **sent, Updates=three))
        for large in (
            {"Action": "SUCCEED", "Payload": "x" * 101},
            {"Action": "FAIL", "Error": {"ErrorData": "x" * 90}},
        ):
            updates = [{"Id": "a", "Type": "STEP", **large}]
            errors.append(error_of(client.checkpoint_durable_execution, **sent, Updates=updates))
        return done()

    mock.handler("orders", call=handler)
    client.invoke(**LATEST)

    assert [error[:2] for error in errors] == [(400, INVALID)] * 3
    assert ["2 operations" in errors[0][2], *("100 bytes" in error[2] for error in errors[1:])] == [True] * 3


TYPES = ("EXECUTION", "CONTEXT", "STEP", "WAIT", "CALLBACK", "CHAINED_INVOKE")
EACH = [(kind, action) for kind in TYPES for action in ("START", "SUCCEED", "FAIL", "RETRY", "CANCEL")]
STATUSES = {
    "CONTEXT": (Status.ENTERED, Status.SUCCEEDED, Status.FAILED),
    "STEP": (Status.STARTED, Status.PENDING, Status.READY, Status.SUCCEEDED, Status.FAILED),
    "WAIT": (Status.WAITING, Status.SUCCEEDED, Status.CANCELLED),
    "CALLBACK": (Status.OPEN, Status.TIMED, Status.SUCCEEDED, Status.FAILED, Status.TIMED_OUT),
    "CHAINED_INVOKE": (
        Status.CHAINED,
        Status.SUCCEEDED,
        Status.FAILED,
        Status.CANCELLED,
        Status.TIMED_OUT,
        Status.STOPPED,
    ),
}


def some(kind: str, action: str, operation: str) -> dict[str, Any]:
    """Return an update that has whatever options its action needs."""
    options = {} if (kind, action) != ("STEP", "RETRY") else RETRY
    return update(kind, action, operation, **options)


@pytest.mark.parametrize(
    ("kind", "status"), [(kind, status) for kind, several in STATUSES.items() for status in several]
)
def test_of_each_status_each_pair_of_updates_is_accepted_or_refused(kind: str, status: Status) -> None:
    before = Before(status, {"Type": kind, "SubType": None, "Name": None, "ParentId": None})
    refusals = set()
    for first in EACH:
        for second in EACH:
            try:
                check_updates(
                    [some(*first, "one"), some(*second, "one")], {"one": before}.get, Limits(), is_awaited=False
                )
            except ServiceError as error:
                refusals.add(error.code)

    assert refusals == {INVALID}


@pytest.mark.usefixtures("durable")
def test_each_pair_of_updates_of_one_operation_is_applied_or_refused(mock: LambdaMock, client: Any) -> None:
    answers: list[str] = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
        pairs = [(first, second) for first in EACH for second in EACH if "EXECUTION" not in (first[0], second[0])]
        for number, (first, second) in enumerate(pairs):
            sent = {"DurableExecutionArn": arn, "CheckpointToken": token}
            try:
                answer = client.checkpoint_durable_execution(
                    **sent, Updates=[some(*first, f"o{number}"), some(*second, f"o{number}")]
                )
            except ClientError as error:
                answers.append(error.response["Error"]["Code"])
            else:
                token = answer["CheckpointToken"]
                (one,) = answer["NewExecutionState"]["Operations"]
                answers.append(f"{first[0]} {one['Status']}")
        return done()

    mock.handler("orders", call=handler)
    client.invoke(**LATEST)

    assert sorted(set(answers)) == [
        "CONTEXT FAILED",
        "CONTEXT SUCCEEDED",
        INVALID,
        "STEP FAILED",
        "STEP PENDING",
        "STEP SUCCEEDED",
    ]
    assert len(answers) - answers.count(INVALID) == 5  # a START, and then one way to close it or to try again
