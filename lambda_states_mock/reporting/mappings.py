"""What the report of a failing test says of event source mappings: what each does, and why it does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambda_states_mock.printing import shortened

if TYPE_CHECKING:
    from lambda_states_mock.mapping_views import MappingView
    from lambda_states_mock.mock import LambdaMock

SHOWN_MAPPINGS = 10
SHOWN_BATCHES = 3


def mappings_told(mock: LambdaMock) -> str:
    """Return a line for each mapping of *mock*, and its latest batches that did not go well; empty without any."""
    from lambda_states_mock.mapping_views import mappings_of

    found = mappings_of(mock.backend)
    parts = [_described(one) for one in found[:SHOWN_MAPPINGS]]
    if len(found) > SHOWN_MAPPINGS:
        parts.append(f"({len(found) - SHOWN_MAPPINGS} more)")
    return "\n".join(parts)


def _described(mapping: MappingView) -> str:
    bad = [batch for batch in mapping.batches if batch.outcome != "Succeeded"]
    return "\n".join(
        [f"{mapping.label}: {mapping.why}", *(f"  {shortened(repr(one))}" for one in bad[-SHOWN_BATCHES:])]
    )
