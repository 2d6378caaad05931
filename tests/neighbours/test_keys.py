"""Keys of moto's KMS, with which a function's environment variables are encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import zip_of
from tests.neighbours.conftest import client, create_role

UNKNOWN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_aws(), mock_lambda(timings="instant") as mock:
        mock.handler("orders", returns="ok")
        yield mock


@pytest.fixture
def key(m: LambdaMock) -> str:
    return str(client("kms").create_key()["KeyMetadata"]["Arn"])


def awslambda() -> Any:
    return client("lambda", config=Config(retries={"total_max_attempts": 1}))


def create(key: str) -> None:
    client("s3").create_bucket(Bucket="code")
    client("s3").put_object(Bucket="code", Key="zip", Body=zip_of())
    awslambda().create_function(
        FunctionName="orders",
        Runtime="python3.13",
        Handler="app.handler",
        Role=create_role(),
        Code={"S3Bucket": "code", "S3Key": "zip"},
        KMSKeyArn=key,
    )


def refusal() -> str:
    with pytest.raises(ClientError) as raised:
        awslambda().invoke(FunctionName="orders")
    return str(raised.value.response["Error"]["Code"])


def test_a_key_that_is_there_serves(m: LambdaMock, key: str) -> None:
    create(key)
    assert m.function("orders").state == "Active"
    assert awslambda().invoke(FunctionName="orders")["Payload"].read() == b'"ok"'


def test_a_key_that_is_not_there_fails_the_creation(m: LambdaMock) -> None:
    create(UNKNOWN)
    assert (m.function("orders").state, m.function("orders").state_reason_code) == ("Failed", "KMSKeyNotFound")


def test_a_disabled_key_fails_invocations_and_updates_until_it_is_enabled(m: LambdaMock, key: str) -> None:
    create(key)
    client("kms").disable_key(KeyId=key.rpartition("/")[2])
    assert refusal() == "KMSDisabledException"
    awslambda().update_function_configuration(FunctionName="orders", Description="new")
    assert m.function("orders").last_update_status_reason_code == "DisabledKMSKey"
    client("kms").enable_key(KeyId=key.rpartition("/")[2])
    assert awslambda().invoke(FunctionName="orders")["StatusCode"] == 200


def test_a_key_that_waits_for_its_deletion_cannot_be_used(m: LambdaMock, key: str) -> None:
    create(key)
    client("kms").schedule_key_deletion(KeyId=key.rpartition("/")[2], PendingWindowInDays=7)
    assert refusal() == "KMSInvalidStateException"


def test_what_the_test_says_of_a_key_comes_first(m: LambdaMock, key: str) -> None:
    create(key)
    m.world.keys[key].deny()
    assert refusal() == "KMSAccessDeniedException"


@pytest.mark.parametrize("arn", [UNKNOWN, UNKNOWN.replace("123456789012", "999999999999")], ids=["mocked", "another's"])
def test_only_keys_that_moto_answers_for_are_asked_for(arn: str) -> None:
    services = ["iam", "s3"] if arn == UNKNOWN else ["iam", "s3", "kms"]
    with mock_aws(config={"core": {"service_whitelist": services}}), mock_lambda(timings="instant") as m:
        create(arn)
        assert m.function("orders").state == "Active"
