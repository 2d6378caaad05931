"""What the scenarios need: a client, code that answers what it is told to, and a look at what was refused."""

from __future__ import annotations

import functools
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "us-east-1"
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/runner"
START = "2026-01-01T00:00:00Z"
VPC: dict[str, Any] = {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}
IMAGE_URI = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/orders:1"
IMAGE: dict[str, Any] = {"PackageType": "Image", "Code": {"ImageUri": IMAGE_URI}}
SNAP_START: dict[str, Any] = {"SnapStart": {"ApplyOn": "PublishedVersions"}}

NOT_INVOKED = "The operation cannot be performed at this time. The function is currently in the following state: {}"
NOT_CHANGED = (
    "The operation cannot be performed at this time. The resource {} is currently in the following state: '{}'. "
    "StateReasonCode: '{}'"
)
UPDATING = "The operation cannot be performed at this time. An update is in progress for resource: {}"
WAKING = "Lambda is initializing your function. It will be ready to invoke shortly."
SNAPSHOT_FAILED = (
    "AWS Lambda could not invoke your SnapStart function. "
    "If this error persists, check your function's CloudWatch logs for initialization errors."
)
SNAPSHOT_NOT_READY = (
    "Lambda is initializing your function. It will be ready to invoke once your function state becomes ACTIVE."
)


@functools.cache
def client(**retries: Any) -> Any:
    """Return a Lambda client, by default one that never retries, so that each refusal is seen once.

    Made once: a client made in one world is caught in the next as well.
    """
    make: Any = boto3.client
    chosen: Any = retries or {"total_max_attempts": 1}
    return make("lambda", region_name=REGION, config=Config(retries=chosen))


def arn_of(name: str = "orders", qualifier: str | None = None) -> str:
    """Return the ARN of a function, or of a version or alias of it."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    return arn if qualifier is None else f"{arn}:{qualifier}"


@functools.cache
def package(answer: Any = "one", *, body: str | None = None) -> bytes:
    """Return a zip whose ``app.handler`` returns *answer*, or does what *body* says; always the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("app.py", date_time=(1980, 1, 1, 0, 0, 0))
        archive.writestr(entry, f"def handler(event, context):\n    {body or f'return {answer!r}'}\n")
    return packed.getvalue()


def create(name: str = "orders", answer: str = "one", **members: Any) -> Any:
    """Create a function that returns *answer*: of plain Python code, unless *members* say otherwise."""
    asked: dict[str, Any] = {"FunctionName": name, "Role": ROLE, "Code": {"ZipFile": package(answer)}}
    if members.get("PackageType") != "Image":
        asked |= {"Runtime": "python3.12", "Handler": "app.handler"}
    return client().create_function(**{**asked, **members})


def create_active(m: Any, name: str = "orders", answer: str = "one", **members: Any) -> None:
    """Create a function, and let it and what was published with it become Active."""
    create(name, answer, **members)
    m.clock.run_until_idle()
    assert m.function(name).state == "Active"


def update_code(name: str = "orders", answer: str = "two", **members: Any) -> Any:
    """Begin an update to code that returns *answer*."""
    return client().update_function_code(FunctionName=name, ZipFile=package(answer), **members)


def configure(name: str = "orders", **members: Any) -> Any:
    """Begin an update of the configuration."""
    return client().update_function_configuration(FunctionName=name, **(members or {"Timeout": 7}))


def publish(name: str = "orders", **members: Any) -> str:
    """Publish a version; return its number."""
    number: str = client().publish_version(FunctionName=name, **members)["Version"]
    return number


def answer_of(name: str = "orders", qualifier: str = "$LATEST", payload: Any = None) -> Any:
    """Invoke a function and return what it returned."""
    reply = client().invoke(FunctionName=name, Qualifier=qualifier, Payload=json.dumps(payload))
    assert "FunctionError" not in reply
    return json.loads(reply["Payload"].read())


def look(name: str = "orders", qualifier: str = "$LATEST") -> Any:
    """Return what GetFunctionConfiguration says."""
    found = client().get_function_configuration(FunctionName=name, Qualifier=qualifier)
    del found["ResponseMetadata"]
    return found


@dataclass
class Refusal:
    """What AWS answered instead: filled in when the block has ended."""

    response: dict[str, Any]

    @property
    def code(self) -> str:
        return str(self.response["Error"]["Code"])

    @property
    def message(self) -> str:
        return str(self.response["Error"]["Message"])

    @property
    def status(self) -> int:
        return int(self.response["ResponseMetadata"]["HTTPStatusCode"])


@contextmanager
def refused(code: str, message: str | None = None, *, status: int | None = None) -> Iterator[Refusal]:
    """Expect that the block is refused with *code*, and, where they are given, exactly *message* and *status*."""
    refusal = Refusal({})
    with pytest.raises(ClientError) as caught:
        yield refusal
    refusal.response = dict(caught.value.response)
    assert refusal.code == code
    if message is not None:
        assert refusal.message == message
    if status is not None:
        assert refusal.status == status
