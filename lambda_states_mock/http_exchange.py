"""One request over HTTP to another process, and its answer, by the standard library alone."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Mapping
from typing import NamedTuple

CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


class Answered(NamedTuple):
    """What was answered. The *headers* are in their order, as they came."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def exchange(
    scheme: str,
    where: str,
    method: str,
    target: str,
    body: bytes | None,
    headers: Mapping[str, str | bytes],
    *,
    seconds: float | None = None,
    most: int | None = None,
) -> Answered:
    """Send a request over a connection of its own, and return the answer.

    Parameters: *scheme*, of `CONNECTIONS`; *where*, the host and the port; *target*, the path with its query;
    *seconds* of real time for each wait, those of all sockets by default; *most*, bytes of the body that are read.

    Raises OSError or HTTPException where there is no answer.
    """
    connection = CONNECTIONS[scheme](where, timeout=socket.getdefaulttimeout() if seconds is None else seconds)
    try:
        connection.request(method, target, body, headers)
        with connection.getresponse() as response:  # which has the socket where the other side closes it
            return Answered(response.status, response.getheaders(), response.read(most))
    finally:
        connection.close()
