"""What is installed, read once: each run of pytest reads what all distributions say of themselves several times."""

from __future__ import annotations

from functools import cache
from importlib.metadata import Distribution, distributions
from typing import Any


class Known:
    """A *distribution* that reads each thing about itself once."""

    def __init__(self, distribution: Distribution) -> None:
        self._distribution = distribution

    def __getattr__(self, name: str) -> Any:
        found = vars(self)[name] = getattr(self._distribution, name)
        return found


@cache
def installed() -> tuple[Known, ...]:
    """Return what `importlib.metadata.distributions` does."""
    return tuple(map(Known, distributions()))
