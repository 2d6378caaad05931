"""Pages of a table: ``Marker`` and ``MaxItems`` in, ``NextMarker`` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from lambda_states_mock.operations.world import Params, View
from lambda_states_mock.service_errors import MARKER_INVALID
from lambda_states_mock.store import Table, key_of, marker_of

R = TypeVar("R")


def page_of(
    table: Table[Any, R],
    params: Params,
    member: str,
    view: Callable[[R], Any],
    *,
    most: int,
    prefix: tuple[Any, ...] = (),
    chosen: Callable[[R], bool] | None = None,
) -> View:
    """Return one page of *table* as an answer.

    Parameters: *member*, under which the items stand; *view*, of one item; *most*, items that AWS gives at once;
    *prefix* and *chosen* as in `Table.page`. Raises InvalidParameterValueException for a marker that is none.
    """
    limit = min(params.get("MaxItems") or most, most)
    try:
        after = key_of(params["Marker"]) if params.get("Marker") else None
        records, last = table.page(limit, after=after, prefix=prefix, chosen=chosen)
    except (ValueError, TypeError):
        raise MARKER_INVALID.error() from None
    answer: View = {member: [view(record) for record in records]}
    if last is not None:
        answer["NextMarker"] = marker_of(last)
    return answer


def page_of_list(
    records: Sequence[R], params: Params, member: str, view: Callable[[R], Any], *, usual: int, most: int
) -> View:
    """Return one page of *records* as an answer; the marker is a position, so the order has to stay.

    Parameters: as `page_of`; *usual*, items where MaxItems is absent or 0.
    """
    limit = min(params.get("MaxItems") or usual, most)
    try:
        start = int(key_of(params["Marker"])) if params.get("Marker") else 0
        if start < 0:
            raise ValueError(start)
    except (ValueError, TypeError, OverflowError):
        raise MARKER_INVALID.error() from None
    answer: View = {member: [view(record) for record in records[start : start + limit]]}
    if start + limit < len(records):
        answer["NextMarker"] = marker_of(start + limit)
    return answer
