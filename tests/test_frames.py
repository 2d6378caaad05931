"""How many functions of ours a call goes through: what is called for each Invoke has to earn its place."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import boto3
import botocore
import pytest

import lambda_states_mock
from lambda_states_mock import mock_lambda
from tests.deploying import create

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
BOTOCORE = str(Path(botocore.__file__).parent)
PACKAGE = str(Path(lambda_states_mock.__file__).parent)


def frames_of(call: Callable[[], object], *, within: str = PACKAGE) -> list[str]:
    """Return the file of each function below the folder *within* that *call* enters, in order."""
    entered: list[str] = []

    def profile(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(within):
            entered.append(frame.f_code.co_filename.removeprefix(within))

    before = sys.getprofile()
    gc.disable()  # what other tests have left to be collected is not this call's
    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.setprofile(before)
        gc.enable()
    return entered


@pytest.fixture(params=[{}, KEYS], ids=["without credentials", "with credentials"])
def warm_client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client with one Active function that has a handler, after all that is done once was done."""
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)
    with mock_lambda(whole_requests=False) as m:
        client: Any = boto3.Session().client("lambda", region_name="us-east-1")  # as old as the mock
        create(client)
        m.clock.run_until_idle()
        m.handler("orders", returns={"ok": True})
        for _ in range(10):  # the first eight objects of each of our classes take more steps
            client.invoke(FunctionName="orders", Payload=b"{}")
            client.get_function_configuration(FunctionName="orders")
        yield client


def test_a_warm_invoke_is_short(warm_client: Any) -> None:
    entered = frames_of(lambda: warm_client.invoke(FunctionName="orders", Payload=b"{}"))
    assert len(entered) <= 210, Counter(entered)
    assert len(set(entered)) <= 40, Counter(entered)


def test_a_look_at_a_function_is_short(warm_client: Any) -> None:
    entered = frames_of(lambda: warm_client.get_function_configuration(FunctionName="orders"))
    assert len(entered) <= 80, Counter(entered)


def test_botocore_makes_no_request_that_nobody_sees(warm_client: Any) -> None:
    entered = frames_of(lambda: warm_client.get_function_configuration(FunctionName="orders"), within=BOTOCORE)
    assert len(entered) <= 260, Counter(entered)  # of 415
