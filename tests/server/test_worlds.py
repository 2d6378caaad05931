"""Several worlds on one server, by the names in the addresses of their clients."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.activating import Activation
from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.mock_threads import AnsweringThreads
from lambda_states_mock.options import MockOptions
from lambda_states_mock.server.application import Application
from lambda_states_mock.server.clock_policies import policy_maker
from lambda_states_mock.server.worlds import MOST_WORLDS, Worlds
from tests.server.asking import FUNCTIONS, NEW, OPEN, OURS, application, ask, kind_of, told
from tests.test_mock import zipped


def begin(_name: str) -> LambdaMock:
    options = MockOptions.parse("test", {"start": "2026-01-01T00:00:00Z", "timings": "instant"})
    return Activation(options, LambdaMock, make_threads=AnsweringThreads).start()


@pytest.fixture
def server() -> Iterator[Application]:
    worlds = Worlds(policy_maker("jump"), begin=begin)
    yield Application(worlds, OPEN)
    worlds.close()


def names(server: Application, world: str) -> list[str]:
    return [one["FunctionName"] for one in told(server, "GET", f"{world}{FUNCTIONS}/")["Functions"]]


def test_a_world_begins_when_it_is_first_named_and_knows_of_no_other(server: Application) -> None:
    told(server, "POST", f"/worlds/gw0{FUNCTIONS}", NEW)
    assert [names(server, world) for world in ("/worlds/gw0", "/worlds/gw1", "")] == [["orders"], [], []]
    assert [one["name"] for one in told(server, "GET", f"{OURS}/worlds")] == ["gw0", "gw1", ""]


def test_each_world_has_a_clock_of_its_own(server: Application) -> None:
    told(server, "POST", f"/worlds/gw0{OURS}/clock/advance", {"by": "1d"})
    now = [told(server, "GET", f"/worlds/{world}{OURS}/clock")["now"] for world in ("gw0", "gw1")]
    assert now == ["2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"]


def test_a_world_begins_anew_when_it_is_reset_or_ended(server: Application) -> None:
    for way, path in (("POST", f"/worlds/gw0{OURS}/reset"), ("DELETE", f"{OURS}/worlds/gw0")):
        told(server, "POST", f"/worlds/gw0{FUNCTIONS}", NEW)
        told(server, way, path)
        assert names(server, "/worlds/gw0") == []


@pytest.mark.parametrize("path", ["/worlds", "/worlds/", f"/worlds/{FUNCTIONS}/"])
def test_a_world_whose_name_is_missing_is_not_the_one_without_a_name(server: Application, path: str) -> None:
    answer = ask(server, "GET", path)
    assert (answer.status, kind_of(answer)) == (404, "UnknownNameError")
    assert "the name of the world is missing" in json.loads(answer.body)["message"]


def test_a_world_that_there_is_not_cannot_be_ended(server: Application) -> None:
    told(server, "GET", f"/worlds/gw10{OURS}/clock")
    answer = ask(server, "DELETE", f"{OURS}/worlds/gw11")
    assert (answer.status, kind_of(answer)) == (404, "UnknownNameError")
    assert 'there is no world "gw11": did you mean "gw10"? There are: "gw10".' in json.loads(answer.body)["message"]


def test_worlds_that_end_leave_no_mock_active() -> None:
    worlds = Worlds(policy_maker("jump"), begin=begin)
    for name in ("a", "b", ""):
        worlds.named(name)
    assert len(active_mocks.stack) == 3
    worlds.close()
    assert active_mocks.stack == []


@pytest.mark.parametrize("name", ["", "a%20b", "..%2f", "x" * 65, "%00"])
def test_what_is_no_name_of_a_world_is_refused(server: Application, name: str) -> None:
    answer = ask(server, "GET", f"/worlds/{name}{OURS}/clock")
    assert (answer.status, kind_of(answer)) == (404, "UnknownNameError")
    assert [one["name"] for one in told(server, "GET", f"{OURS}/worlds")] == [""]


def test_worlds_are_not_without_number() -> None:
    begun: list[str] = []

    def note(name: str) -> Any:
        begun.append(name)

    worlds = Worlds(lambda _mock: None, begin=note)  # type: ignore[arg-type, return-value]
    for number in range(MOST_WORLDS):
        worlds.named(f"w{number}")
    with pytest.raises(LookupError, match="worlds already"):
        worlds.named("more")
    assert len(begun) == MOST_WORLDS


def test_the_world_of_a_test_is_alone_and_ends_with_it() -> None:
    with mock_lambda() as m:
        server = application(m)
        answer = ask(server, "POST", f"{OURS}/reset")
        assert (answer.status, kind_of(answer)) == (400, "WrongStateError")
        answer = ask(server, "GET", f"/worlds/gw0{FUNCTIONS}/")
        assert (answer.status, kind_of(answer)) == (404, "UnknownNameError")
        assert "this server has one world, that of its test" in json.loads(answer.body)["message"]
    answer = ask(server, "GET", f"{FUNCTIONS}/")
    assert (answer.status, kind_of(answer)) == (400, "NotActiveError")


# -- code of functions is in its own world


CALLS_AND_SLEEPS = """
import threading, time, boto3
def names():
    client = boto3.client("lambda", region_name="us-east-1")
    return [one["FunctionName"] for one in client.list_functions()["Functions"]]
def handler(event, context):
    time.sleep(2)
    found = [names()]
    thread = threading.Thread(target=lambda: found.append(names()))
    thread.start()
    thread.join()
    return found
"""


def test_code_of_a_function_calls_and_sleeps_in_its_own_world(server: Application) -> None:
    import base64

    for world in ("gw0", "gw1"):
        code = {"ZipFile": base64.b64encode(zipped(CALLS_AND_SLEEPS)).decode()}
        told(server, "POST", f"/worlds/{world}{FUNCTIONS}", {**NEW, "Code": code, "Timeout": 9})
        told(server, "POST", f"/worlds/{world}{FUNCTIONS}", {**NEW, "FunctionName": f"only-{world}"})
        told(server, "POST", f"/worlds/{world}{OURS}/clock/advance", {"by": 1})
    began = time.perf_counter()
    found: dict[str, Any] = {}

    def invoke(world: str) -> None:
        found[world] = json.loads(ask(server, "POST", f"/worlds/{world}{FUNCTIONS}/orders/invocations", {}).body)

    threads = [threading.Thread(target=invoke, args=(world,)) for world in ("gw0", "gw1")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {world: [[f"only-{world}", "orders"]] * 2 for world in ("gw0", "gw1")}
    for world in ("gw0", "gw1"):
        now = told(server, "GET", f"/worlds/{world}{OURS}/clock")["now"]
        assert "2026-01-01T00:00:03" <= now < "2026-01-01T00:00:04"
    assert time.perf_counter() - began < 30


def test_a_thread_that_answers_for_no_world_sleeps_for_real_and_calls_the_innermost(server: Application) -> None:
    assert active_mocks.where_this_thread_sleeps() is None
    told(server, "GET", f"/worlds/gw0{OURS}/clock")
    assert active_mocks.where_this_thread_sleeps() is None
    boto3.client("lambda", region_name="us-east-1").list_functions()
    assert len(told(server, "GET", f"/worlds/gw0{OURS}/calls")) == 1
