"""Why was my function not called? What the report of a failing test says of each mapping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from lambda_states_mock.reporting.mappings import mappings_told

from .conftest import Connect, Seen, client

QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"

Handle = Callable[..., Seen]


def _filtered(m: LambdaMock, connect: Connect) -> None:
    connect(QUEUE, FilterCriteria={"Filters": [{"Pattern": '{"body": {"kind": ["good"]}}'}]})
    m.source(QUEUE).put({"kind": "bad"})


def _window(m: LambdaMock, connect: Connect) -> None:
    connect(QUEUE, MaximumBatchingWindowInSeconds=60)
    m.source(QUEUE).put("one")


def _disabled(m: LambdaMock, connect: Connect) -> None:
    connect(QUEUE, Enabled=False)
    m.source(QUEUE).put("one")


def _throttled(m: LambdaMock, connect: Connect) -> None:
    client().put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    connect(QUEUE)
    m.source(QUEUE).put("one")


def _gone(m: LambdaMock, connect: Connect) -> None:
    connect(STREAM, StartingPosition="TRIM_HORIZON")
    client().delete_function(FunctionName="orders")
    m.source(STREAM).put("one")


def _fails(m: LambdaMock, connect: Connect) -> None:
    connect(STREAM, StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=0)
    m.handler("orders", side_effect=RuntimeError("poison"))
    m.source(STREAM).put("one")


def _empty(m: LambdaMock, connect: Connect) -> None:
    connect(QUEUE)


def _stuck(m: LambdaMock, connect: Connect) -> None:
    connect(QUEUE)
    m.faults.on_poll(QUEUE).error("OverLimit", required=False)
    m.source(QUEUE).put("one")


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (_filtered, ["jobs -> orders: Enabled: nothing is left that it could send (1 polled, 1 filtered)"]),
        (_window, ["1 gathered, waiting for the window until 2026-01-01T00:01:00.000Z (1 polled)"]),
        (_disabled, ["jobs -> orders: it is Disabled, and polls only while it is Enabled"]),
        (_throttled, ["TooManyRequestsException"]),
        (_gone, ["ResourceNotFoundException", "it is tried again at"]),
        (_fails, ["1 dropped", "<Batch of 1 of shardId-000000000000: RetriesExhausted after 1 attempts"]),
        (_empty, ["jobs -> orders: Enabled: there was no record yet"]),
        (_stuck, ["OverLimit"]),
    ],
)
def test_the_report_says_in_a_line_why_a_function_is_not_called(
    m: LambdaMock, connect: Connect, handle: Handle, happens: Callable[[LambdaMock, Connect], Any], told: list[str]
) -> None:
    handle()
    happens(m, connect)
    said = mappings_told(m)
    for part in told:
        assert part in said


def test_of_many_mappings_the_first_ten_are_told(m: LambdaMock, connect: Connect) -> None:
    for number in range(12):
        connect(f"{QUEUE}-{number}")
    assert mappings_told(m).splitlines()[-1] == "(2 more)"
    assert len(mappings_told(m).splitlines()) == 11


def test_the_report_of_a_failing_test_has_the_mappings(
    pytester: pytest.Pytester, run_inside: Callable[..., pytest.RunResult]
) -> None:
    pytester.makepyfile(
        """
        import boto3

        def test_it(lambda_mock):
            client = boto3.client("lambda", region_name="us-east-1")
            client.create_function(
                FunctionName="orders", Runtime="python3.13", Handler="app.handler",
                Code={"S3Bucket": "code", "S3Key": "k"}, Role="arn:aws:iam::123456789012:role/orders",
            )
            lambda_mock.clock.run_until_idle()
            queue = "arn:aws:sqs:us-east-1:123456789012:jobs"
            client.create_event_source_mapping(FunctionName="orders", EventSourceArn=queue, Enabled=False)
            lambda_mock.source(queue).put("one")
            lambda_mock.handler("orders", returns=None)
            assert lambda_mock.invocations("orders")
        """
    )
    result = run_inside()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- lambda event source mappings -*", "jobs -> orders: it is Disabled*"])
