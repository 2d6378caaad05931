"""A mock for the whole life of a process, with the options in its environment: ``LAMBDA_STATES_MOCK``.

The command ``run`` sets the variable for what it starts. A program of one's own can honour it, with

    from lambda_states_mock import startup; startup.start()

The options are written as in a URL: ``LAMBDA_STATES_MOCK='timings=instant&seed=7'``; ``1`` stands for no option.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from lambda_states_mock.mock import LambdaMock

VARIABLE = "LAMBDA_STATES_MOCK"
ON = "1"
OPTIONS = ("start", "timings", "seed", "account", "region", "freeze")


def options_of(written: str) -> dict[str, Any]:
    """Return the options in *written*, for `mock_lambda`.

    Raises TypeError or ValueError, with the variable's name, for what is no option of those that can be written.
    """
    from lambda_states_mock.errors import nearest

    if written == ON:
        return {}
    options: dict[str, Any] = {}
    for name, value in parse_qsl(written, strict_parsing=True):
        if name not in OPTIONS:
            raise TypeError(
                f'{VARIABLE} has no option "{name}":{nearest(name, OPTIONS)} Options: {", ".join(OPTIONS)}.'
            )
        options[name] = value_of(name, value)
    return options


def value_of(name: str, text: str) -> Any:
    """Return the option *name* from its *text*: ``seed`` a number, ``timings`` a preset or ``create=45,update=3``."""
    if name == "seed":
        return int(text)
    if name == "freeze":
        return text == ON
    if name == "timings" and "=" in text:
        phases = (part.partition("=") for part in text.split(","))
        return {phase.strip(): float(seconds) for phase, _, seconds in phases}
    return text


def written(texts: Mapping[str, str]) -> str:
    """Return options, as texts, as the variable has them."""
    return urlencode(texts) or ON


def start() -> LambdaMock | None:
    """Begin a mock that lasts until the process ends, if the variable is set, and return it."""
    given = os.environ.get(VARIABLE)
    if not given:
        return None
    from lambda_states_mock.mock import mock_lambda

    activation = mock_lambda(**options_of(given))
    atexit.register(activation.stop, check_faults=False)
    return activation.start()
