"""The API calls of a mock, as a test reads them: ``m.calls``."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, overload

from lambda_states_mock.api_model import operation_model
from lambda_states_mock.errors import NamesWhatItHas
from lambda_states_mock.newest import LargeBodies, item_at, items_in, without_large_bodies
from lambda_states_mock.printing import joined, printable, printed
from lambda_states_mock.service_errors import ServiceError


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

    @property
    def response(self) -> Mapping[str, Any] | None:
        printable_response: Mapping[str, Any] | None = printable(self.answer)
        return printable_response


KEPT_CALLS = 100_000
"""Older ones are forgotten, so that hours of traffic fit into memory; `len` still counts them."""


class ApiCalls(Sequence[ApiCall]):
    """The API calls of a mock, in order: the latest `KEPT_CALLS`. `len` and indexes also count those that went.

    Parameters: *calls*, in order; *gone*, how many there were before them.

    Attributes: *record*, which adds one, and lets the oldest go where there are too many; *made*, how many were
    recorded of each operation, which whoever records counts.
    """

    def __init__(self, calls: Iterable[ApiCall] = (), *, gone: int = 0) -> None:
        self._calls = deque(calls, maxlen=KEPT_CALLS)
        self._before = gone
        # Both are C's own: with a method here each call would enter one function more.
        self.record = self._calls.append
        self.made: dict[str, int] = defaultdict(int)
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
