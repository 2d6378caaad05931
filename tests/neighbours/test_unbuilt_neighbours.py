"""Services of moto that have not built what Lambda asks of them: they say nothing, so that everything is there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import create
from tests.neighbours.conftest import client

LAMBDA = "arn:aws:lambda:us-east-1:123456789012"
QUEUE, STREAM = "arn:aws:sqs:us-east-1:123456789012:jobs", "arn:aws:kinesis:us-east-1:123456789012:stream/jobs"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/jobs/stream/2026-01-01T00:00:00.000"
KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:latest"


def answers_not_yet_implemented(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto know no service: it then answers 404, "Not yet implemented", to whatever is asked."""
    monkeypatch.setattr(sys.modules["moto.backend_index"], "backend_url_patterns", [])


def raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto raise what it raises for an operation that a service of its has not."""

    stubber: Any = sys.modules["moto.core.botocore_stubber"]
    process = stubber.BotocoreStubber.process_request

    def process_request(self: Any, request: Any) -> Any:
        if "//lambda." in request.url:  # botocore shows moto each request, and we have answered this one
            return process(self, request)
        raise NotImplementedError("The operation has not been implemented")

    monkeypatch.setattr(stubber.BotocoreStubber, "process_request", process_request)


@pytest.fixture(params=[answers_not_yet_implemented, raises], ids=lambda one: one.__name__)
def m(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[LambdaMock]:
    with mock_aws(), mock_lambda(timings="instant") as mock:
        request.param(monkeypatch)
        yield mock


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({}, id="role"),
        pytest.param({"Code": {"S3Bucket": "code", "S3Key": "orders.zip"}}, id="object"),
        pytest.param({"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}, id="network"),
        pytest.param(
            {"PackageType": "Image", "Code": {"ImageUri": IMAGE}, "Runtime": None, "Handler": None}, id="image"
        ),
        pytest.param({"KMSKeyArn": KEY, "Environment": {"Variables": {"NAME": "value"}}}, id="key"),
    ],
)
def test_a_function_that_refers_to_it_becomes_active_and_runs(m: LambdaMock, params: dict[str, Any]) -> None:
    m.handler("orders", returns=1)
    create(client("lambda"), **params)
    assert m.function("orders").state == "Active"
    assert client("lambda").invoke(FunctionName="orders")["Payload"].read() == b"1"  # metrics and logs go nowhere
    assert m.hints == ()


@pytest.mark.parametrize(
    ("arn", "more"),
    [(QUEUE, {}), (STREAM, {"StartingPosition": "LATEST"}), (TABLE, {"StartingPosition": "LATEST"})],
)
def test_an_event_source_is_there(m: LambdaMock, arn: str, more: dict[str, Any]) -> None:
    create(client("lambda"))
    made = client("lambda").create_event_source_mapping(FunctionName="orders", EventSourceArn=arn, **more)
    assert made["State"] == "Creating"


@pytest.mark.parametrize(
    "target",
    [
        QUEUE,
        "arn:aws:sns:us-east-1:123456789012:jobs",
        "arn:aws:events:us-east-1:123456789012:event-bus/default",
        "arn:aws:s3:::jobs",
    ],
)
def test_a_destination_gets_what_it_is_sent(m: LambdaMock, target: str) -> None:
    create(client("lambda"))
    m.handler("orders", side_effect=RuntimeError("no"))
    client("lambda").put_function_event_invoke_config(
        FunctionName="orders", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": target}}
    )
    client("lambda").invoke(FunctionName="orders", InvocationType="Event")
    m.clock.run_until_idle()
    assert [message.error for message in m.destinations] == [None]
