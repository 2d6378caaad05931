"""How much is tried of what could be tried without end: little in each run, all of it when ``THOROUGH=1`` is set."""

from __future__ import annotations

import os

IS_THOROUGH = os.environ.get("THOROUGH", "") not in {"", "0"}


def sized(usual: int, thorough: int) -> int:
    """Return how many to try: *usual* in each run, *thorough* in a nightly one."""
    return thorough if IS_THOROUGH else usual
