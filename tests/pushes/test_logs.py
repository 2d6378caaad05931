"""Subscriptions to moto's CloudWatch Logs, and their patterns."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock
from lambda_states_mock.event_sources.log_patterns import PatternError, matcher
from tests.neighbours.conftest import client
from tests.pushes.conftest import Receiver

ACCESS = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


def test_only_matching_log_events_are_told(receiver: Receiver, mock: LambdaMock) -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="shop")
    logs.create_log_stream(logGroupName="shop", logStreamName="one")
    logs.put_subscription_filter(
        logGroupName="shop", filterName="errors", filterPattern="ERROR", destinationArn=receiver.arn
    )
    now = int(mock.clock.now.timestamp() * 1000)
    for message in ("ERROR: no pears", "sold a pear"):
        events = [{"timestamp": now, "message": message}]
        logs.put_log_events(logGroupName="shop", logStreamName="one", logEvents=events)
    (told,) = receiver.events
    data: Any = json.loads(gzip.decompress(base64.b64decode(told["awslogs"]["data"])))
    assert len(data["logEvents"][0].pop("id")) == 56
    assert data == {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "shop",
        "logStream": "one",
        "subscriptionFilters": ["errors"],
        "logEvents": [{"timestamp": now, "message": "ERROR: no pears"}],
    }


def subscribe(arn: str) -> None:
    client("logs").put_subscription_filter(logGroupName="shop", filterName="all", filterPattern="", destinationArn=arn)


def test_a_subscription_needs_a_permission_of_the_function_where_the_test_wants_that(
    receiver: Receiver, mock: LambdaMock
) -> None:
    client("logs").create_log_group(logGroupName="shop")
    mock.world.require_source_permissions = True
    with pytest.raises(ClientError, match="Make sure you have given CloudWatch Logs permission to execute"):
        subscribe(receiver.arn)
    client("lambda").add_permission(
        FunctionName="orders",
        StatementId="logs",
        Action="lambda:InvokeFunction",
        Principal="logs.amazonaws.com",
        SourceArn="arn:aws:logs:us-east-1:123456789012:log-group:shop:*",
    )
    subscribe(receiver.arn)


def test_a_subscription_of_another_accounts_function_is_refused_as_recorded(mock: LambdaMock) -> None:
    client("logs").create_log_group(logGroupName="shop")
    with pytest.raises(ClientError) as refused:
        subscribe("arn:aws:lambda:us-east-1:111111111111:function:orders")
    assert refused.value.response["Error"] == {
        "Code": "AccessDeniedException",
        "Message": "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create"
        " cross account lambda triggers.",
    }


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "[ERROR 400] bad", True),
        ("ERROR", "error", False),
        ("ERROR ARGUMENTS", "ERROR of ARGUMENTS", True),
        ("ERROR ARGUMENTS", "ERROR", False),
        ("?ERROR ?ARGUMENTS", "ARGUMENTS", True),
        ("?ERROR ?ARGUMENTS", "fine", False),
        ("?ERROR ARGUMENTS", "ARGUMENTS", True),
        ("ERROR -ARGUMENTS", "ERROR", True),
        ("ERROR -ARGUMENTS", "ERROR ARGUMENTS", False),
        ('"INTERNAL SERVER ERROR"', "an INTERNAL SERVER ERROR", True),
        ('"INTERNAL SERVER ERROR"', "INTERNAL ERROR", False),
        ("%AUTH_[0-9]+%", "x AUTH_12", True),
        ('{ $.level = "error" }', '{"level": "error"}', True),
        ('{$.level="err*"}', '{"level": "error"}', True),
        ('{ $.level != "error" }', '{"level": "info"}', True),
        ("{ $.level = error }", '{"level": "error"}', True),
        ('{ $.level = "error" }', "no JSON", False),
        ('{ $.n > 10 && ($.a = "b" || $.c IS TRUE) }', '{"n": 11, "c": true}', True),
        ('{ $.n > 10 && ($.a = "b" || $.c IS TRUE) }', '{"n": 11, "c": false}', False),
        ("{ $.n >= 1e1 }", '{"n": 10}', True),
        ("{ $.a NOT EXISTS }", '{"b": 1}', True),
        ("{ $.a IS NULL }", '{"a": null}', True),
        ("{ $.x[0].y = 1 }", '{"x": [{"y": 1}]}', True),
        ("{ $.x[*].y = 2 }", '{"x": [{"y": 1}, {"y": 2}]}', True),
        ("{ $.ip = %10\\.[0-9]+% }", '{"ip": "10.1"}', True),
        ("[ip, id, user, time, request, status = 4*, size]", ACCESS, True),
        ("[ip, id, user, time, request, status = 5*, size]", ACCESS, False),
        ("[..., status = 4* && status != 404, size]", ACCESS, False),
        ("[..., size > 1000]", ACCESS, True),
        ("[first, ...]", ACCESS, True),
        ("[first, second]", ACCESS, False),
        ("[w1 = ERROR || w1 = %WARN%, w2]", "WARNING x", True),
    ],
)
def test_a_pattern_matches_as_documented(pattern: str, text: str, matches: bool) -> None:
    assert matcher(pattern)(text) is matches


@pytest.mark.parametrize("pattern", ["{ $.a = }", "{ a = 1 }", "{ $.a = 1", "[a, b", "{ $.a IS WHAT }", "{ $.a < b }"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        matcher(pattern)
