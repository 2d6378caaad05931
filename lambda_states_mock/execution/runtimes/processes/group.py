"""A group of processes: started, stopped and continued together, ended together, and looked at."""

from __future__ import annotations

import os
import re
import select
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from lambda_states_mock.patterns import compile_later

_REAPED_WITHIN = 2_000  # real milliseconds after SIGKILL
LIMITS = {  # recorded; no core: it would be left behind
    "RLIMIT_NOFILE": (1024, 1024),
    "RLIMIT_STACK": (8 * 1024 * 1024, -1),
    "RLIMIT_MEMLOCK": (64 * 1024, 64 * 1024),
    "RLIMIT_CORE": (0, 0),
}
_SETTLED_WITHIN = 200  # real milliseconds after SIGCONT
_MEGABYTE = 1024  # KB


class ProcessGroup:
    """A program and all that it starts. It has ended when the program itself has: then the rest is killed.

    Parameters: *pid*, which leads a group of its own; *reap*, which waits for it once it has ended, and returns how: an
    exit status, or the negative number of a signal.

    Attributes: *status*, how it has ended, None before; *memory_used*, the most that was seen, in MB.
    """

    def __init__(self, pid: int, reap: Callable[[], int]) -> None:
        self._owner = os.getpid()
        self.pid = pid
        self._wait = reap
        self.status: int | None = None
        self.memory_used = 0
        self.descriptor = os.pidfd_open(pid)

    def limit(self, limits: Mapping[str, tuple[int, int]]) -> None:
        """Set the resource *limits* of the program, soft and hard, as far as this machine allows them."""
        import resource  # only POSIX has it, and every module can be imported everywhere

        for name, (soft, hard) in limits.items():
            limit = getattr(resource, name)
            with suppress(OSError, ValueError):
                known = resource.prlimit(self.pid, limit)[1]
                most = hard if known == resource.RLIM_INFINITY else known if hard < 0 else min(hard, known)
                resource.prlimit(self.pid, limit, (soft if most < 0 else min(soft, most), most))

    def send(self, number: int) -> None:
        """Send a signal to all of them."""
        if self.status is None and os.getpid() == self._owner:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def terminate(self) -> None:
        """Let them go on, and send SIGTERM once the main thread of the program waits again for what it waited for.

        A signal that comes before may be taken by another thread, and then Python's main thread sleeps on.
        """
        self.send(signal.SIGCONT)
        for _ in range(_SETTLED_WITHIN):
            with suppress(OSError):
                if Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S":
                    break
            _is_readable(self.descriptor, 1)
        self.send(signal.SIGTERM)

    def has_ended(self) -> bool:
        """Return whether the program has ended; what it has started is killed then."""
        if self.status is None and _is_readable(self.descriptor, 0):
            self._reap()
        return self.status is not None

    def end(self) -> None:
        """Kill all of them, and wait until the program is gone."""
        if os.getpid() != self._owner:  # a fork of the test has a copy of this, and not of the processes
            return
        if self.status is None:
            others = self._others()
            self.send(signal.SIGKILL)
            for one in others:  # which may have left the group
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(one, signal.SIGKILL)
            if _is_readable(self.descriptor, _REAPED_WITHIN):
                self._reap()
            for one in others:  # what it has started dies on its own time
                _is_readable(one, _REAPED_WITHIN)
                os.close(one)
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _others(self) -> list[int]:
        """Return descriptors of what the program has started: it cannot be waited for, but looked at."""
        found = []
        for pid in _family(self.pid)[1:]:
            with suppress(OSError):
                found.append(os.pidfd_open(pid))
        return found

    def _reap(self) -> None:
        # Before it is reaped its number is its own, and so is that of the group.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.status = self._wait()  # it has ended: there is nothing to wait for

    def is_idle(self) -> bool:
        """Return whether all of their threads wait for something: none runs, or would if the machine had the time."""
        for pid in _family(self.pid):
            for one in Path(f"/proc/{pid}/task").glob("*/stat"):
                with suppress(OSError):
                    if one.read_text().rpartition(")")[2].split()[0] in "RD":
                        return False
        return True

    def measure(self) -> int:
        """Return how much memory they have now, in MB, without what they share with files; note the most of all."""
        peak = own = 0
        for pid in (members := list(_family(self.pid))):
            found = _memory_of(pid)
            peak += found.get("VmHWM", 0)
            own += found.get("RssAnon", 0) + found.get("RssShmem", 0)
        if len(members) > 1:  # forks share pages, which would count for each
            peak = min(peak, max(_memory_of(self.pid).get("VmHWM", 0), sum(map(_share_of, members))))
            own = min(own, sum(map(_share_of, members)))
        self.memory_used = max(self.memory_used, -(-peak // _MEGABYTE))
        return own // _MEGABYTE


def _is_readable(descriptor: int, milliseconds: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(milliseconds))


def _family(pid: int) -> list[int]:
    """Return *pid* and all that descend from it."""
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, children.read_text().split())
    return found


_KILOBYTES = compile_later(r"^(VmHWM|RssAnon|RssShmem):\s+(\d+) kB", re.MULTILINE)
_SHARE = compile_later(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def _memory_of(pid: int) -> dict[str, int]:
    with suppress(OSError):
        return {name: int(size) for name, size in _KILOBYTES.findall(Path(f"/proc/{pid}/status").read_text())}
    return {}


def _share_of(pid: int) -> int:
    with suppress(OSError):
        found = _SHARE.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
        return int(found[1]) if found is not None else 0
    return 0
