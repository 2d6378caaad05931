"""What Lambda asks of other AWS services: is the role there, is the code there, do the subnets exist ...

`NobodyBeside` answers when no mock of theirs is active: everything referred to exists and works.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.message import Message
from lambda_states_mock.resources.metric import Measured


class NeighbourError(Exception):
    """A neighbour's own error answer. Parameters: the *operation* asked of it, its error *code* and *message*."""

    def __init__(self, operation: str, code: str, message: str) -> None:
        super().__init__(f"{operation}: {code}: {message}")
        self.operation = operation
        self.code = code
        self.message = message


class SentRequest(NamedTuple):
    """A request for a service beside Lambda, as it was sent over HTTP.

    Parameters: *service*, the name under which it was signed; *path*, with its query; *headers*, by names in lower
    case.
    """

    service: str
    region: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class ServiceAnswer(NamedTuple):
    """What a service has answered to it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Identity(Protocol):
    """Who has credentials."""

    @property
    def account(self) -> str:
        """The account, twelve digits."""

    @property
    def arn(self) -> str:
        """The ARN of a user, or of a session of a role."""


class HasLog(Protocol):
    """Something that has written into a log: a run of a function."""

    @property
    def log_events(self) -> Sequence[tuple[datetime, str]]:
        """The events, and when each was written."""


class Neighbours(Protocol):
    """The services beside Lambda, as Lambda sees them. Each raises NeighbourError with what the service answers."""

    def can_assume(self, place: Place, role_arn: str, source_arn: str) -> bool:
        """Tell whether Lambda may assume the role (IAM) on behalf of the function or capacity provider *source_arn*."""

    def identity_of(self, access_key: str) -> Identity | None:
        """Return whose key this is, of a user (IAM) or of a session of a role (STS); None: it is not known."""

    def s3_object(self, place: Place, bucket: str, key: str, version: str | None) -> bytes:
        """Return the bytes of an object (S3)."""

    def vpc_of(self, place: Place, subnet_ids: Sequence[str], security_group_ids: Sequence[str]) -> str:
        """Return the id of the VPC that the subnets are in, where all of them and the groups exist (EC2)."""

    def image_digest(self, place: Place, uri: str) -> str:
        """Return the 64 hexadecimal digits of the image's digest (ECR)."""

    def key_state(self, key_arn: str) -> str:
        """Return the state of a key that exists: ``Enabled``, ``Disabled``, ``PendingDeletion`` ... (KMS)."""

    def queue_visibility(self, queue_arn: str) -> int | None:
        """Return the seconds for which a queue that exists hides a message that was received; None: not known (SQS)."""

    def check_stream(self, stream_arn: str) -> None:
        """Return if a stream exists: of Kinesis, a consumer of one, or the stream of a DynamoDB table."""

    def deliver(self, place: Place, message: Message) -> None:
        """Hand *message* to its target: a queue, a topic, an event bus or a bucket."""

    def put_metrics(self, place: Place, measured: Sequence[Measured]) -> None:
        """Hand values of metrics to CloudWatch."""

    def put_log(self, place: Place, group: str, stream: str, log: HasLog) -> None:
        """Hand what a function has logged to CloudWatch Logs."""

    def answer(self, request: SentRequest) -> ServiceAnswer | None:
        """Return the answer to a request from a function's own process; None where nobody answers for the service."""


class NobodyBeside:
    """No neighbour is mocked: whatever is referred to exists, and is the same each time."""

    def can_assume(self, place: Place, role_arn: str, source_arn: str) -> bool:  # noqa: ARG002
        return True

    def identity_of(self, access_key: str) -> Identity | None:  # noqa: ARG002
        return None

    def s3_object(self, place: Place, bucket: str, key: str, version: str | None) -> bytes:  # noqa: ARG002
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            entry = zipfile.ZipInfo("SOURCE", date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, f"s3://{bucket}/{key}" + (f"?versionId={version}" if version else ""))
        return content.getvalue()

    def vpc_of(self, place: Place, subnet_ids: Sequence[str], security_group_ids: Sequence[str]) -> str:  # noqa: ARG002
        return "vpc-" + hashlib.sha256(",".join([place.account, place.region]).encode()).hexdigest()[:17]

    def image_digest(self, place: Place, uri: str) -> str:  # noqa: ARG002
        return hashlib.sha256(uri.encode()).hexdigest()

    def key_state(self, key_arn: str) -> str:  # noqa: ARG002
        return "Enabled"

    def queue_visibility(self, queue_arn: str) -> int | None:  # noqa: ARG002
        return None

    def check_stream(self, stream_arn: str) -> None:
        """Every stream exists."""

    def deliver(self, place: Place, message: Message) -> None:
        """Everything arrives."""

    def put_metrics(self, place: Place, measured: Sequence[Measured]) -> None:
        """Nobody looks."""

    def put_log(self, place: Place, group: str, stream: str, log: HasLog) -> None:
        """Nobody looks."""

    def answer(self, request: SentRequest) -> ServiceAnswer | None:  # noqa: ARG002
        return None
