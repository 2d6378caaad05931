"""The IAM policy that API calls need.

Which actions an operation needs for its parameters stands in one table, `BESIDE`. On which resource an action of Lambda
is allowed is what its request names (AWS's service authorization reference of Lambda).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from lambda_states_mock.dependencies.permissions import action_of
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.resources.arn import Place, function_reference

Params = Mapping[str, Any]
EVERYTHING = "*"
_FUNCTION = compile_later(r"arn:[^:]*:lambda:[^:]*:[^:]*:function:([^:/]+)")
CREATE_OR_UPDATE = ("CreateFunction", "UpdateFunctionConfiguration")


class Made(Protocol):
    """A call that was made, as `ApiCall` is one."""

    operation: str
    account: str
    region: str

    @property
    def params(self) -> Params: ...


class Need(NamedTuple):
    """Actions beside the operation's own.

    Parameters: *operations*, whose calls need them; *parameter*, if this is given; *actions*; *resources*, on which,
    for all parameters of the call and the value of this one.
    """

    operations: Sequence[str]
    parameter: str
    actions: Sequence[str]
    resources: Callable[[Params, Any], Sequence[str]]


def _itself(_params: Params, value: Any) -> Sequence[str]:
    return [str(value)]


def _all_of_them(_params: Params, _value: Any) -> Sequence[str]:
    return [EVERYTHING]


def _each(_params: Params, values: Any) -> Sequence[str]:
    return [str(value) for value in values]


def _object(_params: Params, code: Any) -> Sequence[str]:
    return [f"arn:aws:s3:::{code['S3Bucket']}/{code['S3Key']}"] if "S3Bucket" in code else []


BESIDE = (
    Need(CREATE_OR_UPDATE, "Role", ("iam:PassRole",), _itself),  # lambda-permissions
    Need(("CreateFunction",), "Code", ("s3:GetObject",), _object),
    Need(("UpdateFunctionCode",), "S3Bucket", ("s3:GetObject",), lambda params, _bucket: _object(params, params)),
    Need(CREATE_OR_UPDATE, "Layers", ("lambda:GetLayerVersion",), _each),
    Need(
        CREATE_OR_UPDATE,
        "VpcConfig",  # configuration-vpc.html
        ("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"),
        _all_of_them,
    ),
    Need(("CreateFunction", "CreateEventSourceMapping"), "Tags", ("lambda:TagResource",), _all_of_them),
)
"""What calls need beside their own action, by parameter."""

OF_ALL = frozenset(
    {
        "CreateCodeSigningConfig",
        "CreateEventSourceMapping",
        "GetAccountSettings",
        "ListCapacityProviders",
        "ListCodeSigningConfigs",
        "ListEventSourceMappings",
        "ListFunctions",
        "ListLayers",
    }
)
"""Operations whose action knows no resource (service authorization reference)."""

NAMING = ("CodeSigningConfigArn", "DurableExecutionArn", "Resource", "ResourceArn", "Arn")
"""Parameters that are ARNs of what a call is about, where no function, layer, mapping or capacity provider is named."""


class NeededPolicy(dict[str, Any]):
    """A policy of IAM. It prints as JSON."""

    def __str__(self) -> str:
        return json.dumps(self, indent=2)


def needed_policy(calls: Iterable[Made]) -> NeededPolicy:
    """Return the policy that *calls* need: a statement for each set of resources."""
    resources: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        place, params = Place(call.account, call.region), call.params
        resources[action_of(call.operation)].add(resource_of(call.operation, place, params))
        for need in BESIDE:
            value = params.get(need.parameter)
            if call.operation in need.operations and value:
                for action in need.actions:
                    resources[action].update(need.resources(params, value))
    together: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for action, names in resources.items():
        if names:
            together[tuple(sorted(names))].append(action)
    statements = [
        {"Effect": "Allow", "Action": sorted(actions), "Resource": list(names)} for names, actions in together.items()
    ]
    return NeededPolicy(
        {"Version": "2012-10-17", "Statement": sorted(statements, key=lambda one: (one["Resource"], one["Action"]))}
    )


def resource_of(operation: str, place: Place, params: Params) -> str:
    """Return the ARN of what a call of *operation* is about; *place*, of who calls. ``*``: it knows none."""
    if operation in OF_ALL:
        return EVERYTHING
    if uuid := params.get("UUID"):
        return place.arn(f"event-source-mapping:{uuid}")
    for parameter, kind in (("LayerName", "layer"), ("CapacityProviderName", "capacity-provider")):
        if name := str(params.get(parameter) or ""):
            arn = name if name.startswith("arn:") else place.arn(f"{kind}:{name}")
            return f"{arn}:{params['VersionNumber']}" if "VersionNumber" in params else arn
    reference = function_reference(str(params.get("FunctionName") or ""))
    if reference is not None:
        where = Place(reference.account or place.account, reference.region or place.region)
        return where.function_arn(reference.name, reference.qualifier or params.get("Qualifier"))
    return next((str(params[name]) for name in NAMING if str(params.get(name, "")).startswith("arn:")), EVERYTHING)


def function_of(params: Params) -> str | None:
    """Return the name of the function that a call with *params* is about, by its name or in an ARN; None for none."""
    reference = function_reference(str(params.get("FunctionName") or ""))
    if reference is not None:
        return reference.name
    found = (_FUNCTION.match(str(params.get(name, ""))) for name in NAMING)
    return next((match[1] for match in found if match is not None), None)
