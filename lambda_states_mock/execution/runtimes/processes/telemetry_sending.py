"""How a batch of telemetry gets to its subscriber, over HTTP or as lines."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
from _thread import start_new_thread
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException, HTTPResponse

from lambda_states_mock.execution.logs import Record
from lambda_states_mock.execution.runtimes.processes.telemetry_api import Subscription

_ANSWERED_WITHIN = 2.0  # real seconds


class Sending:
    """One batch on its way, on a thread of its own: whoever waits for it handles meanwhile what comes from processes.

    Parameters: *connection*, to the subscriber, which is closed unless it is a bare stream; *ended*, who is told.

    Attributes: *is_done*; *went_well*.
    """

    def __init__(
        self,
        subscription: Subscription,
        batch: list[Record],
        connection: socket.socket,
        ended: Callable[[], object],
    ) -> None:
        self.is_done = self.went_well = False
        self._subscription = subscription
        self._batch = batch
        self._connection = connection
        self._ended = ended
        start_new_thread(self._send, ())

    def _send(self) -> None:
        with suppress(OSError, HTTPException):
            self._connection.settimeout(_ANSWERED_WITHIN)
            if self._subscription.tcp:
                self._connection.sendall(b"".join(_json(event) + b"\n" for event in self._batch))
                self.went_well = True
            else:
                with self._connection as connection:
                    connection.sendall(self._request())
                    with HTTPResponse(connection, method=self._subscription.method) as response:
                        response.begin()
                        response.read()
                        self.went_well = response.status < 400
        self.is_done = True
        self._ended()

    def _request(self) -> bytes:
        to, body = self._subscription, _json(self._batch)
        sequence = base64.b64encode(hashlib.sha256(body).digest()).decode()
        head = [
            f"{to.method} {to.path} HTTP/1.1",
            f"Host: sandbox.localdomain:{to.port}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            f"Sequence-Id: {sequence}",
            "Connection: close",
        ]
        return "\r\n".join([*head, "", ""]).encode() + body


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
