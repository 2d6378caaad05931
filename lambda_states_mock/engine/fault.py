"""A fault: something that a test wants to go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lambda_states_mock.errors import NamesWhatItHas

if TYPE_CHECKING:
    from lambda_states_mock.engine.faults import Faults


@dataclass(frozen=True, slots=True)
class Firing:
    """A fault that was met: *at*, by *subject*, e.g. ``orders``, empty where it is nothing's in particular; *fault*, in
    words.
    """

    at: datetime
    subject: str
    fault: str


class Fault:
    """Something that shall go wrong.

    Attributes: *what*, in words; *called*, how often it was met; *required*, whether the end of the mock asks for it to
    have been met.
    """

    def __init__(self, faults: Faults, what: str, *, times: int | None, required: bool) -> None:
        __tracebackhide__ = True
        faults.check_active(f"the fault of {what}")
        check_count("times", times, "give a number of at least 1, or leave it out for every time")
        self._faults = faults
        self.what = what
        self.times = times
        self.required = required
        self.called: int = 0

    def __repr__(self) -> str:
        often = "" if self.times is None else f", {self.times} times"
        return f"<Fault {self.what}{often}; called {self.called}>"

    def fire(self, subject: str) -> None:
        """Count that *subject*, as the timeline calls it, has met it."""
        self.called += 1
        self._faults.note_fired(subject, self.what)

    @property
    def spent(self) -> bool:
        """Whether it has been met as often as it may."""
        return self.times is not None and self.called >= self.times

    def remove(self) -> None:
        """Take it back. What it has done stays done."""
        self._faults.forget(self)

    def optional(self) -> Fault:
        """Let the test pass though it may never be met; returns itself."""
        self.required = False
        return self


class FaultPlace(NamesWhatItHas):
    """Where a test wants something to go wrong. *methods*: how it says what; *spoken_of*: whether it has."""

    methods = ""
    spoken_of = False
    _taken = ""

    def _elsewhere(self, name: str) -> str:  # noqa: ARG002 - all are said
        return self._taken


def check_count(name: str, value: object, remedy: str) -> None:
    """Raise ValueError if *value*, given as *name*, is neither None nor a whole number of at least 1."""
    __tracebackhide__ = True
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ValueError(f"{name}={value!r}: {remedy}")
