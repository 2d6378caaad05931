"""Events of every service, made by ``m.events``."""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_states_mock import (
    LambdaMock,
    NoHandlerError,
    NotActiveError,
    PushRefusedError,
    TriggerFailedError,
    UnknownNameError,
    mock_lambda,
)
from lambda_states_mock.event_sources.made_events import Events
from tests.deploying import create
from tests.neighbours.conftest import client
from tests.pushes.test_s3 import ANY


@pytest.fixture
def mock() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z", timings="instant") as m:
        create(client("lambda"))
        yield m


def answering(mock: LambdaMock, result: Any) -> LambdaMock:
    """Let the function answer *result*."""
    mock.handler("orders", returns=result)
    return mock


# -- what they look like


def records(event: Any) -> Any:
    return event["Records"][0]


def test_events_of_sources_name_them_and_the_time(mock: LambdaMock) -> None:
    made = mock.events
    assert records(made.s3_put("photos", "a b"))["s3"]["object"]["key"] == "a+b"
    assert "size" not in records(made.s3_delete("photos", "a"))["s3"]["object"]
    assert records(made.sns("news", "hi"))["Sns"]["TopicArn"] == "arn:aws:sns:us-east-1:123456789012:news"
    assert made.event_bridge("shop", "sold", {"n": 1})["time"] == "2026-01-01T00:00:00Z"
    assert made.schedule("nightly")["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/nightly"]
    assert records(made.sqs("jobs", "one"))["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:jobs"
    assert records(made.kinesis("clicks", b"one"))["kinesis"]["data"] == "b25l"
    assert records(made.dynamodb("t", {"id": {"S": "1"}}, new={"id": {"S": "1"}}))["eventName"] == "INSERT"
    assert made.firehose("hose", "one")["records"][0]["data"] == "b25l"
    assert made.cognito("PreSignUp", user="anne")["triggerSource"] == "PreSignUp_SignUp"
    assert made.secrets_manager("key", "testSecret")["Step"] == "testSecret"
    assert json.loads(made.config_rule({"messageType": "x"})["invokingEvent"]) == {"messageType": "x"}
    assert made.logs("group", "one").keys() == {"awslogs"}


def test_batches_of_topics_brokers_and_change_streams_are_as_documented(mock: LambdaMock) -> None:
    made = mock.events
    assert made.kafka("clicks", {"n": 1}, key="k")["records"]["clicks-0"][0]["value"] == "eyJuIjoxfQ=="
    assert made.kafka("clicks", "one")["eventSourceArn"].startswith("arn:aws:kafka:us-east-1:123456789012:cluster/")
    assert made.kafka("clicks", "one", cluster=None, servers="a:1")["bootstrapServers"] == "a:1"
    assert made.active_mq("jobs", "one")["messages"][0]["destination"] == {"physicalname": "jobs"}
    assert list(made.rabbit_mq("jobs", "one", virtual_host="/shop")["rmqMessagesByQueue"]) == ["jobs::/shop"]
    change = made.documentdb("orders", {"_id": 1})["events"][0]["event"]
    assert (change["ns"], change["fullDocument"]) == ({"db": "database", "coll": "orders"}, {"_id": 1})
    assert "fullDocument" not in made.documentdb("orders", {"_id": 1}, operation="delete")["events"][0]["event"]


def test_mails_pushes_and_messages_of_things_are_as_documented(mock: LambdaMock) -> None:
    assert mock.events.iot({"temperature": 21}) == {"temperature": 21}
    mail = records(mock.events.ses("a@example.com", "b@example.com", subject="hi"))
    assert (mail["eventSource"], mail["ses"]["mail"]["commonHeaders"]["subject"]) == ("aws:ses", "hi")
    assert mail["ses"]["receipt"]["recipients"] == ["b@example.com"]
    push = records(mock.events.code_commit("shop", branch="next", commit="c0ffee"))
    assert push["codecommit"]["references"] == [{"commit": "c0ffee", "created": False, "ref": "refs/heads/next"}]
    assert push["eventSourceARN"] == "arn:aws:codecommit:us-east-1:123456789012:shop"


def test_a_batch_that_is_sent_is_answered_and_a_message_of_a_thing_is_queued(mock: LambdaMock) -> None:
    answering(mock, {"batchItemFailures": []})
    assert mock.events.kafka("clicks", "one").send("orders") == {"batchItemFailures": []}
    assert mock.events.iot({"temperature": 21}).send("orders") is None
    assert [one.kind for one in mock.invocations("orders")] == ["RequestResponse", "Event"]


def test_a_scheduler_fills_in_its_variables(mock: LambdaMock) -> None:
    event = mock.events.scheduler({"at": "<aws.scheduler.scheduled-time>", "n": "<aws.scheduler.attempt-number>"})
    assert event == {"at": "2026-01-01T00:00:00Z", "n": "1"}
    assert mock.events.scheduler()["source"] == "aws.scheduler"


def test_an_event_is_a_dictionary_for_a_unit_test(mock: LambdaMock) -> None:
    def handler(event: dict[str, Any], _context: Any) -> str:
        return str(event["Records"][0]["s3"]["bucket"]["name"])

    event = mock.events.s3_put("photos", "a")
    assert handler(event, None) == "photos"
    assert json.loads(json.dumps(event)) == event


def test_the_same_seed_makes_the_same_events() -> None:
    def made() -> str:
        with mock_lambda(start="2026-01-01T00:00:00Z", seed=7) as m:
            return json.dumps([m.events.s3_put("b", "k"), m.events.api_gateway(), m.events.sqs("q", "one")])

    assert made() == made()


def test_a_rest_request_is_told_as_recorded(mock: LambdaMock) -> None:
    event = mock.events.api_gateway(
        "POST", "/pears/1", headers={"Accept": ["a", "b"]}, query={"q": ["1", "2"]}, body="x"
    )
    assert event == {
        "resource": "/{proxy+}",
        "path": "/pears/1",
        "httpMethod": "POST",
        "headers": {"Accept": "b"},
        "multiValueHeaders": {"Accept": ["a", "b"]},
        "queryStringParameters": {"q": "2"},
        "multiValueQueryStringParameters": {"q": ["1", "2"]},
        "pathParameters": {"proxy": "pears/1"},
        "stageVariables": None,
        "requestContext": ANY,
        "body": "x",
        "isBase64Encoded": False,
    }
    assert event["requestContext"]["path"] == "/prod/pears/1"
    assert len(event["requestContext"]["identity"]) == 12


def test_a_rest_request_with_nothing_has_nulls(mock: LambdaMock) -> None:
    event = mock.events.api_gateway(resource="/")
    nothing = ("headers", "queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body")
    assert {event[name] for name in nothing} == {None}


def test_a_load_balancer_sends_one_form_of_headers_or_the_other(mock: LambdaMock) -> None:
    single = mock.events.load_balancer("GET", "/", headers={"Accept": "a"}, query="q=a%20b")
    several = mock.events.load_balancer("GET", "/", headers={"Accept": "a"}, query="q=1&q=2", multi_value=True)
    assert (single["headers"], single["queryStringParameters"]) == ({"accept": "a"}, {"q": "a%20b"})
    assert several["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert "headers" not in several
    assert (single["body"], single["isBase64Encoded"]) == ("", False)


# -- what a mistake says


def test_a_field_that_there_is_not_is_refused_with_the_nearest(mock: LambdaMock) -> None:
    with pytest.raises(TypeError, match='no field "version": did you mean "version_id"'):
        mock.events.s3_put("photos", "a", version="1")  # type: ignore[call-arg]


BUILDERS = sorted(name for name in dir(Events) if not name.startswith("_"))


@pytest.mark.parametrize("name", BUILDERS)
def test_each_builder_refuses_a_misspelt_field_with_the_nearest(mock: LambdaMock, name: str) -> None:
    build = getattr(mock.events, name)
    field = list(inspect.signature(build).parameters)[-1]
    with pytest.raises(TypeError, match=f'events.{name}\\(\\) has no field "{field}x": did you mean "{field}"'):
        build(**{f"{field}x": None})


def test_what_a_pipe_hands_on_is_an_array_of_records(mock: LambdaMock) -> None:
    batch = mock.events.sqs("jobs", "one", "two")
    assert mock.events.pipe(batch) == batch["Records"]
    (flat,) = mock.events.pipe(mock.events.kinesis("clicks", "one"))
    assert (flat["data"], flat["eventSource"]) == ("b25l", "aws:kinesis")
    assert "kinesis" not in flat
    (change,) = mock.events.pipe(mock.events.dynamodb("items", {"id": {"S": "a"}}))
    assert change["dynamodb"]["Keys"] == {"id": {"S": "a"}}
    (value,) = mock.events.pipe(mock.events.kafka("clicks", "one"))
    assert (value["eventSourceKey"], value["value"], value["eventSource"]) == ("clicks-0", "b25l", "aws:kafka")
    (message,) = mock.events.pipe(mock.events.active_mq("jobs", "one"))
    assert (message["eventSource"], message["data"]) == ("aws:amq", "b25l")
    (message,) = mock.events.pipe(mock.events.rabbit_mq("jobs", "one"))
    assert (message["eventSource"], message["eventSourceKey"]) == ("aws:rmq", "jobs::/")


def test_a_pipe_waits_for_the_result_or_fires_and_forgets(mock: LambdaMock) -> None:
    answering(mock, ["done"])
    batch = mock.events.sqs("jobs", "one")
    assert mock.events.pipe(batch).send("orders") == ["done"]
    assert mock.events.pipe(batch, waits=False).send("orders") is None
    mock.clock.run_until_idle()
    assert [one.kind for one in mock.invocations("orders")] == ["RequestResponse", "Event"]
    assert json.loads(mock.invocations("orders")[0].payload) == batch["Records"]


def test_a_pipe_reads_no_buckets(mock: LambdaMock) -> None:
    with pytest.raises(ValueError, match="a pipe reads queues, streams, topics and brokers"):
        mock.events.pipe(mock.events.s3_put("photos", "a"))
    with pytest.raises(ValueError, match="a pipe reads queues"):
        mock.events.pipe(mock.events.documentdb("orders", {"_id": 1}))


def test_a_custom_resource_is_asked_for_as_documented(mock: LambdaMock) -> None:
    made = mock.events.custom_resource(
        "Update", {"Size": "2"}, old_properties={"Size": "1"}, physical_id="p", function="orders"
    )
    arn = "arn:aws:lambda:us-east-1:123456789012:function:orders"
    assert made == {
        "RequestType": "Update",
        "ServiceToken": arn,
        "ResponseURL": ANY,
        "StackId": ANY,
        "RequestId": ANY,
        "LogicalResourceId": "Resource",
        "ResourceType": "AWS::CloudFormation::CustomResource",
        "PhysicalResourceId": "p",
        "OldResourceProperties": {"ServiceToken": arn, "Size": "1"},
        "ResourceProperties": {"ServiceToken": arn, "Size": "2"},
    }
    assert "PhysicalResourceId" not in mock.events.custom_resource("Create")
    assert "OldResourceProperties" not in mock.events.custom_resource("Delete")


def test_values_that_there_are_not_are_refused_with_the_nearest(mock: LambdaMock) -> None:
    with pytest.raises(ValueError, match='no request type "Updat": did you mean "Update"'):
        mock.events.custom_resource("Updat")
    with pytest.raises(ValueError, match='no step "create": did you mean "createSecret"'):
        mock.events.secrets_manager("key", "create")


def test_what_invokes_with_a_role_needs_no_permission_of_the_function(mock: LambdaMock) -> None:
    answering(mock, None).world.require_source_permissions = True
    events = mock.events
    for made in (
        events.sqs("jobs", "one"),
        events.pipe(events.sqs("jobs", "one")),
        events.scheduler({"run": True}),
        events.firehose("stream", "one"),
        events.custom_resource(),
    ):
        made.send("orders")
    mock.clock.run_until_idle()
    assert len(mock.invocations("orders")) == 5


def test_a_service_that_there_is_not_is_refused_with_the_nearest(mock: LambdaMock) -> None:
    with pytest.raises(AttributeError, match='did you mean "s3_put"'):
        mock.events.s3put  # type: ignore[attr-defined] # noqa: B018


def test_a_trigger_that_there_is_not_is_refused_with_the_nearest(mock: LambdaMock) -> None:
    with pytest.raises(ValueError, match='did you mean "PreSignUp"'):
        mock.events.cognito("PreSingUp")


def test_an_event_is_not_made_after_the_end() -> None:
    with mock_lambda() as m:
        events = m.events
    with pytest.raises(NotActiveError):
        events.s3_put("photos", "a")


def test_a_function_that_never_was_is_a_mistake_at_once(mock: LambdaMock) -> None:
    with pytest.raises(UnknownNameError, match='did you mean "orders"'):
        mock.events.s3_put("photos", "a").send("order")


def test_a_function_without_a_handler_is_a_mistake_at_once(mock: LambdaMock) -> None:
    create(client("lambda"), "node", Runtime="nodejs22.x")
    with pytest.raises(NoHandlerError):
        mock.events.api_gateway().send("node")


# -- sent to a function


def test_an_event_of_a_service_that_does_not_wait_goes_through_the_queue(mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=[RuntimeError("no"), None])
    assert mock.events.sns("news", "hi").send("orders") is None
    mock.clock.run_until_idle()
    assert [one.kind for one in mock.invocations("orders")] == ["Event", "Event"]


def test_an_event_of_a_service_that_waits_gives_the_result(mock: LambdaMock) -> None:
    answering(mock, {"batchItemFailures": []})
    assert mock.events.sqs("jobs", "one").send("orders") == {"batchItemFailures": []}


def test_a_permission_is_asked_for_where_the_test_wants_that(mock: LambdaMock) -> None:
    answering(mock, None).world.require_source_permissions = True
    with pytest.raises(PushRefusedError, match="no resource-based policy allows"):
        mock.events.sns("news", "hi").send("orders")


@pytest.mark.parametrize(
    ("result", "status", "body"),
    [
        ({"statusCode": 201, "body": "made"}, 201, b"made"),
        ({"statusCode": "201"}, 201, b""),
        ({"headers": {"X-A": "1"}}, 200, b""),
        ({"statusCode": 200, "headers": None}, 200, b""),
        ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}, 200, b"hi"),
        ({}, 502, b'{"message": "Internal server error"}'),
        ("text", 502, b'{"message": "Internal server error"}'),
        ({"statusCode": "abc"}, 502, b'{"message": "Internal server error"}'),
        ({"statusCode": 200, "multiValueHeaders": {"X-A": "1"}}, 502, b'{"message": "Internal server error"}'),
        ({"statusCode": 200, "what": 1}, 502, b'{"message": "Internal server error"}'),
    ],
)
def test_a_rest_api_makes_of_a_result_what_is_recorded(mock: LambdaMock, result: Any, status: int, body: bytes) -> None:
    answer = answering(mock, result).events.api_gateway().send("orders")
    assert (answer.status, answer.body) == (status, body)


def test_lists_of_headers_win_over_single_ones(mock: LambdaMock) -> None:
    result = {"statusCode": 200, "headers": {"X-A": "0", "X-B": True}, "multiValueHeaders": {"x-a": ["1", "2"]}}
    answer = answering(mock, result).events.api_gateway().send("orders")
    assert answer.headers == (("x-a", "1"), ("x-a", "2"), ("X-B", "true"), ("Content-Type", "application/json"))


def test_a_function_error_is_a_bad_gateway(mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=RuntimeError("no"))
    assert mock.events.api_gateway().send("orders").status == 502
    assert mock.events.load_balancer().send("orders").status == 502
    assert mock.events.http_api().send("orders").status == 500


def test_a_function_that_lambda_refuses_is_an_error_of_the_front_end(mock: LambdaMock) -> None:
    client("lambda").put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    assert mock.events.api_gateway().send("orders").status == 500
    assert mock.events.load_balancer().send("orders").status == 502


@pytest.mark.parametrize(("size", "status"), [(1_000_000, 200), (1_048_576, 502)])
def test_a_load_balancer_takes_no_more_than_a_megabyte(mock: LambdaMock, size: int, status: int) -> None:
    answering(mock, {"statusCode": 200, "body": "x" * size})
    assert mock.events.load_balancer().send("orders").status == status


@pytest.mark.parametrize("result", [{}, "text", {"body": "no status"}, {"statusCode": "abc"}, {"statusCode": None}])
def test_a_load_balancer_makes_a_bad_gateway_of_what_is_no_answer(mock: LambdaMock, result: Any) -> None:
    assert answering(mock, result).events.load_balancer().send("orders").status == 502


def test_an_http_api_takes_a_result_without_a_status_for_the_body(mock: LambdaMock) -> None:
    answer = answering(mock, {"pears": 3}).events.http_api("GET", "/pears", query="n=1").send("orders")
    assert (answer.status, answer.json()) == (200, {"pears": 3})


@pytest.mark.parametrize(
    ("result", "status"),
    [
        ({"principalId": "me", "policyDocument": {"Statement": [{"Effect": "Allow", "Resource": "arn:*"}]}}, 200),
        ({"principalId": "me", "policyDocument": {"Statement": [{"Effect": "Deny", "Resource": ["*"]}]}}, 403),
        ({"principalId": "me", "policyDocument": {"Statement": [{"Effect": "Allow", "Resource": "other"}]}}, 403),
        ({"principalId": "me"}, 500),
        ("text", 500),
    ],
)
def test_an_authorizer_decides(mock: LambdaMock, result: Any, status: int) -> None:
    assert answering(mock, result).events.authorizer("token").send("orders").status == status


def test_an_authorizer_that_raises_unauthorized_is_a_401(mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=Exception("Unauthorized"))
    assert mock.events.authorizer("token").send("orders").status == 401


def test_an_authorizer_of_an_http_api_says_yes_or_no(mock: LambdaMock) -> None:
    assert answering(mock, {"isAuthorized": True}).events.authorizer(simple=True).send("orders").status == 200
    assert answering(mock, {"isAuthorized": False}).events.authorizer(simple=True).send("orders").status == 403


def test_a_request_without_the_token_of_an_authorizer_is_a_401_without_a_call(mock: LambdaMock) -> None:
    answering(mock, None)
    assert mock.events.authorizer("").send("orders").status == 401
    assert mock.invocations("orders") == []


@pytest.mark.parametrize(("size", "status"), [(1_048_576, 200), (1_048_577, 413)])
def test_a_load_balancer_passes_on_no_more_than_a_megabyte(mock: LambdaMock, size: int, status: int) -> None:
    answering(mock, {"statusCode": 200})
    assert mock.events.load_balancer("POST", body=b"x" * size).send("orders").status == status
    assert len(mock.invocations("orders")) == (status == 200)


# -- a custom integration of a REST API


@pytest.mark.parametrize("result", [{"pears": 3}, ["a"], "text", None])
def test_a_custom_integration_makes_the_result_the_body(mock: LambdaMock, result: Any) -> None:
    answer = answering(mock, result).events.api_gateway_custom({"n": 1}).send("orders")
    assert (answer.status, answer.json()) == (200, result)
    assert json.loads(mock.invocations("orders")[0].payload) == {"n": 1}


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("no pears", 404),
        ("no", 200),  # a pattern matches the whole message
        ("pears: no pears", 200),
        ("busy", 503),
    ],
)
def test_a_selection_pattern_gives_an_error_its_status(mock: LambdaMock, message: str, status: int) -> None:
    mock.handler("orders", side_effect=RuntimeError(message))
    made = mock.events.api_gateway_custom(selection_patterns={"no .+": 404, "bu[sz]y": 503, ".*": 200})
    answer = made.send("orders")
    assert (answer.status, answer.json()["errorMessage"]) == (status, message)


def test_a_result_is_matched_with_no_selection_pattern(mock: LambdaMock) -> None:
    made = answering(mock, {"errorMessage": "no"}).events.api_gateway_custom(selection_patterns={"no": 404})
    assert made.send("orders").status == 200


def test_a_selection_pattern_that_is_none_is_refused(mock: LambdaMock) -> None:
    with pytest.raises(ValueError, match="is no regular expression"):
        mock.events.api_gateway_custom(selection_patterns={"(": 404})


# -- a trigger of a user pool


def test_a_trigger_gives_the_event_that_the_function_answers(mock: LambdaMock) -> None:
    mock.handler("orders", call=lambda event, _context: event)
    made = mock.events.cognito("PreSignUp", user="anne")
    assert made.send("orders") == made


@pytest.mark.parametrize("trigger", ["PreTokenGeneration", "TokenGeneration_HostedAuth"])
def test_a_trigger_that_raises_is_told_by_its_name(mock: LambdaMock, trigger: str) -> None:
    mock.handler("orders", side_effect=RuntimeError("too young"))
    with pytest.raises(TriggerFailedError, match=r"PreTokenGeneration failed with error too young\.") as raised:
        mock.events.cognito(trigger).send("orders")
    assert raised.value.code == "UserLambdaValidationException"


@pytest.mark.parametrize("result", [None, "text", [], {}, {"response": None}])
def test_a_trigger_answers_an_event(mock: LambdaMock, result: Any) -> None:
    with pytest.raises(TriggerFailedError) as raised:
        answering(mock, result).events.cognito("PreSignUp").send("orders")
    assert raised.value.code == "InvalidLambdaResponseException"


@pytest.mark.parametrize(("seconds", "calls"), [([5.0], 1), ([5.1, 1.0], 2), ([6.0, 6.0, 6.0], 3)])
def test_a_trigger_that_is_late_is_asked_three_times(mock: LambdaMock, seconds: list[float], calls: int) -> None:
    client("lambda").update_function_configuration(FunctionName="orders", Timeout=30)
    left = iter(seconds)

    def handler(event: Any, _context: Any) -> Any:
        time.sleep(next(left))
        return event

    mock.handler("orders", call=handler)
    if seconds[-1] > 5:
        with pytest.raises(TriggerFailedError, match="UnexpectedLambdaException: PreSignUp invocation failed"):
            mock.events.cognito("PreSignUp").send("orders")
    else:
        mock.events.cognito("PreSignUp").send("orders")
    assert len(mock.invocations("orders")) == calls


def test_a_trigger_that_lambda_refuses_says_by_which_error(mock: LambdaMock) -> None:
    client("lambda").put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    with pytest.raises(TriggerFailedError, match="PreSignUp invocation failed due to error TooManyRequestsException"):
        mock.events.cognito("PreSignUp").send("orders")
