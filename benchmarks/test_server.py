"""``lambda-states-mock serve`` beside a bare server of the same library: GetFunction from 16 kept connections.

Both run in processes of their own, one after the other, asked by the same client. What counts is the ratio of processor
times for a request, which a busy machine changes little. ``SERVER_SECONDS`` says for how long, 10 by default.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean

import pytest

from tests.server.asking import NEW
from tests.server.conftest import allowed_to_connect
from tests.server.test_serve_command import ROOT, ask, serving

__all__ = ["allowed_to_connect"]
pytestmark = [
    pytest.mark.usefixtures("allowed_to_connect"),
    pytest.mark.skipif(sys.platform != "linux", reason="what memory a process has is read from /proc"),
]
SECONDS = float(os.environ.get("SERVER_SECONDS", "10"))
CONNECTIONS = 16
MOST_TIMES = 8.0
"""What a request costs, of what it costs the bare server."""
MOST_GROWTH = 16 * 1024
"""KiB by which memory may grow in the second half, when all that is kept has been kept."""
PATH = "/2015-03-31/functions/orders"
BARE = """
import asyncio, sys
from aiohttp import web

async def main():
    body = sys.stdin.buffer.read()
    async def answer(request):
        return web.Response(body=body, content_type="application/json")
    server = await asyncio.get_running_loop().create_server(web.Server(answer, access_log=None), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


async def _asking(port: int, seconds: float) -> int:
    """Ask for *seconds* over all connections, and return how many answers there were."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    request = f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: benchmark\r\n\r\n".encode()

    async def one() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = 0
        while loop.time() < end:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            count += 1
        writer.close()
        await writer.wait_closed()
        return count

    return sum(await asyncio.gather(*(one() for _ in range(CONNECTIONS))))


def asked(process: int, port: int, seconds: float) -> tuple[float, float]:
    """Return how many answers there were in a second, and how many milliseconds of the processor each took."""
    before = seconds_of(process)
    count = asyncio.run(_asking(port, seconds))
    return count / seconds, (seconds_of(process) - before) * 1000 / count


def seconds_of(process: int) -> float:
    """Return for how long a process has used the processor."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


@contextmanager
def bare(body: bytes) -> Iterator[tuple[int, int]]:
    """Yield the process and the port of a server that answers with *body*."""
    with subprocess.Popen(
        [sys.executable, "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(body)
        process.stdin.close()
        yield process.pid, int(process.stdout.readline())
        process.terminate()


def test_requests_a_second_and_memory() -> None:
    with serving("--timings", "instant") as (process, port):
        assert ask(port, "/2015-03-31/functions", "POST", NEW)[0] == 201
        _, _, body = ask(port, PATH)
        assert json.loads(body)["Configuration"]["FunctionName"] == "orders"
        with bare(body) as beside:
            bare_ones = [asked(*beside, SECONDS / 10)]
            ours = [asked(process.pid, port, SECONDS / 2)]
            half = memory_of(process.pid)
            ours.append(asked(process.pid, port, SECONDS / 2))
            grown = memory_of(process.pid) - half
            bare_ones.append(asked(*beside, SECONDS / 10))
    (rate, cost), (bare_rate, bare_cost) = (map(fmean, zip(*each, strict=True)) for each in (ours, bare_ones))
    print(
        f"\nGetFunction: {rate:.0f} a second for {SECONDS:.0f} s, {cost:.2f} ms of the processor each; a bare server "
        f"{bare_rate:.0f}, {bare_cost:.2f} ms: {cost / bare_cost:.1f} times as much; memory grew by {grown / 1024:.1f} "
        f"MiB of {half / 1024:.0f} in the second half"
    )
    assert cost / bare_cost < MOST_TIMES
    assert grown < MOST_GROWTH
