"""aiobotocore's clients are caught as botocore's are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from lambda_states_mock.adapters import activation, botocore_hook
from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.errors import NoHandlerError
from tests import forked
from tests.adapters.conftest import EVENT_STREAM, THROTTLED, MakeWorld

pytest.importorskip("aiobotocore")

import aiobotocore.httpsession
import aiobotocore.retries.bucket
import aiobotocore.signers
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def with_client(use: Callable[[Any], Awaitable[Any]], **options: Any) -> Any:
    async def main() -> Any:
        async with get_session().create_client("lambda", **{"region_name": "eu-west-1", **options}) as client:
            return await use(client)

    return asyncio.run(main())


def test_a_client_is_answered_without_credentials(world: ActiveMock) -> None:
    answer = with_client(lambda client: client.get_function_configuration(FunctionName="orders"))
    assert answer["FunctionName"] == "orders"


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "unseen"])
def test_a_client_made_before_the_handler_was_registered_is_answered(enter: MakeWorld, whole: bool) -> None:
    async def use(client: Any) -> Any:
        client.meta.events.unregister(botocore_hook.EVENT, botocore_hook.on_before_send)
        world = enter(whole_requests=whole)
        backend: Any = world.backend
        answer = await client.get_function_configuration(FunctionName="orders")
        activation.leave(world)
        return answer["FunctionName"], backend.asked[-1].operation

    answer = with_client(use, aws_access_key_id="a", aws_secret_access_key="b")
    assert answer == ("orders", "GetFunctionConfiguration")


def test_a_client_of_a_library_that_is_imported_in_the_mock_is_answered_in_its_region() -> None:
    program = (
        "import asyncio\n"
        "from lambda_states_mock import mock_lambda\n"
        "async def call():\n"
        "    from aiobotocore.session import get_session\n"
        "    async with get_session().create_client('lambda') as client:\n"
        "        await client.list_functions()\n"
        "with mock_lambda(region='eu-west-3') as m:\n"
        "    asyncio.run(call())\n"
        "    print(m.calls[-1].operation, m.calls[-1].region)\n"
    )
    assert forked.run("-c", program).stdout.split() == ["ListFunctions", "eu-west-3"]


def test_a_client_without_a_region_gets_the_mocks(world: ActiveMock) -> None:
    async def use(client: Any) -> str:
        return str(client.meta.region_name)

    assert with_client(use, region_name=None) == "us-east-1"


def test_nothing_is_signed(world: ActiveMock) -> None:
    with_client(lambda client: client.list_functions(), aws_access_key_id="a", aws_secret_access_key="b")
    backend: Any = world.backend
    assert "authorization" not in backend.asked[0].request.lower_headers()


def test_the_payload_of_an_answer_is_read_asynchronously(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.body = b'{"ok": true}'

    async def use(client: Any) -> tuple[bytes, bytes]:
        payload = (await client.invoke(FunctionName="orders"))["Payload"]
        return await payload.read(5), await payload.read()

    assert with_client(use) == (b'{"ok"', b": true}")


def test_an_event_stream_is_read_asynchronously(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.body = EVENT_STREAM
    backend.headers = {"content-type": "application/vnd.amazon.eventstream"}

    async def use(client: Any) -> list[bytes]:
        stream = (await client.invoke_with_response_stream(FunctionName="orders"))["EventStream"]
        return [event["PayloadChunk"]["Payload"] async for event in stream if "PayloadChunk" in event]

    assert with_client(use) == [b"one", b"two"]


def test_an_error_is_raised_as_the_service_raises_it(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.answers = [THROTTLED] * 9

    async def use(client: Any) -> str:
        with pytest.raises(client.exceptions.TooManyRequestsException) as caught:
            await client.list_functions()
        return str(caught.value.response["Error"]["Message"])

    assert with_client(use) == "Rate Exceeded."


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_back_off_moves_the_clock(world: ActiveMock, mode: str) -> None:
    backend: Any = world.backend
    backend.answers = [THROTTLED] * 3
    config = AioConfig(retries={"mode": mode, "total_max_attempts": 5})
    with_client(lambda client: client.list_functions(), config=config)
    assert world.clock.now > BEGIN


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_an_error_of_ours_is_not_tried_again(world: ActiveMock, mode: str) -> None:
    backend: Any = world.backend
    backend.always = NoHandlerError("no handler")
    with pytest.raises(NoHandlerError):
        with_client(
            lambda client: client.invoke(FunctionName="orders"),
            config=AioConfig(retries={"mode": mode, "total_max_attempts": 5}),
        )
    assert len(backend.asked) == 1


def test_a_dropped_connection_is_retried(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.answers = [BrokenConnection("connection closed")]
    answer = with_client(lambda client: client.list_functions())
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1


def test_a_waiter_moves_the_clock(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.body = b'{"Configuration": {"State": "Pending"}}'

    async def use(client: Any) -> None:
        waiter = client.get_waiter("function_active_v2")
        await waiter.wait(FunctionName="orders", WaiterConfig={"Delay": 5, "MaxAttempts": 13})

    with pytest.raises(WaiterError):
        with_client(use)
    assert (world.clock.now - BEGIN).total_seconds() == 60


def test_two_waiters_at_once_share_the_time(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.body = b'{"Configuration": {"State": "Pending"}}'

    async def use(client: Any) -> None:
        waiter = client.get_waiter("function_active_v2")
        config = {"Delay": 5, "MaxAttempts": 13}
        waits = (waiter.wait(FunctionName=name, WaiterConfig=config) for name in ("orders", "refunds"))
        await asyncio.gather(*waits, return_exceptions=True)

    with_client(use)
    assert (world.clock.now - BEGIN).total_seconds() == 60


def test_nothing_of_aiobotocore_stays_patched(enter: MakeWorld) -> None:
    def touched() -> list[object]:
        return [
            vars(aiobotocore.httpsession.AIOHTTPSession)["send"],
            vars(aiobotocore.signers.AioRequestSigner)["sign"],
            vars(aiobotocore.retries.bucket.AsyncTokenBucket)["acquire"],
        ]

    before = touched()
    activation.leave(enter())
    assert touched() == before
