"""Tags of functions (recorded)."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of

TOO_MANY = (400, "InvalidParameterValueException", "Number of tags exceeds resource tag limit.")


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client)
    mock.clock.run_until_idle()
    return client


def test_tags_are_merged_and_overwritten(settled: Any) -> None:
    settled.tag_resource(Resource=ARN + "orders", Tags={"a": "1", "b": "1"})
    settled.tag_resource(Resource=ARN + "orders", Tags={"b": "2"})

    assert settled.list_tags(Resource=ARN + "orders")["Tags"] == {"a": "1", "b": "2"}


def test_removing_a_tag_that_is_not_there_is_no_error(settled: Any) -> None:
    answer = settled.untag_resource(Resource=ARN + "orders", TagKeys=["nothing"])

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert settled.list_tags(Resource=ARN + "orders")["Tags"] == {}


def test_each_change_of_tags_is_a_revision(settled: Any) -> None:
    def revision() -> str:
        return str(settled.get_function_configuration(FunctionName="orders")["RevisionId"])

    revisions = [revision()]
    settled.tag_resource(Resource=ARN + "orders", Tags={"a": "1"})
    revisions.append(revision())
    settled.untag_resource(Resource=ARN + "orders", TagKeys=["a"])
    revisions.append(revision())

    assert len(set(revisions)) == 3


def test_fifty_tags_are_allowed_and_one_more_is_not(settled: Any) -> None:
    settled.tag_resource(Resource=ARN + "orders", Tags={f"key{number}": "x" for number in range(50)})

    assert error_of(settled.tag_resource, Resource=ARN + "orders", Tags={"one more": "x"}) == TOO_MANY
    assert len(settled.list_tags(Resource=ARN + "orders")["Tags"]) == 50


@pytest.mark.parametrize("qualifier", ["1", "live", "$LATEST"])
def test_versions_and_aliases_have_no_tags(settled: Any, qualifier: str) -> None:
    assert error_of(settled.tag_resource, Resource=f"{ARN}orders:{qualifier}", Tags={"a": "1"}) == (
        400,
        "InvalidParameterValueException",
        "Tags on function aliases and versions are not supported. Please specify a function ARN.",
    )


def test_tags_of_a_missing_function_are_not_found(settled: Any) -> None:
    assert error_of(settled.list_tags, Resource=ARN + "nothing") == (
        404, "ResourceNotFoundException", f"Function not found: {ARN}nothing",
    )  # fmt: skip
