"""What the caller of the API may do: everything, until a test forbids some of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from lambda_states_mock.dependencies.failure_modes import CALLER_NOT_AUTHORIZED
from lambda_states_mock.dependencies.policies import Principal, account_of
from lambda_states_mock.dependencies.wildcards import matches
from lambda_states_mock.errors import UnknownNameError, nearest
from lambda_states_mock.resources.arn import Place

ACTION_OF = {
    "Invoke": "InvokeFunction",
    "InvokeWithResponseStream": "InvokeFunction",
    "GetLayerVersionByArn": "GetLayerVersion",
}
"""IAM's action for an operation, where it is not called as the operation is (AWS's service authorization reference)."""


INVOKE_URL = "InvokeFunctionUrl"  # no operation of the API, but an action: to send a request to a function's URL

_CALLER = re.compile(r"arn:aws[\w-]*:(iam|sts)::\d{12}:.+", re.ASCII)
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")  # DescribeOrganization in the API reference of AWS Organizations


def action_of(operation: str) -> str:
    """Return IAM's action for *operation*."""
    return f"lambda:{ACTION_OF.get(operation, operation)}"


class Permissions:
    """Who calls, and what is forbidden.

    Parameters: *caller*, an ARN, of an identity in the account of the mock; *operations*, asked for the API's
    operations when an action is named.
    """

    def __init__(self, caller: str, operations: Callable[[], Collection[str]]) -> None:
        self._home = self.account = account_of(caller)
        self._caller = caller
        self._organization: str | None = None
        self._operations = operations
        self.denied: list[tuple[str, str | None]] = []

    @property
    def caller(self) -> str:
        """The ARN of the identity that calls Lambda. You can set it: ValueError for what is no such ARN."""
        return self._caller

    @caller.setter
    def caller(self, arn: str) -> None:
        __tracebackhide__ = True
        given: object = arn
        if not isinstance(given, str) or not _CALLER.fullmatch(given):
            raise ValueError(
                f"the caller is the ARN of an identity, not {arn!r}\n"
                '  Give one such as "arn:aws:iam::123456789012:role/deployer".'
            )
        self._caller = arn
        self.account = account_of(arn)

    @property
    def organization(self) -> str | None:
        """The id of the organization that callers belong to, or None. You can set it: ValueError for what is no id."""
        return self._organization

    @organization.setter
    def organization(self, identifier: str | None) -> None:
        __tracebackhide__ = True
        given: object = identifier
        if given is not None and not (isinstance(given, str) and _ORGANIZATION.fullmatch(given)):
            raise ValueError(
                f"an organization is an id of AWS Organizations, not {identifier!r}\n"
                '  Give one such as "o-abcdefghij", or None.'
            )
        self._organization = identifier

    def caller_in(self, place: Place) -> str:
        """Return the ARN of who calls with a client of *place*: `caller`, or in another account a user of that one."""
        return self._caller if place.account == self._home else place.user_arn()

    def principal_in(self, place: Place) -> Principal:
        """Return who calls with a client of *place*."""
        return Principal.of(self.caller_in(place), self._organization)

    def deny(self, *actions: str, function: str | None = None) -> None:
        """Forbid *actions*; ``*`` stands for any letters. *function*: on it alone. A typo is an UnknownNameError."""
        __tracebackhide__ = True
        if not actions:
            raise TypeError('deny() wants at least one action, e.g. deny("lambda:GetFunctionConfiguration")')
        for action in actions:
            self._check(action)
        self.denied += [(action, function) for action in actions]

    def allow(self, *actions: str) -> None:
        """Take back what was forbidden: of *actions*, as they were given to `deny`, or all."""
        __tracebackhide__ = True
        known = [denied for denied, _ in self.denied]
        for action in actions:
            if action not in known:
                raise UnknownNameError(
                    f'"{action}" was not denied:{nearest(action, known)} Denied: {", ".join(known) or "nothing"}.'
                )
        self.denied = [one for one in self.denied if actions and one[0] not in actions]

    def check(self, operation: str, resource: str, function: str | None = None) -> None:
        """Raise AccessDeniedException if the caller may not do *operation*.

        Parameters: *resource*, its ARN for the text; *function*, the name of the function that it is about.
        """
        action = action_of(operation)
        if self.denied and not self.allows(action, function):
            raise CALLER_NOT_AUTHORIZED.error(caller=self.caller, action=action, resource=resource)

    def allows(self, action: str, function: str | None = None) -> bool:
        """Return whether *action* is not forbidden, on *function* if one is given."""
        return not any(
            matches(denied, action, ignore_case=True) and only in (None, function) for denied, only in self.denied
        )

    def _check(self, action: str) -> None:
        __tracebackhide__ = True
        given: object = action
        if not isinstance(given, str):
            raise TypeError(f'deny() wants each action as text, e.g. deny("lambda:GetFunction"), not {action!r}')
        known = sorted({action_of(operation) for operation in (*self._operations(), INVOKE_URL)})
        if not any(matches(action, one, ignore_case=True) for one in known):
            raise UnknownNameError(
                f'Lambda has no action "{action}":{nearest(action, known)} '
                'Name it as in a policy, e.g. "lambda:InvokeFunction" or "lambda:Get*".'
            )
