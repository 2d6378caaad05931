"""A runtime is deployed as lithops does it: create, poll with ``time.sleep`` until Active, and once more if it was too
soon.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .deploying import answer_of, client, create_role, package

NAME = "runtime-256"


def wait_until_deployed(name: str) -> list[str]:
    """Poll every five seconds until the function is usable; return the states seen."""
    seen: list[str] = []
    while not seen or seen[-1] != "Active":
        if seen:
            time.sleep(5)
        seen.append(client("lambda").get_function(FunctionName=name)["Configuration"]["State"])
        if seen[-1] == "Failed":
            raise RuntimeError(f"deploying {name} failed")
    return seen


def deploy(role: str) -> list[str]:
    client("lambda").create_function(
        FunctionName=NAME,
        Runtime="python3.12",
        Handler="app.handler",
        Role=role,
        MemorySize=256,
        Code={"ZipFile": package("one")},
    )
    return wait_until_deployed(NAME)


def test_the_loop_ends_when_the_function_is_active(mock: Any) -> None:
    before = mock.clock.now
    assert deploy(create_role()) == ["Pending"] * 12 + ["Active"]
    assert mock.clock.now - before == timedelta(seconds=60)
    assert answer_of(NAME) == "one"


def test_a_runtime_that_is_there_is_deleted_and_made_again(mock: Any) -> None:
    role = create_role()
    deploy(role)
    with pytest.raises(ClientError, match="Function already exist"):
        deploy(role)
    client("lambda").delete_function(FunctionName=NAME)
    assert deploy(role)[-1] == "Active"


def test_a_failed_deployment_ends_the_loop(mock: Any) -> None:
    mock.faults.on_phase("create").fail("InvalidImage")
    with pytest.raises(RuntimeError, match="deploying runtime-256 failed"):
        deploy(create_role())


def test_a_loop_that_never_ends_is_told_so() -> None:
    from moto import mock_aws

    from lambda_states_mock import RunawaySleepError, mock_lambda

    with mock_aws(), mock_lambda(max_sleep=600) as impatient:
        impatient.faults.on_phase("create").hang()
        with pytest.raises(RunawaySleepError, match="a loop sleeps and sleeps, and nothing else happens"):
            deploy(create_role())
