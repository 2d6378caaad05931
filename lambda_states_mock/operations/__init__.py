"""The API's operations: one module for each family of resources, functions named as the client's methods."""

from lambda_states_mock.operations import (
    account,
    alias,
    code_signing_config,
    concurrency,
    event_invoke_config,
    function,
    function_update,
    function_url_config,
    invoke,
    layer,
    permission,
    recursion_config,
    runtime_management_config,
    tag,
    version,
)
from lambda_states_mock.operations.world import BUILT, Call, Invocation, World

__all__ = [
    "BUILT",
    "Call",
    "Invocation",
    "World",
    "account",
    "alias",
    "code_signing_config",
    "concurrency",
    "event_invoke_config",
    "function",
    "function_update",
    "function_url_config",
    "invoke",
    "layer",
    "permission",
    "recursion_config",
    "runtime_management_config",
    "tag",
    "version",
]
