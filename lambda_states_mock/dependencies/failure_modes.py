"""What can be wrong with the things that a function depends on, and what AWS makes of it: a reason code, or an error.

Codes and statuses are botocore's. Texts of Invoke's errors: (D) documented in troubleshooting-invocation.html,
(R) recorded, (I) inferred, after the documented one of the same family or botocore's description of the error.
"""

from __future__ import annotations

from dataclasses import dataclass

from lambda_states_mock.service_errors import ROLE_NOT_ASSUMABLE, Answer


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that can be wrong.

    Attributes:
        what: in words, for messages and the timeline.
        reason_code: the StateReasonCode or LastUpdateStatusReasonCode of a phase that fails for it.
        invoke: what Invoke answers; None where an invocation does not notice.
    """

    what: str
    reason_code: str
    invoke: Answer | None = None


def _service(code: str, text: str) -> Answer:
    return Answer(code, text, type="Service")


_DECRYPT = "Lambda was unable to decrypt the environment variables because "
_CHECK_KEY = " Please check the function's KMS key settings."

# -- answered at once --------------------------------------------------------------------------------------------------
CALLER_NOT_AUTHORIZED = Answer(  # (D); the part from "because" on as IAM says it today
    "AccessDeniedException",
    "User: {caller} is not authorized to perform: {action} on resource: {resource} because no identity-based policy "
    "allows the {action} action",
    type=None,
    status=403,
)
IMAGE_NOT_ACCESSIBLE = Answer(  # (R)
    "InvalidParameterValueException",
    "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
)
INTERFACES_NOT_PERMITTED = Answer(  # (R)
    "InvalidParameterValueException",
    "The provided execution role does not have permissions to call {action} on EC2",
)

# -- roles -------------------------------------------------------------------------------------------------------------
_ROLE = Answer("AccessDeniedException", ROLE_NOT_ASSUMABLE.text, type=None, status=403)  # (I) of Invoke, seen in public
ROLE_MISSING = Trouble("the role does not exist", "InsufficientRolePermissions", _ROLE)
ROLE_UNTRUSTING = Trouble("the role does not trust Lambda", "InsufficientRolePermissions", _ROLE)
ROLE_NOT_PROPAGATED = Trouble("the role is too new to be assumed", "InsufficientRolePermissions", _ROLE)
ROLE_LACKS_EC2 = Trouble(
    "the role may not create network interfaces",
    "InsufficientRolePermissions",
    _service("EC2AccessDeniedException", "Lambda was not able to set up VPC access: EC2 access was denied."),  # (I)
)

# -- networks ----------------------------------------------------------------------------------------------------------
SUBNET_EXHAUSTED = Trouble(
    "the subnet has no free addresses",
    "SubnetOutOfIPAddresses",
    _service(  # (I)
        "SubnetIPAddressLimitReachedException",
        "Lambda was not able to set up VPC access for the Lambda function because one or more configured subnets has "
        "no available IP addresses.",
    ),
)
SUBNET_GONE = Trouble(
    "the subnet does not exist",
    "InvalidSubnet",
    _service(  # (I)
        "InvalidSubnetIDException", "The Subnet ID provided in the Lambda function configuration is invalid."
    ),
)
GROUP_GONE = Trouble(
    "the security group does not exist",
    "InvalidSecurityGroup",
    _service(  # (I)
        "InvalidSecurityGroupIDException",
        "The Security Group ID provided in the Lambda function configuration is invalid.",
    ),
)
INTERFACES_EXHAUSTED = Trouble(
    "the quota of network interfaces is used up",
    "EniLimitExceeded",
    _service(  # (R)
        "ENILimitReachedException",
        "Lambda was not able to create an ENI in the VPC of the Lambda function because the limit for Network "
        "Interfaces has been reached.",
    ),
)
EC2_THROTTLED = Trouble(
    "EC2 throttles Lambda",
    "EC2RequestLimitExceeded",
    _service(  # (I)
        "EC2ThrottledException",
        "Lambda was throttled by Amazon EC2 during Lambda function initialization using the execution role provided "
        "for the Lambda function.",
    ),
)

# -- keys --------------------------------------------------------------------------------------------------------------
KEY_DISABLED = Trouble(
    "the key is disabled",
    "DisabledKMSKey",
    _service("KMSDisabledException", f"{_DECRYPT}the KMS key used is disabled.{_CHECK_KEY}"),  # (D)
)
KEY_GONE = Trouble(
    "the key does not exist",
    "KMSKeyNotFound",
    _service("KMSNotFoundException", f"{_DECRYPT}the KMS key was not found.{_CHECK_KEY}"),  # (I)
)
KEY_PENDING_DELETION = Trouble(
    "the key waits for its deletion",
    "InvalidStateKMSKey",
    _service(  # (I)
        "KMSInvalidStateException", f"{_DECRYPT}the state of the KMS key used is not valid for Decrypt.{_CHECK_KEY}"
    ),
)
KEY_DENIED = Trouble(
    "the use of the key is denied",
    "KMSKeyAccessDenied",
    _service("KMSAccessDeniedException", f"{_DECRYPT}KMS access was denied.{_CHECK_KEY}"),  # (I)
)

# -- file systems ------------------------------------------------------------------------------------------------------
FILE_SYSTEM_TROUBLES = {
    "EFSIOError": Trouble(
        "reading and writing takes too long",
        "EFSIOError",
        Answer(  # (D)
            "EFSIOException",
            "This function instance was stopped because Lambda detected an IO process that was taking too long.",
        ),
    ),
    "EFSMountConnectivityError": Trouble(
        "the file system cannot be reached",
        "EFSMountConnectivityError",
        Answer(  # (D)
            "EFSMountConnectivityException",
            "The function couldn't connect to the Amazon EFS file system with access point {arn}. "
            "Check your network configuration and try again.",
        ),
    ),
    "EFSMountFailure": Trouble(
        "the file system cannot be mounted",
        "EFSMountFailure",
        Answer(  # (D)
            "EFSMountFailureException",
            "The function could not mount the EFS file system with access point {arn}.",
        ),
    ),
    "EFSMountTimeout": Trouble(
        "the file system cannot be mounted in time",
        "EFSMountTimeout",
        Answer(  # (D) with braces round the ARN
            "EFSMountTimeoutException",
            "The function could not mount the EFS file system with access point {{{arn}}} due to mount time out.",
        ),
    ),
    "S3FilesMountConnectivityError": Trouble(
        "the S3 file system cannot be reached",
        "DependencyError",  # (I) here and below: AWS names no StateReasonCode of S3 Files
        Answer(  # (D)
            "S3FilesMountConnectivityException",
            "The function couldn't connect to the Amazon S3 file system with access point {arn}. "
            "Check your network configuration and try again.",
        ),
    ),
    "S3FilesMountFailure": Trouble(
        "the S3 file system cannot be mounted",
        "DependencyError",
        Answer(  # (D)
            "S3FilesMountFailureException",
            "The function could not mount the Amazon S3 file system with access point {arn}.",
        ),
    ),
    "S3FilesMountTimeout": Trouble(
        "the S3 file system cannot be mounted in time",
        "DependencyError",
        Answer(  # (D) with braces round the ARN
            "S3FilesMountTimeoutException",
            "The function could not mount the S3 file system with access point {{{arn}}} due to mount time out.",
        ),
    ),
}
"""By the StateReasonCode of EFS; Invoke's error has the same name with ``Exception`` for ``Error``, or after it."""

# -- code --------------------------------------------------------------------------------------------------------------
IMAGE_GONE = Trouble("the image does not exist", "ImageDeleted")
IMAGE_DENIED = Trouble("the access to the image is denied", "ImageAccessDenied")
OBJECT_GONE = Trouble("the object does not exist", "DependencyError")  # (I) the code: AWS names none for it
OBJECT_DENIED = Trouble("the access to the object is denied", "DependencyError")  # (I) the code
