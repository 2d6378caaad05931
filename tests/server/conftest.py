"""Tests of the server connect to ports of this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

_connect = socket.socket.connect


@contextmanager
def connecting() -> Iterator[None]:
    """Let the ``with`` block connect to ports of this machine, and to no other."""

    def to_this_machine(self: socket.socket, address: Any) -> None:
        assert self.family == socket.AF_UNIX or address[0] == "127.0.0.1", f"a test tried to connect to {address}"
        _connect(self, address)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket.socket, "connect", to_this_machine)
        yield


@pytest.fixture
def allowed_to_connect() -> Iterator[None]:
    """Let a test connect to ports of this machine, and to no other."""
    with connecting():
        yield
