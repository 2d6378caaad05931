"""Publishing, moving traffic, and clearing away: what meets a tool for blue/green deployments."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import WaiterError

from .deploying import (
    NOT_INVOKED,
    SNAP_START,
    SNAPSHOT_FAILED,
    answer_of,
    arn_of,
    client,
    configure,
    create,
    create_active,
    look,
    publish,
    refused,
    update_code,
)


def settle(m: Any) -> None:
    m.clock.run_until_idle()


def release(m: Any, answer: str) -> str:
    """Update the code to what returns *answer*, and publish it; return the version's number."""
    update_code(answer=answer)
    settle(m)
    return publish()


# -- publishing


def test_publishing_twice_without_a_change_gives_the_same_version(m: Any) -> None:
    create_active(m)

    first = client().publish_version(FunctionName="orders")
    second = client().publish_version(FunctionName="orders", Description="said again")

    assert (first["Version"], first["RevisionId"]) == (second["Version"], second["RevisionId"])
    assert (first["State"], first["LastUpdateStatus"]) == ("Active", "Successful")
    assert m.function("orders").versions == ["1"]


def test_publishing_with_the_hash_of_other_code_is_refused(m: Any) -> None:
    create_active(m)
    actual = look()["CodeSha256"]
    given = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

    with refused("InvalidParameterValueException", status=400) as refusal:
        publish(CodeSha256=given)

    assert given in refusal.message
    assert actual in refusal.message
    assert publish(CodeSha256=actual) == "1"


def test_a_change_of_the_configuration_alone_makes_a_new_version(m: Any) -> None:
    create_active(m)
    publish()
    configure(Timeout=30)
    settle(m)

    assert publish() == "2"
    assert (look(qualifier="1")["Timeout"], look(qualifier="2")["Timeout"]) == (3, 30)


def test_a_version_keeps_its_code_when_the_function_goes_on(m: Any) -> None:
    create_active(m)
    first, second = publish(), release(m, "two")
    update_code(answer="three")
    settle(m)

    assert [answer_of(qualifier=number) for number in (first, second, "$LATEST")] == ["one", "two", "three"]


def test_numbers_of_versions_are_never_used_again(m: Any) -> None:
    create_active(m)
    publish()
    client().delete_function(FunctionName="orders", Qualifier="1")

    assert release(m, "two") == "2"


# -- traffic


def share_of(answer: str, calls: int = 60) -> float:
    answers = [answer_of(qualifier="live") for _ in range(calls)]
    return answers.count(answer) / calls


def test_traffic_is_shifted_step_by_step_and_rolled_back(m: Any) -> None:
    create_active(m, answer="blue")
    blue = publish()
    client().create_alias(FunctionName="orders", Name="live", FunctionVersion=blue)
    green = release(m, "green")
    client().get_waiter("published_version_active").wait(FunctionName="orders", Qualifier=green)

    shares = []
    for weight in (0.1, 0.5):
        weights = {"AdditionalVersionWeights": {green: weight}}
        client().update_alias(FunctionName="orders", Name="live", RoutingConfig=weights)
        shares.append(share_of("green"))
        m.clock.advance(600)
    client().update_alias(
        FunctionName="orders", Name="live", FunctionVersion=green, RoutingConfig={"AdditionalVersionWeights": {}}
    )
    shares.append(share_of("green"))
    client().update_alias(FunctionName="orders", Name="live", FunctionVersion=blue)
    shares.append(share_of("green"))

    assert 0.02 < shares[0] < 0.2
    assert 0.4 < shares[1] < 0.6
    assert shares[2:] == [1.0, 0.0]


def test_an_alias_is_a_name_for_its_version(m: Any) -> None:
    create_active(m)
    number = publish()
    created = client().create_alias(FunctionName="orders", Name="live", FunctionVersion=number)
    found = look(qualifier="live")

    assert found["FunctionArn"] == arn_of(qualifier="live") == created["AliasArn"]
    assert (found["Version"], found["RevisionId"]) == (number, look(qualifier=number)["RevisionId"])


def test_a_stale_revision_does_not_move_an_alias(m: Any) -> None:
    create_active(m)
    number = publish()
    read = client().create_alias(FunctionName="orders", Name="live", FunctionVersion=number)["RevisionId"]
    client().update_alias(FunctionName="orders", Name="live", Description="somebody else", RevisionId=read)
    other = release(m, "two")

    with refused("PreconditionFailedException", status=412):
        client().update_alias(FunctionName="orders", Name="live", FunctionVersion=other, RevisionId=read)

    assert answer_of(qualifier="live") == "one"


def test_weights_name_one_other_version_that_exists(m: Any) -> None:
    create_active(m)
    number = publish()
    client().create_alias(FunctionName="orders", Name="live", FunctionVersion=number)

    for weights, code in (
        ({"7": 0.1}, "ResourceNotFoundException"),
        ({number: 0.1}, "InvalidParameterValueException"),
        ({"7": 0.1, "8": 0.1}, "InvalidParameterValueException"),
    ):
        with refused(code):
            client().update_alias(
                FunctionName="orders", Name="live", RoutingConfig={"AdditionalVersionWeights": weights}
            )


# -- snapshots


def with_snapshots(m: Any) -> None:
    create_active(m)
    configure(**SNAP_START)
    settle(m)
    assert look()["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}


def test_a_version_with_a_snapshot_is_pending_for_minutes_while_the_function_answers(m: Any) -> None:
    with_snapshots(m)
    before = m.clock.now

    published = client().publish_version(FunctionName="orders")

    assert (published["Version"], published["State"]) == ("1", "Pending")
    assert answer_of() == "one"
    with refused("ResourceConflictException", NOT_INVOKED.format("Pending"), status=409):
        answer_of(qualifier="1")
    client().get_waiter("published_version_active").wait(FunctionName="orders", Qualifier="1")
    assert 60 <= (m.clock.now - before).total_seconds() <= 180
    assert look(qualifier="1")["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
    assert answer_of(qualifier="1") == "one"


def test_a_snapshot_whose_initialization_fails_leaves_a_failed_version_and_a_good_function(m: Any) -> None:
    with_snapshots(m)
    m.faults.on_phase("snapshot", function="orders", version=1).fail("FunctionError")
    publish()

    with pytest.raises(WaiterError, match="terminal failure state"):
        client().get_waiter("published_version_active").wait(FunctionName="orders", Qualifier="1")

    assert (look(qualifier="1")["State"], look(qualifier="1")["StateReasonCode"]) == ("Failed", "FunctionError")
    with refused("ResourceConflictException", SNAPSHOT_FAILED):
        answer_of(qualifier="1")
    assert answer_of() == "one"
    assert release(m, "two") == "2"


def test_a_deployer_moves_the_alias_only_once_the_snapshot_is_there(m: Any) -> None:
    with_snapshots(m)
    first = publish()
    client().get_waiter("published_version_active").wait(FunctionName="orders", Qualifier=first)
    client().create_alias(FunctionName="orders", Name="live", FunctionVersion=first)
    second = release(m, "two")
    assert look(qualifier=second)["State"] == "Pending"
    assert answer_of(qualifier="live") == "one"

    client().get_waiter("published_version_active").wait(FunctionName="orders", Qualifier=second)
    client().update_alias(FunctionName="orders", Name="live", FunctionVersion=second)

    assert answer_of(qualifier="live") == "two"


# -- clearing away


def test_old_versions_are_listed_by_pages_and_deleted_all_but_those_in_use(m: Any) -> None:
    m.backend.limits.versions_page = 4
    create_active(m)
    numbers = [publish(), *(release(m, f"release {n}") for n in range(2, 11))]
    client().create_alias(FunctionName="orders", Name="live", FunctionVersion=numbers[-1])
    client().create_alias(
        FunctionName="orders",
        Name="canary",
        FunctionVersion=numbers[-1],
        RoutingConfig={"AdditionalVersionWeights": {numbers[1]: 0.1}},
    )

    pages = list(client().get_paginator("list_versions_by_function").paginate(FunctionName="orders"))
    listed = [version["Version"] for page in pages for version in page["Versions"]]
    kept = []
    for number in listed[1:]:
        try:
            client().delete_function(FunctionName="orders", Qualifier=number)
        except client().exceptions.ResourceConflictException:
            kept.append(number)

    assert len(pages) == 3
    assert listed == ["$LATEST", *numbers]
    assert kept == [numbers[1], numbers[-1]]
    assert m.function("orders").versions == kept


def test_lists_say_nothing_of_states(m: Any) -> None:
    create(Publish=True)

    listed = client().list_versions_by_function(FunctionName="orders")["Versions"]

    hidden = {"State", "StateReason", "StateReasonCode", "LastUpdateStatus", "RuntimeVersionConfig"}
    assert [version["Version"] for version in listed] == ["$LATEST", "1"]
    assert not any(version.keys() & hidden for version in listed)


def test_an_alias_cannot_be_deleted_as_if_it_were_a_version(m: Any) -> None:
    create_active(m)
    client().create_alias(FunctionName="orders", Name="live", FunctionVersion=publish())

    with refused("InvalidParameterValueException", "Deletion of aliases is not currently supported.", status=400):
        client().delete_function(FunctionName="orders", Qualifier="live")
