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
    make = models.CallbackResponse
    made: dict[tuple[str, str, Any], Any] = {}

    def catching(*, method: str, url: Any, callback: Any) -> Any:
        key = method, url.pattern, callback
        if key not in made or made[key].call_count:  # each begins with no request that it has caught
            made[key] = make(method=method, url=url, callback=callback)
        return made[key]

    models.CallbackResponse = catching
    try:
        yield
    finally:
        models.CallbackResponse = make
