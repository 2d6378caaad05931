"""How asynchronous invocations of a function, version or alias are retried, and where their results go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.function import NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInvokeConfig:
    """Settings of *function*'s *qualifier* (``$LATEST`` for the function itself); None is what was not set.

    *destinations* maps ``OnSuccess`` and ``OnFailure`` to ARNs.
    """

    function: str
    qualifier: str
    last_modified: datetime
    maximum_retry_attempts: int | None = None
    maximum_event_age: int | None = None  # seconds
    destinations: Mapping[str, str] = field(default_factory=lambda: NOTHING)
