"""What processes write: their standard streams, in one pipe so that the order stays, and records in another.

A record is framed as runtimes of AWS frame it for ``_LAMBDA_TELEMETRY_LOG_FD``: four bytes of type, four of length,
eight of time in microseconds, all big-endian, and then the message. What our own starters print comes there as well,
with types of our own, so that prints and records stay in order.
"""

from __future__ import annotations

import array
import os
import struct
from contextlib import suppress
from dataclasses import field

from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.quick_dataclasses import dataclass

PRINTED = 0x4C534D00  # ours: 0 for stdout and 1 for stderr are added to it
_HEAD = struct.Struct(">IIq")
_SIZE = 1024 * 1024  # of a pipe
_MUCH = 32 * 1024  # bytes in a pipe after which it is emptied at once
_KEPT = 4096  # bytes of the last output
_F_SETPIPE_SZ = 1031


@dataclass(slots=True)
class Output:
    """The two pipes of one group of processes. *streams* and *records* are the ends for the processes.

    Attributes: *tail*, the end of what was printed last.
    """

    streams: int = field(init=False)
    records: int = field(init=False)
    tail: bytes = field(default=b"", init=False)
    _read_streams: int = field(init=False)
    _read_records: int = field(init=False)
    _unfinished: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        self._read_streams, self.streams = _pipe()
        self._read_records, self.records = _pipe()

    def close_writers(self) -> None:
        """Leave the ends of the processes to them."""
        os.close(self.streams)
        os.close(self.records)

    def close(self) -> None:
        """Read no more."""
        os.close(self._read_streams)
        os.close(self._read_records)

    def has_much(self) -> bool:
        """Return whether a process may soon have to wait because nobody reads what it writes."""
        return any(_waiting(one) > _MUCH for one in (self._read_streams, self._read_records))

    def drain(self, log: InvocationLog) -> None:
        """Write all that has come into *log*."""
        records = self._unfinished + _all_of(self._read_records)
        while len(records) >= _HEAD.size:
            kind, length, _ = _HEAD.unpack_from(records)
            end = _HEAD.size + length
            if len(records) < end:
                break
            message, records = records[_HEAD.size : end], records[end:]
            if kind & ~1 == PRINTED:
                self._print(message, kind & 1, log)
            else:
                self._keep(message + b"\n")
                log.record(message.decode("utf-8", "replace"))
        self._unfinished = records
        self._print(_all_of(self._read_streams), 0, log)

    def _print(self, data: bytes, stream: int, log: InvocationLog) -> None:
        if data:
            self._keep(data)
            log.write(data, stream)

    def _keep(self, data: bytes) -> None:
        self.tail = (self.tail + data)[-_KEPT:]


def _pipe() -> tuple[int, int]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with suppress(OSError):
        import fcntl  # only POSIX has it

        fcntl.fcntl(reader, _F_SETPIPE_SZ, _SIZE)
    return reader, writer


def _waiting(pipe: int) -> int:
    found = array.array("i", [0])
    import fcntl  # only POSIX has them
    import termios

    fcntl.ioctl(pipe, termios.FIONREAD, found)
    return found[0]


def _all_of(pipe: int) -> bytes:
    parts = []
    with suppress(BlockingIOError):
        while data := os.read(pipe, _SIZE):
            parts.append(data)
    return b"".join(parts)
