"""What the statements of a policy say about a request, as IAM's pages have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_states_mock.dependencies.policies import (
    ANONYMOUS,
    NO_KEYS,
    Decision,
    Principal,
    Request,
    evaluate,
    statements_of,
)
from tests.budget import sized

ACTION = "lambda:InvokeFunction"
ORDERS = "arn:aws:lambda:us-east-1:123456789012:function:orders"
ACCOUNT = "210987654321"
USER = Principal.of(f"arn:aws:iam::{ACCOUNT}:user/shop/ann", "o-abcdefghij")
ROLE = Principal.of(f"arn:aws:iam::{ACCOUNT}:role/shop/ci")
SESSION = Principal.of(f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/build")
SERVICE = Principal(service="s3.amazonaws.com")
PROVIDER = Principal(federated="cognito-identity.amazonaws.com")


def statement(**elements: Any) -> dict[str, Any]:
    """Return a statement that allows everybody everything; None takes an element away."""
    everything = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **elements}
    return {name: value for name, value in everything.items() if value is not None}


def decide(
    *statements: dict[str, Any], principal: Principal = USER, keys: Mapping[str, str | Sequence[str]] = NO_KEYS
) -> Decision:
    return evaluate(statements, Request(ACTION, ORDERS, principal, keys))


def allows(principal: Principal = USER, /, **elements: Any) -> bool:
    return decide(statement(**elements), principal=principal) is Decision.ALLOWED


# -- effects


@pytest.mark.parametrize(
    ("effects", "decision"),
    [
        ([], Decision.NOT_MENTIONED),
        (["Allow"], Decision.ALLOWED),
        (["Deny"], Decision.DENIED),
        (["Allow", "Deny"], Decision.DENIED),
        (["Deny", "Allow"], Decision.DENIED),
        (["allow"], Decision.NOT_MENTIONED),
    ],
)
def test_a_denial_wins_over_what_is_allowed(effects: list[str], decision: Decision) -> None:
    assert decide(*(statement(Effect=effect) for effect in effects)) is decision


@pytest.mark.parametrize(
    ("document", "count"),
    [
        ({"Statement": [statement(), statement()]}, 2),
        ({"Statement": statement()}, 1),
        ({"Statement": ["text", statement()]}, 1),
        ({"Statement": "text"}, 0),
        ({}, 0),
        ("text", 0),
    ],
)
def test_a_document_may_have_a_single_statement(document: Any, count: int) -> None:
    assert len(statements_of(document)) == count


# -- principals

PRINCIPALS: list[tuple[Any, Principal, bool]] = [
    ("*", USER, True),
    ("*", SERVICE, True),
    ("*", ANONYMOUS, True),
    (ACCOUNT, USER, False),  # only "*" stands outside of an object
    ({"AWS": "*"}, USER, True),
    ({"AWS": "*"}, ANONYMOUS, True),
    ({"AWS": ACCOUNT}, USER, True),
    ({"AWS": ACCOUNT}, SESSION, True),
    ({"AWS": ACCOUNT}, ANONYMOUS, False),
    ({"AWS": "123456789012"}, USER, False),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, USER, True),
    ({"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"}, USER, True),
    ({"AWS": "arn:aws:iam::123456789012:root"}, USER, False),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/shop/ann"}, USER, True),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/shop/bob"}, USER, False),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}, USER, False),  # no wildcards in the middle of a name
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/shop/ci"}, ROLE, True),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/ci"}, ROLE, False),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/ci"}, SESSION, True),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/shop/ci"}, SESSION, True),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/cd"}, SESSION, False),
    ({"AWS": "arn:aws:iam::123456789012:role/ci"}, SESSION, False),
    ({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/build"}, SESSION, True),
    ({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/test"}, SESSION, False),
    ({"AWS": ["123456789012", ACCOUNT]}, USER, True),
    ({"AWS": []}, USER, False),
    ({"Service": "s3.amazonaws.com"}, SERVICE, True),
    ({"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]}, SERVICE, True),
    ({"Service": "sns.amazonaws.com"}, SERVICE, False),
    ({"Service": "*"}, SERVICE, True),
    ({"Service": "*"}, USER, False),
    ({"Service": "sns.amazonaws.com", "AWS": ACCOUNT}, USER, True),
    ({"Federated": "cognito-identity.amazonaws.com"}, PROVIDER, True),
    ({"Federated": "accounts.google.com"}, PROVIDER, False),
    ({"CanonicalUser": "79a59df900b949e55d96a1e698fbaced"}, USER, False),
]


@pytest.mark.parametrize(("named", "principal", "meant"), PRINCIPALS)
def test_a_principal_is_named(named: Any, principal: Principal, meant: bool) -> None:
    assert allows(principal, Principal=named) is meant


@pytest.mark.parametrize(("named", "principal", "meant"), PRINCIPALS)
def test_not_principal_means_all_the_others(named: Any, principal: Principal, meant: bool) -> None:
    assert allows(principal, Principal=None, NotPrincipal=named) is not meant


@pytest.mark.parametrize("element", ["Principal", "Action"])
def test_a_statement_without_the_element_matches_nothing(element: str) -> None:
    without: dict[str, Any] = {element: None}

    assert not allows(USER, **without)


def test_a_statement_without_a_resource_matches_any() -> None:
    assert allows(Resource=None)


# -- actions and resources

ACTIONS: list[tuple[Any, bool]] = [
    ("*", True),
    ("lambda:*", True),
    ("lambda:InvokeFunction", True),
    ("LAMBDA:invokefunction", True),
    ("lambda:Invoke*", True),
    ("lambda:invoke*", True),
    ("lambda:InvokeFunctio?", True),
    ("lambda:InvokeFunction?", False),
    ("lambda:Invoke", False),
    ("lambda:[I]nvokeFunction", False),
    ("lambda:Get*", False),
    (["lambda:GetFunction", "lambda:InvokeFunction"], True),
    ([], False),
]


@pytest.mark.parametrize(("named", "meant"), ACTIONS)
def test_an_action_is_named_in_any_case_and_with_wildcards(named: Any, meant: bool) -> None:
    assert allows(Action=named) is meant


@pytest.mark.parametrize(("named", "meant"), ACTIONS)
def test_not_action_means_all_the_others(named: Any, meant: bool) -> None:
    assert allows(Action=None, NotAction=named) is not meant


RESOURCES: list[tuple[Any, bool]] = [
    ("*", True),
    (ORDERS, True),
    (ORDERS.upper(), False),
    (f"{ORDERS}:*", False),
    (f"{ORDERS}*", True),
    (f"{ORDERS}:live", False),
    ("arn:aws:lambda:*:123456789012:function:ord?rs", True),
    ([f"{ORDERS}:live", ORDERS], True),
]


@pytest.mark.parametrize(("named", "meant"), RESOURCES)
def test_a_resource_is_named_with_wildcards(named: Any, meant: bool) -> None:
    assert allows(Resource=named) is meant


@pytest.mark.parametrize(("named", "meant"), RESOURCES)
def test_not_resource_means_all_the_others(named: Any, meant: bool) -> None:
    assert allows(Resource=None, NotResource=named) is not meant


# -- laws

effects = st.sampled_from(["Allow", "Deny"])
principals = st.sampled_from(["*", {"AWS": ACCOUNT}, {"AWS": "123456789012"}, {"Service": "s3.amazonaws.com"}])
actions = st.sampled_from(["*", "lambda:*", "lambda:Get*", ACTION])
resources = st.sampled_from(["*", ORDERS, f"{ORDERS}:*"])
conditions = st.sampled_from([{}, {"Bool": {"aws:Test": "true"}}, {"Null": {"aws:Test": "true"}}])
any_statement = st.fixed_dictionaries(
    {"Effect": effects, "Principal": principals, "Action": actions, "Resource": resources, "Condition": conditions}
)
several = st.lists(any_statement, max_size=5)
callers = st.sampled_from([USER, SESSION, SERVICE, ANONYMOUS])
TRIED = settings(max_examples=sized(30, 1000))


@TRIED
@given(several, callers, st.data())
def test_a_matching_denial_wins_wherever_it_stands(
    statements: list[dict[str, Any]], principal: Principal, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(statements)))
    denied = [*statements[:place], statement(Effect="Deny"), *statements[place:]]

    assert decide(*denied, principal=principal) is Decision.DENIED


@TRIED
@given(several.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))), callers)
def test_the_order_of_statements_does_not_matter(
    orders: tuple[list[dict[str, Any]], list[dict[str, Any]]], principal: Principal
) -> None:
    given_order, other_order = orders

    assert decide(*given_order, principal=principal) is decide(*other_order, principal=principal)


@TRIED
@given(several, any_statement, callers, st.data())
def test_a_statement_about_something_else_changes_nothing(
    statements: list[dict[str, Any]], other: dict[str, Any], principal: Principal, data: st.DataObject
) -> None:
    unrelated = {**other, **data.draw(st.sampled_from([{"Action": "s3:*"}, {"Resource": "arn:aws:s3:::photos"}]))}
    place = data.draw(st.integers(0, len(statements)))

    decision = decide(*statements[:place], unrelated, *statements[place:], principal=principal)

    assert decision is decide(*statements, principal=principal)
