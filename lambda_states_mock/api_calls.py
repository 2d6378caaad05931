"""The API calls of a mock, as a test reads them: ``m.calls``."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, overload

from lambda_states_mock.api_model import operation_model
from lambda_states_mock.errors import NamesWhatItHas, UnmetExpectationError
from lambda_states_mock.newest import LargeBodies, item_at, items_in, without_large_bodies
from lambda_states_mock.printing import joined, printable, printed
from lambda_states_mock.resources.arn import function_reference
from lambda_states_mock.service_errors import ServiceError

if TYPE_CHECKING:
    from lambda_states_mock.needed_policy import NeededPolicy


@dataclass(slots=True)
class ApiCall(NamesWhatItHas):
    """One API call that was answered.

    Attributes:
        operation: AWS's name of it; params: as parsed; at: when, on the virtual clock.
        response: the answer, or None where error is what was answered instead; *answer*: the same, as it was given.
        broken: how the connection broke, by a fault, so that there was no answer at all; else None.
        changes_before: how many state changes there had been.
        account, region: where it went; request_id: as in the answer; caller: the ARN of who has made it.

    Of bodies above 64 KB those of the newest 1,000 calls are kept; another object says so in place of older ones.

    It prints without the values of environment variables, and with long values cut; so do *params* and *response*.
    """

    operation: str
    _params: Mapping[str, Any] = field(repr=False)
    at: datetime
    account: str
    region: str
    request_id: str
    caller: str
    answer: Mapping[str, Any] | None = field(default=None, repr=False)
    error: ServiceError | None = None
    broken: str | None = None
    changes_before: int = field(default=0, repr=False)

    def forget_bodies(self) -> None:
        """Let its large bodies go."""
        self._params, self.answer = without_large_bodies(self._params), without_large_bodies(self.answer)

    def __repr__(self) -> str:
        outcome = self.broken or ("ok" if self.error is None else self.error.code)
        return f"<ApiCall {self.operation} {printed(self._params)} -> {outcome}>"

    @property
    def params(self) -> Mapping[str, Any]:
        printable_params: Mapping[str, Any] = printable(self._params)
        return printable_params

    def names_function(self, name: str) -> bool:
        """Return whether it is about the function *name*."""
        reference = function_reference(str(self._params.get("FunctionName") or ""))
        return reference is not None and reference.name == name

    @property
    def response(self) -> Mapping[str, Any] | None:
        printable_response: Mapping[str, Any] | None = printable(self.answer)
        return printable_response


KEPT_CALLS = 100_000
"""Older ones are forgotten, so that hours of traffic fit into memory; `len` still counts them."""


class ApiCalls(Sequence[ApiCall]):
    """The API calls of a mock, in order: the latest `KEPT_CALLS`. `len` and indexes also count those that went.

    They are equal to the names of their operations: ``m.calls == ["CreateFunction", "GetFunction"]``.

    Parameters: *calls*, in order; *gone*, how many there were before them; *kept*, how many are kept in place of
    `KEPT_CALLS`.

    Attributes: *record*, which adds one, and lets the oldest go where there are too many; *made*, how many were
    recorded of each operation, which whoever records counts.
    """

    def __init__(self, calls: Iterable[ApiCall] = (), *, gone: int = 0, kept: int | None = None) -> None:
        self._calls = deque(calls, maxlen=KEPT_CALLS if kept is None else kept)
        self._before = gone
        # Both are C's own: with a method here each call would enter one function more.
        self.record = self._calls.append
        self.made: dict[str, int] = defaultdict(int)
        self._expected: list[tuple[str, int | None, str | None]] = []
        self._large = LargeBodies()

    def note_large(self, request_id: str) -> None:
        """Note that the call with this id has large bodies."""
        call = next((one for one in reversed(self._calls) if one.request_id == request_id), None)
        if call is not None:
            self._large.add(call.forget_bodies)

    @property
    def _gone(self) -> int:
        return self._before + max(sum(self.made.values()) - len(self._calls), 0)

    def of(self, operation: str) -> ApiCalls:
        """Return the calls of *operation*, e.g. ``"CreateFunction"``. Raises UnknownNameError for what is none."""
        __tracebackhide__ = True
        operation_model(operation)
        kept = [call for call in self._calls if call.operation == operation]
        return ApiCalls(kept, gone=max(self.made.get(operation, 0) - len(kept), 0))

    def expect(self, operation: str, *, times: int | None = None, function: str | None = None) -> None:
        """Expect calls of *operation*, which the end of the mock checks, unless the test has failed already.

        Parameters: *times*, how many of all calls of this mock, 0 for none, None for at least one; *function*, only
        calls that name this function.

        Raises UnknownNameError for what is no operation, ValueError for what is no count. The end of the mock raises
        UnmetExpectationError.
        """
        __tracebackhide__ = True
        operation_model(operation)
        if times is not None and (type(times) is not int or times < 0):
            raise ValueError(f"times={times!r}: give how many calls there are to be, or leave it out for at least one")
        self._expected.append((operation, times, function))

    def check_expected(self) -> None:
        """Raise UnmetExpectationError if what was expected has not come."""
        for operation, times, function in self._expected:
            calls = self.of(operation)
            found = len(calls) if function is None else sum(call.names_function(function) for call in calls)
            if found != times if times is not None else not found:
                which = operation if function is None else f"{operation} of {function}"
                wanted = "at least one call" if times is None else f"{times} call{'s' * (times != 1)}"
                made = joined(self.operations, len(self)) if self._calls else "none"
                raise UnmetExpectationError(
                    f"expected {wanted} of {which}, and there {'was' if found == 1 else 'were'} {found}\n"
                    f"  all calls: {made}\n"
                    "  The test expects this with  m.calls.expect(...).  Each attempt of a retried call counts."
                )

    def policy(self, *, caller: str | None = None) -> NeededPolicy:
        """Return the IAM policy that these calls need, a dict that prints as JSON: ``print(m.calls.policy())``.

        It has the actions of Lambda, and those of other services that AWS documents for their parameters, such as
        ``iam:PassRole``. Calls that were refused count: they need it, too.

        Parameters: *caller*, only calls of this ARN, as `ApiCall.caller` has it; of everybody by default, and so also
        those of functions' own code.
        """
        from lambda_states_mock.needed_policy import needed_policy

        return needed_policy(call for call in self._calls if caller in (None, call.caller))

    def __eq__(self, other: object) -> bool:
        """Return whether these are the calls of *other*: names of operations in order, or other calls."""
        if isinstance(other, ApiCalls):
            return list(self) == list(other)
        if isinstance(other, (list, tuple)):
            return self.operations == list(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    @property
    def latest(self) -> ApiCall | None:
        """The last call, None before the first."""
        return self._calls[-1] if self._calls else None

    @property
    def operations(self) -> list[str]:
        """The names of the operations of the calls that are kept, in order."""
        return [call.operation for call in self._calls]

    @overload
    def __getitem__(self, index: int) -> ApiCall: ...
    @overload
    def __getitem__(self, index: slice) -> ApiCalls: ...
    def __getitem__(self, index: int | slice) -> ApiCall | ApiCalls:
        __tracebackhide__ = True
        if isinstance(index, slice):
            return ApiCalls(items_in(self._calls, self._gone, index, "call"))
        if self._gone or -len(self._calls) <= index < len(self._calls):
            return item_at(self._calls, self._gone, index, "call")
        made = f"there were {len(self)}: {joined(self.operations, len(self))}" if self._calls else "there was none"
        raise IndexError(f"no call {index}: {made}")

    def __len__(self) -> int:
        return self._gone + len(self._calls)

    def __iter__(self) -> Iterator[ApiCall]:
        return iter(tuple(self._calls))

    def __reversed__(self) -> Iterator[ApiCall]:
        return reversed(tuple(self._calls))

    def __repr__(self) -> str:
        return f"<ApiCalls {printed(self.operations)}>"
