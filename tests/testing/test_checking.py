"""`check_deployer` finds what is wrong with naive deployers, and nothing in one that does everything right."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from lambda_states_mock.testing import (
    CONVERGES,
    ENDS_AS_WANTED,
    LAWS,
    LEAVES_NOTHING,
    NEVER_WHILE_REFUSED,
    WAITS_FOR_SOMETHING,
    AnotherDeploys,
    AnotherDoes,
    BrokenLawError,
    ChaosWorld,
    Deployment,
    Disturbance,
    Fails,
    Finding,
    Hangs,
    LateReaders,
    Law,
    LeftAlone,
    NotRepeatableError,
    Refused,
    RoleLate,
    Takes,
    Throttled,
    check_deployer,
    checking,
    drawn_world,
)
from tests.budget import IS_THOROUGH, sized
from tests.deploying import answering
from tests.testing import deployers
from tests.testing.deployers import MEMORY, NAME, SHA, deploys_right

RIGHT = {NAME: {"CodeSha256": SHA, "MemorySize": MEMORY}}


class Row(NamedTuple):
    """A naive deployer, the law that it breaks, the kinds of what its smallest world needs, and where one is found."""

    deployer: str
    law: Law
    kinds: set[type[Disturbance]]
    seed: int = 0
    without: tuple[type[Disturbance], ...] = ()


NAIVE = [
    Row("invokes_at_once_1", NEVER_WHILE_REFUSED, set()),
    Row("configures_at_once_2", NEVER_WHILE_REFUSED, set()),
    Row("publishes_at_once_3", NEVER_WHILE_REFUSED, set()),
    Row("takes_a_pending_version_for_ready_3", ENDS_AS_WANTED, set()),
    Row("takes_an_accepted_call_for_readiness_4", NEVER_WHILE_REFUSED, set()),
    Row("configures_while_code_is_updated_5", NEVER_WHILE_REFUSED, set()),
    Row("updates_code_while_it_is_configured_6", NEVER_WHILE_REFUSED, set()),
    Row("publishes_while_code_is_updated_7", NEVER_WHILE_REFUSED, set()),
    Row("tags_while_code_is_updated_8", NEVER_WHILE_REFUSED, set()),
    Row("tests_the_old_code_8", ENDS_AS_WANTED, set()),
    Row("overlooks_a_failed_update_9", ENDS_AS_WANTED, {Fails}, 50),
    Row("goes_on_after_a_failed_creation_10", NEVER_WHILE_REFUSED, {Fails}, 869),
    Row("waits_for_a_failed_creation_10", WAITS_FOR_SOMETHING, {Fails}, 327, (Hangs,)),
    Row("goes_on_when_the_waiter_gives_up_11", ENDS_AS_WANTED, {Takes}, 437, (Hangs,)),
    Row("invokes_what_is_idle_once_12", ENDS_AS_WANTED, {LeftAlone}, 648, (AnotherDoes,)),
    Row("waits_until_what_is_idle_is_active_13", WAITS_FOR_SOMETHING, {LeftAlone}, 2),
    Row("overlooks_that_it_could_not_be_woken_14", ENDS_AS_WANTED, {LeftAlone, Fails}, 979, (LateReaders, AnotherDoes)),
    Row("takes_whatever_is_inactive_for_ready_15", ENDS_AS_WANTED, {LeftAlone, Fails}, 471),
    Row("does_not_wait_for_the_role_16", ENDS_AS_WANTED, {RoleLate}, 7),
    Row("waits_for_a_role_that_never_comes_16", WAITS_FOR_SOMETHING, {RoleLate}, 5),
    Row("repeats_what_is_wrong_for_good_17", WAITS_FOR_SOMETHING, {Refused}, 406, (RoleLate,)),
    Row("does_not_see_another_deployer_18", ENDS_AS_WANTED, {AnotherDoes}, 179, (LateReaders,)),
]


def failure_of(deploy: Callable[[], object], **options: Any) -> BrokenLawError:
    with pytest.raises(BrokenLawError) as raised:
        check_deployer(deploy, **options)
    return raised.value


@pytest.mark.parametrize("row", NAIVE, ids=lambda row: str(row.deployer))
def test_what_is_wrong_with_a_naive_deployer_is_found_in_a_small_world(row: Row) -> None:
    deploy = getattr(deployers, row.deployer)
    failure = failure_of(
        deploy,
        expect=RIGHT if row.deployer.endswith("_18") else NAME,
        seed=0 if IS_THOROUGH else row.seed,
        without=row.without,
    )
    assert failure.law is row.law
    assert len(failure.world) <= 3
    assert row.kinds <= {type(entry) for entry in failure.world}
    assert fails_when_pasted(failure, row.deployer).law is row.law


def test_each_failure_of_public_deploy_tools_has_a_naive_deployer() -> None:
    assert {int(row.deployer.rpartition("_")[2]) for row in NAIVE} == set(range(1, 19))


def fails_when_pasted(failure: BrokenLawError, name: str) -> BrokenLawError:
    """Return how the test fails that *failure* prints."""
    text = failure.report.test.replace(failure.report.deploy.__name__, name)
    assert text in str(failure).replace("\n    ", "\n").replace(failure.report.deploy.__name__, name) + "\n"
    module: dict[str, Any] = {}
    exec(text, module)
    (test,) = [value for found, value in module.items() if found.startswith("test_")]
    with pytest.raises(BrokenLawError) as raised:
        test()
    return raised.value


def test_nothing_is_found_in_a_deployer_that_does_everything_right() -> None:
    check_deployer(deploys_right, expect=RIGHT, worlds=sized(12, 1_000))


def test_a_failure_is_found_again_by_its_seed() -> None:
    first = failure_of(deployers.goes_on_after_a_failed_creation_10, seed=868, expect=NAME)
    assert first.report.seed == 869
    again = failure_of(deployers.goes_on_after_a_failed_creation_10, seed=869, worlds=1, expect=NAME)
    assert (again.world, again.law, str(again.report.finding)) == (first.world, first.law, str(first.report.finding))


def test_no_world_is_tried_twice_on_the_way_to_the_smallest(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[ChaosWorld] = []
    broken_in = checking._Check.broken_in

    def noted(self: Any, world: ChaosWorld) -> Any:
        tried.append(world)
        return broken_in(self, world)

    monkeypatch.setattr(checking._Check, "broken_in", noted)
    failure = failure_of(deployers.invokes_what_is_idle_once_12, expect=NAME, seed=648, without=(AnotherDoes,))
    assert tried.pop() == failure.world  # the last run is to show that it does the same again
    assert len(tried) == len(set(tried)) > 5


def test_the_report_says_what_was_given_what_happened_and_why_it_is_wrong() -> None:
    world = ChaosWorld(Fails("update", "InternalError"))
    told = str(failure_of(deployers.overlooks_a_failed_update_9, expect=NAME, worlds=[world]))
    assert told.startswith(
        "OverlooksFailedUpdates() breaks a law: it ends Active with what is wanted, or raises\n"
        "  given   update fails with InternalError, once\n"
        "  then    in run 1\n"
    )
    assert "deploy() returned, and the last update of orders is Failed (InternalError)\n  because it returned" in told
    (test,) = [part for part in told.split("  The same as a test:\n\n") if part.lstrip().startswith("from ")]
    assert len(test.strip().splitlines()) <= 10


def test_what_changes_from_run_to_run_is_reported_as_that() -> None:
    runs = []

    def deploys_now_and_then() -> None:
        runs.append(1)
        if len(runs) % 2:
            deployers.invokes_at_once_1()

    with pytest.raises(NotRepeatableError, match="does something else each time in ChaosWorld"):
        check_deployer(deploys_now_and_then, runs=1)


def test_a_second_deployer_comes_between_two_calls() -> None:
    def rival() -> None:
        client = deployers.lambda_client()
        client.update_function_code(FunctionName=NAME, ZipFile=answering("another"))

    world = ChaosWorld(AnotherDeploys(before=21, calls=1))
    failure = failure_of(deployers.does_not_see_another_deployer_18, expect=RIGHT, worlds=[world], rival=rival)
    assert failure.law is ENDS_AS_WANTED
    assert [call.operation for call in failure.report.runs[-1].others] == ["UpdateFunctionCode"]
    check_deployer(deploys_right, expect=RIGHT, worlds=[world], rival=rival)


def test_what_only_turns_bring_about_is_found_and_shrunk() -> None:
    """It takes a second deployer that acts, lets this one act, and acts again: twice a change is refused."""
    options = {"expect": {NAME: {"MemorySize": MEMORY}}, "rival": deployers.updates_code_again_and_again}
    failure = failure_of(deployers.tries_twice_and_goes_on_18, seed=0 if IS_THOROUGH else 8, **options)
    (entry,) = failure.world
    assert isinstance(entry, AnotherDeploys)
    assert len(entry.turns) == 3
    calls = failure.report.runs[-1].calls
    refused = [one.operation for one in calls if one.error and one.error.code == "ResourceConflictException"]
    assert refused == ["UpdateFunctionConfiguration"] * 2
    assert len(failure.report.test.strip().splitlines()) <= 10
    assert "and takes turns with yours, of 1, 2, 1 calls" in str(failure)
    again = fails_when_pasted(failure, "tries_twice_and_goes_on_18")
    assert (again.law, again.world) == (failure.law, failure.world)


def calls_of_two(world: ChaosWorld, *, yours: float = 0, of_another: float = 0) -> str:
    """Return who has made each call of one run where both make five: y or a. Both sleep so long between two calls."""

    def calling(pause: float) -> Callable[[], None]:
        def deploy() -> None:
            for _ in range(5):
                deployers.lambda_client().list_functions()
                time.sleep(pause)

        return deploy

    order: list[str] = []

    def seen(runs: Sequence[Deployment]) -> None:
        if len(runs) == 1:
            others = {id(call) for call in (*runs[0].others, *runs[0].afterwards)}
            order.extend("a" if id(call) in others else "y" for call in (*runs[0].all_calls, *runs[0].afterwards))

    check_deployer(calling(yours), rival=calling(of_another), worlds=[world], laws=[Law("is watched", seen)])
    return "".join(order)


@pytest.mark.parametrize(
    ("entry", "pauses", "order"),
    [
        (AnotherDeploys(), {}, "ayayayayay"),  # a sleep of nothing gives way, too
        (AnotherDeploys(), {"yours": 3, "of_another": 1}, "ayaayaayyy"),
        (AnotherDeploys(before=3), {"yours": 1}, "yyayaaaayy"),
        (AnotherDeploys(calls=2), {"yours": 1, "of_another": 1}, "ayayyyy"),
    ],
)
def test_who_waits_gives_its_turn_to_the_other(entry: Disturbance, pauses: dict[str, float], order: str) -> None:
    assert calls_of_two(ChaosWorld(entry), **pauses) == order


def calls_in_turns(world: ChaosWorld) -> str:
    def deploy() -> None:
        for _ in range(6):
            deployers.lambda_client().list_functions()

    order: list[str] = []

    def seen(runs: Sequence[Deployment]) -> None:
        if len(runs) == 1:
            others = {id(call) for call in runs[0].others}
            order.extend("a" if id(call) in others else "y" for call in runs[0].all_calls)
            order.append("/" + "a" * len(runs[0].afterwards))

    check_deployer(deploy, worlds=[world], laws=[Law("is watched", seen)])
    return "".join(order)


@pytest.mark.parametrize(
    ("entry", "order"),
    [
        (AnotherDeploys(), "aaaaaayyyyyy/"),
        (AnotherDeploys(turns=(2, 1)), "aayaayaayyyy/"),
        (AnotherDeploys(turns=(1, 2, 1)), "ayyayaayayy/a"),
        (AnotherDeploys(before=4, calls=3, turns=(1, 1)), "yyyayayay/"),
        (AnotherDeploys(before=6, turns=(1, 1)), "yyyyyay/aaaaa"),
    ],
)
def test_turns_end_after_so_many_calls_again_and_again(entry: Disturbance, order: str) -> None:
    assert calls_in_turns(ChaosWorld(entry)) == order


def test_a_pool_of_the_second_deployer_is_the_second_deployers() -> None:
    def rival() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: deployers.lambda_client().list_functions(), range(4)))

    seen: list[Sequence[str]] = []

    def others_of(runs: Sequence[Deployment]) -> None:
        seen.append([call.operation for call in runs[-1].others])
        assert "ListFunctions" not in [call.operation for call in runs[-1].calls]

    world = ChaosWorld(AnotherDeploys(before=3))
    check_deployer(deploys_right, worlds=[world], rival=rival, laws=[Law("is watched", others_of)])
    assert seen[0] == ["ListFunctions"] * 4


def test_a_second_deployer_without_an_end_is_ended() -> None:
    def rival() -> None:
        while True:
            deployers.lambda_client().list_functions()
            time.sleep(60)

    before = threading.active_count()
    check_deployer(deploys_right, worlds=[ChaosWorld(AnotherDeploys(before=3))], rival=rival)
    assert threading.active_count() == before


@pytest.mark.parametrize("turns", [(0,), (1, -1), ("a",)])
def test_a_turn_without_calls_is_refused(turns: Any) -> None:
    with pytest.raises(ValueError, match=r"a turn=.*: give a number of calls, at least 1"):
        check_deployer(deploys_right, worlds=[ChaosWorld(AnotherDeploys(turns=turns))])


def test_what_cannot_be_gone_on_from_does_not_converge() -> None:
    def creates_and_waits() -> None:
        deployers.created(deployers.lambda_client())  # what has Failed once stays so

    failure = failure_of(creates_and_waits, worlds=[ChaosWorld(Fails("create", "InternalError"))])
    assert failure.law is CONVERGES
    assert "run once more, when all was well again, deploy() raised WaiterError" in str(failure)


def test_a_version_that_never_goes_live_is_left_behind() -> None:
    def publishes_anew_each_time() -> None:
        client = deployers.lambda_client()
        deployers.created(client)
        builds = len(client.list_versions_by_function(FunctionName=NAME)["Versions"])
        client.update_function_configuration(FunctionName=NAME, Description=f"build {builds}")
        deployers.updated(client)
        version = client.publish_version(FunctionName=NAME)["Version"]
        alias = {"FunctionName": NAME, "Name": "live", "FunctionVersion": version}
        try:
            client.update_alias(**alias)
        except client.exceptions.ResourceNotFoundException:
            client.create_alias(**alias)

    world = ChaosWorld(Throttled("CreateAlias", 6))
    with pytest.raises(BrokenLawError) as raised:
        check_deployer(publishes_anew_each_time, worlds=[world], runs=1, laws=[LEAVES_NOTHING])
    assert "version 1 of orders, to which no alias has ever led" in str(raised.value)


def test_a_law_of_your_own_holds_or_does_not() -> None:
    def tagged(runs: Sequence[Deployment]) -> Finding | None:
        calls = [call.operation for run in runs for call in run.calls]
        return None if "TagResource" in calls else Finding("untagged", ["nothing was tagged"], "we tag all.")

    law = Law("tags what it deploys", tagged)
    assert failure_of(deploys_right, laws=[*LAWS, law], worlds=1).law is law


@pytest.mark.parametrize("worlds", [0, -1])
def test_fewer_than_one_world_is_refused(worlds: int) -> None:
    with pytest.raises(ValueError, match="give a number of at least 1"):
        check_deployer(deploys_right, worlds=worlds)


def test_the_same_seed_draws_the_same_world() -> None:
    assert [drawn_world(seed) for seed in range(50)] == [drawn_world(seed) for seed in range(50)]
    assert len({drawn_world(seed) for seed in range(50)}) > 40


def test_every_kind_of_disturbance_is_drawn() -> None:
    drawn = {type(entry) for seed in range(400) for entry in drawn_world(seed, rival=True)}
    assert drawn == set(Disturbance.__subclasses__())
