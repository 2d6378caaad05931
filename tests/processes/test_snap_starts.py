"""Processes that are made before their first event: hooks of snapshots over the Runtime API, provisioned ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.processes.conftest import World

pytestmark = [pytest.mark.processes, pytest.mark.needs_program("python")]
contained = pytest.mark.needs_program("bubblewrap")
both = pytest.mark.parametrize("kind", [pytest.param("bubblewrap", marks=contained), "none"])

HOOKS = """
import json, os, urllib.request
from snapshot_restore_py import register_after_restore, register_before_snapshot
seen = []
register_before_snapshot(lambda: seen.append("before"))
register_after_restore(lambda: seen.append("after"))
def handler(event, context):
    headers = {"Authorization": os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]}
    asked = urllib.request.Request(os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"], headers=headers)
    return seen, sorted(json.load(urllib.request.urlopen(asked)))
"""
FAILS = """
from snapshot_restore_py import register_{when}
def fail(): raise ValueError("no")
register_{when}(fail)
def handler(event, context): return 1
"""


def published(world: World, code: str) -> str:
    world.create(code, Runtime="python3.12", SnapStart={"ApplyOn": "PublishedVersions"}, MemorySize=256)
    version = world.client.publish_version(FunctionName="orders")["Version"]
    world.m.clock.run_until_idle()
    return str(version)


@both
def test_hooks_run_and_credentials_come_from_the_environment(opened: Callable[..., Any], kind: str) -> None:
    with opened(sandbox=kind) as world:
        answer, failed = world.invoke(Qualifier=published(world, HOOKS))
        assert failed is None
        assert answer == [["before", "after"], ["AccessKeyId", "Expiration", "SecretAccessKey", "Token"]]
        (run,) = world.m.invocations("orders")
        assert "RESTORE_REPORT Restore Duration: 0.00 ms" in run.log


def test_a_hook_that_fails_after_the_restore_refuses_the_event(world: World) -> None:
    version = published(world, FAILS.format(when="after_restore"))
    with pytest.raises(ClientError) as refused:
        world.client.invoke(FunctionName="orders", Qualifier=version, Payload=json.dumps(1))
    assert refused.value.response["Error"]["Code"] == "SnapStartException"


def test_a_hook_that_fails_before_the_snapshot_fails_the_version(world: World) -> None:
    version = published(world, FAILS.format(when="before_snapshot"))
    found = world.client.get_function_configuration(FunctionName="orders", Qualifier=version)
    assert found["State"] == "Failed"


SLOW = """
import time
from snapshot_restore_py import register_after_restore
register_after_restore(lambda: time.sleep(11))
def handler(event, context): return 1
"""


def test_hooks_that_take_longer_than_ten_seconds_refuse_the_event(world: World) -> None:
    version = published(world, SLOW)
    with pytest.raises(ClientError) as refused:
        world.client.invoke(FunctionName="orders", Qualifier=version, Payload=json.dumps(1))
    assert refused.value.response["Error"]["Code"] == "SnapStartTimeoutException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 408


WAITS_ALREADY = """
import os
began = os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
print("begun")
def handler(event, context):
    return began, os.getpid()
"""


def test_provisioned_environments_are_processes_that_wait_for_their_first_event(world: World) -> None:
    world.create(WAITS_ALREADY)
    version = world.client.publish_version(FunctionName="orders")["Version"]
    world.client.put_provisioned_concurrency_config(
        FunctionName="orders", Qualifier=version, ProvisionedConcurrentExecutions=2
    )
    world.m.clock.run_until_idle()
    environments = world.m.function(f"orders:{version}").environments
    assert [len(one.processes) for one in environments] == [1, 1]
    assert all("begun" in one.log and "INIT_REPORT" in one.log for one in environments)
    (kind, _), failed = world.invoke(Qualifier=version)
    assert (kind, failed) == ("provisioned-concurrency", None)
    (run,) = world.m.invocations("orders")
    assert not run.cold
    assert [len(one.processes) for one in environments] == [1, 1]
