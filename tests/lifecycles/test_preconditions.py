"""What a test tells of the world around Lambda, and where AWS would let it show."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.errors import UnknownNameError
from tests.deploying import zip_of
from tests.kept_clients import kept_client

ROLE = "arn:aws:iam::123456789012:role/orders"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ACCESS_POINT = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1"
VPC = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
ZIP = {"Runtime": "python3.13", "Handler": "app.handler", "Code": {"S3Bucket": "code", "S3Key": "k"}}
FROM_IMAGE = {"PackageType": "Image", "Code": {"ImageUri": IMAGE}}


@pytest.fixture
def client(mock: LambdaMock) -> Any:
    mock.handler("orders", returns="ok")
    return kept_client(attempts=1)  # a 502 is retried, and the clock would move


def create(client: Any, **more: Any) -> Any:
    kind = {} if "PackageType" in more else ZIP
    return client.create_function(FunctionName="orders", Role=ROLE, **{**kind, **more})


def ready(mock: LambdaMock, client: Any, **more: Any) -> None:
    create(client, **more)
    mock.clock.run_until_idle()


def refusal(client: Any, operation: str, **params: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as raised:
        getattr(client, operation)(FunctionName="orders", **params)
    response: Any = raised.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def code(client: Any) -> str:
    return refusal(client, "invoke")[0]


# -- roles


def test_a_role_that_is_missing_or_does_not_trust_lambda_cannot_be_assumed(mock: LambdaMock, client: Any) -> None:
    expected = "The role defined for the function cannot be assumed by Lambda."
    for spoil in (mock.world.roles["orders"].missing, mock.world.roles[ROLE].deny):
        spoil()
        assert refusal(client, "create_function", Role=ROLE, **ZIP) == ("InvalidParameterValueException", 400, expected)
        mock.world.roles["orders"].restore()


def test_a_role_appears_after_some_seconds_and_a_tool_that_retries_gets_through(mock: LambdaMock, client: Any) -> None:
    mock.world.roles["orders"].appears_after(8)
    refusals = 0
    while not mock.function("orders").exists:
        try:
            create(client)
        except client.exceptions.InvalidParameterValueException:
            refusals += 1
            mock.clock.advance(3)

    assert refusals == 3


def test_a_role_without_leave_for_network_interfaces_is_refused_for_a_vpc_alone(mock: LambdaMock, client: Any) -> None:
    mock.world.roles["orders"].deny("ec2:CreateNetworkInterface")

    assert refusal(client, "create_function", Role=ROLE, VpcConfig=VPC, **ZIP)[2] == (
        "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"
    )
    assert create(client)["State"] == "Pending"


def test_a_role_that_goes_while_the_function_is_made_fails_the_creation(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.world.roles["orders"].missing()
    mock.clock.run_until_idle()

    function = mock.function("orders")
    assert (function.state, function.state_reason_code) == ("Failed", "InsufficientRolePermissions")


def test_the_role_of_an_active_function_that_goes_is_noticed_by_invoke(mock: LambdaMock, client: Any) -> None:
    ready(mock, client)
    mock.world.roles["orders"].missing()

    assert refusal(client, "invoke")[:2] == ("AccessDeniedException", 403)
    assert mock.function("orders").state == "Active"


def test_a_role_that_motos_iam_has_just_made_cannot_be_assumed_yet() -> None:
    with mock_aws(), mock_lambda(timings={"role": 10}) as m:
        iam = boto3.client("iam", region_name="us-east-1")
        client = boto3.client("lambda", region_name="us-east-1")
        trust = (
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
            '"Principal": {"Service": "lambda.amazonaws.com"}}]}'
        )
        iam.create_role(RoleName="orders", AssumeRolePolicyDocument=trust)
        code = {"ZipFile": zip_of()}

        with pytest.raises(client.exceptions.InvalidParameterValueException):
            create(client, Code=code)
        m.clock.advance(9.9)
        with pytest.raises(client.exceptions.InvalidParameterValueException):
            create(client, Code=code)
        m.clock.advance(0.1)

        assert create(client, Code=code)["State"] == "Pending"


# -- networks


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda world: world.subnets["subnet-1"].exhaust(), "SubnetOutOfIPAddresses"),
        (lambda world: world.network_interfaces.exhaust(), "EniLimitExceeded"),
        (lambda world: world.network_interfaces.throttle(), "EC2RequestLimitExceeded"),
        (lambda world: world.security_groups["sg-1"].delete(), "InvalidSecurityGroup"),
        (lambda world: world.subnets["subnet-1"].delete(), "InvalidSubnet"),
    ],
)
def test_what_is_wrong_with_the_network_fails_a_creation(
    mock: LambdaMock, client: Any, spoil: Any, reason: str
) -> None:
    create(client, VpcConfig=VPC)
    spoil(mock.world)

    with pytest.raises(WaiterError):
        client.get_waiter("function_active_v2").wait(FunctionName="orders")

    assert mock.function("orders").state_reason_code == reason


def test_subnets_and_groups_that_are_gone_are_refused_at_once(mock: LambdaMock, client: Any) -> None:
    mock.world.security_groups["sg-1"].delete()
    assert "InvalidGroup.NotFound" in refusal(client, "create_function", Role=ROLE, VpcConfig=VPC, **ZIP)[2]
    mock.world.security_groups["sg-1"].restore()
    mock.world.subnets["subnet-1"].delete()
    assert "InvalidSubnetID.NotFound" in refusal(client, "create_function", Role=ROLE, VpcConfig=VPC, **ZIP)[2]


def test_a_subnet_without_addresses_does_not_hurt_where_the_interface_is_there(mock: LambdaMock, client: Any) -> None:
    ready(mock, client, VpcConfig=VPC)
    mock.world.subnets["subnet-1"].exhaust()

    assert client.invoke(FunctionName="orders")["StatusCode"] == 200
    client.create_function(FunctionName="second", Role=ROLE, VpcConfig=VPC, **ZIP)
    mock.clock.run_until_idle()
    assert mock.function("second").state == "Active"


def test_a_plain_function_does_not_care_for_the_network(mock: LambdaMock, client: Any) -> None:
    mock.world.network_interfaces.exhaust()
    ready(mock, client)

    assert mock.function("orders").state == "Active"


def test_a_restoration_that_finds_no_address_backs_off_for_five_minutes(mock: LambdaMock, client: Any) -> None:
    ready(mock, client, VpcConfig=VPC)
    mock.function("orders").idle()
    mock.world.subnets["subnet-1"].exhaust()
    assert code(client) == "ResourceNotReadyException"
    mock.clock.advance(60)
    function = mock.function("orders")
    assert (function.state, function.state_reason_code) == ("Inactive", "SubnetOutOfIPAddresses")

    mock.clock.advance(299)
    assert refusal(client, "invoke")[:2] == ("SubnetIPAddressLimitReachedException", 502)
    mock.world.subnets["subnet-1"].restore()
    assert code(client) == "ResourceNotReadyException"
    assert function.state == "Inactive"  # nothing was started
    mock.clock.advance(1)
    assert code(client) == "ResourceNotReadyException"
    assert function.state == "Pending"
    mock.clock.advance(60)
    assert function.state == "Active"


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda world: world.network_interfaces.exhaust(), "ENILimitReachedException"),
        (lambda world: world.network_interfaces.throttle(), "EC2ThrottledException"),
        (lambda world: world.roles["orders"].deny("ec2:CreateNetworkInterface"), "EC2AccessDeniedException"),
    ],
)
def test_invoke_names_what_has_failed_a_restoration_and_still_lasts(
    mock: LambdaMock, client: Any, spoil: Any, error: str
) -> None:
    ready(mock, client, VpcConfig=VPC)
    mock.function("orders").idle()
    mock.clock.advance(1_300)
    spoil(mock.world)
    assert code(client) == "ResourceNotReadyException"
    mock.clock.advance(60)

    assert refusal(client, "invoke")[:2] == (error, 502)


def test_invoke_notices_a_security_group_that_is_gone(mock: LambdaMock, client: Any) -> None:
    ready(mock, client, VpcConfig=VPC)
    mock.world.security_groups["sg-1"].delete()

    assert refusal(client, "invoke")[:2] == ("InvalidSecurityGroupIDException", 502)


# -- keys and file systems


@pytest.mark.parametrize(
    ("spoil", "reason", "error"),
    [
        ("disable", "DisabledKMSKey", "KMSDisabledException"),
        ("delete", "KMSKeyNotFound", "KMSNotFoundException"),
        ("schedule_deletion", "InvalidStateKMSKey", "KMSInvalidStateException"),
        ("deny", "KMSKeyAccessDenied", "KMSAccessDeniedException"),
    ],
)
def test_a_key_that_cannot_be_used_fails_updates_and_invocations(
    mock: LambdaMock, client: Any, spoil: str, reason: str, error: str
) -> None:
    ready(mock, client, KMSKeyArn=KEY)
    getattr(mock.world.keys[KEY], spoil)()

    status = refusal(client, "invoke")
    assert status[:2] == (error, 502)
    assert status[2].startswith("Lambda was unable to decrypt the environment variables because ")
    client.update_function_configuration(FunctionName="orders", Description="new")
    with pytest.raises(WaiterError):
        client.get_waiter("function_updated_v2").wait(FunctionName="orders")
    function = mock.function("orders")
    assert (function.state, function.last_update_status_reason_code) == ("Active", reason)

    mock.world.keys[KEY].restore()
    assert client.invoke(FunctionName="orders")["StatusCode"] == 200


def test_a_disabled_key_is_named_in_awss_words(mock: LambdaMock, client: Any) -> None:
    ready(mock, client, KMSKeyArn=KEY)
    mock.world.keys["1234abcd-12ab-34cd-56ef-1234567890ab"].disable()

    assert refusal(client, "invoke")[2] == (
        "Lambda was unable to decrypt the environment variables because the KMS key used is disabled. "
        "Please check the function's KMS key settings."
    )


@pytest.mark.parametrize(
    ("failure", "error", "status", "text"),
    [
        ("EFSIOError", "EFSIOException", 410, "was stopped because Lambda detected an IO process"),
        ("EFSMountConnectivityError", "EFSMountConnectivityException", 408, f"with access point {ACCESS_POINT}. Check"),
        ("EFSMountFailure", "EFSMountFailureException", 403, f"with access point {ACCESS_POINT}."),
        ("EFSMountTimeout", "EFSMountTimeoutException", 408, f"{{{ACCESS_POINT}}} due to mount time out."),
        ("S3FilesMountConnectivityError", "S3FilesMountConnectivityException", 408, f"point {ACCESS_POINT}. Check"),
        (
            "S3FilesMountFailure",
            "S3FilesMountFailureException",
            403,
            f"S3 file system with access point {ACCESS_POINT}.",
        ),
        ("S3FilesMountTimeout", "S3FilesMountTimeoutException", 408, f"{{{ACCESS_POINT}}} due to mount time out."),
    ],
)
def test_a_file_system_fails_in_the_documented_ways(
    mock: LambdaMock, client: Any, *, failure: str, error: str, status: int, text: str
) -> None:
    mounted = {"FileSystemConfigs": [{"Arn": ACCESS_POINT, "LocalMountPath": "/mnt/data"}], "VpcConfig": VPC}
    ready(mock, client, **mounted)
    mock.world.access_points[ACCESS_POINT].fail(failure)

    answer = refusal(client, "invoke")
    assert answer[:2] == (error, status)
    assert text in answer[2]

    client.create_function(FunctionName="second", Role=ROLE, **mounted, **ZIP)
    mock.clock.run_until_idle()
    reason_code = failure if failure.startswith("EFS") else "DependencyError"
    assert mock.function("second").state_reason_code == reason_code


# -- code


def test_an_image_that_is_gone_or_out_of_reach_is_refused_at_once(mock: LambdaMock, client: Any) -> None:
    mock.world.images[IMAGE].delete()
    assert refusal(client, "create_function", Role=ROLE, **FROM_IMAGE)[2].startswith(f"Source image {IMAGE} does not")
    mock.world.images[IMAGE].revoke()
    assert refusal(client, "create_function", Role=ROLE, **FROM_IMAGE)[2] == (
        "Lambda does not have permission to access the ECR image. Check the ECR permissions."
    )


@pytest.mark.parametrize(("loss", "reason"), [("delete", "ImageDeleted"), ("revoke", "ImageAccessDenied")])
def test_a_function_that_loses_its_image_is_inactive_until_it_is_updated(
    mock: LambdaMock, client: Any, loss: str, reason: str
) -> None:
    ready(mock, client, **FROM_IMAGE)
    getattr(mock.world.images[IMAGE], loss)()
    function = mock.function("orders")
    assert (function.state, function.state_reason_code) == ("Inactive", reason)
    assert mock.timeline[-1].cause == f"image {IMAGE} lost"

    mock.world.images[IMAGE].restore()
    assert code(client) == "CodeArtifactUserDeletedException"
    assert function.state == "Inactive"
    client.update_function_code(FunctionName="orders", ImageUri=IMAGE)
    mock.clock.run_until_idle()

    assert (function.state, function.state_reason_code) == ("Active", None)
    assert client.invoke(FunctionName="orders")["StatusCode"] == 200


def test_a_version_that_loses_its_image_is_woken_by_an_invoke_once_the_image_is_back(
    mock: LambdaMock, client: Any
) -> None:
    ready(mock, client, **FROM_IMAGE)
    client.publish_version(FunctionName="orders")
    mock.world.images[IMAGE].delete()
    version = mock.function("orders").version(1)
    assert refusal(client, "invoke", Qualifier="1")[0] == "CodeArtifactUserPendingException"
    mock.clock.advance(60)
    assert (version.state, version.state_reason_code) == ("Inactive", "ImageDeleted")

    mock.world.images[IMAGE].restore()
    assert refusal(client, "invoke", Qualifier="1")[0] == "CodeArtifactUserPendingException"
    mock.clock.advance(60)

    assert version.state == "Active"


def test_an_image_lost_while_an_update_to_it_runs_fails_the_update_and_the_old_one_answers(
    mock: LambdaMock, client: Any
) -> None:
    ready(mock, client, **FROM_IMAGE)
    client.update_function_code(FunctionName="orders", ImageUri=f"{IMAGE}2")
    mock.world.images[f"{IMAGE}2"].delete()
    mock.clock.run_until_idle()

    function = mock.function("orders")
    assert (function.last_update_status, function.last_update_status_reason_code) == ("Failed", "ImageDeleted")
    assert client.invoke(FunctionName="orders")["StatusCode"] == 200


def test_an_object_matters_later_only_to_a_function_that_refers_to_it(mock: LambdaMock, client: Any) -> None:
    ready(mock, client)
    referring = {**ZIP, "Code": {"S3Bucket": "code", "S3Key": "k", "S3ObjectStorageMode": "REFERENCE"}}
    client.create_function(FunctionName="second", Role=ROLE, **referring)
    mock.clock.run_until_idle()

    mock.world.objects["s3://code/k"].delete()

    assert mock.function("orders").state == "Active"
    assert mock.function("second").state == "Inactive"
    assert refusal(client, "update_function_code", S3Bucket="code", S3Key="k")[2] == (
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
    )


# -- the caller


def test_a_caller_with_few_permissions_polls_with_the_one_waiter_and_not_with_the_other(
    mock: LambdaMock, client: Any
) -> None:
    mock.world.caller = "arn:aws:sts::123456789012:assumed-role/ci/build"
    mock.world.deny("lambda:GetFunctionConfiguration")
    create(client)

    with pytest.raises(WaiterError, match="AccessDenied"):
        client.get_waiter("function_active").wait(FunctionName="orders")
    client.get_waiter("function_active_v2").wait(FunctionName="orders")
    assert refusal(client, "get_function_configuration") == (
        "AccessDeniedException",
        403,
        (
            "User: arn:aws:sts::123456789012:assumed-role/ci/build is not authorized to perform: "
            "lambda:GetFunctionConfiguration on resource: arn:aws:lambda:us-east-1:123456789012:function:orders "
            "because no identity-based policy allows the lambda:GetFunctionConfiguration action"
        ),
    )

    mock.world.allow("lambda:GetFunctionConfiguration")
    assert client.get_function_configuration(FunctionName="orders")["State"] == "Active"


def test_a_whole_family_of_actions_is_denied_on_one_function(mock: LambdaMock, client: Any) -> None:
    ready(mock, client)
    client.create_function(FunctionName="second", Role=ROLE, **ZIP)
    mock.world.deny("lambda:Get*", function="second")

    assert client.get_function(FunctionName="orders")["Configuration"]["State"] == "Active"
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_function(FunctionName="second")
    mock.world.allow()
    client.get_function(FunctionName="second")


def test_invoke_is_denied_by_the_name_that_policies_have_for_it(mock: LambdaMock, client: Any) -> None:
    ready(mock, client)
    mock.world.deny("lambda:InvokeFunction")

    assert refusal(client, "invoke", InvocationType="DryRun")[0] == "AccessDeniedException"


# -- mistakes of the test's author


@pytest.mark.parametrize(
    ("mistake", "hint"),
    [
        (lambda world: world.access_points[ACCESS_POINT].fail("EFSMountTimeot"), 'did you mean "EFSMountTimeout"?'),
        (lambda world: world.roles["r"].deny("ec2:CreateNetworkInterfaces"), 'mean "ec2:CreateNetworkInterface"?'),
        (lambda world: world.deny("lambda:GetFunctionConfiguraton"), 'did you mean "lambda:GetFunctionConfiguration"?'),
        (lambda world: world.deny("lambda:Invoke"), 'did you mean "lambda:Invoke'),
        (lambda world: world.allow("lambda:GetFunction"), "was not denied"),
        (lambda world: world.subnets["sg-1"].exhaust(), 'begins with "subnet-"'),
        (lambda world: world.objects["b/k"].delete(), 'begins with "s3://"'),
    ],
)
def test_a_typo_fails_at_once_and_names_the_nearest(mock: LambdaMock, mistake: Any, hint: str) -> None:
    with pytest.raises(UnknownNameError) as raised:
        mistake(mock.world)

    assert hint in str(raised.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("require_sorce_permissions", 'did you mean "require_source_permissions"'),
        ("role", "caller, organization, blocks_public_policies"),
        ("roles", "caller, organization, blocks_public_policies"),
    ],
)
def test_what_of_the_world_is_no_setting_cannot_be_set(mock: LambdaMock, name: str, hint: str) -> None:
    with pytest.raises(AttributeError, match=rf"m\.world\.{name} cannot be set:.*{hint}"):
        setattr(mock.world, name, True)
    assert not hasattr(mock.world, "require_sorce_permissions")


def test_the_world_tells_what_is_wrong_with_it(mock: LambdaMock) -> None:
    assert repr(mock.world) == "<world of arn:aws:iam::123456789012:user/test: all is well>"
    mock.world.subnets["subnet-1"].exhaust()
    assert "[<subnet subnet-1: the subnet has no free addresses>]" in repr(mock.world)
