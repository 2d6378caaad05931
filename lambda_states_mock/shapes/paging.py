"""Pages of a table: ``Marker`` and ``MaxItems`` in, ``NextMarker`` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from lambda_states_mock.service import Params, View
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
    records: Sequence[R],
    params: Params,
    member: str,
    view: Callable[[R], Any],
    *,
    usual: int,
    most: int,
    place: Callable[[R], int],
    newest_first: bool = False,
) -> View:
    """Return one page of *records* as an answer. The marker is the place of the page's last record: what comes or goes
    between two pages shifts nothing.

    Parameters: as `page_of`; *usual*, items where MaxItems is absent or 0; *place*, of a record, which never changes;
    *newest_first*, whether *records* come by falling place.
    """
    limit = min(params.get("MaxItems") or usual, most)
    try:
        last = int(key_of(params["Marker"])) if params.get("Marker") else None
        if last is not None and last < 0:
            raise ValueError(last)
    except (ValueError, TypeError, OverflowError):
        raise MARKER_INVALID.error() from None
    if last is not None:
        records = [one for one in records if (place(one) < last if newest_first else place(one) > last)]
    page = records[:limit]
    answer: View = {member: [view(record) for record in page]}
    if limit < len(records):
        answer["NextMarker"] = marker_of(place(page[-1]))
    return answer
