"""What is known of the operations of durable executions, of their histories and ends, row by row."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create, error_of
from tests.newest_client import newest_client
from tests.operations.durable.facts import (
    CALL,
    CALLBACK,
    ENTER,
    FAIL,
    LEAVE,
    RETRY,
    START_STEP,
    SUCCEED,
    WAIT,
    Check,
    Facts,
    Session,
    World,
    furnish,
    sending,
)
from tests.operations.durable.workflows import PENDING, Update, done

fact = Facts()
DAY = 86_400


def heard(w: World, *updates: Update, advance: float = 0) -> dict[str, Any]:
    """Begin an execution that sends *updates* at once; return the operations of the answer."""
    answers: list[dict[str, Any]] = []

    def work(session: Session) -> Any:
        answers.append(session.send(*updates))
        return PENDING

    w.begin(work, advance=advance)
    return answers[0]


STATUSES = [
    ("STEP is STARTED by START", [START_STEP], "s", "STARTED"),
    ("STEP is SUCCEEDED by SUCCEED", [START_STEP, SUCCEED], "s", "SUCCEEDED"),
    ("STEP is FAILED by FAIL", [START_STEP, FAIL], "s", "FAILED"),
    ("STEP is PENDING by RETRY", [START_STEP, RETRY], "s", "PENDING"),
    ("CONTEXT is STARTED by START", [ENTER], "x", "STARTED"),
    ("CONTEXT is SUCCEEDED by SUCCEED", [ENTER, LEAVE], "x", "SUCCEEDED"),
    ("CONTEXT is FAILED by FAIL", [ENTER, {**FAIL, "Type": "CONTEXT", "Id": "x"}], "x", "FAILED"),
    ("WAIT is STARTED by START", [WAIT], "w", "STARTED"),
    ("CALLBACK is STARTED by START", [CALLBACK], "c", "STARTED"),
    ("CHAINED_INVOKE is STARTED by START", [CALL], "i", "STARTED"),
]  # fmt: skip


def _status(updates: list[Update], name: str, status: str) -> Check:
    def check(w: World) -> None:
        assert heard(w, *updates)[name]["Status"] == status

    return check


for _says, _updates, _name, _shown in STATUSES:
    fact(4, _says)(_status(_updates, _name, _shown))


def _cancelled(update: Update) -> Check:
    def check(w: World) -> None:
        cancel = {"Id": update["Id"], "Type": update["Type"], "Action": "CANCEL"}
        answers: list[Any] = []

        def work(session: Session) -> Any:
            session.send(update)
            answers.append(session.send(cancel)[update["Id"]]["Status"])
            return done()

        w.begin(work)
        assert answers == ["CANCELLED"]

    return check


fact(4, "WAIT is CANCELLED by CANCEL")(_cancelled(WAIT))
fact(4, "CHAINED_INVOKE is CANCELLED by CANCEL")(_cancelled(CALL))


def _cancelled_for(update: Update, event: str, shown: dict[str, Any]) -> Check:
    def check(w: World) -> None:
        cancel = {"Id": update["Id"], "Type": update["Type"], "Action": "CANCEL", "Error": WHY}

        def work(session: Session) -> Any:
            session.send(update)
            one = session.send(cancel)[update["Id"]]
            assert (one["Status"], one.get("ChainedInvokeDetails")) == ("CANCELLED", shown or None)
            return done()

        w.begin(work)
        assert w.details(event) == [{"Error": {"Payload": WHY, "Truncated": False}}]

    return check


WHY = {"ErrorType": "NoLonger", "ErrorMessage": "not needed"}
fact(8, "WaitCancelled has the error of its CANCEL")(_cancelled_for(WAIT, "WaitCancelled", {}))
fact(8, "a CHAINED_INVOKE that is cancelled has the error, too")(
    _cancelled_for(CALL, "ChainedInvokeStopped", {"Error": WHY})
)


@fact(5, "Attempt counts the attempts that are over")
def _(w: World) -> None:
    attempts: list[int] = []

    def first(session: Session) -> Any:
        attempts.extend(session.send(one)["s"]["StepDetails"]["Attempt"] for one in (START_STEP, RETRY))
        return PENDING

    def second(session: Session) -> Any:
        attempts.append(session.operations["s"]["StepDetails"]["Attempt"])
        attempts.extend(session.send(one)["s"]["StepDetails"]["Attempt"] for one in (START_STEP, SUCCEED))
        return done()

    w.begin(first, second, advance=9)
    assert attempts == [0, 1, 1, 1, 2]


@fact(5, "a step that is PENDING says when its next attempt is due; once READY it does not")
def _(w: World) -> None:
    step = heard(w, RETRY, advance=9)["s"]
    assert step["StepDetails"]["NextAttemptTimestamp"] == step["StartTimestamp"] + timedelta(seconds=9)
    assert w.sessions[1].operations["s"]["Status"] == "READY"
    assert "NextAttemptTimestamp" not in w.sessions[1].operations["s"]["StepDetails"]


def _kept(member: str, shown: str, value: Any) -> Check:
    retry = {**{name: one for name, one in RETRY.items() if name != "Error"}, member: value}

    def check(w: World) -> None:
        seen: list[Any] = []

        def first(session: Session) -> Any:
            seen.append(session.send(retry)["s"]["StepDetails"].get(shown))
            return PENDING

        def second(session: Session) -> Any:
            seen.append(session.operations["s"]["StepDetails"].get(shown))
            seen.append(session.send(START_STEP)["s"]["StepDetails"].get(shown))
            return done()

        w.begin(first, second, advance=9)
        assert seen == [value] * 3

    return check


fact(5, "the Error of a RETRY is there while PENDING, READY and after the next START")(
    _kept("Error", "Error", {"ErrorType": "Busy"})
)
fact(5, "the Payload of a RETRY is there, too, as its Result")(_kept("Payload", "Result", '{"polls": 3}'))


@fact(5, "a RETRY without an Error is StepSucceeded with its Payload, and one with an Error StepFailed")
def _(w: World) -> None:
    state = {**{name: one for name, one in RETRY.items() if name != "Error"}, "Payload": "2"}
    w.begin(sending(START_STEP, state), sending(START_STEP, RETRY), sending(START_STEP, SUCCEED, answer=done()))
    w.mock.clock.advance(18)
    assert w.details("StepSucceeded") == [
        {
            "Result": {"Payload": "2", "Truncated": False},
            "RetryDetails": {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 9},
        },
        {"Result": {"Payload": "1", "Truncated": False}, "RetryDetails": {"CurrentAttempt": 3}},
    ]
    assert w.details("StepFailed") == [
        {
            "Error": {"Payload": {"ErrorType": "No"}, "Truncated": False},
            "RetryDetails": {"CurrentAttempt": 2, "NextAttemptDelaySeconds": 9},
        }
    ]
    assert w.kinds.count("StepStarted") == 3


@fact(6, "a wait ends by itself, when it is due")
def _(w: World) -> None:
    wait = heard(w, WAIT, advance=59)["w"]
    assert wait["WaitDetails"] == {"ScheduledEndTimestamp": wait["StartTimestamp"] + timedelta(seconds=60)}
    assert len(w.sessions) == 1
    w.mock.clock.advance(1)
    assert w.sessions[1].operations["w"]["Status"] == "SUCCEEDED"


def callback_of(w: World, *, advance: float = 0, **options: int) -> str:
    callback = heard(w, {**CALLBACK, "CallbackOptions": options}, advance=advance)["c"]
    return str(callback["CallbackDetails"]["CallbackId"])


@fact(6, "the id of a callback has the service's form")
def _(w: World) -> None:
    assert re.fullmatch("[A-Za-z0-9+/]+={0,2}", callback_of(w))


@fact(6, "a callback with 0 or no time-out stays open")
def _(w: World) -> None:
    callback_of(w, advance=599, TimeoutSeconds=0)
    assert (w.kinds[-1], w.status) == ("InvocationCompleted", "RUNNING")


def _late(options: dict[str, int], kind: str, text: str) -> Check:
    def check(w: World) -> None:
        callback_of(w, advance=60, **options)
        error = {"ErrorType": kind, "ErrorMessage": text}
        assert w.details("CallbackTimedOut") == [{"Error": {"Payload": error, "Truncated": False}}]
        assert w.sessions[1].operations["c"]["Status"] == "TIMED_OUT"
        assert w.sessions[1].operations["c"]["CallbackDetails"]["Error"] == error

    return check


fact(6, "a callback that is late ends with Callback.Timeout")(
    _late({"TimeoutSeconds": 60}, "Callback.Timeout", "Callback timed out")
)
fact(6, "one that was not heard of ends with Callback.Heartbeat")(
    _late({"HeartbeatTimeoutSeconds": 60}, "Callback.Heartbeat", "Callback timed out on heartbeat")
)


@fact(6, "a heartbeat begins its interval anew, not the time-out, and is in no history")
def _(w: World) -> None:
    callback = callback_of(w, TimeoutSeconds=100, HeartbeatTimeoutSeconds=60)
    for _ in range(3):
        w.mock.clock.advance(30)
        w.client.send_durable_execution_callback_heartbeat(CallbackId=callback)
    before = w.kinds
    w.mock.clock.advance(10)
    assert before == ["ExecutionStarted", "CallbackStarted", "InvocationCompleted"]
    assert w.details("CallbackTimedOut")[0]["Error"]["Payload"]["ErrorType"] == "Callback.Timeout"


@fact(6, "a result is kept as the text that was sent")
def _(w: World) -> None:
    text = '{"a" : 1.0,\n "b": "ü"}'
    w.client.send_durable_execution_callback_success(CallbackId=callback_of(w), Result=text.encode())
    w.mock.clock.advance(0)
    assert w.sessions[1].operations["c"]["CallbackDetails"]["Result"] == text
    assert w.details("CallbackSucceeded") == [{"Result": {"Payload": text, "Truncated": False}}]


@fact(6, "without a result there is none, not an empty one")
def _(w: World) -> None:
    w.client.send_durable_execution_callback_success(CallbackId=callback_of(w))
    w.mock.clock.advance(0)
    assert "Result" not in w.sessions[1].operations["c"]["CallbackDetails"]


@fact(6, "an error is kept as it was sent; each of its members may be absent")
def _(w: World) -> None:
    for error in ({}, {"ErrorData": "d"}, {"ErrorType": "T", "ErrorMessage": "m", "StackTrace": ["a", "b"]}):
        w.client.send_durable_execution_callback_failure(CallbackId=callback_of(w), Error=error)
        w.mock.clock.advance(0)
        assert w.sessions[-1].operations["c"]["CallbackDetails"]["Error"] == error


@fact(6, "to answer a closed callback, or one whose execution is over, is a CallbackTimeoutException")
def _(w: World) -> None:
    closed = callback_of(w)
    w.client.send_durable_execution_callback_success(CallbackId=closed)
    over = callback_of(w)
    w.client.stop_durable_execution(DurableExecutionArn=w.arn)
    for callback in (closed, over):
        for send in ("success", "failure", "heartbeat"):
            asked = getattr(w.client, f"send_durable_execution_callback_{send}")
            assert error_of(asked, CallbackId=callback)[:2] == (400, "CallbackTimeoutException")


@fact(6, "to answer an unknown one is a ResourceNotFoundException")
def _(w: World) -> None:
    asked = w.client.send_durable_execution_callback_success
    assert error_of(asked, CallbackId="bm9ib2R5")[:2] == (404, "ResourceNotFoundException")


def chained(w: World, *works: Any, **options: Any) -> None:
    """Let ``orders`` invoke the durable function ``refunds``, whose invocations do *works*."""
    create(w.client, "refunds", DurableConfig={"ExecutionTimeout": 100})
    w.mock.clock.run_until_idle()
    waiting = list(works)

    def handler(event: dict[str, Any], _context: Any) -> Any:
        return waiting.pop(0)(Session(w.client, event))

    w.mock.handler("refunds", call=handler)
    w.begin(sending({**CALL, "ChainedInvokeOptions": {"FunctionName": "refunds:$LATEST", **options}}), advance=1)


@fact(7, "a durable target gets an execution of its own, which the caller's history names from the start")
def _(w: World) -> None:
    chained(w, sending(WAIT))
    (child,) = w.client.list_durable_executions_by_function(FunctionName="refunds")["DurableExecutions"]
    assert w.details("ChainedInvokeStarted") == [
        {
            "FunctionName": "refunds:$LATEST",
            "Input": {"Payload": "7", "Truncated": False},
            "ExecutedVersion": "$LATEST",
            "DurableExecutionArn": child["DurableExecutionArn"],
        }
    ]


@fact(7, "a target that is not durable has no DurableExecutionArn")
def _(w: World) -> None:
    w.begin(sending(CALL), advance=1)
    assert set(w.details("ChainedInvokeStarted")[0]) == {"FunctionName", "Input", "ExecutedVersion"}


@fact(7, "the order is started, completed, succeeded, completed")
def _(w: World) -> None:
    chained(w, lambda _session: done('"back"'))
    assert w.kinds == [
        "ExecutionStarted", "ChainedInvokeStarted", "InvocationCompleted", "ChainedInvokeSucceeded",
        "InvocationCompleted", "ExecutionSucceeded",
    ]  # fmt: skip
    assert w.sessions[1].operations["i"]["ChainedInvokeDetails"] == {"Result": '"back"'}


@fact(7, "a target that fails fails it, with its error")
def _(w: World) -> None:
    chained(w, lambda _session: {"Status": "FAILED", "Error": {"ErrorType": "NoMoney"}})
    one = w.sessions[1].operations["i"]
    assert (one["Status"], one["ChainedInvokeDetails"]) == ("FAILED", {"Error": {"ErrorType": "NoMoney"}})
    assert w.kinds[3] == "ChainedInvokeFailed"


@fact(7, "a target whose ExecutionTimeout ends is TIMED_OUT")
def _(w: World) -> None:
    chained(w, sending(CALLBACK))
    w.mock.clock.advance(100)
    assert (w.sessions[1].operations["i"]["Status"], w.kinds[3]) == ("TIMED_OUT", "ChainedInvokeTimedOut")


@fact(7, "a target that is stopped is STOPPED")
def _(w: World) -> None:
    chained(w, sending(CALLBACK))
    child = w.details("ChainedInvokeStarted")[0]["DurableExecutionArn"]
    w.client.stop_durable_execution(DurableExecutionArn=child)
    w.mock.clock.advance(0)
    assert (w.sessions[1].operations["i"]["Status"], w.kinds[3]) == ("STOPPED", "ChainedInvokeStopped")


@fact(7, "an absent input is null")
def _(w: World) -> None:
    seen: list[Any] = []
    w.mock.handler("prices", call=lambda event, _context: seen.append(event))
    w.begin(sending({name: one for name, one in CALL.items() if name != "Payload"}), advance=1)
    assert seen == [None]
    assert w.details("ChainedInvokeStarted")[0]["Input"] == {"Truncated": False}


@fact(7, "a start that is refused shows in the answer of the checkpoint")
def _(w: World) -> None:
    one = heard(w, {**CALL, "ChainedInvokeOptions": {"FunctionName": "nobody"}})["i"]
    assert (one["Status"], "Error" in one["ChainedInvokeDetails"]) == ("FAILED", True)
    assert w.details("ChainedInvokeStarted") == [{"FunctionName": "nobody"}]  # of its input, nothing is stored


NAMED: Update = {**SUCCEED, "Name": "charge", "SubType": "Step", "ParentId": "x"}


@fact(8, "events count from 1 without gaps, each but InvocationCompleted with an Id, and names as they were given")
def _(w: World) -> None:
    w.begin(sending(ENTER, NAMED, LEAVE, answer=done()))
    assert [one["EventId"] for one in w.events] == [1, 2, 3, 4, 5, 6]
    execution = w.arn.rsplit("/", 1)[-1]
    assert [one.get("Id") for one in w.events] == [execution, "x", "s", "x", None, execution]
    step = w.events[2]
    assert (step["Name"], step["SubType"], step["ParentId"]) == ("charge", "Step", "x")


@fact(8, "an execution that fails has InvocationCompleted before ExecutionFailed")
def _(w: World) -> None:
    w.begin(lambda _session: {"Status": "FAILED", "Error": {}})
    assert w.kinds == ["ExecutionStarted", "InvocationCompleted", "ExecutionFailed"]


DETAILS: list[tuple[str, list[Update], dict[str, Any]]] = [
    ("StepStarted", [START_STEP], {}),
    ("ContextStarted", [ENTER], {}),
    ("ContextSucceeded", [ENTER, LEAVE], {"Result": {"Payload": "2", "Truncated": False}}),
    (
        "ContextFailed",
        [ENTER, {**FAIL, "Type": "CONTEXT", "Id": "x"}],
        {"Error": {"Payload": {"ErrorType": "No"}, "Truncated": False}},
    ),
    (
        "ContextSucceeded",
        [ENTER, {**LEAVE, "Payload": "", "ContextOptions": {"ReplayChildren": True}}],
        {"Result": {"Payload": "", "Truncated": False}},
    ),
    ("WaitSucceeded", [WAIT], {"Duration": 60}),
]


def _detailed(kind: str, updates: list[Update], details: dict[str, Any]) -> Check:
    def check(w: World) -> None:
        w.begin(sending(*updates), advance=60)
        assert w.details(kind)[0] == details

    return check


for _kind, _sent, _expected in DETAILS:
    fact(8, f"details of {_kind}: {_expected}")(_detailed(_kind, _sent, _expected))


@fact(8, "ExecutionStarted has the input and the time-out, WaitStarted its end, CallbackStarted its id and limits")
def _(w: World) -> None:
    w.begin(sending(WAIT, {**CALLBACK, "CallbackOptions": {"TimeoutSeconds": 50, "HeartbeatTimeoutSeconds": 40}}))
    assert w.details("ExecutionStarted") == [
        {"Input": {"Payload": '{"order": 7}', "Truncated": False}, "ExecutionTimeout": 600}
    ]
    (wait,), (callback,) = w.details("WaitStarted"), w.details("CallbackStarted")
    assert set(wait) == {"Duration", "ScheduledEndTimestamp"}
    assert (set(callback), callback["Timeout"], callback["HeartbeatTimeout"]) == (
        {"CallbackId", "Timeout", "HeartbeatTimeout"}, 50, 40,
    )  # fmt: skip


@fact(8, "InvocationCompleted has its times and its request id, and an error only where it failed")
def _(w: World) -> None:
    w.begin()
    (details,) = w.details("InvocationCompleted")
    assert set(details) == {"StartTimestamp", "EndTimestamp", "RequestId"}
    assert details["RequestId"] == w.mock.invocations("orders")[0].request_id


@fact(8, "without IncludeExecutionData there are no payloads")
def _(w: World) -> None:
    w.begin(sending(SUCCEED, answer={"Status": "FAILED", "Error": {"ErrorType": "No"}}))
    events = w.client.get_durable_execution_history(DurableExecutionArn=w.arn, IncludeExecutionData=False)["Events"]
    assert "Payload" not in str(events)
    assert events[1]["StepSucceededDetails"]["RetryDetails"] == {"CurrentAttempt": 1}


@fact(9, "stop leaves operations STARTED, refuses later checkpoints, and no invocation follows")
def _(w: World) -> None:
    w.begin(sending(WAIT, START_STEP))
    w.client.stop_durable_execution(DurableExecutionArn=w.arn)
    w.mock.clock.advance(600)
    assert (w.status, len(w.sessions), w.kinds[-1]) == ("STOPPED", 1, "ExecutionStopped")
    assert {"WaitSucceeded", "StepSucceeded"} & set(w.kinds) == set()
    assert w.sessions[0].refused().startswith("Invalid Checkpoint Token")


@fact(9, "code that runs goes on until its next checkpoint")
def _(w: World) -> None:
    went: list[str] = []

    def work(session: Session) -> Any:
        w.client.stop_durable_execution(DurableExecutionArn=session.arn)
        went.append("on")
        went.append(session.refused(START_STEP))
        return done()

    w.begin(work)
    assert (went[0], w.status) == ("on", "STOPPED")
    assert went[1].startswith("Invalid Checkpoint Token")


@fact(9, "to stop what is over answers the first StopTimestamp")
def _(w: World) -> None:
    w.begin(sending(WAIT))
    first = w.client.stop_durable_execution(DurableExecutionArn=w.arn)["StopTimestamp"]
    w.mock.clock.advance(30)
    assert w.client.stop_durable_execution(DurableExecutionArn=w.arn)["StopTimestamp"] == first


@fact(9, "a pause lets waits end, and the function is invoked once it is resumed")
def _(w: World) -> None:
    w.begin(sending(WAIT))
    w.client.pause_durable_execution(DurableExecutionArn=w.arn)
    w.mock.clock.advance(61)
    paused = w.status, len(w.sessions), w.kinds[-1]
    w.client.resume_durable_execution(DurableExecutionArn=w.arn)
    w.mock.clock.advance(1)
    assert paused == ("PAUSED", 1, "WaitSucceeded")
    assert (w.status, len(w.sessions)) == ("SUCCEEDED", 2)


@fact(9, "only what is over can be deleted")
def _(w: World) -> None:
    w.begin(sending(WAIT))
    refused = error_of(w.client.delete_durable_execution, DurableExecutionArn=w.arn)
    w.mock.clock.advance(60)
    w.client.delete_durable_execution(DurableExecutionArn=w.arn)
    assert (refused[:2], w.status) == ((409, "ResourceConflictException"), "DELETING")


@fact(9, "ExecutionTimeout is over all invocations")
def _(w: World) -> None:
    waits = [sending({**WAIT, "Id": f"w{number}", "WaitOptions": {"WaitSeconds": 250}}) for number in range(4)]
    w.begin(*waits, advance=600)
    assert (w.status, len(w.sessions), w.kinds[-1]) == ("TIMED_OUT", 3, "ExecutionTimedOut")


@fact(9, "it is kept for its retention after the end")
def _(w: World) -> None:
    w.begin(advance=2 * DAY - 1)
    before = w.status
    w.mock.clock.advance(1)
    assert before == "SUCCEEDED"
    assert error_of(w.client.get_durable_execution, DurableExecutionArn=w.arn)[0] == 404


@fact(9, "the usual retention is 14 days")
def _(w: World) -> None:
    create(w.client, "flow", DurableConfig={"ExecutionTimeout": 60})
    w.mock.handler("flow", returns=done())
    w.mock.clock.run_until_idle()
    w.arn = w.client.invoke(FunctionName="flow", Qualifier="$LATEST")["DurableExecutionArn"]
    w.mock.clock.advance(14 * DAY - 1)
    before = w.status
    w.mock.clock.advance(1)
    assert before == "SUCCEEDED"
    assert error_of(w.client.get_durable_execution, DurableExecutionArn=w.arn)[0] == 404


QUEUE = "arn:aws:sqs:us-east-1:123456789012:dead"


def with_queue(w: World) -> None:
    w.client.update_function_configuration(FunctionName="orders", DeadLetterConfig={"TargetArn": QUEUE})
    destination = {"OnFailure": {"Destination": f"{QUEUE}-not"}, "OnSuccess": {"Destination": f"{QUEUE}-not"}}
    w.client.put_function_event_invoke_config(FunctionName="orders", DestinationConfig=destination)
    w.mock.clock.run_until_idle()


@fact(9, "the event of an execution that has failed goes to the dead-letter queue, and to no destination")
def _(w: World) -> None:
    with_queue(w)
    failed = {"Status": "FAILED", "Error": {"ErrorType": "No", "ErrorMessage": "no money"}}
    w.begin(lambda _session: failed)
    (letter,) = w.mock.destinations
    assert (letter.target, letter.body) == (QUEUE, '{"order": 7}')
    assert letter.attributes == {
        "RequestID": w.request_id, "ErrorCode": 200, "ErrorMessage": "no money",
    }  # fmt: skip


@fact(9, "that of one that has timed out does so, too")
def _(w: World) -> None:
    with_queue(w)
    w.begin(sending(CALLBACK), advance=600)
    assert [one.target for one in w.mock.destinations] == [QUEUE]


def _no_letter(w: World) -> None:
    assert list(w.mock.destinations) == []


@fact(9, "nothing is sent of one that has succeeded, was stopped, or was waited for")
def _(w: World) -> None:
    with_queue(w)
    w.begin()
    _no_letter(w)
    w.begin(sending(WAIT))
    w.client.stop_durable_execution(DurableExecutionArn=w.arn)
    _no_letter(w)
    w.begin(lambda _session: {"Status": "FAILED", "Error": {}}, InvocationType="RequestResponse")
    assert w.status == "FAILED"
    _no_letter(w)


@pytest.mark.parametrize("check", fact.rows)
def test_it_is_so(mock: LambdaMock, check: Check) -> None:
    check(furnish(mock, newest_client()))
