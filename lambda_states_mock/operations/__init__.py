"""The API's operations: one module for each family of resources, functions named as the client's methods."""

from lambda_states_mock.operations import (
    alias,
    concurrency,
    function,
    function_update,
    invoke,
    layer,
    permission,
    tag,
    version,
)
from lambda_states_mock.operations.world import BUILT, Call, Invocation, World

__all__ = [
    "BUILT",
    "Call",
    "Invocation",
    "World",
    "alias",
    "concurrency",
    "function",
    "function_update",
    "invoke",
    "layer",
    "permission",
    "tag",
    "version",
]
