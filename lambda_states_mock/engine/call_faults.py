"""Faults of API calls: they fail, are delayed or break off."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.fault import Fault, FaultPlace
from lambda_states_mock.instants import length_of
from lambda_states_mock.printing import printed

if TYPE_CHECKING:
    from lambda_states_mock.engine.faults import Faults

Break = Literal["connection closed", "read timed out", "connection timed out"]
Condition = Mapping[str, Any] | Callable[[Mapping[str, Any]], bool]

UNMODELLED: Mapping[str, int | None] = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "IncompleteSignature": None,
    "InternalFailure": 500,
    "InvalidClientTokenId": 403,
    "InvalidSignatureException": 403,
    "RequestEntityTooLargeException": 413,
    "RequestExpired": None,
    "ServiceUnavailable": 503,
    "ThrottlingException": 429,
    "UnrecognizedClientException": 403,
    "ValidationException": None,
}
"""Errors that any call can get and that no operation's model lists (AWS's page of common errors), with their status;
None for 400, the usual one.
"""


class BrokenConnection(Exception):  # noqa: N818 - it says what happens, and the adapters make it their client's error
    """The connection breaks, since the test wants it to: each adapter raises its own client's exception for it.

    It is neither an answer of AWS nor a mistake of the test author, so it belongs to neither family of errors.
    """

    def __init__(self, how: Break) -> None:
        super().__init__(how)
        self.how = how


class CallFault(Fault):
    """A fault of API calls. Created by the methods of `CallPlace`, and by `Faults.random`."""

    def __init__(
        self, place: CallPlace, what: str, effect: Callable[[], None], *, times: int | None, required: bool
    ) -> None:
        __tracebackhide__ = True
        super().__init__(place.faults, f"{place}: {what}", times=times, required=required)
        self._place = place
        self._effect = effect
        self._seen = 0

    def meet(self, operation: str, params: Mapping[str, Any]) -> None:
        """Apply the fault if the call matches. Raises what the fault raises."""
        if self.spent or not self._place.matches(operation, params):
            return
        self._seen += 1
        if self._place.nth is not None and self._seen != self._place.nth:
            return
        self.fire(str(params.get("FunctionName", "")))
        self._effect()


class CallPlace(FaultPlace):
    """The calls that `Faults.on_call` chose. Its methods script what happens to them."""

    methods = "error(), delay(), disconnect() or time_out()"
    _taken = f" a call takes {methods}; a phase, on_phase(...), takes fail(), hang() or take()."

    def __init__(
        self, faults: Faults, operation: str, function: str | None, nth: int | None, when: Condition | None
    ) -> None:
        self.faults = faults
        self.operation = operation
        self.function = function
        self.nth = nth
        self.when = when

    def __str__(self) -> str:
        scope = {"function": self.function, "nth": self.nth, "when": self.when}
        said = [f"{name}={printed(value)}" for name, value in scope.items() if value is not None]
        return self.operation + (f" with {', '.join(said)}" if said else "")

    def matches(self, operation: str, params: Mapping[str, Any]) -> bool:
        """Return whether a call of *operation* with *params* matches; ``nth`` is counted elsewhere."""
        if self.operation not in (operation, "*"):
            return False
        if self.function is not None and not _names(params.get("FunctionName"), self.function):
            return False
        if callable(self.when):
            return bool(self.when(params))
        return all(params.get(member) == value for member, value in (self.when or {}).items())

    def error(
        self,
        code: str,
        message: str | None = None,
        *,
        status: int | None = None,
        reason: str | None = None,
        retry_after: int | None = None,
        members: Mapping[str, Any] | None = None,
        times: int | None = None,
        required: bool = True,
    ) -> CallFault:
        """Let the call fail with an error that AWS can answer to it.

        Parameters:
            code: an error code of the operation, or one that AWS answers to any call.
            message: the text of the error.
            status: the HTTP status, 400 to 599; by default that of the code.
            reason: the ``Reason`` of a throttle.
            retry_after: the ``retryAfterSeconds`` of a throttle, in seconds.
            members: further members of the error by AWS's names, e.g. ``{"EC2ErrorCode": "InternalError"}``.
            times: how often it fires; None for each time.
            required: whether the test fails if it never fires.

        Raises UnknownNameError for a code that the operation cannot answer and for a member that the error has not,
        ValueError for a wrong *status* or *times*.
        """
        __tracebackhide__ = True
        self.spoken_of = True
        if status is not None and (type(status) is not int or not 400 <= status <= 599):
            raise ValueError(f"status={status!r}: give the HTTP status of an error, 400 to 599")
        self.faults.check_code(self.operation, code)
        said = dict(members or {})
        if reason is not None:
            said["Reason"] = reason
        if retry_after is not None:
            said["retryAfterSeconds"] = str(retry_after)
        self.faults.check_members(code, said)
        text = message if message is not None else f"{code} (a fault scripted by the test)"

        def fail() -> None:
            raise self.faults.error(code, text, status=status, members=said)

        return self._add(f"answers {code}", fail, times, required)

    def delay(self, seconds: float | timedelta, *, times: int | None = None, required: bool = True) -> CallFault:
        """Delay the call, which then goes on as usual: the clock moves by *seconds*.

        Parameters: *seconds*, the delay, in seconds or as a timedelta; *times* and *required*, as for `error`.

        Raises TypeError for what is no length of time, ClockError for a negative or infinite one, ValueError for a
        wrong *times*.
        """
        __tracebackhide__ = True
        self.spoken_of = True
        length = length_of("delay()", seconds, instead="a length that ends, or use time_out()")
        return self._add(f"takes {length.total_seconds():g} s", lambda: self.faults.let_pass(length), times, required)

    def disconnect(self, *, times: int | None = None, required: bool = True) -> CallFault:
        """Close the connection without a response: botocore raises ConnectionClosedError, and retries.

        Parameters: *times* and *required*, as for `error`. Raises ValueError for a wrong *times*.
        """
        __tracebackhide__ = True
        return self._break("connection closed", times, required)

    def time_out(self, *, connecting: bool = False, times: int | None = None, required: bool = True) -> CallFault:
        """Send no response: botocore raises ReadTimeoutError, and retries.

        The clock moves by the time that the client waits, its ``read_timeout`` (60 s if that is not known).

        Parameters: *connecting*, True to fail to connect instead: ConnectTimeoutError, after ``connect_timeout``;
        *times* and *required*, as for `error`.

        Raises ValueError for a wrong *times*.
        """
        __tracebackhide__ = True
        return self._break("connection timed out" if connecting else "read timed out", times, required)

    def _break(self, how: Break, times: int | None, required: bool) -> CallFault:
        __tracebackhide__ = True

        def break_off() -> None:
            raise BrokenConnection(how)

        return self._add(how, break_off, times, required)

    def _add(self, what: str, effect: Callable[[], None], times: int | None, required: bool) -> CallFault:
        __tracebackhide__ = True
        self.spoken_of = True
        fault = CallFault(self, what, effect, times=times, required=required)
        self.faults.add(fault)
        return fault


class RandomPlace(CallPlace):
    """Calls chosen at random."""

    def __init__(self, faults: Faults, operations: Collection[str], rate: float, chance: Chance) -> None:
        super().__init__(faults, "*", None, None, None)
        self._operations = operations
        self._rate = rate
        self._chance = chance

    def __str__(self) -> str:
        return f"{self._rate:.0%} of calls of {', '.join(self._operations)}"

    def matches(self, operation: str, params: Mapping[str, Any]) -> bool:  # noqa: ARG002
        named = "*" in self._operations or operation in self._operations
        return named and self._chance.random() < self._rate


def _names(given: Any, function: str) -> bool:
    """Return whether *given*, a FunctionName in any form, names *function*."""
    if not isinstance(given, str):
        return False
    return function in (given, *given.split(":")) if ":" in given else given == function
