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

from lambda_states_mock.adapters import activation, active_mocks, http_answers, moto_puts, moto_role_sessions
from lambda_states_mock.adapters.patching import Patches

_IMPORTED_LATE = {
    "cloudformation": "moto.cloudformation.parsing",
    "dynamodb": "moto.dynamodb.models.table",
    "kinesis": "moto.kinesis.models",
    "sqs": "moto.sqs.models",
}
"""By a part of a request's URL: the module that moto imports with the first of them, and that an adapter patches."""

MOTO_NAMES = frozenset({"awslambda", "lambda"})


def install(patches: Patches) -> None:
    """Turn moto's Lambda off until *patches* are restored."""
    stubber: Any = sys.modules["moto.core.botocore_stubber"]
    of_requests: Any = importlib.import_module("moto.core.custom_responses_mock").CallbackResponse
    passthrough, process = stubber.passthrough_service, stubber.BotocoreStubber.process_request
    matches = of_requests.matches

    def passthrough_service(service: str) -> bool:
        return (service in MOTO_NAMES and active_mocks.innermost() is not None) or bool(passthrough(service))

    def process_request(self: Any, request: Any) -> Any:
        if active_mocks.stack:
            moto_role_sessions.make_known(request.headers)
        if activation.waiting and active_mocks.innermost() is not None:
            _import_early(request.url)
        return moto_puts.answering(request, lambda: process(self, request))

    def matches_unless_ours(self: Any, request: Any) -> Any:
        # What moto does not match of the library `requests` it lets pass: it reaches urllib3, where we answer.
        if http_answers.is_ours(request.method, request.url):
            return False, "lambda_states_mock answers it"
        return matches(self, request)

    patches.set(stubber, "passthrough_service", passthrough_service)
    patches.set(stubber.BotocoreStubber, "process_request", process_request)
    patches.set(of_requests, "matches", matches_unless_ours)


def _import_early(url: str) -> None:
    for part, module in _IMPORTED_LATE.items():
        if part in url and module in activation.waiting:
            importlib.import_module(module)
