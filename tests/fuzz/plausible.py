"""What requests may sensibly name, by member: things that the furnished world has, and things that it has not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from tests.deploying import ROLE

from .furnished import (
    ACCOUNT,
    GROUPS,
    IMAGE,
    KEY,
    LAMBDA,
    OTHER_ZIP,
    PROFILE,
    QUEUE,
    STREAM,
    SUBNETS,
    TABLE,
    TOPIC,
    ZIP,
    known,
    policy,
)

NOWHERE = "00000000-0000-4000-8000-000000000000"
_ARN = f"{LAMBDA}:function:orders"
_NAMES = (
    "orders",
    "orders",
    "orders",
    "mailer",
    "picture",
    "workflow",
    "sleeper",
    "young",
    "unknown",
    "workflow:$LATEST",
    _ARN,
)
_QUALIFIED = (
    f"{_ARN}:1",
    f"{_ARN}:live",
    "orders:live",
    f"{ACCOUNT}:function:orders",
    f"{ACCOUNT}:orders",
)
_ELSEWHERE = (
    _ARN.replace("us-east-1", "eu-west-1"),
    _ARN.replace(ACCOUNT, "111122223333"),
    f"{LAMBDA}:function:unknown",
    f"{_ARN}:unknown",
    f"{_ARN}:$LATEST",
)
_QUALIFIERS = ("1", "2", "live", "blue", "$LATEST", "9", "unknown", "$LATEST.PUBLISHED")
_LAYER = f"{LAMBDA}:layer:tools"
_GRANT = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": _ARN}
_POLICIES = (
    policy(_GRANT),
    policy({**_GRANT, "Sid": "s1", "Principal": {"Service": "sns.amazonaws.com"}}),
    policy(),
    policy({}),
    policy("no statement"),  # type: ignore[arg-type]
    '{"Statement": null}',
    "[]",
    "null",
    policy({**_GRANT, "Sid": {}}),
    policy({**_GRANT, "Action": [1], "Resource": {}, "Effect": []}),
    "[" * 9_000,
    "no json",
)


@cache
def candidates() -> Mapping[str, Sequence[Any]]:
    """Return, by name of a member, values for it; a shape's name wins over the member's."""
    ids = known()
    mappings = tuple(f"{LAMBDA}:event-source-mapping:{uuid}" for uuid in ids.mappings)
    signing = (*ids.signing, f"{LAMBDA}:code-signing-config:csc-0123456789abcdef0")
    providers = (*ids.providers, f"{LAMBDA}:capacity-provider:unknown")
    resources = (_ARN, *_ELSEWHERE, *_QUALIFIED[:2], *mappings, *signing, *providers, _LAYER, f"{_LAYER}:1")
    executions = (*ids.executions, f"{_ARN}:1/durable-execution/unknown/{NOWHERE}")
    return MappingProxyType(
        {
            "FunctionName": (*_NAMES, *_QUALIFIED, *_ELSEWHERE),
            "Qualifier": _QUALIFIERS,
            "FunctionUrlQualifier": ("live", "blue", "unknown"),
            "PublishedFunctionQualifier": ("1", "2", "9", "$LATEST.PUBLISHED"),
            "FunctionVersion": ("1", "2", "$LATEST", "9", "ALL"),
            "VersionWithLatestPublished": ("1", "2", "$LATEST", "9"),
            "Alias": ("live", "blue", "green"),
            "AdditionalVersionWeights": ({"2": 0.5}, {"1": 1.0}, {"9": 0.1}, {}, {"1": 0.1, "2": 0.1}),
            "LayerName": ("tools", "tools", "unknown", _LAYER, _LAYER.replace("us-east-1", "eu-west-1")),
            "LayerVersionNumber": (1, 2, 9, 0, -1),
            "LayerVersionArn": (f"{_LAYER}:1", f"{_LAYER}:2", f"{_LAYER}:9", f"{LAMBDA}:layer:unknown:1"),
            "UUIDString": (*ids.mappings, NOWHERE),
            "CodeSigningConfigArn": signing,
            "CapacityProviderArn": providers,
            "CapacityProviderName": ("fleet", "unknown", *providers),
            "DurableExecutionArn": executions,
            "CallbackId": (*ids.callbacks, "dW5rbm93bg=="),
            "CheckpointToken": ("dW5rbm93bg==", *ids.tokens),
            "RevisionId": (*ids.revisions, NOWHERE),
            "Marker": (*ids.markers, "unknown", "bnVsbA==", "WzFd", "WyJhIiwgMV0=", "e30=", "LTE=", "MWU5OTk=", "MS41"),
            "Resource": resources,
            "ResourceArn": resources,
            "TargetArn": (QUEUE, TOPIC, ""),
            "Destination": (QUEUE, TOPIC, _ARN, f"{LAMBDA}:function:unknown", "kafka://orders", "arn:aws:s3:::orders"),
            "EventSourceArn": (QUEUE, f"{QUEUE}.fifo", STREAM, TABLE, TOPIC,
                               f"arn:aws:mq:us-east-1:{ACCOUNT}:broker:b:b-1",
                               f"arn:aws:kafka:us-east-1:{ACCOUNT}:cluster/c/{NOWHERE}-1",
                               f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster:c"),
            "SourceArn": (TOPIC, "arn:aws:s3:::orders"),
            "Role": (ROLE,), "RoleArn": (ROLE,),
            "KMSKeyArn": (KEY, ""), "KMSKeyArnNonEmpty": (KEY,),
            "ZipFile": (ZIP, OTHER_ZIP, b"no zip", ZIP[:30], b""),
            "ImageUri": (IMAGE, "no uri"),
            "S3Bucket": ("bucket",), "S3Key": ("key",), "S3ObjectVersion": ("1",),
            "Runtime": ("python3.13", "nodejs22.x", "python2.7", "python3.8", "provided.al2023"),
            "Handler": ("app.handler", "app"),
            "SubnetId": tuple(SUBNETS), "SecurityGroupId": tuple(GROUPS),
            "SigningProfileVersionArns": ([PROFILE], [f"{PROFILE}/1", PROFILE]),
            "StatementId": ("s1", "s2"), "NamespacedStatementId": ("s1", "s2"),
            "Action": ("lambda:InvokeFunction", "lambda:*", "lambda:InvokeFunctionUrl", "*"),
            "Principal": ("sns.amazonaws.com", ACCOUNT, "*", f"arn:aws:iam::{ACCOUNT}:root", "nobody.example.com"),
            "LayerPermissionAllowedAction": ("lambda:GetLayerVersion",),
            "LayerPermissionAllowedPrincipal": ("*", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"),
            "PrincipalOrgID": ("o-0123456789",), "OrganizationId": ("o-0123456789",),
            "SourceAccount": (ACCOUNT,),
            "ResourcePolicy": _POLICIES,
            "Payload": (b"{}", b"[1]", b"null", b"no json", b"\xff", b""),
            "InvokeArgs": (b"{}", b"no json", b""),
            "OperationPayload": ("{}", "text"),
            "ClientContext": ("e30=", "no base64", "bnVsbA==", "W10="),
            "Pattern": ('{"body": {"a": [1]}}', "{}", "no json", "null", '{"a": {}}', '{"a": [{"prefix": 1}]}',
                        '{"a":' * 650 + "[1]" + "}" * 650, "[" * 4000),
            "Filters": ([{"Pattern": '{"body": ["a"]}'}], [], [{}], [{"Pattern": "{}"}] * 6),
            "CodeSha256": ("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",),
            "RuntimeVersionArn": (f"{LAMBDA.rpartition(':')[0]}::runtime:{'0' * 64}",),
            "FileSystemArn": (
                f"arn:aws:s3files:us-east-1:{ACCOUNT}:file-system/fs-{'1' * 17}/access-point/fsap-{'1' * 17}",
                f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:access-point/fsap-0123456789abcdef0",
            ),
            "LocalMountPath": ("/mnt/data",),
            "LogGroup": ("/aws/lambda/orders", "logs"),
            "Tags": ({"team": "shop"}, {}, {f"k{number}": "v" for number in range(50)}, {"aws:mine": "v"}),
            "TagKeys": (["team"], ["unknown"], ["team", "team"]),
            "Variables": ({"COLOUR": "red"}, {}, {"AWS_REGION": "x"}, {"LONG": "x" * 5000}),
            "InstanceType": ("m7g.large", "c7i.*"),
            "DurableExecutionName": ("run-1", "run-2"),
            "RuntimeArn": (f"{LAMBDA}:runtime/mine",),
            "ExecutionStatus": ("RUNNING", "SUCCEEDED"),
            "Topics": (["topic"],), "Topic": ("topic",), "Queue": ("queue",),
            "Endpoints": ({"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000"]},),
            "URI": (f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:s", "subnet:subnet-1"),
            "SchemaRegistryURI": ("https://registry.example.com",),
            "XAmznTraceId": ("Root=1-5759e988-bd862e3fe1be46a994272793",),
            "TenantId": ("tenant",),
            "MasterRegion": ("ALL", "us-east-1"),
            "MemorySize": (128, 1024), "Timeout": (3, 900), "Size": (512,),
        }
    )  # fmt: skip
