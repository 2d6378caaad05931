"""Which calls are caught, and what stays of them for the backend."""

from __future__ import annotations

import io
import os
import threading
from typing import Any

import boto3
import botocore.credentials
import botocore.endpoint
import botocore.httpsession
import botocore.session
import botocore.signers
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from lambda_states_mock import mock_lambda
from lambda_states_mock.adapters import activation, botocore_hook
from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.errors import LambdaMockError, NoHandlerError
from tests import forked
from tests.adapters.conftest import EVENT_STREAM, MakeWorld

KEYS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}


def client(**options: Any) -> Any:
    return boto3.client("lambda", **{"region_name": "eu-west-1", **options})


def last_asked(world: ActiveMock) -> Any:
    backend: Any = world.backend
    return backend.asked[-1]


def test_a_client_made_inside_the_mock_is_answered_by_it(world: ActiveMock) -> None:
    assert client().get_function_configuration(FunctionName="orders")["FunctionName"] == "orders"


def test_a_client_made_before_the_mock_is_answered_by_it(enter: MakeWorld) -> None:
    before = client(**KEYS)
    enter()
    assert before.get_function_configuration(FunctionName="orders")["FunctionName"] == "orders"


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "unseen"])
def test_a_client_made_before_the_handler_was_registered_is_answered_by_the_second_net(
    enter: MakeWorld, whole: bool
) -> None:
    before = client(**KEYS)
    before.meta.events.unregister(botocore_hook.EVENT, botocore_hook.on_before_send)
    world = enter(whole_requests=whole)
    before.get_function_configuration(FunctionName="orders")
    assert last_asked(world).operation == "GetFunctionConfiguration"
    assert last_asked(world).request.path == "/2015-03-31/functions/orders/configuration"


class OwnSession:
    """Sends a client's requests in a way of its own."""

    def send(self, request: Any) -> Any:
        raise ConnectionClosedError(endpoint_url=request.url)


class KindOfBotocores(botocore.httpsession.URLLib3Session):
    """Sends them as botocore does."""


@pytest.mark.parametrize("kind", [OwnSession, KindOfBotocores])
def test_what_a_client_sends_through_a_session_of_its_own_is_answered(world: ActiveMock, kind: type[Any]) -> None:
    made = client(config=Config(retries={"mode": "adaptive"}))
    made._endpoint.http_session = kind()
    made.list_functions()
    assert last_asked(world).operation == "ListFunctions"


def test_a_session_of_its_own_sends_once_the_mock_has_ended(enter: MakeWorld) -> None:
    world = enter()
    made = client(**KEYS, config=Config(retries={"mode": "adaptive", "max_attempts": 1}))
    made._endpoint.http_session = OwnSession()
    made.list_functions()
    activation.leave(world)
    with pytest.raises(ConnectionClosedError):
        made.list_functions()


def test_a_session_made_before_the_package_was_imported_is_caught() -> None:
    program = (
        "import boto3\n"
        "session = boto3.Session(region_name='eu-west-1')\n"
        "made = session.client('lambda', aws_access_key_id='a', aws_secret_access_key='b')\n"
        "from tests.adapters.conftest import EchoBackend\n"
        "from lambda_states_mock.adapters import activation, active_mocks\n"
        "from lambda_states_mock.adapters.mock_threads import MockThreads\n"
        "from lambda_states_mock.adapters.shared_clock import SharedClock\n"
        "from lambda_states_mock.engine.chance import Chance\n"
        "clock = SharedClock('2026-01-01T00:00:00Z')\n"
        "world = active_mocks.ActiveMock(backend=EchoBackend(), clock=clock, threads=MockThreads(), chance=Chance(),\n"
        "    account='1', region='us-east-1')\n"
        "activation.enter(world)\n"
        "for lambda_client in (made, session.client('lambda')):\n"
        "    print(lambda_client.get_function_configuration(FunctionName='orders')['FunctionName'])\n"
    )
    done = forked.run("-c", program, ready=forked.WITH_BOTO3)
    assert (done.stdout, done.stderr) == ("orders\norders\n", "")


@pytest.mark.parametrize(
    "endpoint", ["http://localhost:4566", "https://lambda.eu-west-1.api.aws", "http://127.0.0.1:3001/lambda/api"]
)
def test_an_endpoint_url_of_ones_own_is_caught_and_its_path_taken_off(world: ActiveMock, endpoint: str) -> None:
    client(endpoint_url=endpoint).get_function_configuration(FunctionName="orders")
    assert last_asked(world).request.path == "/2015-03-31/functions/orders/configuration"


def test_a_call_from_another_thread_is_caught(world: ActiveMock) -> None:
    answers: list[str] = []
    made = client()
    thread = threading.Thread(
        target=lambda: answers.append(made.get_function_configuration(FunctionName="orders")["FunctionName"])
    )
    thread.start()
    thread.join()
    assert answers == ["orders"]


def test_the_event_names_the_operation_for_the_backend(world: ActiveMock) -> None:
    boto3.Session().client("lambda", region_name="eu-west-1").list_functions()
    assert last_asked(world).operation == "ListFunctions"


def test_the_region_is_the_clients_whatever_its_endpoint_says(world: ActiveMock) -> None:
    client(region_name="ap-south-1", endpoint_url="http://localhost:4566").list_functions()
    assert last_asked(world).region == "ap-south-1"


def test_a_client_without_a_region_gets_the_mocks(world: ActiveMock) -> None:
    made = boto3.Session().client("lambda")
    made.list_functions()
    assert (made.meta.region_name, last_asked(world).region) == ("us-east-1", "us-east-1")


def test_an_empty_region_variable_counts_as_none(world: ActiveMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "")
    assert boto3.Session().client("lambda").meta.region_name == "us-east-1"


def test_the_region_variable_is_respected(world: ActiveMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    assert boto3.Session().client("lambda").meta.region_name == "sa-east-1"


def test_a_region_in_the_config_is_respected(world: ActiveMock) -> None:
    made = boto3.Session().client("lambda", config=Config(region_name="ca-central-1"))
    assert made.meta.region_name == "ca-central-1"


def test_no_credentials_are_needed_and_nothing_is_signed(world: ActiveMock) -> None:
    client().list_functions()
    assert "authorization" not in last_asked(world).request.lower_headers()


def test_a_presigned_url_is_still_signed(world: ActiveMock) -> None:
    url = client(**KEYS).generate_presigned_url("get_function", Params={"FunctionName": "orders"})
    assert "X-Amz-Signature=" in url


def test_calls_to_other_services_are_still_signed(world: ActiveMock) -> None:
    seen: list[Any] = []

    def answer(request: Any, **_: Any) -> Any:
        seen.append(request)
        headers: Any = {}
        return botocore_hook.BotocoreResponse(request.url, 200, botocore_hook.Raw(b"{}", request.url, headers))

    kms: Any = boto3.client("kms", region_name="eu-west-1", aws_access_key_id="AKID", aws_secret_access_key="secret")
    kms.meta.events.register("before-send.kms", answer)
    kms.list_keys()
    assert b"AKID" in seen[0].headers["Authorization"]


@pytest.mark.parametrize(
    ("payload", "sent"), [(b"\x00\x01", b"\x00\x01"), ("text", b"text"), (io.BytesIO(b"from a file"), b"from a file")]
)
def test_a_payload_arrives_as_bytes(world: ActiveMock, payload: Any, sent: bytes) -> None:
    client().invoke(FunctionName="orders", Payload=payload)
    assert last_asked(world).request.body == sent


def test_the_payload_of_an_answer_can_be_read_in_pieces(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.body = b'{"ok": true}'
    payload = client().invoke(FunctionName="orders")["Payload"]
    assert (payload.read(5), payload.read(), payload.read()) == (b'{"ok"', b": true}", b"")


def test_the_payload_of_an_answer_can_be_iterated(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.body = b"one\ntwo\n"
    assert list(client().invoke(FunctionName="orders")["Payload"].iter_lines()) == [b"one", b"two"]


def test_an_event_stream_is_read_event_by_event(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.body = EVENT_STREAM
    backend.headers = {"content-type": "application/vnd.amazon.eventstream"}
    stream = client().invoke_with_response_stream(FunctionName="orders")["EventStream"]
    assert [event["PayloadChunk"]["Payload"] for event in stream if "PayloadChunk" in event] == [b"one", b"two"]


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_an_error_of_ours_reaches_the_test_unwrapped_and_untried_again(world: ActiveMock, mode: Any) -> None:
    backend: Any = world.backend
    backend.always = NoHandlerError("no handler")
    made = client(config=Config(retries={"mode": mode, "max_attempts": 5}))
    with pytest.raises(LambdaMockError, match="no handler") as caught:
        made.invoke(FunctionName="orders")
    assert caught.value is backend.always
    assert len(backend.asked) == 1


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.parametrize("how", ["connection closed", "read timed out"])
def test_a_broken_connection_is_retried_as_botocore_does(world: ActiveMock, mode: Any, how: Any) -> None:
    backend: Any = world.backend
    backend.answers = [BrokenConnection(how)]
    made = client(config=Config(retries={"mode": mode, "max_attempts": 3}))
    assert made.list_functions()["ResponseMetadata"]["RetryAttempts"] == 1


@pytest.mark.parametrize(
    ("how", "error"), [("connection closed", ConnectionClosedError), ("read timed out", ReadTimeoutError)]
)
def test_a_connection_that_stays_broken_is_botocores_own_error(
    world: ActiveMock, how: Any, error: type[Exception]
) -> None:
    backend: Any = world.backend
    backend.always = BrokenConnection(how)
    with pytest.raises(error):
        client().list_functions()


def test_a_handler_of_the_users_own_still_sees_the_request(world: ActiveMock) -> None:
    seen: list[str] = []
    made = client()
    made.meta.events.register("before-send", lambda request, **_: seen.append(request.method))
    made.list_functions()
    assert seen == ["GET"]


def test_a_client_that_sends_in_a_way_of_its_own_can_be_attached(world: ActiveMock) -> None:
    made = client()
    made.meta.events.unregister(botocore_hook.EVENT, botocore_hook.on_before_send)
    botocore_hook.attach(made)
    made.list_functions()
    assert last_asked(world).operation == "ListFunctions"


def test_the_innermost_world_answers(enter: MakeWorld) -> None:
    outer, inner = enter(), enter()
    client().list_functions()
    activation.leave(inner)
    client().get_account_settings()
    assert last_asked(inner).request.path.rstrip("/") == "/2015-03-31/functions"
    assert last_asked(outer).request.path.rstrip("/") == "/2016-08-19/account-settings"


def test_nothing_of_botocore_stays_patched(enter: MakeWorld) -> None:
    def touched() -> list[object]:
        return [
            vars(botocore.endpoint.Endpoint)["prepare_request"],
            vars(botocore.signers.RequestSigner)["sign"],
            vars(botocore.session.Session)["create_client"],
            vars(botocore.credentials.InstanceMetadataProvider)["load"],
            vars(botocore.credentials.ContainerProvider)["load"],
        ]

    before = touched()
    world = enter()
    during = touched()
    activation.leave(world)
    assert touched() == before
    assert all(ours is not theirs for ours, theirs in zip(during, before, strict=True))


def test_without_a_mock_the_handler_leaves_the_call_alone() -> None:
    assert botocore_hook.on_before_send(object(), "before-send.lambda.ListFunctions") is None


def test_no_environment_variable_is_touched(enter: MakeWorld) -> None:
    before = dict(os.environ)
    world = enter()
    client().list_functions()
    during = dict(os.environ)
    activation.leave(world)
    assert before == during == dict(os.environ)


def test_credentials_that_refresh_themselves_are_not_refreshed_to_learn_who_calls() -> None:
    def refresh() -> Any:
        raise AssertionError("credentials were refreshed, which asks STS")

    core: Any = botocore.session.get_session()
    core._credentials = botocore.credentials.DeferredRefreshableCredentials(refresh, "assume-role")
    with mock_lambda() as m:
        boto3.Session(botocore_session=core).client("lambda", region_name="us-east-1").list_functions()
        assert m.calls[-1].caller == "arn:aws:iam::123456789012:user/test"
