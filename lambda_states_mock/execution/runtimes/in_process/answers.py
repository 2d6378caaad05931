"""How a function answers: at once, or in parts that are sent as they come."""

from __future__ import annotations

import errno
import inspect
import os
from pathlib import Path
from typing import Any

from lambda_states_mock.execution import payloads as platform
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.runtimes.in_process import payloads
from lambda_states_mock.execution.runtimes.in_process.programs import Program

_MEGABYTE = 1024 * 1024


class Answers:
    """What the program of one environment answers. Parameters: *temporary*, the folder that stands for /tmp.

    Attributes: *sent*, the parts of the last streamed answer.
    """

    def __init__(self, program: Program, temporary: Path) -> None:
        self.sent: list[bytes] = []
        self._program = program
        self._temporary = str(temporary)

    def answer(self, event: Any, context: Any, spec: EnvironmentSpec) -> bytes:
        """Return the whole result. Raises what the function raises, and RuntimeFault for what JSON cannot say."""
        result = self._program.call(event, context)
        self._check_storage(spec)
        if inspect.iscoroutine(result):
            result.close()  # the runtime does not await it, and Python would complain about that later
        return payloads.marshal(result, spec.configuration.runtime)

    def stream(self, event: Any, context: Any, spec: EnvironmentSpec) -> bytes:
        """Return all that a generator yields; each part is in `sent` as soon as it has come.

        Anything but a generator is sent in one part. The parts that make the response too large are left out.
        """
        self.sent, size = [], 0
        result = self._program.call(event, context)
        if not inspect.isgenerator(result):
            self._check_storage(spec)
            whole = payloads.marshal(result, spec.configuration.runtime)
            self.sent = [whole] if len(whole) <= platform.STREAM_LIMIT else []
            return whole
        part = b""
        try:
            for value in result:
                part = payloads.chunk(value, spec.configuration.runtime)
                size += len(part)
                if size > platform.STREAM_LIMIT:
                    return b"".join((*self.sent, part))
                self.sent.append(part)
        finally:
            result.close()
        self._check_storage(spec)
        return b"".join(self.sent)

    def _check_storage(self, spec: EnvironmentSpec) -> None:
        """Raise OSError ENOSPC when there is more in /tmp than fits: nothing can see it at the moment of writing."""
        if _size(self._temporary) > spec.configuration.ephemeral_storage * _MEGABYTE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _size(folder: str) -> int:
    """Return the bytes of all files below *folder*."""
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                total += _size(entry.path)
            elif entry.is_file(follow_symlinks=False):
                total += entry.stat(follow_symlinks=False).st_size
    return total
