"""What contains the processes of a function, and what they reach from there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambda_states_mock.execution.runtimes.processes import sandbox
from lambda_states_mock.execution.runtimes.processes.programs import ProcessStartError
from tests.processes.conftest import World
from tests.processes.functions import BASH

pytestmark = [pytest.mark.processes, pytest.mark.needs_program("python")]
contained = pytest.mark.needs_program("bubblewrap")
both = pytest.mark.parametrize("kind", [pytest.param("bubblewrap", marks=contained), "none"])

LOOKS = """
import os, pathlib, resource, socket, subprocess, sys
def handler(event, context):
    try:
        return eval(event, globals())
    except OSError as error:
        return type(error).__name__ + f" {error.errno}"
"""


@pytest.fixture
def inside(opened: Callable[..., Any]) -> Any:
    with opened(sandbox="bubblewrap") as world:
        world.create(LOOKS, EphemeralStorage={"Size": 512}, MemorySize=3008)
        yield world


@contained
@pytest.mark.parametrize(
    ("look", "found"),
    [
        ("(os.getcwd(), __file__)", ["/var/task", "/var/task/app.py"]),
        ("open('/var/task/x', 'w')", "OSError 30"),
        ("open('/opt/x', 'w')", "OSError 30"),
        ("open('/etc/x', 'w')", "OSError 30"),
        ("open('/x', 'w')", "OSError 30"),
        ("oct(os.stat('/tmp').st_mode)", "0o41777"),
        ("oct(os.stat('/var/task').st_mode)", "0o40755"),
        ("oct(os.stat('/opt').st_mode)", "0o40755"),
        ("os.listdir('/tmp')", []),
        ("pathlib.Path('/tmp/x').write_text('yes')", 3),
        ("os.environ['AWS_LAMBDA_RUNTIME_API']", "127.0.0.1:9001"),
        ("os.environ.get('TMPDIR')", None),
        ("os.getuid() != 0", True),
        ("socket.gethostbyname('sandbox')", "127.0.0.1"),
        ("socket.gethostbyname('sandbox.localdomain')", "127.0.0.1"),
        ("socket.create_connection(('192.0.2.1', 80), 1)", "OSError 101"),
        ("len([one for one in os.listdir('/proc') if one.isdigit()])", 2),
        ("sorted(os.listdir('/run'))", ["client", "clock"]),
        ("resource.getrlimit(resource.RLIMIT_NOFILE)", [1024, 1024]),
        ("resource.getrlimit(resource.RLIMIT_NPROC)", [742, 742]),
        ("resource.getrlimit(resource.RLIMIT_STACK)[0]", 8_388_608),
        ("resource.getrlimit(resource.RLIMIT_MEMLOCK)", [65_536, 65_536]),
        ("resource.getrlimit(resource.RLIMIT_CORE)", [0, 0]),
    ],
    ids=str,
)
def test_a_function_finds_what_it_finds_in_lambda(inside: World, look: str, found: Any) -> None:
    assert inside.invoke(look) == (found, None)


@contained
def test_a_full_tmp_is_an_error_and_what_is_in_it_survives_a_reset(inside: World) -> None:
    assert inside.invoke("pathlib.Path('/tmp/kept').write_text('here')")[0] == 4
    assert inside.invoke("pathlib.Path('/tmp/big').write_bytes(bytes(600_000_000))")[0] == "OSError 28"
    assert inside.invoke("os._exit(1)")[1] == "Unhandled"
    assert inside.invoke("pathlib.Path('/tmp/kept').read_text()")[0] == "here"
    assert len(inside.m.function("orders").environments) == 1


@contained
def test_a_child_that_has_left_its_parents_ends_with_the_environment(opened: Callable[..., Any]) -> None:
    code = "import subprocess\ndef handler(event, context):\n    subprocess.Popen(['setsid', '-f', 'sleep', '98765'])\n"
    with opened(sandbox="bubblewrap") as world:
        world.create(code)
        world.invoke()
        assert _sleeps("98765")
    assert not _sleeps("98765")


def _sleeps(seconds: str) -> bool:
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return f"sleep {seconds}" in found


@both
@pytest.mark.parametrize("number", [3, 6, 9, 11, 15, 129, 139])
def test_the_exit_status_and_the_signal_are_told_apart(opened: Callable[..., Any], kind: str, number: int) -> None:
    with opened(sandbox=kind) as world:
        world.create("import os\ndef handler(event, context):\n    os._exit(event)\n")
        assert world.invoke(number)[0]["errorMessage"].endswith(f"exit status {number}")
        assert world.m.function("orders").environments[0].processes[0].exit_status == number


@both
@pytest.mark.needs_program("bash")
def test_a_custom_runtime_and_a_program_of_the_test_run(opened: Callable[..., Any], tmp_path: Path, kind: str) -> None:
    program = tmp_path / "mine"
    program.write_text(BASH)
    with opened(sandbox=kind) as world:
        world.create({"bootstrap": BASH}, Runtime="provided.al2023", Handler="x")
        assert world.invoke(1) == ({"got": 1}, None)
        world.create({"app.rb": ""}, "own", Runtime="ruby3.4")
        world.m.run_in_process("own", command=["/bin/bash", program])
        assert world.invoke(2, "own") == ({"got": 2}, None)


@both
def test_calls_of_other_services_come_to_moto_where_it_is_active(opened: Callable[..., Any], kind: str) -> None:
    code = (
        "import boto3\ndef handler(event, context):\n"
        "    boto3.client('s3').put_object(Bucket='orders', Key='a b/c', Body=b'x' * event)\n"
        "    boto3.resource('dynamodb').Table('orders').put_item(Item={'id': 'one'})\n"
        "    queue = boto3.client('sqs').get_queue_url(QueueName='orders')['QueueUrl']\n"
        "    boto3.client('sqs').send_message(QueueUrl=queue, MessageBody='hello')\n"
        "    return boto3.client('sts').get_caller_identity()['Arn']\n"
    )
    with mock_aws(), opened(sandbox=kind) as world:
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="orders")
        sqs = boto3.client("sqs", region_name="us-east-1")
        queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
        table = boto3.resource("dynamodb", region_name="us-east-1").create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        boto3.client("iam").create_role(RoleName="orders", AssumeRolePolicyDocument="{}")
        world.create(code, MemorySize=512)
        arn, failed = world.invoke(100_000)
        assert failed is None, arn
        assert ":assumed-role/orders/orders" in arn
        assert table.scan()["Items"] == [{"id": "one"}]
        assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "hello"
        found = boto3.client("s3", region_name="us-east-1").get_object(Bucket="orders", Key="a b/c")
        assert len(found["Body"].read()) == 100_000


@both
def test_without_moto_other_services_are_refused_at_once(opened: Callable[..., Any], kind: str) -> None:
    code = (
        "import boto3\nfrom botocore.exceptions import ClientError\n"
        "def handler(event, context):\n"
        "    try:\n        getattr(boto3.client(event[0]), event[1])()\n"
        "    except ClientError as error:\n        return str(error)\n"
    )
    with opened(sandbox=kind) as world:
        world.create(code, MemorySize=512)
        for call in (["sqs", "list_queues"], ["s3", "list_buckets"], ["sns", "list_topics"], ["batch", "list_jobs"]):
            answer, _ = world.invoke(call)
            assert "(NotMocked)" in answer
            assert f"{call[0]} is not mocked" in answer


def test_who_insists_on_bubblewrap_is_told_why_it_does_not_work(
    opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "bubblewrap", lambda: (None, "there is no  bwrap  in PATH"))
    with opened(sandbox="bubblewrap") as world:
        world.create(LOOKS)
        with pytest.raises(ProcessStartError, match="no  bwrap  in PATH"):
            world.invoke("1")
    with opened(sandbox="auto") as world:
        world.create(LOOKS)
        assert world.invoke("os.environ['AWS_LAMBDA_RUNTIME_API']")[0] != "127.0.0.1:9001"


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["/opt/node/bin", "/opt/node"], ["/opt/node"]),
        (["/usr/bin/node"], []),
        (["/opt"], []),
        (["/opt/missing"], []),
    ],
)
def test_what_lies_below_folders_of_its_own_is_shown_to_it(
    monkeypatch: pytest.MonkeyPatch, paths: list[str], found: list[str]
) -> None:
    monkeypatch.setattr(Path, "exists", lambda self: "missing" not in str(self))
    assert sandbox.hidden(paths, ("opt", "tmp")) == found
