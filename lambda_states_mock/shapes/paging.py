"""Pages of a table: ``Marker`` and ``MaxItems`` in, ``NextMarker`` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from lambda_states_mock import service_errors as texts
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.store import Table, key_of, marker_of

R = TypeVar("R")

_USUAL_OF_LIST, _MOST_OF_LIST = 100, 1_000  # of durable executions, where MaxItems is absent or 0, and at all


def page_of(
    call: Call,
    table: Table[Any, R],
    params: Params,
    member: str,
    view: Callable[[R], Any],
    *,
    most: int | None = None,
    prefix: tuple[Any, ...] = (),
    chosen: Callable[[R], bool] | None = None,
) -> View:
    """Return one page of *table* as an answer.

    Parameters: *member*, under which the items stand; *view*, of one item; *most*, items that AWS gives at once, if
    not the usual ones; *prefix* and *chosen* as in `Table.page`.
    Raises InvalidParameterValueException for a marker that is none.
    """
    most = most or call.service.limits.page
    limit = min(params.get("MaxItems") or most, most)
    try:
        after = key_of(params["Marker"]) if params.get("Marker") else None
        records, last = table.page(limit, after=after, prefix=prefix, chosen=chosen)
    except (ValueError, TypeError):
        raise texts.MARKER_INVALID.error() from None
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
    place: Callable[[R], int],
    newest_first: bool = False,
) -> View:
    """Return one page of *records* as an answer. The marker is the place of the page's last record: what comes or goes
    between two pages shifts nothing.

    Parameters: as `page_of`; *place*, of a record, which never changes; *newest_first*, whether *records* come by
    falling place.
    """
    limit = min(params.get("MaxItems") or _USUAL_OF_LIST, _MOST_OF_LIST)
    try:
        last = int(key_of(params["Marker"])) if params.get("Marker") else None
        if last is not None and last < 0:
            raise ValueError(last)
    except (ValueError, TypeError, OverflowError):
        raise texts.MARKER_INVALID.error() from None
    if last is not None:
        records = [one for one in records if (place(one) < last if newest_first else place(one) > last)]
    page = records[:limit]
    answer: View = {member: [view(record) for record in page]}
    if limit < len(records):
        answer["NextMarker"] = marker_of(place(page[-1]))
    return answer
