"""Pages of a table: ``Marker`` and ``MaxItems`` in, ``NextMarker`` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from lambda_states_mock import service_errors as texts
from lambda_states_mock.instants import epoch_milliseconds
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.store import Table, key_of, marker_of

R = TypeVar("R")

_MARKER_LIVES = 24 * 3_600_000  # ms

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
    call: Call,
    records: Sequence[R],
    params: Params,
    member: str,
    view: Callable[[R], Any],
    *,
    place: Callable[[R], int],
    newest_first: bool = False,
    fitting: Callable[[list[Any]], list[Any]] | None = None,
) -> View:
    """Return one page of *records* as an answer. The marker is the place of the page's last record: what comes or goes
    between two pages shifts nothing. It is good for a day (botocore's model: "expires after 24 hours").

    Parameters: as `page_of`; *place*, of a record, which never changes; *newest_first*, whether *records* come by
    falling place; *fitting*, which returns the first of several views, as many as fit into one answer.
    """
    limit = min(params.get("MaxItems") or _USUAL_OF_LIST, _MOST_OF_LIST)
    try:
        last = _place_in(params["Marker"], call.now) if params.get("Marker") else None
    except (ValueError, TypeError, OverflowError):
        raise texts.MARKER_INVALID.error() from None
    if last is not None:
        records = [one for one in records if (place(one) < last if newest_first else place(one) > last)]
    page = [view(record) for record in records[:limit]]
    if fitting is not None:
        page = fitting(page)
    answer: View = {member: page}
    if len(page) < len(records):
        answer["NextMarker"] = marker_of([place(records[len(page) - 1]), epoch_milliseconds(call.now)])
    return answer


def _place_in(marker: str, now: datetime) -> int:
    """Return the place that *marker* stands for. Raises ValueError for one that is none, or too old; TypeError."""
    place, made = key_of(marker)
    if int(place) < 0 or epoch_milliseconds(now) - int(made) > _MARKER_LIVES:
        raise ValueError(marker)
    return int(place)
