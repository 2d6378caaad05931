"""Faults of API calls."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError

from lambda_states_mock import LambdaMockError
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.service_errors import ServiceError


def test_a_broken_connection_is_no_mistake_no_answer_and_no_error_of_a_client() -> None:
    assert not issubclass(BrokenConnection, (LambdaMockError, ServiceError, BotoCoreError))


def test_a_broken_connection_says_how_it_broke() -> None:
    assert str(BrokenConnection("read timed out")) == BrokenConnection("read timed out").how == "read timed out"
