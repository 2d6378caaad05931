"""Sessions of the roles of functions, made known to moto's STS and IAM when code of a function first calls moto.

Lambda gets the credentials of an environment from STS. Ours are made up, seeded, in a few microseconds; to assume a
role with moto takes milliseconds, and most functions never need it.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from lambda_states_mock import private_names
from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.dependencies.role_sessions import RoleSession
from lambda_states_mock.dependencies.signatures import signing_key
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.resources.arn import partition_of
from lambda_states_mock.wire.http import header_text

_LONGEST_SESSION = 43_200  # seconds; moto does not look at it
_KEY_OF_ENVIRONMENT = compile_later(r"ASIA[A-Z2-7]{16}")


def make_known(headers: Any) -> None:
    """Let moto know whoever signed a request with these *headers*, where that is the role of a function."""
    key = signing_key(header_text(headers.get("Authorization") or ""), "")
    if key is None or _KEY_OF_ENVIRONMENT.fullmatch(key) is None:
        return
    if not private_names.allows("adapters.moto_role_sessions", "sessions"):
        return
    for mock in active_mocks.stack:
        session = mock.backend.service.callers.sessions.of(key)
        if session is not None and not _is_at_home_elsewhere(session, mock.account):
            _add(session)


def _is_at_home_elsewhere(session: RoleSession, home: str) -> bool:
    """Return whether a *session* is of the mock's own account where that is not moto's: there they share resources."""
    return session.account == home and home != str(sys.modules["moto.core"].DEFAULT_ACCOUNT_ID)


def _add(session: RoleSession) -> None:
    iam: Any = importlib.import_module("moto.iam.models")
    sts: Any = importlib.import_module("moto.sts.models")
    partition = partition_of(session.place.region)
    keys = iam.iam_backends[session.account][partition].access_keys
    if session.access_key_id in keys:
        return
    # moto makes up the keys of what it makes: they are replaced by those that the function has.
    key = iam.AccessKey(user_name=None, prefix="ASIA", account_id=session.account)
    vars(key).update(
        access_key_id=session.access_key_id, secret_access_key=session.secret_access_key, role_arn=session.role_arn
    )
    assumed = sts.AssumedRole(
        account_id=session.account,
        region_name=session.place.region,
        access_key=key,
        role_session_name=session.name,
        role_arn=session.role_arn,
        policy=None,
        duration=_LONGEST_SESSION,
        external_id=None,
    )
    vars(assumed).update(session_token=session.session_token)
    keys[session.access_key_id] = key
    sts.sts_backends[session.account][partition].assumed_roles.append(assumed)
