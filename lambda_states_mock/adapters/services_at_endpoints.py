"""Other services at addresses of this machine's: moto's server, LocalStack. What Lambda asks of them goes there.

The variables are those of the AWS SDKs: ``AWS_ENDPOINT_URL_SQS`` and the like for one service, ``AWS_ENDPOINT_URL`` for
all others. https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from lambda_states_mock.adapters.moto_neighbours import MotoNeighbours
from lambda_states_mock.adapters.moto_sources import MotoQueue
from lambda_states_mock.adapters.moto_time import now
from lambda_states_mock.dependencies.neighbours import Identity, SentRequest, ServiceAnswer
from lambda_states_mock.engine.hints import Hints
from lambda_states_mock.event_sources.queue_poller import QueueSource
from lambda_states_mock.event_sources.stream_source import StreamSource
from lambda_states_mock.http_exchange import exchange
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.event_source_mapping import Source

FOR_ALL, IGNORED = "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
VARIABLES: Mapping[str, str] = {
    service: f"{FOR_ALL}_{identifier}"
    for service, identifier in {
        "iam": "IAM",
        "s3": "S3",
        "ec2": "EC2",
        "ecr": "ECR",
        "kms": "KMS",
        "sqs": "SQS",
        "sns": "SNS",
        "events": "EVENTBRIDGE",
        "cloudwatch": "CLOUDWATCH",
        "logs": "CLOUDWATCH_LOGS",
        "kinesis": "KINESIS",
        "dynamodb": "DYNAMODB_STREAMS",
    }.items()
}
"""By the services that Lambda asks: the variable with the address of one."""
LOOKS_AGAIN = timedelta(seconds=20)
"""How much later a poller looks at a queue again. Lambda's long polls last as long; here nobody says what arrives."""
LONGEST_ANSWER = 25.0
"""Seconds of real time for which a service is waited for, that a function asks."""
_PER_CONNECTION = frozenset({"connection", "content-length", "host", "transfer-encoding"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ServicesAtEndpoints:
    """The services that have an address.

    Parameters: *urls*, by the names that botocore has for services; *url_of_others*, None where those have none.
    """

    def __init__(self, urls: Mapping[str, str], url_of_others: str | None, access_key: str, secret_key: str) -> None:
        self._urls, self._url_of_others = urls, url_of_others
        self._keys = access_key, secret_key
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = threading.Lock()

    def __str__(self) -> str:
        return ", ".join(dict.fromkeys(self._urls.values()))

    def is_there(self, service: str, place: Place) -> bool:  # noqa: ARG002 - who has the keys has one account
        """Tell whether *service* has an address."""
        return service in self._urls

    def client_of(self, service: str, region: str) -> Any:
        """Return a client of *service* at its address. It does not try again: that would move the clock."""
        from botocore.config import Config
        from botocore.session import Session

        with self._making:
            if (service, region) not in self._clients:
                self._clients[service, region] = Session().create_client(
                    service,
                    region_name=region,
                    endpoint_url=self._urls[service],
                    aws_access_key_id=self._keys[0],
                    aws_secret_access_key=self._keys[1],
                    config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
                )
            return self._clients[service, region]

    def forwarded(self, request: SentRequest) -> ServiceAnswer | None:
        """Return what the service answers to a *request* that a function has sent; None where it has no address."""
        url = self._urls.get(request.service, self._url_of_others)
        if url is None:
            return None
        split = urlsplit(url)
        scheme, target = "https" if split.scheme == "https" else "http", split.path.rstrip("/") + request.path
        sent = {name: value for name, value in request.headers.items() if name not in _PER_CONNECTION}
        told = exchange(scheme, split.netloc, request.method, target, request.body, sent, seconds=LONGEST_ANSWER)
        kept = {name: value for name, value in told.headers if name.lower() not in _PER_CONNECTION}
        return ServiceAnswer(told.status, kept, told.body)

    def makers(self) -> dict[str, Callable[..., Any]]:
        """Return what makes the parts of a mock that ask these services."""
        return {
            "make_neighbours": lambda hints: _Neighbours(hints, self),
            "make_sources": lambda: _Sources(self),
        }


def services_at_endpoints(variables: Mapping[str, str], own_port: int) -> ServicesAtEndpoints | None:
    """Return the services to which *variables* of a process give addresses; None without any.

    Parameters: *own_port*, of this server: who sets ``AWS_ENDPOINT_URL`` to it means its clients.
    """
    if variables.get(IGNORED, "").lower() == "true":
        return None
    given = {service: variables.get(name) or variables.get(FOR_ALL) for service, name in VARIABLES.items()}
    others = variables.get(FOR_ALL) or None
    urls = {service: url for service, url in given.items() if url and not _is_own(url, own_port)}
    if not urls:
        return None
    others = None if others is not None and _is_own(others, own_port) else others
    key, secret = variables.get("AWS_ACCESS_KEY_ID"), variables.get("AWS_SECRET_ACCESS_KEY")
    return ServicesAtEndpoints(urls, others, key or "testing", secret or "testing")


def _is_own(url: str, port: int) -> bool:
    split = urlsplit(url)
    return split.hostname in _LOOPBACK and split.port == port


class _Neighbours(MotoNeighbours):
    """What Lambda asks and sends, as of moto: the services answer alike."""

    def __init__(self, hints: Hints, services: ServicesAtEndpoints) -> None:
        super().__init__(hints, services.is_there, services.client_of)
        self._services = services

    def is_any_there(self) -> bool:
        return True

    def answer(self, request: SentRequest) -> ServiceAnswer | None:
        return self._services.forwarded(request)

    def identity_of(self, access_key: str) -> Identity | None:  # noqa: ARG002
        return None  # a key of theirs says nothing here

    def takes_logs(self) -> bool:
        return True

    def logging_at(self, now: datetime) -> AbstractContextManager[None]:  # noqa: ARG002
        return nullcontext()  # they go by the time of their machine


class _Queue(MotoQueue):
    """A queue that is known by SQS's operations alone."""

    def visibility(self) -> timedelta:
        answer = self.at_queue("get_queue_attributes", AttributeNames=["VisibilityTimeout"])
        return timedelta(seconds=int(answer["Attributes"]["VisibilityTimeout"]))

    def next_visible(self) -> datetime | None:
        moment = now()
        return None if moment is None else moment + LOOKS_AGAIN


class _Sources:
    """The queues of these services. Streams are the test's."""

    def __init__(self, services: ServicesAtEndpoints) -> None:
        self._services = services
        self._queues: dict[str, _Queue] = {}

    def queue(self, arn: str) -> QueueSource | None:
        region, account = arn.split(":")[3:5]
        if not self._services.is_there("sqs", Place(account, region)):
            return None
        if arn not in self._queues:
            self._queues[arn] = _Queue(arn, self._services.client_of)
        return self._queues[arn]

    def stream(self, source: Source) -> StreamSource | None:  # noqa: ARG002
        return None
