"""Code signing configurations and the functions that have one (recorded answers; configuration-codesigning.html)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of, refused, zip_of
from tests.operations.test_layer import LAYER, publish

PUBLISHERS = {"SigningProfileVersionArns": ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/ours"]}
NOWHERE = "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdef0"
SIGNED = zip_of({"app.py": "def handler(event, context): ...\n", "META-INF/aws_signer_signature_v1.0.SF": "signed"})


def made(client: Any, **params: Any) -> dict[str, Any]:
    """Create a configuration and return it."""
    config: dict[str, Any] = client.create_code_signing_config(AllowedPublishers=PUBLISHERS, **params)[
        "CodeSigningConfig"
    ]
    return config


@pytest.fixture
def enforcing(client: Any) -> str:
    """The ARN of a configuration that lets no unsigned code through."""
    return str(made(client, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"})["CodeSigningConfigArn"])


def test_a_new_configuration_warns_and_has_no_description(client: Any) -> None:
    answer = client.create_code_signing_config(AllowedPublishers=PUBLISHERS)
    config = answer["CodeSigningConfig"]

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert re.fullmatch(r"csc-[0-9a-f]{17}", config["CodeSigningConfigId"])
    assert config == {
        "CodeSigningConfigId": config["CodeSigningConfigId"],
        "CodeSigningConfigArn": NOWHERE.replace("csc-0123456789abcdef0", config["CodeSigningConfigId"]),
        "AllowedPublishers": PUBLISHERS,
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"},
        "Description": "",
        "LastModified": "2026-01-01T00:00:00.000+0000",
    }


def test_a_configuration_reads_back_as_it_was_created(client: Any) -> None:
    config = made(client, Description="ours")

    answer = client.get_code_signing_config(CodeSigningConfigArn=config["CodeSigningConfigArn"])
    assert answer["CodeSigningConfig"] == config


@pytest.mark.parametrize(
    "change",
    [
        {"Description": "new"},
        {"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"}},
        {"AllowedPublishers": {"SigningProfileVersionArns": [PUBLISHERS["SigningProfileVersionArns"][0] + "/2"]}},
        {},
    ],
)
def test_an_update_changes_what_it_names_and_the_date(client: Any, mock: LambdaMock, change: dict[str, Any]) -> None:
    before = made(client, Description="ours")
    mock.clock.advance(60)
    after = client.update_code_signing_config(CodeSigningConfigArn=before["CodeSigningConfigArn"], **change)

    assert after["CodeSigningConfig"] == {**before, **change, "LastModified": "2026-01-01T00:01:00.000+0000"}


@pytest.mark.parametrize(
    "operation",
    [
        "get_code_signing_config",
        "update_code_signing_config",
        "delete_code_signing_config",
        "list_functions_by_code_signing_config",
    ],
)
def test_an_unknown_configuration_is_not_found_and_the_answer_has_no_type(client: Any, operation: str) -> None:
    answer = refused(getattr(client, operation), CodeSigningConfigArn=NOWHERE)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert answer["Error"]["Code"] == "ResourceNotFoundException"
    assert answer["Message"] == f"The Lambda code signing configuration {NOWHERE} can not be found."
    assert "Type" not in answer


def test_configurations_page_through_with_the_paginator(client: Any) -> None:
    arns = sorted(made(client)["CodeSigningConfigArn"] for _ in range(3))
    pages = list(client.get_paginator("list_code_signing_configs").paginate(MaxItems=2))

    shown = [[one["CodeSigningConfigArn"] for one in page["CodeSigningConfigs"]] for page in pages]
    assert shown == [arns[:2], arns[2:]]


def test_a_function_has_no_configuration_until_it_is_given_one(client: Any) -> None:
    create(client)
    arn = made(client)["CodeSigningConfigArn"]

    none = client.get_function_code_signing_config(FunctionName="orders")
    assert none.keys() == {"ResponseMetadata"}
    put = client.put_function_code_signing_config(FunctionName="orders", CodeSigningConfigArn=arn)
    got = client.get_function_code_signing_config(FunctionName=ARN + "orders")
    for answer in (put, got):
        assert answer["ResponseMetadata"].pop("HTTPStatusCode") == 200
        assert {**answer, "ResponseMetadata": None} == {
            "CodeSigningConfigArn": arn,
            "FunctionName": "orders",
            "ResponseMetadata": None,
        }


def test_a_function_can_be_created_with_a_configuration(client: Any) -> None:
    arn = made(client)["CodeSigningConfigArn"]
    create(client, CodeSigningConfigArn=arn)

    assert client.get_function_code_signing_config(FunctionName="orders")["CodeSigningConfigArn"] == arn


def test_an_unknown_configuration_is_refused_before_the_function_is_looked_for(client: Any) -> None:
    refusal = error_of(client.put_function_code_signing_config, FunctionName="nobody", CodeSigningConfigArn=NOWHERE)

    text = "The code signing configuration cannot be found. Check that the provided configuration is not deleted"
    assert refusal == (404, "CodeSigningConfigNotFoundException", f"{text}: {NOWHERE}.")


def test_no_function_is_created_with_an_unknown_configuration(client: Any) -> None:
    with pytest.raises(client.exceptions.CodeSigningConfigNotFoundException):
        create(client, CodeSigningConfigArn=NOWHERE)
    assert client.list_functions()["Functions"] == []


@pytest.mark.parametrize(
    "operation",
    [
        "get_function_code_signing_config",
        "delete_function_code_signing_config",
        "put_function_code_signing_config",
    ],
)
def test_a_function_that_is_not_there_has_none(client: Any, operation: str) -> None:
    params = {"CodeSigningConfigArn": made(client)["CodeSigningConfigArn"]} if operation.startswith("put") else {}

    refusal = error_of(getattr(client, operation), FunctionName="nobody", **params)
    assert refusal == (404, "ResourceNotFoundException", f"Function not found: {ARN}nobody")


def test_taking_it_away_answers_204_also_the_second_time(client: Any) -> None:
    create(client, CodeSigningConfigArn=made(client)["CodeSigningConfigArn"])
    answers = [client.delete_function_code_signing_config(FunctionName="orders") for _ in range(2)]

    assert [answer["ResponseMetadata"]["HTTPStatusCode"] for answer in answers] == [204, 204]
    assert "CodeSigningConfigArn" not in client.get_function_code_signing_config(FunctionName="orders")


def test_the_functions_of_a_configuration_page_through_with_the_paginator(client: Any) -> None:
    arn = made(client)["CodeSigningConfigArn"]
    for name in ("c", "a", "b"):
        create(client, name, CodeSigningConfigArn=arn)
    create(client, "other")
    paginator = client.get_paginator("list_functions_by_code_signing_config")
    pages = list(paginator.paginate(CodeSigningConfigArn=arn, MaxItems=2))

    assert [page["FunctionArns"] for page in pages] == [[ARN + "a", ARN + "b"], [ARN + "c"]]


def test_a_configuration_in_use_cannot_be_deleted(client: Any) -> None:
    arn = made(client)["CodeSigningConfigArn"]
    create(client, CodeSigningConfigArn=arn)

    assert error_of(client.delete_code_signing_config, CodeSigningConfigArn=arn)[:2] == (
        409,
        "ResourceConflictException",
    )
    client.delete_function(FunctionName="orders")
    answer = client.delete_code_signing_config(CodeSigningConfigArn=arn)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_unsigned_code_is_deployed_where_the_policy_only_warns(client: Any) -> None:
    assert create(client, CodeSigningConfigArn=made(client)["CodeSigningConfigArn"])["State"] == "Pending"


def test_unsigned_code_is_refused_where_the_policy_enforces(client: Any, enforcing: str) -> None:
    with pytest.raises(client.exceptions.CodeVerificationFailedException):
        create(client, CodeSigningConfigArn=enforcing)
    assert client.list_functions()["Functions"] == []


def test_code_that_aws_signer_signed_is_deployed(client: Any, enforcing: str) -> None:
    answer = create(client, CodeSigningConfigArn=enforcing, Code={"ZipFile": SIGNED})

    assert answer["State"] == "Pending"


def test_an_update_with_unsigned_code_is_refused(client: Any, mock: LambdaMock, enforcing: str) -> None:
    create(client)
    client.put_function_code_signing_config(FunctionName="orders", CodeSigningConfigArn=enforcing)
    mock.clock.run_until_idle()

    refusal = error_of(client.update_function_code, FunctionName="orders", ZipFile=zip_of())
    assert refusal[:2] == (400, "CodeVerificationFailedException")
    assert client.update_function_code(FunctionName="orders", ZipFile=SIGNED)["LastUpdateStatus"] == "InProgress"


def test_an_unsigned_layer_is_refused_too(client: Any, mock: LambdaMock, enforcing: str) -> None:
    publish(client)
    create(client, CodeSigningConfigArn=enforcing, Code={"ZipFile": SIGNED})
    mock.clock.run_until_idle()

    refusal = error_of(client.update_function_configuration, FunctionName="orders", Layers=[f"{LAYER}:1"])
    assert refusal[:2] == (400, "CodeVerificationFailedException")
