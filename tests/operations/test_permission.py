"""Resource policies, as AWS renders and refuses them (recorded)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of

INVALID = "InvalidParameterValueException"
NOT_FOUND = "ResourceNotFoundException"


@pytest.fixture
def published(client: Any, mock: LambdaMock) -> Any:
    create(client, Publish=True)
    mock.clock.run_until_idle()
    return client


def allow(client: Any, sid: str = "s1", **params: Any) -> Any:
    usual = {"FunctionName": "orders", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    return client.add_permission(StatementId=sid, **{**usual, **params})


def statements(client: Any, **params: Any) -> Any:
    return json.loads(client.get_policy(FunctionName="orders", **params)["Policy"])["Statement"]


ROOT = {"AWS": "arn:aws:iam::210987654321:root"}
PRINCIPALS = [
    ("*", "*"),
    ("s3.amazonaws.com", {"Service": "s3.amazonaws.com"}),
    ("210987654321", ROOT),
    ("arn:aws:iam::210987654321:root", ROOT),
    ("arn:aws:iam::210987654321:user/me", {"AWS": "arn:aws:iam::210987654321:user/me"}),
]


@pytest.mark.parametrize(("principal", "rendered"), PRINCIPALS)
def test_principals_are_rendered_by_their_type(published: Any, principal: str, rendered: Any) -> None:
    answer = json.loads(allow(published, Principal=principal)["Statement"])

    assert answer == {
        "Sid": "s1",
        "Effect": "Allow",
        "Principal": rendered,
        "Action": "lambda:InvokeFunction",
        "Resource": ARN + "orders",
    }


CONDITIONS: list[tuple[dict[str, str], Any]] = [
    ({"SourceArn": "arn:aws:s3:::b"}, {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}}),
    ({"SourceAccount": "210987654321"}, {"StringEquals": {"AWS:SourceAccount": "210987654321"}}),
    ({"FunctionUrlAuthType": "NONE"}, {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
    ({"PrincipalOrgID": "o-1234567890"}, {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}),
    ({"EventSourceToken": "token"}, {"StringEquals": {"lambda:EventSourceToken": "token"}}),
]


@pytest.mark.parametrize(("params", "condition"), CONDITIONS)
def test_conditions_are_rendered_by_their_parameter(published: Any, params: dict[str, str], condition: Any) -> None:
    action = "lambda:InvokeFunctionUrl" if "FunctionUrlAuthType" in params else "lambda:InvokeFunction"

    assert json.loads(allow(published, Action=action, **params)["Statement"])["Condition"] == condition


def test_statements_keep_the_order_in_which_they_were_added(published: Any) -> None:
    for sid in ("z", "a", "m"):
        allow(published, sid)

    assert [one["Sid"] for one in statements(published)] == ["z", "a", "m"]


def test_a_version_and_an_alias_have_policies_of_their_own(published: Any) -> None:
    published.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    for qualifier in ("1", "live"):
        answer = json.loads(allow(published, Qualifier=qualifier)["Statement"])
        assert answer["Resource"] == f"{ARN}orders:{qualifier}"

    assert len(statements(published, Qualifier="1")) == len(statements(published, Qualifier="live")) == 1
    assert error_of(published.get_policy, FunctionName="orders") == (
        404, NOT_FOUND, "The resource you requested does not exist.",
    )  # fmt: skip


REFUSED: list[tuple[dict[str, str], int, str, str]] = [
    ({"Qualifier": "$LATEST"}, 400, INVALID, "We currently do not support adding policies for $LATEST."),
    (
        {"Principal": "invalid.nonaws.com"},
        400,
        INVALID,
        "The provided principal was invalid. Please check the principal and try again.",
    ),
    (
        {"FunctionUrlAuthType": "NONE"},
        400,
        INVALID,
        "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action",
    ),
    (
        {"FunctionUrlAuthType": "NONE", "FunctionName": "nothing"},
        400,
        INVALID,
        "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action",
    ),
    ({"Qualifier": "live"}, 404, NOT_FOUND, f"Cannot find alias arn: {ARN}orders:live"),
    ({"Qualifier": "9"}, 404, NOT_FOUND, f"Function not found: {ARN}orders:9"),
    ({"FunctionName": "nothing"}, 404, NOT_FOUND, f"Function not found: {ARN}nothing"),
    (
        {"RevisionId": "stale"},
        412,
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. "
        "Call the GetPolicy API to retrieve the latest Revision Id",
    ),
]


@pytest.mark.parametrize("qualifier", ["1", "live", "$LATEST"])
def test_a_function_that_is_not_there_has_no_policy_whatever_is_named_of_it(published: Any, qualifier: str) -> None:
    answer = error_of(published.remove_permission, FunctionName="nothing", StatementId="s1", Qualifier=qualifier)

    assert answer == (404, NOT_FOUND, f"No policy found for: {ARN}nothing")


@pytest.mark.parametrize(("params", "status", "code", "message"), REFUSED)
def test_a_bad_permission_gets_awss_error(
    published: Any, params: dict[str, str], status: int, code: str, message: str
) -> None:
    assert error_of(allow, client=published, **params) == (status, code, message)


def test_a_statement_id_is_used_once(published: Any) -> None:
    allow(published)

    assert error_of(allow, client=published) == (
        409,
        "ResourceConflictException",
        "The statement id (s1) provided already exists. "
        "Please provide a new statement id, or remove the existing statement.",
    )


def test_policy_and_function_share_the_revision_after_a_permission(published: Any) -> None:
    before = published.get_function_configuration(FunctionName="orders")["RevisionId"]
    allow(published, RevisionId=before)

    revision = published.get_policy(FunctionName="orders")["RevisionId"]

    assert revision == published.get_function_configuration(FunctionName="orders")["RevisionId"] != before


def test_each_policy_keeps_its_own_revision_while_versions_and_aliases_get_theirs(
    published: Any, mock: LambdaMock
) -> None:
    allow(published)
    published.update_function_configuration(FunctionName="orders", Description="second")
    mock.clock.run_until_idle()
    published.publish_version(FunctionName="orders")
    published.create_alias(FunctionName="orders", Name="live", FunctionVersion="2")
    answered = published.get_policy(FunctionName="orders")["RevisionId"]
    for qualifier in ("2", "live"):
        allow(published, Qualifier=qualifier)

    assert published.get_policy(FunctionName="orders")["RevisionId"] == answered
    allow(published, "s2", RevisionId=answered)  # the function itself has had other revisions since
    revisions = {
        qualifier: published.get_policy(FunctionName="orders", **({"Qualifier": qualifier} if qualifier else {}))[
            "RevisionId"
        ]
        for qualifier in ("", "2", "live")
    }
    assert len({*revisions.values()}) == 3
    for qualifier in ("2", "live"):
        allow(published, "s2", Qualifier=qualifier, RevisionId=revisions[qualifier])


def test_removing_says_what_is_not_there(published: Any) -> None:
    def remove(**params: str) -> tuple[int, str, str]:
        return error_of(published.remove_permission, **{"FunctionName": "orders", "StatementId": "s1", **params})

    assert remove(FunctionName="nothing") == (404, NOT_FOUND, f"No policy found for: {ARN}nothing")
    assert remove() == (404, NOT_FOUND, "No policy is associated with the given resource.")
    allow(published)
    assert remove(StatementId="other") == (404, NOT_FOUND, "Statement other is not found in resource policy.")


def test_with_the_last_statement_the_policy_goes(published: Any) -> None:
    allow(published)
    answer = published.remove_permission(FunctionName="orders", StatementId="s1")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert error_of(published.get_policy, FunctionName="orders")[0] == 404


def test_a_policy_over_twenty_kilobytes_is_refused(published: Any, mock: LambdaMock) -> None:
    mock.backend.limits.policy_bytes = 500
    allow(published, "s1")

    assert error_of(allow, client=published, sid="s" * 100, SourceArn="arn:aws:s3:::" + "b" * 60)[:2] == (
        400, "PolicyLengthExceededException",
    )  # fmt: skip


def test_permissions_may_be_given_while_the_function_is_pending(client: Any) -> None:
    create(client)

    assert allow(client)["ResponseMetadata"]["HTTPStatusCode"] == 201
