"""Updates begin with the call and end on the clock; until then the old code and configuration run."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, answering, create, error_of, zip_of

IN_PROGRESS = f"The operation cannot be performed at this time. An update is in progress for resource: {ARN}orders"


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client, Code={"ZipFile": answering("old")})
    mock.clock.run_until_idle()
    return client


def said(client: Any) -> str:
    return str(client.invoke(FunctionName="orders")["Payload"].read().decode())


def test_an_update_answers_active_and_in_progress_with_the_new_configuration(settled: Any) -> None:
    answer = settled.update_function_configuration(FunctionName="orders", Timeout=30)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert (answer["State"], answer["Timeout"]) == ("Active", 30)
    assert answer["LastUpdateStatus"] == "InProgress"
    assert answer["LastUpdateStatusReason"] == "The function is being created."
    assert answer["LastUpdateStatusReasonCode"] == "Creating"


@pytest.mark.parametrize("name", ["orders:1", "orders:live", ARN + "orders:1"])
def test_a_version_or_an_alias_cannot_be_updated(settled: Any, name: str) -> None:
    published = settled.publish_version(FunctionName="orders")

    for refusal in (
        error_of(settled.update_function_configuration, FunctionName=name, Timeout=30),
        error_of(settled.update_function_code, FunctionName=name, ZipFile=answering("new")),
    ):
        assert refusal[:2] == (400, "InvalidParameterValueException")
        assert refusal[2].startswith("This operation is permitted on Lambda functions only.")
    latest = settled.get_function_configuration(FunctionName="orders")
    assert (latest["Timeout"], latest["CodeSha256"]) == (3, published["CodeSha256"])


def test_the_revision_changes_with_the_call_and_again_with_the_end(settled: Any, mock: LambdaMock) -> None:
    revisions = [settled.get_function_configuration(FunctionName="orders")["RevisionId"]]
    revisions.append(settled.update_function_configuration(FunctionName="orders", Timeout=30)["RevisionId"])
    mock.clock.run_until_idle()
    revisions.append(settled.get_function_configuration(FunctionName="orders")["RevisionId"])

    assert len(set(revisions)) == 3


def test_invoke_runs_the_old_code_until_the_update_has_ended(settled: Any, mock: LambdaMock) -> None:
    settled.update_function_code(FunctionName="orders", ZipFile=answering("new"))
    during = said(settled)
    mock.clock.run_until_idle()

    assert (during, said(settled)) == ('"old"', '"new"')


def test_invoke_sees_the_old_environment_until_the_update_has_ended(client: Any, mock: LambdaMock) -> None:
    code = zip_of("import os\ndef handler(event, context):\n    return os.environ['MODE']\n")
    create(client, Code={"ZipFile": code}, Environment={"Variables": {"MODE": "old"}})
    mock.clock.run_until_idle()
    client.update_function_configuration(FunctionName="orders", Environment={"Variables": {"MODE": "new"}})
    during = said(client)
    mock.clock.run_until_idle()

    assert (during, said(client)) == ('"old"', '"new"')


@pytest.mark.parametrize(
    ("call", "params"),
    [
        ("update_function_code", {"ZipFile": zip_of()}),
        ("update_function_configuration", {"Timeout": 4}),
        ("publish_version", {}),
    ],
)
def test_a_second_change_is_refused_while_one_is_in_progress(settled: Any, call: str, params: dict[str, Any]) -> None:
    settled.update_function_configuration(FunctionName="orders", Timeout=30)

    refusal = error_of(getattr(settled, call), FunctionName="orders", **params)

    assert refusal == (409, "ResourceConflictException", IN_PROGRESS)


def test_tagging_is_refused_while_an_update_is_in_progress(settled: Any) -> None:
    settled.update_function_configuration(FunctionName="orders", Timeout=30)

    assert error_of(settled.tag_resource, Resource=ARN + "orders", Tags={"a": "b"})[2] == IN_PROGRESS


def test_a_stale_revision_is_refused_before_the_update_in_progress(settled: Any) -> None:
    revision = settled.get_function_configuration(FunctionName="orders")["RevisionId"]
    settled.update_function_configuration(FunctionName="orders", Timeout=30)

    refusal = error_of(settled.update_function_code, FunctionName="orders", ZipFile=zip_of(), RevisionId=revision)

    assert refusal == (
        412,
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. "
        "Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
    )


def test_a_dry_run_changes_nothing(settled: Any) -> None:
    before = settled.get_function_configuration(FunctionName="orders")

    answer = settled.update_function_code(FunctionName="orders", ZipFile=answering("new"), DryRun=True)

    after = settled.get_function_configuration(FunctionName="orders")
    assert answer["CodeSha256"] != before["CodeSha256"]
    assert {**after, "ResponseMetadata": 0} == {**before, "ResponseMetadata": 0}


def test_an_update_with_publish_answers_with_the_pending_version(settled: Any, mock: LambdaMock) -> None:
    answer = settled.update_function_code(FunctionName="orders", ZipFile=answering("new"), Publish=True)

    assert (answer["FunctionArn"], answer["Version"]) == (ARN + "orders:1", "1")
    assert (answer["State"], answer["StateReasonCode"]) == ("Pending", "Creating")
    assert [key for key in answer if key.startswith("LastUpdate")] == []
    assert mock.function("orders").last_update_status == "InProgress"


def test_a_failed_update_keeps_the_old_code_serving_and_says_why(settled: Any, mock: LambdaMock) -> None:
    mock.faults.on_phase("update").fail("KMSKeyNotFound", "no such key", times=1)
    settled.update_function_code(FunctionName="orders", ZipFile=answering("new"))
    mock.clock.run_until_idle()

    answer = settled.get_function_configuration(FunctionName="orders")

    assert (answer["State"], answer["LastUpdateStatus"]) == ("Active", "Failed")
    assert answer["LastUpdateStatusReasonCode"] == "KMSKeyNotFound"
    assert answer["LastUpdateStatusReason"] == "no such key"
    assert said(settled) == '"old"'


def test_the_next_successful_update_clears_a_failed_one(settled: Any, mock: LambdaMock) -> None:
    mock.faults.on_phase("update").fail("KMSKeyNotFound", times=1)
    for _ in range(2):
        settled.update_function_code(FunctionName="orders", ZipFile=answering("new"))
        mock.clock.run_until_idle()

    answer = settled.get_function_configuration(FunctionName="orders")

    assert answer["LastUpdateStatus"] == "Successful"
    assert [key for key in answer if key.startswith("LastUpdateStatusReason")] == []
    assert said(settled) == '"new"'


def test_a_zip_for_an_image_function_is_refused(client: Any, mock: LambdaMock) -> None:
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:latest"
    create(client, PackageType="Image", Code={"ImageUri": uri}, Runtime=None, Handler=None)
    mock.clock.run_until_idle()

    assert error_of(client.update_function_code, FunctionName="orders", ZipFile=zip_of()) == (
        400,
        "InvalidParameterValueException",
        "Please provide ImageUri when updating a function with packageType Image.",
    )


@pytest.mark.parametrize(
    "params",
    [
        {"Runtime": "python3.13"},
        {"Handler": "app.handler"},
        {"Layers": ["arn:aws:lambda:us-east-1:210987654321:layer:tools:1"]},
    ],
    ids=lambda params: str(next(iter(params))),
)
def test_an_image_function_gets_nothing_that_only_zips_have(
    client: Any, mock: LambdaMock, params: dict[str, Any]
) -> None:
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:latest"
    image: dict[str, Any] = {"PackageType": "Image", "Code": {"ImageUri": uri}}
    create(client, **image, Runtime=None, Handler=None)
    mock.clock.run_until_idle()
    refusal = (
        400,
        "InvalidParameterValueException",
        "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
    )

    assert error_of(client.update_function_configuration, FunctionName="orders", **params) == refusal
    created = {**dict.fromkeys(("Runtime", "Handler")), **image, **params}
    assert error_of(create, client=client, name="prices", **created) == refusal
    assert client.get_function_configuration(FunctionName="orders")["LastUpdateStatus"] == "Successful"


@pytest.mark.parametrize("member", ["S3Bucket", "S3Key", "S3ObjectVersion"])
def test_code_comes_from_one_place(settled: Any, member: str) -> None:
    code = {"ZipFile": zip_of(), member: "mine"}
    refusal = (
        400,
        "InvalidParameterValueException",
        "Please do not provide other FunctionCode parameters when providing a ZipFile.",
    )

    assert error_of(settled.update_function_code, FunctionName="orders", **code) == refusal
    assert error_of(create, client=settled, name="prices", Code=code) == refusal


@pytest.mark.parametrize(
    "target",
    ["arn:aws:s3:::bucket", f"{ARN}other", "arn:aws:sqs:us-east-1:123456789012:q.fifo",
     "arn:aws:sns:us-east-1:123456789012:t.fifo"],
)  # fmt: skip
def test_failed_events_go_to_a_standard_queue_or_topic(settled: Any, target: str) -> None:
    refusal = (400, "InvalidParameterValueException", f"The provided dead letter target ARN {target} is invalid.")
    config = {"DeadLetterConfig": {"TargetArn": target}}

    assert error_of(settled.update_function_configuration, FunctionName="orders", **config) == refusal
    assert error_of(create, client=settled, name="prices", **config) == refusal


def test_a_logging_configuration_is_merged_member_by_member(settled: Any, mock: LambdaMock) -> None:
    def update(**config: str) -> Any:
        answer = settled.update_function_configuration(FunctionName="orders", LoggingConfig=config)
        mock.clock.run_until_idle()
        return answer["LoggingConfig"]

    assert update(LogFormat="JSON") == {
        "LogFormat": "JSON",
        "LogGroup": "/aws/lambda/orders",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
    }
    assert update(LogGroup="mine")["LogFormat"] == "JSON"
    assert update(SystemLogLevel="WARN") == {
        "LogFormat": "JSON",
        "LogGroup": "mine",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "WARN",
    }


def test_plain_text_has_no_log_levels_even_after_json_had_some(settled: Any, mock: LambdaMock) -> None:
    shown = []
    for config in (
        {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "LogGroup": "mine"},
        {"LogFormat": "Text"},
        {"LogFormat": "JSON"},
    ):
        settled.update_function_configuration(FunctionName="orders", LoggingConfig=config)
        mock.clock.run_until_idle()
        shown.append(settled.get_function_configuration(FunctionName="orders")["LoggingConfig"])

    assert shown[1] == {"LogFormat": "Text", "LogGroup": "mine"}
    assert shown[2] == {
        "LogFormat": "JSON",
        "LogGroup": "mine",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
    }


def test_an_empty_dead_letter_config_keeps_the_target_and_an_empty_arn_removes_it(
    settled: Any, mock: LambdaMock
) -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:dead"

    def update(config: dict[str, str]) -> Any:
        answer = settled.update_function_configuration(FunctionName="orders", DeadLetterConfig=config)
        mock.clock.run_until_idle()
        return answer.get("DeadLetterConfig")

    assert update({"TargetArn": queue}) == {"TargetArn": queue}
    assert update({}) == {"TargetArn": queue}
    assert update({"TargetArn": ""}) is None


def test_a_second_function_with_the_same_network_is_quick(client: Any, mock: LambdaMock) -> None:
    network = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    create(client, VpcConfig=network)
    mock.clock.run_until_idle()
    first = mock.clock.now - mock.timeline[0].at
    create(client, "second", VpcConfig=network)
    started = mock.clock.now
    mock.clock.run_until_idle()

    assert first.total_seconds() == 75
    assert (mock.clock.now - started).total_seconds() == 3
