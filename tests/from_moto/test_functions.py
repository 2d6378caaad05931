"""Functions: created, found, listed, updated, invoked, deleted."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from .conftest import REGION, zipped


def test_list_functions_of_nothing(conn: Any) -> None:
    assert conn.list_functions()["Functions"] == []


def test_create_function_from_a_zip(conn: Any, function: Any, package: bytes, role: str) -> None:
    assert function["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert function["FunctionArn"] == f"arn:aws:lambda:{REGION}:123456789012:function:testFunction"
    assert function["CodeSha256"] == base64.b64encode(hashlib.sha256(package).digest()).decode()
    assert function["CodeSize"] == len(package)
    assert function["Role"] == role
    assert function["Version"] == "$LATEST"
    assert function["State"] == "Pending"  # moto says Active
    assert conn.get_function(FunctionName="testFunction")["Configuration"]["State"] == "Active"


def test_create_function_from_a_bucket(conn: Any, role: str, package: bytes) -> None:
    s3: Any = boto3.client("s3", REGION)
    s3.create_bucket(Bucket="test-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="test-bucket", Key="test.zip", Body=package)
    created = conn.create_function(
        FunctionName="testFunction",
        Runtime="python3.11",
        Role=role,
        Handler="lambda_function.lambda_handler",
        Code={"S3Bucket": "test-bucket", "S3Key": "test.zip"},
    )
    assert created["CodeSize"] == len(package)


def test_create_function_from_a_bucket_that_is_not_there(conn: Any, role: str) -> None:
    with pytest.raises(ClientError) as raised:
        conn.create_function(
            FunctionName="testFunction",
            Runtime="python3.11",
            Role=role,
            Handler="lambda_function.lambda_handler",
            Code={"S3Bucket": "this-bucket-does-not-exist", "S3Key": "test.zip"},
        )
    error = raised.value.response["Error"]
    assert error["Code"] == "InvalidParameterValueException"
    assert "NoSuchBucket" in error["Message"]


def test_create_function_with_a_role_that_is_not_there(conn: Any, package: bytes) -> None:
    with pytest.raises(ClientError, match="The role defined for the function cannot be assumed by Lambda"):
        conn.create_function(
            FunctionName="testFunction",
            Runtime="python3.11",
            Role="arn:aws:iam::123456789012:role/nobody",
            Handler="lambda_function.lambda_handler",
            Code={"ZipFile": package},
        )


def test_create_function_twice(conn: Any, function: Any, role: str, package: bytes) -> None:
    with pytest.raises(conn.exceptions.ResourceConflictException, match="Function already exist: testFunction"):
        conn.create_function(
            FunctionName="testFunction", Runtime="python3.11", Role=role, Handler="a.b", Code={"ZipFile": package}
        )


@pytest.mark.parametrize("key", ["FunctionName", "FunctionArn"])
def test_get_function_by_name_and_by_arn(conn: Any, function: Any, key: str) -> None:
    found = conn.get_function(FunctionName=function[key])
    assert found["Configuration"]["FunctionName"] == "testFunction"
    assert found["Code"]["RepositoryType"] == "S3"


def test_get_a_function_that_is_not_there(conn: Any) -> None:
    with pytest.raises(conn.exceptions.ResourceNotFoundException, match="Function not found: arn:aws:lambda"):
        conn.get_function(FunctionName="nothing")


def test_update_configuration(conn: Any, function: Any) -> None:
    changed = conn.update_function_configuration(
        FunctionName="testFunction", Description="updated", Timeout=9, Environment={"Variables": {"MODE": "1"}}
    )
    assert changed["LastUpdateStatus"] == "InProgress"  # moto says Successful
    found = conn.get_function_configuration(FunctionName="testFunction")
    assert (found["Description"], found["Timeout"], found["LastUpdateStatus"]) == ("updated", 9, "Successful")
    assert found["Environment"] == {"Variables": {"MODE": "1"}}


def test_update_code_and_invoke(conn: Any, function: Any) -> None:
    answer = conn.invoke(FunctionName="testFunction", Payload=json.dumps({"key": "value"}))
    assert (answer["StatusCode"], json.loads(answer["Payload"].read())) == (200, {"key": "value"})
    conn.update_function_code(
        FunctionName="testFunction", ZipFile=zipped("def lambda_handler(event, context): return 'new'")
    )
    assert json.loads(conn.invoke(FunctionName="testFunction")["Payload"].read()) == "new"


def test_invoke_with_logs(conn: Any, function: Any) -> None:
    answer = conn.invoke(FunctionName="testFunction", Payload="{}", LogType="Tail")
    assert "custom log event" in base64.b64decode(answer["LogResult"]).decode()


@pytest.mark.parametrize(("kind", "status"), [("RequestResponse", 200), ("Event", 202), ("DryRun", 204)])
def test_invoke_in_each_way(conn: Any, function: Any, kind: str, status: int) -> None:
    assert conn.invoke(FunctionName="testFunction", InvocationType=kind, Payload="{}")["StatusCode"] == status


def test_invoke_a_function_that_fails(conn: Any, function: Any) -> None:
    conn.update_function_code(
        FunctionName="testFunction", ZipFile=zipped("def lambda_handler(event, context): raise ValueError('no')")
    )
    answer = conn.invoke(FunctionName="testFunction")
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorType"] == "ValueError"


def test_delete_function(conn: Any, function: Any) -> None:
    assert conn.delete_function(FunctionName="testFunction")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert conn.list_functions()["Functions"] == []


def test_delete_a_function_that_is_not_there(conn: Any) -> None:
    with pytest.raises(conn.exceptions.ResourceNotFoundException):
        conn.delete_function(FunctionName="testFunctionThatDoesntExist")


def test_regions_are_apart(conn: Any, function: Any) -> None:
    elsewhere: Any = boto3.client("lambda", "eu-west-1")
    assert elsewhere.list_functions()["Functions"] == []


def test_list_functions_with_a_paginator(conn: Any, role: str, package: bytes) -> None:
    for number in range(3):
        conn.create_function(
            FunctionName=f"fn{number}", Runtime="python3.11", Role=role, Handler="a.b", Code={"ZipFile": package}
        )
    pages = conn.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    assert [one["FunctionName"] for page in pages for one in page["Functions"]] == ["fn0", "fn1", "fn2"]
