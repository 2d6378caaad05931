"""SnapStart in processes: the hooks of a snapshot and of its restore, over the Runtime API."""

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
