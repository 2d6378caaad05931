"""What a process has only one of, lent to a function while it runs and put back exactly afterwards.

Most of it is there by thread: a function's own threads find its variables, output and exits, all others what the test
has. So nobody has to wait, and handlers that wait for each other do not hang.

Each run is a layer on top of the others (handlers invoke handlers). Threads may take layers away in any order: a
layer that is not on top hands what it found to the next one above, which restores that in place of what it found
itself. No lock is held while a handler runs.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import is_
from typing import Any, Generic, TextIO, TypeVar

from lambda_states_mock.execution.runtimes.in_process import (
    exits,
    named_paths,
    noted,
    own_threads,
    program_starts,
    temporary_folder,
    timers,
    variables,
)
from lambda_states_mock.execution.runtimes.in_process.attributes import Attributes
from lambda_states_mock.execution.runtimes.in_process.own_threads import Substitute
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.restoring import all_of

T = TypeVar("T")
LOCK = threading.RLock()
"""Held only while something is lent or put back."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=LOCK.release)


@dataclass(frozen=True, slots=True, eq=False)
class ProcessState(Generic[T]):
    """One thing that a process has: how to look at it, and how to put it back."""

    name: str
    save: Callable[[], T]
    restore: Callable[[T], None]


_SUBSTITUTES = (
    *own_threads.SUBSTITUTES,
    *exits.SUBSTITUTES,
    *variables.SUBSTITUTES,
    *program_starts.SUBSTITUTES,
    *noted.SUBSTITUTES,
    *temporary_folder.SUBSTITUTES,
    *named_paths.SUBSTITUTES,
    *timers.SUBSTITUTES,
)


class _Lendable:
    """What a process has for all of its code, borrowed as one thing: a run borrows all of it.

    Parameters: the *name* of it; *substitutes*, which take their places when they are lent; *others*, more places.

    Attributes: *all*, of it; *state*, for `Borrowed`.
    """

    def __init__(self, name: str, substitutes: Sequence[Substitute], *others: tuple[Any, str]) -> None:
        self._substitutes = substitutes
        self._lent = Attributes((one.place, one.name) for one in substitutes)
        self.all = Attributes((*others, *self._lent.places))
        self._first = len(others)
        self._found_last: tuple[Any, ...] = (None,) * len(substitutes)
        self._instead: tuple[Any, ...] = ()
        self.state: ProcessState[tuple[Any, ...]] = ProcessState(name, self.all.read, self.all.write)

    def lend(self, found: tuple[Any, ...]) -> None:
        """Let the substitutes take the places where *found* was there."""
        there = found[self._first :]
        if not all(map(is_, there, self._found_last)):
            instead = [one.instead_of(other) for one, other in zip(self._substitutes, there, strict=True)]
            self._found_last, self._instead = there, tuple(instead)
        self._lent.write(self._instead)


_OF_ALL = _Lendable(
    "process",
    [one for one in _SUBSTITUTES if not one.spares_the_test],
    *((sys, "stdout"), (sys, "stderr"), (sys, "breakpointhook"), (tempfile, "tempdir")),
    *((kept, variables.DATA) for kept in variables.KEPT_IN),
)
_OF_ZIPS = _Lendable("process of a zip", [one for one in _SUBSTITUTES if one.spares_the_test])

FOR_THE_TEST: tuple[ProcessState[Any], ...] = (_OF_ALL.state,)
"""What a handler of the test borrows."""
FOR_ZIPS: tuple[ProcessState[Any], ...] = (_OF_ALL.state, _OF_ZIPS.state)
"""What code in a zip borrows."""


def lend(found: Mapping[ProcessState[Any], Any]) -> None:
    """Let each thread find its own of what is borrowed, where *found* was there."""
    with LOCK:
        variables.lend()
        for lendable in (_OF_ALL, _OF_ZIPS):
            if lendable.state in found:
                lendable.lend(found[lendable.state])


def debugging_on(stdout: Any, stderr: Any, hook: Callable[..., Any]) -> Callable[..., Any]:
    """Return a ``sys.breakpointhook`` that gives the terminal back first: a debugger's prompt must be seen."""

    def breakpoint_in_handler(*args: Any, **kwargs: Any) -> Any:
        sys.stdout, sys.stderr = stdout, stderr
        return hook(*args, **kwargs)

    return breakpoint_in_handler


_layers: list[dict[ProcessState[Any], Any]] = []


class Borrowed:
    """Lets the ``with`` block change *states* of the process as it likes: they are put back at its end.

    It gives what was found. A class, since a generator takes longer than most of what is borrowed.
    """

    __slots__ = ("_found", "_states")

    def __init__(self, *states: ProcessState[Any]) -> None:
        self._states = states
        self._found: dict[ProcessState[Any], Any] = {}

    def __enter__(self) -> Mapping[ProcessState[Any], Any]:
        with LOCK:
            self._found = {}
            for state in self._states:
                self._found[state] = state.save()
            _layers.append(self._found)
            return self._found

    def __exit__(self, *_: object) -> None:
        with LOCK:
            if not _layers or _layers[-1] is not self._found:
                _hand_up(self._found)
                return
            _layers.pop()
            first: BaseException | None = None
            for state, found in self._found.items():
                try:  # not `all_of`: each run does this
                    state.restore(found)
                except BaseException as error:
                    first = first or error
            if first is not None:
                raise first


def output_of_the_test(number: int) -> TextIO | None:
    """Return what stood for the stream *number*, 0 for stdout and 1 for stderr, before anything was borrowed."""
    with LOCK:
        found = next((layer[_OF_ALL.state] for layer in _layers if _OF_ALL.state in layer), None)
    if found is None:
        return None
    stream: TextIO = found[number]
    return stream


def _hand_up(layer: dict[ProcessState[Any], Any]) -> None:
    """Take *layer* out from below others: who is next above it restores what it had found."""
    place = next((index for index, other in enumerate(_layers) if other is layer), None)
    if place is None:
        return  # an interrupt has come before it was borrowed, or after it was put back
    above = _layers[place + 1 :]
    del _layers[place]
    left: list[Callable[[], object]] = []
    for state, found in layer.items():
        heir = next((other for other in above if state in other), None)
        if heir is None:
            left.append(partial(state.restore, found))
        else:
            heir[state] = found
    all_of(left)
