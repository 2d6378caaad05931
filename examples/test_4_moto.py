"""moto: the role, the bucket and its object are moto's; the function is ours."""

from __future__ import annotations

import json
from typing import Any

import boto3
import deployer
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from lambda_states_mock import mock_lambda

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@mock_aws
@mock_lambda
def test_code_comes_from_the_bucket() -> None:
    iam: Any = boto3.client("iam", region_name="us-east-1")
    iam.create_role(RoleName="orders", AssumeRolePolicyDocument=json.dumps(TRUST))
    s3: Any = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="packages")
    s3.put_object(Bucket="packages", Key="orders.zip", Body=deployer.answering("from the bucket"))
    client = deployer.client()
    code = {"S3Bucket": "packages", "S3Key": "orders.zip"}

    client.create_function(
        FunctionName="orders", Runtime="python3.13", Handler="app.handler", Role=deployer.ROLE, Code=code
    )
    client.get_waiter("function_active_v2").wait(FunctionName="orders")

    assert deployer.ask("orders") == '"from the bucket"'


@mock_aws
@mock_lambda
def test_a_role_that_is_not_there_is_refused() -> None:
    with pytest.raises(ClientError, match="The role defined for the function cannot be assumed by Lambda"):
        deployer.deploy("orders", deployer.answering("one"))
