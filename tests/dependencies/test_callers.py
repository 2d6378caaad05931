"""Functions and layers of one account, used by another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore import xform_name

from lambda_states_mock import LambdaMock
from lambda_states_mock.service_errors import ServiceError
from tests.deploying import ARN, create, error_of, zip_of
from tests.newest_client import newest_client

PARTNER = "arn:aws:iam::210987654321:role/partner"


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client, Publish=True)
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    return client


def allow(client: Any, principal: str, **params: Any) -> None:
    client.add_permission(
        FunctionName="orders", StatementId="partner", Action="lambda:InvokeFunction", Principal=principal, **params
    )


def test_without_a_policy_another_account_is_refused(settled: Any, mock: LambdaMock) -> None:
    mock.world.caller = PARTNER

    assert error_of(settled.invoke, FunctionName=f"{ARN}orders") == (
        403,
        "AccessDeniedException",
        f"User: {PARTNER} is not authorized to perform: lambda:InvokeFunction on resource: {ARN}orders "
        "because no resource-based policy allows the lambda:InvokeFunction action",
    )
    assert mock.invocations("orders") == []


@pytest.mark.parametrize("principal", ["210987654321", PARTNER, "*"])
def test_a_policy_lets_another_account_in(settled: Any, mock: LambdaMock, principal: str) -> None:
    allow(settled, principal)
    mock.world.caller = PARTNER

    assert settled.invoke(FunctionName=f"{ARN}orders")["StatusCode"] == 200


@pytest.mark.parametrize(
    ("principal", "params"),
    [
        ("333333333333", {}),
        ("arn:aws:iam::210987654321:role/other", {}),
        ("sns.amazonaws.com", {"SourceArn": "arn:aws:sns:us-east-1:210987654321:topic"}),
        ("*", {"SourceAccount": "210987654321"}),
    ],
)
def test_a_policy_for_somebody_else_does_not(
    settled: Any, mock: LambdaMock, principal: str, params: dict[str, Any]
) -> None:
    allow(settled, principal, **params)
    mock.world.caller = PARTNER

    assert error_of(settled.invoke, FunctionName=f"{ARN}orders")[:2] == (403, "AccessDeniedException")


def test_the_policy_of_a_function_is_not_that_of_its_alias(settled: Any, mock: LambdaMock) -> None:
    allow(settled, "210987654321", Qualifier="live")
    mock.world.caller = PARTNER

    assert settled.invoke(FunctionName=f"{ARN}orders:live")["StatusCode"] == 200
    assert error_of(settled.invoke, FunctionName=f"{ARN}orders")[1] == "AccessDeniedException"


def test_ones_own_functions_need_no_policy(settled: Any, mock: LambdaMock) -> None:
    mock.world.caller = "arn:aws:iam::123456789012:role/own"

    assert settled.invoke(FunctionName="orders")["StatusCode"] == 200


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("GetFunction", {}),
        ("UpdateFunctionConfiguration", {"Timeout": 5}),
        ("DeleteFunction", {}),
        ("GetPolicy", {}),
        (
            "CreateFunction",
            {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": "arn:aws:iam::123456789012:role/r",
                "Code": {"S3Bucket": "deployments", "S3Key": "orders.zip"},
            },
        ),
    ],
)
def test_an_arn_of_another_account_is_refused_to_any_operation(
    client: Any, operation: str, params: dict[str, Any]
) -> None:
    theirs = "arn:aws:lambda:us-east-1:210987654321:function:orders"

    status, code, message = error_of(getattr(client, xform_name(operation)), FunctionName=theirs, **params)

    assert (status, code) == (403, "AccessDeniedException")
    assert message.endswith(
        f"is not authorized to perform: lambda:{operation} on resource: {theirs} "
        f"because no resource-based policy allows the lambda:{operation} action"
    )


def check_refused(client: Any, operation: str, resource: str, **params: Any) -> None:
    """Fail unless *operation* on *resource* is denied for want of a policy that allows it."""
    status, code, message = error_of(getattr(client, xform_name(operation)), **params)
    assert (status, code) == (403, "AccessDeniedException")
    assert f"is not authorized to perform: lambda:{operation} on resource: {resource} " in message


@pytest.mark.parametrize(
    ("operation", "params"),
    [("GetResourcePolicy", {}), ("PutResourcePolicy", {"Policy": "{}"}), ("DeleteResourcePolicy", {})],
)
def test_a_policy_of_another_account_is_nobodys_to_read_or_change(
    client: Any, operation: str, params: dict[str, Any]
) -> None:
    theirs = "arn:aws:lambda:us-east-1:210987654321:function:orders"

    check_refused(client, operation, theirs, ResourceArn=theirs, **params)


THEIRS = "arn:aws:lambda:us-east-1:210987654321:"
EXECUTION = f"{THEIRS}function:orders:1/durable-execution/one/e8e5b461-7589-482b-9a70-2cfa93ea5c4e"
CONFIG = f"{THEIRS}code-signing-config:csc-0123456789abcdef0"


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        *(
            (operation, {"DurableExecutionArn": EXECUTION})
            for operation in ("GetDurableExecution", "GetDurableExecutionHistory", "StopDurableExecution")
        ),
        *(
            (operation, {"CodeSigningConfigArn": CONFIG})
            for operation in (
                "GetCodeSigningConfig",
                "UpdateCodeSigningConfig",
                "DeleteCodeSigningConfig",
                "ListFunctionsByCodeSigningConfig",
            )
        ),
    ],
)
def test_what_another_account_has_and_no_policy_shares_is_refused(
    mock: LambdaMock, operation: str, params: dict[str, str]
) -> None:
    (theirs,) = params.values()

    check_refused(newest_client(), operation, theirs, **params)


ORGANIZATION = "o-abcdefghij"


def put(client: Any, *statements: dict[str, Any]) -> None:
    """Let the policy of ``orders`` consist of *statements*, about everybody and every action unless they say more."""
    usual = {"Effect": "Allow", "Principal": "*", "Action": "lambda:*", "Resource": f"{ARN}orders"}
    document = {"Version": "2012-10-17", "Statement": [{**usual, **one} for one in statements]}
    client.put_resource_policy(ResourceArn=f"{ARN}orders", Policy=json.dumps(document))


@pytest.mark.parametrize(("organization", "status"), [(ORGANIZATION, 200), ("o-0123456789", 403), (None, 403)])
def test_a_policy_lets_an_organization_in(
    settled: Any, mock: LambdaMock, organization: str | None, status: int
) -> None:
    allow(settled, "*", PrincipalOrgID=ORGANIZATION)
    mock.world.caller, mock.world.organization = PARTNER, organization

    if status == 200:
        assert settled.invoke(FunctionName=f"{ARN}orders")["StatusCode"] == 200
    else:
        assert error_of(settled.invoke, FunctionName=f"{ARN}orders")[0] == status


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/partner"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": "333333333333"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"DateLessThan": {"aws:CurrentTime": "2026-01-02T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, False),
        ({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}, False),
        ({"Bool": {"lambda:InvokedViaFunctionUrl": "false"}}, True),
    ],
)
def test_conditions_count(settled: Any, mock: LambdaMock, condition: dict[str, Any], allowed: bool) -> None:
    put(settled, {"Condition": condition})
    mock.world.caller = PARTNER

    if allowed:
        assert settled.invoke(FunctionName=f"{ARN}orders")["StatusCode"] == 200
    else:
        assert error_of(settled.invoke, FunctionName=f"{ARN}orders")[1] == "AccessDeniedException"


def test_conditions_may_ask_for_parameters(settled: Any, mock: LambdaMock) -> None:
    put(settled, {"Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}})
    mock.world.caller = PARTNER

    made = settled.create_function_url_config(FunctionName=f"{ARN}orders", AuthType="AWS_IAM")
    assert made["AuthType"] == "AWS_IAM"
    assert error_of(settled.update_function_url_config, FunctionName=f"{ARN}orders", AuthType="NONE")[0] == 403


@pytest.mark.parametrize("caller", [PARTNER, "arn:aws:iam::123456789012:role/own"])
def test_a_policy_that_denies_wins(settled: Any, mock: LambdaMock, caller: str) -> None:
    put(settled, {}, {"Effect": "Deny", "Action": "lambda:Invoke*"})
    mock.world.caller = caller

    assert error_of(settled.invoke, FunctionName=f"{ARN}orders") == (
        403,
        "AccessDeniedException",
        f"User: {caller} is not authorized to perform: lambda:InvokeFunction on resource: {ARN}orders "
        "with an explicit deny in a resource-based policy",
    )
    assert settled.get_function(FunctionName=f"{ARN}orders")["Configuration"]["FunctionName"] == "orders"


def test_a_policy_that_denies_counts_for_ones_own_functions_by_name(settled: Any) -> None:
    put(settled, {"Effect": "Deny", "Action": "lambda:Delete*"})

    assert error_of(settled.delete_function, FunctionName="orders")[:2] == (403, "AccessDeniedException")


def test_not_principal_leaves_some_out(settled: Any, mock: LambdaMock) -> None:
    everybody_else = {"Effect": "Deny", "NotPrincipal": {"AWS": PARTNER}, "Action": "lambda:*"}
    document = {"Statement": [{**everybody_else, "Resource": f"{ARN}orders"}]}
    settled.put_resource_policy(ResourceArn=f"{ARN}orders", Policy=json.dumps(document))

    assert error_of(settled.invoke, FunctionName="orders")[2].endswith(
        "with an explicit deny in a resource-based policy"
    )
    mock.world.caller = PARTNER
    assert "no resource-based policy allows" in error_of(settled.invoke, FunctionName=f"{ARN}orders")[2]


def test_a_caller_of_another_account_needs_a_policy_for_every_operation(settled: Any, mock: LambdaMock) -> None:
    mock.world.caller = PARTNER

    assert error_of(settled.get_function, FunctionName=f"{ARN}orders")[:2] == (403, "AccessDeniedException")


def test_a_bare_name_means_a_function_of_the_client(settled: Any, mock: LambdaMock) -> None:
    mock.world.caller = PARTNER

    assert settled.get_function(FunctionName="orders")["Configuration"]["FunctionName"] == "orders"


@pytest.mark.parametrize("organization", ["orders", "o-1", 7])
def test_an_organization_that_cannot_be_is_refused(mock: LambdaMock, organization: Any) -> None:
    with pytest.raises(ValueError, match='Give one such as "o-abcdefghij", or None'):
        mock.world.organization = organization
    assert mock.world.organization is None


@pytest.mark.parametrize("action", ["lambda:invokefunction", "LAMBDA:Invoke*", "lambda:InvokeFunctio?", "*"])
def test_an_action_is_denied_as_a_policy_names_it(settled: Any, mock: LambdaMock, action: str) -> None:
    mock.world.deny(action)

    assert error_of(settled.invoke, FunctionName="orders")[1] == "AccessDeniedException"


# -- layers

LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:tools"


@pytest.fixture
def layer(client: Any) -> Any:
    """A client; version 1 of the layer ``tools`` is there."""
    client.publish_layer_version(LayerName="tools", Content={"ZipFile": zip_of()})
    return client


def share(client: Any, principal: str, **params: Any) -> None:
    client.add_layer_version_permission(
        LayerName="tools",
        VersionNumber=1,
        StatementId="partner",
        Action="lambda:GetLayerVersion",
        Principal=principal,
        **params,
    )


def test_a_layer_that_is_not_shared_is_refused(layer: Any, mock: LambdaMock) -> None:
    mock.world.caller = PARTNER
    refusal = (
        403,
        "AccessDeniedException",
        f"User: {PARTNER} is not authorized to perform: lambda:GetLayerVersion on resource: {LAYER}:1 "
        "because no resource-based policy allows the lambda:GetLayerVersion action",
    )

    assert error_of(layer.get_layer_version, LayerName=LAYER, VersionNumber=1) == refusal
    assert error_of(layer.get_layer_version_by_arn, Arn=f"{LAYER}:1") == refusal


@pytest.mark.parametrize(
    ("principal", "params"),
    [("210987654321", {}), ("*", {}), ("*", {"OrganizationId": ORGANIZATION})],
)
def test_a_shared_layer_shows_itself(layer: Any, mock: LambdaMock, principal: str, params: dict[str, Any]) -> None:
    share(layer, principal, **params)
    mock.world.caller, mock.world.organization = PARTNER, ORGANIZATION

    assert layer.get_layer_version(LayerName=LAYER, VersionNumber=1)["Version"] == 1
    assert layer.get_layer_version_by_arn(Arn=f"{LAYER}:1")["Version"] == 1


@pytest.mark.parametrize(("principal", "params"), [("333333333333", {}), ("*", {"OrganizationId": "o-0123456789"})])
def test_a_layer_shared_with_somebody_else_does_not(
    layer: Any, mock: LambdaMock, principal: str, params: dict[str, Any]
) -> None:
    share(layer, principal, **params)
    mock.world.caller, mock.world.organization = PARTNER, ORGANIZATION

    assert error_of(layer.get_layer_version, LayerName=LAYER, VersionNumber=1)[1] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("ListLayerVersions", {}),
        ("DeleteLayerVersion", {"VersionNumber": 1}),
        ("GetLayerVersionPolicy", {"VersionNumber": 1}),
        ("PublishLayerVersion", {"Content": {"ZipFile": zip_of()}}),
    ],
)
def test_a_shared_layer_can_only_be_read(layer: Any, mock: LambdaMock, operation: str, params: dict[str, Any]) -> None:
    share(layer, "*")
    mock.world.caller = PARTNER

    answer = error_of(getattr(layer, xform_name(operation)), LayerName=LAYER, **params)

    assert answer[:2] == (403, "AccessDeniedException")
    assert f"lambda:{operation} on resource: {LAYER}" in answer[2]


def test_a_function_needs_the_permission_to_use_another_accounts_layer(layer: Any, mock: LambdaMock) -> None:
    def deploy() -> Mapping[str, Any]:
        params = {
            "FunctionName": "orders",
            "Runtime": "python3.13",
            "Handler": "app.handler",
            "Role": "arn:aws:iam::210987654321:role/orders",
            "Code": {"ZipFile": zip_of()},
            "Layers": [f"{LAYER}:1"],
        }
        return mock.backend.call("CreateFunction", params, account="210987654321")

    with pytest.raises(ServiceError, match=f"lambda:GetLayerVersion on resource: {LAYER}:1") as raised:
        deploy()
    assert (raised.value.code, raised.value.status) == ("AccessDeniedException", 403)
    share(layer, "210987654321")
    assert deploy()["Layers"][0]["CodeSize"] > 0
