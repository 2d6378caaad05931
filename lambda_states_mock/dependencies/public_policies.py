"""Whether a resource policy gives access to everybody, which an account can forbid: PublicPolicyException.

AWS does not say what counts as public for Lambda. (I) It is what S3's Block Public Access says: an Allow for everybody
without a condition that ties it down to fixed values.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lambda_states_mock.dependencies.policy_conditions import listed

TYING_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "lambda:eventsourcetoken",
    }
)
"""Condition keys that tie a statement down to somebody, in lower case."""


def grants_public_access(statements: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a policy of *statements* lets everybody in. What another statement denies does not count (I)."""
    return any(one.get("Effect") == "Allow" and _is_for_everybody(one) and not _is_tied(one) for one in statements)


def _is_for_everybody(statement: Mapping[str, Any]) -> bool:
    if "Principal" not in statement:
        return True  # NotPrincipal: everybody but a few
    principal = statement["Principal"]
    if not isinstance(principal, Mapping):
        return bool(principal == "*")
    return "*" in listed(principal.get("AWS"))


def _is_tied(statement: Mapping[str, Any]) -> bool:
    condition = statement.get("Condition")
    if not isinstance(condition, Mapping):
        return False
    return any(
        isinstance(keys, Mapping)
        and not operator.rpartition(":")[2].lower().startswith(("stringnot", "arnnot", "notip", "null"))
        and any(key.lower() in TYING_KEYS and _is_fixed(values) for key, values in keys.items())
        for operator, keys in condition.items()
    )


def _is_fixed(values: Any) -> bool:
    """Tell whether *values* name something: a wildcard alone names nothing."""
    return all(value not in ("*", "arn:aws:*", "0.0.0.0/0") for value in listed(values))
