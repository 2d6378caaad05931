"""aiobotocore's sessions, for tests that use one beside other things: without aiobotocore such a test is skipped.

It allows no botocore that is newer than its own release, so the newest set of libraries does not have it.
"""

from __future__ import annotations

from typing import Any

import pytest


def get_session() -> Any:
    """Return a new session of aiobotocore."""
    return pytest.importorskip("aiobotocore.session").get_session()


def config(**options: Any) -> Any:
    """Return a configuration of a client of aiobotocore."""
    return pytest.importorskip("aiobotocore.config").AioConfig(**options)
