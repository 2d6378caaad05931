"""Where AWS's validation was recorded to differ from the model that AWS publishes. Small tables, nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from lambda_states_mock.api_model.runtimes import LISTED_RUNTIMES

# Pattern texts by shape: what the message says. Whether a value fits is decided by the model.
PATTERNS: Mapping[str, str] = {
    # recorded from GetLayerVersionByArn: the model puts one more pair of parentheses round the whole
    "LayerVersionArn": (
        r"(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:"
        r"[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"
    ),
    # recorded from ListTags early in 2026: the model has lost layers and won network connectors since
    "TaggableResource": (
        r"arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:"
        r"(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)"
        r"|code-signing-config:csc-[a-z0-9]{17}"
        r"|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
        r"|capacity-provider:[a-zA-Z0-9-_]+)"
    ),
}

# fmt: off
# Enum sets by member where they are not the model's. A value is accepted when it is in the model or in the list.
ENUMS: Mapping[str, tuple[str, ...]] = {
    # recorded from PublishLayerVersion (January 2026): the runtimes that functions can be created with
    "CompatibleRuntimes": LISTED_RUNTIMES,
    # recorded from ListLayers (January 2026): every runtime there ever was, internal names too
    "CompatibleRuntime": (
        "ruby3.5", "ruby2.6", "dotnetcore1.0", "python3.7", "nodejs8.10", "nasa", "ruby2.7",
        "python2.7-greengrass", "dotnetcore2.0", "python3.8", "java21", "dotnet6", "dotnetcore2.1", "python3.9",
        "java11", "nodejs6.10", "provided", "dotnetcore3.1", "dotnet8", "java25", "java17", "nodejs",
        "nodejs4.3", "java8.al2", "go1.x", "dotnet10", "nodejs20.x", "go1.9", "byol", "nodejs10.x",
        "provided.al2023", "nodejs22.x", "python3.10", "java8", "nodejs12.x", "python3.11", "nodejs24.x",
        "nodejs8.x", "python3.12", "nodejs14.x", "nodejs8.9", "nodejs26.x", "python3.13", "python3.14",
        "nodejs16.x", "python3.15", "provided.al2", "nodejs4.3-edge", "nodejs18.x", "ruby3.2", "python3.4",
        "ruby3.3", "ruby3.4", "ruby2.5", "python3.6", "python2.7",
    ),
}
# fmt: on

# Lists whose items' constraint stands in the message without brackets. Recorded from PublishLayerVersion.
UNWRAPPED_ITEMS = frozenset({"CompatibleRuntimes"})

# List shapes whose brackets do not end with "Member must not be null". Recorded from CreateFunction's VpcConfig.
WITHOUT_NULL = frozenset({"SubnetIds", "SecurityGroupIds"})

# Members whose errors come before those of members that the model has earlier. Recorded from PublishLayerVersion.
REPORTED_FIRST = frozenset({"CompatibleRuntimes"})

# Members whose constraints the operations answer themselves, with an InvalidParameterValueException (recorded: an
# unknown runtime). A null StartingPosition belongs here too, but the model does not require it anyway.
LEFT_TO_OPERATIONS: Mapping[str, frozenset[str]] = {
    "CreateFunction": frozenset({"Runtime"}),
    "UpdateFunctionConfiguration": frozenset({"Runtime"}),
}
