"""Functions that run: handlers of the test, the code in a zip, and the execution environments around them."""

from lambda_states_mock.invocation.environment_record import EnvironmentRecord
from lambda_states_mock.invocation.extensions import Extension, Extensions
from lambda_states_mock.invocation.handlers import UNSET, Handler, Handlers
from lambda_states_mock.invocation.invoker import IDLE_LIFETIME, Invoker
from lambda_states_mock.invocation.queue import AsyncQueue, QueuedEvent
from lambda_states_mock.invocation.spec import FunctionSpec, Outcome

__all__ = [
    "IDLE_LIFETIME",
    "UNSET",
    "AsyncQueue",
    "EnvironmentRecord",
    "Extension",
    "Extensions",
    "FunctionSpec",
    "Handler",
    "Handlers",
    "Invoker",
    "Outcome",
    "QueuedEvent",
]
