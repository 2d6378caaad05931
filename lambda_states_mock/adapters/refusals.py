"""What libraries are refused for that lack a name which we need: their use, not every mock.

Each of these patches a documented way into its library. They are installed in place of the adapter.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from lambda_states_mock.adapters import active_mocks, answered_hosts, moto_neighbours
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.errors import PrivateNameError


def _refuse(
    patches: Patches,
    owner: Any,
    name: str,
    error: PrivateNameError,
    concerns: Callable[..., bool] = lambda *_, **__: True,
) -> None:
    """Raise *error* from *owner*.*name* where *concerns*, which gets the same arguments, says that it is about us."""
    original = getattr(owner, name)

    @wraps(original)
    def refuse(*args: Any, **kwargs: Any) -> Any:
        if active_mocks.stack and concerns(*args, **kwargs):
            raise error.with_traceback(None)
        return original(*args, **kwargs)

    patches.set(owner, name, refuse)


def refuse_aiobotocore(patches: Patches, *, error: PrivateNameError) -> None:
    """Refuse clients of Lambda."""

    def is_lambdas(_session: Any, service_name: str = "", *_: Any, **__: Any) -> bool:
        return service_name == "lambda"

    _refuse(patches, sys.modules["aiobotocore.session"].AioSession, "create_client", error, is_lambdas)


def refuse_aiohttp(patches: Patches, *, error: PrivateNameError) -> None:
    """Refuse connections to Lambda's hosts."""

    def is_to_lambda(_connector: Any, request: Any, *_: Any, **__: Any) -> bool:
        return answered_hosts.is_answered(request.url.raw_host)

    _refuse(patches, sys.modules["aiohttp"].BaseConnector, "connect", error, is_to_lambda)


def refuse_moto(patches: Patches, *, error: PrivateNameError) -> None:
    """Refuse a moto that is active, and to start it."""
    if moto_neighbours.is_active():
        raise error
    _refuse(patches, type(sys.modules["moto"].mock_aws()), "start", error)


def refuse_stacks(patches: Patches, *, error: PrivateNameError) -> None:
    """Refuse moto's CloudFormation what is to be made by a template."""
    models: Any = sys.modules["moto.cloudformation.models"]
    for name in ("create_stack", "update_stack", "create_change_set"):
        _refuse(patches, models.CloudFormationBackend, name, error)


REFUSALS: dict[str, Callable[..., None]] = {
    "aiobotocore_hook": refuse_aiobotocore,
    "aiohttp_hook": refuse_aiohttp,
    "moto_passthrough": refuse_moto,
    "moto_stacks": refuse_stacks,
}
"""By the module of the adapter."""
