"""A request to each operation that the furnished world takes: where the fuzzing of an operation begins."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from tests.deploying import ROLE

from .furnished import GROUPS, KEY, LAMBDA, OTHER_ZIP, PROFILE, STREAM, SUBNETS, TABLE, TOPIC, ZIP, known, policy

_ORDERS = {"FunctionName": "orders"}
_LIVE = {**_ORDERS, "Qualifier": "live"}
_ARN = f"{LAMBDA}:function:orders"
_LAYER = {"LayerName": "tools", "VersionNumber": 1}
_PUBLISHERS = {"AllowedPublishers": {"SigningProfileVersionArns": [PROFILE]}}
_SHARE = {"StatementId": "s9", "Action": "lambda:GetLayerVersion", "Principal": "*"}
_GRANT = {"StatementId": "s9", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com", "SourceArn": TOPIC}
_STATEMENT = {"Sid": "s9", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": _ARN}
_NEW = {
    "FunctionName": "fresh",
    "Runtime": "python3.13",
    "Role": ROLE,
    "Handler": "app.handler",
    "Code": {"ZipFile": ZIP},
}
_NETWORK = {"SubnetIds": SUBNETS, "SecurityGroupIds": GROUPS}
_PERMISSIONS = {"CapacityProviderOperatorRoleArn": ROLE}


@cache
def accepted() -> Mapping[str, dict[str, Any]]:
    """Return parameters by operation."""
    ids = known()
    (execution, over, paused), (callback,), (token,) = ids.executions, ids.callbacks, ids.tokens
    signing = {"CodeSigningConfigArn": ids.signing[0]}
    fleet = {"CapacityProviderName": "fleet"}
    durably = {"DurableExecutionArn": execution}
    managed = {"FunctionName": "managed", "Qualifier": "1"}
    return {
        "AddLayerVersionPermission": {**_LAYER, **_SHARE},
        "AddPermission": {**_ORDERS, **_GRANT},
        "CheckpointDurableExecution": {
            **durably, "CheckpointToken": token,
            "Updates": [{"Id": "step", "Type": "STEP", "Action": "START", "Name": "step"}],
        },
        "CreateAlias": {**_ORDERS, "Name": "green", "FunctionVersion": "1", "Description": "new"},
        "CreateCapacityProvider": {
            "CapacityProviderName": "other", "VpcConfig": _NETWORK, "PermissionsConfig": _PERMISSIONS, "KmsKeyArn": KEY,
        },
        "CreateCodeSigningConfig": {**_PUBLISHERS, "Description": "new"},
        "CreateEventSourceMapping": {
            **_ORDERS, "EventSourceArn": TABLE, "StartingPosition": "TRIM_HORIZON", "BatchSize": 5,
        },
        "CreateFunction": {**_NEW, "Description": "new", "MemorySize": 256, "Timeout": 9, "VpcConfig": _NETWORK},
        "CreateFunctionUrlConfig": {"FunctionName": "mailer", "AuthType": "NONE", "Cors": {"AllowOrigins": ["*"]}},
        "DeleteAlias": {**_ORDERS, "Name": "live"},
        "DeleteCapacityProvider": {"CapacityProviderName": "spare"},
        "DeleteCodeSigningConfig": signing,
        "DeleteDurableExecution": {"DurableExecutionArn": over},
        "DeleteEventSourceMapping": {"UUID": ids.mappings[0]},
        "DeleteFunction": {"FunctionName": "mailer"},
        "DeleteFunctionCodeSigningConfig": _ORDERS,
        "DeleteFunctionConcurrency": {"FunctionName": "mailer"},
        "DeleteFunctionEventInvokeConfig": _LIVE,
        "DeleteFunctionUrlConfig": _LIVE,
        "DeleteLayerVersion": _LAYER,
        "DeleteProvisionedConcurrencyConfig": {**_ORDERS, "Qualifier": "blue"},
        "DeleteResourcePolicy": {"ResourceArn": _ARN},
        "GetAccountSettings": {},
        "GetAlias": {**_ORDERS, "Name": "live"},
        "GetCapacityProvider": fleet,
        "GetCodeSigningConfig": signing,
        "GetDurableExecution": durably,
        "GetDurableExecutionHistory": {**durably, "MaxItems": 1, "ReverseOrder": True},
        "GetDurableExecutionState": {**durably, "CheckpointToken": token},
        "GetEventSourceMapping": {"UUID": ids.mappings[0]},
        "GetFunction": _LIVE,
        "GetFunctionCodeSigningConfig": _ORDERS,
        "GetFunctionConcurrency": {"FunctionName": "mailer"},
        "GetFunctionConfiguration": {**_ORDERS, "Qualifier": "1"},
        "GetFunctionEventInvokeConfig": _LIVE,
        "GetFunctionRecursionConfig": _ORDERS,
        "GetFunctionScalingConfig": managed,
        "GetFunctionUrlConfig": _LIVE,
        "GetLayerVersion": _LAYER,
        "GetLayerVersionByArn": {"Arn": f"{LAMBDA}:layer:tools:2"},
        "GetLayerVersionPolicy": _LAYER,
        "GetPolicy": _LIVE,
        "GetProvisionedConcurrencyConfig": {**_ORDERS, "Qualifier": "blue"},
        "GetResourcePolicy": {"ResourceArn": _ARN},
        "GetRuntimeManagementConfig": _ORDERS,
        "Invoke": {**_LIVE, "Payload": b'{"a": 1}', "LogType": "Tail", "ClientContext": "e30="},
        "InvokeAsync": {**_ORDERS, "InvokeArgs": b"{}"},
        "InvokeWithResponseStream": {**_LIVE, "Payload": b"{}", "LogType": "Tail"},
        "ListAliases": {**_ORDERS, "FunctionVersion": "1", "MaxItems": 1},
        "ListCapacityProviders": {"State": "Active", "MaxItems": 1},
        "ListCodeSigningConfigs": {"MaxItems": 1},
        "ListDurableExecutionsByFunction": {"FunctionName": "workflow", "Statuses": ["RUNNING"], "MaxItems": 1},
        "ListEventSourceMappings": {**_ORDERS, "EventSourceArn": STREAM},
        "ListFunctionEventInvokeConfigs": {**_ORDERS, "MaxItems": 1},
        "ListFunctionUrlConfigs": {**_ORDERS, "MaxItems": 1},
        "ListFunctionVersionsByCapacityProvider": fleet,
        "ListFunctions": {"MaxItems": 2, "Marker": ids.markers[0]},
        "ListFunctionsByCodeSigningConfig": signing,
        "ListLayerVersions": {"LayerName": "tools", "MaxItems": 1},
        "ListLayers": {"MaxItems": 1},
        "ListProvisionedConcurrencyConfigs": _ORDERS,
        "ListTags": {"Resource": _ARN},
        "ListVersionsByFunction": {**_ORDERS, "MaxItems": 1},
        "PauseDurableExecution": {**durably, "Reason": "a break", "ExecutionTimeoutPaused": False},
        "PublishLayerVersion": {"LayerName": "tools", "Content": {"ZipFile": OTHER_ZIP}, "Description": "new"},
        "PublishVersion": {**_ORDERS, "Description": "new"},
        "PutFunctionCodeSigningConfig": {**_ORDERS, **signing},
        "PutFunctionConcurrency": {**_ORDERS, "ReservedConcurrentExecutions": 5},
        "PutFunctionEventInvokeConfig": {
            **_LIVE, "MaximumEventAgeInSeconds": 60, "DestinationConfig": {"OnFailure": {"Destination": TOPIC}},
        },
        "PutFunctionRecursionConfig": {**_ORDERS, "RecursiveLoop": "Allow"},
        "PutFunctionScalingConfig": {**managed, "FunctionScalingConfig": {"MinExecutionEnvironments": 4}},
        "PutProvisionedConcurrencyConfig": {**_ORDERS, "Qualifier": "1", "ProvisionedConcurrentExecutions": 1},
        "PutResourcePolicy": {"ResourceArn": _ARN, "Policy": policy(_STATEMENT)},
        "PutRuntimeManagementConfig": {**_ORDERS, "UpdateRuntimeOn": "FunctionUpdate"},
        "RemoveLayerVersionPermission": {**_LAYER, "StatementId": "s1"},
        "RemovePermission": {**_LIVE, "StatementId": "s1"},
        "ResumeDurableExecution": {"DurableExecutionArn": paused, "Reason": "go on"},
        "SendDurableExecutionCallbackFailure": {"CallbackId": callback, "Error": {"ErrorType": "Refused"}},
        "SendDurableExecutionCallbackHeartbeat": {"CallbackId": callback},
        "SendDurableExecutionCallbackSuccess": {"CallbackId": callback, "Result": b'"yes"'},
        "StopDurableExecution": {**durably, "Error": {"ErrorType": "Stopped"}},
        "TagResource": {"Resource": _ARN, "Tags": {"stage": "test"}},
        "UntagResource": {"Resource": _ARN, "TagKeys": ["team"]},
        "UpdateAlias": {**_ORDERS, "Name": "live", "FunctionVersion": "2", "RoutingConfig": {}},
        "UpdateCapacityProvider": {**fleet, "CapacityProviderScalingConfig": {"MaxVCpuCount": 40}},
        "UpdateCodeSigningConfig": {**signing, "Description": "changed"},
        "UpdateEventSourceMapping": {"UUID": ids.mappings[0], "BatchSize": 3, "Enabled": False},
        "UpdateFunctionCode": {**_ORDERS, "ZipFile": ZIP, "Publish": True},
        "UpdateFunctionConfiguration": {**_ORDERS, "Timeout": 30, "Environment": {"Variables": {"COLOUR": "blue"}}},
        "UpdateFunctionEventInvokeConfig": {**_LIVE, "MaximumRetryAttempts": 0},
        "UpdateFunctionUrlConfig": {**_LIVE, "AuthType": "AWS_IAM", "InvokeMode": "RESPONSE_STREAM"},
    }  # fmt: skip
