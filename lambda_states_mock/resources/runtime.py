"""Names of runtimes: a language and a version."""

from __future__ import annotations

from typing import NamedTuple

from lambda_states_mock.patterns import compile_later

_FAMILY = compile_later(r"(?P<language>[a-z]+?)(?:core)?(?P<version>\d+(?:\.\d+)*)?(?:\..+|-.+)?")


class Family(NamedTuple):
    """A runtime's *language* and *version*: ``python`` and ``(3, 13)``; ``provided.al2023`` has no version."""

    language: str
    version: tuple[int, ...]


def family_of(runtime: str) -> Family:
    """Return language and version of *runtime*; of what is none, no language."""
    match = _FAMILY.fullmatch(runtime)
    if match is None:
        return Family("", ())
    numbers = match["version"]
    return Family(match["language"], tuple(map(int, numbers.split("."))) if numbers else ())


_WITH_SNAP_START = {"java": (11,), "python": (3, 12), "dotnet": (8,)}


def supports_snap_start(runtime: str) -> bool:
    """Tell whether functions with *runtime* can have SnapStart: from these versions on (snapstart.html)."""
    language, version = family_of(runtime)
    return language in _WITH_SNAP_START and version >= _WITH_SNAP_START[language]
