"""What the tests of all tools need: code to deploy, a role, and what a tool saw while it polled."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from typing import Any

import boto3

REGION = "us-east-1"

TRUST_LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@cache
def session() -> boto3.Session:
    """Return the session that the tools make their clients with. Both are kept, since to make them takes long."""
    made = boto3.Session(region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")
    vars(made)["client"] = cache(made.client)
    return made


def client(service: str) -> Any:
    """Return a boto3 client for *service*, to look at what a tool has done."""
    make: Any = session().client
    return make(service)


def package(answer: str) -> bytes:
    """Return a zip whose ``app.handler`` returns *answer*."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", f"def handler(event, context):\n    return {answer!r}\n")
    return packed.getvalue()


def create_role(name: str = "runner") -> str:
    """Create a role that Lambda may assume; return its ARN."""
    trust = json.dumps(TRUST_LAMBDA)
    arn: str = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    return arn


def seen(mock: Any, member: str, *, operation: str = "GetFunctionConfiguration") -> list[str]:
    """Return the values of *member* in all answers to *operation* so far, oldest first."""
    answers = (call.response for call in mock.calls.of(operation) if call.response)
    return [answer[member] for answer in answers if member in answer]


def answer_of(name: str, qualifier: str = "$LATEST") -> Any:
    """Invoke the function *name* and return what it returned."""
    reply = client("lambda").invoke(FunctionName=name, Qualifier=qualifier)
    assert "FunctionError" not in reply
    return json.loads(reply["Payload"].read())
