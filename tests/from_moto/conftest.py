"""What a project that tests with moto has in its conftest.py."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambda_states_mock import mock_lambda

REGION = "us-west-2"
CODE = """
def lambda_handler(event, context):
    print("custom log event")
    return event
"""


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with mock_aws(), mock_lambda(timings="instant"):
        yield


@pytest.fixture
def conn() -> Any:
    return boto3.client("lambda", REGION)


@pytest.fixture
def role() -> str:
    iam: Any = boto3.client("iam", REGION)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    arn: str = iam.create_role(RoleName="my-role", AssumeRolePolicyDocument=json.dumps(trust), Path="/my-path/")[
        "Role"
    ]["Arn"]
    return arn


@pytest.fixture
def package() -> bytes:
    return zipped(CODE)


@pytest.fixture
def function(conn: Any, role: str, package: bytes) -> Any:
    """The answer to the creation of ``testFunction``."""
    return conn.create_function(
        FunctionName="testFunction",
        Runtime="python3.11",
        Role=role,
        Handler="lambda_function.lambda_handler",
        Code={"ZipFile": package},
        Description="test lambda function",
        Timeout=3,
        MemorySize=128,
    )


def zipped(code: str) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lambda_function.py", code)
    return output.getvalue()
