"""What can be wrong with the things that a function depends on, and what AWS makes of it: a reason code, or an error.

Codes and statuses are botocore's. Texts of Invoke's errors: (D) documented in troubleshooting-invocation.html,
(R) recorded, (I) inferred, after the documented one of the same family or botocore's description of the error.
"""

from __future__ import annotations

from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.service_errors import ARTIFACT_FAILED, ROLE_NOT_ASSUMABLE, ErrorTemplate


@dataclass(frozen=True, slots=True)
class FailureMode:
    """One thing that can be wrong."""

    what: str  # in words, for messages and the timeline
    reason_code: str | None  # the StateReasonCode or LastUpdateStatusReasonCode of a phase that fails for it, if any
    invoke: ErrorTemplate | None = None  # what Invoke answers; None where an invocation does not notice


def _mode(what: str, reason_code: str | None, error: str, text: str) -> FailureMode:
    """Return what Invoke answers with *error*, a fault of AWS."""
    return FailureMode(what, reason_code, ErrorTemplate(error, text, type="Service"))


_DECRYPT = "Lambda was unable to decrypt the environment variables because "
_CHECK_KEY = " Please check the function's KMS key settings."

# -- answered at once --------------------------------------------------------------------------------------------------
CALLER_NOT_AUTHORIZED = ErrorTemplate(  # (D); the part from "because" on as IAM says it today
    "AccessDeniedException",
    "User: {caller} is not authorized to perform: {action} on resource: {resource} because no identity-based policy "
    "allows the {action} action",
    type=None,
    status=403,
)
IMAGE_NOT_ACCESSIBLE = ErrorTemplate(  # (R)
    "InvalidParameterValueException",
    "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
)
INTERFACES_NOT_PERMITTED = ErrorTemplate(  # (R)
    "InvalidParameterValueException", "The provided execution role does not have permissions to call {action} on EC2"
)

# -- roles -------------------------------------------------------------------------------------------------------------
_ROLE = ErrorTemplate(
    "AccessDeniedException", ROLE_NOT_ASSUMABLE.text, type=None, status=403
)  # (I) of Invoke, seen in public
ROLE_MISSING = FailureMode("the role does not exist", "InsufficientRolePermissions", _ROLE)
ROLE_UNTRUSTING = FailureMode("the role does not trust Lambda", "InsufficientRolePermissions", _ROLE)
ROLE_NOT_PROPAGATED = FailureMode("the role is too new to be assumed", "InsufficientRolePermissions", _ROLE)
ROLE_LACKS_EC2 = _mode(  # (I)
    "the role may not create network interfaces",
    "InsufficientRolePermissions",
    "EC2AccessDeniedException",
    "Lambda was not able to set up VPC access: EC2 access was denied.",
)

# -- networks ----------------------------------------------------------------------------------------------------------
SUBNET_EXHAUSTED = _mode(  # (I)
    "the subnet has no free addresses",
    "SubnetOutOfIPAddresses",
    "SubnetIPAddressLimitReachedException",
    "Lambda was not able to set up VPC access for the Lambda function because one or more configured subnets has "
    "no available IP addresses.",
)
SUBNET_GONE = _mode(  # (I)
    "the subnet does not exist",
    "InvalidSubnet",
    "InvalidSubnetIDException",
    "The Subnet ID provided in the Lambda function configuration is invalid.",
)
GROUP_GONE = _mode(  # (I)
    "the security group does not exist",
    "InvalidSecurityGroup",
    "InvalidSecurityGroupIDException",
    "The Security Group ID provided in the Lambda function configuration is invalid.",
)
INTERFACES_EXHAUSTED = _mode(  # (R)
    "the quota of network interfaces is used up",
    "EniLimitExceeded",
    "ENILimitReachedException",
    "Lambda was not able to create an ENI in the VPC of the Lambda function because the limit for Network "
    "Interfaces has been reached.",
)
EC2_THROTTLED = _mode(  # (I)
    "EC2 throttles Lambda",
    "EC2RequestLimitExceeded",
    "EC2ThrottledException",
    "Lambda was throttled by Amazon EC2 during Lambda function initialization using the execution role provided "
    "for the Lambda function.",
)

INTERFACES_NOT_READY = _mode(  # (I) the text, after the model's description of the error
    "the network interfaces are not ready",
    None,
    "ENINotReadyException",
    "Lambda couldn't invoke the function because the elastic network interface (ENI) configured for its VPC connection "
    "isn't ready yet. Wait a few moments and try the request again.",
)


def ec2_unexpected(code: str) -> FailureMode:
    """Return that EC2 answers the error *code*, which Lambda does not expect. (I) the text and the reason code."""
    text = f"Lambda received an unexpected Amazon EC2 client exception: {code}"
    error = ErrorTemplate("EC2UnexpectedException", text, type="Service", members=(("EC2ErrorCode", code),))
    return FailureMode(f"EC2 answers {code}", "InternalError", error)


# -- keys --------------------------------------------------------------------------------------------------------------
KEY_DISABLED = _mode(  # (D)
    "the key is disabled",
    "DisabledKMSKey",
    "KMSDisabledException",
    f"{_DECRYPT}the KMS key used is disabled.{_CHECK_KEY}",
)
KEY_GONE = _mode(  # (I)
    "the key does not exist",
    "KMSKeyNotFound",
    "KMSNotFoundException",
    f"{_DECRYPT}the KMS key was not found.{_CHECK_KEY}",
)
KEY_PENDING_DELETION = _mode(  # (I)
    "the key waits for its deletion",
    "InvalidStateKMSKey",
    "KMSInvalidStateException",
    f"{_DECRYPT}the state of the KMS key used is not valid for Decrypt.{_CHECK_KEY}",
)
KEY_DENIED = _mode(  # (I)
    "the use of the key is denied",
    "KMSKeyAccessDenied",
    "KMSAccessDeniedException",
    f"{_DECRYPT}KMS access was denied.{_CHECK_KEY}",
)

# -- file systems ------------------------------------------------------------------------------------------------------
_FILE_SYSTEMS = {  # (D): the time-outs have braces round the ARN
    "EFSIOError": (
        "reading and writing takes too long",
        "This function instance was stopped because Lambda detected an IO process that was taking too long.",
    ),
    "EFSMountConnectivityError": (
        "the file system cannot be reached",
        "The function couldn't connect to the Amazon EFS file system with access point {arn}. "
        "Check your network configuration and try again.",
    ),
    "EFSMountFailure": (
        "the file system cannot be mounted",
        "The function could not mount the EFS file system with access point {arn}.",
    ),
    "EFSMountTimeout": (
        "the file system cannot be mounted in time",
        "The function could not mount the EFS file system with access point {{{arn}}} due to mount time out.",
    ),
    "S3FilesMountConnectivityError": (
        "the S3 file system cannot be reached",
        "The function couldn't connect to the Amazon S3 file system with access point {arn}. "
        "Check your network configuration and try again.",
    ),
    "S3FilesMountFailure": (
        "the S3 file system cannot be mounted",
        "The function could not mount the Amazon S3 file system with access point {arn}.",
    ),
    "S3FilesMountTimeout": (
        "the S3 file system cannot be mounted in time",
        "The function could not mount the S3 file system with access point {{{arn}}} due to mount time out.",
    ),
}
FILE_SYSTEM_TROUBLES = {
    code: FailureMode(
        what,
        code if code.startswith("EFS") else "DependencyError",  # (I) AWS names no StateReasonCode of S3 Files
        ErrorTemplate(f"{code.removesuffix('Error')}Exception", text),
    )
    for code, (what, text) in _FILE_SYSTEMS.items()
}
"""By the StateReasonCode of EFS; Invoke's error has the same name with ``Exception`` for ``Error``, or after it."""

# -- runtimes ----------------------------------------------------------------------------------------------------------
RUNTIME_VERSION_GONE = FailureMode(  # (I) the reason code; the text is the model's description of the error
    "the runtime version does not exist",
    "InvalidRuntime",
    ErrorTemplate(
        "RuntimeVersionDeletedException",
        "The runtime version used by your function is no longer available. Update your function to use an available "
        "runtime version or runtime alias.",
    ),
)
RUNTIME_ALIAS_GONE = FailureMode(  # (I) the reason code; the text is the model's description of the error
    "the runtime alias does not exist",
    "InvalidRuntime",
    ErrorTemplate(
        "RuntimeAliasDeletedException",
        "The runtime alias for your function is no longer available. Update your function to use an available runtime "
        "alias.",
    ),
)
RUNTIME_VERSION_UNSUPPORTED = _mode(  # (I) the text, after the model's description of the error
    "the runtime version is not supported",
    "InvalidRuntime",
    "InvalidRuntimeException",
    "The runtime or runtime version specified is not supported.",
)

# -- code --------------------------------------------------------------------------------------------------------------
IMAGE_GONE = FailureMode("the image does not exist", "ImageDeleted")
IMAGE_DENIED = FailureMode("the access to the image is denied", "ImageAccessDenied")
OBJECT_GONE = FailureMode("the object does not exist", "DependencyError")  # (I) the code: AWS names none for it
OBJECT_DENIED = FailureMode("the access to the object is denied", "DependencyError")  # (I) the code
IMAGE_INVALID = FailureMode("the image cannot be run", "InvalidImage", ARTIFACT_FAILED)
OBJECT_INVALID = _mode(  # (I) the text, after the model's description of the error
    "the object cannot be unzipped",
    "InvalidZipFileException",
    "InvalidZipFileException",
    "Lambda could not unzip the deployment package.",
)
