"""Functions are created, read, listed and deleted as AWS does it (function-states.html; recorded answers)."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock
from tests.budget import sized
from tests.deploying import ARN, ROLE, create, error_of, refused, zip_of

CONFLICT = "ResourceConflictException"
INVALID = "InvalidParameterValueException"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_creation_answers_201_pending_without_a_last_update_status(client: Any) -> None:
    answer = create(client)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert answer["State"] == "Pending"
    assert answer["StateReason"] == "The function is being created."
    assert answer["StateReasonCode"] == "Creating"
    assert [key for key in answer if key.startswith("LastUpdate")] == []


def test_a_creation_answers_with_every_default(client: Any) -> None:
    content = zip_of()
    answer = create(client, Code={"ZipFile": content})

    assert answer["FunctionArn"] == ARN + "orders"
    assert answer["Version"] == "$LATEST"
    assert (answer["Timeout"], answer["MemorySize"], answer["Description"]) == (3, 128, "")
    assert (answer["PackageType"], answer["Architectures"]) == ("Zip", ["x86_64"])
    assert answer["EphemeralStorage"] == {"Size": 512}
    assert answer["TracingConfig"] == {"Mode": "PassThrough"}
    assert answer["SnapStart"] == {"ApplyOn": "None", "OptimizationStatus": "Off"}
    assert answer["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/orders"}
    assert answer["LastModified"] == "2026-01-01T00:00:00.000+0000"
    assert answer["CodeSize"] == len(content)
    assert answer["CodeSha256"] == base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert answer["RuntimeVersionConfig"]["RuntimeVersionArn"].startswith("arn:aws:lambda:us-east-1::runtime:")
    assert UUID.fullmatch(answer["RevisionId"])
    assert {"Environment", "VpcConfig", "DeadLetterConfig", "Layers", "KMSKeyArn"} & answer.keys() == set()


def test_when_the_creation_ends_the_reason_goes_the_status_comes_and_the_revision_changes(
    client: Any, mock: LambdaMock
) -> None:
    created = create(client)
    mock.clock.run_until_idle()
    settled = client.get_function_configuration(FunctionName="orders")

    assert settled["State"] == "Active"
    assert settled["LastUpdateStatus"] == "Successful"
    assert {"StateReason", "StateReasonCode"} & settled.keys() == set()
    assert settled["RevisionId"] != created["RevisionId"]


def test_looking_changes_nothing(client: Any) -> None:
    create(client)

    states = {client.get_function(FunctionName="orders")["Configuration"]["State"] for _ in range(50)}

    assert states == {"Pending"}


def test_instant_timings_answer_pending_and_the_next_call_sees_active() -> None:
    from lambda_states_mock import mock_lambda

    with mock_lambda(timings="instant"):
        client = boto3.client("lambda")

        assert create(client)["State"] == "Pending"
        assert client.get_function_configuration(FunctionName="orders")["State"] == "Active"


@pytest.mark.parametrize(
    "name",
    [
        "orders",
        "function:orders",
        "123456789012:function:orders",
        "us-east-1:123456789012:function:orders",
        ARN + "orders",
    ],
)
def test_a_name_a_partial_arn_and_an_arn_mean_the_same_function(client: Any, name: str) -> None:
    create(client)

    assert client.get_function_configuration(FunctionName=name)["FunctionArn"] == ARN + "orders"


def test_the_qualifier_asked_for_is_in_the_arn_answered(client: Any) -> None:
    create(client)

    answer = client.get_function_configuration(FunctionName="orders", Qualifier="$LATEST")

    assert answer["FunctionArn"] == ARN + "orders:$LATEST"


def test_qualifiers_that_disagree_are_refused(client: Any) -> None:
    create(client)

    assert error_of(client.get_function, FunctionName=ARN + "orders:$LATEST", Qualifier="1") == (
        400, INVALID, "The derived qualifier from the function name does not match the specified qualifier.",
    )  # fmt: skip


@pytest.mark.parametrize("call", ["get_function", "get_function_configuration", "delete_function"])
def test_a_missing_function_is_named_by_its_arn(client: Any, call: str) -> None:
    answer = refused(getattr(client, call), FunctionName="nothing")

    assert answer["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": f"Function not found: {ARN}nothing",
    }
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert answer["Type"] == "User"


def test_a_function_is_created_once(client: Any) -> None:
    create(client)

    assert error_of(create, client=client) == (409, CONFLICT, "Function already exist: orders")


def test_accounts_and_regions_are_apart(client: Any, mock: LambdaMock) -> None:
    create(client)
    elsewhere: Any = boto3.client("lambda", region_name="eu-west-1")

    assert error_of(elsewhere.get_function, FunctionName="orders")[0] == 404
    assert create(elsewhere)["FunctionArn"] == "arn:aws:lambda:eu-west-1:123456789012:function:orders"
    assert mock.function("orders", region="eu-west-1").state == "Pending"


def test_get_function_tells_where_the_code_is_and_the_tags_only_if_there_are_any(client: Any) -> None:
    create(client)
    create(client, "tagged", Tags={"team": "a"})

    plain, tagged = (client.get_function(FunctionName=name) for name in ("orders", "tagged"))

    assert plain["Code"]["RepositoryType"] == "S3"
    assert "X-Amz-Expires=600" in plain["Code"]["Location"]
    assert {"Tags", "Concurrency"} & plain.keys() == set()
    assert tagged["Tags"] == {"team": "a"}


def test_an_image_function_has_no_runtime_and_its_digest_is_resolved(client: Any, mock: LambdaMock) -> None:
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:latest"
    create(client, PackageType="Image", Code={"ImageUri": uri}, Runtime=None, Handler=None)
    mock.clock.run_until_idle()

    answer = client.get_function(FunctionName="orders")

    assert {"Runtime", "Handler", "RuntimeVersionConfig"} & answer["Configuration"].keys() == set()
    digest = answer["Configuration"]["CodeSha256"]
    assert answer["Code"] == {
        "RepositoryType": "ECR",
        "ImageUri": uri,
        "ResolvedImageUri": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/orders@sha256:{digest}",
    }


BAD_CREATIONS: list[tuple[str, dict[str, Any], int, str, str]] = [
    (
        "not a zip",
        {"Code": {"ZipFile": b"not a zip"}},
        400,
        INVALID,
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
    ),
    (
        "a zip that leaves its folder",
        {"Code": {"ZipFile": zip_of({"../app.py": "x = 1"})}},
        400,
        INVALID,
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
    ),
    (
        "a retired runtime",
        {"Runtime": "python3.7"},
        400,
        INVALID,
        "The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda functions. "
        "We recommend you use a supported runtime while creating or updating functions.",
    ),
    (
        "a role that is no ARN",
        {"Role": "r1"},
        400,
        "ValidationException",
        "1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular "
        r"expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
    ),
    (
        "reserved variables",
        {"Environment": {"Variables": {"AWS_REGION": "x"}}},
        400,
        INVALID,
        "Lambda was unable to configure your environment variables because the environment variables you have "
        "provided contains reserved keys that are currently not supported for modification. "
        "Reserved keys used in this request: AWS_REGION",
    ),
    (
        "too many tags",
        {"Tags": {f"key{number}": "x" for number in range(51)}},
        400,
        INVALID,
        "Number of tags exceeds resource tag limit.",
    ),
]


@pytest.mark.parametrize(
    ("params", "status", "code", "message"), [row[1:] for row in BAD_CREATIONS], ids=[row[0] for row in BAD_CREATIONS]
)
def test_a_bad_creation_gets_awss_error_and_creates_nothing(
    client: Any, params: dict[str, Any], status: int, code: str, message: str
) -> None:
    assert error_of(create, client=client, **params) == (status, code, message)
    assert client.list_functions()["Functions"] == []


def test_an_unknown_runtime_is_told_the_known_ones(client: Any) -> None:
    status, code, message = error_of(create, client=client, Runtime="python9")

    assert (status, code) == (400, INVALID)
    assert message.startswith("Value python9 at 'runtime' failed to satisfy constraint: Member must satisfy enum")
    assert message.endswith("] or be a valid ARN")


def test_an_environment_over_four_kilobytes_is_refused(client: Any) -> None:
    _, code, message = error_of(create, client=client, Environment={"Variables": {"BIG": "x" * 4_096}})

    assert code == INVALID
    assert "exceeded the 4KB limit. String measured: {" in message


def test_sizes_are_limits_that_a_test_can_lower(client: Any, mock: LambdaMock) -> None:
    mock.limits.unzipped_bytes = 10

    assert error_of(create, client=client)[2] == "Unzipped size must be smaller than 10 bytes"


@pytest.mark.parametrize(
    ("member", "most", "more"),
    [
        pytest.param("MemorySize", 10_240, 10_241, id="memory"),
        pytest.param("Timeout", 1800, 1801, id="timeout"),
        pytest.param("EphemeralStorage", {"Size": 10_240}, {"Size": 10_241}, id="storage"),
    ],
)
def test_sizes_that_only_a_capacity_provider_gives_are_refused(
    client: Any, mock: LambdaMock, member: str, most: Any, more: Any
) -> None:
    limit = most["Size"] if isinstance(most, dict) else most
    message = f"'{member}' value failed to satisfy constraint: Member must have value less than or equal to {limit}"
    assert error_of(create, client=client, **{member: more}) == (400, INVALID, message)
    create(client, **{member: most})
    mock.clock.run_until_idle()
    changed = error_of(client.update_function_configuration, FunctionName="orders", **{member: more})
    assert changed == (400, INVALID, message)


def test_an_account_may_have_less_memory(client: Any, mock: LambdaMock) -> None:
    mock.limits.memory_size = 3_008
    assert error_of(create, client=client, MemorySize=4_096)[2].endswith("less than or equal to 3008")


SNAP_START = {"SnapStart": {"ApplyOn": "PublishedVersions"}}
ACCESS_POINT = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0"
MOUNTED = [{"Arn": ACCESS_POINT, "LocalMountPath": "/mnt/data"}]
VPC = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
NOT_WITH_SNAP_START: list[tuple[dict[str, Any], str]] = [
    ({"Runtime": "python3.11"}, "python3.11"),
    ({"Runtime": "nodejs22.x"}, "nodejs22.x"),
    ({"Runtime": "ruby3.4"}, "ruby3.4"),
    ({"Runtime": "provided.al2023"}, "provided.al2023"),
    ({"Runtime": "java8.al2"}, "java8.al2"),
    ({"EphemeralStorage": {"Size": 513}}, "EphemeralStorage of more than 512 MB"),
    ({"FileSystemConfigs": MOUNTED, "VpcConfig": VPC}, "EFS"),
]


@pytest.mark.parametrize(("params", "what"), NOT_WITH_SNAP_START, ids=[what for _, what in NOT_WITH_SNAP_START])
def test_snapshots_do_not_go_with_everything(client: Any, mock: LambdaMock, params: dict[str, Any], what: str) -> None:
    message = f"{what} is not supported for SnapStart enabled functions."
    assert error_of(create, client=client, **params, **SNAP_START) == (400, INVALID, message)
    create(client, **params)
    mock.clock.run_until_idle()
    changed = error_of(client.update_function_configuration, FunctionName="orders", **SNAP_START)
    assert changed == (400, INVALID, message)
    assert client.get_function_configuration(FunctionName="orders")["SnapStart"]["ApplyOn"] == "None"


def test_a_file_system_is_reached_through_a_vpc(client: Any, mock: LambdaMock) -> None:
    message = f"Function must be configured to execute in a VPC to reference access point {ACCESS_POINT}"
    assert error_of(create, client=client, FileSystemConfigs=MOUNTED) == (400, INVALID, message)
    create(client, FileSystemConfigs=MOUNTED, VpcConfig=VPC)
    mock.clock.run_until_idle()

    detached: dict[str, list[str]] = {"SubnetIds": [], "SecurityGroupIds": []}
    refusal = error_of(client.update_function_configuration, FunctionName="orders", VpcConfig=detached)
    assert refusal == (400, INVALID, message)
    update = {"VpcConfig": detached, "FileSystemConfigs": []}
    assert "FileSystemConfigs" not in client.update_function_configuration(FunctionName="orders", **update)


@pytest.mark.parametrize("part", VPC)
def test_subnets_and_security_groups_come_together(client: Any, mock: LambdaMock, part: str) -> None:
    message = "SubnetIds and SecurityIds must coexist or be both empty list."
    one = {part: VPC[part]}
    assert error_of(create, client=client, VpcConfig=one) == (400, INVALID, message)
    create(client, VpcConfig=VPC)
    mock.clock.run_until_idle()

    refusal = error_of(client.update_function_configuration, FunctionName="orders", VpcConfig=one)
    assert refusal == (400, INVALID, message)


def test_an_image_has_no_snapshots(client: Any) -> None:
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:latest"
    image = {"FunctionName": "orders", "PackageType": "Image", "Role": ROLE, "Code": {"ImageUri": uri}}
    refusal = error_of(client.create_function, **image, **SNAP_START)
    assert refusal == (400, INVALID, "ContainerImage is not supported for SnapStart enabled functions.")


def test_a_zip_bomb_is_refused_by_what_it_says_of_itself(client: Any, mock: LambdaMock) -> None:
    import io
    import zipfile

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(20_000_000))
    mock.limits.unzipped_bytes = 10_000_000

    assert error_of(create, client=client, Code={"ZipFile": content.getvalue()})[1] == INVALID


def test_several_violations_come_in_one_message(client: Any) -> None:
    _, code, message = error_of(create, client=client, name="bad name!", Timeout=100_000)

    assert code == "ValidationException"
    assert message.startswith("2 validation errors detected: ")


def test_lists_leave_out_states_and_runtime_versions(client: Any, mock: LambdaMock) -> None:
    create(client)
    mock.clock.run_until_idle()

    (listed,) = client.list_functions()["Functions"]

    left_out = {"State", "StateReason", "LastUpdateStatus", "RuntimeVersionConfig"}
    assert left_out & listed.keys() == set()
    assert listed["FunctionArn"] == ARN + "orders"


def test_a_version_that_is_not_there_can_be_deleted_again_and_again(client: Any) -> None:
    create(client, Publish=True)

    for version in ("1", "1", "1221"):
        answer = client.delete_function(FunctionName="orders", Qualifier=version)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert error_of(client.delete_function, FunctionName="nothing", Qualifier="1221") == (
        404,
        "ResourceNotFoundException",
        f"Function not found: {ARN}nothing",
    )


def test_a_deleted_function_is_gone_with_its_versions_and_aliases(client: Any, mock: LambdaMock) -> None:
    create(client, Publish=True)
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")

    answer = client.delete_function(FunctionName="orders")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert error_of(client.get_function, FunctionName="orders", Qualifier="1")[0] == 404
    assert error_of(client.get_function, FunctionName="orders", Qualifier="live")[0] == 404
    assert not mock.function("orders").exists


def test_deleting_stops_the_creation(client: Any, mock: LambdaMock) -> None:
    create(client)
    client.delete_function(FunctionName="orders")
    mock.clock.run_until_idle()

    assert mock.timeline.of("orders").states == ["Pending", None]


def test_the_name_is_free_again_at_once(client: Any) -> None:
    create(client)
    client.delete_function(FunctionName="orders")

    assert create(client)["State"] == "Pending"


def test_a_version_behind_an_alias_cannot_be_deleted(client: Any, mock: LambdaMock) -> None:
    create(client, Publish=True)
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")

    assert error_of(client.delete_function, FunctionName="orders", Qualifier="1")[:2] == (409, CONFLICT)


def test_an_alias_is_not_deleted_as_a_function(client: Any) -> None:
    create(client)

    assert error_of(client.delete_function, FunctionName="orders", Qualifier="live") == (
        400, INVALID, "Deletion of aliases is not currently supported.",
    )  # fmt: skip


def test_lists_page_with_botocores_paginator(client: Any) -> None:
    names = [f"f{number:03d}" for number in range(120)]
    for name in names:
        create(client, name)

    pages = list(client.get_paginator("list_functions").paginate())

    assert [len(page["Functions"]) for page in pages] == [50, 50, 20]
    assert [one["FunctionName"] for page in pages for one in page["Functions"]] == names


def test_functions_of_a_master_region_are_listed_in_all_versions(client: Any) -> None:
    create(client)

    assert error_of(client.list_functions, MasterRegion="us-east-1") == (
        400,
        INVALID,
        "FunctionVersion must be ALL when MasterRegion is given.",
    )
    assert client.list_functions(MasterRegion="us-east-1", FunctionVersion="ALL")["Functions"] == []


def test_a_marker_that_is_none_is_refused(client: Any) -> None:
    assert error_of(client.list_functions, Marker="nonsense")[:2] == (400, INVALID)


def test_a_page_costs_the_same_in_a_large_store_as_in_a_small_one(client: Any, mock: LambdaMock) -> None:
    def seconds_for_a_page() -> float:
        best = float("inf")
        for _ in range(10):
            started = time.perf_counter()
            client.list_functions(MaxItems=50)
            best = min(best, time.perf_counter() - started)
        return best

    content, many = zip_of(), sized(1_000, 10_000)
    params = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Code": {"ZipFile": content}}
    for number in range(100):
        mock.backend.call("CreateFunction", {"FunctionName": f"f{number:05d}", **params})
    small = seconds_for_a_page()
    for number in range(100, many):
        mock.backend.call("CreateFunction", {"FunctionName": f"f{number:05d}", **params})

    assert seconds_for_a_page() < 3 * small
    assert sum(len(page["Functions"]) for page in client.get_paginator("list_functions").paginate()) == many


def test_a_zip_with_a_file_that_is_a_folder_too_is_refused(client: Any) -> None:
    assert error_of(create, client=client, Code={"ZipFile": zip_of({"a": "1", "a/b": "2"})})[2] == (
        "Could not unzip uploaded file. Please check your file, then try to upload again."
    )


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_a_variable_that_no_process_can_have_is_refused(client: Any, value: str) -> None:
    assert error_of(create, client=client, Environment={"Variables": {"NAME": value}})[:2] == (400, INVALID)


def test_calls_of_an_operation_that_is_none_are_refused_with_the_nearest(mock: LambdaMock) -> None:
    with pytest.raises(LookupError, match='did you mean "GetFunction"'):
        mock.calls.of("GetFunctoin")


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), "3", True])
def test_a_fault_that_takes_no_length_of_time_is_refused_where_it_is_scripted(mock: LambdaMock, seconds: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=r"take\(\) is a length of time"):
        mock.faults.on_phase("create").take(seconds)
    with pytest.raises((ValueError, TypeError), match=r"delay\(\) is a length of time"):
        mock.faults.on_call("GetFunction").delay(seconds)
