"""Values of metrics, as they are measured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple


class Measured(NamedTuple):
    """What was measured of one thing at one instant: *values* by the name of their metric.

    Attributes: *function*, None for the whole account; *resource*, what was asked for: ``orders`` or ``orders:live``;
    *mapping*, the UUID of the event source mapping, where it is measured of one.
    """

    function: str | None
    resource: str | None
    at: datetime
    values: Mapping[str, float]
    mapping: str | None = None


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
    "IteratorAge": "Milliseconds",
    "OffsetLag": "Count",
    "PolledEventCount": "Count",
    "FilteredOutEventCount": "Count",
    "InvokedEventCount": "Count",
    "FailedInvokeEventCount": "Count",
    "DroppedEventCount": "Count",
    "OnFailureDestinationDeliveredEventCount": "Count",
    "DeletedEventCount": "Count",
}
"""The metrics of Lambda that are counted, with their units (monitoring-metrics-types.html)."""
