"""A program that runs: its group of processes, what they write, and what is known of it."""

from __future__ import annotations

from dataclasses import field

from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.process_record import ProcessRecord
from lambda_states_mock.execution.runtimes.processes.group import ProcessGroup
from lambda_states_mock.execution.runtimes.processes.output import Output
from lambda_states_mock.execution.runtimes.processes.wardship import Wardship
from lambda_states_mock.quick_dataclasses import dataclass


@dataclass(slots=True, eq=False)
class StartedProgram:
    """Parameters: *by_extension*, whether it is an extension, which writes into the log as such."""

    group: ProcessGroup
    output: Output
    record: ProcessRecord
    wardship: Wardship
    by_extension: bool = False
    _may_end: bool = field(default=False, init=False)

    def let_end(self) -> None:
        """From now on it is told to end."""
        self.has_ended()  # by itself, if it has
        self._may_end = True

    def drain(self, log: InvocationLog | None) -> None:
        """Write all that it has written so far into *log*."""
        if log is None:
            return
        if self.by_extension:
            with log.written_by_extension():
                self.output.drain(log)
        else:
            self.output.drain(log)

    def has_ended(self) -> bool:
        """Return whether it has ended, and note how."""
        if not self.group.has_ended():
            return False
        self.record.ended(self.group.status, self.group.memory_used, by_itself=not self._may_end)
        return True

    def measure(self) -> int:
        """Return how much memory its processes have now, in MB, and note the most."""
        found = self.group.measure()
        self.record.used(self.group.memory_used)
        return found

    def end(self, log: InvocationLog | None) -> None:
        """Kill it; what it has written is still read."""
        self.wardship.tell(f"-{self.group.pid}")
        self.let_end()
        self.group.end()
        self.record.ended(self.group.status, self.group.memory_used, by_itself=False)
        self.drain(log)
        self.record.printed(self.output.tail)
        self.output.close()
