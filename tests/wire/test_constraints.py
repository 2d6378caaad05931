"""The texts with which AWS refuses what its model does not allow.

The tables marked (R) are recorded from AWS; the others follow the same rules.
"""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock.api_model import lambda_model
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire import check
from lambda_states_mock.wire.constraints import matcher
from lambda_states_mock.wire.recorded import ENUMS, PATTERNS

ROLE = "arn:aws:iam::123456789012:role/lambda"
FUNCTION = {"FunctionName": "orders", "Role": ROLE, "Code": {"ZipFile": b"zip"}}
ALIAS = {"FunctionName": "orders", "FunctionVersion": "1", "Name": "live"}
LAYER = {"LayerName": "tools", "Content": {"ZipFile": b"zip"}}
PERMISSION = {"FunctionName": "orders", "StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "*"}
MAPPING = {"FunctionName": "orders"}
URL = {"FunctionName": "orders", "AuthType": "NONE"}

REGION = r"(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}"
FUNCTION_NAME = (
    rf"(arn:(aws[a-zA-Z-]*)?:lambda:)?({REGION}:)?(\d{{12}}:)?(function:)?([a-zA-Z0-9-_]+)"
    r"(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
NAMESPACED_NAME = (
    rf"(arn:(aws[a-zA-Z-]*)?:lambda:)?({REGION}:)?(\d{{12}}:)?(function:)?([a-zA-Z0-9-_\.]+)"
    r"(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
QUALIFIER = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
PATTERN = "Member must satisfy regular expression pattern: "
ARCHITECTURES = (
    "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"
)
WEIGHTS = (
    "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
    "Member must have value greater than or equal to 0.0, Member must not be null]"
)
VERSIONS = (
    "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
    "Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]"
)


def refusal(operation: str, params: dict[str, Any]) -> ServiceError:
    """Return the error with which *params* are refused."""
    with pytest.raises(ServiceError) as raised:
        check(operation, params)
    return raised.value


def in_any_order(constraint: str) -> str:
    """Return *constraint* with its enum set sorted: AWS prints enum sets in hash order."""
    head, found, rest = constraint.partition("enum value set: [")
    inner, _, tail = rest.partition("]")
    return f"{head}{found}{sorted(inner.split(', '))}{tail}" if found else constraint


def routing(weights: dict[str, float]) -> dict[str, Any]:
    """Return params of CreateAlias with *weights*."""
    return {**ALIAS, "RoutingConfig": {"AdditionalVersionWeights": weights}}


def with_subnet(subnet: str, group: str = "sg-1") -> dict[str, Any]:
    """Return params of CreateFunction in a VPC."""
    return {**FUNCTION, "VpcConfig": {"SubnetIds": [subnet], "SecurityGroupIds": [group]}}


RECORDED = [  # (R): operation, params, value, path, constraint
    ("CreateFunction", {**FUNCTION, "Role": "r1"}, "'r1'", "role",
     PATTERN + r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"),
    ("UpdateFunctionConfiguration", {"FunctionName": "orders", "Role": "r1"}, "'r1'", "role",
     PATTERN + r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"),
    ("CreateFunction", {**FUNCTION, "FunctionName": "my-function!"}, "'my-function!'", "functionName",
     PATTERN + FUNCTION_NAME),
    ("CreateFunction", {**FUNCTION, "FunctionName": "a" * 141}, f"'{'a' * 141}'", "functionName",
     "Member must have length less than or equal to 140"),
    ("CreateFunction", {**FUNCTION, "Architectures": ["x86_64", "arm64"]}, "'[x86_64, arm64]'", "architectures",
     "Member must have length less than or equal to 1"),
    ("CreateFunction", {**FUNCTION, "Architectures": ["X86_64"]}, "'[X86_64]'", "architectures", ARCHITECTURES),
    ("CreateFunction", with_subnet("bad"), "'[bad]'", "vpcConfig.subnetIds",
     ("Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length "
     "greater than or equal to 0, Member must satisfy regular expression pattern: subnet-[0-9a-z]*]")),
    ("CreateFunction", with_subnet("subnet-1", "bad"), "'[bad]'", "vpcConfig.securityGroupIds",
     ("Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length "
     "greater than or equal to 0, Member must satisfy regular expression pattern: sg-[0-9a-zA-Z]*]")),
    ("DeleteFunction", {"FunctionName": "*"}, "'*'", "functionName", PATTERN + NAMESPACED_NAME),
    ("GetFunction", {"FunctionName": "a!"}, "'a!'", "functionName", PATTERN + NAMESPACED_NAME),
    ("Invoke", {"FunctionName": "function:f:$LATEST:extra"}, "'function:f:$LATEST:extra'", "functionName",
     PATTERN + NAMESPACED_NAME),
    ("Invoke", {"FunctionName": "f", "Qualifier": "invalid!"}, "'invalid!'", "qualifier", PATTERN + QUALIFIER),
    ("DeleteFunction", {"FunctionName": "f", "Qualifier": "a" * 129}, f"'{'a' * 129}'", "qualifier",
     "Member must have length less than or equal to 128"),
    ("CreateAlias", routing({"2": 2}), "'{2=2.0}'", "routingConfig.additionalVersionWeights", WEIGHTS),
    ("CreateAlias", routing({"2": -1}), "'{2=-1.0}'", "routingConfig.additionalVersionWeights", WEIGHTS),
    ("CreateAlias", routing({"$LATEST": 0.5}), "'{$LATEST=0.5}'", "routingConfig.additionalVersionWeights", VERSIONS),
    ("CreateAlias", {**ALIAS, "Name": "2024"}, "'2024'", "name", PATTERN + "(?!^[0-9]+$)([a-zA-Z0-9-_]+)"),
    ("AddPermission", {**PERMISSION, "StatementId": "example.com"}, "'example.com'", "statementId",
     PATTERN + "([a-zA-Z0-9-_]+)"),
    ("AddPermission", {**PERMISSION, "Qualifier": "with-?-char"}, "'with-?-char'", "qualifier", PATTERN + QUALIFIER),
    ("PutProvisionedConcurrencyConfig",
     {"FunctionName": "f", "Qualifier": "1", "ProvisionedConcurrentExecutions": 0}, "'0'",
     "provisionedConcurrentExecutions", "Member must have value greater than or equal to 1"),
    ("CreateFunctionUrlConfig", {**URL, "Qualifier": "1"}, "'1'", "qualifier",
     PATTERN + r"((?!^\d+$)^[0-9a-zA-Z-_]+$)"),
    ("GetFunctionUrlConfig", {"FunctionName": "f", "Qualifier": "$LATEST"}, "'$LATEST'", "qualifier",
     PATTERN + r"((?!^\d+$)^[0-9a-zA-Z-_]+$)"),
    ("CreateFunctionUrlConfig", {**URL, "InvokeMode": "UNKNOWN"}, "'UNKNOWN'", "invokeMode",
     "Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]"),
    ("CreateEventSourceMapping", {**MAPPING, "StartingPosition": "invalid"}, "'invalid'", "startingPosition",
     "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"),
    ("ListLayers", {"CompatibleArchitecture": "no"}, "'no'", "compatibleArchitecture",
     "Member must satisfy enum value set: [x86_64, arm64]"),
    ("ListLayers", {"CompatibleRuntime": "no"}, "'no'", "compatibleRuntime",
     f"Member must satisfy enum value set: [{', '.join(ENUMS['CompatibleRuntime'])}]"),
    ("GetLayerVersionByArn", {"Arn": "arn:aws:lambda:us-east-1:123456789012:layer:tools"},
     "'arn:aws:lambda:us-east-1:123456789012:layer:tools'", "arn",
     PATTERN + rf"(arn:(aws[a-zA-Z-]*)?:lambda:{REGION}:\d{{12}}:layer:[a-zA-Z0-9-_]+:[0-9]+)"
     r"|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"),
    ("ListTags", {"Resource": "arn:aws:lambda:us-east-1:123456789012:foobar:x"},
     "'arn:aws:lambda:us-east-1:123456789012:foobar:x'", "resource", PATTERN + PATTERNS["TaggableResource"]),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "params", "value", "path", "constraint"), RECORDED)
def test_a_recorded_refusal_is_given_word_for_word(
    operation: str, params: dict[str, Any], value: str, path: str, constraint: str
) -> None:
    expected = f"1 validation error detected: Value {value} at '{path}' failed to satisfy constraint: {constraint}"
    assert in_any_order(refusal(operation, params).message or "") == in_any_order(expected)


def test_a_refusal_by_the_model_is_an_unmodelled_error_without_a_type() -> None:
    error = refusal("GetFunction", {"FunctionName": "a!"})
    assert (error.code, error.status, error.type) == ("ValidationException", 400, None)


def test_several_errors_come_in_one_message_also_when_they_are_about_one_member() -> None:
    name = "arn:aws:lambda:invalid-region:123456789012:function:" + "a" * 140
    place = f"Value '{name}' at 'functionName' failed to satisfy constraint: "
    assert refusal("CreateFunction", {**FUNCTION, "FunctionName": name}).message == (
        "2 validation errors detected: "
        f"{place}Member must have length less than or equal to 140; {place}{PATTERN}{FUNCTION_NAME}"
    )


def test_a_layers_runtimes_are_refused_before_its_architectures_and_without_inner_brackets() -> None:
    params = {**LAYER, "CompatibleRuntimes": ["bad", "nodejs20.x"], "CompatibleArchitectures": ["bad", "x86_64"]}
    assert refusal("PublishLayerVersion", params).message == (
        "2 validation errors detected: Value '[bad, nodejs20.x]' at 'compatibleRuntimes' failed to satisfy constraint: "
        f"Member must satisfy enum value set: [{', '.join(ENUMS['CompatibleRuntimes'])}]; "
        f"Value '[bad, x86_64]' at 'compatibleArchitectures' failed to satisfy constraint: {ARCHITECTURES}"
    )


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("CreateFunction", {**FUNCTION, "Runtime": "non-existent"}),
        ("UpdateFunctionConfiguration", {"FunctionName": "f", "Runtime": "PYTHON3.12"}),
        ("CreateEventSourceMapping", {**MAPPING, "EventSourceArn": "arn:aws:kinesis:us-east-1:123456789012:stream/s"}),
        ("PublishLayerVersion", {**LAYER, "CompatibleRuntimes": ["nodejs12.x", "java8", "provided"]}),
        ("PublishLayerVersion", {**LAYER, "CompatibleRuntimes": [], "CompatibleArchitectures": []}),
        ("ListLayers", {"CompatibleRuntime": "byol"}),
        ("CreateAlias", {**ALIAS, "Name": "2024-01-02"}),
        ("CreateAlias", routing({"2": 0, "3": 1})),
        ("GetFunction", {"FunctionName": "f", "Qualifier": "$LATEST.PUBLISHED"}),
        ("CreateFunction", {**FUNCTION, "FunctionName": "arn:aws:lambda:us-east-1:123456789012:function"}),
        ("TagResource", {"Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "Tags": {"Größe": "é 三 ٣"}}),
        ("CreateFunction", {**FUNCTION, "KMSKeyArn": ""}),
        ("DeleteLayerVersion", {"LayerName": "tools", "VersionNumber": -1}),
        ("GetAccountSettings", {}),
    ],
)
def test_what_aws_accepts_or_leaves_to_the_operation_passes(operation: str, params: dict[str, Any]) -> None:
    check(operation, params)


EXECUTION = "arn:aws:lambda:us-east-1:123456789012:function:f:1/durable-execution/one/two"
FOLLOWING = [  # (I): the same rules on members without a recording
    ("CreateFunction", {"FunctionName": "f", "Code": {}},
     "Value null at 'role' failed to satisfy constraint: Member must not be null"),
    ("CreateFunction", {**FUNCTION, "Timeout": 0},
     "Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1"),
    ("CreateFunction", {**FUNCTION, "EphemeralStorage": {}},
     "Value null at 'ephemeralStorage.size' failed to satisfy constraint: Member must not be null"),
    ("ListFunctions", {"MaxItems": 0},
     "Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1"),
    ("CreateFunction", {**FUNCTION, "KMSKeyArn": "x"},
     f"Value 'x' at 'kMSKeyArn' failed to satisfy constraint: {PATTERN}(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()"),
    ("CreateFunction", {**FUNCTION, "Environment": {"Variables": {"1": "secret"}}},
     ("Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: "
     f"[{PATTERN}[a-zA-Z]([a-zA-Z0-9_])+]")),
    ("CreateEventSourceMapping", {**MAPPING, "SourceAccessConfigurations": [{"Type": "BASIC_AUTH"}, {"Type": "NO"}]},
     ("Value 'NO' at 'sourceAccessConfigurations.2.member.type' failed to satisfy constraint: "
     "Member must satisfy enum value set: ")),
    ("CreateEventSourceMapping", {**MAPPING, "Topics": ["aa", "bb"]},
     "Value '[aa, bb]' at 'topics' failed to satisfy constraint: Member must have length less than or equal to 1"),
    ("CreateFunction", {**FUNCTION, "Layers": ["nope"]},
     ("Value '[nope]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: "
     "[Member must have length less than or equal to 2048, Member must have length greater than or equal to 1, "
     f"{PATTERN}{PATTERNS['LayerVersionArn']}, Member must not be null]")),
    ("CreateFunction", {**FUNCTION, "Architectures": [None]},
     f"Value '[null]' at 'architectures' failed to satisfy constraint: {ARCHITECTURES}"),
    ("CreateFunction", {**FUNCTION, "FileSystemConfigs": [None]},
     "Value null at 'fileSystemConfigs.1.member' failed to satisfy constraint: Member must not be null"),
    ("CreateFunction", {**FUNCTION, "VpcConfig": {"SubnetIds": ["subnet-1", None]}},
     ("Value '[subnet-1, null]' at 'vpcConfig.subnetIds' failed to satisfy constraint: Member must satisfy constraint: "
     "[Member must have length less than or equal to 1024, ")),
    ("CreateEventSourceMapping", {**MAPPING, "FilterCriteria": {"Filters": [{}, None]}},
     "Value null at 'filterCriteria.filters.2.member' failed to satisfy constraint: Member must not be null"),
    ("CheckpointDurableExecution", {"DurableExecutionArn": EXECUTION, "CheckpointToken": "abc", "Updates": [None]},
     "Value null at 'updates.1.member' failed to satisfy constraint: Member must not be null"),
    ("StopDurableExecution", {"DurableExecutionArn": EXECUTION, "Error": {"StackTrace": ["line", None]}},
     ("Value at 'error.stackTrace' failed to satisfy constraint: "
     "Member must satisfy constraint: [Member must not be null]")),
    ("TagResource", {"Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "Tags": {"a": "b!"}},
     ("Value '{a=b!}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: "
     "[Member must have length less than or equal to 256, Member must have length greater than or equal to 0, "
     f"{PATTERN}([\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]*), Member must not be null]")),
    ("CreateFunction",
     {**FUNCTION, "FileSystemConfigs": [
         {"Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-" + "a" * 17,
          "LocalMountPath": "/mnt/a"}] * 2},
     "Value '[FileSystemConfig(arn=arn:aws:elasticfilesystem:"),
    ("SendDurableExecutionCallbackSuccess", {"CallbackId": "abcd", "Result": b"x" * (1024 * 1024 + 1)},
     "Value at 'result' failed to satisfy constraint: Member must have length less than or equal to 1048576"),
    ("CreateEventSourceMapping",
     {**MAPPING, "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["no port"]}}},
     ("Value '{KAFKA_BOOTSTRAP_SERVERS=[no port]}' at 'selfManagedEventSource.endpoints' failed to satisfy constraint: "
     "Map value must satisfy constraint: [Member must have length less than or equal to 10, "
     "Member must have length greater than or equal to 1, Member must satisfy constraint: "
     "[Member must have length less than or equal to 300, ")),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "params", "expected"), FOLLOWING)
def test_a_constraint_without_a_recording_follows_the_recorded_rules(
    operation: str, params: dict[str, Any], expected: str
) -> None:
    message = refusal(operation, params).message or ""
    assert message.startswith(f"1 validation error detected: {expected}")


def test_a_line_end_does_not_slip_through_a_pattern() -> None:
    assert "at 'functionName'" in (refusal("GetFunction", {"FunctionName": "orders\n"}).message or "")


def test_every_pattern_of_the_model_can_be_tested() -> None:
    model = lambda_model()
    for name in model.shape_names:
        pattern = model.shape(name).traits.get("pattern", r"[\s\S]*")
        assert matcher(pattern)("\u0000 \n") is pattern.startswith(r"[\s\S]"), name
