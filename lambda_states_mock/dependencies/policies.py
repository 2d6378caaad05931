"""Policies as IAM evaluates them: what the statements of one document say about a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html and, for the order,
reference_policies_evaluation-logic.html. Policy variables (``${aws:username}``) are not replaced. What is marked (I) is
inferred: AWS does not say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from lambda_states_mock.dependencies.policy_conditions import Values, are_met, listed
from lambda_states_mock.dependencies.wildcards import matches
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.quick_dataclasses import dataclass

NO_KEYS: Mapping[str, Values] = MappingProxyType({})

_ROOT = compile_later(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):root", re.ASCII)
_IDENTITY = compile_later(r"arn:(?P<partition>aws[a-z-]*):(?:iam|sts)::(?P<account>\d{12}):(?P<name>.+)", re.ASCII)
_ROLE = compile_later(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):role/(?:.*/)?(?P<role>[^/]+)", re.ASCII)


class Decision(Enum):
    """What the statements of a policy say about a request."""

    ALLOWED = "allowed"
    DENIED = "denied"
    NOT_MENTIONED = "not mentioned"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a request. With nothing given, it is somebody without credentials."""

    account: str | None = None  # its twelve digits
    arn: str | None = None  # of the user, the role, or the session of a role
    service: str | None = None  # of AWS, e.g. ``lambda.amazonaws.com``
    federated: str | None = None  # an identity provider: its ARN or its name
    organization: str | None = None  # the id of the one that the account is in

    @classmethod
    def of(cls, arn: str, organization: str | None = None) -> Principal:
        """Return the principal with this *arn*."""
        return cls(account=account_of(arn), arn=arn, organization=organization)

    def role(self) -> str | None:
        """Return the name of the role, without its path, if this is a role or a session of one."""
        kind, _, rest = self._name().partition("/")
        if kind == "assumed-role":
            return rest.partition("/")[0]
        return rest.rpartition("/")[2] if kind == "role" else None

    def keys(self) -> dict[str, Values]:
        """Return the condition keys that describe a principal (reference_policies_condition-keys.html)."""
        keys: dict[str, Values] = {"aws:PrincipalIsAWSService": "true" if self.service else "false"}
        if self.service is not None:
            return {**keys, "aws:PrincipalServiceName": self.service}
        if self.account is None:
            return {**keys, "aws:PrincipalType": "Anonymous"}
        keys["aws:PrincipalAccount"] = self.account
        if self.organization is not None:
            keys["aws:PrincipalOrgID"] = self.organization
        if self.arn is not None:
            kind, _, rest = self._name().partition("/")
            keys["aws:PrincipalArn"] = self._principal_arn()
            keys["aws:PrincipalType"] = _TYPES.get(kind, "User")
            if kind == "user":
                keys["aws:username"] = rest.rpartition("/")[2]
        return keys

    def _name(self) -> str:
        found = _IDENTITY.fullmatch(self.arn or "")
        return found["name"] if found is not None else ""

    def _principal_arn(self) -> str:
        """Return the ARN by which conditions know it: of a session, the one of its role. (I) Its path is not known."""
        found = _IDENTITY.fullmatch(self.arn or "")
        if found is None or not found["name"].startswith("assumed-role/"):
            return self.arn or ""
        return f"arn:{found['partition']}:iam::{found['account']}:role/{self.role()}"


_TYPES = {"root": "Account", "assumed-role": "AssumedRole", "role": "AssumedRole", "federated-user": "FederatedUser"}
ANONYMOUS = Principal()


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to do. *keys*: the condition keys, in any case, beside those of the principal."""

    action: str  # e.g. ``lambda:InvokeFunction``
    resource: str  # the ARN of what the action is about
    principal: Principal
    keys: Mapping[str, Values] = field(default_factory=lambda: NO_KEYS)

    def context(self) -> dict[str, Values]:
        """Return all its condition keys, in lower case."""
        return {key.lower(): value for key, value in {**self.principal.keys(), **self.keys}.items()}


def evaluate(statements: Iterable[Mapping[str, Any]], request: Request) -> Decision:
    """Return what *statements* say about *request*. One that denies it wins, wherever it stands."""
    decision = Decision.NOT_MENTIONED
    for statement in statements:
        effect = statement.get("Effect")
        if effect == "Deny" and _applies(statement, request):
            return Decision.DENIED
        if effect == "Allow" and decision is not Decision.ALLOWED and _applies(statement, request):
            decision = Decision.ALLOWED
    return decision


def statements_of(document: Any) -> tuple[Mapping[str, Any], ...]:
    """Return the statements of a parsed policy *document*, which may have a single one outside of a list."""
    found = document.get("Statement") if isinstance(document, Mapping) else None
    several = found if isinstance(found, list) else [found]
    return tuple(one for one in several if isinstance(one, Mapping))


def is_trust_policy(document: Any) -> bool:
    """Tell whether a parsed *document* could be the trust policy of a role: IAM refuses to keep any other.

    It has statements, each with an effect, a principal and an action.
    """
    statements = statements_of(document)
    return bool(statements) and all(
        one.get("Effect") in ("Allow", "Deny")
        and ("Principal" in one or "NotPrincipal" in one)
        and ("Action" in one or "NotAction" in one)
        for one in statements
    )


@lru_cache(maxsize=256)
def account_of(arn: str) -> str | None:
    """Return the account in *arn*, or None."""
    parts = arn.split(":")
    return parts[4] or None if len(parts) > 5 else None


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    """Return whether all elements of *statement* match *request*.

    A statement without an action or a principal matches nothing. One without a resource matches any: the trust policies
    of roles have none.
    """
    return (
        _element(statement, "Action", lambda named: matches(named, request.action, ignore_case=True))
        and _element(statement, "Resource", lambda named: matches(named, request.resource), missing=True)
        and _principal(statement, request.principal)
        and ("Condition" not in statement or are_met(statement["Condition"], request.context()))
    )


def _element(
    statement: Mapping[str, Any], element: str, is_meant: Callable[[str], bool], *, missing: bool = False
) -> bool:
    if element in statement:
        return any(is_meant(named) for named in listed(statement[element]))
    if f"Not{element}" in statement:
        return not any(is_meant(named) for named in listed(statement[f"Not{element}"]))
    return missing


def _principal(statement: Mapping[str, Any], principal: Principal) -> bool:
    """Return whether *statement* is about *principal*. (I) NotPrincipal leaves out whoever one of its names means."""
    if "Principal" in statement:
        return _is_named(statement["Principal"], principal)
    return "NotPrincipal" in statement and not _is_named(statement["NotPrincipal"], principal)


def _is_named(names: Any, principal: Principal) -> bool:
    """Return whether *names*, the value of a Principal element, name *principal*.

    ``"*"`` and ``{"AWS": "*"}`` are equivalent, and mean everybody (reference_policies_elements_principal.html).
    """
    if not isinstance(names, Mapping):
        return bool(names == "*")
    return (
        any(is_identity(named, principal) for named in listed(names.get("AWS")))
        or (principal.service is not None and bool({"*", principal.service} & {*listed(names.get("Service"))}))  # (I) *
        or (principal.federated is not None and principal.federated in listed(names.get("Federated")))
    )


def is_identity(named: str, principal: Principal) -> bool:
    """Return whether *named*, of AWS principals, means *principal*: an account means all that is in it.

    A role means its sessions. (I) The ARN of a session has no path, so roles are compared by their names.
    """
    if named == "*":
        return True
    if principal.account is None:
        return False
    if named in (principal.account, principal.arn):
        return True
    root = _ROOT.fullmatch(named)
    if root is not None:
        return root["account"] == principal.account
    if principal.arn is None or ":assumed-role/" not in principal.arn:
        return False
    role = _ROLE.fullmatch(named)
    return role is not None and (role["account"], role["role"]) == (principal.account, principal.role())
