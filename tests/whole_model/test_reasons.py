"""Every reason code, every reason of a throttle and every state of the model can be had."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock
from lambda_states_mock.api_model import Shape, enum_of, lambda_model, operation_model

from .reasons import STATE_REASONS, STATES, THROTTLES, UPDATE_REASONS

VALUES = [(enumeration, value) for enumeration, ways in STATES.items() for value in ways]


def test_no_reason_and_no_state_is_left_out() -> None:
    assert set(STATE_REASONS) == enum_of("StateReasonCode")
    assert set(UPDATE_REASONS) == enum_of("LastUpdateStatusReasonCode")
    assert set(THROTTLES) == enum_of("ThrottleReason")
    assert {name: set(ways) for name, ways in STATES.items()} == {name: enum_of(name) for name in STATES}


def test_no_enumeration_that_only_answers_have_is_left_out() -> None:
    operations = [operation_model(name) for name in lambda_model().operation_names]
    asked = {name for each in operations for name in enumerations(each.input_shape)}
    answered = {name for each in operations for name in enumerations(each.output_shape)}
    for code in lambda_model().error_names:
        answered |= enumerations(lambda_model().shape(code))

    shown = {"StateReasonCode", "LastUpdateStatusReasonCode", "ThrottleReason", *STATES}
    assert answered - asked <= shown


def enumerations(shape: Shape, above: frozenset[str] = frozenset()) -> set[str]:
    """Return the names of the enumerations in *shape*."""
    if shape.traits.get("enum"):
        return {shape.name}
    below = list(shape.members.values())
    if shape.type_name == "list":
        below = [shape.member]
    elif shape.type_name == "map":
        below = [shape.key, shape.value]
    inner = above | {shape.name}
    return {name for each in below if each.name not in above for name in enumerations(each, inner)}


@pytest.mark.parametrize("code", STATE_REASONS)
def test_a_test_gets_the_reason_of_a_state(mock: LambdaMock, once: Any, code: str) -> None:
    found = STATE_REASONS[code].get(mock, once)

    assert (found["StateReasonCode"], found["StateReason"] != "") == (code, True)


@pytest.mark.parametrize("code", UPDATE_REASONS)
def test_a_test_gets_the_reason_of_an_update(mock: LambdaMock, once: Any, code: str) -> None:
    found = UPDATE_REASONS[code].get(mock, once)

    assert (found["LastUpdateStatus"], found["LastUpdateStatusReasonCode"]) == ("Failed", code)
    assert found["LastUpdateStatusReason"]


@pytest.mark.parametrize("reason", THROTTLES)
def test_a_test_gets_the_reason_of_a_throttle(mock: LambdaMock, once: Any, reason: str) -> None:
    names = THROTTLES[reason].prepare(mock, once)

    with pytest.raises(ClientError) as caught:
        eval(THROTTLES[reason].asked, names)

    answer: Any = caught.value.response
    assert answer["Error"]["Code"] == "TooManyRequestsException"
    assert (answer["Reason"], answer["Type"], answer["Error"]["Message"] != "") == (reason, "User", True)


@pytest.mark.parametrize(("enumeration", "value"), VALUES)
def test_a_test_gets_the_state(mock: LambdaMock, once: Any, enumeration: str, value: str) -> None:
    assert STATES[enumeration][value].get(mock, once) == value
