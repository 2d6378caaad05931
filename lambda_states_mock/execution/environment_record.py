"""What is known of one execution environment: its state, its history, its log, and how often it was used.

It outlives the environment, so that a test can look at it afterwards: ``m.function("orders").environments``.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.timeline import Timeline, Transition
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.states.execution_environment import (
    EXECUTION_ENVIRONMENT,
    SHOWN,
    EnvironmentEvent,
    EnvironmentState,
)
from lambda_states_mock.states.lifecycle import Move

KEPT_MOVES = 10_000
KEPT_LOGS = 1_000
"""Older ones are forgotten, so that hours of traffic fit into memory."""


class EnvironmentRecord:
    """One execution environment as a test sees it, also after its end.

    What runs detached from the clock is ahead of it: `state` and `history` are what the clock has come to.

    Parameters: *version*, of the function; *initialization_type*, as in ``AWS_LAMBDA_INITIALIZATION_TYPE``.

    Attributes:
        log_stream: its name, as in the handler's context.
        cold, warm: how many events it has run in a cold start, and how many after it.
    """

    def __init__(self, clock: VirtualClock, *, log_stream: str, version: str, initialization_type: str) -> None:
        self.log_stream = log_stream
        self.version = version
        self.initialization_type = initialization_type
        self.cold = 0
        self.warm = 0
        self._clock = clock
        self._ahead = EnvironmentState.NEW
        self._moves: deque[tuple[datetime, EnvironmentState, EnvironmentState, str]] = deque(maxlen=KEPT_MOVES)
        self._log: deque[InvocationLog] = deque(maxlen=KEPT_LOGS)

    def __repr__(self) -> str:
        used = f"{self.cold} cold, {self.warm} warm"
        return f"<environment {self.log_stream}: {self.state or 'new'}, {self.initialization_type}, {used}>"

    @property
    def state(self) -> str | None:
        """Where it is now: ``Function init``, ``Idle``, ``Invoke``, ``Reset``, ``Gone`` ...; None before anything."""
        now = self._clock.now
        return next((SHOWN[to] for at, _, to, _ in reversed(self._moves) if at <= now), None)

    @property
    def history(self) -> Timeline:
        """Where it has been, and why it went on; a `Timeline`, which prints as a table."""
        now = self._clock.now
        return Timeline(
            [
                Transition(at, self.log_stream, EXECUTION_ENVIRONMENT.name, SHOWN[before], SHOWN[to], cause)
                for at, before, to, cause in self._moves
                if at <= now
            ]
        )

    @property
    def log(self) -> str:
        """All of its log stream, with what was written while no invocation waited for it."""
        return "".join(log.text for log in self._log)

    @property
    def ahead(self) -> EnvironmentState:
        """Where its code has come to, which may be ahead of the clock."""
        return self._ahead

    def fire(self, event: EnvironmentEvent, at: datetime, cause: str) -> EnvironmentState:
        """Let *event* happen at the instant *at*, by *cause*, and return the state that it leads to.

        Raises ImpossibleTransitionError for what the table excludes.
        """
        cell = EXECUTION_ENVIRONMENT.step(self._ahead, event, self.initialization_type)
        if isinstance(cell, Move):
            self._moves.append((at, self._ahead, cell.to, cause))
            self._ahead = cell.to
        return self._ahead

    def count(self, *, cold: bool) -> None:
        """Count one event."""
        if cold:
            self.cold += 1
        else:
            self.warm += 1

    def add_log(self, log: InvocationLog) -> None:
        """Add *log* at the end of the log."""
        self._log.append(log)
