"""A mock of AWS Lambda whose functions live through their states on a clock that the test controls.

from lambda_states_mock import mock_lambda

with mock_lambda() as m:
    ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambda_states_mock.engine.timeline import Timeline
    from lambda_states_mock.errors import (
        BackgroundSleepWarning,
        BudgetExceededError,
        ClockError,
        HungCodeError,
        HungHandlerWarning,
        ImpossibleTransitionError,
        LambdaMockError,
        NoHandlerError,
        NotActiveError,
        NotUnpackedWarning,
        OperationNotBuiltError,
        RunawaySleepError,
        StackResourceError,
        UncaughtRequestError,
        UnfiredFaultError,
        UnknownNameError,
        UnmetExpectationError,
        WrongStateError,
    )
    from lambda_states_mock.event_sources.events.cognito import TriggerFailedError
    from lambda_states_mock.event_sources.pushes import PushRefusedError
    from lambda_states_mock.execution.crashes import (
        MissingBootstrap,
        OutOfMemory,
        ProcessCrash,
        RuntimeFault,
        SegmentationFault,
    )
    from lambda_states_mock.mock import LambdaMock, current, mock_lambda

__version__ = "0.1.0"

__all__ = [
    "BackgroundSleepWarning",
    "BudgetExceededError",
    "ClockError",
    "HungCodeError",
    "HungHandlerWarning",
    "ImpossibleTransitionError",
    "LambdaMock",
    "LambdaMockError",
    "MissingBootstrap",
    "NoHandlerError",
    "NotActiveError",
    "NotUnpackedWarning",
    "OperationNotBuiltError",
    "OutOfMemory",
    "PrivateNameError",
    "PrivateNameWarning",
    "ProcessCrash",
    "PushRefusedError",
    "RunawaySleepError",
    "RuntimeFault",
    "SegmentationFault",
    "StackResourceError",
    "Timeline",
    "TriggerFailedError",
    "UncaughtRequestError",
    "UnfiredFaultError",
    "UnknownNameError",
    "UnmetExpectationError",
    "WrongStateError",
    "__version__",
    "current",
    "mock_lambda",
]

_ELSEWHERE = {
    "Timeline": "engine.timeline",
    "PushRefusedError": "event_sources.pushes",
    "TriggerFailedError": "event_sources.events.cognito",
    **dict.fromkeys(("LambdaMock", "current", "mock_lambda"), "mock"),
    **dict.fromkeys(
        ("MissingBootstrap", "OutOfMemory", "ProcessCrash", "RuntimeFault", "SegmentationFault"), "execution.crashes"
    ),
}


def __getattr__(name: str) -> Any:
    # pytest imports this package for its plugin in every run: what is not used must cost nothing.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"lambda_states_mock.{_ELSEWHERE.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
