"""What hangs on a function: its policy, and how much of the account's concurrency it has."""

from __future__ import annotations

from typing import Any

import pytest

from .deploying import answer_of, client, create_active, look, refused

STATEMENT = {"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}


def add_permission(**members: Any) -> Any:
    return client().add_permission(FunctionName="orders", **{**STATEMENT, **members})


def reserve(name: str, number: int) -> Any:
    return client().put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=number)


def test_the_same_statement_twice_is_a_conflict(m: Any) -> None:
    create_active(m)
    add_permission()
    text = (
        "The statement id (s3) provided already exists. "
        "Please provide a new statement id, or remove the existing statement."
    )

    with refused("ResourceConflictException", text, status=409):
        add_permission()


def test_a_statement_that_is_not_there_cannot_be_removed(m: Any) -> None:
    create_active(m)
    add_permission()

    with refused("ResourceNotFoundException", "Statement sns is not found in resource policy.", status=404):
        client().remove_permission(FunctionName="orders", StatementId="sns")


def test_a_permission_is_a_revision_and_a_stale_one_is_refused(m: Any) -> None:
    create_active(m)
    read = look()["RevisionId"]
    add_permission(RevisionId=read)
    assert look()["RevisionId"] == client().get_policy(FunctionName="orders")["RevisionId"] != read

    with refused("PreconditionFailedException", status=412):
        add_permission(StatementId="sns", RevisionId=read)
    with refused("PreconditionFailedException", status=412):
        client().remove_permission(FunctionName="orders", StatementId="s3", RevisionId=read)

    client().remove_permission(FunctionName="orders", StatementId="s3", RevisionId=look()["RevisionId"])
    with refused("ResourceNotFoundException", status=404):
        client().get_policy(FunctionName="orders")


def test_no_concurrency_at_all_turns_every_call_away(m: Any) -> None:
    create_active(m)
    reserve("orders", 0)

    with refused("TooManyRequestsException", "Rate Exceeded.", status=429) as refusal:
        answer_of()
    assert refusal.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"

    client().delete_function_concurrency(FunctionName="orders")
    assert answer_of() == "one"


@pytest.mark.parametrize(("number", "fits"), [(900, True), (901, False)])
def test_a_hundred_have_to_stay_unreserved(m: Any, number: int, fits: bool) -> None:
    create_active(m)

    if fits:
        assert reserve("orders", number)["ReservedConcurrentExecutions"] == number
        return
    with refused("InvalidParameterValueException", status=400) as refusal:
        reserve("orders", number)
    assert "below its minimum value of [100]" in refusal.message


def test_what_other_functions_have_reserved_counts(m: Any) -> None:
    for name in ("orders", "refunds"):
        create_active(m, name)
    reserve("orders", 600)

    with refused("InvalidParameterValueException"):
        reserve("refunds", 301)
    reserve("orders", 500)  # one's own reservation is replaced, not added to
    assert reserve("refunds", 400)["ReservedConcurrentExecutions"] == 400
