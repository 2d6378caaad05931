"""The environments of provisioned concurrency: all of them are there before anybody asks (invocation.md, section 10;
execution-environment.md, section 9).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.budget import sized
from tests.deploying import publish_twice, zip_of

ON_ONE: dict[str, Any] = {"FunctionName": "orders", "Qualifier": "1"}
ON_TWO: dict[str, Any] = {"FunctionName": "orders", "Qualifier": "2"}
ON_LIVE: dict[str, Any] = {"FunctionName": "orders", "Qualifier": "live"}
AHEAD = "provisioned-concurrency"


def provision(client: Any, mock: LambdaMock, count: int, **target: Any) -> str:
    """Provision *count* for *target*, version 1 by default, and return what the status is when that is over."""
    target = target or ON_ONE
    client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=count, **target)
    mock.clock.run_until_idle()
    status: str = client.get_provisioned_concurrency_config(**target)["Status"]
    return status


def states(mock: LambdaMock, version: int = 1, kind: str = AHEAD) -> Counter[str | None]:
    """Count the environments of one *kind* by their state."""
    environments = mock.function("orders").version(version).environments
    return Counter(one.state for one in environments if one.initialization_type == kind)


def send(client: Any, mock: LambdaMock, count: int, **target: Any) -> list[bool]:
    """Send *count* events that run side by side, and return which of them were cold starts, those first."""
    before = len(mock.invocations("orders"))
    for _ in range(count):
        client.invoke(InvocationType="Event", **(target or ON_ONE))
    mock.clock.run_until_idle()
    return sorted((one.cold for one in mock.invocations("orders")[before:]), reverse=True)


def test_all_of_them_are_initialised_when_they_are_allocated(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock)
    mock.handler("orders", returns=1, init=2)

    assert provision(client, mock, 3) == "READY"

    environments = mock.function("orders").version(1).environments
    assert [(one.state, one.cold, one.warm) for one in environments] == [("Idle", 0, 0)] * 3
    assert len({one.log_stream for one in environments}) == 3
    assert all(one.log.endswith("INIT_REPORT Init Duration: 2000.00 ms\tPhase: init\n") for one in environments)


def test_the_code_of_the_function_is_initialised_in_each(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock, Code={"ZipFile": zip_of("print('in init')\ndef handler(event, context): return 1")})

    provision(client, mock, 3)

    assert [one.log.count("in init\n") for one in mock.function("orders").version(1).environments] == [1, 1, 1]


def test_invocations_that_overlap_are_warm_as_far_as_it_goes(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock)
    mock.handler("orders", returns=1, init=1, duration=2)
    provision(client, mock, 3)

    assert send(client, mock, 3) == [False, False, False]
    assert mock.metrics.sum("ProvisionedConcurrencySpilloverInvocations", "orders") == 0
    assert send(client, mock, 4) == [True, False, False, False]
    assert mock.metrics.sum("ProvisionedConcurrencySpilloverInvocations", "orders") == 1
    assert (states(mock), states(mock, kind="on-demand")) == (Counter(Idle=3), Counter(Idle=1))


def test_they_do_not_spin_down_when_nobody_needs_them(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock)
    mock.handler("orders", returns=1)
    provision(client, mock, 2)
    client.invoke(**ON_ONE)

    mock.clock.advance(24 * 3600)

    assert states(mock) == Counter(Idle=2)
    assert send(client, mock, 1) == [False]


@pytest.mark.parametrize(("count", "expected"), [(4, Counter(Idle=4)), (1, Counter(Idle=1, Gone=1))])
def test_another_number_adds_and_ends_some(
    client: Any, mock: LambdaMock, count: int, expected: Counter[str | None]
) -> None:
    publish_twice(client, mock)
    mock.handler("orders", returns=1)
    provision(client, mock, 2)

    provision(client, mock, count)

    assert states(mock) == expected


def test_one_that_is_busy_ends_when_it_is_done(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock)
    mock.handler("orders", call=lambda _event, _context: client.delete_provisioned_concurrency_config(**ON_ONE) and 1)
    provision(client, mock, 2)

    assert client.invoke(**ON_ONE)["Payload"].read() == b"1"
    assert states(mock) == Counter(Gone=2)


def test_without_it_there_are_none(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock)
    mock.handler("orders", returns=1)
    provision(client, mock, 2)

    client.delete_provisioned_concurrency_config(**ON_ONE)

    assert states(mock) == Counter(Gone=2)
    assert send(client, mock, 1) == [True]


def test_they_go_with_their_alias(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock)
    mock.handler("orders", returns=1)
    provision(client, mock, 2, **ON_LIVE)
    provision(client, mock, 1, **ON_TWO)

    client.delete_alias(FunctionName="orders", Name="live")

    assert (states(mock, 1), states(mock, 2)) == (Counter(Gone=2), Counter(Idle=1))


def test_they_move_with_their_alias(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock)
    mock.handler("orders", returns=1)
    provision(client, mock, 2, **ON_LIVE)

    client.update_alias(FunctionName="orders", Name="live", FunctionVersion="2")
    mock.clock.run_until_idle()

    assert (states(mock, 1), states(mock, 2)) == (Counter(Gone=2), Counter(Idle=2))
    assert send(client, mock, 2, **ON_LIVE) == [False, False]


def test_an_init_that_fails_in_one_of_them_leaves_none(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock)
    tries = iter(["well", "well", "badly"])

    def start() -> None:
        if next(tries) == "badly":
            raise ValueError("no")

    mock.handler("orders", returns=1, init=start)

    assert provision(client, mock, 4) == "FAILED"
    assert states(mock) == Counter(Gone=3)


def test_a_handler_that_comes_later_is_initialised_when_it_is_needed(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock)
    mock.handler("orders", returns="first", init=1)
    provision(client, mock, 2)
    before = mock.clock.now
    mock.handler("orders", returns="second", init=1)

    answer = client.invoke(**ON_ONE)

    assert (answer["Payload"].read(), mock.clock.now) == (b'"second"', before)
    assert states(mock) == Counter(Idle=2, Gone=1)


def test_hundreds_are_there_and_gone_again(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock)
    mock.handler("orders", returns=1)

    provision(client, mock, many := sized(200, 900))

    assert states(mock) == Counter(Idle=many)
    client.delete_provisioned_concurrency_config(**ON_ONE)
    assert states(mock) == Counter(Gone=many)
