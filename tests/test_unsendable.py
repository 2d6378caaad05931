"""What we take for the fault of a client that is too old, and what we do not."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError

from lambda_states_mock.api_model import of_lambda
from tests import unsendable
from tests.unsendable import Gaps, gaps, reason

OURS = of_lambda.data()
SHAPES = OURS["shapes"]
LISTED = SHAPES["ListFunctionsRequest"]
OLD = {
    "operations": {name: each for name, each in OURS["operations"].items() if name != "GetPolicy"},
    "shapes": {
        **{name: shape for name, shape in SHAPES.items() if name != "PolicyLengthExceededException"},
        "ListFunctionsRequest": {**LISTED, "members": {**LISTED["members"]}},
    },
}
OLD["shapes"]["ListFunctionsRequest"]["members"].pop("MasterRegion")
OF_OLD = Gaps.between(OURS, OLD)


def client() -> Any:
    return boto3.client("lambda", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")


def refused(**params: Any) -> ParamValidationError:
    with pytest.raises(ParamValidationError) as raised:
        client().list_functions(**params)
    return raised.value


def unnamed(name: str, of: Any) -> AttributeError:
    with pytest.raises(AttributeError) as raised:
        getattr(of, name)
    return raised.value


def test_a_model_as_new_as_ours_lacks_nothing() -> None:
    assert Gaps.between(OURS, OURS) == Gaps()


def test_what_an_older_model_lacks_is_named_as_a_client_names_it() -> None:
    assert OF_OLD.attributes == {"get_policy", "PolicyLengthExceededException"}
    assert OF_OLD.members == {"MasterRegion", "Type", "message"}


def test_a_name_that_the_client_knows_elsewhere_is_not_new() -> None:
    assert OF_OLD.names == {"MasterRegion"}


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (AttributeError("'Lambda' object has no attribute 'get_policy'"), "get_policy"),
        (AttributeError("'Lambda' object has no attribute 'get_policies'"), None),
        (AttributeError("'LambdaMock' object has no attribute 'get_policy'"), None),
        (KeyError("MasterRegion"), "MasterRegion"),
        (KeyError("get_policy"), "get_policy"),
        (KeyError("FunctionVersion"), None),
        (
            ParamValidationError(report='Unknown parameter in input: "MasterRegion", must be one of: a, b'),
            "MasterRegion",
        ),
        (ParamValidationError(report='Unknown parameter in input: "MasterRegions", must be one of: a, b'), None),
        (ParamValidationError(report='Missing required parameter in input: "MasterRegion"'), None),
        (AssertionError("MasterRegion"), None),
        (ClientError({"Error": {"Code": "PolicyLengthExceededException"}}, "GetPolicy"), None),
    ],
)
def test_only_what_the_client_says_of_a_name_of_ours_counts(error: BaseException, name: str | None) -> None:
    assert OF_OLD.in_(error) == name


def test_a_key_that_our_own_code_misses_is_no_fault_of_the_client() -> None:
    code = compile("{}['MasterRegion']", "here", "exec")
    found = []
    for module in ("tests.of_a_user", "lambda_states_mock.operations.listing"):
        with pytest.raises(KeyError) as raised:
            exec(code, {"__name__": module})
        found.append(OF_OLD.in_(raised.value))
    assert found == ["MasterRegion", None]


OF_A_SKIPPED_TEST = """
import pytest
from lambda_states_mock import UnfiredFaultError
@pytest.fixture
def broken():
    yield
    raise {error}
def test_it(broken):
    raise KeyError("MasterRegion")
"""


@pytest.mark.parametrize(
    ("error", "outcomes"),
    [
        ("UnfiredFaultError('the rest would have met it')", {"skipped": 1}),
        ("ValueError('a fixture is broken')", {"skipped": 1, "errors": 1}),
    ],
)
def test_only_what_a_mock_says_at_its_end_is_passed_over_after_a_skipped_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, error: str, outcomes: dict[str, int]
) -> None:
    monkeypatch.setattr(unsendable, "gaps", lambda: OF_OLD)
    pytester.makepyfile(OF_A_SKIPPED_TEST.replace("{error}", error))
    result = pytester.inline_run("-p", "no:randomly", "-p", "no:asyncio", plugins=[unsendable.Skipping()])
    seen = list(result.getreports("pytest_runtest_logreport"))
    found = {"skipped": sum(one.skipped for one in seen), "errors": sum(one.failed for one in seen)}
    assert {name: count for name, count in found.items() if count} == outcomes


def test_a_client_says_so_of_a_parameter() -> None:
    assert Gaps(members=frozenset({"New"})).in_(refused(New=1)) == "New"


def test_a_second_mistake_of_the_same_call_counts() -> None:
    assert Gaps(members=frozenset({"New"})).in_(refused(New=1, MaxItems="many")) is None


@pytest.mark.parametrize("of", [client(), client().exceptions])
def test_a_client_says_so_of_a_method_and_of_an_exception(of: Any) -> None:
    assert Gaps(frozenset({"later"})).in_(unnamed("later", of)) == "later"


def test_each_error_of_a_group_must_be_the_clients() -> None:
    class GroupError(Exception):
        exceptions: tuple[BaseException, ...] = (ValueError("a"), refused(MaxItems=2, Other=1))

    assert reason(GroupError()) is None


def test_with_the_newest_client_nothing_is_skipped() -> None:
    if gaps() == Gaps():
        assert reason(refused(Other=1)) is None
        assert reason(KeyError("FunctionVersion")) is None
