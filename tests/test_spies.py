"""What a test says of the calls that were made, of the time that was taken, and of the permissions that were needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from lambda_states_mock import (
    BudgetExceededError,
    ClockError,
    LambdaMock,
    NotActiveError,
    UnknownNameError,
    UnmetExpectationError,
    mock_lambda,
)
from lambda_states_mock.api_model import lambda_model, parameters_of
from lambda_states_mock.dependencies.permissions import action_of
from lambda_states_mock.needed_policy import BESIDE, OF_ALL
from tests.deploying import ARN, ROLE, create, publish_twice, zip_of

Run = Callable[..., pytest.RunResult]


def lambda_client() -> Any:
    return boto3.client("lambda", region_name="us-east-1")


def test_calls_are_equal_to_the_names_of_their_operations(mock: LambdaMock, client: Any) -> None:
    create(client)
    client.get_function(FunctionName="orders")
    assert mock.calls == ["CreateFunction", "GetFunction"]
    assert mock.calls == ("CreateFunction", "GetFunction")
    assert ["CreateFunction", "GetFunction"] == mock.calls  # noqa: SIM300 - also this way round
    assert mock.calls != ["CreateFunction"]
    assert mock.calls.of("GetFunction") == ["GetFunction"]
    assert mock.calls == mock.calls[:]
    assert mock.calls != "CreateFunction"


def test_calls_that_differ_are_told_line_by_line(pytester: pytest.Pytester, run_inside: Run) -> None:
    pytester.makepyfile(
        """
        import boto3

        def test_it(lambda_mock):
            client = boto3.client("lambda", region_name="us-east-1")
            try:
                client.get_function(FunctionName="orders")
            except client.exceptions.ResourceNotFoundException:
                pass
            client.list_functions()
            assert lambda_mock.calls == ["CreateFunction", "ListFunctions"]
        """
    )
    told = run_inside().stdout.str()
    assert "- expected, + called:" in told
    for row in ("- CreateFunction", "+ GetFunction", "  ListFunctions", "<ApiCall GetFunction"):
        assert f"E         {row}" in told or f"E           {row}" in told


@pytest.mark.parametrize(("times", "made"), [(None, 1), (None, 3), (0, 0), (1, 1), (2, 2)])
def test_what_is_expected_and_comes_passes(times: int | None, made: int) -> None:
    with mock_lambda() as m:
        m.calls.expect("ListFunctions", times=times)
        for _ in range(made):
            lambda_client().list_functions()


@pytest.mark.parametrize(
    ("times", "made", "message"),
    [
        (None, 0, "expected at least one call of ListFunctions, and there were 0\n  all calls: none"),
        (1, 2, "expected 1 call of ListFunctions, and there were 2\n  all calls: ListFunctions, ListFunctions"),
        (0, 1, "expected 0 calls of ListFunctions, and there was 1"),
    ],
)
def test_what_is_expected_and_does_not_come_fails_the_test(times: int | None, made: int, message: str) -> None:
    with pytest.raises(UnmetExpectationError) as raised, mock_lambda() as m:  # noqa: PT012
        m.calls.expect("ListFunctions", times=times)
        for _ in range(made):
            lambda_client().list_functions()
    assert str(raised.value).startswith(message)
    assert isinstance(raised.value, AssertionError)


def test_calls_of_one_function_are_expected_by_name_or_arn() -> None:
    with mock_lambda() as m:
        m.calls.expect("GetFunction", times=1, function="orders")
        for name in ("orders", "refunds"):
            create(lambda_client(), name)
            lambda_client().get_function(FunctionName=f"{ARN}{name}")


def test_a_test_that_has_failed_is_not_asked_for_calls() -> None:
    with pytest.raises(KeyError), mock_lambda() as m:  # noqa: PT012
        m.calls.expect("ListFunctions")
        raise KeyError


def test_what_is_no_operation_and_what_is_no_count_is_refused(mock: LambdaMock) -> None:
    with pytest.raises(UnknownNameError):
        mock.calls.expect("ListFunction")
    with pytest.raises(ValueError, match="times=-1"):
        mock.calls.expect("ListFunctions", times=-1)


def test_a_block_within_its_budget_passes(mock: LambdaMock) -> None:
    with mock.clock.budget(minutes=1, seconds=5) as budget:
        mock.clock.advance(65)
    assert (budget.limit.total_seconds(), budget.spent.total_seconds()) == (65, 65)


def test_a_block_beyond_its_budget_is_told_what_took_so_long(mock: LambdaMock, client: Any) -> None:
    mock.timings["create"] = 90
    create(client)
    with pytest.raises(BudgetExceededError) as raised, mock.clock.budget(minutes=1):
        client.get_waiter("function_active_v2").wait(FunctionName="orders")
    told = str(raised.value).splitlines()
    assert told[0] == "the block took 0:01:30 of virtual time, and its budget is 0:01:00"
    assert told[2].startswith("    0:01:30  a waiter, ")


def test_another_error_comes_before_the_budget(mock: LambdaMock) -> None:
    with pytest.raises(KeyError), mock.clock.budget(seconds=1):  # noqa: PT012
        mock.clock.advance(5)
        raise KeyError


@pytest.mark.parametrize("lengths", [{}, {"minutes": 0}, {"seconds": -1}])
def test_a_budget_of_nothing_is_refused(mock: LambdaMock, lengths: dict[str, float]) -> None:
    with pytest.raises(ClockError, match="a budget is more than zero"):
        mock.clock.budget(**lengths)


def statements(mock: LambdaMock) -> dict[str, list[str]]:
    """Return the resources of each action in the policy that the calls so far need."""
    return {
        action: statement["Resource"]
        for statement in mock.calls.policy()["Statement"]
        for action in statement["Action"]
    }


def test_the_policy_names_actions_and_resources_and_prints_as_json(mock: LambdaMock, client: Any) -> None:
    create(client, Tags={"team": "shop"}, VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]})
    client.list_functions()
    assert statements(mock) == {
        "lambda:CreateFunction": [f"{ARN}orders"],
        "iam:PassRole": [ROLE],
        "lambda:TagResource": ["*"],
        "lambda:ListFunctions": ["*"],
        "ec2:DescribeSecurityGroups": ["*"],
        "ec2:DescribeSubnets": ["*"],
        "ec2:DescribeVpcs": ["*"],
    }
    assert json.loads(str(mock.calls.policy())) == mock.calls.policy()


def test_the_policy_needs_what_invokes_reads_and_moves(mock: LambdaMock, client: Any) -> None:
    publish_twice(client, mock, Code={"S3Bucket": "code", "S3Key": "orders.zip"})
    mock.handler("orders", returns=1)
    client.invoke(FunctionName="orders", Qualifier="live")
    client.publish_layer_version(LayerName="base", Content={"ZipFile": zip_of()})
    found = statements(mock)
    assert found["lambda:InvokeFunction"] == [f"{ARN}orders:live"]
    assert found["s3:GetObject"] == ["arn:aws:s3:::code/orders.zip"]
    assert found["lambda:PublishLayerVersion"] == ["arn:aws:lambda:us-east-1:123456789012:layer:base"]


def test_the_policy_is_enough_for_the_same_calls() -> None:
    def act(client: Any, m: LambdaMock) -> None:
        create(client)
        m.clock.run_until_idle()
        client.update_function_configuration(FunctionName="orders", MemorySize=256)
        m.clock.run_until_idle()
        client.publish_version(FunctionName="orders")
        client.list_functions()

    with mock_lambda() as m:
        act(lambda_client(), m)
        needed = statements(m)
    actions = {action_of(name) for name in lambda_model().operation_names}
    with mock_lambda() as m:
        for action in actions - needed.keys():
            m.world.deny(action)
        act(lambda_client(), m)


def test_the_policy_of_one_caller_is_asked_for_by_its_arn(mock: LambdaMock, client: Any) -> None:
    client.list_functions()
    mock.world.caller = "arn:aws:sts::123456789012:assumed-role/ci/build"
    client.list_layers()
    (statement,) = mock.calls.policy(caller="arn:aws:sts::123456789012:assumed-role/ci/build")["Statement"]
    assert statement == {"Effect": "Allow", "Action": ["lambda:ListLayers"], "Resource": ["*"]}


def test_the_tables_of_needs_name_operations_and_parameters_that_there_are() -> None:
    assert set(lambda_model().operation_names) >= OF_ALL
    for need in BESIDE:
        assert all(need.parameter in parameters_of(operation) for operation in need.operations)


def test_a_budget_after_the_mock_has_ended_is_refused_when_the_clock_moves() -> None:
    with mock_lambda() as m:
        pass
    with pytest.raises(NotActiveError), m.clock.budget(seconds=1):
        m.clock.advance(1)
