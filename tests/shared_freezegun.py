"""What freezegun finds out anew each time that it starts, and is the same for most: found out once for all tests.

Nothing here changes what a freeze does. freezegun need not be there, and is not imported for this.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def shared() -> Iterator[None]:
    """Let freezegun tell by the number of a module's names whether it has looked for times there already.

    It would list and sort all names of two thousand modules.
    """
    api: Any = sys.modules.get("freezegun.api")
    of_names = getattr(api, "_get_module_attributes_hash", None)
    if of_names is None:
        yield
        return

    def of_number(module: Any) -> str:
        try:
            return f"{id(module)}-{len(module.__dict__)}"
        except (AttributeError, ImportError, TypeError):
            return str(of_names(module))

    api._get_module_attributes_hash = of_number
    try:
        yield
    finally:
        api._get_module_attributes_hash = of_names
