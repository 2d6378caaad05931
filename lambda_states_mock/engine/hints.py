"""What a mock has noticed that explains an answer: hints for whoever reads the report of a failing test."""

from __future__ import annotations

from collections.abc import Iterator


class Hints:
    """The hints of a mock, in order, each of them once."""

    def __init__(self) -> None:
        self._given: dict[str, None] = {}

    def give(self, text: str) -> None:
        """Add *text*: what happened, what it comes from, and what to do. A hint that was given before stays one."""
        self._given[text] = None

    def __len__(self) -> int:
        return len(self._given)

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._given))

    def __repr__(self) -> str:
        return f"<Hints {list(self)!r}>"
