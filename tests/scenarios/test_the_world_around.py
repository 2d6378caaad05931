"""What a function depends on: roles that are too new, images that are gone, callers who may not, late readers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from lambda_states_mock import mock_lambda

from .deploying import (
    IMAGE,
    IMAGE_URI,
    START,
    VPC,
    answer_of,
    arn_of,
    client,
    configure,
    create,
    create_active,
    look,
    refused,
    update_code,
)

NOT_ASSUMABLE = "The role defined for the function cannot be assumed by Lambda."
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def insist(deploy: Callable[[], Any], *, patience: int = 10) -> int:
    """Deploy, and try again while the role is not there yet, as deploy tools do; return how often it took."""
    for attempt in range(1, patience + 1):
        try:
            deploy()
        except client().exceptions.InvalidParameterValueException as error:
            if NOT_ASSUMABLE not in str(error) or attempt == patience:
                raise
            time.sleep(2)
        else:
            return attempt
    raise AssertionError("patience is at least 1")


# -- roles


def test_a_role_that_was_just_made_is_refused_for_some_seconds(m: Any) -> None:
    m.world.roles["runner"].appears_after(8)
    with refused("InvalidParameterValueException", NOT_ASSUMABLE, status=400):
        create()
    assert not m.function("orders").exists

    assert insist(create) == 5

    assert len(m.calls.of("CreateFunction")) == 6
    m.clock.run_until_idle()
    assert answer_of() == "one"


def test_a_new_role_of_an_existing_function_is_refused_for_some_seconds(m: Any) -> None:
    create_active(m)
    before = look()
    m.world.roles["fresh"].appears_after(5)
    role = "arn:aws:iam::123456789012:role/fresh"
    with refused("InvalidParameterValueException", NOT_ASSUMABLE):
        configure(Role=role)
    assert look() == before

    insist(lambda: configure(Role=role))

    m.clock.run_until_idle()
    assert look()["Role"] == role


def test_a_role_that_never_comes_ends_in_the_error_and_not_in_a_loop(m: Any) -> None:
    m.world.roles["runner"].missing()
    before = m.clock.now

    with refused("InvalidParameterValueException", NOT_ASSUMABLE):
        insist(create, patience=7)

    assert len(m.calls.of("CreateFunction")) == 7
    assert (m.clock.now - before).total_seconds() == 12
    assert not m.function("orders").exists


# -- code and keys


def test_an_image_that_is_gone_fails_the_update_and_the_old_one_goes_on(m: Any) -> None:
    m.handler("orders", returns="served")
    create_active(m, **IMAGE)
    second = IMAGE_URI.replace(":1", ":2")
    client().update_function_code(FunctionName="orders", ImageUri=second)
    m.world.images[second].delete()

    with pytest.raises(WaiterError, match="terminal failure state"):
        client().get_waiter("function_updated_v2").wait(FunctionName="orders")

    found = look()
    assert (found["State"], found["LastUpdateStatus"]) == ("Active", "Failed")
    assert found["LastUpdateStatusReasonCode"] == "ImageDeleted"
    assert answer_of() == "served"

    m.world.images[second].restore()
    client().update_function_code(FunctionName="orders", ImageUri=second)
    client().get_waiter("function_updated_v2").wait(FunctionName="orders")
    assert client().get_function(FunctionName="orders")["Code"]["ImageUri"] == second


def test_an_image_that_may_not_be_pulled_fails_the_creation(m: Any) -> None:
    create(**IMAGE)
    m.world.images[IMAGE_URI].revoke()

    with pytest.raises(WaiterError, match="terminal failure state"):
        client().get_waiter("function_active_v2").wait(FunctionName="orders")

    assert look()["StateReasonCode"] == "ImageAccessDenied"


def test_a_key_that_may_not_be_used_fails_the_update(m: Any) -> None:
    create_active(m)
    m.world.keys[KEY].deny()
    configure(KMSKeyArn=KEY, Environment={"Variables": {"SECRET": "x"}})
    m.clock.run_until_idle()

    assert look()["LastUpdateStatusReasonCode"] == "KMSKeyAccessDenied"
    assert answer_of() == "one"


def test_a_subnet_without_addresses_fails_the_creation(m: Any) -> None:
    m.world.subnets["subnet-1"].exhaust()
    create(**VPC)

    with pytest.raises(WaiterError, match="terminal failure state"):
        client().get_waiter("function_active_v2").wait(FunctionName="orders")

    assert (look()["State"], look()["StateReasonCode"]) == ("Failed", "SubnetOutOfIPAddresses")


# -- callers


@pytest.mark.parametrize(
    ("denied", "fails", "works"),
    [
        ("lambda:GetFunctionConfiguration", "function_active", "function_active_v2"),
        ("lambda:GetFunction", "function_active_v2", "function_active"),
    ],
)
def test_a_caller_who_may_look_in_one_way_only_can_use_one_waiter_only(
    m: Any, denied: str, fails: str, works: str
) -> None:
    create()
    m.world.caller = "arn:aws:sts::123456789012:assumed-role/ci/build"
    m.world.deny(denied)

    with pytest.raises(WaiterError, match="AccessDeniedException"):
        client().get_waiter(fails).wait(FunctionName="orders")
    client().get_waiter(works).wait(FunctionName="orders")

    assert m.function("orders").state == "Active"


def test_who_may_not_update_is_told_and_changes_nothing(m: Any) -> None:
    create_active(m)
    before = look()
    m.world.deny("lambda:UpdateFunctionCode", function="orders")

    with refused("AccessDeniedException", status=403) as refusal:
        update_code()

    assert f"is not authorized to perform: lambda:UpdateFunctionCode on resource: {arn_of()}" in refusal.message
    assert look() == before


# -- late readers


def test_readers_learn_of_a_function_and_of_its_end_some_seconds_late() -> None:
    with mock_lambda(start=START, consistency=3) as m:
        create()
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            client().get_function(FunctionName="orders")
        client().get_waiter("function_exists").wait(FunctionName="orders")
        client().get_waiter("function_active_v2").wait(FunctionName="orders")
        assert m.function("orders").state == "Active"

        client().delete_function(FunctionName="orders")
        assert not m.function("orders").exists
        assert client().get_function(FunctionName="orders")["Configuration"]["State"] == "Active"
        m.clock.advance(3)
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            client().get_function(FunctionName="orders")


def test_a_name_can_be_created_again_while_late_readers_still_see_the_old_function() -> None:
    with mock_lambda(start=START, consistency=5) as m:
        create(Description="old")
        m.clock.advance(10)
        client().delete_function(FunctionName="orders")
        create(Description="new")

        assert look()["Description"] == "old"
        m.clock.advance(5)
        assert look()["Description"] == "new"
