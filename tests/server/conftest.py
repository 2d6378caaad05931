"""Tests of the server connect to ports of this machine."""

from __future__ import annotations

import socket
from typing import Any

import pytest

_connect = socket.socket.connect


@pytest.fixture
def allowed_to_connect(no_network: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test connect to ports of this machine, and to no other."""

    def to_this_machine(self: socket.socket, address: Any) -> None:
        assert self.family == socket.AF_UNIX or address[0] == "127.0.0.1", f"a test tried to connect to {address}"
        _connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", to_this_machine)
