"""What stands beside Lambda in these tests: clients, a role, and a look at moto's own Lambda."""

from __future__ import annotations

import json
from typing import Any

import boto3

from tests.kept_clients import kept_client

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def client(service: str, **options: Any) -> Any:
    """Return a boto3 client in us-east-1; one with *options* is made anew."""
    make: Any = boto3.client
    return make(service, region_name="us-east-1", **options) if options else kept_client(service)


def create_role(name: str = "orders") -> str:
    """Create in moto a role that Lambda may assume; return its ARN."""
    arn: str = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    return arn


def functions_of_moto() -> list[str]:
    """Return the names of the functions that moto's own Lambda has, with docker or without."""
    from moto.awslambda.models import lambda_backends
    from moto.awslambda_simple.models import lambda_simple_backends

    backends: list[Any] = [lambda_backends, lambda_simple_backends]
    return [
        function.function_name
        for accounts in backends
        for account in accounts.values()
        for backend in account.values()
        for function in backend.list_functions()
    ]
