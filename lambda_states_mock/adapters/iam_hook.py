"""botocore's calls to IAM, only listened to: when did a mock of IAM beside us make a role?

A role's CreateDate is of the machine's clock, which ours need not agree with. So the moment at which CreateRole was
answered is kept, on the clock of the innermost active mock.
"""

from __future__ import annotations

from typing import Any

import botocore.handlers

from lambda_states_mock.adapters import active_mocks

EVENT = "after-call.iam.CreateRole"


def on_role_created(parsed: Any, **_: object) -> None:
    """Remember the role that an answer of CreateRole tells of; the handler for `EVENT`."""
    mock = active_mocks.innermost()
    role = parsed.get("Role") if isinstance(parsed, dict) else None
    if mock is not None and role:
        mock.backend.service.saw_role_created(role["Arn"])


def register_once() -> None:
    """Put the dormant handler among botocore's builtin ones, so that all later sessions and clients have it."""
    handlers = botocore.handlers.BUILTIN_HANDLERS
    if (entry := (EVENT, on_role_created)) not in handlers:
        handlers.append(entry)
