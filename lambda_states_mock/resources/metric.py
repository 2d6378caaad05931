"""One value of a metric, as it is measured."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Datum(NamedTuple):
    """A value of the metric *name*.

    Attributes: *function*, None for the whole account; *resource*, what was asked for: ``orders`` or ``orders:live``.
    """

    name: str
    value: float
    function: str | None
    resource: str | None
    at: datetime


UNITS = {
    "Invocations": "Count",
    "Errors": "Count",
    "Throttles": "Count",
    "Duration": "Milliseconds",
    "ConcurrentExecutions": "Count",
    "UnreservedConcurrentExecutions": "Count",
    "ProvisionedConcurrentExecutions": "Count",
    "ProvisionedConcurrencyInvocations": "Count",
    "ProvisionedConcurrencySpilloverInvocations": "Count",
    "ProvisionedConcurrencyUtilization": "None",
    "AsyncEventsReceived": "Count",
    "AsyncEventsDropped": "Count",
    "AsyncEventAge": "Milliseconds",
    "DeadLetterErrors": "Count",
    "DestinationDeliveryFailures": "Count",
    "RecursiveInvocationsDropped": "Count",
}
"""The metrics of Lambda that are counted, with their units (monitoring-metrics-types.html)."""
