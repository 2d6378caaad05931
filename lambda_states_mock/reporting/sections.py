"""What the report of a failing test says beside the timeline: invocations that failed, and a mock that was missing."""

from __future__ import annotations

import json
from types import TracebackType
from typing import TYPE_CHECKING

from lambda_states_mock.printing import printed, shortened

if TYPE_CHECKING:
    from lambda_states_mock.invocation.record import Invocation
    from lambda_states_mock.mock import LambdaMock

SHOWN_CHANGES = 200
SHOWN_INVOCATIONS = 5
SHOWN_LINES = 30

_PLATFORM = ("INIT_START", "INIT_REPORT", "START RequestId", "END RequestId", "REPORT RequestId")

_SHOWN = ("errorType", "errorMessage")

NO_MOCK = (
    "No mock of Lambda was active when Lambda was called.\n"
    "Decorate the test with  @mock_lambda,  enter  with mock_lambda() as m,  or use the fixture lambda_mock.\n"
    "Fixtures, setup_class and setUpClass run outside of a decorator: a fixture that calls Lambda takes lambda_mock."
)

LOOKS_IN_VAIN = 50
"""So many looks at one instant, right before a test fails, are a loop that waits without moving the clock."""

_WITHOUT_MOCK = frozenset(
    {
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "NoCredentialsError",
        "NoRegionError",
        "PartialCredentialsError",
        "SSOTokenLoadError",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
        # what AWS itself answers to credentials that are made up
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "UnrecognizedClientException",
    }
)

_SENDERS = frozenset({"boto3", "botocore", "aiobotocore"})


def stood_still(mock: LambdaMock) -> str:
    """Return a hint where the latest calls of *mock* only looked, all of them at one instant; else nothing."""
    latest = [*mock.calls][-LOOKS_IN_VAIN:]  # of those that are kept
    is_loop = len(latest) == LOOKS_IN_VAIN and latest[0].at == latest[-1].at == mock.clock.now
    if not is_loop or not all(call.operation.startswith(("Get", "List")) for call in latest):
        return ""
    return (
        f"The last {LOOKS_IN_VAIN} calls looked at what there is, and the clock stood still meanwhile: "
        f"{', '.join(dict.fromkeys(call.operation for call in latest))}.\n"
        "  Calls take no time. Sleep between two looks, use a waiter, or move the clock:  m.clock.advance(5)."
    )


def failed_invocations(mock: LambdaMock) -> str:
    """Return the latest invocations of *mock* that ended in an error, with what they logged; empty without any."""
    failed = [one for one in tuple(mock.backend.service.records) if one.error]
    parts = [_described(one) for one in failed[-SHOWN_INVOCATIONS:]]
    if len(failed) > SHOWN_INVOCATIONS:
        parts.insert(0, f"(the last {SHOWN_INVOCATIONS} of {len(failed)})")
    return "\n".join(parts)


def _described(invocation: Invocation) -> str:
    from lambda_states_mock.instants import iso_milliseconds
    from lambda_states_mock.resources.arn import LATEST

    version = "" if invocation.version == LATEST else f":{invocation.version}"
    attempt = f", attempt {invocation.attempt}" if invocation.kind == "Event" else ""
    tenant = f" for {invocation.tenant}" if invocation.tenant is not None else ""
    events = [text for text in invocation.outcome.log_events.texts if not text.startswith(_PLATFORM)]
    lines = [line for text in events for line in map(shortened, text.splitlines()) if line.strip()]
    if len(lines) > SHOWN_LINES:
        lines = ["...", *lines[-SHOWN_LINES:]]
    what = (f"{invocation.function}{version}{tenant}", f"{invocation.kind}{attempt}", _error(invocation))
    head = "  ".join([iso_milliseconds(invocation.start), *what])
    return "\n".join([head, *(f"  {line}" for line in lines)])


def _error(invocation: Invocation) -> str:
    try:
        told = json.loads(invocation.result)
        return ": ".join(shortened(str(told[key])) for key in _SHOWN if key in told) or printed(told)
    except (ValueError, TypeError):
        return str(invocation.error)


def is_for_want_of_a_mock(error: BaseException) -> bool:
    """Tell whether *error* is what botocore raises of a call to Lambda that nothing mocks."""
    answer = getattr(error, "response", None)
    code = answer.get("Error", {}).get("Code") if type(error).__name__ == "ClientError" and answer else None
    return not _WITHOUT_MOCK.isdisjoint((type(error).__name__, code)) and _comes_from_lambda(error.__traceback__)


def _comes_from_lambda(trace: TracebackType | None) -> bool:
    while trace is not None:
        frame, trace = trace.tb_frame, trace.tb_next
        if str(frame.f_globals.get("__name__")).partition(".")[0] not in _SENDERS:
            continue
        seen = frame.f_locals
        service = getattr(getattr(getattr(seen.get("self"), "meta", None), "service_model", None), "service_name", None)
        if "lambda" in (service, seen.get("service_name")):
            return True
    return False
