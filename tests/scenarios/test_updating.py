"""What meets a tool that changes a function: one update at a time, and the old code until the update has ended."""

from __future__ import annotations

import os
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from .deploying import (
    IMAGE,
    IMAGE_URI,
    NOT_CHANGED,
    UPDATING,
    VPC,
    answer_of,
    arn_of,
    client,
    configure,
    create,
    create_active,
    look,
    package,
    publish,
    refused,
    update_code,
)

BUSY = UPDATING.format(arn_of())


def wait_for_update() -> None:
    client().get_waiter("function_updated_v2").wait(FunctionName="orders")


# -- one at a time


def test_a_configuration_right_after_new_code_is_refused(m: Any) -> None:
    create_active(m)
    updated = update_code()
    assert (updated["State"], updated["LastUpdateStatus"]) == ("Active", "InProgress")

    with refused("ResourceConflictException", BUSY, status=409):
        configure()

    assert look()["Timeout"] == 3


def test_new_code_right_after_a_configuration_is_refused_until_it_has_ended(m: Any) -> None:
    create_active(m)
    configure(Timeout=30)
    with refused("ResourceConflictException", BUSY, status=409):
        update_code()

    wait_for_update()
    update_code()
    wait_for_update()

    assert (look()["Timeout"], answer_of()) == (30, "two")


def test_a_version_right_after_new_code_is_refused_until_it_has_ended(m: Any) -> None:
    create_active(m)
    update_code()
    with refused("ResourceConflictException", BUSY, status=409):
        publish()

    wait_for_update()

    assert answer_of(qualifier=publish()) == "two"


def test_a_version_published_with_new_code_is_pending_while_the_function_is_active(m: Any) -> None:
    create_active(m)

    updated = update_code(Publish=True)

    assert (updated["FunctionArn"], updated["Version"]) == (arn_of(qualifier="1"), "1")
    assert (updated["State"], updated["StateReasonCode"]) == ("Pending", "Creating")
    assert "LastUpdateStatus" not in updated
    assert (look()["State"], look()["LastUpdateStatus"]) == ("Active", "InProgress")
    client().get_waiter("published_version_active").wait(FunctionName="orders", Qualifier="1")
    assert answer_of(qualifier="1") == "two"


def test_tags_have_to_wait_for_an_update(m: Any) -> None:
    create_active(m)
    update_code()
    with refused("ResourceConflictException", BUSY, status=409):
        client().tag_resource(Resource=arn_of(), Tags={"team": "ops"})

    wait_for_update()
    client().tag_resource(Resource=arn_of(), Tags={"team": "ops"})

    assert client().list_tags(Resource=arn_of())["Tags"] == {"team": "ops"}


# -- what answers meanwhile


def test_tests_that_run_right_after_a_hotswap_meet_the_old_code_until_the_update_ends(m: Any) -> None:
    m.timings["update"] = 5
    create_active(m, answer="old")
    update_code(answer="new")

    answers = []
    for _ in range(7):
        answers.append(answer_of())
        m.clock.advance(1)

    assert answers == ["old"] * 5 + ["new"] * 2


def test_the_old_timeout_and_environment_hold_until_the_update_ends(m: Any) -> None:
    create(Environment={"Variables": {"STAGE": "old"}})
    m.clock.run_until_idle()
    seen = []

    def handler(event: Any, context: Any) -> None:
        seen.append((os.environ["STAGE"], context.get_remaining_time_in_millis() // 1000))

    m.handler("orders", call=handler)
    answer_of()
    assert configure(Environment={"Variables": {"STAGE": "new"}}, Timeout=30)["Timeout"] == 30
    answer_of()
    m.clock.run_until_idle()
    answer_of()

    assert seen == [("old", 3), ("old", 3), ("new", 30)]


def test_queued_events_run_the_code_that_is_live_when_their_turn_comes(m: Any) -> None:
    create_active(m, Code={"ZipFile": package(body="raise RuntimeError('not now')")})
    client().invoke(FunctionName="orders", InvocationType="Event")
    update_code(answer="new")
    wait_for_update()

    m.clock.advance(60)

    assert [run.error for run in m.invocations("orders")] == ["Unhandled", None]
    assert m.invocations("orders")[-1].result == b'"new"'


# -- updates that fail

REASONS = ["ImageDeleted", "KMSKeyAccessDenied", "InvalidRuntime", "InternalError"]


@pytest.mark.parametrize("reason", REASONS)
def test_a_failed_update_leaves_the_old_code_answering_and_the_next_one_clears_it(m: Any, reason: str) -> None:
    create_active(m, answer="old")
    m.faults.on_phase("update", function="orders").fail(reason, times=1)
    update_code(answer="broken")
    m.clock.advance(2)

    found = look()
    assert (found["State"], found["LastUpdateStatus"]) == ("Active", "Failed")
    assert found["LastUpdateStatusReasonCode"] == reason
    assert answer_of() == "old"
    for waiter in ("function_updated", "function_updated_v2"):
        before = m.clock.now
        with pytest.raises(WaiterError, match="terminal failure state"):
            client().get_waiter(waiter).wait(FunctionName="orders")
        assert m.clock.now == before

    update_code(answer="new")
    wait_for_update()
    assert answer_of() == "new"
    assert not look().keys() & {"LastUpdateStatusReason", "LastUpdateStatusReasonCode"}


def test_a_failed_update_shows_again_what_runs(m: Any) -> None:
    create_active(m)
    before = look()
    m.faults.on_phase("update").fail("InvalidConfiguration")

    assert configure(Timeout=30, MemorySize=512)["Timeout"] == 30
    m.clock.run_until_idle()

    found = look()
    assert (found["Timeout"], found["MemorySize"], found["CodeSha256"]) == (3, 128, before["CodeSha256"])


# -- revisions


def test_every_step_of_a_function_is_a_revision_of_its_own(m: Any) -> None:
    revisions = [create()["RevisionId"]]
    m.clock.run_until_idle()
    revisions.append(look()["RevisionId"])
    revisions.append(configure()["RevisionId"])
    m.clock.run_until_idle()
    revisions.append(look()["RevisionId"])
    client().tag_resource(Resource=arn_of(), Tags={"team": "ops"})
    revisions.append(look()["RevisionId"])
    client().untag_resource(Resource=arn_of(), TagKeys=["team"])
    revisions.append(look()["RevisionId"])
    revisions.append(update_code()["RevisionId"])
    m.clock.run_until_idle()
    revisions.append(look()["RevisionId"])

    assert len(set(revisions)) == len(revisions)
    m.clock.advance(86_400)
    answer_of()
    assert look()["RevisionId"] == revisions[-1]  # neither time nor callers make one


def test_of_two_deployers_that_race_one_is_refused(m: Any) -> None:
    create_active(m)
    update_code(answer="first")

    with refused("ResourceConflictException", BUSY, status=409):
        update_code(answer="second")

    wait_for_update()
    assert answer_of() == "first"


def test_a_deployer_that_names_the_revision_it_has_read_learns_that_it_is_stale(m: Any) -> None:
    create_active(m)
    read = look()["RevisionId"]
    update_code(answer="first", RevisionId=read)
    wait_for_update()

    with refused("PreconditionFailedException", status=412):
        update_code(answer="second", RevisionId=read)
    with refused("PreconditionFailedException", status=412):
        configure(Timeout=9, RevisionId=read)
    with refused("PreconditionFailedException", status=412):
        publish(RevisionId=read)

    assert answer_of() == "first"


# -- networks


def test_a_function_is_attached_to_a_network_while_it_answers_and_detached_again(m: Any) -> None:
    create_active(m)

    attached = configure(**VPC)

    assert (attached["State"], attached["LastUpdateStatus"]) == ("Active", "InProgress")
    assert answer_of() == "one"
    m.clock.advance(24)
    assert look()["LastUpdateStatus"] == "InProgress"
    m.clock.advance(36)
    assert look()["LastUpdateStatus"] == "Successful"

    detached = configure(VpcConfig={"SubnetIds": [], "SecurityGroupIds": []})
    wait_for_update()
    assert detached["VpcConfig"]["SubnetIds"] == []
    assert look()["VpcConfig"]["VpcId"] == ""


def test_the_network_interface_outlives_the_function_for_up_to_twenty_minutes(m: Any) -> None:
    create_active(m, **VPC)

    client().delete_function(FunctionName="orders")

    interface = m.timeline.machine("NetworkInterface")
    assert interface[-1].after == "detaching"
    m.clock.advance(20 * 60 - 1)
    assert len(m.timeline.machine("NetworkInterface")) == len(interface)
    m.clock.advance(1)
    assert m.timeline.machine("NetworkInterface")[-1].after is None


def test_a_second_function_with_the_same_subnets_and_groups_is_quick(m: Any) -> None:
    create_active(m, "first", **VPC)
    create("second", **VPC)

    m.clock.advance(3)

    assert m.function("second").state == "Active"


def test_versions_and_code_have_to_wait_for_a_network(m: Any) -> None:
    create_active(m)
    number = publish()
    configure(**VPC)

    with refused("ResourceConflictException", BUSY):
        publish()
    with refused("ResourceConflictException", BUSY):
        update_code()

    assert answer_of(qualifier=number) == "one"


# -- images


def test_a_new_image_takes_long_and_the_old_one_answers_meanwhile(m: Any) -> None:
    m.timings["update", "image"] = 180
    m.handler("orders", returns="served")
    create_active(m, **IMAGE)
    second = IMAGE_URI.replace(":1", ":2")

    updated = client().update_function_code(FunctionName="orders", ImageUri=second)

    assert updated["LastUpdateStatus"] == "InProgress"
    m.clock.advance(179)
    assert look()["LastUpdateStatus"] == "InProgress"
    assert answer_of() == "served"
    wait_for_update()
    code = client().get_function(FunctionName="orders")["Code"]
    assert code["ImageUri"] == second
    assert code["ResolvedImageUri"] == f"{second.rpartition(':')[0]}@sha256:{look()['CodeSha256']}"


def test_an_image_function_wants_an_image(m: Any) -> None:
    create_active(m, **IMAGE)
    text = "Please provide ImageUri when updating a function with packageType Image."

    with refused("InvalidParameterValueException", text, status=400):
        update_code()


def test_a_function_that_failed_for_its_image_cannot_be_updated(m: Any) -> None:
    m.faults.on_phase("create").fail("ImageAccessDenied")
    create(**IMAGE)
    m.clock.run_until_idle()

    with refused("ResourceConflictException", NOT_CHANGED.format(arn_of(), "Failed", "ImageAccessDenied")):
        client().update_function_code(FunctionName="orders", ImageUri=IMAGE_URI)
