"""Provisioned concurrency of a version or an alias, as a frozen record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedConcurrency:
    """How many execution environments are kept ready for *qualifier* of a function.

    Attributes: *requested*, asked for; *allocated*, there now, be it for the version that the alias was moved from.
    """

    arn: str
    function: str
    qualifier: str
    requested: int
    allocated: int = 0
    last_modified: datetime
