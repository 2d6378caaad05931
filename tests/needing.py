"""The marker ``needs``: a test that sends what an older client library cannot send says from which version it can.

Nothing else may depend on the version of a client library: our answers do not.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.requirements import Requirement

DESCRIPTION = (
    'needs(*requirements): skip the test unless they are installed, such as "botocore>=1.42" where the test sends what '
    "an older client does not know"
)


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
