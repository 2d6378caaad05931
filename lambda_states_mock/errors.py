"""Mistakes of the test author.

These never become an HTTP answer: they pass through botocore to the test, unretried.
What AWS answers is in `service_errors`.

    LambdaMockError
    +-- NotActiveError          the mock is used outside its ``with`` block or test
    +-- ClockError              time was asked to do what time cannot (also a ValueError)
    |   +-- RunawaySleepError   a loop sleeps for ever, because it reads another clock
    +-- PrivateNameError        a library lacks a private name that this package needs
    +-- NoHandlerError          an Invoke found nothing that it could run
    +-- OperationNotBuiltError  the client's botocore knows the operation, this package does not yet
    +-- UncaughtRequestError    a request to Lambda was about to leave the process
    +-- StackResourceError      a CloudFormation stack of moto could not make a Lambda resource
    +-- UnknownNameError        a name that nothing has (also a LookupError)
    +-- WrongStateError         what was asked for happens only in another state
    +-- HungCodeError           code did not come back, and could not be ended
    +-- ImpossibleTransitionError   a lifecycle table has no answer: a defect of this package
    +-- UnfiredFaultError       a scripted fault was never met
    +-- UnmetExpectationError   a call was expected, and made more or less often (also an AssertionError)
    +-- BudgetExceededError     a block took more virtual time than it may (also an AssertionError)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any


class LambdaMockError(Exception):
    """Root of all errors that this package raises about its own use."""


class NotActiveError(LambdaMockError):
    """The mock is not active: it was not entered yet, or it was left already."""


class ClockError(LambdaMockError, ValueError):
    """Time was asked to go backwards, or given a value that is no time."""


class RunawaySleepError(ClockError):
    """Virtual time was slept away with nothing happening: the loop's deadline is on another clock."""


class NoHandlerError(LambdaMockError):
    """A function was invoked that has neither a handler nor code that can be run here."""


class OperationNotBuiltError(LambdaMockError):
    """An operation that the client's botocore knows, and that this package does not answer."""


class UncaughtRequestError(LambdaMockError):
    """A request to Lambda came from a client that no adapter catches, and was kept from leaving the process."""


class StackResourceError(LambdaMockError):
    """A CloudFormation stack of moto asked for a Lambda resource that could not be made."""


class UnknownNameError(LambdaMockError, LookupError):
    """A name was used that nothing has; the message gives the nearest ones."""


class WrongStateError(LambdaMockError):
    """A function was asked to do what it does only in another state; the message says which, and how to get there."""


class HungCodeError(LambdaMockError):
    """Code did not come back in real time: a loop, a deadlock; what could be ended is a `HungHandlerWarning`."""


class PrivateNameError(LambdaMockError):
    """A library lacks a private name that this package needs: it may have been renamed in that version."""


class PrivateNameWarning(UserWarning):
    """A library lacks a private name that this package can do without: what it is for is left out."""


class BackgroundSleepWarning(UserWarning):
    """A background loop of the test sleeps on and on: it does not move the mock's clock any more."""


class HungHandlerWarning(UserWarning):
    """A function or an extension did not come back in real time, and was ended as by its time-out."""


class NotUnpackedWarning(UserWarning):
    """Files of a zip are not there for the function: this machine's file system cannot have them, Lambda's can."""


class ImpossibleTransitionError(LambdaMockError):
    """A lifecycle table was asked about a cell that cannot happen."""


class UnfiredFaultError(LambdaMockError):
    """A fault was scripted and never met by the code under test."""


class UnmetExpectationError(LambdaMockError, AssertionError):
    """A call was expected with ``m.calls.expect()``, and was made more or less often."""


class BudgetExceededError(LambdaMockError, AssertionError):
    """A block took more virtual time than ``m.clock.budget()`` gave it."""


def nearest(name: object, known: Iterable[str]) -> str:
    """Return `` did you mean "..."?`` for the closest of *known*, or an empty string.

    Parameters: *name*, what was written; *known*, the names that exist.
    """
    import difflib  # for a mistake only

    matches = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    return f' did you mean "{matches[0]}"?' if matches else ""


class NamesWhatItHas:
    """A mixin: an attribute that there is not is an AttributeError that gives the nearest, and all that there are."""

    __slots__ = ()

    if not TYPE_CHECKING:  # type checkers know by themselves what there is

        def __getattr__(self, name: str) -> Any:
            __tracebackhide__ = True
            if name.startswith("_") or hasattr(type(self), name):
                return object.__getattribute__(self, name)  # raises what it raised
            known = sorted(one for one in {*dir(type(self)), *getattr(self, "__dict__", ())} if not one.startswith("_"))
            hint = self._elsewhere(name) or nearest(name, known)
            raise AttributeError(
                f"'{type(self).__name__}' object has no attribute '{name}':{hint} It has: {', '.join(known)}.",
                name=name,
                obj=self,
            )

    def _elsewhere(self, name: str) -> str:  # noqa: ARG002 - for those that know
        """Return a hint where else *name* is, beginning with a blank; empty when it is not known."""
        return ""
