"""What an invocation may answer, how often others are forgiven, and what it need not be invoked again for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from lambda_states_mock.invocation.durable.answers import error_object
from tests.deploying import create
from tests.operations.durable.facts import CALL, CALLBACK, WAIT, Session, World, furnish, sending
from tests.operations.durable.workflows import INVALID, PENDING, done

NOT_ONE = {"plain": True}
SHORT = {**WAIT, "WaitOptions": {"WaitSeconds": 20}}  # it ends before the function's time-out


@pytest.fixture
def world(mock: LambdaMock, client: Any) -> World:
    return furnish(mock, client)


@pytest.mark.parametrize(
    ("limit", "answer"),
    [("durable_invalid_answers", NOT_ONE), ("durable_idle_answers", PENDING)],
)
@pytest.mark.parametrize("most", [1, 3])
def test_how_often_an_invalid_answer_is_forgiven_can_be_set(world: World, limit: str, answer: Any, most: int) -> None:
    setattr(world.mock.limits, limit, most)
    world.begin(*[lambda _session: answer] * most, advance=60)

    assert (world.status, len(world.sessions)) == ("FAILED", most)
    assert world.execution["Error"]["ErrorType"] == INVALID
    assert world.kinds[-2:] == ["InvocationCompleted", "ExecutionFailed"]


def test_what_a_checkpoint_has_told_of_is_no_reason_to_be_invoked_again(world: World) -> None:
    def work(session: Session) -> Any:
        session.send(SHORT, CALLBACK)
        world.mock.clock.advance(20)
        assert session.send()["w"]["Status"] == "SUCCEEDED"
        return PENDING  # for the callback

    world.begin(work, advance=500)

    assert len(world.sessions) == 1


def test_what_it_has_not_heard_of_is_one(world: World) -> None:
    def work(session: Session) -> Any:
        session.send(SHORT, CALLBACK)
        world.mock.clock.advance(20)
        return PENDING

    world.begin(work, advance=60)

    assert world.sessions[1].event["UpdatedOperationIds"] == ["w"]


@pytest.mark.parametrize(("size", "status"), [(1_048_576, "SUCCEEDED"), (1_048_577, "FAILED")])
def test_the_result_of_an_event_has_a_limit(world: World, size: int, status: str) -> None:
    world.begin(lambda _session: done("x" * size))

    assert world.status == status
    if status == "FAILED":
        text = "Execution output payload size must be less than or equal to 1048576 bytes."
        assert world.execution["Error"] == {"ErrorMessage": text}


def test_the_result_that_a_caller_waits_for_may_be_larger(world: World) -> None:
    world.mock.handler("orders", call=lambda _event, _context: done("x" * 1_048_577))
    answer = world.client.invoke(FunctionName="orders", Qualifier="$LATEST")

    assert len(answer["Payload"].read()) == 1_048_577


def test_a_chained_function_has_to_answer_text(world: World) -> None:
    world.mock.handler("prices", returns=b"\xff")
    world.begin(sending(CALL), advance=1)

    error = world.sessions[1].operations["i"]["ChainedInvokeDetails"]["Error"]
    assert error == {"ErrorMessage": "CHAINED_INVOKE response could not be decoded as UTF-8."}


TOO_LARGE = "Error object size must be less than 1048576 bytes."


@pytest.mark.parametrize("invocation", ["Event", "RequestResponse"])
def test_the_error_of_an_answer_has_a_limit_whoever_waits(world: World, invocation: str) -> None:
    large = {"Status": "FAILED", "Error": {"ErrorMessage": "m", "ErrorData": "x" * 1_048_576}}
    world.begin(lambda _session: large, InvocationType=invocation)

    assert world.execution["Error"] == {"ErrorMessage": TOO_LARGE}
    assert world.kinds[-2:] == ["InvocationCompleted", "ExecutionFailed"]


@pytest.mark.parametrize(
    "error", ["no", ["no"], {"ErrorMessage": 7}, {"ErrorType": ["a"]}, {"StackTrace": "line"}, {"StackTrace": [1]}]
)
def test_an_error_that_is_no_error_object_makes_an_answer_invalid(world: World, error: Any) -> None:
    world.mock.limits.durable_invalid_answers = 1
    world.begin(lambda _session: {"Status": "FAILED", "Error": error}, advance=1)

    assert world.execution["Error"] == {"ErrorType": INVALID, "ErrorMessage": "Error must be an object of texts."}


def test_of_the_error_of_an_answer_the_members_of_an_error_object_are_read(world: World) -> None:
    told = {"ErrorMessage": "m", "ErrorType": "t", "ErrorData": "d", "StackTrace": ["line"]}
    world.begin(lambda _session: {"Status": "FAILED", "Error": {**told, "Cause": "c"}})

    assert world.execution["Error"] == told
    assert world.details("ExecutionFailed") == [{"Error": {"Payload": told, "Truncated": False}}]


def test_members_of_an_error_that_are_null_are_absent(world: World) -> None:
    world.begin(lambda _session: {"Status": "FAILED", "Error": {"ErrorMessage": "m", "StackTrace": None}})

    assert world.execution["Error"] == {"ErrorMessage": "m"}


def test_what_no_utf_8_can_hold_ends_neither_a_checkpoint_nor_an_answer(world: World) -> None:
    def work(session: Session) -> Any:
        session.send({"Id": "s", "Type": "STEP", "Action": "SUCCEED", "Payload": "a\ud800b"})
        return done()

    world.begin(work)

    assert world.details("StepSucceeded")[0]["Result"]["Payload"] == "a?b"
    assert world.status == "SUCCEEDED"


@pytest.mark.parametrize("answer", [b'{"Status": "SUCCEEDED", "Result": NaN}', b"[" * 100_000, b"\xff", b"{", b""])
def test_an_answer_that_is_no_json_is_invalid(world: World, answer: bytes) -> None:
    world.mock.limits.durable_invalid_answers = 1
    world.begin(lambda _session: answer, advance=1)

    assert world.execution["Error"] == {"ErrorType": INVALID, "ErrorMessage": "Response status is required"}


WHOLE = {"ErrorMessage": "m", "ErrorType": "t", "ErrorData": "d", "StackTrace": ["line"]}
AS_PAYLOAD = {"errorMessage": "m", "errorType": "t", "errorData": "d", "stackTrace": ["line"]}


def test_who_waits_is_told_the_whole_error_of_an_execution(world: World) -> None:
    world.mock.handler("orders", returns={"Status": "FAILED", "Error": WHOLE})
    answer = world.client.invoke(FunctionName="orders", Qualifier="$LATEST")

    assert json.loads(answer["Payload"].read()) == AS_PAYLOAD


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (AS_PAYLOAD, WHOLE),
        ({"errorMessage": "m", "trace": ["line"]}, {"ErrorMessage": "m"}),
        ({"errorMessage": 7}, {"ErrorMessage": '{"errorMessage": 7}'}),
        (["m"], {"ErrorMessage": '["m"]'}),
    ],
)
def test_the_error_of_a_chained_function_is_told_as_an_error_object(payload: Any, error: dict[str, Any]) -> None:
    assert error_object(json.dumps(payload).encode()) == error


@pytest.mark.parametrize("answer", [{"Status": "FAILED"}, {"Status": "FAILED", "Error": {}}])
def test_a_chained_execution_that_fails_without_an_error_says_that_it_has_failed(world: World, answer: Any) -> None:
    create(world.client, "refunds", DurableConfig={"ExecutionTimeout": 60})
    world.mock.handler("refunds", returns=answer)
    world.mock.clock.run_until_idle()
    world.begin(sending({**CALL, "ChainedInvokeOptions": {"FunctionName": "refunds:$LATEST"}}), advance=1)

    failed = {"ErrorMessage": "Chained invoke failed."}
    assert world.sessions[1].operations["i"]["ChainedInvokeDetails"] == {"Error": failed}
    assert world.details("ChainedInvokeFailed") == [{"Error": {"Payload": failed, "Truncated": False}}]


def test_a_chained_function_that_answers_nothing_has_no_result(world: World) -> None:
    world.mock.handler("prices", returns=b"")
    world.begin(sending(CALL), advance=1)

    assert "ChainedInvokeDetails" not in world.sessions[1].operations["i"]
    assert world.details("ChainedInvokeSucceeded") == [{"Result": {"Truncated": False}}]
