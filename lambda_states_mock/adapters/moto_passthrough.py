"""moto beside us: its other services go on as ever, and it does not see Lambda's calls.

botocore runs every ``before-send`` handler, moto's too, whoever has answered already. moto's own switch is
``core.passthrough.services`` in its configuration, with its name for the service, "awslambda". The list is replaced as
a whole by ``mock_aws(config=...)``, so what is set there is lost when moto starts after us: it is asked for at the
place where moto reads it.
"""

from __future__ import annotations

import sys
from typing import Any

from lambda_states_mock.adapters import worlds
from lambda_states_mock.adapters.patching import Patches

MOTO_NAMES = frozenset({"awslambda", "lambda"})
_STUBBER = "moto.core.botocore_stubber"

_patches = Patches()


def install_late() -> None:
    """Turn moto's Lambda off if moto was imported and it was not done yet; cheap enough to be asked at each call."""
    if not _patches and (stubber := sys.modules.get(_STUBBER)) is not None:
        _install(stubber)


def _install(stubber: Any) -> None:
    original = stubber.passthrough_service

    def passthrough_service(service: str) -> bool:
        return (service in MOTO_NAMES and worlds.innermost() is not None) or bool(original(service))

    _patches.set(stubber, "passthrough_service", passthrough_service)


def uninstall() -> None:
    """Give moto its Lambda back."""
    _patches.restore()
