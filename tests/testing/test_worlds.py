"""Disturbed worlds: what each disturbance does to a mock, and the ways in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings

from lambda_states_mock import LambdaMock, UnknownNameError, current, mock_lambda, startup
from lambda_states_mock.testing import (
    AnotherDoes,
    AnswerLost,
    ChaosWorld,
    Disconnected,
    Disturbance,
    Fails,
    Hangs,
    LateReaders,
    LeftAlone,
    Refused,
    RoleLate,
    Takes,
    Throttled,
    check_deployer,
    drawn_world,
    worlds,
)
from tests.budget import sized
from tests.deploying import create, zip_of
from tests.testing.deployers import MEMORY, NAME, SHA, deploys_right

Run = Callable[..., pytest.RunResult]


def lambda_client() -> Any:
    return boto3.client("lambda", region_name="us-east-1")


def code_of(call: Callable[..., Any], **params: Any) -> str:
    try:
        call(**params)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "ok"


def takes_as_long_as_it_says(m: LambdaMock, client: Any) -> None:
    create(client)
    m.clock.advance(40)
    assert m.function("orders").state == "Pending"
    m.clock.advance(5)
    assert m.function("orders").state == "Active"


def fails_with_its_code(m: LambdaMock, client: Any) -> None:
    create(client)
    m.clock.run_until_idle()
    assert m.function("orders").state_reason_code == "InvalidSecurityGroup"


def hangs(m: LambdaMock, client: Any) -> None:
    create(client)
    m.clock.advance(3_000)
    assert m.function("orders").state == "Pending"


def is_throttled_for_longer_than_botocore_tries(m: LambdaMock, client: Any) -> None:
    assert code_of(client.list_functions) == "TooManyRequestsException"
    assert code_of(client.list_functions) == "ok"


def is_refused_each_time(m: LambdaMock, client: Any) -> None:
    assert {code_of(client.list_functions) for _ in range(3)} == {"AccessDeniedException"}


def gets_no_answer_and_is_tried_again(m: LambdaMock, client: Any) -> None:
    client.list_functions()
    assert [call.broken for call in m.calls] == ["connection closed", None]


def is_carried_out_and_its_answer_is_lost(m: LambdaMock, client: Any) -> None:
    with pytest.raises(client.exceptions.ResourceConflictException, match="Function already exist"):
        create(client)
    assert m.function("orders").exists


def is_seen_late(m: LambdaMock, client: Any) -> None:
    create(client)
    assert code_of(client.get_function, FunctionName="orders") == "ResourceNotFoundException"
    m.clock.advance(3)
    assert code_of(client.get_function, FunctionName="orders") == "ok"


def cannot_assume_the_role_yet(m: LambdaMock, client: Any) -> None:
    params = {
        "FunctionName": "orders",
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Code": {"ZipFile": zip_of()},
    }
    role = {"Role": "arn:aws:iam::123456789012:role/new"}
    assert code_of(client.create_function, **params, **role) == "InvalidParameterValueException"
    m.clock.advance(8)
    assert code_of(client.create_function, **params, **role) == "ok"


def falls_idle_before_its_third_call(m: LambdaMock, client: Any) -> None:
    create(client)
    states = [client.get_function(FunctionName="orders")["Configuration"]["State"] for _ in range(2)]
    assert states == ["Pending", "Inactive"]


def is_updated_by_another_before_the_third_call(m: LambdaMock, client: Any) -> None:
    create(client)
    m.clock.run_until_idle()
    client.list_functions()
    assert code_of(client.update_function_code, FunctionName="orders", ZipFile=zip_of()) == "ResourceConflictException"
    assert m.chaos is not None
    assert [call.operation for call in m.chaos.others] == ["UpdateFunctionCode"]


DISTURBED: list[tuple[Disturbance, Callable[[LambdaMock, Any], None]]] = [
    (Takes("create", 45), takes_as_long_as_it_says),
    (Fails("create", "InvalidSecurityGroup"), fails_with_its_code),
    (Hangs("create"), hangs),
    (Throttled("ListFunctions", 5), is_throttled_for_longer_than_botocore_tries),
    (Refused("ListFunctions", "AccessDeniedException"), is_refused_each_time),
    (Disconnected("ListFunctions"), gets_no_answer_and_is_tried_again),
    (AnswerLost("CreateFunction"), is_carried_out_and_its_answer_is_lost),
    (LateReaders(3), is_seen_late),
    (RoleLate(8), cannot_assume_the_role_yet),
    (LeftAlone(15, before=3), falls_idle_before_its_third_call),
    (AnotherDoes("UpdateFunctionCode", before=3), is_updated_by_another_before_the_third_call),
]


@pytest.mark.parametrize(("entry", "story"), DISTURBED, ids=[str(type(entry).__name__) for entry, _ in DISTURBED])
def test_a_function_in_a_disturbed_world(entry: Disturbance, story: Callable[[LambdaMock, Any], None]) -> None:
    with mock_lambda(chaos=ChaosWorld(entry), start="2026-01-01T00:00:00Z") as m:
        story(m, lambda_client())
        assert m.chaos is not None
        assert m.chaos.met == (() if isinstance(entry, LateReaders) else (entry,))


def test_a_role_that_is_late_several_times_is_as_late_as_the_latest() -> None:
    with mock_lambda(chaos=ChaosWorld(RoleLate(5), RoleLate(8), RoleLate(3)), start="2026-01-01T00:00:00Z") as m:
        cannot_assume_the_role_yet(m, lambda_client())


def test_a_world_is_written_as_it_prints() -> None:
    kinds: list[type] = [ChaosWorld, *Disturbance.__subclasses__()]
    names = {kind.__name__: kind for kind in kinds}
    for seed in range(50):
        world = drawn_world(seed, rival=True)
        assert eval(repr(world), names) == world


def test_simpler_worlds_have_less_in_them_and_come_to_an_end() -> None:
    for seed in range(sized(15, 100)):
        world, steps = drawn_world(seed, rival=True), 0
        while (simpler := next(iter([*world.simpler()][-1:]), None)) is not None and steps < 1_000:
            world, steps = simpler, steps + 1
        assert steps < 1_000, world


def test_what_is_no_disturbance_is_refused() -> None:
    with pytest.raises(TypeError, match="a ChaosWorld is made of disturbances, not 45"):
        ChaosWorld(45)  # type: ignore[arg-type]


@pytest.mark.parametrize("chaos", ["7", 7.0, True, [7]])
def test_what_is_neither_a_seed_nor_a_world_is_refused(chaos: Any) -> None:
    with pytest.raises(TypeError, match="chaos is a seed, an integer, or a ChaosWorld"):
        mock_lambda(chaos=chaos)


def test_a_phase_that_there_is_not_is_refused_when_a_mock_begins() -> None:
    with (
        pytest.raises(UnknownNameError, match="no phase 'creation'"),
        mock_lambda(chaos=ChaosWorld(Takes("creation", 1))),
    ):
        pass
    with mock_lambda() as m:
        assert m.chaos is None


def test_the_same_seed_disturbs_in_the_same_way_in_each_way_in() -> None:
    @mock_lambda(chaos=7)
    def decorated() -> object:
        chaos = current().chaos
        return chaos and chaos.world

    with mock_lambda(chaos=7) as m:
        assert m.chaos is not None
        assert m.chaos.world == decorated() == drawn_world(7)
    activation, begun = startup.begin("chaos=7")  # as the command line does, and LAMBDA_STATES_MOCK
    try:
        assert begun.chaos is not None
        assert begun.chaos.world == drawn_world(7)
    finally:
        activation.stop()


@settings(max_examples=sized(8, 300), deadline=None)
@given(worlds(rival=True))
def test_worlds_of_hypothesis_are_lived_in(world: ChaosWorld) -> None:
    check_deployer(deploys_right, expect={NAME: {"CodeSha256": SHA, "MemorySize": MEMORY}}, worlds=[world])


CONFTEST = """
import pytest
from lambda_states_mock import mock_lambda

@pytest.fixture
def of_the_conftest():
    with mock_lambda() as m:
        yield m
"""

TESTS = """
import pytest
from lambda_states_mock import current, mock_lambda

SEEN = []

def see():
    SEEN.append(current().chaos and current().chaos.world)

def test_fixture(lambda_mock):
    see()

@pytest.mark.lambda_mock(timings="instant")
def test_marked():
    see()

@mock_lambda
def test_decorated():
    see()

@mock_lambda
class TestOfAClass:
    def test_method(self):
        see()

def test_with():
    with mock_lambda():
        see()

@pytest.fixture
def of_its_own():
    with mock_lambda() as m:
        yield m

def test_with_a_fixture_of_its_own(of_its_own):
    see()

def test_with_a_fixture_of_a_conftest(of_the_conftest):
    see()

class TestThatSetsUp:
    def setup_method(self):
        self.mock = mock_lambda()
        self.mock.start()

    def teardown_method(self):
        self.mock.stop()

    def test_method(self):
        see()

def test_served():
    with mock_lambda() as m:
        m.serve()
        see()

def test_without_a_mock():
    pass
"""


def test_each_test_with_a_mock_is_run_in_as_many_worlds_as_are_asked_for(
    pytester: pytest.Pytester, run_inside: Run
) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        TESTS + "\n\ndef test_z_all():\n    from lambda_states_mock.testing import drawn_world\n"
        "    assert SEEN == [drawn_world(seed) for _ in range(9) for seed in range(3)]\n"
    )
    assert run_inside("--lambda-chaos=3").parseoutcomes() == {"passed": 9 * 3 + 2}


def test_the_ini_file_names_a_seed_for_all(pytester: pytest.Pytester, run_inside: Run) -> None:
    pytester.makepyfile(
        TESTS + "\n\ndef test_z_all():\n    from lambda_states_mock.testing import drawn_world\n"
        "    assert SEEN == [drawn_world(5)] * 9\n"
    )
    pytester.makeconftest(CONFTEST)
    pytester.makeini("[pytest]\nlambda_mock_chaos = 5\n")
    assert run_inside().parseoutcomes() == {"passed": 11}


def test_a_failing_test_says_what_disturbed_it(pytester: pytest.Pytester, run_inside: Run) -> None:
    pytester.makepyfile("def test_it(lambda_mock):\n    assert False\n")
    result = run_inside("--lambda-chaos=2")
    told = result.stdout.str()
    assert "test_it[chaos=1]" in told
    assert f"mock_lambda(chaos={drawn_world(0)!r})\n  with names from lambda_states_mock.testing; met" in told


@pytest.mark.parametrize(
    ("arguments", "ini", "message"),
    [
        (["--lambda-chaos=-1"], "", "*--lambda-chaos=-1: give how many worlds*"),
        ([], "lambda_mock_chaos = often", "*lambda_mock_chaos = often: give a seed, an integer*"),
    ],
)
def test_what_is_no_count_and_no_seed_is_refused(
    arguments: list[str], ini: str, message: str, pytester: pytest.Pytester, run_inside: Run
) -> None:
    pytester.makeini(f"[pytest]\n{ini}\n")
    pytester.makepyfile("def test_it(): pass")
    run_inside(*arguments).stderr.fnmatch_lines([message])
