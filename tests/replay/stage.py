"""What other services must have before and while a sequence is replayed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol

from botocore.exceptions import ClientError

from .sequences import Call, Parameters, RecordedSequence, StandIns

TRUSTING_LAMBDA = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    }
)

ACCOUNT_LIMITS: Mapping[str, Mapping[str, int]] = {
    "TestLambdaReservedConcurrency::test_function_concurrency_limits": {"concurrent_executions": 5},
}
"""Sequences that were recorded with an account that has other limits than ours: name -> limit -> value."""

_MAY_FAIL = ("Delete", "Detach", "Get", "List")
"""Calls that clean up what was there before the recording began, or only look: the recorded one may have failed too."""


class StageError(Exception):
    """The neighbours cannot give what the recorded call got from AWS."""


class Caller(Protocol):
    """Makes a call as boto3 does."""

    def call(self, service: str, operation: str, region: str, params: dict[str, Any], *, sent: bool = False) -> Any:
        """Return the answer; raises what boto3 raises.

        Parameters: *sent*, send it even if boto3 could tell by itself that the parameters are wrong.
        """


def create_roles(sequence: RecordedSequence, world: Caller) -> None:
    """Create the IAM roles that the Lambda calls of *sequence* name; each of them trusts Lambda."""
    for arn in sequence.roles:
        name = arn.rpartition("/")[2]
        params = {"RoleName": name, "AssumeRolePolicyDocument": TRUSTING_LAMBDA}
        world.call("iam", "CreateRole", "us-east-1", params)


def make_stage_call(call: Call, world: Caller, parameters: Parameters, stand_ins: StandIns) -> Any:
    """Make a call to another service and take note of the ids it gives out; return the answer.

    Raises: StageError when a call fails that others need.
    """
    try:
        answer = world.call(call.service, call.operation, call.region, parameters.of(call))
    except ClientError as error:
        if call.operation.startswith(_MAY_FAIL):
            return error.response
        raise StageError(f"{call.service} {call.operation}: {error}") from error
    stand_ins.offer(answer)
    if (call.service, call.operation) == ("ecr", "CreateRepository"):
        _push_image(answer["repository"]["repositoryName"], call.region, world)
    return answer


def _push_image(repository: str, region: str, world: Caller) -> None:
    """Put an image into a new repository: the recorded test did so with Docker, which is no call to AWS's API."""
    layer = {
        "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "size": len(repository),
        "digest": f"sha256:{hashlib.sha256(repository.encode()).hexdigest()}",
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {**layer, "mediaType": "application/vnd.docker.container.image.v1+json"},
        "layers": [layer],
    }
    params = {"repositoryName": repository, "imageTag": "latest", "imageManifest": json.dumps(manifest)}
    world.call("ecr", "PutImage", region, params)
