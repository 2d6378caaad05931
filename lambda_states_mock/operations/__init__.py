"""The API's operations: one module for each family of resources, functions named as the client's methods.

A module is imported with the first call of its family: a test needs a few of them.
"""

from collections.abc import Mapping
from importlib import import_module

from lambda_states_mock.operations.registry import ANSWERS, Operation

_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "account": ("GetAccountSettings",),
    "alias": ("CreateAlias", "GetAlias", "UpdateAlias", "DeleteAlias", "ListAliases"),
    "capacity_provider": (
        "CreateCapacityProvider",
        "GetCapacityProvider",
        "UpdateCapacityProvider",
        "DeleteCapacityProvider",
        "ListCapacityProviders",
        "ListFunctionVersionsByCapacityProvider",
        "PutFunctionScalingConfig",
        "GetFunctionScalingConfig",
    ),
    "code_signing_config": (
        "CreateCodeSigningConfig",
        "GetCodeSigningConfig",
        "UpdateCodeSigningConfig",
        "DeleteCodeSigningConfig",
        "ListCodeSigningConfigs",
        "ListFunctionsByCodeSigningConfig",
        "PutFunctionCodeSigningConfig",
        "GetFunctionCodeSigningConfig",
        "DeleteFunctionCodeSigningConfig",
    ),
    "concurrency": (
        "PutFunctionConcurrency",
        "GetFunctionConcurrency",
        "DeleteFunctionConcurrency",
        "PutProvisionedConcurrencyConfig",
        "GetProvisionedConcurrencyConfig",
        "DeleteProvisionedConcurrencyConfig",
        "ListProvisionedConcurrencyConfigs",
    ),
    "durable_checkpoint": (
        "CheckpointDurableExecution",
        "SendDurableExecutionCallbackSuccess",
        "SendDurableExecutionCallbackFailure",
        "SendDurableExecutionCallbackHeartbeat",
    ),
    "durable_execution": (
        "GetDurableExecution",
        "GetDurableExecutionHistory",
        "GetDurableExecutionState",
        "ListDurableExecutionsByFunction",
        "StopDurableExecution",
        "PauseDurableExecution",
        "ResumeDurableExecution",
        "DeleteDurableExecution",
    ),
    "event_invoke_config": (
        "PutFunctionEventInvokeConfig",
        "UpdateFunctionEventInvokeConfig",
        "GetFunctionEventInvokeConfig",
        "DeleteFunctionEventInvokeConfig",
        "ListFunctionEventInvokeConfigs",
    ),
    "event_source_mapping": (
        "CreateEventSourceMapping",
        "GetEventSourceMapping",
        "UpdateEventSourceMapping",
        "DeleteEventSourceMapping",
        "ListEventSourceMappings",
    ),
    "function": (
        "CreateFunction",
        "GetFunction",
        "GetFunctionConfiguration",
        "ListFunctions",
        "DeleteFunction",
        "PublishVersion",
        "ListVersionsByFunction",
    ),
    "function_settings": (
        "GetRuntimeManagementConfig",
        "PutRuntimeManagementConfig",
        "GetFunctionRecursionConfig",
        "PutFunctionRecursionConfig",
    ),
    "function_update": ("UpdateFunctionConfiguration", "UpdateFunctionCode"),
    "function_url_config": (
        "CreateFunctionUrlConfig",
        "UpdateFunctionUrlConfig",
        "GetFunctionUrlConfig",
        "DeleteFunctionUrlConfig",
        "ListFunctionUrlConfigs",
    ),
    "invoke": ("Invoke", "InvokeAsync", "InvokeWithResponseStream"),
    "layer": (
        "PublishLayerVersion",
        "GetLayerVersion",
        "GetLayerVersionByArn",
        "DeleteLayerVersion",
        "ListLayers",
        "ListLayerVersions",
        "AddLayerVersionPermission",
        "RemoveLayerVersionPermission",
        "GetLayerVersionPolicy",
    ),
    "permission": ("AddPermission", "RemovePermission", "GetPolicy"),
    "resource_policy": ("PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy"),
    "tag": ("TagResource", "UntagResource", "ListTags"),
}
BUILT: Mapping[str, str] = {name: module for module, names in _FAMILIES.items() for name in names}
"""The module of every operation that is built, by AWS's name."""


def load(operation: str) -> Operation:
    """Import the family of *operation*, and return what answers it. Raises KeyError where it is not built."""
    import_module(f"{__name__}.{BUILT[operation]}")  # it registers its operations
    return ANSWERS[operation]


__all__ = ["ANSWERS", "BUILT", "load"]
