"""What the caller of the API may do: everything, until a test forbids some of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from lambda_states_mock.dependencies.failure_modes import CALLER_NOT_AUTHORIZED
from lambda_states_mock.dependencies.neighbours import Identity
from lambda_states_mock.dependencies.policies import Principal, is_identity
from lambda_states_mock.dependencies.wildcards import matches
from lambda_states_mock.errors import UnknownNameError, nearest
from lambda_states_mock.patterns import compile_later

ACTION_OF = {
    "Invoke": "InvokeFunction",
    "InvokeWithResponseStream": "InvokeFunction",
    "GetLayerVersionByArn": "GetLayerVersion",
}
"""IAM's action for an operation, where it is not called as the operation is (AWS's service authorization reference)."""


INVOKE_URL = "InvokeFunctionUrl"  # no operation of the API, but an action: to send a request to a function's URL

_CALLER = compile_later(r"arn:aws[\w-]*:(iam|sts)::\d{12}:.+", re.ASCII)
_ROLE_NAME = compile_later(r"[\w+=,.@-]{1,64}", re.ASCII)
_ORGANIZATION = compile_later(r"o-[a-z0-9]{10,32}")  # DescribeOrganization in the API reference of AWS Organizations


def action_of(operation: str) -> str:
    """Return IAM's action for *operation*."""
    return f"lambda:{ACTION_OF.get(operation, operation)}"


class Denied(NamedTuple):
    """An *action* that is forbidden: on one *function* or on all, to one *caller* or to everybody."""

    action: str
    function: str | None
    caller: str | None

    def means(self, action: str, function: str | None, caller: Principal) -> bool:
        """Return whether it forbids *action* to *caller*, on *function* if one is given."""
        return (
            matches(self.action, action, ignore_case=True)
            and self.function in (None, function)
            and (self.caller in (None, caller.role()) or is_identity(str(self.caller), caller))
        )


class Permissions:
    """Who calls, and what is forbidden.

    Parameters: *caller*, an ARN, of an identity in the account of the mock; *operations*, asked for the API's
    operations when an action is named; *inside*, returns who the function is whose code runs on this thread, None for
    the test's.
    Attributes: *outside*, the ARN of who calls with credentials that nobody knows, but for code of functions.
    """

    def __init__(
        self,
        caller: str,
        operations: Callable[[], Collection[str]],
        inside: Callable[[], Identity | None] = lambda: None,
    ) -> None:
        self.outside = caller
        self._organization: str | None = None
        self._operations = operations
        self._inside = inside
        self.denied: list[Denied] = []

    @property
    def caller(self) -> str:
        """The ARN of the identity that calls Lambda: for code of a function, its role's.

        You can set that of all others: ValueError for what is no such ARN.
        """
        inside = self._inside()
        return self.outside if inside is None else inside.arn

    @caller.setter
    def caller(self, arn: str) -> None:
        __tracebackhide__ = True
        given: object = arn
        if not isinstance(given, str) or not _CALLER.fullmatch(given):
            raise ValueError(
                f"the caller is the ARN of an identity, not {arn!r}\n"
                '  Give one such as "arn:aws:iam::123456789012:role/deployer".'
            )
        self.outside = arn

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

    def principal(self, arn: str) -> Principal:
        """Return the caller with this *arn*."""
        return Principal.of(arn, self._organization)

    def deny(self, *actions: str, function: str | None = None, caller: str | None = None) -> None:
        """Forbid *actions*; ``*`` stands for any letters. *function*: on it alone; *caller*: to it alone.

        Raises as `World.deny`.
        """
        __tracebackhide__ = True
        if not actions:
            raise TypeError('deny() wants at least one action, e.g. deny("lambda:GetFunctionConfiguration")')
        for action in actions:
            self._check(action)
        _check_caller(caller)
        self.denied += [Denied(action, function, caller) for action in actions]

    def allow(self, *actions: str, caller: str | None = None) -> None:
        """Take back what was forbidden: of *actions*, as they were given to `deny`, or all; *caller*: to it alone."""
        __tracebackhide__ = True
        meant = [one for one in self.denied if caller in (None, one.caller)]
        known = [one.action for one in meant]
        whom = f' to "{caller}"' if caller is not None else ""
        for action in actions:
            if action not in known:
                raise UnknownNameError(
                    f'"{action}" was not denied{whom}:{nearest(action, known)} '
                    f"Denied{whom}: {', '.join(known) or 'nothing'}."
                )
        self.denied = [one for one in self.denied if one not in meant or (actions and one.action not in actions)]

    def check(self, operation: str, resource: str, caller: str, function: str | None = None) -> None:
        """Raise AccessDeniedException if *caller*, an ARN, may not do *operation*.

        Parameters: *resource*, its ARN for the text; *function*, the name of the function that it is about.
        """
        action = action_of(operation)
        if self.denied and not self.allows(action, Principal.of(caller), function):
            raise CALLER_NOT_AUTHORIZED.error(caller=caller, action=action, resource=resource)

    def allows(self, action: str, caller: Principal, function: str | None = None) -> bool:
        """Return whether *action* is not forbidden to *caller*, on *function* if one is given."""
        return not any(one.means(action, function, caller) for one in self.denied)

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


def _check_caller(caller: object) -> None:
    __tracebackhide__ = True
    if caller is None:
        return
    if not isinstance(caller, str) or not (_ROLE_NAME.fullmatch(caller) or _CALLER.fullmatch(caller)):
        raise ValueError(
            f"deny() wants the caller as the ARN of an identity, or as the name of a role, not {caller!r}\n"
            '  Give one such as caller="arn:aws:iam::123456789012:role/orders", or caller="orders".'
        )
