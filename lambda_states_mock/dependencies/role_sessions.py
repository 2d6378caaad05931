"""The credentials that code in an execution environment has: those of a session of its function's role (IAM, STS)."""

from __future__ import annotations

import base64
from collections import OrderedDict
from dataclasses import field

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place, partition_of

KEPT_SESSIONS = 10_000
"""Older ones are forgotten, so that hours of traffic fit into memory."""

_BEGINNING = b"!\n\torigin_ec"  # of AWS's session tokens, which are base64 from there on
_RANDOM_OF_KEY, _SECRET, _TOKEN = 5, 30, 528  # bytes


@dataclass(frozen=True, slots=True)
class RoleSession:
    """A session of an execution role, which Lambda begins for one execution environment.

    Attributes: *place*, of the function; *role_arn*, of its role; *name*, of the session: (R) the function's name;
    *authorization_token*, for who asks the environment itself for the credentials, as SnapStart has it.
    """

    place: Place
    role_arn: str
    name: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    authorization_token: str = field(repr=False)

    @property
    def account(self) -> str:
        return self.place.account

    @property
    def arn(self) -> str:
        """The ARN that STS answers to GetCallerIdentity (recorded)."""
        return role_session_arn(self.place, self.role_arn, self.name)


def role_session_arn(place: Place, role_arn: str, name: str) -> str:
    """Return the ARN of the session *name* of a role, in the account of *place*: the path of the role is not in it."""
    role = role_arn.rpartition("/")[2]
    return f"arn:{partition_of(place.region)}:sts::{place.account}:assumed-role/{role}/{name}"


class RoleSessions:
    """All sessions of a mock, by their access keys. Parameters: *chance*, which makes up the keys."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._by_key: OrderedDict[str, RoleSession] = OrderedDict()
        self.of = self._by_key.get  # the session with this key, or None

    def begin(self, place: Place, role_arn: str, name: str) -> RoleSession:
        """Return a new session of a role, for the function *name* at *place*."""
        drawn = self._chance.bytes(_RANDOM_OF_KEY + _SECRET + _TOKEN)
        # As AWS's keys do, it holds the account: a bit that is set, 40 bits of it, and 39 that are drawn.
        number = 1 << 79 | int(place.account) << 39 | int.from_bytes(drawn[:_RANDOM_OF_KEY], "big") >> 1
        session = RoleSession(
            place,
            role_arn,
            name,
            access_key_id=f"ASIA{base64.b32encode(number.to_bytes(10, 'big')).decode()}",
            secret_access_key=base64.b64encode(drawn[_RANDOM_OF_KEY:-_TOKEN]).decode(),
            session_token=base64.b64encode(_BEGINNING + drawn[-_TOKEN:]).decode(),
            authorization_token=self._chance.uuid(),
        )
        self._by_key[session.access_key_id] = session
        if len(self._by_key) > KEPT_SESSIONS:
            self._by_key.popitem(last=False)
        return session
