"""Lets time pass in worlds of which nobody asks anything: timers fall due, pollers poll, events are tried again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable

from lambda_states_mock.errors import NotActiveError
from lambda_states_mock.server.worlds import ServedWorld

LONGEST_WAIT = 0.1
"""Seconds of real time after which it looks again, since a new timer may be due before the others."""
SHORTEST_WAIT = 0.005


class Ticker:
    """A thread that moves the clocks whose policy says that time passes by itself; a context manager.

    Parameters: *worlds*, all that there are each time; *complain*, which is given what timers of a test have raised.
    """

    def __init__(self, worlds: Iterable[ServedWorld], complain: Callable[[Exception], object]) -> None:
        self._worlds, self._complain = worlds, complain
        self._end: Callable[[], object] = lambda: None

    def __enter__(self) -> Ticker:
        # Waited for by a socket: a wait of `threading` may be the test's, and move its clock.
        end, ended = socket.socketpair()
        thread = threading.Thread(target=self._run, args=(ended,), daemon=True, name="lambda-states-mock-ticker")
        thread.start()

        def stop() -> None:
            end.close()
            if threading.current_thread() is not thread:
                thread.join(timeout=1)  # what a function does just then may take as long as it likes

        self._end = stop
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def tick(self) -> float:
        """Run what is due in each world, and return in how many seconds of real time to come back."""
        wait = LONGEST_WAIT
        for world in self._worlds:
            try:
                with world.answering():
                    world.mock.backend.check_active("the passing of time")
                    left = world.policy.pass_time()
            except NotActiveError:  # it has ended meanwhile
                continue
            except Exception as mistake:
                self._complain(mistake)
                continue
            wait = wait if left is None else min(wait, left)
        return max(wait, SHORTEST_WAIT)

    def _run(self, ended: socket.socket) -> None:
        with ended:
            while True:
                ended.settimeout(self.tick())
                try:
                    ended.recv(1)
                except TimeoutError:
                    continue
                return
