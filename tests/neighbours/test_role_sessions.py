"""Code of functions beside moto: STS and IAM know it by its role, and so do all the other services."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import create, error_of, zip_of
from tests.neighbours.conftest import TRUST, client, create_role

SESSION = "arn:aws:sts::123456789012:assumed-role/orders/orders"
ASKING = """
import boto3


def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
"""


@pytest.fixture(params=["moto around", "moto inside"])
def m(request: pytest.FixtureRequest) -> Iterator[LambdaMock]:
    mocks: list[Any] = [mock_aws(), mock_lambda(timings="instant", seed=1)]
    outer, inner = mocks if request.param == "moto around" else mocks[::-1]
    with outer as one, inner as other:
        role = client("iam").create_role(
            RoleName="orders", Path="/service-role/", AssumeRolePolicyDocument=json.dumps(TRUST)
        )["Role"]
        create(client("lambda"), Role=role["Arn"])
        yield one if isinstance(one, LambdaMock) else other


def inside(m: LambdaMock, call: Callable[[], Any], name: str = "orders") -> Any:
    found: list[Any] = []

    def handler(_event: Any, _context: Any) -> None:
        found.append(call())

    m.handler(name, call=handler)
    client("lambda").invoke(FunctionName=name)
    return found[0]


def identity(**keys: str) -> tuple[str, str, str]:
    answer = client("sts", **keys).get_caller_identity()
    return answer["Arn"], answer["Account"], answer["UserId"]


def test_sts_answers_the_role_and_the_session(m: LambdaMock) -> None:
    role_id = client("iam").get_role(RoleName="orders")["Role"]["RoleId"]
    assert inside(m, identity) == (SESSION, "123456789012", f"{role_id}:orders")
    assert identity()[0] == "arn:aws:sts::123456789012:user/moto"  # of the test


def test_sts_answers_them_to_code_of_a_zip_and_in_each_environment(m: LambdaMock) -> None:
    role = "arn:aws:iam::123456789012:role/service-role/orders"
    create(client("lambda"), "asking", Role=role, Code={"ZipFile": zip_of(ASKING)})
    create(client("lambda"), "again", Role=role, Code={"ZipFile": zip_of(ASKING)})
    for name in ("asking", "asking", "again"):
        answer = client("lambda").invoke(FunctionName=name)["Payload"].read()
        assert json.loads(answer) == f"arn:aws:sts::123456789012:assumed-role/orders/{name}"


def test_the_keys_of_two_environments_differ_and_the_seed_makes_them(m: LambdaMock) -> None:
    keys = [inside(m, lambda: os.environ["AWS_ACCESS_KEY_ID"]) for _ in range(2)]  # a handler for each environment
    assert keys[0] != keys[1]


def test_a_key_that_leaves_the_function_is_its_roles_outside_too(m: LambdaMock) -> None:
    def keys() -> dict[str, str]:
        credentials: Any = boto3.Session().get_credentials()
        found = credentials.get_frozen_credentials()
        return {
            "aws_access_key_id": found.access_key,
            "aws_secret_access_key": found.secret_key,
            "aws_session_token": found.token,
        }

    assert identity(**inside(m, keys))[0] == SESSION


def test_a_role_that_a_function_assumes_is_the_caller(m: LambdaMock) -> None:
    create_role("other")

    def assume() -> None:
        given = client("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/other", RoleSessionName="work")
        keys = given["Credentials"]
        client(
            "lambda",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        ).list_functions()

    m.world.deny("lambda:ListFunctions", caller="orders")
    inside(m, assume)
    assert m.calls[-1].caller == "arn:aws:sts::123456789012:assumed-role/other/work"


def test_a_user_of_moto_is_the_caller(m: LambdaMock) -> None:
    client("iam").create_user(UserName="ann")
    key = client("iam").create_access_key(UserName="ann")["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    m.world.deny("lambda:ListFunctions", caller="arn:aws:iam::123456789012:user/ann")
    assert error_of(client("lambda", **keys).list_functions)[1] == "AccessDeniedException"
    assert "Functions" in client("lambda").list_functions()


def test_what_a_function_makes_is_where_the_test_finds_it(m: LambdaMock) -> None:
    inside(m, lambda: client("sqs").create_queue(QueueName="jobs"))
    assert client("sqs").get_queue_url(QueueName="jobs")["QueueUrl"].endswith("/123456789012/jobs")


def test_moto_checks_the_policies_of_the_role(m: LambdaMock, monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.core import set_initial_no_auth_action_count

    statement = {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    client("iam").put_role_policy(RoleName="orders", PolicyName="own", PolicyDocument=json.dumps(policy))

    def orders() -> str:
        def checked() -> str:
            client("sqs").list_queues()
            try:
                client("sqs").create_queue(QueueName="jobs")
            except ClientError as error:
                return str(error)
            return "allowed"

        return set_initial_no_auth_action_count(0)(checked)()

    assert f"User: {SESSION} is not authorized to perform: sqs:CreateQueue" in inside(m, orders)


def test_a_function_of_another_account_acts_there() -> None:
    with mock_aws(), mock_lambda(timings="instant") as m:
        given = client("sts").assume_role(RoleArn="arn:aws:iam::210987654321:role/deployer", RoleSessionName="work")
        keys = given["Credentials"]
        theirs = client(
            "lambda",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        arn = create(theirs, Role="arn:aws:iam::210987654321:role/orders")["FunctionArn"]
        seen: list[Any] = []
        m.handler(arn, call=lambda _event, _context: seen.append((identity(), client("lambda").list_functions())))
        theirs.invoke(FunctionName="orders")

        assert seen[0][0][:2] == ("arn:aws:sts::210987654321:assumed-role/orders/orders", "210987654321")
        assert [one["FunctionArn"] for one in seen[0][1]["Functions"]] == [arn]


def test_in_a_home_that_is_not_motos_a_function_finds_what_the_test_has_made() -> None:
    with mock_aws(), mock_lambda(timings="instant", account="999999999999") as m:
        create(client("lambda"), Role="arn:aws:iam::999999999999:role/orders")
        client("sqs").create_queue(QueueName="jobs")
        url = inside(m, lambda: client("sqs").get_queue_url(QueueName="jobs")["QueueUrl"])
        assert url.endswith("/123456789012/jobs")
        assert inside(m, lambda: client("lambda").list_functions()["Functions"][0]["FunctionName"]) == "orders"
        assert m.calls[-1].caller == "arn:aws:sts::999999999999:assumed-role/orders/orders"


def test_the_same_seed_gives_the_same_keys_beside_moto() -> None:
    keys = []
    for _ in range(2):
        with mock_aws(), mock_lambda(timings="instant", seed=5) as m:
            create_role()
            create(client("lambda"))
            keys.append(inside(m, lambda: (identity()[0], os.environ["AWS_ACCESS_KEY_ID"])))
    assert keys[0] == keys[1]
