"""What Invoke can answer besides a result (invocation.md, section 5), row by row: the status of each exception, whose
fault it is, and how a test comes to it: by what it does, by what it says of the world, or by a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock
from lambda_states_mock.api_model import lambda_model, modelled_errors
from lambda_states_mock.engine.call_faults import UNMODELLED
from tests.deploying import ARN, create, zip_of
from tests.newest_client import newest_client

IN_MODEL = modelled_errors("Invoke")
VPC = {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
POINT = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0"
MOUNTED = {**VPC, "FileSystemConfigs": [{"Arn": POINT, "LocalMountPath": "/mnt/data"}]}
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1"
FROM_IMAGE = {"PackageType": "Image", "Code": {"ImageUri": IMAGE}, "Runtime": None, "Handler": None}
SNAP_START = {"SnapStart": {"ApplyOn": "PublishedVersions"}, "Publish": True}
HOOK = "from snapshot_restore_py import register_after_restore\n@register_after_restore\ndef after(): 1 / 0\n"

Prepare = Callable[[LambdaMock, Any], object]


@dataclass(frozen=True)
class Row:
    """One exception.

    Parameters: *prepare*, what brings it about once the function is there, a fault where there is none; *made*, how the
    function is made; *asked*, for the Invoke; *reason*, the member ``Reason``; *code*, on the wire if that is another.
    """

    status: int
    message: str | None = None
    prepare: Prepare | None = None
    made: dict[str, Any] | None = None
    asked: dict[str, Any] | None = None
    reason: str | None = None
    code: str | None = None
    settled: bool = True


def nothing(mock: LambdaMock, client: Any) -> None:
    """What is asked is enough."""


def loop(mock: LambdaMock, client: Any) -> None:
    mock.limits.recursions = 0


def failed_restoration(spoil: Callable[[LambdaMock], object]) -> Prepare:
    """Return what lets the network fail the way back of a function that was idle."""

    def prepare(mock: LambdaMock, client: Any) -> None:
        mock.function("orders").idle()
        spoil(mock)
        with pytest.raises(ClientError):
            client.invoke(FunctionName="orders")
        mock.clock.advance(60)

    return prepare


BROKEN: dict[str, Any] = {"Payload": b"{"}
OF_STATE = "The operation cannot be performed at this time. The function is currently in the following state: Pending"
DECRYPT = "Lambda was unable to decrypt the environment variables because "
EFS, S3 = "The function couldn't connect to the Amazon EFS", "The function couldn't connect to the Amazon S3"

ROWS = {
    "ResourceNotFoundException": Row(
        404, f"Function not found: {ARN}orders:nobody", asked={"Qualifier": "nobody"}, prepare=nothing
    ),
    "ResourceConflictException": Row(409, OF_STATE, settled=False, prepare=nothing),
    "TooManyRequestsException": Row(
        429, "Rate Exceeded.", reason="ReservedFunctionConcurrentInvocationLimitExceeded",
        prepare=lambda m, c: c.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0),
    ),
    "InvalidRequestContentException": Row(
        400, "Could not parse request body into json: ", asked=BROKEN, prepare=nothing
    ),
    "RequestTooLargeException": Row(
        413, "Request must be smaller than 10 bytes for the InvokeFunction operation",
        asked={"Payload": b'"more than ten"'}, code="RequestEntityTooLargeException",
        prepare=lambda m, c: setattr(m.limits, "sync_payload_bytes", 10),
    ),
    "SerializedRequestEntityTooLargeException": Row(413),
    "UnsupportedMediaTypeException": Row(415),
    "InvalidParameterValueException": Row(
        400, "The derived qualifier from the function name does not match the specified qualifier.",
        asked={"FunctionName": "orders:1", "Qualifier": "2"}, prepare=nothing,
    ),
    "ValidationException": Row(
        400, "1 validation error detected: Value 'or ders' at 'functionName' failed to satisfy constraint: ",
        asked={"FunctionName": "or ders"}, prepare=nothing,
    ),
    "NoPublishedVersionException": Row(400),
    "RuntimeAliasDeletedException": Row(409),
    "RuntimeVersionDeletedException": Row(409),
    "ModeNotSupportedException": Row(400),
    "RecursiveInvocationException": Row(400, "Lambda has detected your function being invoked in a ", prepare=loop),
    "DurableExecutionAlreadyStartedException": Row(409),
    "ServiceQuotaExceededException": Row(402),
    "ServiceException": Row(500),
    "ResourceNotReadyException": Row(502, made=VPC, prepare=lambda m, c: m.function("orders").idle()),
    "CodeArtifactUserPendingException": Row(
        409, "Lambda is initializing your function. It will be ready to invoke shortly.",
        prepare=lambda m, c: m.function("orders").idle(),
    ),
    "CodeArtifactUserDeletedException": Row(409, made=FROM_IMAGE, prepare=lambda m, c: m.world.images[IMAGE].delete()),
    "CodeArtifactUserFailedException": Row(409),
    "SnapStartException": Row(
        400, made={**SNAP_START, "Code": {"ZipFile": zip_of(f"{HOOK}def handler(e, c): pass")}},
        asked={"Qualifier": "1"}, prepare=nothing,
    ),
    "SnapStartNotReadyException": Row(
        409,
        "Lambda is initializing your function. It will be ready to invoke once your function state becomes ACTIVE.",
        made={**SNAP_START, "Runtime": "java21"}, asked={"Qualifier": "1"},
        prepare=lambda m, c: m.function("orders").version(1).idle(),
    ),
    "SnapStartTimeoutException": Row(
        408, "Lambda couldn't restore the snapshot within the timeout limit.", made=SNAP_START,
        asked={"Qualifier": "1"}, prepare=lambda m, c: m.handler("orders", returns=1, restore=11),
    ),
    "SnapStartRegenerationFailureException": Row(409),
    "EFSIOException": Row(
        410, "This function instance was stopped because Lambda detected an IO process that was taking too long.",
        made=MOUNTED, prepare=lambda m, c: m.world.access_points[POINT].fail("EFSIOError"),
    ),
    "EFSMountConnectivityException": Row(
        408, f"{EFS} file system with access point {POINT}.", made=MOUNTED,
        prepare=lambda m, c: m.world.access_points[POINT].fail("EFSMountConnectivityError"),
    ),
    "EFSMountFailureException": Row(
        403, f"The function could not mount the EFS file system with access point {POINT}.", made=MOUNTED,
        prepare=lambda m, c: m.world.access_points[POINT].fail("EFSMountFailure"),
    ),
    "EFSMountTimeoutException": Row(
        408, f"The function could not mount the EFS file system with access point {{{POINT}}} due to mount time out.",
        made=MOUNTED, prepare=lambda m, c: m.world.access_points[POINT].fail("EFSMountTimeout"),
    ),
    "S3FilesMountConnectivityException": Row(
        408, f"{S3} file system with access point {POINT}.", made=MOUNTED,
        prepare=lambda m, c: m.world.access_points[POINT].fail("S3FilesMountConnectivityError"),
    ),
    "S3FilesMountFailureException": Row(
        403, f"The function could not mount the Amazon S3 file system with access point {POINT}.", made=MOUNTED,
        prepare=lambda m, c: m.world.access_points[POINT].fail("S3FilesMountFailure"),
    ),
    "S3FilesMountTimeoutException": Row(
        408, f"The function could not mount the S3 file system with access point {{{POINT}}} due to mount time out.",
        made=MOUNTED, prepare=lambda m, c: m.world.access_points[POINT].fail("S3FilesMountTimeout"),
    ),
    "EC2AccessDeniedException": Row(
        502, made=VPC, prepare=failed_restoration(lambda m: m.world.roles["orders"].deny("ec2:CreateNetworkInterface"))
    ),
    "EC2ThrottledException": Row(
        502, made=VPC, prepare=failed_restoration(lambda m: m.world.network_interfaces.throttle())
    ),
    "EC2UnexpectedException": Row(502),
    "ENILimitReachedException": Row(
        502, "Lambda was not able to create an ENI in the VPC of the Lambda function because the limit for Network "
        "Interfaces has been reached.",
        made=VPC, prepare=failed_restoration(lambda m: m.world.network_interfaces.exhaust()),
    ),
    "ENINotReadyException": Row(502),
    "SubnetIPAddressLimitReachedException": Row(
        502, made=VPC, prepare=failed_restoration(lambda m: m.world.subnets["subnet-1"].exhaust())
    ),
    "InvalidSecurityGroupIDException": Row(
        502, made=VPC, prepare=lambda m, c: m.world.security_groups["sg-1"].delete()
    ),
    "InvalidSubnetIDException": Row(502, made=VPC, prepare=lambda m, c: m.world.subnets["subnet-1"].delete()),
    "InvalidRuntimeException": Row(502),
    "InvalidZipFileException": Row(502),
    "KMSAccessDeniedException": Row(
        502, DECRYPT, made={"KMSKeyArn": KEY}, prepare=lambda m, c: m.world.keys[KEY].deny()
    ),
    "KMSDisabledException": Row(
        502, f"{DECRYPT}the KMS key used is disabled. Please check the function's KMS key settings.",
        made={"KMSKeyArn": KEY}, prepare=lambda m, c: m.world.keys[KEY].disable(),
    ),
    "KMSInvalidStateException": Row(
        502, DECRYPT, made={"KMSKeyArn": KEY}, prepare=lambda m, c: m.world.keys[KEY].schedule_deletion()
    ),
    "KMSNotFoundException": Row(
        502, DECRYPT, made={"KMSKeyArn": KEY}, prepare=lambda m, c: m.world.keys[KEY].delete()
    ),
    "AccessDeniedException": Row(
        403, "User: ", prepare=lambda m, c: m.world.deny("lambda:InvokeFunction")
    ),
}  # fmt: skip
NOT_IN_THE_MODEL = {"ValidationException", "AccessDeniedException"}


@pytest.fixture
def once(mock: LambdaMock) -> Any:
    """A client that does not try again: a 502 is retried, and the clock would move."""
    return newest_client(Config(retries={"total_max_attempts": 1}))


def test_no_exception_of_invoke_has_been_left_out() -> None:
    assert set(ROWS) == IN_MODEL | NOT_IN_THE_MODEL


@pytest.mark.parametrize(("name", "row"), ROWS.items(), ids=ROWS.keys())
def test_an_exception_has_its_status_and_its_words(mock: LambdaMock, once: Any, name: str, row: Row) -> None:
    create(once, **(row.made or {}))
    if name != "SnapStartException":
        mock.handler("orders", returns=1)
    if row.settled:
        mock.clock.run_until_idle()
    if row.prepare is not None:
        row.prepare(mock, once)
    else:
        mock.faults.on_call("Invoke").error(name)

    with pytest.raises(ClientError) as caught:
        once.invoke(**{"FunctionName": "orders", **(row.asked or {})})

    answer: Any = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (row.code or name, row.status)
    assert answer["Error"]["Message"].startswith(row.message or "")
    assert answer.get("Reason") == row.reason


@pytest.mark.parametrize("name", sorted(IN_MODEL))
def test_a_fault_can_be_each_of_them(mock: LambdaMock, once: Any, name: str) -> None:
    create(once)
    mock.clock.run_until_idle()
    mock.faults.on_call("Invoke").error(name, "as it was told")

    with pytest.raises(getattr(once.exceptions, name)) as caught:
        once.invoke(FunctionName="orders")

    answer: Any = caught.value.response
    assert answer["Error"]["Message"] == "as it was told"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == ROWS[name].status
    error = lambda_model().shape(name).traits["error"]
    assert answer["Type"] == ("User" if error.get("senderFault") else "Service")


@pytest.mark.parametrize("name", sorted(UNMODELLED))
def test_a_fault_can_be_what_any_call_may_be_answered(mock: LambdaMock, once: Any, name: str) -> None:
    mock.faults.on_call("Invoke").error(name)

    with pytest.raises(ClientError) as caught:
        once.invoke(FunctionName="orders")

    answer: Any = caught.value.response
    assert (answer["Error"]["Code"], answer.get("Type")) == (name, None)
