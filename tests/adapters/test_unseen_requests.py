"""Calls for which botocore makes no request: nobody can tell, and whoever would look at the request gets one."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import boto3
import botocore.endpoint
import botocore.parsers
import botocore.signers
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.history import get_global_history_recorder
from hypothesis import given, note, settings
from hypothesis import strategies as st
from moto import mock_aws

from lambda_states_mock import mock_lambda
from lambda_states_mock.adapters import unseen_requests
from lambda_states_mock.errors import NoHandlerError
from tests.budget import sized
from tests.deploying import create
from tests.fuzz.accepted import accepted
from tests.fuzz.furnished import SEED, START, furnish
from tests.fuzz.test_operations import SAME_EACH_TIME, http, named_requests
from tests.newest_client import newest_client

WORLDS = sized(3, 1000)
REQUESTS = 10
quick_mock = partial(mock_lambda, whole_requests=False)
MODES = ["legacy", "standard"]
Made = list[bool]
"""For each request that botocore wanted to make, whether it was made."""


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """What comes of the requests of this test."""
    seen: Made = []
    real = unseen_requests.unsent

    def unsent(*call: Any) -> Any:
        stands = real(*call)
        seen.append(stands is None)
        return stands

    monkeypatch.setattr(unseen_requests, "unsent", unsent)
    return seen


def client(**options: Any) -> Any:
    return boto3.client("lambda", **{"region_name": "us-east-1", **options})


def told(call: Callable[[], Any]) -> str:
    """Return what *call* gives or raises, with the bodies and streams in it, as text."""
    try:
        answer = call()
    except ClientError as error:
        return f"{type(error)} {error} {error.response}"
    except NoHandlerError as error:
        return repr(error)
    read = {name: body.read() for name, body in answer.items() if hasattr(body, "read")}
    streams = {name: list(body) for name, body in answer.items() if type(body).__name__ == "EventStream"}
    return repr({**answer, **read, **streams})


def both_ways(play: Callable[[Any, Any], list[str]], config: Config | None = None) -> tuple[list[str], list[str]]:
    """Return what *play* hears of a client in a furnished world: without requests, and with them."""
    heard = []
    for whole in (False, True):
        with mock_lambda(start=START, seed=SEED, whole_requests=whole) as m:
            furnish(m.backend)
            heard.append(play(m, newest_client(config or Config())))  # with a configuration, it is a new one
    return heard[0], heard[1]


# -- the same answers


def test_each_operation_is_answered_the_same(made: Made) -> None:
    def play(_m: Any, caller: Any) -> list[str]:
        calls = [(getattr(caller, xform_name(operation)), params) for operation, params in accepted().items()]
        return [told(lambda: call(**params)) for call, params in calls for _ in range(2)]  # noqa: B023

    quick, whole = both_ways(play)
    assert quick == whole
    assert made == [False] * len(quick) + [True] * len(whole)


@settings(SAME_EACH_TIME, max_examples=WORLDS)
@given(
    st.lists(named_requests().filter(lambda request: http(*request) is not None), min_size=REQUESTS, max_size=REQUESTS)
)
def test_random_calls_are_answered_the_same(sent: list[tuple[str, dict[str, Any]]]) -> None:
    def play(_m: Any, caller: Any) -> list[str]:
        return [told(lambda: getattr(caller, xform_name(name))(**params)) for name, params in sent]  # noqa: B023

    note(str(sent)[:2_000])
    quick, whole = both_ways(play, Config(parameter_validation=False, retries={"max_attempts": 0}))
    assert quick == whole


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("times", [1, 2, 50])
def test_retries_and_their_counts_are_the_same(mode: Any, times: int, made: Made) -> None:
    def play(m: Any, caller: Any) -> list[str]:
        m.faults.on_call("GetFunctionConfiguration").error("TooManyRequestsException", times=times)
        before = m.clock.now
        heard = [told(lambda: caller.get_function_configuration(FunctionName="orders"))]
        return [*heard, str(m.clock.now - before), repr(m.calls)]

    quick, whole = both_ways(play, Config(retries={"mode": mode, "max_attempts": 3}))
    assert quick == whole
    assert any(made)
    assert not all(made)


@pytest.mark.parametrize("fault", ["disconnect", "time_out"])
def test_broken_connections_are_the_same(fault: str) -> None:
    def play(m: Any, caller: Any) -> list[str]:
        getattr(m.faults.on_call("ListFunctions"), fault)()
        before = m.clock.now
        with pytest.raises(Exception, match=r".") as caught:
            caller.list_functions()
        return [repr(caught.value), str(m.clock.now - before)]

    quick, whole = both_ways(play, Config(retries={"max_attempts": 2}))
    assert quick == whole


def test_what_hooks_behind_the_answer_see_is_the_same() -> None:
    def play(_m: Any, caller: Any) -> list[str]:
        heard: list[str] = []

        def hear(**told: Any) -> None:
            response = told.get("http_response") or (told.get("response") or [None])[0]
            headers = dict(response.headers) if response is not None else None
            context = told.get("context") or told["request_dict"]["context"]
            kept = {name: value for name, value in context["retries"].items() if name != "invocation-id"}
            parsed = told.get("parsed") or (told.get("response") or [None, None])[1]
            heard.append(f"{told['event_name']} {headers} {kept} {parsed}")
            if response is not None:
                heard.append(f"{response.status_code} {response.url} {response.content!r} {response.text}")

        for event in ("after-call", "needs-retry"):
            caller.meta.events.register(event, hear)
        for _ in range(3):
            caller.get_function_configuration(FunctionName="orders")
        heard.append(told(lambda: caller.get_function(FunctionName="nobody")))
        return heard

    quick, whole = both_ways(play)
    assert quick == whole


@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize("mode", MODES)
def test_what_is_noted_of_retries_is_the_same(mode: str, attempts: int) -> None:
    def play(m: Any, _: Any) -> list[str]:
        retries: Any = {"mode": mode, "total_max_attempts": attempts}
        config = Config(retries=retries)
        caller: Any = boto3.client("lambda", region_name="us-east-1", config=config)
        heard: list[str] = []

        def hear(context: Any, **_: Any) -> None:
            heard.append(str({name: value for name, value in context["retries"].items() if name != "invocation-id"}))

        caller.meta.events.register("after-call", hear)
        for throttled in (0, 0, attempts - 1, 0):
            if throttled:
                m.faults.on_call("ListFunctions").error("TooManyRequestsException", times=throttled)
            heard.append(repr(caller.list_functions()))
        return heard

    quick, whole = both_ways(play)
    assert quick == whole


@pytest.mark.parametrize("mode", MODES)
def test_botocores_retries_are_not_asked_about_calls_that_go_well(mode: str) -> None:
    retries: Any = {"mode": mode, "total_max_attempts": 3}
    config = Config(retries=retries)
    asked: list[str] = []

    def profile(frame: Any, event: str, _: Any) -> None:
        if event == "call" and "retr" in frame.f_globals["__name__"]:
            asked.append(f"{frame.f_globals['__name__']}.{frame.f_code.co_name}")

    with quick_mock():
        caller: Any = boto3.client("lambda", region_name="us-east-1", config=config)
        caller.list_functions()
        sys.setprofile(profile)
        try:
            caller.list_functions()
        finally:
            sys.setprofile(None)
    assert [name for name in asked if "quota" not in name] == []


def test_an_asynchronous_client_is_answered_the_same(made: Made) -> None:
    get_session = pytest.importorskip("aiobotocore.session").get_session

    async def play(whole: bool) -> list[str]:
        heard = []
        with mock_lambda(start=START, seed=SEED, whole_requests=whole) as m:
            furnish(m.backend)
            async with get_session().create_client("lambda", region_name="us-east-1") as caller:
                for name in ("orders", "orders", "nobody"):
                    try:
                        heard.append(repr(await caller.get_function_configuration(FunctionName=name)))
                    except ClientError as error:
                        heard.append(repr(error.response))
                m.faults.on_call("ListFunctions").error("TooManyRequestsException", times=2)
                heard.append(repr(await caller.list_functions()))
                answer = await caller.invoke(FunctionName="orders", Payload=b"{}")
                heard.append(repr({**answer, "Payload": await answer["Payload"].read()}))
                streamed = await caller.invoke_with_response_stream(FunctionName="orders", Payload=b"{}")
                heard.append(repr([event async for event in streamed["EventStream"]]))
                heard.append(repr(m.calls))
        return heard

    assert asyncio.run(play(False)) == asyncio.run(play(True))
    assert any(made)
    assert not all(made)


@pytest.mark.parametrize(
    "operation",
    [
        "invoke",
        "get_function_configuration",
        "delete_function",  # without an output in the models of older clients
        "delete_function_concurrency",
    ],
)
def test_botocores_parser_reads_no_answer_that_comes_again(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []

    def parse(self: Any, response: Any, shape: Any) -> Any:
        read.append(shape)
        return real(self, response, shape)

    with quick_mock() as m:
        caller = client()
        for name in ("orders", "refunds", "prices"):
            create(caller, name)
            m.handler(name, returns={"ok": True})
        m.clock.run_until_idle()
        getattr(caller, operation)(FunctionName="prices")
        real = botocore.parsers.RestJSONParser.parse
        monkeypatch.setattr(botocore.parsers.RestJSONParser, "parse", parse)
        getattr(caller, operation)(FunctionName="orders")
        answer = getattr(caller, operation)(FunctionName="refunds")
    assert read == []
    status = 204 if operation.startswith("delete") else 200
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == answer.get("StatusCode", status) == status


def test_the_answers_of_a_client_with_another_model_are_read_by_that_one() -> None:
    with quick_mock() as m:
        usual, session = client(), boto3.Session(region_name="us-east-1")
        model = usual.meta.service_model._service_description
        members = model["shapes"]["FunctionConfiguration"]["members"]
        few = {"type": "structure", "members": {"FunctionName": members["FunctionName"]}}
        loader = session._session.get_component("data_loader")
        load = loader.load_service_model
        smaller = {**model, "shapes": {**model["shapes"], "FunctionConfiguration": few}}
        loader.load_service_model = lambda name, kind, *rest, **options: (
            smaller if (name, kind) == ("lambda", "service-2") else load(name, kind, *rest, **options)
        )
        create(usual)
        m.clock.run_until_idle()
        other: Any = session.client("lambda")
        answers = [
            {*one.get_function_configuration(FunctionName="orders")} - {"ResponseMetadata"}
            for one in (usual, usual, other, other, usual)
        ]
    assert answers[2] == answers[3] == {"FunctionName"}
    assert answers[0] == answers[1] == answers[4] > {"FunctionName", "Runtime"}


def test_a_method_of_the_parser_that_is_replaced_reads_for_the_next_client(monkeypatch: pytest.MonkeyPatch) -> None:
    with quick_mock():
        session = boto3.Session(region_name="us-east-1")
        create(session.client("lambda"), Environment={"Variables": {"STAGE": "test"}})
        for _ in range(2):
            session.client("lambda").get_function_configuration(FunctionName="orders")
        monkeypatch.setattr(botocore.parsers.RestJSONParser, "_handle_map", Mock(return_value={"by": "the test"}))
        answer = session.client("lambda").get_function_configuration(FunctionName="orders")
    assert answer["Environment"]["Variables"] == {"by": "the test"}


def test_a_hook_that_decides_on_retries_is_asked_about_calls_that_go_well() -> None:
    asked: list[Any] = []

    def hear(response: Any, **_: Any) -> None:
        asked.append(response[0].status_code)

    with quick_mock():
        caller = client()
        caller.list_functions()
        caller.meta.events.register("needs-retry.lambda.ListFunctions", hear)
        caller.list_functions()
    assert asked == [200]


# -- where somebody would look, or something would change, the request is made


def user_hook(**_: Any) -> None:
    """A listener of the user's."""


def listening(event: str) -> Callable[[Any, pytest.MonkeyPatch], None]:
    return lambda caller, _: caller.meta.events.register(event, user_hook)


def wrapped(owner: Any, name: str) -> Callable[[Any, pytest.MonkeyPatch], None]:
    def wrap(_caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        original = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *given, **named: original(*given, **named))

    return wrap


def of_this_endpoint(caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = caller._endpoint
    original = endpoint.prepare_request
    monkeypatch.setattr(endpoint, "prepare_request", lambda request: original(request))


def recorded(_caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_global_history_recorder(), "_enabled", True)


LOOKING: dict[str, Callable[[Any, pytest.MonkeyPatch], None]] = {
    **{
        f"a hook for {event}": listening(event)
        for event in (
            "request-created.lambda.ListFunctions",
            "before-sign.lambda",
            "before-send",
            "before-send.lambda.*",
            "before-parse.lambda",
            "response-received",
        )
    },
    "preparing wrapped, as tracers do": wrapped(botocore.endpoint.Endpoint, "prepare_request"),
    "a wrapped answer": wrapped(botocore.endpoint.Endpoint, "_do_get_response"),
    "wrapped signing": wrapped(botocore.signers.RequestSigner, "sign"),
    "an endpoint that prepares in its own way": of_this_endpoint,
    "botocore's history": recorded,
}


@pytest.mark.parametrize("look", LOOKING.values(), ids=LOOKING)
def test_who_looks_at_requests_gets_them(look: Any, monkeypatch: pytest.MonkeyPatch, made: Made) -> None:
    with quick_mock():
        caller = client()
        caller.list_functions()
        look(caller, monkeypatch)
        caller.list_functions()
    assert made == [False, True]


@pytest.mark.parametrize("step", ["create_request", "_get_response", "_needs_retry"])
def test_who_has_wrapped_a_step_before_the_mock_began_is_asked(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    original = getattr(botocore.endpoint.Endpoint, step)

    def wrapper(*given: Any, **named: Any) -> Any:
        heard.append(step)
        return original(*given, **named)

    monkeypatch.setattr(botocore.endpoint.Endpoint, step, wrapper)
    with quick_mock():
        client().list_functions()
    assert heard == [step]


def test_who_reads_botocores_log_finds_each_step_in_it(caplog: pytest.LogCaptureFixture, made: Made) -> None:
    caplog.set_level(logging.DEBUG, "botocore")
    with quick_mock():
        client().list_functions()
    assert "Sending http request" in caplog.text
    assert made == [True]


def test_a_hook_that_was_taken_back_is_no_hindrance(made: Made) -> None:
    with quick_mock():
        caller = client()
        caller.meta.events.register("before-send.lambda", user_hook)
        caller.list_functions()
        caller.meta.events.unregister("before-send.lambda", user_hook)
        caller.list_functions()
    assert made == [True, False]


def test_a_hook_of_the_user_sees_the_request_that_is_sent() -> None:
    seen: list[Any] = []
    with quick_mock():
        caller = client()
        caller.list_functions()
        caller.meta.events.register("before-send.lambda", lambda request, **_: seen.append(request.headers))
        caller.list_functions()
    assert {"User-Agent", "amz-sdk-invocation-id", "amz-sdk-request"} <= set(seen[0])


def test_a_hook_that_answers_first_is_who_answers() -> None:
    with quick_mock() as m:
        caller = client()
        caller.list_functions()
        answer = SimpleNamespace(status_code=200), {"Functions": ["theirs"]}
        caller.meta.events.register("before-call.lambda", lambda **_: answer)
        assert caller.list_functions() == {"Functions": ["theirs"]}
        assert len(m.calls) == 1


def test_a_file_as_the_payload_makes_a_request(made: Made) -> None:
    with quick_mock(timings="instant") as m:
        caller = client()
        create(caller)
        m.handler("orders", call=lambda event, _: event)
        answer = caller.invoke(FunctionName="orders", Payload=io.BytesIO(b'{"a": 1}'))
        assert json.load(answer["Payload"]) == {"a": 1}
    assert made[-1]


def test_an_adaptive_client_makes_requests_since_its_limiter_counts_them(made: Made) -> None:
    with quick_mock():
        client(config=Config(retries={"mode": "adaptive"})).list_functions()
    assert made == [True]


@pytest.mark.parametrize("address", [None, "http://localhost:4566", "https://sqs.us-east-1.amazonaws.com"])
def test_beside_moto_the_answer_is_ours(address: str | None, made: Made) -> None:
    with mock_aws(), quick_mock() as m:
        caller = client(endpoint_url=address)
        assert caller.list_functions()["Functions"] == []
        assert len(m.calls) == 1
    assert made == [address is not None]


def test_the_option_has_every_request_made(made: Made) -> None:
    with mock_lambda(whole_requests=True):
        client().list_functions()
    assert made == [True]


def test_once_the_mock_has_ended_requests_are_botocores() -> None:
    caller, sent = client(aws_access_key_id="id", aws_secret_access_key="secret"), []
    with quick_mock():
        caller.list_functions()

    def refuse(request: Any, **_: Any) -> Any:
        sent.append(request)
        raise KeyboardInterrupt

    caller.meta.events.register("before-send.lambda", refuse)
    with pytest.raises(KeyboardInterrupt):
        caller.list_functions()
    assert b"AWS4-HMAC-SHA256" in sent[0].headers["Authorization"]


# -- what the mock learns of a call


@pytest.fixture(params=[False, True], ids=["without requests", "with requests"])
def way(request: pytest.FixtureRequest) -> Iterator[Any]:
    with mock_lambda(whole_requests=request.param, timings="instant", region="eu-west-1") as m:
        yield m


def test_the_trace_of_the_environment_goes_on(way: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = client(region_name="eu-west-1")
    create(caller)
    seen: list[str] = []
    way.handler("orders", call=lambda event, context: seen.append(os.environ["_X_AMZN_TRACE_ID"]))
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "caller")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
    caller.invoke(FunctionName="orders")
    assert "1-5759e988-bd862e3fe1be46a994272793" in seen[0]


def test_region_and_parameters_are_the_clients(way: Any) -> None:
    client(region_name="ap-south-1").list_functions(MaxItems=7, FunctionVersion="ALL")
    call = way.calls[-1]
    assert (call.region, call.params) == ("ap-south-1", {"MaxItems": 7, "FunctionVersion": "ALL"})


def test_names_that_need_escaping_arrive(way: Any) -> None:
    caller = client(region_name="eu-west-1")
    with pytest.raises(ClientError) as caught:
        caller.get_function(FunctionName="arn:aws:lambda:eu-west-1:123456789012:function:a", Qualifier="$LATEST")
    assert "function:a:$LATEST" in str(caught.value)
