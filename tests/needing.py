"""The marker ``needs``: a test that sends what an older client library cannot send says from which version it can.

Nothing else may depend on the version of a client library: our answers do not.
"""

from __future__ import annotations

import socket
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.requirements import Requirement

DESCRIPTION = (
    'needs(*requirements): skip the test unless they are installed, such as "botocore>=1.42" where the test sends what '
    "an older client does not know"
)

LEAKS = {
    "urllib3>=2": socket.AF_INET,  # pools of an older one leave their sockets to the garbage collector
    "pytest-asyncio>=1": socket.AF_UNIX,  # an older one leaves its last event loop there
}
"""By what does not need it: sockets of which family may be left open."""


def known_leaks() -> list[str]:
    """Return filters for the warnings of what older libraries leave open."""
    found = [family for requirement, family in LEAKS.items() if missing(requirement) is not None]
    return [
        rf"ignore:Exception ignored in. <socket.socket .* family=(\w+\.{family.name}|{family.value}),"
        ":pytest.PytestUnraisableExceptionWarning"  # by name before Python 3.11
        for family in found
    ]


@cache
def missing(requirement: str) -> str | None:
    """Return what is missing for *requirement*, or None if it is met."""
    wanted = Requirement(requirement)
    try:
        there = version(wanted.name)
    except PackageNotFoundError:
        return f"{wanted.name} is not installed"
    met = wanted.specifier.contains(there, prereleases=True)
    return None if met else f"{wanted.name} {there} is installed, and the test needs {wanted.specifier}"


def skip_what_cannot_run(items: list[pytest.Item]) -> None:
    """Mark those of *items* as skipped whose requirements are not met."""
    for item in items:
        for marker in item.iter_markers("needs"):
            for requirement in marker.args:
                if (reason := missing(requirement)) is not None:
                    item.add_marker(pytest.mark.skip(reason=reason))
