"""The keys of role sessions: made up, seeded, and of the shape that AWS's have."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_states_mock.dependencies import role_sessions
from lambda_states_mock.dependencies.role_sessions import RoleSessions
from lambda_states_mock.dependencies.signatures import signing_key
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.resources.arn import Place

ROLE = "arn:aws:iam::123456789012:role/service-role/orders-role"
HOME = Place("123456789012", "us-east-1")


def account_in(access_key_id: str) -> str:
    """Return the account that tools read from an access key: 40 bits of its first six bytes."""
    number = int.from_bytes(base64.b32decode(access_key_id[4:])[:6], "big")
    return f"{(number & 0x7FFFFFFFFF80) >> 7:012d}"


@given(number=st.integers(0, 999_999_999_999), seed=st.integers(0, 1000))
def test_a_key_looks_like_one_of_aws_and_holds_its_account(number: int, seed: int) -> None:
    account = f"{number:012d}"
    session = RoleSessions(Chance(seed)).begin(Place(account, "eu-west-1"), ROLE, "orders")
    assert re.fullmatch(r"ASIA[Q-Z2-7][A-Z2-7]{15}", session.access_key_id)
    assert account_in(session.access_key_id) == account
    assert re.fullmatch(r"[A-Za-z0-9/+]{40}", session.secret_access_key)
    assert re.fullmatch(r"IQoJb3JpZ2luX2Vj[A-Za-z0-9/+]{704}", session.session_token)


def test_the_same_seed_gives_the_same_keys_and_each_session_has_others() -> None:
    first, again = (RoleSessions(Chance(3)) for _ in range(2))
    one, two = first.begin(HOME, ROLE, "orders"), first.begin(HOME, ROLE, "orders")
    assert one == again.begin(HOME, ROLE, "orders")
    for key in ("access_key_id", "secret_access_key", "session_token", "authorization_token"):
        assert getattr(one, key) != getattr(two, key)


@pytest.mark.parametrize(
    ("place", "role", "arn"),
    [
        (HOME, ROLE, "arn:aws:sts::123456789012:assumed-role/orders-role/orders"),
        (HOME, "arn:aws:iam::123456789012:role/r", "arn:aws:sts::123456789012:assumed-role/r/orders"),
        (
            Place("210987654321", "cn-north-1"),
            "arn:aws-cn:iam::210987654321:role/r",
            "arn:aws-cn:sts::210987654321:assumed-role/r/orders",
        ),
    ],
)
def test_the_arn_of_a_session_names_the_role_without_its_path_and_the_function(
    place: Place, role: str, arn: str
) -> None:
    assert RoleSessions(Chance()).begin(place, role, "orders").arn == arn


def test_a_session_is_found_by_its_key_and_prints_without_secrets() -> None:
    sessions = RoleSessions(Chance())
    session = sessions.begin(HOME, ROLE, "orders")
    assert sessions.of(session.access_key_id) is session
    assert sessions.of("AKIA1") is None
    assert session.secret_access_key not in repr(session)
    assert session.session_token not in repr(session)


def test_only_the_latest_sessions_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(role_sessions, "KEPT_SESSIONS", 2)
    sessions = RoleSessions(Chance())
    made = [sessions.begin(HOME, ROLE, "orders") for _ in range(3)]
    assert [sessions.of(one.access_key_id) is one for one in made] == [False, True, True]


@pytest.mark.parametrize(
    ("authorization", "query", "key"),
    [
        ("AWS4-HMAC-SHA256 Credential=ASIA1/20260101/us-east-1/lambda/aws4_request, Signature=0", "", "ASIA1"),
        ("AWS4-ECDSA-P256-SHA256 Credential=ASIA1/20260101/lambda/aws4_request, Signature=0", "", "ASIA1"),
        (None, "a=1&X-Amz-Credential=ASIA2%2F20260101%2Fus-east-1&b=2", "ASIA2"),
        ("Bearer ASIA3", "", None),
        (None, "Y-X-Amz-Credential=ASIA4", None),
        (None, "", None),
    ],
)
def test_a_signature_names_its_key(authorization: str | None, query: str, key: str | None) -> None:
    assert signing_key(authorization, query) == key
