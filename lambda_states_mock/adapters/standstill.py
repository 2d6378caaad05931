"""Whether a thread stands still: in a wait that Python's library knows nothing of, a lock, a socket, another's C code.

Linux counts for each thread how long it was on a processor: one that waits for Python's own lock looks for it every
few milliseconds, so a count that stays the same is that of a thread that waits for something else. On other systems a
thread stands still that is at the same instruction for longer.
"""

from __future__ import annotations

import dis
import threading
from pathlib import Path
from types import FrameType
from typing import NamedTuple
from weakref import WeakKeyDictionary

from lambda_states_mock.clock.thread_frames import is_ours, modules_from

COUNTED = 0.1
"""Real seconds without any computing, after which a thread stands still, where the system counts."""
NOT_COUNTED = 1.0
"""Real seconds at one instruction, after which it does, where the system does not count."""
_TASKS = Path("/proc/self/task")
_NANOSECOND = 1e-9


class _Look(NamedTuple):
    """What a thread looked like. *waited*, the real seconds that whoever looked had waited by then."""

    frame: int
    instruction: int
    computed: float | None
    waited: float


class Standstill:
    """What is known of the threads that others wait for."""

    def __init__(self) -> None:
        self._looks: WeakKeyDictionary[threading.Thread, _Look] = WeakKeyDictionary()
        self._still: WeakKeyDictionary[threading.Thread, _Look] = WeakKeyDictionary()
        self._first: WeakKeyDictionary[threading.Thread, float] = WeakKeyDictionary()

    def stands(self, thread: threading.Thread, frame: FrameType, waited: float) -> bool:
        """Return True when *thread*, which is in *frame*, stands still since a while.

        Parameters: *waited*, for how many real seconds the one who asks has waited by now.
        """
        if is_ours(next(modules_from(frame))):
            return False  # it waits for the world's lock, which nobody holds for long
        look = _Look(id(frame), frame.f_lasti, computed_by(thread), waited)
        still = self._still.get(thread)
        if still is not None and still[:3] == look[:3]:
            return True  # ever since
        before = self._looks.get(thread)
        if before is None or before[:3] != look[:3] or before.waited > waited:
            self._looks[thread] = look
            return False
        if waited - before.waited < (NOT_COUNTED if look.computed is None else COUNTED) or _waits_to_run(thread):
            return False
        self._still[thread] = look
        return True

    def computed(self, thread: threading.Thread) -> float:
        """Return for how many seconds *thread* has been on a processor since it was first asked for."""
        now = computed_by(thread)
        if now is None:
            return 0.0
        return now - self._first.setdefault(thread, now)


def computed_by(thread: threading.Thread) -> float | None:
    """Return for how many seconds *thread* was on a processor; None where that is not known."""
    try:
        counts = (_TASKS / str(thread.native_id) / "schedstat").read_text()
    except OSError:
        return None
    return int(counts.split()[0]) * _NANOSECOND


def _waits_to_run(thread: threading.Thread) -> bool:
    """Return True for a thread that could go on, and waits for a processor."""
    try:
        told = (_TASKS / str(thread.native_id) / "stat").read_text()
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] == "R"


def is_at_a_lock(frame: FrameType) -> bool:
    """Return True when the next thing in *frame* is to take a lock, or something else that ``with`` enters."""
    name = ""
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.opname in {"LOAD_METHOD", "LOAD_ATTR", "LOAD_SPECIAL"}:
            name = instruction.argrepr
        if instruction.offset == frame.f_lasti:
            return instruction.opname in {"BEFORE_WITH", "SETUP_WITH"} or any(
                word in name for word in ("acquire", "__enter__")
            )
    return False
