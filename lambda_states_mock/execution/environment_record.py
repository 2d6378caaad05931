"""What is known of one execution environment: its state, its history, its log, and how often it was used.

It outlives the environment, so that a test can look at it afterwards: ``m.function("orders").environments``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import TYPE_CHECKING

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.timeline import Timeline, Transition
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.states.execution_environment import InitializationType

if TYPE_CHECKING:
    from lambda_states_mock.execution.logs import InvocationLog
    from lambda_states_mock.execution.process_record import ProcessRecord

KEPT_MOVES = 10_000
KEPT_LOGS = 1_000
"""Of one environment. Older ones are forgotten, so that hours of traffic fit into memory."""
KEPT_RECORDS = 10_000
"""Of one function. Nothing is known of older environments."""
KEPT_MOVES_OF_ENDED = 100_000
KEPT_LOGS_OF_ENDED = 10_000
"""Of all environments of one function that have ended, together. Of older ones their end is known, and the counts."""


@dataclass(slots=True, eq=False, repr=False)
class EnvironmentRecord:
    """One execution environment as a test sees it, also after its end.

    What runs detached from the clock is ahead of it: `state` and `history` are what the clock has come to.

    Parameters: *version*, of the function; *initialization_type*, as in ``AWS_LAMBDA_INITIALIZATION_TYPE``; *tenant*,
    whose events alone it runs, None for a function that does not isolate its tenants.

    Attributes:
        log_stream: its name, as in the handler's context.
        met: how many events it has run: `warm` ones, after its cold start, and `cold` ones, in it.
        processes: the real processes that were started in it, oldest first: `ProcessRecord`, with ``pid``,
            ``exit_status`` ...; none unless the function runs in processes.
    """

    _clock: VirtualClock
    log_stream: str
    version: str
    initialization_type: InitializationType
    tenant: str | None = None
    met: list[int] = field(default_factory=lambda: [0, 0], init=False)
    processes: list[ProcessRecord] = field(default_factory=list, init=False)
    record: Callable[[Transition], None] = field(init=False)
    log_ended: Callable[[InvocationLog], None] = field(init=False)
    _moves: deque[Transition] = field(init=False)
    _log: deque[InvocationLog] = field(init=False)

    def __post_init__(self) -> None:
        self._keep(deque(maxlen=KEPT_MOVES), deque(maxlen=KEPT_LOGS))

    def __repr__(self) -> str:
        used = f"{self.cold} cold, {self.warm} warm"
        whose = f", tenant {self.tenant}" if self.tenant is not None else ""
        return f"<environment {self.log_stream}: {self.state or 'new'}, {self.initialization_type}{whose}, {used}>"

    @property
    def cold(self) -> int:
        """How many events it has run in a cold start."""
        return self.met[True]

    @property
    def warm(self) -> int:
        """How many events it has run after it."""
        return self.met[False]

    @property
    def state(self) -> str | None:
        """Where it is now: ``Function init``, ``Idle``, ``Invoke``, ``Reset``, ``Gone`` ...; None before anything."""
        now = self._clock.now
        return next((move.after for move in reversed(self._moves) if move.at <= now), None)

    @property
    def history(self) -> Timeline:
        """Where it has been, and why it went on; a `Timeline`, which prints as a table."""
        now = self._clock.now
        return Timeline([move for move in self._moves if move.at <= now])

    @property
    def log(self) -> str:
        """All of its log stream, with what was written while no invocation waited for it."""
        return "".join(log.text for log in self._log)

    @property
    def size(self) -> tuple[int, int]:
        """How many moves and logs it has."""
        return len(self._moves), len(self._log)

    def forget(self) -> None:
        """Forget all but the end."""
        self._keep(deque(list(self._moves)[-1:], maxlen=1), deque(maxlen=1))

    def _keep(self, moves: deque[Transition], log: deque[InvocationLog]) -> None:
        self._moves, self.record = moves, moves.append
        self._log, self.log_ended = log, log.append


class EnvironmentRecords:
    """What is known of the environments of one function, oldest first."""

    def __init__(self) -> None:
        self._records: deque[EnvironmentRecord] = deque(maxlen=KEPT_RECORDS)
        self._whole: deque[tuple[EnvironmentRecord, int, int]] = deque()  # those that have ended, and their sizes
        self._moves = self._logs = 0  # in all of these

    def __iter__(self) -> Iterator[EnvironmentRecord]:
        return iter(self._records)

    def add(self, record: EnvironmentRecord) -> None:
        """Add the *record* of a new environment."""
        self._records.append(record)

    def end(self, record: EnvironmentRecord) -> None:
        """Keep the *record* of an environment that has ended, as long as there is room for its history."""
        moves, logs = record.size
        self._whole.append((record, moves, logs))
        self._moves += moves
        self._logs += logs
        while len(self._whole) > 1 and (self._moves > KEPT_MOVES_OF_ENDED or self._logs > KEPT_LOGS_OF_ENDED):
            oldest, moves, logs = self._whole.popleft()
            self._moves -= moves
            self._logs -= logs
            oldest.forget()
