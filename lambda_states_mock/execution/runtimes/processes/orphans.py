"""Folders of tests that were killed, and whose warden was as well: the next start deletes them."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from lambda_states_mock.execution.folders import PREFIX

_OWNER = "owner"


def claim(folder: Path) -> None:
    """Note in *folder* that it belongs to this process."""
    (folder / _OWNER).write_text(f"{os.getpid()} {_began(os.getpid())}")


def remove(place: Path) -> None:
    """Delete the folders in *place* whose process is no more."""
    for note in place.glob(f"{PREFIX}*/{_OWNER}"):
        with suppress(OSError, ValueError):
            pid, began = note.read_text().split()
            if _began(int(pid)) != began:
                shutil.rmtree(note.parent, ignore_errors=True)


def _began(pid: int) -> str:
    """Return when the process *pid* has begun, in ticks since the machine has; nothing where there is none."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""
