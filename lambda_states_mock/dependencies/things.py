"""What a resource of ``m.world`` is: well, or with a failure mode that a test has set; and those that want to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from lambda_states_mock.dependencies.failure_modes import FailureMode
from lambda_states_mock.errors import NamesWhatItHas, UnknownNameError
from lambda_states_mock.leaving import EndsWithMock


class Watch(EndsWithMock):
    """What all things share: the clock, *now*, and who wants to know of a change. *spoken*: a test has named one."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.spoken = False
        self._observers: list[Callable[[Thing], object]] = []
        self.observe = self._observers.append

    def close(self) -> None:
        """Tell nobody any more, and let nothing change."""
        self.leave()
        self._observers.clear()

    def name(self) -> None:
        """Note that the test has named something."""
        self.spoken = True

    def changed(self, thing: Thing) -> None:
        """Tell the observers that *thing* has changed."""
        for observer in self._observers:
            observer(thing)


class Thing(NamesWhatItHas):
    """A resource that functions depend on; *name*: its name, id or ARN."""

    kind = "thing"

    def __init__(self, name: str, watch: Watch) -> None:
        self.name = name
        self._watch = watch
        self._failure_mode: FailureMode | None = None

    def __repr__(self) -> str:
        failure_mode = self.failure_mode
        return f"<{self.kind} {self.name}: {failure_mode.what if failure_mode is not None else 'well'}>"

    @property
    def failure_mode(self) -> FailureMode | None:
        """What is wrong with it now, or None."""
        return self._failure_mode

    def means(self, reference: str) -> bool:
        """Return whether *reference*, from a function's configuration, names this resource."""
        return reference == self.name

    def restore(self) -> None:
        """Remove the failure mode. What has failed meanwhile stays failed."""
        __tracebackhide__ = True
        self._becomes(None)

    def _check_active(self) -> None:
        __tracebackhide__ = True
        self._watch.check_active(f"a change of the {self.kind} {self.name}")

    def _becomes(self, failure_mode: FailureMode | None) -> None:
        __tracebackhide__ = True
        self._check_active()
        self._failure_mode = failure_mode
        self._watch.name()
        self._watch.changed(self)


class Deletable(Thing):
    """What a test can delete. *gone*: what is wrong with it then."""

    gone: ClassVar[FailureMode]

    def delete(self) -> None:
        """Delete it."""
        __tracebackhide__ = True
        self._becomes(self.gone)


T = TypeVar("T", bound=Thing)


class Things(Generic[T]):
    """The resources of one kind, by name. Each is created when it is first named.

    A name that no resource of the kind can have raises UnknownNameError.

    Parameters: *make*, the kind; *prefix*, with which every name begins.
    """

    def __init__(self, make: type[T], watch: Watch, *, prefix: str = "") -> None:
        self._make = make
        self._watch = watch
        self._prefix = prefix
        self._things: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        __tracebackhide__ = True
        given: object = name
        if not isinstance(given, str) or not name or not name.startswith(self._prefix):
            wanted = f'text that begins with "{self._prefix}"' if self._prefix else "its name or ARN, as text"
            raise UnknownNameError(f"no {self._make.kind} is called {name!r}: give {wanted}")
        thing = self._things.get(name)
        if thing is None:
            thing = self._things[name] = self._make(name, self._watch)
            self._watch.name()
        return thing

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._things.values()))

    def __len__(self) -> int:
        return len(self._things)

    def __repr__(self) -> str:
        return f"<{len(self)} of the kind {self._make.kind}: {list(self)!r}>"

    def meant_by(self, reference: str | None) -> list[T]:
        """Return the resources that *reference* names: only those that a test has named."""
        return [thing for thing in self if reference is not None and thing.means(reference)]

    def failure_mode(self, *references: str | None) -> FailureMode | None:
        """Return what is wrong with any of *references*, or None."""
        for reference in references:
            for thing in self.meant_by(reference):
                if thing.failure_mode is not None:
                    return thing.failure_mode
        return None
