"""What AWS answers to requests that it does not carry out, row by row: code, status and text, as recorded.

All rows meet the same functions and layers (`furnished`). Which check comes before which is a row, too: such a request
has two faults, and the row says which of them is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import ARN, ROLE, answering, create, publish_twice, refused, zip_of

PLACE = "arn:aws:lambda:us-east-1:123456789012:"
LAYER = PLACE + "layer:tools"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/image:latest"
UNKNOWN_CONFIG = PLACE + "code-signing-config:csc-00000000000000000"

INVALID, NOT_FOUND, CONFLICT = (
    "InvalidParameterValueException",
    "ResourceNotFoundException",
    "ResourceConflictException",
)
STALE, VALIDATION = "PreconditionFailedException", "ValidationException"
NO_PROVISIONED, NO_SIGNING = "ProvisionedConcurrencyConfigNotFoundException", "CodeSigningConfigNotFoundException"
STATUS = {NOT_FOUND: 404, CONFLICT: 409, STALE: 412, NO_PROVISIONED: 404, NO_SIGNING: 404}

MISSING = "Function not found: " + ARN
GONE = "The resource you requested does not exist."
NEITHER = "00000000-0000-0000-0000-000000000000"
MISMATCH = "The derived qualifier from the function name does not match the specified qualifier."
STALE_FUNCTION = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
)
STALE_POLICY = STALE_FUNCTION.replace("GetFunction/GetAlias", "GetPolicy")
TWO_LAYERS = "Two different versions of the same layer are not allowed to be referenced in the same function. "
WHOLE_FUNCTIONS = (
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
    "Please specify either a function name or an unqualified function ARN."
)
NAME = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
ANY_NAME = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
QUALIFIER = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
URL_QUALIFIER = r"((?!^\d+$)^[0-9a-zA-Z-_]+$)"
LAYER_VERSION = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:"
    r"[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"
)

NEW: dict[str, Any] = {
    "FunctionName": "new", "Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler",
    "Code": {"ZipFile": zip_of()},
}  # fmt: skip


def new(**params: Any) -> dict[str, Any]:
    """Return the parameters of a creation that would go well, and *params* over them."""
    return {**NEW, **params}


def of(name: Any = "orders", qualifier: Any = None, **params: Any) -> dict[str, Any]:
    """Return the parameters that name the function *name* and *qualifier*, and *params*."""
    return {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {}), **params}


def broken(value: object, path: str, constraint: str) -> str:
    """Return the text of one validation error."""
    what = f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {constraint}"
    return f"1 validation error detected: {what}"


def pattern(value: object, path: str, text: str) -> str:
    return broken(value, path, f"satisfy regular expression pattern: {text}")


def enum(value: object, path: str, *values: str) -> str:
    return broken(value, path, f"satisfy enum value set: [{', '.join(values)}]")


def length(value: object, path: str, most: int) -> str:
    return broken(value, path, f"have length less than or equal to {most}")


Row = tuple[str, dict[str, Any], str, str]

POLICY: dict[str, Any] = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "StatementId": "s"}
LAYER_POLICY: dict[str, Any] = {
    "LayerName": "tools", "VersionNumber": 1, "StatementId": "s", "Action": "lambda:GetLayerVersion", "Principal": "*",
}  # fmt: skip
SETTINGS = {"MaximumRetryAttempts": 1}
PROVISION = {"ProvisionedConcurrentExecutions": 1}

DELETIONS: list[Row] = [
    ("delete_function", of("nothing"), NOT_FOUND, MISSING + "nothing"),
    ("delete_function", of("nothing", "1221"), NOT_FOUND, MISSING + "nothing"),
    ("delete_function", of("nothing:1221"), NOT_FOUND, MISSING + "nothing"),
    ("delete_function", of(ARN + "nothing:1221"), NOT_FOUND, MISSING + "nothing"),
    ("delete_function", of("nothing", "$latest"), NOT_FOUND, MISSING + "nothing"),
    ("delete_function", of(ARN + "nothing", "$latest"), NOT_FOUND, MISSING + "nothing"),
    ("delete_function", of("nothing", "a" * 65), INVALID, "Deletion of aliases is not currently supported."),
    ("delete_function", of("orders", "live"), INVALID, "Deletion of aliases is not currently supported."),
    ("delete_function", of("orders:nowhere"), INVALID, "Deletion of aliases is not currently supported."),
    *(
        ("delete_function", params, INVALID, "$LATEST version cannot be deleted without deleting the function.")
        for params in (
            of(ARN + "nothing:$LATEST", "$LATEST"), of("nothing", "$LATEST"), of("nothing:$LATEST"),
            of("orders", "$LATEST"), of(ARN + "orders:$LATEST", "$LATEST"),
        )
    ),
    ("delete_function", of("orders:1", "2"), INVALID, MISMATCH),
    ("delete_function", of("nothing:1", "2"), INVALID, MISMATCH),
]  # fmt: skip

CREATIONS: list[Row] = [
    ("create_function", new(FunctionName="a" * 65), INVALID, length("a" * 65, "functionName", 64)),
    ("create_function", new(FunctionName="a" * 65, Role="r1"), VALIDATION,
     pattern("r1", "role", r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+")),
    ("create_function", new(FunctionName="orders"), CONFLICT, "Function already exist: orders"),
    # what the configuration refers to is looked at before the name
    ("create_function", new(FunctionName="orders", Layers=[LAYER.replace("us-east-1", "us-west-2") + ":1"]), INVALID,
     "Layers are not in the same region as the function. Layers are expected to be in region us-east-1."),
    ("create_function", new(FunctionName="orders", Layers=[LAYER + ":9"]), INVALID,
     f"Layer version {LAYER}:9 does not exist."),
    ("create_function", new(FunctionName="orders", Layers=[f"{LAYER}:1", f"{LAYER}:2"]), INVALID,
     f"{TWO_LAYERS}{LAYER}:1 and {LAYER}:2 are versions of the same layer."),
    ("create_function", new(FunctionName="orders", Layers=[f"{LAYER}{n}:1" for n in range(6)]), INVALID,
     "Cannot reference more than 5 layers."),
    ("create_function", new(FunctionName="orders", Runtime="go1.x"), INVALID,
     "The runtime parameter of go1.x is no longer supported for creating or updating AWS Lambda functions. "
     "We recommend you use a supported runtime while creating or updating functions."),
    ("create_function", new(FunctionName="orders", Tags={str(n): "" for n in range(51)}), INVALID,
     "Number of tags exceeds resource tag limit."),
    ("create_function", new(FunctionName="my-function!"), VALIDATION, pattern("my-function!", "functionName", NAME)),
    ("create_function", new(FunctionName="function:f:$LATEST:extra"), VALIDATION,
     pattern("function:f:$LATEST:extra", "functionName", NAME)),
    ("create_function", new(Code={"ZipFile": b"no zip"}), INVALID,
     "Could not unzip uploaded file. Please check your file, then try to upload again."),
    ("create_function", new(Architectures=["x86_64", "arm64"]), VALIDATION,
     length("[x86_64, arm64]", "architectures", 1)),
    ("create_function", new(SnapStart={"ApplyOn": "invalidOption"}), VALIDATION,
     enum("invalidOption", "snapStart.applyOn", "PublishedVersions", "None")),
    ("create_function", new(Runtime="python3.11", SnapStart={"ApplyOn": "PublishedVersions"}), INVALID,
     "python3.11 is not supported for SnapStart enabled functions."),
    ("create_function", new(Code={"ImageUri": IMAGE}), INVALID,
     "Please don't provide ImageUri when creating a function with packageType Zip."),
    ("create_function", new(CodeSigningConfigArn=UNKNOWN_CONFIG), NO_SIGNING,
     f"The code signing configuration cannot be found. Check that the provided configuration is not deleted: "
     f"{UNKNOWN_CONFIG}."),
]  # fmt: skip

UPDATES: list[Row] = [
    ("update_function_code", of(ImageUri=IMAGE), INVALID,
     "Please don't provide ImageUri when updating a function with packageType Zip."),
    ("update_function_code", of("image", ZipFile=answering("zip")), INVALID,
     "Please provide ImageUri when updating a function with packageType Image."),
    ("update_function_code", of("nothing", ZipFile=answering("zip")), NOT_FOUND, MISSING + "nothing"),
    ("update_function_code", of(ZipFile=answering("zip"), RevisionId=NEITHER), STALE, STALE_FUNCTION),
    ("update_function_configuration", of("nothing", Timeout=4), NOT_FOUND, MISSING + "nothing"),
    ("update_function_configuration", of(Timeout=4, RevisionId=NEITHER), STALE, STALE_FUNCTION),
    ("update_function_configuration", of(Layers=[f"{LAYER}:1", f"{LAYER}:2", f"{LAYER}:3"]), INVALID,
     f"{TWO_LAYERS}{LAYER}:1 and {LAYER}:2 are versions of the same layer."),
    ("update_function_configuration", of(Layers=[f"{LAYER}:1", f"{LAYER}:1"]), INVALID,
     f"{TWO_LAYERS}{LAYER}:1 and {LAYER}:1 are versions of the same layer."),
    # the first fault from the front is named
    ("update_function_configuration", of(Layers=[f"{LAYER}:1", f"{LAYER}:9"]), INVALID,
     f"Layer version {LAYER}:9 does not exist."),
    ("update_function_configuration", of(Layers=[f"{LAYER}:1", f"{LAYER}:2", f"{LAYER}x:1"]), INVALID,
     f"{TWO_LAYERS}{LAYER}:1 and {LAYER}:2 are versions of the same layer."),
    ("update_function_configuration", of(Layers=[f"{LAYER}x:1"]), INVALID, f"Layer version {LAYER}x:1 does not exist."),
    ("update_function_configuration", of(Layers=[LAYER]), VALIDATION,
     broken(f"[{LAYER}]", "layers", "satisfy constraint: [Member must have length less than or equal to 2048, "
            "Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: "
            f"{LAYER_VERSION}, Member must not be null]")),
    ("update_function_configuration", of(Layers=[LAYER.replace("us-east-1", "us-west-2") + ":1"]), INVALID,
     "Layers are not in the same region as the function. Layers are expected to be in region us-east-1."),
    ("publish_version", of("nothing"), NOT_FOUND, MISSING + "nothing"),
    ("publish_version", of(RevisionId=NEITHER), STALE, STALE_FUNCTION),
]  # fmt: skip

ENUMS: list[Row] = [
    ("put_function_recursion_config", of(RecursiveLoop="Maybe"), VALIDATION,
     enum("Maybe", "recursiveLoop", "Terminate", "Allow")),
    ("create_function_url_config", of(AuthType="NONE", InvokeMode="UNKNOWN"), VALIDATION,
     enum("UNKNOWN", "invokeMode", "RESPONSE_STREAM", "BUFFERED")),
    ("update_function_url_config", of(InvokeMode="UNKNOWN"), VALIDATION,
     enum("UNKNOWN", "invokeMode", "RESPONSE_STREAM", "BUFFERED")),
    ("create_event_source_mapping", of(EventSourceArn="arn:aws:kinesis:us-east-1:123456789012:stream/s",
                                       StartingPosition="invalid"), VALIDATION,
     enum("invalid", "startingPosition", "LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")),
    ("list_layers", {"CompatibleArchitecture": "none"}, VALIDATION,
     enum("none", "compatibleArchitecture", "x86_64", "arm64")),
]  # fmt: skip

CONCURRENCIES: list[Row] = [
    *(
        ("put_function_concurrency", of("nothing", ReservedConcurrentExecutions=number), NOT_FOUND,
         MISSING + "nothing:$LATEST")
        for number in (0, 1, 900, 901, 100_000)
    ),
    ("delete_function_concurrency", of("nothing"), NOT_FOUND, MISSING + "nothing:$LATEST"),
    ("get_function_concurrency", of("nothing"), NOT_FOUND, MISSING + "nothing"),
    ("put_function_concurrency", of("orders:live", ReservedConcurrentExecutions=1), INVALID, WHOLE_FUNCTIONS),
    ("put_function_concurrency", of("nothing:1", ReservedConcurrentExecutions=1), INVALID, WHOLE_FUNCTIONS),
    ("put_provisioned_concurrency_config", of("orders", "$LATEST", **PROVISION), INVALID,
     "Provisioned Concurrency Configs cannot be applied to unpublished function versions."),
    ("put_provisioned_concurrency_config", of("nothing", "$LATEST", **PROVISION), INVALID,
     "Provisioned Concurrency Configs cannot be applied to unpublished function versions."),
    ("put_provisioned_concurrency_config", of("orders", "1", ProvisionedConcurrentExecutions=0), VALIDATION,
     broken(0, "provisionedConcurrentExecutions", "have value greater than or equal to 1")),
    *(
        row
        for operation, params in (
            ("put_provisioned_concurrency_config", PROVISION),
            ("get_provisioned_concurrency_config", {}),
            ("delete_provisioned_concurrency_config", {}),
        )
        for row in (
            (operation, of("nothing", "1", **params), NOT_FOUND, MISSING + "nothing:1"),
            (operation, of("orders", "9", **params), NOT_FOUND, MISSING + "orders:9"),
            (operation, of("nothing", "live", **params), NOT_FOUND, f"Cannot find alias arn: {ARN}nothing:live"),
            (operation, of("orders", "dead", **params), NOT_FOUND, f"Cannot find alias arn: {ARN}orders:dead"),
        )
    ),
    *(
        (operation, of("orders", "$LATEST"), INVALID,
         "The function resource provided must be an alias or a published version.")
        for operation in ("get_provisioned_concurrency_config", "delete_provisioned_concurrency_config")
    ),
    ("get_provisioned_concurrency_config", of("orders", "1"), NO_PROVISIONED,
     "No Provisioned Concurrency Config found for this function"),
    ("list_provisioned_concurrency_configs", of("nothing"), NOT_FOUND, MISSING + "nothing"),
]  # fmt: skip

TAGS: list[Row] = [
    ("tag_resource", {"Resource": ARN + name, "Tags": {}}, INVALID,
     "An error occurred and the request cannot be processed.")
    for name in ("orders", "nothing")
] + [
    ("untag_resource", {"Resource": ARN + "orders", "TagKeys": []}, VALIDATION,
     "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null"),
    *(
        row
        for operation, params in (("tag_resource", {"Tags": {"a": "b"}}), ("untag_resource", {"TagKeys": ["a"]}),
                                  ("list_tags", {}))
        for row in (
            (operation, {"Resource": ARN + "nothing", **params}, NOT_FOUND, MISSING + "nothing"),
            (operation, {"Resource": ARN + "orders:live", **params}, INVALID,
             "Tags on function aliases and versions are not supported. Please specify a function ARN."),
            (operation, {"Resource": ARN + "nothing:1", **params}, INVALID,
             "Tags on function aliases and versions are not supported. Please specify a function ARN."),
            (operation, {"Resource": f"{PLACE}event-source-mapping:{NEITHER}", **params}, NOT_FOUND,
             f"Event source mapping not found: {PLACE}event-source-mapping:{NEITHER}"),
            (operation, {"Resource": PLACE + "capacity-provider:none", **params}, NOT_FOUND,
             f"Capacity provider not found: {PLACE}capacity-provider:none"),
        )
    ),
    ("tag_resource", {"Resource": ARN + "orders", "Tags": {str(n): "" for n in range(51)}}, INVALID,
     "Number of tags exceeds resource tag limit."),
]  # fmt: skip

ALIASES: list[Row] = [
    ("create_alias", of(Name="2024", FunctionVersion="1"), VALIDATION,
     pattern("2024", "name", "(?!^[0-9]+$)([a-zA-Z0-9-_]+)")),
    ("create_alias", of(Name="live", FunctionVersion="1"), CONFLICT, f"Alias already exists: {ARN}orders:live"),
    ("create_alias", of("nothing", Name="live", FunctionVersion="1"), NOT_FOUND, MISSING + "nothing:1"),
    ("create_alias", of(Name="x", FunctionVersion="9"), NOT_FOUND, MISSING + "orders:9"),
    ("create_alias", of(Name="live", FunctionVersion="9"), NOT_FOUND, MISSING + "orders:9"),
    ("create_alias", of(Name="x", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {"9": 0.5}}),
     NOT_FOUND, MISSING + "orders:9"),
    ("create_alias", of(Name="x", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}}),
     INVALID,
     "Invalid function version 1. Function version 1 is already included in routing configuration."),
    ("create_alias", of(Name="x", FunctionVersion="1",
                         RoutingConfig={"AdditionalVersionWeights": {"1": 0.5, "2": 0.5}}),
     INVALID, "Number of items in AdditionalVersionWeights cannot be greater than 1"),
    ("create_alias", of(Name="x", FunctionVersion="$LATEST", RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}}),
     INVALID, "$LATEST is not supported for an alias pointing to more than 1 version"),
    *(
        ("create_alias", of(Name="x", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {"2": weight}}),
         VALIDATION,
         broken(f"{{2={weight}}}", "routingConfig.additionalVersionWeights", "").removesuffix("Member must ")
         + "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
           "Member must have value greater than or equal to 0.0, Member must not be null]")
        for weight in (2.0, -1.0)
    ),
    ("get_alias", of(Name="dead"), NOT_FOUND, f"Cannot find alias arn: {ARN}orders:dead"),
    ("get_alias", of("nothing", Name="dead"), NOT_FOUND, f"Cannot find alias arn: {ARN}nothing:dead"),
    ("update_alias", of(Name="dead"), NOT_FOUND, f"Alias not found: {ARN}orders:dead"),
    ("update_alias", of("nothing", Name="dead"), NOT_FOUND, f"Alias not found: {ARN}nothing:dead"),
    ("update_alias", of(Name="live", RevisionId=NEITHER), STALE, STALE_FUNCTION),
    ("update_alias", of(Name="live", FunctionVersion="9"), NOT_FOUND, MISSING + "orders:9"),
    ("list_aliases", of("nothing"), NOT_FOUND, MISSING + "nothing"),
    ("list_versions_by_function", of("nothing"), NOT_FOUND, MISSING + "nothing"),
]  # fmt: skip

PERMISSIONS: list[Row] = [
    ("add_permission", of(**{**POLICY, "StatementId": "example.com"}), VALIDATION,
     pattern("example.com", "statementId", "([a-zA-Z0-9-_]+)")),
    ("add_permission", of("orders:1", "2", **POLICY), INVALID, MISMATCH),
    ("add_permission", of("orders", "$LATEST", **POLICY), INVALID,
     "We currently do not support adding policies for $LATEST."),
    ("add_permission", of("nothing", "$LATEST", **POLICY), INVALID,
     "We currently do not support adding policies for $LATEST."),
    ("add_permission", of(**{**POLICY, "Principal": "invalid.nonaws.com"}), INVALID,
     "The provided principal was invalid. Please check the principal and try again."),
    ("add_permission", of("orders", "invalid-qualifier-with-?-char", **POLICY), VALIDATION,
     pattern("invalid-qualifier-with-?-char", "qualifier", QUALIFIER)),
    ("add_permission", of("nothing", **POLICY), NOT_FOUND, MISSING + "nothing"),
    ("add_permission", of("nothing", "1", **POLICY), NOT_FOUND, MISSING + "nothing"),
    ("add_permission", of("orders", "9", **POLICY), NOT_FOUND, MISSING + "orders:9"),
    ("add_permission", of("orders", "valid-with-$", **POLICY), NOT_FOUND, MISSING + "orders:valid-with-$"),
    ("add_permission", of("orders", "dead", **POLICY), NOT_FOUND, f"Cannot find alias arn: {ARN}orders:dead"),
    ("add_permission", of(**{**POLICY, "StatementId": "held"}), CONFLICT,
     "The statement id (held) provided already exists. "
     "Please provide a new statement id, or remove the existing statement."),
    ("add_permission", of(**POLICY, RevisionId=NEITHER), STALE, STALE_POLICY),
    ("remove_permission", of("nothing", StatementId="s"), NOT_FOUND, f"No policy found for: {ARN}nothing"),
    ("remove_permission", of("orders", "dead", StatementId="s"), NOT_FOUND, f"Cannot find alias arn: {ARN}orders:dead"),
    ("remove_permission", of("image", StatementId="s"), NOT_FOUND, "No policy is associated with the given resource."),
    ("remove_permission", of(StatementId="s"), NOT_FOUND, "Statement s is not found in resource policy."),
    ("remove_permission", of(StatementId="held", RevisionId=NEITHER), STALE, STALE_POLICY),
    *(
        ("get_policy", params, NOT_FOUND, GONE)
        for params in (of("nothing"), of("image"), of("orders", "1"), of("orders", "9"), of("orders", "dead"))
    ),
]  # fmt: skip

URLS: list[Row] = [
    *(
        (operation, of("nothing", qualifier, **params), VALIDATION, pattern(qualifier, "qualifier", URL_QUALIFIER))
        for operation, params in (
            ("create_function_url_config", {"AuthType": "NONE"}), ("update_function_url_config", {}),
            ("get_function_url_config", {}), ("delete_function_url_config", {}),
        )
        for qualifier in ("1", "$LATEST")
    ),
    *(
        (operation, of(*where, **params), NOT_FOUND, "Function does not exist")
        for operation, params in (("create_function_url_config", {"AuthType": "NONE"}),
                                  ("update_function_url_config", {}))
        for where in (("nothing",), ("nothing", "live"), ("orders", "dead"))
    ),
    ("update_function_url_config", of("image"), NOT_FOUND, GONE),
    ("update_function_url_config", of("orders", "live"), NOT_FOUND, GONE),
    *(
        (operation, of(*where), NOT_FOUND, GONE)
        for operation in ("get_function_url_config", "delete_function_url_config")
        for where in (("nothing",), ("nothing", "live"), ("orders", "dead"), ("orders", "live"), ("image",))
    ),
    ("list_function_url_configs", of("nothing"), NOT_FOUND, "Function does not exist"),
    ("create_function_url_config", of(AuthType="NONE"), CONFLICT,
     f"Failed to create function url config for [functionArn = {ARN}orders]. "
     "Error message:  FunctionUrlConfig exists for this Lambda function"),
    ("create_function_url_config", of("orders:live", "dead", AuthType="NONE"), INVALID, MISMATCH),
    ("get_function_url_config", of("orders:live", "dead"), INVALID, MISMATCH),
    ("update_function_url_config", of("orders:live", "dead"), INVALID, MISMATCH),
]  # fmt: skip

EVENT_INVOKE_CONFIGS: list[Row] = [
    *(
        (operation, of(*where), NOT_FOUND, f"The function {ARN}{':'.join(where)} doesn't have an EventInvokeConfig")
        for operation in ("get_function_event_invoke_config", "delete_function_event_invoke_config")
        for where in (("nothing", "$LATEST"), ("orders", "$LATEST"), ("orders", "1"), ("orders", "9"),
                      ("orders", "dead"))
    ),
    ("get_function_event_invoke_config", of("nothing"), NOT_FOUND,
     f"The function {ARN}nothing:$LATEST doesn't have an EventInvokeConfig"),
    ("update_function_event_invoke_config", of(**SETTINGS), NOT_FOUND,
     f"The function {ARN}orders:$LATEST doesn't have an EventInvokeConfig"),
]  # fmt: skip

LAYERS: list[Row] = [
    *(
        (operation, {"LayerName": "tools", "VersionNumber": number}, INVALID, "Layer Version Cannot be less than 1")
        for operation in ("get_layer_version", "delete_layer_version")
        for number in (0, -1)
    ),
    ("get_layer_version", {"LayerName": "tools", "VersionNumber": 9}, NOT_FOUND, GONE),
    ("get_layer_version", {"LayerName": "nothing", "VersionNumber": 1}, NOT_FOUND, GONE),
    ("get_layer_version_by_arn", {"Arn": f"{LAYER}:9"}, NOT_FOUND, GONE),
    ("get_layer_version_by_arn", {"Arn": LAYER}, VALIDATION, pattern(LAYER, "arn", LAYER_VERSION)),
    *(
        (operation, {**params, "LayerName": name, "VersionNumber": number}, NOT_FOUND,
         f"Layer version {PLACE}layer:{name}:{number} does not exist.")
        for operation, params in (
            ("add_layer_version_permission", LAYER_POLICY),
            ("get_layer_version_policy", {}),
            ("remove_layer_version_permission", {"StatementId": "s"}),
        )
        for name, number in (("tools", 9), ("nothing", 1))
    ),
    ("add_layer_version_permission", {**LAYER_POLICY, "Action": "lambda:ListLayers"}, VALIDATION,
     pattern("lambda:ListLayers", "action", "lambda:GetLayerVersion")),
    ("get_layer_version_policy", {"LayerName": "tools", "VersionNumber": 1}, NOT_FOUND,
     "No policy is associated with the given resource."),
]  # fmt: skip

SIGNING: list[Row] = [
    *(
        (operation, {"CodeSigningConfigArn": UNKNOWN_CONFIG}, NOT_FOUND,
         f"The Lambda code signing configuration {UNKNOWN_CONFIG} can not be found.")
        for operation in ("get_code_signing_config", "update_code_signing_config", "delete_code_signing_config",
                          "list_functions_by_code_signing_config")
    ),
    ("put_function_code_signing_config", of("nothing", CodeSigningConfigArn=UNKNOWN_CONFIG), NO_SIGNING,
     "The code signing configuration cannot be found. Check that the provided configuration is not deleted: "
     f"{UNKNOWN_CONFIG}."),
    ("get_function_code_signing_config", of("nothing"), NOT_FOUND, MISSING + "nothing"),
    ("delete_function_code_signing_config", of("nothing"), NOT_FOUND, MISSING + "nothing"),
]  # fmt: skip

READING: list[Row] = [
    *(
        row
        for operation in ("get_function", "get_function_configuration")
        for row in (
            (operation, of("nothing"), NOT_FOUND, MISSING + "nothing"),
            (operation, of("nothing", "$LATEST"), NOT_FOUND, MISSING + "nothing:$LATEST"),
            (operation, of("nothing:$LATEST", "$LATEST"), NOT_FOUND, MISSING + "nothing:$LATEST"),
            (operation, of("nothing", "$latest"), NOT_FOUND, MISSING + "nothing:$latest"),
            (operation, of("orders", "9"), NOT_FOUND, MISSING + "orders:9"),
            (operation, of("orders", "dead"), NOT_FOUND, MISSING + "orders:dead"),
            (operation, of("orders:1", "2"), INVALID, MISMATCH),
        )
    ),
    ("get_function", of("a" * 65), NOT_FOUND, MISSING + "a" * 65),
    ("get_function", of("my-function!"), VALIDATION, pattern("my-function!", "functionName", ANY_NAME)),
    ("get_function", of(ARN + "my-function:$LATES"), VALIDATION,
     pattern(ARN + "my-function:$LATES", "functionName", ANY_NAME)),
    ("invoke", of("nothing"), NOT_FOUND, MISSING + "nothing:$LATEST"),
    ("invoke", of("nothing", "1"), NOT_FOUND, MISSING + "nothing:1"),
    ("invoke", of("orders", "dead"), NOT_FOUND, MISSING + "orders:dead"),
    ("get_event_source_mapping", {"UUID": NEITHER}, NOT_FOUND, GONE),
    ("update_event_source_mapping", {"UUID": NEITHER}, NOT_FOUND, GONE),
    ("delete_event_source_mapping", {"UUID": NEITHER}, NOT_FOUND, GONE),
]  # fmt: skip

ROWS: list[Row] = [
    *DELETIONS, *CREATIONS, *UPDATES, *ENUMS, *CONCURRENCIES, *TAGS, *ALIASES, *PERMISSIONS, *URLS,
    *EVENT_INVOKE_CONFIGS, *LAYERS, *SIGNING, *READING,
]  # fmt: skip

WITHOUT_TYPE = (
    "$LATEST is not supported for an alias", "The Lambda code signing configuration",
)  # fmt: skip
"""Beginnings of the texts of modelled errors that come without Type."""


@pytest.fixture(scope="module")
def furnished() -> Iterator[Any]:
    """Orders with two versions, the alias live, a policy and a URL; an image; a layer of three versions.

    No row changes anything: all of them share it.
    """
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=1) as m:
        # botocore would refuse a row or two itself
        client = boto3.client("lambda", region_name="us-east-1", config=Config(parameter_validation=False))
        _furnish(client, m)
        yield client


def _furnish(client: Any, mock: LambdaMock) -> None:
    publish_twice(client, mock)
    create(client, "image", PackageType="Image", Code={"ImageUri": IMAGE}, Runtime=None, Handler=None)
    mock.clock.run_until_idle()
    client.add_permission(FunctionName="orders", **{**POLICY, "StatementId": "held"})
    client.create_function_url_config(FunctionName="orders", AuthType="NONE")
    for word in ("one", "two", "three"):
        client.publish_layer_version(LayerName="tools", Content={"ZipFile": answering(word)})


@pytest.mark.parametrize(
    ("operation", "params", "code", "message"), ROWS, ids=[f"{number}-{row[0]}" for number, row in enumerate(ROWS)]
)
def test_a_refusal_has_the_words_of_aws(
    furnished: Any, operation: str, params: dict[str, Any], code: str, message: str
) -> None:
    answer = refused(getattr(furnished, operation), **params)

    error = answer["Error"]
    assert (error["Code"], error.get("Message")) == (code, message)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == STATUS.get(code, 400)
    typed = code != VALIDATION and not message.startswith(WITHOUT_TYPE)
    assert answer.get("Type") == ("User" if typed else None)
