"""botocore's calls to IAM, which we only listen to: when did a mock of IAM beside us create a role?

A role's CreateDate comes from the machine's clock, which may not agree with the mock's. We therefore record when
CreateRole was answered, on the clock of the innermost active mock.
"""

from __future__ import annotations

from typing import Any

from lambda_states_mock.adapters import active_mocks, botocore_hook
from lambda_states_mock.adapters.patching import Patches

EVENT = "after-call.iam.CreateRole"


def on_role_created(parsed: Any, **_: object) -> None:
    """Remember the role in an answer of CreateRole; the handler for `EVENT`."""
    mock = active_mocks.innermost()
    role = parsed.get("Role") if isinstance(parsed, dict) else None
    if mock is not None and role:
        mock.backend.world.saw_role_created(role["Arn"])


def install(_patches: Patches) -> None:
    """Register the handler for good. It does nothing while no mock is active."""
    botocore_hook.register_for_good(EVENT, on_role_created)
