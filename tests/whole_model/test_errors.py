"""Every error of the model can be had, and has the model's status, type and members."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock
from lambda_states_mock.api_model import lambda_model, members_of_error
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire import serialise_error

from .ways import BESIDE_THE_MODEL, ERRORS


def test_no_error_of_the_model_is_left_out() -> None:
    assert set(ERRORS) == set(lambda_model().error_names)


@pytest.mark.parametrize("code", ERRORS)
def test_a_test_gets_the_error(mock: LambdaMock, once: Any, code: str) -> None:
    names = ERRORS[code].prepare(mock, once)

    with pytest.raises(ClientError) as caught:
        eval(ERRORS[code].asked, names)

    answer: Any = caught.value.response
    shape = lambda_model().shape(code)
    assert (answer["Error"]["Code"], answer["Error"]["Message"] != "") == (code, True)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == shape.error_status
    sender = shape.traits["error"].get("senderFault", False)
    assert answer["Type"] == ("User" if sender else "Service")


@pytest.mark.parametrize("code", BESIDE_THE_MODEL)
def test_a_test_gets_what_the_model_does_not_have(mock: LambdaMock, once: Any, code: str) -> None:
    assert code not in lambda_model().error_names
    with pytest.raises(ClientError) as caught:
        BESIDE_THE_MODEL[code].get(mock, once)

    answer: Any = caught.value.response
    assert answer["Error"]["Code"] == code
    assert "Type" not in answer


@pytest.mark.parametrize("operation", lambda_model().operation_names)
def test_a_fault_can_be_each_error_that_an_operation_declares(mock: LambdaMock, operation: str) -> None:
    model = lambda_model().operation(operation)
    for code in model.errors:
        mock.faults.on_call(operation).error(code, members=dict.fromkeys(members_of_error(code), "7"), times=1)

        with pytest.raises(ServiceError) as caught:
            mock.backend.call(operation, {})

        error = caught.value
        response = serialise_error(operation, error, request_id="1", now=mock.clock.now)
        shape = lambda_model().shape(code)
        assert (error.code, response.status) == (code, shape.error_status)
        assert error.type == ("User" if shape.traits["error"].get("senderFault", False) else "Service")
        assert set(error.members) == members_of_error(code)
