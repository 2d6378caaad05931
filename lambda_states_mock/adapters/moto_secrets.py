"""Rotations of moto's Secrets Manager: whether there is a function, which a secret keeps, and they may invoke it.

The steps go through `moto_lambda`.
"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from lambda_states_mock.adapters import active_mocks, moto_lambda
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.event_sources.pushes import Pusher


def install(patches: Patches) -> None:
    """Let rotations ask for a permission until *patches* are restored."""
    backend: Any = sys.modules["moto.secretsmanager.models"].SecretsManagerBackend
    rotate = backend.rotate_secret

    def rotate_secret(self: Any, secret_id: str, *rest: Any, **members: Any) -> Any:
        if active_mocks.innermost() is not None:
            secret = self.secrets.get(secret_id)
            known = secret.rotation_lambda_arn if secret is not None else None
            function = members.get("rotation_lambda_arn") or known  # moto forgets the function of an earlier rotation
            if function:
                _check(function, self.account_id)
                members["rotation_lambda_arn"] = function
            elif secret is not None and moto_lambda.are_permissions_needed():  # else moto's answer: it rotates alone
                _refuse("InvalidRequestException", _NO_FUNCTION)
        return rotate(self, secret_id, *rest, **members)

    patches.set(backend, "rotate_secret", rotate_secret)


def _check(function_arn: str, account: str) -> None:
    """Raise what Secrets Manager answers where it may not invoke the function (recorded)."""
    pusher = Pusher("Secrets Manager", "secretsmanager.amazonaws.com", account=account)
    if not moto_lambda.may_invoke(pusher, function_arn):
        _refuse("AccessDeniedException", _NOT_ALLOWED)


def _refuse(code: str, message: str) -> NoReturn:
    errors: Any = sys.modules["moto.secretsmanager.exceptions"]
    raise errors.SecretsManagerClientError(code, message)


_NO_FUNCTION = "No Lambda rotation function ARN is associated with this secret."
_NOT_ALLOWED = (
    "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the"
    " principal secretsmanager.amazonaws.com."
)
