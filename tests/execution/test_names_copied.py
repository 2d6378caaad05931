"""What code changes in a namespace is seen by its copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lambda_states_mock.execution.runtimes.in_process.names_copied import NamesCopied


class Strange:
    """An object that cannot be compared."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("ask me something else")

    __hash__ = None  # type: ignore[assignment]


def _rename(there: dict[str, Any], name: str, other: str) -> None:
    there[other] = there.pop(name)


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "one is new": lambda there: there.update(more=4),
    "one is gone": lambda there: there.pop("time"),
    "another one is in its place": lambda there: there.update(json=object()),
    "the last one has another name": lambda there: _rename(there, "time", "clock"),
    "the first one has another name": lambda there: _rename(there, "os", "system"),
    "two have changed places": lambda there: there.update(os=there["json"], json=there["os"]),
    "one went and came back last": lambda there: _rename(there, "os", "os"),
    "one cannot be compared": lambda there: there.update(os=Strange()),
    "all are gone": dict.clear,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_seen(change: Callable[[dict[str, Any]], object]) -> None:
    there: dict[str, Any] = {"os": 1, "json": object(), "time": 3}
    before = NamesCopied(there)
    assert before.is_still(there)
    change(there)
    assert not before.is_still(there)
    assert list(before.by_name) == ["os", "json", "time"]


def test_an_object_that_stays_need_not_be_comparable() -> None:
    there = {"os": Strange()}
    assert NamesCopied(there).is_still(there)


def test_nothing_is_still_nothing() -> None:
    assert NamesCopied({}).is_still({})


def test_a_change_of_one_of_several_is_seen() -> None:
    first: dict[str, Any] = {"os": 1, "json": 2}
    second: dict[str, Any] = {"time": 3}
    before = NamesCopied(first, second)
    assert before.is_still(first, second)
    second["time"] = 4
    assert not before.is_still(first, second)


def test_a_value_that_moves_from_one_to_the_next_is_seen() -> None:
    first: dict[str, Any] = {"os": 1, "json": 2}
    second: dict[str, Any] = {"time": 3}
    before = NamesCopied(first, second)
    moved = {"json": first.pop("json"), **second}
    second.clear()
    second.update(moved)
    assert not before.is_still(first, second)


def test_beside_an_empty_one_a_change_is_seen() -> None:
    before = NamesCopied({}, {"os": 1})
    assert before.is_still({}, {"os": 1})
    assert not before.is_still({}, {"json": 1})


def test_fewer_or_more_of_them_are_not_the_same() -> None:
    first, second = {"os": 1}, {"time": 3}
    assert not NamesCopied(first).is_still(first, second)
    assert not NamesCopied(first, second).is_still(first)


def test_a_change_while_they_are_copied_is_in_the_copy_or_seen() -> None:
    first: dict[str, Any] = {"os": 1}

    class Second(dict[str, Any]):
        """Its copy takes long enough for another thread: who iterates in a way of its own is asked for the keys."""

        def __iter__(self) -> Iterator[str]:
            return super().__iter__()

        def keys(self) -> Any:
            first["json"] = 2
            return super().keys()

    second = Second(time=3)
    made = NamesCopied(first, second)
    assert made.by_name == first or not made.is_still(first, second)
