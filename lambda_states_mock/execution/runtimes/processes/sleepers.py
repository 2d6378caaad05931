"""Threads of processes that sleep on the mock's clock."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime, timedelta

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.runtimes.processes.mailbox import ProcessLetter
from lambda_states_mock.execution.runtimes.processes.process_folders import ProcessFolders
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply
from lambda_states_mock.instants import as_datetime
from lambda_states_mock.quick_dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Sleepers:
    """Those of one environment, each with when it wakes. What the main thread sleeps moves the clock at once.

    Another thread sleeps until the main one has come that far, or waits for it.
    """

    _clock: VirtualClock
    _surroundings: ProcessFolders
    _asleep: list[tuple[datetime, ProcessLetter]] = field(default_factory=list, init=False)

    def __len__(self) -> int:
        return len(self._asleep)

    def add(self, letter: ProcessLetter) -> None:
        """Let who has sent *letter* sleep. Raises TimedOut where that is too long for the function."""
        until = as_datetime(-(-int(letter.request.headers["x-until"]) // 1000))
        self._asleep.append((until, letter))
        if letter.request.headers.get("x-thread") == "main":
            while any(one is letter for _, one in self._asleep):
                self.wake_first()

    def wake_first(self) -> None:
        """Let the clock come to where the first of them wakes. Raises TimedOut where that is too late."""
        until, letter = first = min(self._asleep, key=lambda one: one[0])
        self._asleep.remove(first)
        length = until - sleeping.now(self._clock)
        try:
            if length > timedelta():
                sleeping.sleep(self._clock, length)
            self._surroundings.tell_time(sleeping.now(self._clock))
            letter.answer(ProcessReply(204))
        except BaseException:
            letter.answer(None)
            raise

    def forget(self) -> None:
        """Their processes are gone."""
        for _, letter in self._asleep:
            letter.answer(None)
        self._asleep.clear()
