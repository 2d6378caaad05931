"""moto beside us: what Lambda asks of IAM, S3, EC2, ECR, SQS and streams, asked of moto while it mocks them,
and what Lambda sends to SQS, SNS, EventBridge, S3 and CloudWatch. Credentials of moto's STS or IAM belong to one of its
accounts, and so do the calls made with them.

Nothing is asked of a service that moto does not mock at that moment, so that no call ever leaves the process; what is
referred to then exists (`dependencies.neighbours.NobodyBeside`).
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from functools import lru_cache, partial, wraps
from typing import Any, NamedTuple, TypeVar

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from lambda_states_mock import private_names
from lambda_states_mock.adapters import moto_requests
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.dependencies.neighbours import (
    HasLog,
    Identity,
    NeighbourError,
    NobodyBeside,
    SentRequest,
    ServiceAnswer,
)
from lambda_states_mock.dependencies.policies import (
    Decision,
    Principal,
    Request,
    evaluate,
    is_trust_policy,
    statements_of,
)
from lambda_states_mock.engine.hints import Hints
from lambda_states_mock.instants import epoch_milliseconds
from lambda_states_mock.printing import shortened
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.message import ON_SUCCESS, Message
from lambda_states_mock.resources.metric import UNITS, Measured

R = TypeVar("R")

_IAM, _STS = "moto.iam.models", "moto.sts.models"
_MODELS = "moto.core.models"
_STUBBER = "moto.core.botocore_stubber"
NOT_BUILT = "404"
"""The code that botocore finds in moto's answer where it knows no operation: "Not yet implemented", without a code."""
_creating = threading.Lock()


def is_mocked(service: str, place: Place) -> bool:
    """Tell whether moto answers for *service* in the account of *place* just now."""
    stubber = sys.modules.get(_STUBBER)
    if stubber is None or not is_active():
        return False
    if place.account != sys.modules["moto.core"].DEFAULT_ACCOUNT_ID:
        return False
    return not stubber.passthrough_service(service) and bool(stubber.service_whitelisted(service))


def is_active() -> bool:
    """Tell whether moto mocks anything just now."""
    # Where moto lacks a name, its start is refused: `refusals`.
    return bool(getattr(getattr(sys.modules.get(_MODELS), "botocore_stubber", None), "enabled", False))


class _OfMoto(NamedTuple):
    account: str
    arn: str


@lru_cache(maxsize=32)
def client_of(service: str, region: str) -> Any:
    """Return a client of *service*, whose calls moto answers."""
    # Made once: a client costs more than all that we ask of it. Its credentials are for show, its endpoint is AWS's
    # own, which moto knows, and it does not retry, since retrying sleeps and sleeping moves the clock.
    from botocore.config import Config
    from botocore.session import Session

    with _creating:
        session = Session()
        session.set_config_variable("ignore_configured_endpoint_urls", True)
        session.set_config_variable("account_id_endpoint_mode", "disabled")
        return session.create_client(
            service,
            region_name=region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",  # noqa: S106 - nobody's secret
            config=Config(retries={"total_max_attempts": 1}),
        )


_KNOWN_STREAMS = 100
"""So many log streams are remembered to be there: two requests less for each invocation."""
NO_QUEUE = "AWS.SimpleQueueService.NonExistentQueue"
TEXTS = {NO_QUEUE: "The specified queue does not exist."}
"""What SQS says, by the code. moto before 5.1 has the text of an older protocol."""


def _ask(operation: str, question: Callable[[], R], refusal: str | None = None) -> R:
    """Return the answer to *question*; *refusal*, in place of what moto says of an error."""
    try:
        return question()
    except ClientError as error:
        found = error.response["Error"]
        if found["Code"] == NOT_BUILT:
            raise
        text = refusal or TEXTS.get(found["Code"], found.get("Message", ""))
        raise NeighbourError(operation, found["Code"], text) from None


def _or_nobody(method: Callable[..., R]) -> Callable[..., R]:
    """Return *method*, which answers as if nobody were beside us where moto has not built what it asks for.

    moto raises NotImplementedError, or answers with a text that botocore's parsers, some of them of XML, cannot read.
    """

    @wraps(method)
    def asked(self: MotoNeighbours, *question: Any) -> R:
        try:
            return method(self, *question)
        except (NotImplementedError, ResponseParserError, SyntaxError):
            pass
        except ClientError as error:
            if error.response["Error"]["Code"] != NOT_BUILT:
                raise
        nobody: R = getattr(NobodyBeside, method.__name__.removeprefix("_"))(self, *question)
        return nobody

    return asked


class MotoNeighbours(NobodyBeside):
    """The services that moto mocks; for all others, as if nobody were beside us.

    Parameters: *hints*, where it says what moto takes and AWS does not; *is_there*, whether a service answers in a
    place, and *client_of*, which makes clients of it.
    """

    def __init__(
        self,
        hints: Hints,
        is_there: Callable[[str, Place], bool] = is_mocked,
        client_of: Callable[[str, str], Any] = client_of,
    ) -> None:
        self._hints = hints
        self.is_there, self.client_of = is_there, client_of
        self._streams: deque[tuple[Place, str, str]] = deque(maxlen=_KNOWN_STREAMS)

    def answer(self, request: SentRequest) -> ServiceAnswer | None:
        return moto_requests.answer(request) if is_active() else None

    @_or_nobody
    def can_assume(self, place: Place, role_arn: str, source_arn: str) -> bool:
        if not self.is_there("iam", place) or f"::{place.account}:" not in role_arn:
            return super().can_assume(place, role_arn, source_arn)
        name = role_arn.rsplit("/", 1)[-1]
        try:
            role = _ask("GetRole", lambda: self.client_of("iam", "us-east-1").get_role(RoleName=name)["Role"])
        except NeighbourError:
            return False
        if not is_trust_policy(role["AssumeRolePolicyDocument"]):
            self._hints.give(
                f'the trust policy of the role "{name}" says nothing, so Lambda may assume the role here:\n'
                f"  moto takes AssumeRolePolicyDocument={shortened(repr(role['AssumeRolePolicyDocument']))}, "
                "IAM answers MalformedPolicyDocument.\n"
                "  Give create_role() a policy that allows lambda.amazonaws.com sts:AssumeRole, to have it checked."
            )
            return True
        # (I) Lambda names itself by the function, as services do whose documentation says so.
        keys = {"aws:SourceAccount": place.account, "aws:SourceArn": source_arn}
        request = Request("sts:AssumeRole", role_arn, Principal(service="lambda.amazonaws.com"), keys)
        return evaluate(statements_of(role["AssumeRolePolicyDocument"]), request) is Decision.ALLOWED

    def identity_of(self, access_key: str) -> Identity | None:
        iam: Any = sys.modules.get(_IAM)
        if iam is None or not is_active() or not private_names.allows("adapters.moto_neighbours", "identity_of"):
            return None  # moto has given out no credentials
        for account, partitions in list(iam.iam_backends.items()):
            for partition, backend in list(partitions.items()):
                key = backend.access_keys.get(access_key)
                if key is not None:
                    return _OfMoto(account, _arn_of(key, account, partition, backend))
        return None

    @_or_nobody
    def s3_object(self, place: Place, bucket: str, key: str, version: str | None) -> bytes:
        if not self.is_there("s3", place):
            return super().s3_object(place, bucket, key, version)
        s3 = self.client_of("s3", place.region)
        location = _ask("GetObject", lambda: s3.get_bucket_location(Bucket=bucket)["LocationConstraint"]) or "us-east-1"
        if location != place.region:
            text = f"The bucket is in this region: {location}. Please use this region to retry the request"
            raise NeighbourError("GetObject", "PermanentRedirect", text)
        which = {"VersionId": version} if version else {}
        return _ask("GetObject", lambda: bytes(s3.get_object(Bucket=bucket, Key=key, **which)["Body"].read()))

    @_or_nobody
    def vpc_of(self, place: Place, subnet_ids: Sequence[str], security_group_ids: Sequence[str]) -> str:
        if not self.is_there("ec2", place):
            return super().vpc_of(place, subnet_ids, security_group_ids)
        ec2 = self.client_of("ec2", place.region)
        # Recorded: security groups are looked up first.
        for group_id in security_group_ids:
            group = partial(ec2.describe_security_groups, GroupIds=[group_id])
            _ask("DescribeSecurityGroups", group, f"The security group '{group_id}' does not exist")
        vpc_id = ""
        for subnet_id in subnet_ids:
            subnet = partial(ec2.describe_subnets, SubnetIds=[subnet_id])
            answer = _ask("DescribeSubnets", subnet, f"The subnet ID '{subnet_id}' does not exist")
            vpc_id = answer["Subnets"][0]["VpcId"]
        return vpc_id

    @_or_nobody
    def image_digest(self, place: Place, uri: str) -> str:
        host, _, path = uri.partition("/")
        if ".dkr.ecr." not in host or not self.is_there("ecr", place):
            return super().image_digest(place, uri)
        repository, _, digest = path.partition("@")
        repository, _, tag = repository.partition(":")
        image = {"imageDigest": digest} if digest else {"imageTag": tag or "latest"}
        ecr = self.client_of("ecr", place.region)
        found = _ask("DescribeImages", lambda: ecr.describe_images(repositoryName=repository, imageIds=[image]))
        return str(found["imageDetails"][0]["imageDigest"]).removeprefix("sha256:")

    @_or_nobody
    def key_state(self, key_arn: str) -> str:
        place = _place_of(key_arn)
        if place is None or not self.is_there("kms", place):
            return super().key_state(key_arn)
        kms = self.client_of("kms", place.region)
        return str(_ask("DescribeKey", lambda: kms.describe_key(KeyId=key_arn)["KeyMetadata"]["KeyState"]))

    @_or_nobody
    def queue_visibility(self, queue_arn: str) -> int | None:
        region, account = queue_arn.split(":")[3:5]
        if not self.is_there("sqs", Place(account, region)):
            return super().queue_visibility(queue_arn)
        sqs = self.client_of("sqs", region)

        def visibility() -> int:
            url = _url(sqs, queue_arn)
            answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
            return int(answer["Attributes"]["VisibilityTimeout"])

        return _ask("ReceiveMessage", visibility)

    @_or_nobody
    def check_stream(self, stream_arn: str) -> None:
        _, _, service, region, account, resource = stream_arn.split(":", 5)
        if not self.is_there(service, Place(account, region)):
            return
        if service == "kinesis":
            kinesis, name = self.client_of("kinesis", region), resource.split("/")[1]
            _ask("DescribeStream", lambda: kinesis.describe_stream_summary(StreamName=name))
        else:
            streams = self.client_of("dynamodbstreams", region)
            _ask("DescribeStream", lambda: streams.describe_stream(StreamArn=stream_arn))

    @_or_nobody
    def deliver(self, place: Place, message: Message) -> None:
        service, where = message.service, _place_of(message.target) or place
        if self.is_there(service, where):
            _ask(message.kind, lambda: _DELIVERIES[service](self.client_of(service, where.region), message))

    def put_metrics(self, place: Place, measured: Sequence[Measured]) -> None:
        if self.is_any_there():  # each Invoke has several
            self._put_metrics(place, measured)

    @_or_nobody
    def _put_metrics(self, place: Place, measured: Sequence[Measured]) -> None:
        if not self.is_there("cloudwatch", place):
            return
        cloudwatch = self.client_of("cloudwatch", place.region)
        with suppress(ClientError):  # what cannot be kept is no concern of the function's
            data = [datum for one in measured for datum in _metric_data(one)]
            cloudwatch.put_metric_data(Namespace="AWS/Lambda", MetricData=data)

    def put_log(self, place: Place, group: str, stream: str, log: HasLog) -> None:
        if self.is_any_there():
            self._put_log(place, group, stream, log)

    @_or_nobody
    def _put_log(self, place: Place, group: str, stream: str, log: HasLog) -> None:
        if not self.is_there("logs", place) or not self.takes_logs():
            return
        logs = self.client_of("logs", place.region)
        names = {"logGroupName": group, "logStreamName": stream}
        known = place, group, stream
        is_known = known in self._streams
        events = [{"timestamp": epoch_milliseconds(at), "message": text or "\n"} for at, text in log.log_events]
        if not (is_known and events):
            _make_stream(logs, **names)
        if not is_known:
            self._streams.append(known)
        if events:
            with suppress(ClientError), self.logging_at(log.log_events[-1][0]):
                try:
                    logs.put_log_events(**names, logEvents=events)
                except logs.exceptions.ResourceNotFoundException:  # somebody has deleted it
                    _make_stream(logs, **names)
                    logs.put_log_events(**names, logEvents=events)

    def is_any_there(self) -> bool:
        """Tell whether there may be any of these services."""
        return is_active()

    def takes_logs(self) -> bool:
        """Tell whether what is logged can be written as of the mock's time."""
        return private_names.allows("adapters.moto_neighbours", "put_log")

    def logging_at(self, now: datetime) -> AbstractContextManager[None]:
        """Let those who keep the logs think that it is *now*."""
        return _logging_at(now)


def _make_stream(logs: Any, **names: str) -> None:
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=names["logGroupName"])
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_stream(**names)


def _arn_of(key: Any, account: str, partition: str, backend: Any) -> str:
    """Return the ARN of whoever has moto's *key*: a user, or a session of a role."""
    if key.user_name:
        return str(backend.get_user(key.user_name).arn)
    sts: Any = sys.modules.get(_STS)
    session = sts and sts.sts_backends[account][partition].get_assumed_role_from_access_key(key.access_key_id)
    return str(session.arn) if session else f"arn:{partition}:iam::{account}:root"


@contextmanager
def _logging_at(now: datetime) -> Iterator[None]:
    """Let moto think that it is *now*: it refuses what is older than two weeks, or of tomorrow, by the real clock."""
    patches = Patches()
    patches.set(sys.modules["moto.logs.models"], "utcnow", lambda: now.replace(tzinfo=None))
    try:
        yield
    finally:
        patches.restore()


def _place_of(arn: str) -> Place | None:
    """Return the place that *arn* names; None for a bucket, whose ARN names none."""
    region, account = arn.split(":")[3:5]
    return Place(account, region) if region and account else None


def send_to_queue(queue_arn: str, body: str, attributes: Mapping[str, str] | None = None) -> None:
    """Send a message with *attributes* that are texts to a queue of moto; one that is not there gets nothing."""
    sqs = client_of("sqs", queue_arn.split(":")[3])
    with suppress(ClientError):
        sqs.send_message(
            QueueUrl=_url(sqs, queue_arn), MessageBody=body, MessageAttributes=_attributes(attributes or {})
        )


def _send_to_queue(sqs: Any, message: Message) -> None:
    system = {"AWSTraceHeader": {"DataType": "String", "StringValue": message.trace}} if message.trace else {}
    sqs.send_message(
        QueueUrl=_url(sqs, message.target),
        MessageBody=message.body,
        MessageAttributes=_attributes(message.attributes),
        MessageSystemAttributes=system,  # recorded of a destination and of a dead-letter queue
    )


def _publish(sns: Any, message: Message) -> None:
    sns.publish(TopicArn=message.target, Message=message.body, MessageAttributes=_attributes(message.attributes))


def _put_event(events: Any, message: Message) -> None:
    outcome = "Success" if message.kind == ON_SUCCESS else "Failure"
    entry = {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {outcome}",
        "Resources": [message.source, message.target],
        "Detail": message.body,
        "EventBusName": message.target,
        "Time": message.at,
    }
    answer = events.put_events(Entries=[entry])["Entries"][0]
    if "ErrorCode" in answer:
        raise NeighbourError("PutEvents", answer["ErrorCode"], answer.get("ErrorMessage", ""))


def _put_object(s3: Any, message: Message) -> None:
    s3.put_object(Bucket=message.target.split(":")[5], Key=message.key, Body=message.body.encode())


_DELIVERIES: dict[str, Callable[[Any, Message], None]] = {
    "sqs": _send_to_queue,
    "sns": _publish,
    "events": _put_event,
    "s3": _put_object,
}


def _url(sqs: Any, queue_arn: str) -> str:
    account, name = queue_arn.split(":")[4:6]
    return str(sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"])


def _attributes(attributes: Mapping[str, str | int]) -> dict[str, dict[str, str]]:
    return {
        name: {"DataType": "Number" if isinstance(value, int) else "String", "StringValue": str(value)}
        for name, value in attributes.items()
    }


def _metric_data(measured: Measured) -> Iterator[dict[str, Any]]:
    """Yield each value with all its dimensions: moto finds it by any of them, too, where AWS keeps one for each set."""
    dimensions = []
    if measured.mapping is not None:
        dimensions.append({"Name": "EventSourceMappingUUID", "Value": measured.mapping})
    elif measured.function is not None:
        dimensions.append({"Name": "FunctionName", "Value": measured.function})
        if measured.resource is not None:
            dimensions.append({"Name": "Resource", "Value": measured.resource})
    for name, value in measured.values.items():
        datum = {"MetricName": name, "Value": float(value), "Unit": UNITS[name]}
        yield {**datum, "Timestamp": measured.at, "Dimensions": dimensions}
