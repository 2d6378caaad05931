"""moto beside us: its other services work as usual, and it does not see Lambda's calls.

botocore runs every ``before-send`` handler, including moto's, even when another handler has answered already. moto has
a switch for this, ``core.passthrough.services`` in its configuration, where Lambda is called "awslambda". But
``mock_aws(config=...)`` replaces the whole list, so a value set there is lost when moto starts after us. We therefore
patch the function with which moto reads the list.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any
from urllib.parse import urlsplit

from lambda_states_mock.adapters import activation, active_mocks, urllib3_hook
from lambda_states_mock.adapters.patching import Patches

MOTO_NAMES = frozenset({"awslambda", "lambda"})


def install(patches: Patches) -> None:
    """Turn moto's Lambda off until *patches* are restored."""
    stubber: Any = sys.modules["moto.core.botocore_stubber"]
    original = stubber.passthrough_service

    def passthrough_service(service: str) -> bool:
        return (service in MOTO_NAMES and active_mocks.innermost() is not None) or bool(original(service))

    patches.set(stubber, "passthrough_service", passthrough_service)
    _answer_requests(patches, stubber.BotocoreStubber)


def _answer_requests(patches: Patches, stubber_class: Any) -> None:
    """Answer what moto catches of the library `requests`: moto cannot let such a request pass."""
    original = stubber_class.process_request

    def process_request(self: Any, request: Any) -> Any:
        if getattr(request, "context", None) is None:  # only botocore's own requests have one
            split = urlsplit(request.url)
            answer = urllib3_hook.answer(split.hostname, request.method, request.url, request.body, request.headers)
            if answer is not None:
                return answer.status, list(answer.headers), answer.body
        elif "cloudformation" in request.url and active_mocks.innermost() is not None:
            importlib.import_module("moto.cloudformation.parsing")  # moto does so with the first request
            activation.install_due()
        return original(self, request)

    patches.set(stubber_class, "process_request", process_request)
