"""chalice deploys, updates and removes a function."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from .deploying import REGION, TRUST_LAMBDA, answer_of, client, create_role, package, seen


@pytest.fixture
def chalice(mock: Any) -> Any:
    """The client that all of chalice deploys with; its sleep is the one chalice itself bound when it was imported."""
    from chalice.awsclient import TypedAWSClient

    session = botocore.session.Session()
    session.set_config_variable("region", REGION)
    return TypedAWSClient(session)


def deploy(chalice: Any, role: str, **more: Any) -> str:
    more = {"function_name": "orders", "role_arn": role, "zip_contents": package("old"), **more}
    arn: str = chalice.create_function(runtime="python3.12", handler="app.handler", **more)
    return arn


def test_creating_waits_until_the_function_is_active(chalice: Any, mock: Any) -> None:
    arn = deploy(chalice, create_role(), environment_variables={"STAGE": "dev"}, timeout=30, memory_size=256)
    assert arn == "arn:aws:lambda:us-east-1:123456789012:function:orders"
    states = seen(mock, "State")
    assert states == ["Pending"] * (len(states) - 1) + ["Active"]
    assert len(states) >= 60 / 5
    assert mock.function("orders").state == "Active"
    assert answer_of("orders") == "old"


def test_a_role_that_lambda_cannot_assume_yet_is_tried_again(chalice: Any, mock: Any) -> None:
    role = "arn:aws:iam::123456789012:role/runner"
    mock.clock.call_later(12, create_role, label="the role becomes known")
    deploy(chalice, role)
    errors = [call.error for call in mock.calls.of("CreateFunction")]
    assert [error is None for error in errors] == [False, False, False, True]
    assert mock.function("orders").state == "Active"


def test_a_role_that_never_exists_ends_in_an_error(chalice: Any, mock: Any) -> None:
    from chalice.awsclient import LambdaClientError

    with pytest.raises(LambdaClientError, match="The role defined for the function cannot be assumed by Lambda"):
        deploy(chalice, "arn:aws:iam::123456789012:role/nobody")
    assert len(mock.calls.of("CreateFunction")) == chalice.LAMBDA_CREATE_ATTEMPTS


def test_a_role_made_by_chalice_is_good_at_once(chalice: Any, mock: Any) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
    role = chalice.create_role("orders-dev", TRUST_LAMBDA, policy)
    deploy(chalice, role)
    assert len(mock.calls.of("CreateFunction")) == 1


def test_updating_waits_for_the_code_and_then_for_the_configuration(chalice: Any, mock: Any) -> None:
    deploy(chalice, create_role(), tags={"team": "shop", "old": "yes"})
    before = len(seen(mock, "LastUpdateStatus"))
    chalice.update_function(
        "orders",
        package("new"),
        environment_variables={"STAGE": "prod"},
        timeout=20,
        tags={"team": "shop", "new": "yes"},
    )
    statuses = seen(mock, "LastUpdateStatus")[before:]
    assert statuses.count("InProgress") >= 2 * 60 / 5
    assert statuses.count("Successful") == 2
    configuration = client("lambda").get_function_configuration(FunctionName="orders")
    assert configuration["Timeout"] == 20
    assert configuration["Environment"] == {"Variables": {"STAGE": "prod"}}
    assert chalice._client("lambda").list_tags(Resource=configuration["FunctionArn"])["Tags"] == {
        "team": "shop",
        "new": "yes",
    }
    assert answer_of("orders") == "new"


def test_the_old_code_answers_until_the_update_ends(chalice: Any, mock: Any) -> None:
    deploy(chalice, create_role())
    client("lambda").update_function_code(FunctionName="orders", ZipFile=package("new"))
    assert chalice.invoke_function("orders")["Payload"].read() == b'"old"'
    chalice._wait_for_function_update("orders")
    assert chalice.invoke_function("orders")["Payload"].read() == b'"new"'


def test_a_failed_creation_ends_the_waiting(chalice: Any, mock: Any) -> None:
    from botocore.exceptions import WaiterError

    mock.faults.on_phase("create", function="orders").fail("SubnetOutOfIPAddresses")
    with pytest.raises(WaiterError, match="terminal failure state"):
        deploy(chalice, create_role())
    assert mock.function("orders").state == "Failed"


def test_reserved_concurrency_is_put_and_removed(chalice: Any, mock: Any) -> None:
    deploy(chalice, create_role())
    chalice.put_function_concurrency("orders", 5)
    assert client("lambda").get_function(FunctionName="orders")["Concurrency"] == {"ReservedConcurrentExecutions": 5}
    chalice.delete_function_concurrency("orders")
    assert "Concurrency" not in client("lambda").get_function(FunctionName="orders")


def test_a_removed_function_is_gone(chalice: Any, mock: Any) -> None:
    from chalice.awsclient import ResourceDoesNotExistError

    deploy(chalice, create_role())
    assert chalice.lambda_function_exists("orders")
    chalice.delete_function("orders")
    assert not chalice.lambda_function_exists("orders")
    with pytest.raises(ResourceDoesNotExistError, match="orders"):
        chalice.delete_function("orders")
