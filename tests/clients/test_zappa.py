"""zappa deploys from S3, updates, rolls back and removes a function."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .deploying import answer_of, client, package, seen, session

NAME = "shop-dev"
BUCKET = "zappa-packages"


@pytest.fixture
def zappa(mock: Any) -> Any:
    """What ``zappa deploy`` and ``zappa update`` work with, its role made by itself."""
    from zappa.core import Zappa

    made = Zappa(boto_session=session(), runtime="python3.12")
    made.create_iam_roles()
    return made


def upload(zappa: Any, folder: Path, answer: str) -> str:
    """Upload a package as zappa does; return its key."""
    source = folder / f"{answer}.zip"
    source.write_bytes(package(answer))
    assert zappa.upload_to_s3(str(source), BUCKET, disable_progress=True)
    return source.name


def deploy(zappa: Any, folder: Path, **more: Any) -> str:
    key = upload(zappa, folder, "one")
    arn: str = zappa.create_lambda_function(
        bucket=BUCKET, s3_key=key, function_name=NAME, handler="app.handler", runtime="python3.12", **more
    )
    return arn


def update(zappa: Any, folder: Path, answer: str, **more: Any) -> str:
    arn: str = zappa.update_lambda_function(BUCKET, NAME, s3_key=upload(zappa, folder, answer), **more)
    return arn


def versions() -> list[str]:
    return [each["Version"] for each in client("lambda").list_versions_by_function(FunctionName=NAME)["Versions"]]


def test_creating_waits_until_the_function_is_active(zappa: Any, mock: Any, tmp_path: Path) -> None:
    arn = deploy(zappa, tmp_path, aws_environment_variables={"STAGE": "dev"}, concurrency=7)
    assert arn == f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
    states = seen(mock, "State")
    assert states == ["Pending"] * (len(states) - 1) + ["Active"]
    assert len(states) >= 60 / 5
    assert mock.calls.of("PutFunctionConcurrency")[0].error is None
    assert versions() == ["$LATEST", "1"]
    assert answer_of(NAME, "1") == "one"


def test_the_empty_values_that_zappa_sends_are_not_answered(zappa: Any, mock: Any, tmp_path: Path) -> None:
    deploy(zappa, tmp_path)
    configuration = client("lambda").get_function_configuration(FunctionName=NAME)
    empty = {"DeadLetterConfig", "FileSystemConfigs", "KMSKeyArn", "Layers", "VpcConfig"}
    assert not empty & set(configuration)
    assert configuration["Environment"] == {"Variables": {}}


def test_a_package_that_is_not_in_the_bucket_creates_nothing(zappa: Any, mock: Any, tmp_path: Path) -> None:
    upload(zappa, tmp_path, "one")
    with pytest.raises(zappa.lambda_client.exceptions.InvalidParameterValueException, match="NoSuchKey"):
        zappa.create_lambda_function(bucket=BUCKET, s3_key="other.zip", function_name=NAME, handler="app.handler")
    assert client("lambda").list_functions()["Functions"] == []
    deploy(zappa, tmp_path)


def test_updating_waits_for_the_new_code(zappa: Any, mock: Any, tmp_path: Path) -> None:
    deploy(zappa, tmp_path)
    before = len(seen(mock, "LastUpdateStatus"))
    update(zappa, tmp_path, "two")
    statuses = seen(mock, "LastUpdateStatus")[before:]
    assert statuses == ["InProgress"] * (len(statuses) - 1) + ["Successful"]
    assert len(statuses) >= 60 / 5
    assert versions() == ["$LATEST", "1", "2"]
    assert (answer_of(NAME), answer_of(NAME, "1"), answer_of(NAME, "2")) == ("two", "one", "two")


def test_old_versions_are_removed_when_only_some_shall_be_kept(zappa: Any, mock: Any, tmp_path: Path) -> None:
    deploy(zappa, tmp_path)
    update(zappa, tmp_path, "two")
    update(zappa, tmp_path, "three", num_revisions=2)
    assert versions() == ["$LATEST", "2", "3"]


def test_the_configuration_follows_the_code(zappa: Any, mock: Any, tmp_path: Path) -> None:
    arn = deploy(zappa, tmp_path, aws_environment_variables={"KEPT": "yes"})
    update(zappa, tmp_path, "two")
    zappa.update_lambda_configuration(
        arn, NAME, "app.handler", runtime="python3.12", memory_size=256, aws_environment_variables={"STAGE": "prod"}
    )
    zappa.wait_until_lambda_function_is_updated(NAME)
    configuration = client("lambda").get_function_configuration(FunctionName=NAME)
    assert configuration["MemorySize"] == 256
    assert configuration["Environment"] == {"Variables": {"KEPT": "yes", "STAGE": "prod"}}


def test_a_configuration_update_that_does_not_wait_for_the_code_is_refused(
    zappa: Any, mock: Any, tmp_path: Path
) -> None:
    arn = deploy(zappa, tmp_path)
    client("lambda").update_function_code(FunctionName=NAME, ZipFile=package("two"))
    with pytest.raises(zappa.lambda_client.exceptions.ResourceConflictException, match="An update is in progress"):
        zappa.update_lambda_configuration(arn, NAME, "app.handler", runtime="python3.12", wait=False)


def test_rolling_back_brings_the_code_of_an_earlier_version(zappa: Any, mock: Any, tmp_path: Path) -> None:
    deploy(zappa, tmp_path)
    update(zappa, tmp_path, "two")
    arn = zappa.rollback_lambda_function_version(NAME, versions_back=1)
    assert arn
    zappa.wait_until_lambda_function_is_updated(NAME)
    assert answer_of(NAME) == "one"
    assert versions() == ["$LATEST", "1", "2", "3"]


def test_rolling_back_further_than_there_are_versions_changes_nothing(zappa: Any, mock: Any, tmp_path: Path) -> None:
    deploy(zappa, tmp_path)
    assert zappa.rollback_lambda_function_version(NAME, versions_back=3) is False
    assert not mock.calls.of("UpdateFunctionCode")


def test_provisioned_concurrency_is_waited_for_and_moves_to_the_new_version(
    zappa: Any, mock: Any, tmp_path: Path
) -> None:
    arn = deploy(zappa, tmp_path, provisioned_concurrency=2)
    statuses = seen(mock, "Status", operation="GetProvisionedConcurrencyConfig")
    assert statuses[0] == "IN_PROGRESS"
    assert statuses[-1] == "READY"
    update(zappa, tmp_path, "two")
    zappa.update_lambda_configuration(arn, NAME, "app.handler", runtime="python3.12", provisioned_concurrency=2)
    (left,) = client("lambda").list_provisioned_concurrency_configs(FunctionName=NAME)["ProvisionedConcurrencyConfigs"]
    (alias,) = client("lambda").list_aliases(FunctionName=NAME)["Aliases"]
    assert left["FunctionArn"] == f"{arn}:{alias['FunctionVersion']}"


def test_a_deleted_function_is_gone(zappa: Any, mock: Any, tmp_path: Path) -> None:
    deploy(zappa, tmp_path)
    zappa.delete_lambda_function(NAME)
    assert zappa.get_lambda_function_versions(NAME) == []
    with pytest.raises(zappa.lambda_client.exceptions.ResourceNotFoundException):
        zappa.get_lambda_function(NAME)


def test_snap_start_waits_for_the_snapshot_before_its_alias_moves(zappa: Any, mock: Any, tmp_path: Path) -> None:
    deploy(zappa, tmp_path, snap_start="PublishedVersions")
    alias = client("lambda").get_alias(FunctionName=NAME, Name="snapstart")
    view = mock.function(NAME).version(alias["FunctionVersion"])
    assert view.state == "Active"
    assert answer_of(NAME, "snapstart") == "one"
    configuration = client("lambda").get_function_configuration(FunctionName=NAME, Qualifier="snapstart")
    assert configuration["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}


def test_provisioned_concurrency_is_ready_before_its_alias_moves(zappa: Any, mock: Any, tmp_path: Path) -> None:
    deploy(zappa, tmp_path, provisioned_concurrency=2)
    alias = client("lambda").get_alias(FunctionName=NAME, Name="provisioned-concurrency")
    version = alias["FunctionVersion"]
    found = client("lambda").get_provisioned_concurrency_config(FunctionName=NAME, Qualifier=version)
    assert (found["Status"], found["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 2)
    assert "IN_PROGRESS" in seen(mock, "Status", operation="GetProvisionedConcurrencyConfig")


def test_a_configuration_with_snap_start_publishes_a_version_of_its_own(zappa: Any, mock: Any, tmp_path: Path) -> None:
    arn = deploy(zappa, tmp_path)
    zappa.update_lambda_configuration(
        lambda_arn=arn,
        function_name=NAME,
        handler="app.handler",
        snap_start="PublishedVersions",
        aws_environment_variables={},
    )
    alias = client("lambda").get_alias(FunctionName=NAME, Name="snapstart")
    assert versions()[-1] == alias["FunctionVersion"] == "2"
    assert mock.function(NAME).version("2").state == "Active"
