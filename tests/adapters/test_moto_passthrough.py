"""moto beside the mock: in either order, it does not see Lambda's calls, and gets everything else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core import botocore_stubber
from moto.moto_api import recorder

from lambda_states_mock.adapters import activation
from lambda_states_mock.adapters.active_mocks import ActiveMock
from tests.adapters.conftest import MakeWorld


@contextmanager
def ours(enter: MakeWorld) -> Iterator[ActiveMock]:
    world = enter()
    yield world
    activation.leave(world)


@pytest.fixture
def requests_at_moto(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the URLs that moto answers."""
    urls: list[str] = []
    monkeypatch.setattr(recorder, "_record_request", lambda request, _body=None: urls.append(request.url))
    return urls


@pytest.mark.parametrize("moto_first", [True, False])
@pytest.mark.parametrize("config", [None, {"core": {"mock_credentials": True}}])
def test_moto_does_not_see_lambdas_calls(
    enter: MakeWorld, requests_at_moto: list[str], moto_first: bool, config: Any
) -> None:
    mocks: list[AbstractContextManager[Any]] = [mock_aws(config=config), ours(enter)]
    with ExitStack() as stack:
        for mock in mocks if moto_first else mocks[::-1]:
            stack.enter_context(mock)
        lambda_client = boto3.client("lambda", region_name="eu-west-1")
        assert lambda_client.get_function_configuration(FunctionName="orders")["FunctionName"] == "orders"
        boto3.client("sqs", region_name="eu-west-1").create_queue(QueueName="q")
    assert [url for url in requests_at_moto if "lambda" in url] == []
    assert len(requests_at_moto) == 1


def test_moto_has_its_lambda_back_afterwards(enter: MakeWorld) -> None:
    with mock_aws(config={"lambda": {"use_docker": False}}):
        with ours(enter):
            pass
        assert boto3.client("lambda", region_name="eu-west-1").list_functions()["Functions"] == []


def test_nothing_of_moto_stays_patched(enter: MakeWorld) -> None:
    stubber = vars(botocore_stubber)
    before = stubber["passthrough_service"]
    with ours(enter):
        assert stubber["passthrough_service"] is not before
    assert stubber["passthrough_service"] is before
