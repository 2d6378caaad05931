"""What is known of invocations of durable functions and of their checkpoints, row by row."""

from __future__ import annotations

import os
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create, error_of, zip_of
from tests.operations.durable.facts import (
    CALL,
    CALLBACK,
    ENTER,
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
INVALID_TOKEN = "Invalid Checkpoint Token"
CLIENT_TOKEN = {"ClientToken": "mine"}


@fact(1, "the event has four members")
def _(w: World) -> None:
    w.begin()
    assert set(w.sessions[0].event) == {
        "DurableExecutionArn", "CheckpointToken", "InitialExecutionState", "UpdatedOperationIds",
    }  # fmt: skip


@fact(1, "its times are whole milliseconds since 1970")
def _(w: World) -> None:
    w.begin(sending(WAIT), advance=60)
    wait = w.sessions[1].operations["w"]
    start = int(w.events[0]["EventTimestamp"].timestamp() * 1000)
    times = wait["StartTimestamp"], wait["EndTimestamp"], wait["WaitDetails"]["ScheduledEndTimestamp"]
    assert times == (start, start + 60_000, start + 60_000)


@fact(1, "its first operation is the execution, with the last part of the ARN as its id, and the input as text")
def _(w: World) -> None:
    w.begin(payload=b'{"a": 1}')
    first = w.sessions[0].event["InitialExecutionState"]["Operations"][0]
    assert (first["Type"], first["Status"], first["Id"]) == ("EXECUTION", "STARTED", w.arn.rsplit("/", 1)[-1])
    assert first["ExecutionDetails"] == {"InputPayload": '{"a": 1}'}


@fact(1, "an input may be absent")
def _(w: World) -> None:
    w.begin(payload=b"")
    assert w.sessions[0].event["InitialExecutionState"]["Operations"][0]["ExecutionDetails"] == {}


@fact(1, "UpdatedOperationIds is empty at first, then has the wait that ended")
def _(w: World) -> None:
    w.begin(sending(WAIT), advance=60)
    assert [one.event["UpdatedOperationIds"] for one in w.sessions] == [[], ["w"]]


@fact(1, "UpdatedOperationIds has the step that became READY")
def _(w: World) -> None:
    w.begin(sending(RETRY), advance=9)
    assert w.sessions[1].event["UpdatedOperationIds"] == ["s"]
    assert w.sessions[1].operations["s"]["Status"] == "READY"


@fact(1, "UpdatedOperationIds has the callback that was answered")
def _(w: World) -> None:
    seen: list[str] = []

    def work(session: Session) -> Any:
        seen.append(session.send(CALLBACK)["c"]["CallbackDetails"]["CallbackId"])
        return PENDING

    w.begin(work)
    w.client.send_durable_execution_callback_success(CallbackId=seen[0], Result=b"1")
    w.mock.clock.advance(0)
    assert w.sessions[1].event["UpdatedOperationIds"] == ["c"]


@fact(1, "UpdatedOperationIds has the chained invocation that ended")
def _(w: World) -> None:
    w.begin(sending(CALL), advance=1)
    assert w.sessions[1].event["UpdatedOperationIds"] == ["i"]


def _steps(count: int) -> list[Update]:
    return [{**SUCCEED, "Id": f"s{number:03}"} for number in range(count)]


@fact(1, "the state in the event is one page, and NextMarker leads on, in the order of starting")
def _(w: World) -> None:
    w.mock.limits.durable_state_bytes = 2_000

    def rest(session: Session) -> Any:
        state = session.event["InitialExecutionState"]
        found, marker = [one["Id"] for one in state["Operations"][1:]], state["NextMarker"]
        assert 0 < len(found) < 40
        while marker:
            page = session.state(Marker=marker, MaxItems=7)
            found += [one["Id"] for one in page["Operations"]]
            marker = page.get("NextMarker")
        assert found == [*(one["Id"] for one in _steps(40)), "w"]
        return done('"all"')

    w.begin(sending(*_steps(40), WAIT), rest, advance=60)
    assert w.execution["Result"] == '"all"'


@fact(1, "a page of GetDurableExecutionState fits the limit, too, and has one operation at least")
def _(w: World) -> None:
    w.mock.limits.durable_state_bytes = 2_000
    large = {**START_STEP, "Id": "large", "Action": "SUCCEED", "Payload": "x" * 3_000}
    pages: list[list[str]] = []

    def work(session: Session) -> Any:
        session.send(*_steps(20), large, WAIT)
        marker: str | None = ""
        while marker is not None:
            page = session.state(Marker=marker)
            pages.append([one["Id"] for one in page["Operations"]])
            marker = page.get("NextMarker")
        return done()

    w.begin(work)
    assert [one for page in pages for one in page][1:] == [*(one["Id"] for one in _steps(20)), "large", "w"]
    assert max(map(len, pages)) < 20
    assert ["large"] in pages


@fact(1, "a page has 100 operations where MaxItems is absent or 0")
def _(w: World) -> None:
    pages: list[int] = []

    def work(session: Session) -> Any:
        session.send(*_steps(120))
        pages.extend(len(session.state(**params)["Operations"]) for params in ({}, {"MaxItems": 0}, {"MaxItems": 110}))
        return done()

    w.begin(work)
    assert pages == [100, 100, 110]


@fact(1, "a marker lives for 24 hours")
def _(w: World) -> None:
    w.begin(sending(*_steps(3), answer=done()))
    asked = {"DurableExecutionArn": w.arn, "MaxItems": 2}
    marker = w.client.get_durable_execution_history(**asked)["NextMarker"]
    w.mock.clock.advance(24 * 3600)
    assert w.client.get_durable_execution_history(**asked, Marker=marker)["Events"][0]["EventId"] == 3
    w.mock.clock.advance(1)
    assert error_of(w.client.get_durable_execution_history, **asked, Marker=marker)[:2] == (
        400, "InvalidParameterValueException",
    )  # fmt: skip


@fact(1, "what is inside of a closed context is left out, unless that replays its children")
def _(w: World) -> None:
    found: list[list[str]] = []

    def work(session: Session) -> Any:
        inner = {**SUCCEED, "ParentId": "x"}
        session.send(ENTER, inner, LEAVE)
        replays = {"ContextOptions": {"ReplayChildren": True}}
        session.send({**ENTER, "Id": "y"}, {**inner, "Id": "t", "ParentId": "y"}, {**LEAVE, "Id": "y", **replays}, WAIT)
        found.append([one["Id"] for one in session.state()["Operations"][1:]])
        return PENDING

    w.begin(work, advance=60)
    assert [*found, list(w.sessions[1].operations)] == [["x", "y", "t", "w"]] * 2


@fact(1, "SUCCEEDED ends it with the result")
def _(w: World) -> None:
    w.begin(lambda _session: done('"paid"'))
    assert (w.status, w.execution["Result"]) == ("SUCCEEDED", '"paid"')


@fact(1, "FAILED ends it with the error, at once and without another attempt")
def _(w: World) -> None:
    error = {"ErrorMessage": "m", "ErrorType": "T", "ErrorData": "d", "StackTrace": ["a"]}
    w.begin(lambda _session: {"Status": "FAILED", "Error": error}, advance=60)
    assert (w.status, w.execution["Error"], len(w.sessions)) == ("FAILED", error, 1)


def _is_tried_again(w: World, answer: Any) -> str:
    """Return the text of the error of the invocation that has answered *answer*."""
    w.begin(lambda _session: answer)
    before = len(w.sessions)
    w.mock.clock.advance(5)
    assert (before, len(w.sessions), w.status) == (1, 2, "SUCCEEDED")
    return str(w.details("InvocationCompleted")[0]["Error"]["Payload"]["ErrorMessage"])


@fact(1, "FAILED with a Result is an invalid answer")
def _(w: World) -> None:
    assert "Result" in _is_tried_again(w, {"Status": "FAILED", "Result": "1"})


@fact(1, "SUCCEEDED with an Error is an invalid answer")
def _(w: World) -> None:
    assert "Error" in _is_tried_again(w, {"Status": "SUCCEEDED", "Error": {}})


@fact(1, "a result that was checkpointed counts, whatever the answer says")
def _(w: World) -> None:
    end = {"Id": "e", "Type": "EXECUTION", "Action": "SUCCEED", "Payload": '"large"'}
    w.begin(sending(end, answer={"Status": "SUCCEEDED", "Result": ""}))
    assert (w.status, w.execution["Result"]) == ("SUCCEEDED", '"large"')


@fact(1, "an error that was checkpointed counts, too")
def _(w: World) -> None:
    end = {"Id": "e", "Type": "EXECUTION", "Action": "FAIL", "Error": {"ErrorType": "Large"}}
    w.begin(sending(end, answer={"Status": "FAILED"}))
    assert (w.status, w.execution["Error"]) == ("FAILED", {"ErrorType": "Large"})


@fact(1, "what falls due during an invocation is in the next checkpoint's answer, and causes one more after PENDING")
def _(w: World) -> None:
    heard: list[str] = []

    def work(session: Session) -> Any:
        session.send({**WAIT, "WaitOptions": {"WaitSeconds": 20}})
        w.mock.clock.advance(20)
        assert len(w.sessions) == 1
        heard.append(session.send()["w"]["Status"])
        return PENDING

    w.begin(work, advance=20)
    assert (heard, len(w.sessions), w.status) == (["SUCCEEDED"], 2, "SUCCEEDED")
    assert "Error" not in w.details("InvocationCompleted")[0]


@fact(2, "it is invoked when one of several has ended, while the others are pending still")
def _(w: World) -> None:
    w.begin(sending(WAIT, {**WAIT, "Id": "v", "WaitOptions": {"WaitSeconds": 20}}, CALLBACK), advance=20)
    statuses = {name: one["Status"] for name, one in w.sessions[1].operations.items()}
    assert statuses == {"w": "STARTED", "v": "SUCCEEDED", "c": "STARTED"}


def _exits(session: Session) -> Any:
    session.send(START_STEP)
    os._exit(1)


@fact(2, "a crash is a completed invocation with Runtime.ExitError, and its step stays STARTED")
def _(w: World) -> None:
    w.begin(_exits, advance=5)
    error = w.details("InvocationCompleted")[0]["Error"]["Payload"]
    assert (error["ErrorType"], set(error)) == ("Runtime.ExitError", {"ErrorType", "ErrorMessage"})
    assert w.sessions[1].operations["s"]["Status"] == "STARTED"
    assert w.kinds == [
        "ExecutionStarted", "StepStarted", "InvocationCompleted", "InvocationCompleted", "ExecutionSucceeded",
    ]  # fmt: skip


@fact(2, "an exception out of the handler is tried again")
def _(w: World) -> None:
    def raising(_session: Session) -> Any:
        raise RuntimeError("busy")

    w.begin(raising, advance=5)
    assert (len(w.sessions), w.status) == (2, "SUCCEEDED")


@fact(2, "a time-out of the function is tried again; its step stays STARTED and its token is good no more")
def _(w: World) -> None:
    texts: list[str] = []

    def hangs(session: Session) -> Any:
        import time

        session.send(START_STEP)
        time.sleep(31)
        return done()

    def late(session: Session) -> Any:
        texts.append(session.refused(token=w.sessions[0].token))
        return done(f'"{session.operations["s"]["Status"]}"')

    w.begin(hangs, late, advance=36)
    assert w.execution["Result"] == '"STARTED"'
    assert texts[0].startswith(INVALID_TOKEN)


@fact(2, "PENDING with nothing pending is an invalid answer")
def _(w: World) -> None:
    assert _is_tried_again(w, PENDING) == "Cannot return PENDING status with no pending operations."


@fact(2, "pending are a step in PENDING, and a wait, a callback and a chained invocation in STARTED")
def _(w: World) -> None:
    for update in (RETRY, WAIT, CALLBACK, CALL):
        w.begin(sending(update))
        assert "Error" not in w.details("InvocationCompleted")[0]


@fact(2, "a step and a context in STARTED are not pending")
def _(w: World) -> None:
    for update in (START_STEP, ENTER):
        w.begin(sending(update))
        assert "Error" in w.details("InvocationCompleted")[0]


@fact(2, "five failures in a row, five seconds apart, fail it with the last error")
def _(w: World) -> None:
    def raising(_session: Session) -> Any:
        raise RuntimeError(f"no {len(w.sessions)}")

    w.begin(*[raising] * 5, advance=19)
    before = w.status, len(w.sessions)
    w.mock.clock.advance(1)
    assert (before, w.status, w.execution["Error"]["ErrorMessage"]) == (("RUNNING", 4), "FAILED", "no 5")


@fact(2, "an invocation that goes well begins the count anew")
def _(w: World) -> None:
    def raising(_session: Session) -> Any:
        raise RuntimeError("no")

    w.begin(*[raising] * 4, sending(WAIT), *[raising] * 4, advance=200)
    assert w.status == "SUCCEEDED"


WAITS = """
import boto3
def handler(event, context):
    if len(event["InitialExecutionState"]["Operations"]) > 1:
        return {"Status": "SUCCEEDED"}
    wait = {"Id": "w", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 60}}
    boto3.client("lambda", region_name="us-east-1").checkpoint_durable_execution(
        DurableExecutionArn=event["DurableExecutionArn"], CheckpointToken=event["CheckpointToken"], Updates=[wait])
    return {"Status": "PENDING"}
"""
ENDS = "def handler(event, context):\n    return {'Status': 'SUCCEEDED', 'Result': '\"new code\"'}\n"


@fact(2, "an execution of $LATEST goes on with the code that is there then")
def _(w: World) -> None:
    create(w.client, "flow", Code={"ZipFile": zip_of(WAITS)}, DurableConfig={"ExecutionTimeout": 600})
    w.mock.clock.run_until_idle()
    asked = {"FunctionName": "flow", "Qualifier": "$LATEST", "InvocationType": "Event"}
    w.arn = w.client.invoke(**asked)["DurableExecutionArn"]
    w.mock.clock.advance(1)
    w.client.update_function_code(FunctionName="flow", ZipFile=zip_of(ENDS))
    w.mock.clock.advance(60)
    assert w.execution["Result"] == '"new code"'


@fact(2, "an execution of a version stays on it, though its alias moves")
def _(w: World) -> None:
    create(w.client, "flow", Code={"ZipFile": zip_of(WAITS)}, DurableConfig={"ExecutionTimeout": 600}, Publish=True)
    w.client.create_alias(FunctionName="flow", Name="live", FunctionVersion="1")
    w.mock.clock.run_until_idle()
    asked = {"FunctionName": "flow", "Qualifier": "live", "InvocationType": "Event"}
    w.arn = w.client.invoke(**asked)["DurableExecutionArn"]
    w.mock.clock.advance(1)
    w.client.update_function_code(FunctionName="flow", ZipFile=zip_of(ENDS))
    w.mock.clock.advance(30)
    w.client.publish_version(FunctionName="flow")
    w.client.update_alias(FunctionName="flow", Name="live", FunctionVersion="2")
    w.mock.clock.advance(60)
    assert {one.version for one in w.mock.invocations("flow")} == {"1"}
    assert len(w.mock.invocations("flow")) == 2


@fact(3, "a token is used up by a checkpoint, and the answer has the next")
def _(w: World) -> None:
    texts: list[str] = []

    def work(session: Session) -> Any:
        used = session.token
        session.send(START_STEP)
        texts.append(session.refused(token=used))
        session.send(SUCCEED)
        return done()

    w.begin(work)
    assert texts[0].startswith(INVALID_TOKEN)
    assert w.kinds.count("StepSucceeded") == 1


@fact(3, "the same ClientToken with the same CheckpointToken gets the same answer for 15 minutes, and nothing twice")
def _(w: World) -> None:
    w.client.update_function_configuration(FunctionName="orders", Timeout=900)
    w.mock.clock.run_until_idle()
    tokens: list[str] = []
    texts: list[str] = []

    def work(session: Session) -> Any:
        first = session.token
        session.send(START_STEP, **CLIENT_TOKEN)
        second = session.token
        session.send(SUCCEED, ClientToken="another")
        w.mock.clock.advance(890)
        again = Session(w.client, session.event)
        again.token = first
        again.send(START_STEP, **CLIENT_TOKEN)
        tokens.extend([second, again.token])
        w.mock.clock.advance(11)
        texts.append(session.refused(START_STEP, token=first, **CLIENT_TOKEN))
        return done()

    w.client.update_function_configuration(FunctionName="orders", DurableConfig={"ExecutionTimeout": 6000})
    w.mock.clock.run_until_idle()
    w.begin(work, advance=2000)
    assert tokens[0] == tokens[1]
    assert texts[0].startswith(INVALID_TOKEN)
    assert w.kinds.count("StepStarted") == 1


@fact(3, "updates are applied together or not at all")
def _(w: World) -> None:
    def work(session: Session) -> Any:
        session.refused(START_STEP, {**WAIT, "Action": "CANCEL"})
        session.send()  # the token is good still
        return done()

    w.begin(work)
    assert w.kinds == ["ExecutionStarted", "InvocationCompleted", "ExecutionSucceeded"]


@fact(3, "the answer has every operation of the request, the id of a callback, and a chained invocation that failed")
def _(w: World) -> None:
    heard: list[Any] = []

    def work(session: Session) -> Any:
        nobody = {**CALL, "ChainedInvokeOptions": {"FunctionName": "nobody"}}
        heard.append(session.send(CALLBACK, nobody, START_STEP))
        return done()

    w.begin(work)
    assert {name: one["Status"] for name, one in heard[0].items()} == {"c": "STARTED", "i": "FAILED", "s": "STARTED"}
    assert heard[0]["c"]["CallbackDetails"]["CallbackId"]
    assert heard[0]["i"]["ChainedInvokeDetails"]["Error"]["ErrorType"] == "ResourceNotFoundException"


@fact(3, "an empty list of updates asks for news")
def _(w: World) -> None:
    heard: list[Any] = []

    def work(session: Session) -> Any:
        session.send(WAIT)
        heard.append(session.send())
        w.mock.clock.advance(60)
        heard.append({name: one["Status"] for name, one in session.send().items()})
        return done()

    w.begin(work, advance=60)
    assert heard == [{}, {"w": "SUCCEEDED"}]


@fact(3, "a token of an execution that is over is refused with words that the SDK knows")
def _(w: World) -> None:
    w.begin()
    assert w.sessions[0].refused().startswith(INVALID_TOKEN)


@fact(3, "a token of another invocation is refused so, too")
def _(w: World) -> None:
    texts: list[str] = []

    def second(session: Session) -> Any:
        texts.append(session.refused(token=w.sessions[0].token))
        return done()

    w.begin(sending(WAIT), second, advance=60)
    assert texts[0].startswith(INVALID_TOKEN)


@pytest.mark.parametrize("check", fact.rows)
def test_it_is_so(mock: LambdaMock, client: Any, check: Check) -> None:
    check(furnish(mock, client))
