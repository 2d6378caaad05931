"""A scripted fault that was never met fails the test when the mock ends, however the mock was entered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, current, mock_lambda
from lambda_states_mock.errors import NotActiveError, UnfiredFaultError


def script(mock: LambdaMock) -> None:
    mock.faults.on_call("UpdateFunctionCode").error("TooManyRequestsException", times=2)


def in_a_block(**options: Any) -> None:
    with mock_lambda(**options) as mock:
        script(mock)


def in_an_asynchronous_block(**options: Any) -> None:
    async def block() -> None:
        async with mock_lambda(**options) as mock:
            script(mock)

    asyncio.run(block())


def decorated(**options: Any) -> None:
    @mock_lambda(**options)
    def test() -> None:
        script(current())

    test()


def started_and_stopped(**options: Any) -> None:
    activation = mock_lambda(**options)
    script(activation.start())
    activation.stop()


every_way_in = pytest.mark.parametrize("way", [in_a_block, in_an_asynchronous_block, decorated, started_and_stopped])


@every_way_in
def test_an_unmet_fault_fails_the_test_and_everything_is_put_back(way: Callable[..., None]) -> None:
    with pytest.raises(UnfiredFaultError) as raised:
        way()

    assert "UpdateFunctionCode: answers TooManyRequestsException, 2 times; called 0" in str(raised.value)
    with pytest.raises(NotActiveError):
        current()


@every_way_in
def test_an_unmet_fault_can_be_ignored(way: Callable[..., None]) -> None:
    way(unfired_faults="ignore")


def test_the_failure_of_the_test_itself_comes_first() -> None:
    def test() -> None:
        with mock_lambda() as mock:
            script(mock)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        test()
    with pytest.raises(NotActiveError):
        current()


def test_an_optional_fault_need_not_be_met() -> None:
    with mock_lambda() as mock:
        mock.faults.on_call("Invoke").disconnect(required=False)
        mock.faults.on_phase("create").hang().optional()
        mock.faults.on_phase("create").fail("InternalError").remove()


def test_a_setup_that_fails_is_not_hidden() -> None:
    @mock_lambda
    class Tests:
        def setup_method(self) -> None:
            script(current())
            raise ZeroDivisionError

        def teardown_method(self) -> None: ...

    tests: Any = Tests()
    with pytest.raises(ZeroDivisionError):
        tests.setup_method(None)
    with pytest.raises(NotActiveError):
        current()


def test_a_teardown_that_fails_is_not_hidden() -> None:
    @mock_lambda
    class Tests:
        def setup_method(self) -> None:
            script(current())

        def teardown_method(self) -> None:
            raise ZeroDivisionError

    tests: Any = Tests()
    tests.setup_method(None)
    with pytest.raises(ZeroDivisionError):
        tests.teardown_method(None)
    with pytest.raises(NotActiveError):
        current()


def test_a_misspelt_choice_names_the_nearest() -> None:
    misspelt: Any = {"unfired_faults": "ignored"}
    with pytest.raises(ValueError, match='did you mean "ignore"'):
        mock_lambda(**misspelt)
