"""What is kept of a long sequence: its newest items. Places and lengths still count those that went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def item_at(kept: Sequence[Item], gone: int, index: int, what: str) -> Item:
    """Return the item at *index* of the whole sequence, of which *gone* items went and *kept* are left.

    Parameters: *what* the items are, for the message. Raises IndexError for an item that went, and for none.
    """
    __tracebackhide__ = True
    count = gone + len(kept)
    place = index + count if index < 0 else index
    if 0 <= place < gone:
        raise IndexError(
            f"{what} {index} went: of {count:,} the newest {len(kept):,} are kept\n"
            f"  The oldest that is left is {gone}, or {-len(kept)}."
        )
    if not 0 <= place < count:
        raise IndexError(f"no {what} {index}: there were {count:,}")
    return kept[place - gone]


def items_in(kept: Sequence[Item], gone: int, part: slice, what: str) -> list[Item]:
    """Return *part* of the whole sequence; parameters as `item_at`. A part without a beginning has what is left.

    Raises IndexError where *part* begins with an item that went.
    """
    __tracebackhide__ = True
    places = range(gone + len(kept))[part]
    beginning = part.start if part.step is None or part.step > 0 else part.stop
    if beginning is not None and places and min(places) < gone:
        item_at(kept, gone, min(places), what)
    left = tuple(kept)
    return [left[place - gone] for place in places if place >= gone]
