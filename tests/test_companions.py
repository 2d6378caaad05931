"""Other tools of tests beside the mock: botocore's Stubber, vcrpy, patching, and unittest in all its forms."""

from __future__ import annotations

import asyncio
import os
import time
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock as patching

import boto3
import botocore.client
import pytest
import requests
import vcr
from botocore.exceptions import StubResponseError
from botocore.stub import Stubber
from pytest_mock import MockerFixture

from lambda_states_mock import LambdaMock, NotActiveError, UnfiredFaultError, current, mock_lambda
from tests import forked
from tests.aio_clients import get_session
from tests.test_mock import create

START = "2026-01-01T00:00:00Z"


def client() -> Any:
    return boto3.client("lambda", region_name="us-east-1")


# -- botocore's Stubber


def test_a_stubbed_call_is_answered_by_the_stubber_and_the_next_by_us(lambda_mock: LambdaMock) -> None:
    stubbed = create()
    with Stubber(stubbed) as stubber:
        stubber.add_response("get_function_configuration", {"State": "Failed"}, {"FunctionName": "orders"})
        assert stubbed.get_function_configuration(FunctionName="orders")["State"] == "Failed"
        stubber.assert_no_pending_responses()
    assert stubbed.get_function_configuration(FunctionName="orders")["State"] == "Pending"
    assert lambda_mock.calls.operations == ["CreateFunction", "GetFunctionConfiguration"]


def test_a_stubber_is_for_its_own_client(lambda_mock: LambdaMock) -> None:
    with Stubber(client()) as stubber:
        stubber.add_client_error("list_functions", "TooManyRequestsException")
        assert client().list_functions()["Functions"] == []


def test_a_waiter_goes_on_from_a_stubbed_answer(lambda_mock: LambdaMock) -> None:
    stubbed = create()
    stubber = Stubber(stubbed)
    stubber.add_response("get_function", {"Configuration": {"State": "Pending"}})
    stubber.activate()
    before = lambda_mock.clock.now
    with pytest.raises(StubResponseError, match="Unexpected API Call"):
        stubbed.get_waiter("function_active_v2").wait(FunctionName="orders")
    stubber.deactivate()
    assert (lambda_mock.clock.now - before).total_seconds() >= 1
    stubbed.get_waiter("function_active_v2").wait(FunctionName="orders")


# -- vcrpy


@pytest.fixture
def cassette(tmp_path: Path) -> Iterator[Any]:
    with vcr.use_cassette(str(tmp_path / "calls.yaml"), record_mode="all") as tape:
        yield tape


def test_vcrpy_has_nothing_to_record(cassette: Any, lambda_mock: LambdaMock) -> None:
    create().get_waiter("function_active_v2").wait(FunctionName="orders")
    assert len(cassette) == 0
    assert lambda_mock.function("orders").state == "Active"


def test_vcrpy_may_be_entered_inside_the_mock(tmp_path: Path, lambda_mock: LambdaMock) -> None:
    with vcr.use_cassette(str(tmp_path / "calls.yaml"), record_mode="none") as tape:
        assert create().list_functions()["Functions"][0]["FunctionName"] == "orders"
    assert len(tape) == 0


def test_beside_vcrpy_a_function_url_answers(cassette: Any) -> None:
    with mock_lambda(timings="instant"):
        url = create().create_function_url_config(FunctionName="orders", AuthType="AWS_IAM")["FunctionUrl"]
        assert requests.get(url, timeout=5).status_code == 403
    assert len(cassette) == 0


def test_beside_vcrpy_an_asynchronous_client_is_answered(cassette: Any, lambda_mock: LambdaMock) -> None:
    async def main() -> Any:
        async with get_session().create_client("lambda", region_name="us-east-1") as connection:
            return await connection.list_functions()

    assert asyncio.run(main())["Functions"] == []
    assert len(cassette) == 0


# -- patching


def test_a_patch_of_botocores_call_comes_first_and_goes_again(lambda_mock: LambdaMock) -> None:
    connection = create()
    with patching.patch.object(botocore.client.BaseClient, "_make_api_call", return_value={"State": "Patched"}):
        assert connection.get_function_configuration(FunctionName="orders") == {"State": "Patched"}
    assert connection.get_function_configuration(FunctionName="orders")["State"] == "Pending"


def test_a_patch_that_passes_lambda_through_reaches_us(lambda_mock: LambdaMock) -> None:
    original: Any = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined] # as users patch it

    def call(self: Any, operation: str, params: Any) -> Any:
        return {"Buckets": []} if operation == "ListBuckets" else original(self, operation, params)

    with patching.patch("botocore.client.BaseClient._make_api_call", new=call):
        assert boto3.client("s3", region_name="us-east-1").list_buckets()["Buckets"] == []
        assert client().list_functions()["Functions"] == []


def test_a_patched_sleep_is_the_patchers(lambda_mock: LambdaMock) -> None:
    before = lambda_mock.clock.now
    with patching.patch("time.sleep") as sleep:
        time.sleep(60)
    sleep.assert_called_once_with(60)
    assert lambda_mock.clock.now == before
    time.sleep(60)
    assert (lambda_mock.clock.now - before).total_seconds() == 60


def test_a_sleep_patched_before_the_mock_stays_patched() -> None:
    with patching.patch("time.sleep") as sleep:
        with mock_lambda():
            pass
        assert time.sleep is sleep


def test_a_patched_environment_is_left_to_the_patcher(lambda_mock: LambdaMock) -> None:
    with patching.patch.dict("os.environ", {"AWS_DEFAULT_REGION": "eu-west-1"}):
        connection: Any = boto3.Session().client("lambda")
    assert connection.meta.region_name == "eu-west-1"


# -- pytest-mock


def test_mocker_patches_a_call_until_the_test_ends(mocker: MockerFixture, lambda_mock: LambdaMock) -> None:
    connection = create()
    mocker.patch.object(connection, "invoke", return_value={"StatusCode": 418})
    assert connection.invoke(FunctionName="orders")["StatusCode"] == 418
    mocker.stopall()
    lambda_mock.clock.run_until_idle()
    assert connection.invoke(FunctionName="orders")["StatusCode"] == 200


def test_mocker_spies_on_what_we_answer(mocker: MockerFixture, lambda_mock: LambdaMock) -> None:
    spy = mocker.spy(botocore.client.BaseClient, "_make_api_call")
    assert client().list_functions()["Functions"] == []
    assert spy.call_args.args[1] == "ListFunctions"
    assert spy.spy_return["Functions"] == []


# -- workers


WORKERS = """
import os
import boto3
import pytest
from lambda_states_mock import current, mock_lambda

@pytest.mark.parametrize("number", range(6))
@mock_lambda(timings="instant", seed=7)
def test_each_is_alone(number):
    client = boto3.client("lambda", region_name="us-east-1")
    assert client.list_functions()["Functions"] == []
    created = client.create_function(
        FunctionName="orders", Runtime="python3.13", Handler="app.handler", Role="arn:aws:iam::123456789012:role/r",
        Code={"S3Bucket": "code", "S3Key": "zip"},
    )
    assert current().function("orders").state == "Active"
    with open(os.environ["SEEN"], "a") as seen:
        seen.write(f"{os.getpid()} {created['RevisionId']}\\n")
"""


def test_the_workers_of_xdist_have_worlds_of_their_own_with_the_same_ids(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(WORKERS)
    seen = tmp_path / "seen"
    environment = {**os.environ, "SEEN": str(seen), "PYTHONPATH": str(Path(__file__).parent.parent)}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they take longer to start than all of the test
    plugins = ["-p", "xdist", "-p", "lambda_states_mock.pytest_plugin", "-p", "no:cacheprovider"]
    workers = forked.workers_of_xdist(2, tmp_path)
    done = forked.run("-m", "pytest", "-q", *plugins, *workers, "--dist", "each", cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout
    rows = [line.split() for line in seen.read_text().splitlines()]
    assert len({process for process, _ in rows}) == 2
    assert len({revision for _, revision in rows}) == 1


# -- unittest


def succeed(case: type[unittest.TestCase], *, tests: int = 1) -> None:
    """Run the tests of *case* and assert that all of them, so many, succeed, and that no mock is left."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    assert (result.errors, result.failures, result.testsRun) == ([], [], tests)
    with pytest.raises(NotActiveError):
        current()


def test_start_in_set_up_and_stop_as_a_cleanup() -> None:
    class Case(unittest.TestCase):
        def setUp(self) -> None:
            activation = mock_lambda(start=START)
            self.mock = activation.start()
            self.addCleanup(activation.stop)

        def test_one(self) -> None:
            create()
            assert self.mock.function("orders").state == "Pending"

        def test_two(self) -> None:
            assert client().list_functions()["Functions"] == []

    succeed(Case, tests=2)


def test_start_and_stop_in_set_up_and_tear_down() -> None:
    class Case(unittest.TestCase):
        activation = mock_lambda(timings="instant")

        def setUp(self) -> None:
            self.mock = self.activation.start()
            create()

        def tearDown(self) -> None:
            self.activation.stop()

        def test_one(self) -> None:
            assert self.mock.function("orders").state == "Active"

    succeed(Case)


def test_enter_context_ends_with_the_test() -> None:
    class Case(unittest.TestCase):
        def setUp(self) -> None:
            enter = getattr(self, "enterContext", None) or self._enter  # new in Python 3.11
            self.mock: LambdaMock = enter(mock_lambda())

        def _enter(self, manager: Any) -> Any:
            self.addCleanup(manager.__exit__, None, None, None)
            return manager.__enter__()

        def test_one(self) -> None:
            create()
            assert self.mock.calls.operations == ["CreateFunction"]

    succeed(Case)


def test_one_world_can_last_for_a_whole_class() -> None:
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            activation = mock_lambda()
            cls.mock = activation.start()
            cls.addClassCleanup(activation.stop)
            create()

        mock: LambdaMock

        def test_one(self) -> None:
            assert self.mock.function("orders").exists

        def test_two(self) -> None:
            assert current() is self.mock

    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Case)
    result = unittest.TestResult()
    suite.run(result)
    assert (result.errors, result.failures, result.testsRun) == ([], [], 2)
    with pytest.raises(NotActiveError):
        current()


def test_a_method_can_be_decorated() -> None:
    class Case(unittest.TestCase):
        @mock_lambda(start=START)
        def test_one(self) -> None:
            create()
            assert current().function("orders").state == "Pending"

    succeed(Case)


def test_an_asynchronous_case_is_decorated_as_a_whole() -> None:
    pytest.importorskip("aiobotocore")

    @mock_lambda(start=START)
    class Case(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self) -> None:
            self.mock = current()

        async def test_one(self) -> None:
            async with get_session().create_client("lambda", region_name="us-east-1") as connection:
                await connection.list_functions()
            await asyncio.sleep(3600)
            assert current() is self.mock
            assert self.mock.clock.now.hour == 1

        async def asyncTearDown(self) -> None:
            assert current() is self.mock

    succeed(Case)


def test_an_asynchronous_case_can_start_the_mock_itself() -> None:
    class Case(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self) -> None:
            activation = mock_lambda()
            self.mock = activation.start()
            self.addCleanup(activation.stop)

        async def test_one(self) -> None:
            await asyncio.to_thread(create)
            before = self.mock.clock.now
            await asyncio.sleep(60)
            assert (self.mock.clock.now - before).total_seconds() == 60
            assert self.mock.function("orders").state == "Active"

    succeed(Case)


def test_a_fault_that_was_never_met_fails_the_unittest() -> None:
    @mock_lambda
    class Case(unittest.TestCase):
        def test_one(self) -> None:
            current().faults.on_call("ListFunctions").disconnect(times=1)

    with pytest.raises(UnfiredFaultError):
        Case("test_one").run(unittest.TestResult())
