"""Replaying makes the recorded calls, and its judgement can be trusted."""

from __future__ import annotations

from typing import Any

import botocore
import pytest
from botocore.exceptions import ClientError, ParamValidationError

from tests import unsendable

from .replaying import StageError, Verdict, join_pages, replay
from .reporting import family, is_known, table, unexpected
from .sequences import NOT_RECORDED, Call, Part, RecordedSequence, Settle


class FakeWorld:
    """Answers what it was given per operation, one after another, and keeps what it was asked."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers = answers
        self.made: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[bool] = []

    def call(self, service: str, operation: str, region: str, params: dict[str, Any], *, sent: bool = False) -> Any:
        self.made.append((operation, params))
        self.sent.append(sent)
        answers = self.answers.get(operation, [])
        answer = answers.pop(0) if answers else {}
        if isinstance(answer, Exception):
            raise answer
        return answer

    def settle(self) -> None:
        self.made.append(("settle", {}))


def call(index: int, operation: str, recorded: Any = NOT_RECORDED, *, service: str = "lambda", **more: Any) -> Call:
    params = more.pop("params", {})
    return Call(index, service, operation, "us-east-1", params, recorded, **more)


def sequence(*steps: Call | Settle) -> RecordedSequence:
    return RecordedSequence("one", complete=True, steps=steps)


def client_error(code: str = "ResourceNotFoundException", status: int = 404) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "gone"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetFunction")


def test_calls_and_waiting_happen_in_the_recorded_order_after_the_roles() -> None:
    role = {"Role": "arn:aws:iam::123456789012:role/runner"}
    world = FakeWorld()
    replay(sequence(call(0, "CreateFunction", {}, params=role), Settle(), call(1, "GetFunction", {})), world)
    assert [operation for operation, _ in world.made] == ["CreateRole", "CreateFunction", "settle", "GetFunction"]
    assert world.made[0][1]["RoleName"] == "runner"


def test_an_answer_as_recorded_holds_and_another_differs() -> None:
    steps = (call(0, "GetAlias", {"Name": "a"}), call(1, "GetAlias", {"Name": "a"}))
    holds, differs = replay(sequence(*steps), FakeWorld(GetAlias=[{"Name": "a"}, {"Name": "b"}]))
    assert holds.verdict is Verdict.HOLDS
    assert differs.verdict is Verdict.DIFFERS
    assert str(differs) == "[1] GetAlias: differs\n      Name: recorded 'a', answered 'b'"


def test_placeholders_are_bound_through_the_whole_sequence() -> None:
    steps = (call(0, "GetAlias", {"Id": "<uuid:1>"}), call(1, "GetAlias", {"Id": "<uuid:1>"}))
    _, second = replay(sequence(*steps), FakeWorld(GetAlias=[{"Id": "x"}, {"Id": "y"}]))
    assert second.findings == ("Id: recorded 'x', answered 'y'",)


def test_an_error_of_aws_is_an_answer() -> None:
    recorded = {"Error": {"Code": "X", "Message": "gone"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
    (exchange,) = replay(sequence(call(0, "GetFunction", recorded)), FakeWorld(GetFunction=[client_error("X")]))
    assert exchange.verdict is Verdict.HOLDS


def test_a_refusal_of_the_client_library_is_compared_by_its_text() -> None:
    error = ParamValidationError(report="Invalid length")
    (exchange,) = replay(sequence(call(0, "GetFunction", str(error))), FakeWorld(GetFunction=[error]))
    assert exchange.verdict is Verdict.HOLDS


def test_a_call_that_aws_answered_is_sent_without_the_checks_of_the_client_library() -> None:
    refused = ParamValidationError(report="Invalid length")
    steps = (
        call(0, "GetFunction", {}),
        call(1, "GetFunction", parts=(Part(("Error",), {}),)),
        call(2, "GetFunction", str(refused)),
        call(3, "GetFunction", unchecked="ok"),
    )
    world = FakeWorld()
    replay(sequence(*steps), world)
    assert world.sent == [True, True, False, False]


def test_an_unchecked_call_may_end_in_an_error_of_aws_but_not_in_another() -> None:
    steps = (call(0, "GetFunction", unchecked="ok"), call(1, "GetFunction", unchecked="ok"))
    world = FakeWorld(GetFunction=[client_error(), RuntimeError("ours\nand more")])
    made, broken = replay(sequence(*steps), world)
    assert made.verdict is Verdict.MADE
    assert broken.verdict is Verdict.BROKEN
    assert broken.failed
    assert broken.findings == ("RuntimeError: ours",)


def test_parts_of_an_answer_are_compared_and_the_rest_is_not() -> None:
    part = Part(("Error",), {"Code": "X", "Message": "gone"})
    world = FakeWorld(Invoke=[client_error("X"), {"Error": "none"}, {}])
    steps = (call(index, "Invoke", parts=(part,)) for index in range(3))
    right, wrong, absent = replay(sequence(*steps), world)
    assert right.verdict is Verdict.HOLDS
    assert wrong.findings == ("Error: recorded {'Code': 'X', 'Message': 'gone'}, answered 'none'",)
    assert absent.findings[0].startswith("Error: missing")


def test_a_list_that_was_recorded_whole_is_compared_with_all_pages() -> None:
    steps = (
        call(0, "ListAliases", parts=(Part(("Aliases",), ["a", "b"]),)),
        call(1, "ListAliases", params={"Marker": {"$ref": [0, "NextMarker"]}}, unchecked="ok"),
    )
    pages = [{"Aliases": ["a"], "NextMarker": "m"}, {"Aliases": ["b"]}]
    first, second = replay(sequence(*steps), FakeWorld(ListAliases=pages))
    assert (first.verdict, second.verdict) == (Verdict.HOLDS, Verdict.MADE)


def test_a_page_that_cannot_be_asked_for_is_told_and_the_list_is_judged_all_the_same() -> None:
    steps = (
        call(0, "ListAliases", parts=(Part(("Aliases",), ["a", "b"]),)),
        call(1, "ListAliases", params={"Marker": {"$ref": [0, "NextMarker"]}}, unchecked="ok"),
    )
    first, second = replay(sequence(*steps), FakeWorld(ListAliases=[{"Aliases": ["a"]}]))
    assert first.findings == ("Aliases[1]: missing, recorded 'b'",)
    assert second.verdict is Verdict.NOT_MADE


def test_pages_are_joined_as_a_paginator_does() -> None:
    pages = [{"Items": [1], "NextMarker": "m", "Name": "n"}, {"Items": [2, 3], "Name": "other"}]
    assert join_pages(pages) == {"Items": [1, 2, 3], "NextMarker": "m", "Name": "n"}


def test_a_stage_that_cannot_be_set_stops_the_sequence() -> None:
    world = FakeWorld(CreateQueue=[client_error("NoQueues")])
    with pytest.raises(StageError, match=r"sqs CreateQueue: .*NoQueues"):
        replay(sequence(call(0, "CreateQueue", service="sqs")), world)


def test_a_call_that_cleans_up_may_fail() -> None:
    world = FakeWorld(DeleteRole=[client_error("NoSuchEntity")])
    assert replay(sequence(call(0, "DeleteRole", service="iam")), world) == ()


def test_ids_of_the_stage_reach_the_calls_of_lambda() -> None:
    world = FakeWorld(CreateSubnet=[{"Subnet": {"SubnetId": "subnet-0123456789"}}])
    wanted = {"SubnetIds": ["subnet-9999999999"]}
    replay(sequence(call(0, "CreateSubnet", service="ec2"), call(1, "UpdateIt", {}, params=wanted)), world)
    assert world.made[-1] == ("UpdateIt", {"SubnetIds": ["subnet-0123456789"]})


def test_a_new_repository_gets_an_image() -> None:
    world = FakeWorld(CreateRepository=[{"repository": {"repositoryName": "app"}}])
    replay(sequence(call(0, "CreateRepository", service="ecr")), world)
    operation, params = world.made[-1]
    assert (operation, params["repositoryName"], params["imageTag"]) == ("PutImage", "app", "latest")


def test_a_known_difference_is_expected_and_one_that_holds_is_not() -> None:
    steps = (call(0, "GetAlias", {"Name": "a"}), call(1, "GetAlias", {"Name": "a"}))
    exchanges = replay(sequence(*steps), FakeWorld(GetAlias=[{"Name": "a"}, {"Name": "b"}]))
    assert unexpected(exchanges, {}) == [exchanges[1]]
    assert unexpected(exchanges, {"one": {1: "why"}}) == []
    assert unexpected(exchanges, {"one": {0: "why", 1: "why"}}) == [exchanges[0]]
    assert is_known(exchanges[1], {"one": {1: "why"}})


def test_the_table_counts_per_operation_and_per_family() -> None:
    steps = (call(0, "GetAlias", {"Name": "a"}), call(1, "GetAlias", {"Name": "a"}), call(2, "CreateAlias"))
    exchanges = replay(sequence(*steps), FakeWorld(GetAlias=[{"Name": "a"}, {"Name": "b"}]))
    rows = {line.rsplit(maxsplit=8)[0].strip(): line.split()[-8:] for line in table(exchanges, {}).splitlines() if line}
    assert rows["GetAlias"] == ["2", "1", "1", "0", "0", "0", "0", "0"]
    assert rows["aliases"] == rows["total"] == ["2", "1", "1", "0", "1", "0", "0", "0"]


def test_a_call_that_the_client_is_too_old_to_make_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsendable, "gaps", lambda: unsendable.Gaps(attributes=frozenset({"get_alias"})))
    error = AttributeError("'Lambda' object has no attribute 'get_alias'")
    (exchange,) = replay(sequence(call(0, "GetAlias", {"Name": "a"})), FakeWorld(GetAlias=[error]))
    assert (exchange.verdict, exchange.failed) == (Verdict.NOT_SENT, False)
    assert exchange.findings == (f"botocore {botocore.__version__} does not know get_alias",)


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("PutProvisionedConcurrencyConfig", "provisioned concurrency"),
        ("PutFunctionConcurrency", "reserved concurrency"),
        ("AddLayerVersionPermission", "layers"),
        ("GetPolicy", "permissions"),
        ("PublishVersion", "versions"),
        ("UntagResource", "tags"),
        ("ListAliases", "aliases"),
        ("UpdateFunctionCode", "code"),
        ("UpdateFunctionEventInvokeConfig", "event invoke"),
        ("UpdateFunctionConfiguration", "functions"),
    ],
)
def test_every_operation_has_a_family(operation: str, name: str) -> None:
    assert family(operation) == name
