"""moto beside us: its other services go on as ever, and it does not see Lambda's calls.

botocore runs every ``before-send`` handler, moto's too, whoever has answered already. moto's own switch is
``core.passthrough.services`` in its configuration, with its name for the service, "awslambda". The list is replaced as
a whole by ``mock_aws(config=...)``, so what is set there is lost when moto starts after us: it is asked for at the
place where moto reads it.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any
from urllib.parse import urlsplit

from lambda_states_mock.adapters import active_mocks, moto_stacks, urllib3_hook
from lambda_states_mock.adapters.patching import Patches

MOTO_NAMES = frozenset({"awslambda", "lambda"})
_STUBBER = "moto.core.botocore_stubber"

_patches = Patches()
_stack_patches = Patches()


def install_late() -> None:
    """Turn moto's Lambda off if moto was imported and it was not done yet; cheap enough to be asked at each call."""
    if not _patches and (stubber := sys.modules.get(_STUBBER)) is not None:
        _install(stubber)


def _install(stubber: Any) -> None:
    original = stubber.passthrough_service

    def passthrough_service(service: str) -> bool:
        return (service in MOTO_NAMES and active_mocks.innermost() is not None) or bool(original(service))

    _patches.set(stubber, "passthrough_service", passthrough_service)
    _answer_requests(stubber.BotocoreStubber)


def _answer_requests(stubber_class: Any) -> None:
    """Answer what moto catches of the library `requests`: it has no way to let such a request pass."""
    original = stubber_class.process_request

    def process_request(self: Any, request: Any) -> Any:
        if getattr(request, "context", None) is None:  # only botocore's own requests have one
            split = urlsplit(request.url)
            answer = urllib3_hook.answer(split.hostname, request.method, request.url, request.body, request.headers)
            if answer is not None:
                return answer.status, list(answer.headers), answer.body
        elif not _stack_patches and "cloudformation" in request.url and active_mocks.innermost() is not None:
            importlib.import_module("moto.cloudformation.parsing")  # moto does so with the first request
            moto_stacks.install_late(_stack_patches)
        return original(self, request)

    _patches.set(stubber_class, "process_request", process_request)


def uninstall() -> None:
    """Give moto its Lambda back."""
    _stack_patches.restore()
    _patches.restore()
