"""The same test gives the same story: twice in a row, in another process, and however many threads take part."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock import mock_lambda

from .budget import sized
from .scenarios.deploying import (
    START,
    VPC,
    answer_of,
    client,
    configure,
    create,
    create_active,
    publish,
    refused,
    update_code,
)

FUNCTIONS = sized(80, 1_000)
THREADS = 16
HASH_SEEDS = range(1, 1 + sized(1, 3))  # that of the tests' own process is another one, new in each run


# -- one story, told again


def story(seed: int) -> str:
    """Live through a bit of everything; return all that can be printed of it."""
    with mock_lambda(start=START, seed=seed) as m:
        m.faults.on_phase("update", function="orders").fail("InternalError", times=1)
        throttles = m.faults.random(rate=0.3, errors=["TooManyRequestsException"], operations=["GetFunction"])
        create_active(m)
        first = publish()
        for answer in ("two", "three"):
            update_code(answer=answer)
            m.clock.run_until_idle()
        create("refunds", Publish=True, **VPC)
        client(mode="standard", total_max_attempts=8).get_waiter("function_active_v2").wait(FunctionName="refunds")
        weights = {"AdditionalVersionWeights": {publish(): 0.5}}
        client().create_alias(FunctionName="orders", Name="live", FunctionVersion=first, RoutingConfig=weights)
        answers = [answer_of(qualifier="live") for _ in range(20)]
        m.clock.advance(15 * 86_400)
        with refused("ResourceNotReadyException"):
            answer_of("refunds")
        m.clock.run_until_idle()
        calls = [(call.operation, str(call.at), call.request_id, str(call.response)) for call in m.calls]
        runs = [(run.request_id, str(run.start), run.environment, run.log) for run in m.invocations("orders")]
        assert throttles.called > 0
        return "\n".join([str(m.timeline), json.dumps([answers, calls, runs], indent=1)])


@cache
def once_told(seed: int) -> str:
    """Return the story as it was told for the first time: other tests compare with it, too."""
    return story(seed)


def test_the_same_seed_tells_the_same_story_byte_for_byte() -> None:
    first = once_told(7)

    assert story(7).encode() == first.encode()


def test_another_seed_tells_another() -> None:
    first, second = once_told(7), story(8)

    assert first.partition("orders")[0] == second.partition("orders")[0]
    assert first != second


@pytest.mark.parametrize("hash_seed", HASH_SEEDS)
def test_another_process_tells_the_same_story(hash_seed: int) -> None:
    program = "from tests.test_determinism import story; import sys; sys.stdout.buffer.write(story(7).encode())"
    root = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(root)}

    told = subprocess.run([sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, check=True)

    assert told.stdout == once_told(7).encode()


# -- a thousand functions, each with a tempo of its own


def in_threads(number: int, work: Callable[[str], object]) -> None:
    """Let *number* threads do *work* for all functions, each for its share of them; raise what went wrong in one."""
    names = [f"function-{index}" for index in range(FUNCTIONS)]
    errors: list[BaseException] = []
    start = threading.Barrier(number)

    def share(first: int) -> None:
        start.wait()
        try:
            for name in names[first::number]:
                work(name)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=share, args=(first,)) for first in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def index_of(name: str) -> int:
    return int(name.rpartition("-")[2])


def deploy(m: Any, threads: int) -> dict[str, list[str]]:
    """Create, update and configure every function from *threads* threads; return what each one lived through.

    The clock is moved by the main thread alone, between the rounds: what a function lives through then depends on
    nothing but its own calls and tempo, whichever thread makes them and in which order.
    """

    def first_round(name: str) -> None:
        index = index_of(name)
        timings = m.function(name).timings
        timings["create"] = 1 + index % 97
        timings["update"] = 0.5 + index % 31
        if index % 11 == 0:
            m.faults.on_phase("create", function=name).fail("InvalidSubnet")
        elif index % 7 == 0:
            m.faults.on_phase("update", function=name).fail("InternalError", times=1)
        create(name, Publish=index % 3 == 0)

    def second_round(name: str) -> None:
        if index_of(name) % 11 != 0:
            update_code(name)
            with refused("ResourceConflictException"):
                configure(name)

    def third_round(name: str) -> None:
        if index_of(name) % 11 == 0:
            client().delete_function(FunctionName=name)
        else:
            configure(name, MemorySize=256)

    for work in (first_round, second_round, third_round):
        in_threads(threads, work)
        m.clock.advance(40)
        m.clock.run_until_idle()
    lived: dict[str, list[str]] = defaultdict(list)
    for transition in m.timeline:
        lived[transition.subject].append(str(transition))
    return dict(lived)


def test_many_functions_live_the_same_lives_from_sixteen_threads_as_from_one() -> None:
    with mock_lambda(start=START, seed=1) as m:
        alone = deploy(m, 1)
    with mock_lambda(start=START, seed=1) as m:
        together = deploy(m, THREADS)

    assert len(alone) == FUNCTIONS + (FUNCTIONS + 2) // 3
    assert together == alone


def test_ids_given_to_threads_are_never_given_twice() -> None:
    with mock_lambda(start=START, seed=1) as m:
        in_threads(THREADS, create)
        revisions = {call.response["RevisionId"] for call in m.calls.of("CreateFunction") if call.response}
        requests = {call.request_id for call in m.calls}

    assert (len(revisions), len(requests)) == (FUNCTIONS, FUNCTIONS)
