"""Which function answers which operation of the API."""

from __future__ import annotations

from collections.abc import Callable

from lambda_states_mock.service import Call, Params, View

Operation = Callable[[Call, Params], View]
ANSWERS: dict[str, Operation] = {}
"""What answers operations, by AWS's name: those whose module was imported."""


def operation(name: str) -> Callable[[Operation], Operation]:
    """Register the decorated function as what answers operation *name*."""

    def register(function: Operation) -> Operation:
        ANSWERS[name] = function
        return function

    return register
