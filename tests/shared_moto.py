"""What moto makes anew for each mock, and what is the same each time: made once for all tests.

Nothing here changes what a mock does. moto need not be there, and is not imported for this.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # no test begins an instance; to load 1,300 images takes a while


@contextmanager
def shared() -> Iterator[None]:
    """Let all mocks share the objects that catch requests: each has one for each URL and method, which are many."""
    models: Any = sys.modules.get("moto.core.models")
    if models is None:
        yield
        return
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

    mocks._enable_patching = enable_patching
    try:
        yield
    finally:
        mocks._enable_patching, models.RESPONSES_METHODS = enable, methods
