"""What is known of one process of an execution environment, also after its end."""

from __future__ import annotations

from dataclasses import field

from lambda_states_mock.quick_dataclasses import dataclass


@dataclass(slots=True, eq=False)
class ProcessRecord:
    """One program that ran in an environment.

    Attributes: *pid*; *arguments*, with which it was started; *exit_status*, how it has ended: a status, the negative
    number of a signal, or None while it runs; *memory_used*, the most that was seen, in MB; *tail*, the last 4 KB that
    it has written to stdout, stderr and its log, once it has ended; *failed*, whether it has ended by itself, and not
    well.
    """

    pid: int
    arguments: tuple[str, ...] = field(repr=False)
    exit_status: int | None = field(default=None, init=False)
    memory_used: int = field(default=0, init=False)
    tail: str = field(default="", init=False, repr=False)
    failed: bool = field(default=False, init=False)

    def ended(self, status: int | None, memory_used: int, *, by_itself: bool) -> None:
        """Note how it has ended: *by_itself*, or because it was told to."""
        if self.exit_status is None:
            self.failed = by_itself and status != 0
        self.exit_status = status
        self.used(memory_used)

    def used(self, memory: int) -> None:
        """Note how much memory was seen, in MB."""
        self.memory_used = max(self.memory_used, memory)

    def printed(self, tail: bytes) -> None:
        """Note the end of what it has printed."""
        self.tail = tail.decode("utf-8", "replace")
