"""What stands behind the API is made when it is first needed: a test with a mock and no call does not pay for it."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import boto3
import pytest

from lambda_states_mock import NotActiveError, assembly, mock_lambda
from tests import forked
from tests.deploying import create


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the services that were made since."""
    services: list[Any] = []
    real = assembly.assemble

    def assemble(**parts: Any) -> Any:
        services.append(real(**parts))
        return services[-1]

    monkeypatch.setattr(assembly, "assemble", assemble)
    return services


def test_a_mock_that_is_only_entered_and_left_makes_none(made: list[Any]) -> None:
    with mock_lambda(freeze=True) as m:
        m.clock.advance(5)
    assert made == []


def test_the_first_call_makes_it_and_all_others_use_it(made: list[Any]) -> None:
    with mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        assert [one["FunctionName"] for one in client.list_functions()["Functions"]] == ["orders"]
        assert m.function("orders").state == "Active"
    assert len(made) == 1


def test_what_is_told_before_the_first_call_holds_for_it() -> None:
    with mock_lambda(timings="instant") as m:
        m.timings["create"] = 45
        m.faults.on_phase("create").fail("SubnetOutOfIPAddresses")
        m.handler("orders", returns="told before")
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.clock.advance(44)
        assert m.function("orders").state == "Pending"
        m.clock.advance(1)
        assert m.function("orders").state == "Failed"


def test_threads_that_need_it_first_at_the_same_moment_get_the_same(made: list[Any]) -> None:
    with mock_lambda() as m, ThreadPoolExecutor(8) as pool:
        all_there = threading.Barrier(8, timeout=10)

        def ask(_: int) -> int:
            all_there.wait()
            return id(m.world)

        assert len(set(pool.map(ask, range(8)))) == 1
    assert len(made) == 1


def test_what_is_made_after_the_mock_was_left_takes_nothing_more() -> None:
    with mock_lambda() as m:
        pass
    with pytest.raises(NotActiveError, match="after the mock was left"):
        m.world.roles["orders"].missing()
    with pytest.raises(NotActiveError, match="after the mock was left"):
        m.limits.layers = 10


CREATE = """
import sys
import boto3
from lambda_states_mock import mock_lambda
mock = mock_lambda().start()
client = boto3.client("lambda", region_name="us-east-1")
client.create_function(
    FunctionName="orders", Role="arn:aws:iam::123456789012:role/orders", PackageType="Image", Publish=True,
    Code={"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:latest"},
)
mock.clock.run_until_idle()
mock.handler("orders", returns=1)
client.invoke(FunctionName="orders")
"""
NEEDS = {
    "event_sources.pollers": (
        'arn = "arn:aws:sqs:us-east-1:123456789012:jobs"\n'
        'client.create_event_source_mapping(FunctionName="orders", EventSourceArn=arn)\n'
        "mock.clock.advance(60)"
    ),
    "event_sources.pushes": 'mock.events.sns("told", "news").send("orders")',
    "invocation.durable.execution": 'mock.durable("orders")',
    "invocation.function_urls": (
        'url = client.create_function_url_config(FunctionName="orders", AuthType="NONE")["FunctionUrl"]\n'
        'import urllib3\nurllib3.PoolManager().request("GET", url)'
    ),
    "operations.alias": 'client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")',
    "unittest": "import unittest",
}
"""What needs a module, by the module that few tests need."""


TRIED = """
import json
import os

NAMES, NEEDS = json.loads(sys.argv[1])
print(json.dumps({module: NAMES[module] in sys.modules for module in NEEDS}), flush=True)
for module, need in NEEDS.items():
    child = os.fork()
    if child == 0:
        exec(need)
        print(json.dumps({module: NAMES[module] in sys.modules}), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


@cache
def imported() -> tuple[dict[str, bool], dict[str, bool]]:
    """Return, by module, whether a process has imported it before and after something has needed it.

    Each is needed in a fork of one process, so that nothing else was needed before.
    """
    names = {module: module if module == "unittest" else f"lambda_states_mock.{module}" for module in NEEDS}
    done = forked.run("-c", CREATE + TRIED, json.dumps([names, NEEDS]), ready=forked.WITH_BOTO3)
    assert done.returncode == 0, done.stderr
    before, *after = map(json.loads, done.stdout.splitlines())
    return before, {module: is_there for one in after for module, is_there in one.items()}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each module is needed in a fork")
@pytest.mark.parametrize("module", NEEDS)
def test_what_few_tests_need_is_not_even_imported_before(module: str) -> None:
    before, after = imported()
    assert (before[module], after[module]) == (False, True)
