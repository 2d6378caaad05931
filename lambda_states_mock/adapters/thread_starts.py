"""The first thread that is started in a mock: from then on waits of one thread for another let the clock go on.

Before, there is nobody to wait for: a mock that lives in one thread replaces nothing that it does not need.
"""

from __future__ import annotations

import queue
import threading

from lambda_states_mock.adapters import activation, active_mocks, waits
from lambda_states_mock.adapters.patching import Patches


def install(patches: Patches) -> None:
    """Notice threads that are started, until *patches* are restored."""
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if active_mocks.note_company():
            activation.install_due()
        active_mocks.inherited(thread)
        real(thread)

    patches.set(threading.Thread, "start", start)
    # Alone, too: a handler that waits for what never comes can be ended in no other way.
    patches.set(threading, "_allocate_lock", waits.lock_for_a_waiter)
    patches.set(queue, "SimpleQueue", waits.SimpleQueue)  # a pool makes its queue before its first thread
