"""What can be wrong with the things that a function depends on, and what AWS makes of it: a reason code, or an error.

Codes and statuses are botocore's. Texts of Invoke's errors: (D) documented in troubleshooting-invocation.html,
(R) recorded, (I) inferred, after the documented one of the same family or botocore's description of the error.
"""

from __future__ import annotations

from dataclasses import dataclass

from lambda_states_mock.service_errors import ROLE_NOT_ASSUMABLE, ErrorTemplate


@dataclass(frozen=True, slots=True)
class FailureMode:
    """One thing that can be wrong."""

    what: str  # in words, for messages and the timeline
    reason_code: str  # the StateReasonCode or LastUpdateStatusReasonCode of a phase that fails for it
    invoke: ErrorTemplate | None = None  # what Invoke answers; None where an invocation does not notice


def _service(code: str, text: str) -> ErrorTemplate:
    return ErrorTemplate(code, text, type="Service")


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
ROLE_LACKS_EC2 = FailureMode(
    "the role may not create network interfaces",
    "InsufficientRolePermissions",
    _service("EC2AccessDeniedException", "Lambda was not able to set up VPC access: EC2 access was denied."),  # (I)
)

# -- networks ----------------------------------------------------------------------------------------------------------
SUBNET_EXHAUSTED = FailureMode(
    "the subnet has no free addresses",
    "SubnetOutOfIPAddresses",
    _service(  # (I)
        "SubnetIPAddressLimitReachedException",
        "Lambda was not able to set up VPC access for the Lambda function because one or more configured subnets has "
        "no available IP addresses.",
    ),
)
SUBNET_GONE = FailureMode(
    "the subnet does not exist",
    "InvalidSubnet",
    _service(  # (I)
        "InvalidSubnetIDException", "The Subnet ID provided in the Lambda function configuration is invalid."
    ),
)
GROUP_GONE = FailureMode(
    "the security group does not exist",
    "InvalidSecurityGroup",
    _service(  # (I)
        "InvalidSecurityGroupIDException",
        "The Security Group ID provided in the Lambda function configuration is invalid.",
    ),
)
INTERFACES_EXHAUSTED = FailureMode(
    "the quota of network interfaces is used up",
    "EniLimitExceeded",
    _service(  # (R)
        "ENILimitReachedException",
        "Lambda was not able to create an ENI in the VPC of the Lambda function because the limit for Network "
        "Interfaces has been reached.",
    ),
)
EC2_THROTTLED = FailureMode(
    "EC2 throttles Lambda",
    "EC2RequestLimitExceeded",
    _service(  # (I)
        "EC2ThrottledException",
        "Lambda was throttled by Amazon EC2 during Lambda function initialization using the execution role provided "
        "for the Lambda function.",
    ),
)

# -- keys --------------------------------------------------------------------------------------------------------------
KEY_DISABLED = FailureMode(
    "the key is disabled",
    "DisabledKMSKey",
    _service("KMSDisabledException", f"{_DECRYPT}the KMS key used is disabled.{_CHECK_KEY}"),  # (D)
)
KEY_GONE = FailureMode(
    "the key does not exist",
    "KMSKeyNotFound",
    _service("KMSNotFoundException", f"{_DECRYPT}the KMS key was not found.{_CHECK_KEY}"),  # (I)
)
KEY_PENDING_DELETION = FailureMode(
    "the key waits for its deletion",
    "InvalidStateKMSKey",
    _service(  # (I)
        "KMSInvalidStateException", f"{_DECRYPT}the state of the KMS key used is not valid for Decrypt.{_CHECK_KEY}"
    ),
)
KEY_DENIED = FailureMode(
    "the use of the key is denied",
    "KMSKeyAccessDenied",
    _service("KMSAccessDeniedException", f"{_DECRYPT}KMS access was denied.{_CHECK_KEY}"),  # (I)
)

# -- file systems ------------------------------------------------------------------------------------------------------
FILE_SYSTEM_TROUBLES = {
    "EFSIOError": FailureMode(
        "reading and writing takes too long",
        "EFSIOError",
        ErrorTemplate(  # (D)
            "EFSIOException",
            "This function instance was stopped because Lambda detected an IO process that was taking too long.",
        ),
    ),
    "EFSMountConnectivityError": FailureMode(
        "the file system cannot be reached",
        "EFSMountConnectivityError",
        ErrorTemplate(  # (D)
            "EFSMountConnectivityException",
            "The function couldn't connect to the Amazon EFS file system with access point {arn}. "
            "Check your network configuration and try again.",
        ),
    ),
    "EFSMountFailure": FailureMode(
        "the file system cannot be mounted",
        "EFSMountFailure",
        ErrorTemplate(  # (D)
            "EFSMountFailureException", "The function could not mount the EFS file system with access point {arn}."
        ),
    ),
    "EFSMountTimeout": FailureMode(
        "the file system cannot be mounted in time",
        "EFSMountTimeout",
        ErrorTemplate(  # (D) with braces round the ARN
            "EFSMountTimeoutException",
            "The function could not mount the EFS file system with access point {{{arn}}} due to mount time out.",
        ),
    ),
    "S3FilesMountConnectivityError": FailureMode(
        "the S3 file system cannot be reached",
        "DependencyError",  # (I) here and below: AWS names no StateReasonCode of S3 Files
        ErrorTemplate(  # (D)
            "S3FilesMountConnectivityException",
            "The function couldn't connect to the Amazon S3 file system with access point {arn}. "
            "Check your network configuration and try again.",
        ),
    ),
    "S3FilesMountFailure": FailureMode(
        "the S3 file system cannot be mounted",
        "DependencyError",
        ErrorTemplate(  # (D)
            "S3FilesMountFailureException",
            "The function could not mount the Amazon S3 file system with access point {arn}.",
        ),
    ),
    "S3FilesMountTimeout": FailureMode(
        "the S3 file system cannot be mounted in time",
        "DependencyError",
        ErrorTemplate(  # (D) with braces round the ARN
            "S3FilesMountTimeoutException",
            "The function could not mount the S3 file system with access point {{{arn}}} due to mount time out.",
        ),
    ),
}
"""By the StateReasonCode of EFS; Invoke's error has the same name with ``Exception`` for ``Error``, or after it."""

# -- code --------------------------------------------------------------------------------------------------------------
IMAGE_GONE = FailureMode("the image does not exist", "ImageDeleted")
IMAGE_DENIED = FailureMode("the access to the image is denied", "ImageAccessDenied")
OBJECT_GONE = FailureMode("the object does not exist", "DependencyError")  # (I) the code: AWS names none for it
OBJECT_DENIED = FailureMode("the access to the object is denied", "DependencyError")  # (I) the code
