"""What came of one invocation."""

from __future__ import annotations

import base64
from dataclasses import field
from datetime import datetime, timedelta

from lambda_states_mock.execution.log_lines import LogEvents
from lambda_states_mock.printing import printed_fields
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import LATEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one invocation went.

    Parameters:
        payload: the result or the error as JSON bytes.
        function_error: ``Unhandled`` when the function failed, else None.
        log_events: all that is in the log about it, the platform's events included.
        cold: True when the environment was made for this invocation.
        started, ended: on the virtual clock; the initialisation of a cold environment lies between them, too.
        init_duration: the length of the Init phase; None when the environment was warm.
        duration: the length of the Invoke phase, without the Init phase.
        error: the exception that ended the handler, if there was one.
        environment: the log stream name of the execution environment.
        version: what ran: ``$LATEST`` or a number as text.
        restore_duration: the length of the Restore phase of SnapStart; None without one.
        chunks: the parts of a streamed response that were sent, also before an error.
    """

    payload: bytes
    function_error: str | None
    log_events: LogEvents = field(repr=False)
    cold: bool
    started: datetime
    ended: datetime
    init_duration: timedelta | None
    duration: timedelta
    error: BaseException | None
    environment: str
    version: str = LATEST
    restore_duration: timedelta | None = None
    chunks: tuple[bytes, ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        return printed_fields(self)

    @property
    def log(self) -> str:
        """All that is in the log about it, as text."""
        return self.log_events.text

    @property
    def log_result(self) -> str:
        """The ``LogResult`` of an Invoke with ``LogType="Tail"``: the last 4 KB of the log in base64."""
        return base64.b64encode(self.log_events.tail).decode()
