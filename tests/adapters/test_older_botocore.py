"""Clients of a botocore or aiobotocore that lacks what we use of a newer one are caught all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.retries.standard
import pytest
from botocore.awsrequest import AWSRequest, AWSRequestPreparer
from moto import mock_aws

from lambda_states_mock import mock_lambda
from lambda_states_mock.adapters import activation, botocore_hook, user_agents
from tests.deploying import create


class WithoutContext:
    """A prepared request as an older botocore makes it."""

    def __init__(self, *_made_of: object) -> None:
        pass


@pytest.fixture
def no_contexts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let prepared requests have no context."""
    activation.forget()
    prepare: Callable[..., Any] = AWSRequestPreparer.prepare

    def without(self: Any, original: Any) -> Any:
        prepared = prepare(self, original)
        vars(prepared).pop("context", None)
        return prepared

    monkeypatch.setattr(AWSRequestPreparer, "prepare", without)
    monkeypatch.setattr(botocore_hook, "AWSPreparedRequest", WithoutContext)
    yield
    activation.forget()


@pytest.mark.usefixtures("no_contexts")
def test_a_client_with_an_endpoint_of_its_own_is_in_its_region() -> None:
    with mock_lambda(region="us-east-1"):
        client: Any = boto3.client("lambda", region_name="eu-west-1", endpoint_url="http://localhost:4566")
        assert ":eu-west-1:" in create(client)["FunctionArn"]


@pytest.mark.usefixtures("no_contexts")
def test_a_call_beside_moto_is_answered_once() -> None:
    with mock_aws(), mock_lambda() as m:
        boto3.client("lambda", region_name="us-east-1").list_functions()
        assert len(m.calls) == 1


@pytest.mark.usefixtures("no_contexts")
def test_requests_are_prepared_as_before_once_the_mock_has_ended() -> None:
    before = AWSRequestPreparer.prepare
    with mock_lambda():
        assert AWSRequestPreparer.prepare is not before
    assert AWSRequestPreparer.prepare is before


def test_a_user_agent_is_built_without_the_context_of_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_agents, "_context_of_call", None)
    with mock_lambda() as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        client.list_functions()
        client.list_functions()
        assert len(m.calls) == 2


def test_a_retry_handler_that_does_not_sleep_is_asked_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = botocore.retries.standard.RetryHandler.__new__(botocore.retries.standard.RetryHandler)
    monkeypatch.setattr(botocore.retries.standard.RetryHandler, "needs_retry", lambda _self, **_: 1.5)
    with mock_lambda():
        assert handler.needs_retry() == 1.5


def test_an_answer_has_its_headers_where_an_older_aiobotocore_reads_them() -> None:
    with mock_lambda() as m:
        request = AWSRequest("GET", "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions").prepare()
        answer = botocore_hook.on_before_send(request, "before-send.lambda.ListFunctions")
        assert answer is not None
        assert (b"content-type", b"application/json") in answer.raw.raw_headers
        assert len(m.calls) == 1


def test_a_body_that_an_older_aiobotocore_enters_is_read_and_closed() -> None:
    body = botocore_hook.Raw(b"whole", "https://lambda", {})

    async def read() -> bytes:
        async with body as stream:
            return await stream.read()

    assert asyncio.run(read()) == b"whole"
    assert body.closed
