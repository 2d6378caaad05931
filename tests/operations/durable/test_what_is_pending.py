"""What pausing, stopping and deleting an execution do to each thing that it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create, error_of
from tests.operations.durable.facts import CALL, CALLBACK, RETRY, WAIT, Session, World, furnish, sending
from tests.operations.durable.workflows import Update, done

LONGER = 100
"""Seconds, in which everything has ended."""


@dataclass(frozen=True)
class Pending:
    """Something that is waited for: the *update* that begins it, and the event and the status that it ends with."""

    update: Update
    event: str
    status: str


def _calling(function: str) -> Update:
    return {**CALL, "ChainedInvokeOptions": {"FunctionName": function}}


PENDING = {
    "a wait": Pending(WAIT, "WaitSucceeded", "SUCCEEDED"),
    "a retry": Pending(RETRY, "", "READY"),
    "a callback": Pending({**CALLBACK, "CallbackOptions": {"TimeoutSeconds": 60}}, "CallbackTimedOut", "TIMED_OUT"),
    "a durable child": Pending(_calling("refunds:$LATEST"), "ChainedInvokeSucceeded", "SUCCEEDED"),
    "another function": Pending(_calling("prices"), "ChainedInvokeSucceeded", "SUCCEEDED"),
}
of_each = pytest.mark.parametrize("pending", PENDING.values(), ids=list(PENDING))


@pytest.fixture
def world(mock: LambdaMock, client: Any) -> World:
    """Both functions, and the durable ``refunds``, which naps for a minute."""
    world = furnish(mock, client)
    create(client, "refunds", DurableConfig={"ExecutionTimeout": 600})
    client.update_function_configuration(FunctionName="prices", Timeout=60)
    mock.clock.run_until_idle()
    mock.handler("prices", returns=b"1", duration=20)

    def refunds(event: Any, _context: Any) -> Any:
        session = Session(client, event)
        if session.operations:
            return done()
        session.send(WAIT)
        return {"Status": "PENDING"}

    mock.handler("refunds", call=refunds)
    return world


def begin(world: World, pending: Pending) -> None:
    world.begin(sending(pending.update))
    world.mock.clock.advance(2)
    assert (world.status, len(world.sessions)) == ("RUNNING", 1)


def ask(world: World, what: str) -> None:
    """Stop, pause, resume or delete the execution, whichever of it the installed botocore knows."""
    world.mock.backend.call(f"{what}DurableExecution", {"DurableExecutionArn": world.arn})


def timers(world: World) -> list[str]:
    """Return the labels of what the clock has still for the execution."""
    name = world.arn.split("/")[-2]
    return [timer.label for timer in world.mock.clock.pending if name in timer.label]


@of_each
def test_it_ends_while_paused_and_the_function_hears_of_it_once_resumed(world: World, pending: Pending) -> None:
    begin(world, pending)
    ask(world, "Pause")
    world.mock.clock.advance(LONGER)
    paused, invoked = world.status, len(world.sessions)
    ended = pending.event in ("", *world.kinds)
    ask(world, "Resume")
    world.mock.clock.advance(2)

    assert (paused, invoked, ended) == ("PAUSED", 1, True)
    name = pending.update["Id"]
    assert world.sessions[1].event["UpdatedOperationIds"] == [name]
    assert world.sessions[1].operations[name]["Status"] == pending.status


@of_each
def test_it_stays_as_it_is_when_the_execution_is_stopped(world: World, pending: Pending) -> None:
    begin(world, pending)
    before = world.kinds
    ask(world, "Stop")
    world.mock.clock.advance(LONGER)

    assert world.kinds == [*before, "ExecutionStopped"]
    assert len(world.sessions) == 1
    (operation,) = world.mock.durable("orders").latest.operations
    assert operation.status == ("PENDING" if pending.update is RETRY else "STARTED")


@of_each
def test_nothing_of_it_is_left_when_the_execution_is_deleted(world: World, pending: Pending) -> None:
    begin(world, pending)
    callbacks = [one["CallbackId"] for one in world.details("CallbackStarted")]
    ask(world, "Stop")
    ask(world, "Delete")
    world.mock.clock.advance(LONGER)

    answer = error_of(world.client.get_durable_execution, DurableExecutionArn=world.arn)
    assert answer[:2] == (404, "ResourceNotFoundException")
    assert timers(world) == []
    assert len(world.sessions) == 1
    for callback in callbacks:
        late = error_of(world.client.send_durable_execution_callback_success, CallbackId=callback)
        assert late[:2] == (404, "ResourceNotFoundException")


@pytest.mark.parametrize("end", ["stop", "delete"])
def test_a_child_goes_on_without_the_one_who_has_asked(world: World, end: str) -> None:
    begin(world, PENDING["a durable child"])
    ask(world, "Stop")
    if end == "delete":
        ask(world, "Delete")
    world.mock.clock.advance(LONGER)

    assert world.mock.durable("refunds").latest.status == "SUCCEEDED"


@pytest.mark.parametrize("end", ["stop", "pause"])
def test_what_runs_may_come_to_its_next_checkpoint(world: World, end: str) -> None:
    heard: list[Any] = []

    def work(session: Session) -> Any:
        session.send(WAIT)
        ask(world, end.title())
        world.mock.clock.advance(2)  # until that is processed
        heard.append(session.refused(CALLBACK) if end == "stop" else session.send(CALLBACK))
        return {"Status": "PENDING"}

    def first(session: Session) -> Any:
        world.arn = session.arn
        return work(session)

    world.begin(first, advance=2)

    assert world.status == ("STOPPED" if end == "stop" else "PAUSED")
    assert heard == [{}] if end == "pause" else heard[0].startswith("Invalid Checkpoint Token")
    assert ("CallbackStarted" in world.kinds) == (end == "pause")
