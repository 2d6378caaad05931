"""A mock for the whole life of a process, with the options in its environment: ``LAMBDA_STATES_MOCK``.

`environment` gives a child such an environment, and `shared` lets it ask the world of its parent; the command ``run``
does so for all that it starts. A Python process starts the mock by itself then: the folder ``in_children`` is in its
``PYTHONPATH``. A program of one's own can honour the variable without that, with

    from lambda_states_mock import startup; startup.start()

The options are written as in a URL: ``LAMBDA_STATES_MOCK='timings=instant&seed=7'``. ``1`` stands for no option; with
``0``, or nothing, no mock begins.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from lambda_states_mock.activating import Activation
    from lambda_states_mock.mock import LambdaMock

VARIABLE = "LAMBDA_STATES_MOCK"
WORLD = "LAMBDA_STATES_MOCK_WORLD"
ENDPOINT = "AWS_ENDPOINT_URL_LAMBDA"
ON, OFF = "1", "0"
_IN_CHILDREN = os.path.join(os.path.dirname(__file__), "in_children")  # noqa: PTH118, PTH120 - imported at each start
_begun: list[LambdaMock] = []
OPTIONS = ("start", "timings", "seed", "account", "region", "freeze", "processes", "chaos")


def options_of(written: str) -> dict[str, Any]:
    """Return the options in *written*, for `mock_lambda`.

    Raises TypeError or ValueError, with the variable's name, for what is no option of those that can be written.
    """
    from lambda_states_mock.errors import nearest

    if written == ON:
        return {}
    options: dict[str, Any] = {}
    try:
        pairs = parse_qsl(written, strict_parsing=True, keep_blank_values=True)
    except ValueError:
        raise ValueError(
            f"{VARIABLE} is {ON} for a mock, {OFF} for none, or its options, such as timings=instant&seed=7, "
            f"not {written!r}. Options: {', '.join(OPTIONS)}."
        ) from None
    for name, value in pairs:
        if name not in OPTIONS:
            raise TypeError(
                f'{VARIABLE} has no option "{name}":{nearest(name, OPTIONS)} Options: {", ".join(OPTIONS)}.'
            )
        options[name] = value_of(name, value)
    return options


def value_of(name: str, text: str) -> Any:
    """Return the option *name* from its *text*: ``seed`` a number, ``timings`` a preset or ``create=45,update=3``.

    Raises ValueError for a text that is none of the option's.
    """
    if name == "seed":
        return _number(int, text, "seed is an integer")
    if name == "chaos":
        return _number(int, text, "chaos is a seed, an integer")
    if name in {"freeze", "processes"}:
        if text not in {ON, OFF}:
            raise ValueError(f"{name} is {ON} or {OFF}, not {text!r}")
        return text == ON
    if name == "timings" and "=" in text:
        phases = (part.partition("=") for part in text.split(","))
        return {
            phase.strip(): _number(float, seconds, f"timings: {phase.strip()} is a number of seconds")
            for phase, _, seconds in phases
        }
    return text


def _number(kind: type[int] | type[float], text: str, says: str) -> float:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{says}, not {text!r}") from None


def given() -> str | None:
    """Return what the variable of this process says of a mock; None where there shall be none."""
    text = os.environ.get(VARIABLE)
    return None if text in {None, "", OFF} else text


def in_one_line(error: Exception) -> str:
    """Return the text of *error* as a command line says it."""
    return " ".join(line.strip() for line in str(error).splitlines())


def written(texts: Mapping[str, str]) -> str:
    """Return options, as texts, as the variable has them."""
    return urlencode(texts) or ON


def begin(options: str) -> tuple[Activation[LambdaMock], LambdaMock]:
    """Begin a mock with *options*, written as in the variable, in the world that there may be."""
    from lambda_states_mock.activating import Activation
    from lambda_states_mock.mock import LambdaMock, mock_lambda
    from lambda_states_mock.options import MockOptions

    parsed, address = options_of(options), os.environ.get(WORLD)
    if not address:
        activation = mock_lambda(**parsed)
        return activation, activation.start()
    from lambda_states_mock.server.remote import Remote

    remote = Remote(address)
    parsed = {**parsed, "start": remote.now()}
    activation = Activation(MockOptions.parse("mock_lambda", parsed), LambdaMock, make_backend=remote.backend)
    return activation, activation.start()


def environment(**options: str) -> dict[str, str]:
    """Return this process's environment, with what lets a Python child begin with a mock of its own.

    Parameters: those options of `mock_lambda` that can be written, as texts: ``timings="create=45"``.
    Raises TypeError for another, and what `mock_lambda` raises for a wrong value.
    """
    from lambda_states_mock.options import MockOptions

    MockOptions.parse("environment", options_of(written(options)))
    path = os.pathsep.join(filter(None, [_IN_CHILDREN, os.environ.get("PYTHONPATH")]))
    return {**os.environ, VARIABLE: written(options), "PYTHONPATH": path}


@contextmanager
def shared(mock: LambdaMock) -> Iterator[dict[str, str]]:
    """Yield an environment in which processes, as long as the block lasts, ask the world of *mock*.

    Python processes have the mock, and virtual time. Others have the address of that world in
    ``AWS_ENDPOINT_URL_LAMBDA``: a port of this machine. Between their calls, real time passes there.
    """
    from lambda_states_mock.server.clock_policies import policy_maker
    from lambda_states_mock.server.threaded import Server
    from lambda_states_mock.server.worlds import Worlds

    options = mock.options
    texts = {"seed": str(options.seed), "account": options.account, "region": options.region}
    if options.freeze:
        texts["freeze"] = ON
    worlds = Worlds(policy_maker("frozen" if options.freeze else "real"), first=mock)  # a frozen clock stops that too
    with Server(worlds) as server:
        yield {**environment(**texts), WORLD: server.address, ENDPOINT: server.address}


def _make_way_for_the_cli(program: str) -> None:
    """Import AWS's CLI where it is the *program*: it may bring a botocore, which is then the one of the process.

    It lets the name `botocore` stand for its own from its import on, and works with no other.
    """
    if os.path.basename(program) in {"aws", "aws.exe"}:  # noqa: PTH119 - imported at each start
        with suppress(ImportError):
            import_module("awscli")


def start() -> LambdaMock | None:
    """Begin a mock that lasts until the process ends, if the variable is set, and return it."""
    options = given()
    if options is not None and not _begun:
        _make_way_for_the_cli(*sys.orig_argv[1:2] or [""])
        _begun.append(begin(options)[1])
    return _begun[0] if _begun else None
