"""``lambda-states-mock serve``: the API over HTTP, for programs in any language, until a signal ends it."""

from __future__ import annotations

import os
import socket
import sys
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from lambda_states_mock.activating import Activation
from lambda_states_mock.adapters.mock_threads import AnsweringThreads
from lambda_states_mock.adapters.services_at_endpoints import ServicesAtEndpoints, services_at_endpoints
from lambda_states_mock.backend import Backend
from lambda_states_mock.command.own_folder import own_folder
from lambda_states_mock.command.saying import Saying
from lambda_states_mock.mock import LambdaMock
from lambda_states_mock.options import MockOptions
from lambda_states_mock.reporting.progress import Progress
from lambda_states_mock.server.application import Application
from lambda_states_mock.server.clock_policies import passes_by_itself, policy_maker
from lambda_states_mock.server.door import Door, names_of
from lambda_states_mock.server.ticker import Ticker
from lambda_states_mock.server.worlds import DEFAULT, Worlds
from lambda_states_mock.startup import options_of

if TYPE_CHECKING:
    from lambda_states_mock.server.long_lived import LongLivedServer

NO_SERVER = "lambda-states-mock: serve needs aiohttp, which is not installed:  pip install 'lambda-states-mock[server]'"
CANNOT_LISTEN = 1
KEPT_CALLS = 10_000
"""So many calls each world of a server keeps, so that its memory is flat after some seconds: about 25 MB."""
CLOSES_WITHIN = 0.25
"""Seconds of real time for which the end of the worlds is waited for."""


@dataclass(frozen=True)
class ServeOptions:
    """How to serve.

    Parameters: *host* and *port*, where to listen; *clock*, when a request moves it; *mock*, the options of its worlds
    as the variable ``LAMBDA_STATES_MOCK`` has them; *token*, without which nobody is let in; *hosts* and *origins*,
    that are allowed; *says*, whether it says on stderr what it does.
    """

    host: str
    port: int
    clock: str
    mock: str
    token: str | None = field(default=None, repr=False)
    hosts: Sequence[str] = ()
    origins: Sequence[str] = ()
    says: bool = False


def serve(options: ServeOptions) -> int:
    """Serve until a signal says to end, and return the status. Raises ValueError for a clock that there is not."""
    policy = policy_maker(options.clock)
    try:
        from lambda_states_mock.server.long_lived import LongLivedServer
    except ImportError:
        print(NO_SERVER, file=sys.stderr)
        return CANNOT_LISTEN
    server = LongLivedServer()  # before any mock, as all threads here
    parsed = MockOptions.parse("serve", options_of(options.mock))
    beside = services_at_endpoints(os.environ, options.port)
    worlds = Worlds(policy, begin=lambda name: _begin(parsed, name, beside))
    with own_folder(), ExitStack() as while_serving:
        while_serving.callback(_close, worlds)
        if options.says:
            while_serving.enter_context(Saying(sys.stderr, _Told(worlds).lines, first=1.0, every=1.0))
        if passes_by_itself(options.clock):
            while_serving.enter_context(Ticker(worlds, _complain))
        return _listen(server, worlds, options, beside)


def _close(worlds: Worlds) -> None:
    """End all worlds, and wait for that unless the code of a function hangs: it ends with this process."""
    closing = threading.Thread(target=worlds.close, daemon=True)
    closing.start()
    closing.join(CLOSES_WITHIN)


def leave(status: int) -> NoReturn:
    """End this process with *status*, at once: nothing is left to do, and a function that hangs is not waited for."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _listen(server: LongLivedServer, worlds: Worlds, options: ServeOptions, beside: ServicesAtEndpoints | None) -> int:
    application: list[Application] = []

    def started(port: int) -> None:
        host = f"[{options.host}]" if ":" in options.host else options.host
        door = Door(f"{host}:{port}", options.token, names_of(options.host, options.hosts), options.origins)
        application.append(Application(worlds, door))
        print(f"lambda-states-mock: {door.address}  (clock: {options.clock}; Ctrl-C ends it)", file=sys.stderr)
        print(f"  export AWS_ENDPOINT_URL_LAMBDA={door.address}", file=sys.stderr, flush=True)
        if beside is not None:
            print(f"  asks other services at {beside}", file=sys.stderr, flush=True)

    try:
        worlds.named(DEFAULT)  # what it imports is not waited for by the first caller
        server.run(lambda asked: application[0].answer(asked), options.host, options.port, started)
    except OSError as error:
        print(
            f"lambda-states-mock: cannot listen on {options.host}:{options.port}: {reason_of(error)}. "
            "Give another --host or --port.",
            file=sys.stderr,
        )
        return CANNOT_LISTEN
    except KeyboardInterrupt:  # where there are no handlers of signals
        return 0
    return 0


def reason_of(error: OSError) -> str:
    """Return why nothing listens: what the system says, without what asyncio puts before it."""
    is_of_a_name = isinstance(error, socket.gaierror)  # whose numbers are others
    return str(error.strerror) if is_of_a_name else os.strerror(error.errno or 0)


class _Told:
    """What has happened in the worlds of a server since it was told."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds
        self._seen: dict[LambdaMock, Progress] = {}

    def lines(self) -> Iterator[str]:
        """Yield what is new, world by world."""
        worlds = tuple(self._worlds)
        self._seen = {
            one.mock: self._seen.get(one.mock) or Progress(one.mock, one.name, from_the_beginning=True)
            for one in worlds
        }
        for progress in self._seen.values():
            yield from progress.lines()


def _complain(mistake: Exception) -> None:
    print(f"lambda-states-mock: {type(mistake).__name__}: {mistake}", file=sys.stderr, flush=True)


def _begin(options: MockOptions, name: str, beside: ServicesAtEndpoints | None) -> LambdaMock:
    """Begin the world *name*. Its ids are its own, so that a function URL leads to one world."""
    seed = options.seed if name == DEFAULT else options.seed ^ zlib.crc32(name.encode())
    options = replace(options, seed=seed, unfired_faults="ignore")
    makers: dict[str, Any] = {} if beside is None else beside.makers()
    make_backend = partial(Backend, kept_calls=KEPT_CALLS)
    making = Activation(options, LambdaMock, make_threads=AnsweringThreads, make_backend=make_backend, **makers)
    return making.start()
