"""What a test tells a mock has an effect only while the mock is active. Afterwards a mock can be read, and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakMethod

from lambda_states_mock.errors import NotActiveError

T = TypeVar("T")


class EndsWithMock:
    """A part of a mock that tests tell something. Each of its methods that does so begins with `check_active`."""

    _left = False

    def leave(self) -> None:
        """Take nothing more: the mock was left."""
        object.__setattr__(self, "_left", True)  # some parts say themselves what can be set

    def check_active(self, what: str) -> None:
        """Raise NotActiveError once the mock was left. Parameters: *what* the test does, for the message."""
        __tracebackhide__ = True
        if self._left:
            raise NotActiveError(f"{what} after the mock was left: it would have no effect. Say it inside of the mock.")


def weakly(method: Callable[..., T]) -> Callable[..., T]:
    """Return what calls *method* and does not keep its object: a part that did would keep each mock that was left."""
    reference = WeakMethod(method)

    def call(*args: Any, **kwargs: Any) -> T:
        bound = reference()
        assert bound is not None, "a part of a mock is used after the mock is gone"
        return bound(*args, **kwargs)

    return call
