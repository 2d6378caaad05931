"""Requests to Lambda and to function URLs that are made with the standard library: `urllib.request` and `http.client`.

Instead of opening such a connection, we give it an object like a socket that the innermost mock answers.
"""

from __future__ import annotations

import http.client
import io
from typing import Any

from lambda_states_mock.adapters import answered_hosts
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.vain_waits import wait_in_vain
from lambda_states_mock.engine.call_faults import BrokenConnection


class Socket:
    """As much of a socket as `http.client` asks for."""

    def __init__(self, host: str, timeout: Any) -> None:
        from lambda_states_mock.adapters.http_wire import Conversation  # few tests ask without a client

        self._conversation = Conversation(host)
        self._timeout = timeout if isinstance(timeout, (int, float)) else None

    def sendall(self, data: Any) -> None:
        """Take what is sent."""
        self._conversation.feed(data)

    def makefile(self, *_how: Any, **_options: Any) -> io.BufferedIOBase:
        """Return the answer, to be read; what has broken shows when it is."""
        try:
            return io.BytesIO(self._conversation.answer())
        except BrokenConnection as broken:
            wait_in_vain(broken, read=self._timeout, connect=self._timeout)
            error: Exception = TimeoutError("timed out")
            if broken.how == "connection closed":
                error = http.client.RemoteDisconnected("Remote end closed connection without response")
        except Exception as mistake:
            error = mistake
        return io.BufferedReader(_Failing(error))

    def close(self) -> None:
        """Do nothing: there is no connection."""


class _Failing(io.RawIOBase):
    """An answer that does not come. Parameters: *error*, of reading it."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any) -> int:
        raise self._error


def install(patches: Patches) -> None:
    """Answer every connection to Lambda's hosts until *patches* are restored."""
    for kind in (http.client.HTTPConnection, http.client.HTTPSConnection):
        patches.set(kind, "connect", _answered(kind.connect))


def _answered(original: Any) -> Any:
    def connect(self: Any) -> None:
        host = (getattr(self, "_tunnel_host", None) or self.host).lower()
        if answered_hosts.is_answered(host):
            self.sock = Socket(host, self.timeout)
        else:
            original(self)

    return connect
