"""``lambda-states-mock serve``: the API over HTTP, for programs in any language, until a signal ends it."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lambda_states_mock.activating import Activation
from lambda_states_mock.adapters.mock_threads import AnsweringThreads
from lambda_states_mock.mock import LambdaMock
from lambda_states_mock.options import MockOptions
from lambda_states_mock.server.application import Application
from lambda_states_mock.server.clock_policies import policy_maker
from lambda_states_mock.server.door import Door, names_of
from lambda_states_mock.server.worlds import DEFAULT, Worlds
from lambda_states_mock.startup import options_of

NO_SERVER = "lambda-states-mock: serve needs aiohttp, which is not installed:  pip install 'lambda-states-mock[server]'"
CANNOT_LISTEN = 1


@dataclass(frozen=True)
class ServeOptions:
    """How to serve.

    Parameters: *host* and *port*, where to listen; *clock*, when a request moves it; *mock*, the options of its worlds
    as the variable ``LAMBDA_STATES_MOCK`` has them; *token*, without which nobody is let in; *hosts* and *origins*,
    that are allowed.
    """

    host: str
    port: int
    clock: str
    mock: str
    token: str | None = field(default=None, repr=False)
    hosts: Sequence[str] = ()
    origins: Sequence[str] = ()


def serve(options: ServeOptions) -> int:
    """Serve until a signal says to end, and return the status. Raises ValueError for a clock that there is not."""
    policy = policy_maker(options.clock)
    try:
        from lambda_states_mock.server.long_lived import LongLivedServer
    except ImportError:
        print(NO_SERVER, file=sys.stderr)
        return CANNOT_LISTEN
    server = LongLivedServer()  # before any mock
    parsed = MockOptions.parse("serve", options_of(options.mock))
    worlds = Worlds(policy, begin=lambda name: _begin(parsed, name))
    try:
        worlds.named(DEFAULT)  # what it imports is not waited for by the first caller

        def door_of(port: int) -> Door:
            host = f"[{options.host}]" if ":" in options.host else options.host
            return Door(f"{host}:{port}", options.token, names_of(options.host, options.hosts), options.origins)

        application: list[Application] = []

        def started(port: int) -> None:
            door = door_of(port)
            application.append(Application(worlds, door))
            print(f"lambda-states-mock: {door.address}  (clock: {options.clock}; Ctrl-C ends it)", file=sys.stderr)
            print(f"  export AWS_ENDPOINT_URL_LAMBDA={door.address}", file=sys.stderr, flush=True)

        server.run(lambda asked: application[0].answer(asked), options.host, options.port, started)
    except OSError as error:
        print(
            f"lambda-states-mock: cannot listen on {options.host}:{options.port}: {os.strerror(error.errno or 0)}. "
            "Give another --host or --port.",
            file=sys.stderr,
        )
        return CANNOT_LISTEN
    except KeyboardInterrupt:  # where there are no handlers of signals
        return 0
    finally:
        worlds.close()
    return 0


def _begin(options: MockOptions, name: str) -> LambdaMock:
    """Begin the world *name*. Its ids are its own, so that a function URL leads to one world."""
    seed = options.seed if name == DEFAULT else options.seed ^ zlib.crc32(name.encode())
    options = replace(options, seed=seed, unfired_faults="ignore")
    return Activation(options, LambdaMock, make_threads=AnsweringThreads).start()
