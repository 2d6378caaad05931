"""What a function's answer says about its batch: which records are done.

Without ReportBatchItemFailures any answer is a success. With it, recorded of Kinesis and DynamoDB in eleven cases
each: ``""``, ``null``, ``{}``, an empty list, and ``batchItemFailures`` that is empty or null are a complete success.
An identifier that is empty, null, a number or not in the batch, and an item with another key, are a complete failure.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lambda_states_mock.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which records of a batch failed, by their index, ascending. *why*: what is wrong with an answer that is none."""

    failed: tuple[int, ...] = ()
    why: str | None = None


SUCCESS = Verdict()


def verdict_of(payload: bytes, ids: Sequence[str], *, reports_failures: bool) -> Verdict:
    """Return what *payload*, the answer of a function that did not fail, says of the records *ids*.

    Parameters: *reports_failures*, whether the mapping has ReportBatchItemFailures.
    """
    if not reports_failures:
        return SUCCESS
    everything = tuple(range(len(ids)))
    try:
        answer = json.loads(payload or b"null")
    except ValueError:
        return Verdict(everything, "the answer is not JSON")
    items = answer.get("batchItemFailures") if isinstance(answer, dict) else answer
    if not items:
        return SUCCESS
    if not (isinstance(answer, dict) and isinstance(items, list)):
        return Verdict(everything, "the answer is no object with a list batchItemFailures")
    known = {identifier: index for index, identifier in enumerate(ids)}
    failed: set[int] = set()
    for item in items:
        identifier: Any = item.get("itemIdentifier") if isinstance(item, dict) else None
        if isinstance(identifier, dict):  # of a topic, as AWS's own Powertools report it
            identifier = f"{identifier.get('partition')}:{identifier.get('offset')}"
        index = known.get(identifier) if isinstance(identifier, str) else None
        if index is None:
            return Verdict(everything, f"batchItemFailures names {json.dumps(item)}, which is not in the batch")
        failed.add(index)
    return Verdict(tuple(sorted(failed)))
