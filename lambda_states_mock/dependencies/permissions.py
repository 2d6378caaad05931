"""What the caller of the API may do: everything, until a test forbids some of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from fnmatch import fnmatchcase

from lambda_states_mock.dependencies.failure_modes import CALLER_NOT_AUTHORIZED
from lambda_states_mock.errors import UnknownNameError, nearest

ACTION_OF = {"Invoke": "InvokeFunction", "InvokeWithResponseStream": "InvokeFunction"}
"""IAM's action for an operation, where it is not called as the operation is (AWS's service authorization reference)."""


INVOKE_URL = "InvokeFunctionUrl"  # no operation of the API, but an action: to send a request to a function's URL


def action_of(operation: str) -> str:
    """Return IAM's action for *operation*."""
    return f"lambda:{ACTION_OF.get(operation, operation)}"


class Permissions:
    """Who calls, and what is forbidden.

    Parameters: *caller*, an ARN; *operations*, asked for the API's operations when an action is named.
    """

    def __init__(self, caller: str, operations: Callable[[], Collection[str]]) -> None:
        self.caller = caller
        self._operations = operations
        self._denied: list[tuple[str, str | None]] = []

    def speak_for(self, caller: str) -> None:
        """Let *caller*, an ARN, be who calls."""
        self.caller = caller

    def deny(self, *actions: str, function: str | None = None) -> None:
        """Forbid *actions*; ``*`` stands for any letters. *function*: on it alone. A typo is an UnknownNameError."""
        __tracebackhide__ = True
        if not actions:
            raise TypeError('deny() wants at least one action, e.g. deny("lambda:GetFunctionConfiguration")')
        for action in actions:
            self._check(action)
        self._denied += [(action, function) for action in actions]

    def allow(self, *actions: str) -> None:
        """Take back what was forbidden: of *actions*, as they were given to `deny`, or all."""
        __tracebackhide__ = True
        for action in actions:
            if action not in {denied for denied, _ in self._denied}:
                known = [denied for denied, _ in self._denied]
                raise UnknownNameError(
                    f'"{action}" was not denied:{nearest(action, known)} Denied: {", ".join(known) or "nothing"}.'
                )
        self._denied = [one for one in self._denied if actions and one[0] not in actions]

    def check(self, operation: str, resource: str, function: str | None = None) -> None:
        """Raise AccessDeniedException if the caller may not do *operation*.

        Parameters: *resource*, its ARN for the text; *function*, the name of the function that it is about.
        """
        if not self._denied:
            return
        action = action_of(operation)
        for denied, only in self._denied:
            if fnmatchcase(action, denied) and only in (None, function):
                raise CALLER_NOT_AUTHORIZED.error(caller=self.caller, action=action, resource=resource)

    def _check(self, action: str) -> None:
        __tracebackhide__ = True
        known = sorted({action_of(operation) for operation in (*self._operations(), INVOKE_URL)})
        if not any(fnmatchcase(one, action) for one in known):
            raise UnknownNameError(
                f'Lambda has no action "{action}":{nearest(action, known)} '
                'Name it as in a policy, e.g. "lambda:InvokeFunction" or "lambda:Get*".'
            )
