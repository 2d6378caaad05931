"""What is sent about invocations arrives in moto, while it is active."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from moto.cloudwatch.models import CloudWatchBackend
from moto.logs.models import LogsBackend

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import create
from tests.kept_clients import kept_client

REGION = "us-east-1"


def service(name: str) -> Any:
    return kept_client(name)


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with (
        mock_aws(config={"iam": {"load_aws_managed_policies": False}}),
        mock_lambda(start="2026-01-01T00:00:00Z", account="123456789012") as m,
    ):
        trust = {"Principal": {"Service": "lambda.amazonaws.com"}, "Effect": "Allow", "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        service("iam").create_role(RoleName="orders", AssumeRolePolicyDocument=document)
        m.handler("orders", side_effect=RuntimeError("no"))
        m.handler("prices", returns={"ok": True})
        yield m


@pytest.fixture
def queue(m: LambdaMock) -> str:
    url: str = service("sqs").create_queue(QueueName="results")["QueueUrl"]
    return url


QUEUE = f"arn:aws:sqs:{REGION}:123456789012:results"


def invoke(m: LambdaMock, name: str, *, success: str | None = None, failure: str | None = None, **params: Any) -> None:
    client = service("lambda")
    create(client, name, **params)
    m.clock.run_until_idle()
    wanted = {"OnSuccess": success, "OnFailure": failure}
    config = {condition: {"Destination": arn} for condition, arn in wanted.items() if arn is not None}
    if config:
        client.put_function_event_invoke_config(FunctionName=name, DestinationConfig=config, MaximumRetryAttempts=0)
    client.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"order": 1}')
    m.clock.run_until_idle()


@pytest.mark.parametrize("how", ["destination", "dead-letter queue"])
def test_what_arrives_in_a_queue_carries_the_trace_of_its_chain_of_requests(
    m: LambdaMock, queue: str, how: str
) -> None:
    if how == "destination":
        invoke(m, "orders", failure=QUEUE)
    else:
        invoke(m, "orders", DeadLetterConfig={"TargetArn": QUEUE})

    message = service("sqs").receive_message(QueueUrl=queue, AttributeNames=["All"])["Messages"][0]
    assert message["Attributes"]["AWSTraceHeader"] == m.destinations[0].trace
    assert message["Attributes"]["AWSTraceHeader"].startswith("Root=1-")


def received(queue: str) -> dict[str, Any]:
    (message,) = service("sqs").receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
    found: dict[str, Any] = message
    return found


def test_a_record_arrives_in_a_queue(m: LambdaMock, queue: str) -> None:
    invoke(m, "prices", success=QUEUE)

    assert json.loads(received(queue)["Body"])["responsePayload"] == {"ok": True}


def test_a_dead_letter_arrives_with_its_attributes(m: LambdaMock, queue: str) -> None:
    invoke(m, "orders", DeadLetterConfig={"TargetArn": QUEUE})

    message = received(queue)
    assert message["Body"] == '{"order": 1}'
    attributes = {name: (one["DataType"], one["StringValue"]) for name, one in message["MessageAttributes"].items()}
    assert attributes == {
        "RequestID": ("String", m.invocations("orders")[0].request_id),
        "ErrorCode": ("Number", "200"),
        "ErrorMessage": ("String", "no"),
    }


def test_a_record_is_published_to_a_topic(m: LambdaMock, queue: str) -> None:
    sns = service("sns")
    topic = sns.create_topic(Name="results")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE)

    invoke(m, "orders", failure=topic)

    record = json.loads(json.loads(received(queue)["Body"])["Message"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"


def test_a_record_goes_to_an_event_bus_with_lambdas_source_and_detail_type(m: LambdaMock, queue: str) -> None:
    events = service("events")
    bus = events.create_event_bus(Name="results")["EventBusArn"]
    events.put_rule(Name="all", EventBusName="results", EventPattern=json.dumps({"source": ["lambda"]}))
    events.put_targets(Rule="all", EventBusName="results", Targets=[{"Id": "queue", "Arn": QUEUE}])

    invoke(m, "orders", failure=bus)

    event = json.loads(received(queue)["Body"])
    assert event["detail-type"] == "Lambda Function Invocation Result - Failure"
    assert event["resources"] == ["arn:aws:lambda:us-east-1:123456789012:function:orders:$LATEST", bus]
    assert event["detail"]["requestPayload"] == {"order": 1}


def test_a_failure_becomes_an_object_in_a_bucket(m: LambdaMock) -> None:
    s3 = service("s3")
    s3.create_bucket(Bucket="failures")

    invoke(m, "orders", failure="arn:aws:s3:::failures")

    (found,) = s3.list_objects_v2(Bucket="failures")["Contents"]
    assert found["Key"] == m.destinations[0].key
    assert json.loads(s3.get_object(Bucket="failures", Key=found["Key"])["Body"].read()) == m.destinations[0].record


def test_a_queue_that_is_not_there_is_a_failed_delivery(m: LambdaMock) -> None:
    invoke(m, "orders", failure=QUEUE)

    assert "NonExistentQueue" in str(m.destinations[0].error)
    assert m.metrics.sum("DestinationDeliveryFailures", "orders") == 1


def test_a_dead_letter_queue_that_is_not_there_is_an_error_of_its_own(m: LambdaMock) -> None:
    invoke(m, "orders", DeadLetterConfig={"TargetArn": QUEUE})

    assert m.metrics.sum("DeadLetterErrors", "orders") == 1


def test_metrics_are_in_cloudwatch(m: LambdaMock) -> None:
    invoke(m, "prices")

    found = service("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Invocations",
        Dimensions=[{"Name": "FunctionName", "Value": "prices"}],
        StartTime="2026-01-01T00:00:00Z",
        EndTime="2026-01-01T01:00:00Z",
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    assert [point["Sum"] for point in found] == [1.0]


def test_what_is_measured_together_is_one_request(m: LambdaMock, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[str]] = []
    put = CloudWatchBackend.put_metric_data

    def noted(self: Any, namespace: str, metric_data: list[dict[str, Any]], *rest: Any) -> None:
        sent.append([datum["MetricName"] for datum in metric_data])
        put(self, namespace, metric_data, *rest)

    monkeypatch.setattr(CloudWatchBackend, "put_metric_data", noted)
    create(service("lambda"), "prices")
    m.clock.run_until_idle()
    service("lambda").invoke(FunctionName="prices")

    assert sent == [
        ["Invocations", "ConcurrentExecutions", "UnreservedConcurrentExecutions"],
        ["Duration", "Errors"],
    ]


def test_logs_are_in_cloudwatch_logs(m: LambdaMock) -> None:
    invoke(m, "prices")

    logs = service("logs")
    (stream,) = logs.describe_log_streams(logGroupName="/aws/lambda/prices")["logStreams"]
    events = logs.get_log_events(logGroupName="/aws/lambda/prices", logStreamName=stream["logStreamName"])["events"]
    assert [event["message"] for event in events] == m.function("prices").logs.lines
    assert stream["logStreamName"] == m.invocations("prices")[0].environment


def test_the_log_stream_of_an_environment_is_made_once(m: LambdaMock, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = LogsBackend.create_log_stream

    def noted(self: Any, log_group_name: str, log_stream_name: str) -> None:
        made.append(log_stream_name)
        make(self, log_group_name, log_stream_name)

    monkeypatch.setattr(LogsBackend, "create_log_stream", noted)
    invoke(m, "prices")
    service("lambda").invoke(FunctionName="prices")

    assert made == [m.invocations("prices")[0].environment]


def test_a_log_group_that_is_deleted_is_made_again_by_the_next_invocation(m: LambdaMock) -> None:
    invoke(m, "prices")
    logs, group = service("logs"), "/aws/lambda/prices"
    logs.delete_log_group(logGroupName=group)
    service("lambda").invoke(FunctionName="prices")

    first, second = m.invocations("prices")
    events = logs.get_log_events(logGroupName=group, logStreamName=first.environment)["events"]
    assert second.environment == first.environment
    assert [event["message"] for event in events] == [text for _, text in second.log_events]


def test_a_run_that_writes_nothing_has_its_log_stream_even_after_its_group_is_deleted(m: LambdaMock) -> None:
    quiet = {"LogFormat": "JSON", "SystemLogLevel": "WARN", "ApplicationLogLevel": "ERROR"}
    invoke(m, "prices", LoggingConfig=quiet)
    logs, group = service("logs"), "/aws/lambda/prices"
    logs.delete_log_group(logGroupName=group)
    service("lambda").invoke(FunctionName="prices")

    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert stream["logStreamName"] == m.invocations("prices")[1].environment


def test_a_traceback_is_one_event_in_cloudwatch_logs_and_an_empty_line_another(m: LambdaMock) -> None:
    def prices(_event: Any, _context: Any) -> None:
        print()
        try:
            raise RuntimeError("no")
        except RuntimeError:
            logging.getLogger("prices").exception("failed")
        print("last", end="")

    m.handler("prices", call=prices)
    invoke(m, "prices")

    logs, group = service("logs"), "/aws/lambda/prices"
    (stream,) = [one["logStreamName"] for one in logs.describe_log_streams(logGroupName=group)["logStreams"]]
    told = [one["message"] for one in logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]]
    _init, _start, empty, record, last, end, _report = told
    assert (empty, last, end.split()[0]) == ("\n", "last", "END")
    assert record.split("\t")[3].startswith("failed\nTraceback (most recent call last):\n")
    assert record.endswith("\nRuntimeError: no")


def test_without_moto_everything_is_delivered_and_nothing_leaves() -> None:
    with mock_lambda() as m:
        m.handler("orders", side_effect=RuntimeError("no"))
        invoke(m, "orders", failure=QUEUE)

        assert [(one.target, one.error) for one in m.destinations] == [(QUEUE, None)]
