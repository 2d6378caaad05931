"""Libraries that lack what newer ones have are caught all the same: aiohttp, freezegun, urllib3 and moto.

The libraries that are installed are made to look older. `scripts/test_with.py` runs all tests with real old ones.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import aiohttp
import boto3
import freezegun.api
import pytest
import requests
from freezegun import freeze_time
from moto import mock_aws
from moto.cloudformation import models
from moto.core.botocore_stubber import BotocoreStubber

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.adapters import aiohttp_hook, moto_stacks

URL = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions"


def ask_by_aiohttp() -> None:
    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            await session.get(URL)

    asyncio.run(ask())


def test_what_fails_while_a_connection_breaks_reaches_who_waits_for_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_text: str) -> Exception:
        raise LookupError("no such error in this version")

    # aiohttp itself raises no LookupError: it is only heard of if whatever fails is passed on
    monkeypatch.setattr(aiohttp_hook, "READ_TIMED_OUT", unknown)
    with mock_lambda() as m:
        m.faults.on_call("ListFunctions").time_out()
        with pytest.raises(LookupError, match="no such error"):
            ask_by_aiohttp()


def test_a_ticking_freeze_that_cannot_be_moved_follows_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(freezegun.api.TickingDateTimeFactory, "move_to", raising=False)
    with freeze_time("2026-01-01", tick=True), mock_lambda() as m:
        m.clock.advance(3600)
        ahead = datetime.now(timezone.utc) - datetime(2026, 1, 1, 1, tzinfo=timezone.utc)
        assert timedelta(0) <= ahead < timedelta(minutes=5)


def test_a_stack_that_fails_has_its_event_where_moto_calls_it_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    event: Any = getattr(models, "Event", None) or models.FakeEvent  # type: ignore[attr-defined]
    stack = SimpleNamespace(events=[], stack_id="id", name="shop")
    with monkeypatch.context() as patch:
        patch.delattr(models, "Event", raising=False)
        patch.setattr(models, "FakeEvent", event, raising=False)
        moto_stacks._add_event(stack, ("AWS::Lambda::Function", "Orders"), "CREATE_FAILED", ValueError("why"))
    (added,) = stack.events
    assert (added.logical_resource_id, added.resource_status_reason) == ("Orders", "why")


@pytest.mark.parametrize("method", ["get", "post"])
def test_moto_is_not_asked_for_what_the_library_requests_sends_to_lambda(
    monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def refuse(_self: Any, request: Any) -> None:
        raise AssertionError(f"moto was asked for {request}")

    monkeypatch.setattr(BotocoreStubber, "process_request", refuse)
    monkeypatch.setattr(BotocoreStubber, "process_prepared_request", refuse, raising=False)
    with mock_aws(), mock_lambda() as m:
        assert requests.request(method, URL, json={}, timeout=5).status_code in {200, 400}
        assert len(m.calls) == 1


def test_the_body_of_what_moto_wraps_is_not_asked_for(mock: LambdaMock) -> None:
    """moto 5.2.4 gives its own kind of request to what it calls, before moto's handler has looked at it."""
    with mock_aws():
        boto3.client("sqs", region_name="us-east-1").create_queue(QueueName="q")
        boto3.client("lambda", region_name="us-east-1").list_functions()
        assert len(mock.calls) == 1
