"""What is kept of a long sequence: its newest items. Places and lengths still count those that went.

Large bodies go earlier than the items that have them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

Item = TypeVar("Item")

LARGE_BODY = 64 * 1024
"""Bytes and texts above this are large."""
KEPT_LARGE_BODIES = 1_000
"""Of so many calls, and of so many invocations, the newest that have some, large bodies are kept."""


class Newest(Sequence[Item], Generic[Item]):
    """The newest items of a sequence of *what*, *kept* after *gone* others. `len` and indexes count all."""

    def __init__(self, kept: Sequence[Item], gone: int, what: str) -> None:
        self._kept = kept
        self._gone = gone
        self._what = what

    def __len__(self) -> int:
        return self._gone + len(self._kept)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._kept)

    def __reversed__(self) -> Iterator[Item]:
        return reversed(self._kept)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        __tracebackhide__ = True
        find: Callable[..., Any] = items_in if isinstance(index, slice) else item_at
        found: Item | list[Item] = find(self._kept, self._gone, index, self._what)
        return found

    def __repr__(self) -> str:
        return f"<{len(self)} {self._what}s, of which the newest {len(self._kept)} are kept: {self._kept!r}>"


class GoneBody:
    """Stands for a large body that went, of *size* bytes or characters."""

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        self.size = size

    def __repr__(self) -> str:
        kept = f"of bodies above {LARGE_BODY:,} those of the newest {KEPT_LARGE_BODIES:,} are kept"
        return f"<a body of {self.size:,} that went: {kept}>"


def without_large_bodies(value: Any) -> Any:
    """Return *value* with a `GoneBody` in place of each large body in it."""
    if isinstance(value, Mapping):
        return {key: without_large_bodies(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(without_large_bodies, value))
    return GoneBody(len(value)) if isinstance(value, (bytes, str)) and len(value) > LARGE_BODY else value


class LargeBodies:
    """Lets the bodies of older items go. Each item is added with what makes it forget its own."""

    def __init__(self) -> None:
        self._forget: deque[Callable[[], object]] = deque()

    def add(self, forget: Callable[[], object]) -> None:
        """Keep one more, and let the oldest go where there are too many."""
        self._forget.append(forget)
        if len(self._forget) > KEPT_LARGE_BODIES:
            self._forget.popleft()()


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
