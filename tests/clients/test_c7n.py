"""Cloud Custodian deploys, updates and removes the function of a policy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .deploying import answer_of, client, create_role, seen, session

pytestmark = [
    pytest.mark.needs("c7n"),
    # c7n reads its archive (PythonPackageArchive.get_bytes, get_reader) without closing the file.
    pytest.mark.filterwarnings("ignore:unclosed file <_io.BufferedReader:ResourceWarning"),
]

NAME = "custodian-sweep"
CODE = "def handler(event, context):\n    return {answer!r}\n"


@pytest.fixture
def manager(mock: Any) -> Any:
    """What ``custodian run`` deploys policies with."""
    from c7n.mu import LambdaManager

    return LambdaManager(session)


def function(role: str, answer: str = "one", **more: Any) -> Any:
    """Return a function as custodian describes it, with code that returns *answer*."""
    from c7n.mu import LambdaFunction, PythonPackageArchive

    archive = PythonPackageArchive()
    archive.add_contents("app.py", CODE.format(answer=answer))
    archive.close()
    described = {
        "name": NAME,
        "handler": "app.handler",
        "runtime": "python3.12",
        "description": "sweeps",
        "memory_size": 256,
        "timeout": 60,
        "role": role,
    }
    return LambdaFunction({**described, **more}, archive)


def updates(mock: Any) -> list[str]:
    """Return the operations so far that change a function's code or configuration."""
    changing = ("UpdateFunctionCode", "UpdateFunctionConfiguration")
    return [call.operation for call in mock.calls if call.operation in changing]


def test_a_new_function_is_waited_for_and_gets_its_concurrency_while_pending(manager: Any, mock: Any) -> None:
    result = manager.publish(function(create_role(), concurrency=3, tags={"team": "ops"}))
    assert (result["Version"], result["State"]) == ("1", "Pending")
    states = seen(mock, "State")
    assert states == ["Pending"] * (len(states) - 1) + ["Active"]
    assert len(states) >= 60 / 5
    operations = [call.operation for call in mock.calls]
    assert operations.index("PutFunctionConcurrency") < operations.index("GetFunctionConfiguration")
    found = client("lambda").get_function(FunctionName=NAME)
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    assert found["Tags"] == {"team": "ops"}
    assert answer_of(NAME) == "one"


def test_publishing_the_same_again_changes_nothing(manager: Any, mock: Any) -> None:
    described = function(create_role(), tags={"team": "ops"})
    manager.publish(described)
    manager.publish(described)
    assert updates(mock) == []
    assert not mock.calls.of("TagResource")


def test_new_code_is_waited_for(manager: Any, mock: Any) -> None:
    role = create_role()
    manager.publish(function(role))
    before = len(seen(mock, "LastUpdateStatus"))
    manager.publish(function(role, "two"))
    statuses = seen(mock, "LastUpdateStatus")[before:]
    assert statuses == ["InProgress"] * (len(statuses) - 1) + ["Successful"]
    assert len(statuses) >= 60 / 5
    assert updates(mock) == ["UpdateFunctionCode"]
    assert (answer_of(NAME), answer_of(NAME, "1"), answer_of(NAME, "2")) == ("two", "one", "two")


def test_code_configuration_tags_and_concurrency_change_together(manager: Any, mock: Any) -> None:
    role = create_role()
    manager.publish(function(role, concurrency=3, tags={"team": "ops", "old": "yes"}))
    changed = function(role, "two", timeout=90, tags={"team": "shop"}, environment={"Variables": {"MODE": "dry"}})
    manager.publish(changed)
    assert updates(mock) == ["UpdateFunctionCode", "UpdateFunctionConfiguration"]
    client("lambda").get_waiter("function_updated").wait(FunctionName=NAME)
    found = client("lambda").get_function(FunctionName=NAME)
    assert found["Configuration"]["Timeout"] == 90
    assert found["Configuration"]["Environment"] == {"Variables": {"MODE": "dry"}}
    assert found["Tags"] == {"team": "shop"}
    assert "Concurrency" not in found


def test_publishing_again_while_the_configuration_is_updated_is_refused(manager: Any, mock: Any) -> None:
    role = create_role()
    manager.publish(function(role))
    manager.publish(function(role, timeout=90))
    with pytest.raises(manager.client.exceptions.ResourceConflictException, match="An update is in progress"):
        manager.publish(function(role, "two", timeout=90))


def test_an_alias_follows_the_published_version(manager: Any, mock: Any) -> None:
    role = create_role()
    first = function(role)
    manager.publish(first, alias="current")
    assert first.alias == f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}:current"
    assert answer_of(NAME, "current") == "one"
    manager.publish(function(role, "two"), alias="current")
    assert client("lambda").get_alias(FunctionName=NAME, Name="current")["FunctionVersion"] == "2"
    assert answer_of(NAME, "current") == "two"


def test_code_can_come_from_a_bucket(manager: Any, mock: Any) -> None:
    client("s3").create_bucket(Bucket="custodian")
    manager.publish(function(create_role()), s3_uri="s3://custodian/code")
    (uploaded,) = client("s3").list_objects_v2(Bucket="custodian")["Contents"]
    assert mock.calls.of("CreateFunction")[0].params["Code"] == {"S3Bucket": "custodian", "S3Key": uploaded["Key"]}
    assert answer_of(NAME) == "one"


def test_a_schedule_may_invoke_the_function_and_goes_with_it(manager: Any, mock: Any) -> None:
    from c7n.mu import CloudWatchEventSource

    schedule = CloudWatchEventSource({"type": "periodic", "schedule": "rate(5 minutes)"}, session)
    described = function(create_role(), events=[schedule])
    manager.publish(described)
    (statement,) = json.loads(client("lambda").get_policy(FunctionName=NAME)["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"]["ArnLike"]["AWS:SourceArn"].endswith(f":rule/{NAME}")
    assert client("events").list_targets_by_rule(Rule=NAME)["Targets"][0]["Arn"] == described.arn
    manager.remove(described)
    assert client("events").list_rules()["Rules"] == []


def test_a_removed_function_is_gone_and_may_be_removed_again(manager: Any, mock: Any) -> None:
    described = function(create_role())
    manager.publish(described)
    assert [each["FunctionName"] for each in manager.list_functions("custodian-")] == [NAME]
    manager.remove(described)
    manager.remove(described)
    assert manager.get(NAME) is False
    assert list(manager.list_functions()) == []


def test_a_failed_creation_ends_the_waiting(manager: Any, mock: Any) -> None:
    from botocore.exceptions import WaiterError

    mock.faults.on_phase("create", function=NAME).fail("InvalidSecurityGroup")
    with pytest.raises(WaiterError, match="terminal failure state"):
        manager.publish(function(create_role()))
    assert mock.function(NAME).state == "Failed"


def test_a_conflict_is_retried_until_the_update_has_ended(manager: Any, mock: Any) -> None:
    from c7n.utils import get_retry

    manager.publish(function(create_role()))
    mock.timings["update"] = 20
    change = manager.client.update_function_configuration
    change(FunctionName=NAME, Timeout=90)
    retry = get_retry(("TooManyRequestsException", "ResourceConflictException"))
    assert retry(change, FunctionName=NAME, Timeout=100)["LastUpdateStatus"] == "InProgress"
    errors = [call.error.code if call.error else None for call in mock.calls.of("UpdateFunctionConfiguration")]
    assert errors[0] is errors[-1] is None
    assert set(errors[1:-1]) == {"ResourceConflictException"}
    client("lambda").get_waiter("function_updated").wait(FunctionName=NAME)


def test_a_conflict_that_lasts_is_given_up(manager: Any, mock: Any) -> None:
    from c7n.mu import LambdaConflictRetry

    manager.publish(function(create_role()))
    change = manager.client.update_function_configuration
    change(FunctionName=NAME, Timeout=90)
    with pytest.raises(manager.client.exceptions.ResourceConflictException, match="An update is in progress"):
        LambdaConflictRetry(change, FunctionName=NAME, Timeout=100)
    assert len(mock.calls.of("UpdateFunctionConfiguration")) == 1 + 3
