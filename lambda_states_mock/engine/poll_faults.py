"""Faults of polling: a source that throttles, does not answer, or gives nothing out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from lambda_states_mock.engine.fault import Fault, FaultPlace
from lambda_states_mock.errors import UnknownNameError, nearest
from lambda_states_mock.instants import length_of
from lambda_states_mock.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from lambda_states_mock.engine.faults import Faults

_AUTHENTICATION, _AUTHORIZATION = "EVENT_SOURCE_AUTHN_ERROR", "EVENT_SOURCE_AUTHZ_ERROR"
_SETTINGS, _FUNCTION = "ESM_CONFIG_NOT_VALID", "FUNCTION_CONFIG_NOT_VALID"
_CONNECTION = "Connection error. Please check your event source connection configuration."

STOPS: Mapping[str, tuple[str, str]] = {
    _AUTHENTICATION: (_AUTHENTICATION, "SASL authentication failed"),
    _AUTHORIZATION: (_AUTHORIZATION, "Cluster failed to authorize Lambda"),
    _SETTINGS: (_SETTINGS, _CONNECTION),
    _FUNCTION: (_FUNCTION, _CONNECTION),
    "Cluster failed to authorize Lambda": (_AUTHORIZATION, "Cluster failed to authorize Lambda"),
    "SASL authentication failed": (_AUTHENTICATION, "SASL authentication failed"),
    "Server failed to authenticate Lambda": (_AUTHENTICATION, "Server failed to authenticate Lambda"),
    "Provided certificate or private key is invalid": (_SETTINGS, "Provided certificate or private key is invalid"),
}
"""What stops the consumer of a topic or broker for good: its StateTransitionReason, and its LastProcessingResult after
``PROBLEM:``. The names are documented (with-kafka, with-mq); which result has which reason is inferred."""

POLL_ERRORS = frozenset(
    {
        *STOPS,
        "AccessDeniedException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "ExpiredIteratorException",
        "InternalFailure",
        "KMS.AccessDeniedException",
        "KMS.DisabledException",
        "LimitExceededException",
        "OverLimit",
        "ProvisionedThroughputExceededException",
        "RequestThrottled",
        "ResourceNotFoundException",
        "ServiceUnavailable",
        "ThrottlingException",
    }
)
"""What SQS, Kinesis and DynamoDB Streams answer to a poller (their API references), and `STOPS`."""


@dataclass(frozen=True, slots=True)
class PollTrouble:
    """What happens to a poll: it fails with *code*, it takes *length*, or, with neither, it never comes back."""

    code: str | None = None
    length: timedelta | None = None


class PollFault(Fault):
    """A fault of polling. Created by the methods of `PollPlace`."""

    def __init__(self, place: PollPlace, what: str, trouble: PollTrouble, *, times: int | None, required: bool) -> None:
        __tracebackhide__ = True
        super().__init__(place.faults, f"{place}: {what}", times=times, required=required)
        self._place = place
        self._trouble = trouble

    def meet(self, source: str, name: str, function: str, shard: str | None) -> PollTrouble | None:
        """Return what happens to a poll of *source*, None if nothing does."""
        if self.spent or not self._place.matches(source, name, function, shard):
            return None
        self.fire(function)
        return self._trouble

    def remove(self) -> None:
        """Take it back: polling goes on at once."""
        super().remove()
        self._faults.polls_go_on()

    release = remove


class PollPlace(FaultPlace):
    """The polls that `Faults.on_poll` chose. Its methods script what happens to them."""

    methods = "error(), hang() or delay()"
    _taken = f" a poll takes {methods}."

    def __init__(self, faults: Faults, source: str | None, function: str | None, shard: str | None) -> None:
        self.faults = faults
        self.source = source
        self.function = function
        self.shard = shard

    def __str__(self) -> str:
        scope = {"source": self.source, "function": self.function, "shard": self.shard}
        said = [f"{name}={value!r}" for name, value in scope.items() if value is not None]
        return "polling" + (f" with {', '.join(said)}" if said else "")

    def matches(self, source: str, name: str, function: str, shard: str | None) -> bool:
        """Return whether a poll of *source* called *name* for *function* matches."""
        if self.source not in (None, source, name) or self.function not in (None, function):
            return False
        return self.shard is None or self.shard == shard

    def error(self, code: str, *, times: int | None = None, required: bool = True) -> PollFault:
        """Let polls fail, as where the source throttles or is gone. The poller backs off, and polls again.

        The consumer of a topic or broker that cannot log in stops instead, until its mapping is Enabled anew.

        Parameters: *code*, the source's error code, or the StateTransitionReason or LastProcessingResult of a consumer
        that stops; *times*, how many polls, all by default; *required*: the mock
        raises UnfiredFaultError at its end if it was never met.

        Raises UnknownNameError for a code that no source answers, ValueError for a wrong *times*.
        """
        __tracebackhide__ = True
        if code not in POLL_ERRORS:
            known = ", ".join(sorted(POLL_ERRORS))
            raise UnknownNameError(f'no source answers "{code}":{nearest(code, POLL_ERRORS)} Sources answer: {known}.')
        return self._add(f"answers {code}", PollTrouble(code=code), times, required)

    def hang(self, *, required: bool = True) -> PollFault:
        """Let polls bring nothing, as of a shard that is stuck, until you call ``release()`` of what this returns."""
        __tracebackhide__ = True
        return self._add("brings nothing", PollTrouble(), None, required)

    def delay(self, seconds: float | timedelta, *, times: int | None = None, required: bool = True) -> PollFault:
        """Let polls take *seconds* longer: a number or a timedelta.

        Raises TypeError for what is no length of time, ClockError for a negative or infinite one.
        """
        __tracebackhide__ = True
        self.spoken_of = True
        length = length_of("delay()", seconds, instead="a length that ends, or use hang()")
        return self._add(f"takes {length.total_seconds():g} s", PollTrouble(length=length), times, required)

    def _add(self, what: str, trouble: PollTrouble, times: int | None, required: bool) -> PollFault:
        __tracebackhide__ = True
        self.spoken_of = True
        fault = PollFault(self, what, trouble, times=times, required=required)
        self.faults.add(fault)
        return fault
