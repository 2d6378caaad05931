"""What the thread on which a function runs has of its own: signal handlers of the main thread, tracing, decimals.

It is put back by the thread that has lent it, whatever other threads do meanwhile.
"""

from __future__ import annotations

import decimal
from dataclasses import field
from functools import partial

from lambda_states_mock.execution.runtimes.in_process.settings import OF_THE_THREAD, Found, Settings
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.restoring import all_of


@dataclass(slots=True, eq=False, repr=False)
class ThreadState:
    """That of one environment, from one event to the next.

    Attributes: *changed*, the settings that its code has changed.
    """

    changed: Settings = field(default_factory=dict, init=False)
    _context: decimal.Context | None = field(default=None, init=False)
    _found: tuple[Found, decimal.Context] | None = field(default=None, init=False)

    def enter(self) -> None:
        """Let the running thread have it."""
        context = decimal.getcontext()
        self._found = OF_THE_THREAD.read(), context
        decimal.setcontext(self._context or context.copy())
        OF_THE_THREAD.write(self.changed)

    def leave(self) -> None:
        """Keep what code has made of it, and let the thread have what it had."""
        if self._found is None:
            return
        (settings, context), self._found = self._found, None
        self._context = decimal.getcontext()
        decimal.setcontext(context)
        self.changed = OF_THE_THREAD.changed(settings)
        OF_THE_THREAD.put_back(settings, self.changed)

    def restart(self) -> None:
        """Begin anew; to be called between `enter` and `leave`."""
        all_of((self.leave, partial(setattr, self, "changed", {}), partial(setattr, self, "_context", None)))
        self.enter()
