"""Reason codes and texts, as in StateReason(Code) and LastUpdateStatusReason(Code).

The codes are the enums of AWS's model; AWS's texts are known for few of them. A text that is not recorded is one
short sentence of ours, and `reason` lets the caller say another. Sources: functions-states.html, botocore's model.
"""

from __future__ import annotations

from types import MappingProxyType

from lambda_states_mock.states.lifecycle import Reason

CREATING = Reason("Creating", "The function is being created.")  # recorded, for creations and updates alike
IDLE = Reason("Idle", "The function is currently idle.")  # recorded
RESTORING = Reason("Restoring", "The function is being restored.")  # inferred

TEXTS = MappingProxyType(
    {
        "Creating": CREATING.text,
        "Idle": IDLE.text,
        "Restoring": RESTORING.text,
        # recorded
        "InsufficientRolePermissions": "The function's execution role doesn't have permission to perform this operation.",
        "FUNCTION_ERROR_INIT_FAILURE": "FUNCTION_ERROR_INIT_FAILURE",  # of provisioned concurrency
        # ours, from here on
        "DrainingDurableExecutions": "The function is being deleted once its running durable executions have ended.",
        "EniLimitExceeded": "The limit for network interfaces has been reached.",
        "InvalidConfiguration": "The function's configuration is not valid.",
        "InternalError": "An internal error occurred.",
        "SubnetOutOfIPAddresses": "A subnet of the function has no free IP addresses.",
        "InvalidSubnet": "A subnet of the function is not valid.",
        "InvalidSecurityGroup": "A security group of the function is not valid.",
        "ImageDeleted": "The function's container image was deleted.",
        "ImageAccessDenied": "Lambda does not have permission to access the function's container image.",
        "InvalidImage": "The function's container image is not valid.",
        "KMSKeyAccessDenied": "Lambda does not have permission to use the function's KMS key.",
        "KMSKeyNotFound": "The function's KMS key was not found.",
        "InvalidStateKMSKey": "The function's KMS key is in a state that does not allow its use.",
        "DisabledKMSKey": "The function's KMS key is disabled.",
        "EFSIOError": "The function's file system reported an input or output error.",
        "EFSMountConnectivityError": "The function could not connect to its file system.",
        "EFSMountFailure": "The function could not mount its file system.",
        "EFSMountTimeout": "The function could not mount its file system in time.",
        "InvalidRuntime": "The function's runtime is not valid.",
        "InvalidZipFileException": "The function's deployment package could not be unzipped.",
        "FunctionError": "The function's initialization code failed.",
        "FunctionError.InitTimeout": "The function's initialization timed out.",
        "FunctionError.RuntimeInitError": "The function's runtime failed to initialize.",
        "FunctionError.ExtensionInitError": "An extension of the function failed to initialize.",
        "FunctionError.InvalidEntryPoint": "The function's entry point is not valid.",
        "FunctionError.InvalidWorkingDirectory": "The function's working directory is not valid.",
        "FunctionError.PermissionDenied": "The function's initialization was denied a permission.",
        "FunctionError.TooManyExtensions": "The function has too many extensions.",
        "FunctionError.InitResourceExhausted": "The function ran out of resources while it initialized.",
        "ServiceQuotaExceededException": "A service quota was exceeded.",
        "VcpuLimitExceeded": "The limit for vCPUs was exceeded.",
        "CapacityProviderScalingLimitExceeded": "The capacity provider reached its scaling limit.",
        "InsufficientCapacity": "There is not enough capacity for the function.",
        "EC2RequestLimitExceeded": "The request limit of Amazon EC2 was exceeded.",
        "IncompatibleAcceleratorInstanceTypes": "The capacity provider's instance types have no such accelerator.",
        "DisallowedByVpcEncryptionControl": "The VPC's encryption control does not allow the function.",
        "DependencyError": "A service that the function depends on reported an error.",
    }
)

BACKED_OFF = frozenset({"InsufficientRolePermissions", "SubnetOutOfIPAddresses"})
"""After these Lambda waits at least five minutes before it tries again to make a network interface (functions-states.html, 2019)."""

ARTIFACT = frozenset({"InvalidImage", "ImageDeleted", "ImageAccessDenied", "InvalidZipFileException"})
"""After these the code itself could not be prepared, and Invoke says so (botocore: CodeArtifactUserFailedException)."""


def reason(code: str, text: str | None = None) -> Reason:
    """Return the reason *code* with *text*, or with the text usual for that code."""
    return Reason(code, TEXTS.get(code, f"The operation failed: {code}.") if text is None else text)
