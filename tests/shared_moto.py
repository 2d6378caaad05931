"""What moto makes anew for each mock, and what is the same each time: made once for all tests.

Nothing here changes what a mock does. moto need not be there, and is not imported for this.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # no test begins an instance; to load 1,300 images takes a while


@contextmanager
def shared() -> Iterator[None]:
    """Let all mocks share what they have alike."""
    models: Any = sys.modules.get("moto.core.models")
    if models is None:
        yield
        return
    with ExitStack() as undo:
        _share_what_catches_requests(undo, models)
        _find_actions_once(undo)
        yield


def _share_what_catches_requests(undo: ExitStack, models: Any) -> None:
    """Let all mocks share the objects that catch requests: each has one for each URL and method, which are many."""
    mocks, methods = models.MockAWS, models.RESPONSES_METHODS
    enable = mocks._enable_patching
    made: dict[str, list[Any]] = {}

    def enable_patching(self: Any, reset: bool = True) -> None:
        if any(one.call_count for catching in made.values() for one in catching):
            made.clear()  # each begins with no request that it has caught
        models.RESPONSES_METHODS = () if made else methods  # for which it would make them
        enable(self, reset)
        registered = models.responses_mock._registry._registered
        for method, catching in made.items():
            registered[method] += catching
        if reset and not made:
            made.update({method: [*registered[method]] for method in methods})

    undo.callback(setattr, models, "RESPONSES_METHODS", methods)
    undo.callback(setattr, mocks, "_enable_patching", enable)
    mocks._enable_patching = enable_patching


def _find_actions_once(undo: ExitStack) -> None:
    """Look through the methods of each service once, instead of for each request, and once at the letters of a name."""
    responses: Any = sys.modules["moto.core.responses"]
    for name in ("method_names_from_class", "camelcase_to_underscores"):
        undo.callback(setattr, responses, name, getattr(responses, name))
        setattr(responses, name, cache(getattr(responses, name)))
