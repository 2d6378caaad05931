"""Processes that a test starts: with a mock of their own, or in the world of the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
import pytest

from lambda_states_mock import LambdaMock, NoHandlerError, mock_lambda, startup
from tests import forked
from tests.adapters.test_function_urls import public_url
from tests.test_mock import create

ROOT = Path(__file__).parent.parent
LISTING = """
import boto3
from lambda_states_mock import current
found = boto3.client("lambda").list_functions()["Functions"]
print([one["FunctionName"] for one in found], current().clock.now.year)
"""
CREATING = """
import time
import boto3
from lambda_states_mock import current

client = boto3.client("lambda")
client.create_function(
    FunctionName="refunds", Runtime="python3.13", Handler="app.handler", Role="arn:aws:iam::123456789012:role/r",
    Code={"S3Bucket": "code", "S3Key": "zip"},
)
client.get_waiter("function_active_v2").wait(FunctionName="refunds", WaiterConfig={"Delay": 40})
time.sleep(3600)
client.list_functions()
print(current().clock.now)
"""
INVOKING = """
import boto3
print(boto3.client("lambda").invoke(FunctionName="orders", Payload=b'{"id": 7}')["Payload"].read().decode())
"""
GO = """
import boto3
boto3.client("lambda").create_function(
    FunctionName="go", Runtime="provided.al2023", Handler="bootstrap", Role="arn:aws:iam::123456789012:role/r",
    Code={"S3Bucket": "code", "S3Key": "zip"},
)
boto3.client("lambda").get_waiter("function_active_v2").wait(FunctionName="go", WaiterConfig={"Delay": 40})
"""
CALLING = """
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1]).read().decode())
"""

LISTING_ONCE = """
import boto3
from botocore.config import Config
from lambda_states_mock import current
client = boto3.client("lambda", config=Config(read_timeout=7, connect_timeout=5, retries={"total_max_attempts": 1}))
before = current().clock.now
try:
    client.list_functions()
except Exception as error:
    print(type(error).__module__, type(error).__name__, (current().clock.now - before).seconds)
"""
ASKING = """
import sys, urllib.request
try:
    urllib.request.urlopen(sys.argv[1])
except Exception as error:
    print(type(error).__name__)
"""


@pytest.fixture
def m(monkeypatch: pytest.MonkeyPatch) -> Iterator[LambdaMock]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with mock_lambda(start="2026-01-01T00:00:00Z", timings={"create": 200}) as mock:
        create()
        yield mock


def python(
    environment: dict[str, str], code: str, *arguments: str, ready: tuple[str, ...] = forked.WITH_THE_MOCK
) -> str:
    """Run *code* in a process of its own; return what it prints, or else what it complains about."""
    done = forked.run("-c", code, *arguments, env=environment, ready=ready)
    return (done.stdout or done.stderr).strip()


def test_a_child_can_have_a_mock_of_its_own(m: LambdaMock) -> None:
    environment = startup.environment(start="2030-01-01T00:00:00Z", timings="create=45")
    assert python(environment, LISTING, ready=forked.WITH_BOTO3) == "[] 2030"
    assert len(m.calls) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [({"timing": "instant"}, 'did you mean "timings"'), ({"timings": "creat=5"}, 'did you mean "create"')],
)
def test_a_mistake_in_its_options_is_told_to_the_parent(options: dict[str, str], said: str) -> None:
    with pytest.raises((TypeError, LookupError), match=said):
        startup.environment(**options)


def test_a_sitecustomize_of_the_users_own_is_run_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('the own one')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    year = str(datetime.now(timezone.utc).year)
    command = [sys.executable, "-c", LISTING]  # with all that it takes to start one
    done = subprocess.run(command, env=startup.environment(), capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout or done.stderr).strip().split("\n") == ["the own one", f"[] {year}"]


def test_a_child_can_share_the_world_and_its_time(m: LambdaMock) -> None:
    with startup.shared(m) as environment:
        assert python(environment, LISTING) == "['orders'] 2026"
        assert python(environment, CREATING) == "2026-01-01 01:03:20+00:00"
    assert m.function("refunds").state == "Active"
    assert m.clock.now == datetime(2026, 1, 1, 1, 3, 20, tzinfo=timezone.utc)


@pytest.mark.parametrize("ending", ["", "sys.exit(3)", "1 / 0"])
def test_a_sleep_that_no_call_follows_passes_in_the_world(m: LambdaMock, ending: str) -> None:
    with startup.shared(m) as environment:
        python(environment, f"import sys, time\ntime.sleep(200)\n{ending}")
    assert m.function("orders").state == "Active"
    assert m.clock.now == datetime(2026, 1, 1, 0, 3, 20, tzinfo=timezone.utc)


def test_a_child_that_outlives_the_world_ends_in_silence(m: LambdaMock, tmp_path: Path) -> None:
    python = str(forked.interpreter(tmp_path))
    with startup.shared(m) as environment:
        child = subprocess.Popen(
            [python, "-c", "print('begun', flush=True); import time; input(); time.sleep(200)"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
    assert child.communicate("\n", timeout=60)[0] == ""
    assert child.returncode == 0


def test_a_mistake_that_time_brings_to_light_reaches_the_child(m: LambdaMock) -> None:
    def fail() -> None:
        raise NoHandlerError("nothing to run")

    m.backend.clock.schedule(timedelta(seconds=100), fail, label="a mistake")
    with startup.shared(m) as environment:
        said = python(environment, "import time\ntime.sleep(200)")
    assert "lambda_states_mock.errors.NoHandlerError: nothing to run" in said


def test_a_child_that_shares_the_world_makes_none_of_its_own(m: LambdaMock) -> None:
    with startup.shared(m) as environment:
        code = f"{LISTING}\nimport sys\nprint('lambda_states_mock.assembly' in sys.modules)"
        said = python(environment, code, ready=forked.WITH_BOTO3)
    assert said.splitlines() == ["['orders'] 2026", "False"]


def test_a_child_invokes_the_handler_of_the_test(m: LambdaMock) -> None:
    m.clock.advance(200)
    m.handler("orders", call=lambda event, _context: {**event, "process": os.getpid()})
    with startup.shared(m) as environment:
        assert python(environment, INVOKING) == f'{{"id": 7, "process": {os.getpid()}}}'


def test_a_mistake_of_the_test_reaches_the_child(m: LambdaMock) -> None:
    with startup.shared(m) as environment:
        said = python(environment, INVOKING.replace('"orders"', '"go"').replace("import boto3", GO, 1))
    assert "lambda_states_mock.errors.NoHandlerError: " in said


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ("disconnect", "botocore.exceptions ConnectionClosedError 0"),
        ("time_out", "botocore.exceptions ReadTimeoutError 7"),
        ("connecting", "botocore.exceptions ConnectTimeoutError 5"),
    ],
)
def test_a_connection_that_a_fault_breaks_is_broken_for_the_childs_client(
    m: LambdaMock, fault: str, raised: str
) -> None:
    place, begun = m.faults.on_call("ListFunctions"), m.clock.now
    if fault == "connecting":
        place.time_out(connecting=True)
    else:
        getattr(place, fault)()
    with startup.shared(m) as environment:
        assert python(environment, LISTING_ONCE) == raised
    assert f"{(m.clock.now - begun).seconds}" == raised.rsplit(maxsplit=1)[-1]


def test_a_delay_before_a_broken_connection_passes_on_the_childs_clock_too(m: LambdaMock) -> None:
    m.faults.on_call("ListFunctions").delay(5)
    m.faults.on_call("ListFunctions").disconnect()
    with startup.shared(m) as environment:
        assert python(environment, LISTING_ONCE) == "botocore.exceptions ConnectionClosedError 5"


def test_a_child_calls_a_function_url(m: LambdaMock) -> None:
    m.clock.advance(200)
    m.handler("orders", returns={"statusCode": 200, "cookies": ["a=1", "b=2"], "body": "hello"})
    url = public_url()
    with startup.shared(m) as environment:
        assert python(environment, CALLING, url) == "hello"
    assert len(m.invocations("orders")) == 1


KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
OF_ORDERS = "arn:aws:sts::123456789012:assumed-role/orders/orders"


def keys_of_orders(m: LambdaMock) -> dict[str, str]:
    """Return the credentials that the function ``orders`` has, which the programs that it starts inherit."""
    m.clock.advance(200)
    keys: dict[str, str] = {}
    m.handler("orders", call=lambda _event, _context: keys.update({name: os.environ[name] for name in KEYS}))
    boto3.client("lambda", region_name="us-east-1").invoke(FunctionName="orders")
    return keys


def test_a_program_with_the_keys_of_a_function_calls_as_its_role(m: LambdaMock) -> None:
    keys = keys_of_orders(m)
    with startup.shared(m) as environment:
        assert python({**environment, **keys}, LISTING).startswith("['orders']")
        assert m.calls[-1].caller == OF_ORDERS
        python(environment, LISTING)
        assert m.calls[-1].caller == "arn:aws:iam::123456789012:user/test"


def test_a_program_without_the_mock_finds_that_a_frozen_clock_stands_there_too() -> None:
    with mock_lambda(start="2026-01-01T00:00:00Z", freeze=True) as m, startup.shared(m) as environment:
        for _ in range(2):
            subprocess.run([sys.executable, "-I", "-c", ASKING, environment[startup.ENDPOINT]], timeout=60, check=True)
        assert m.clock.now == datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize("fault", ["disconnect", "time_out"])
def test_a_connection_that_a_fault_breaks_closes_without_an_answer(m: LambdaMock, fault: str) -> None:
    getattr(m.faults.on_call("ListFunctions"), fault)()
    with startup.shared(m) as environment:
        url = f"{environment[startup.ENDPOINT]}/2015-03-31/functions/"
        done = subprocess.run(
            [sys.executable, "-I", "-c", ASKING, url], capture_output=True, text=True, timeout=60, check=True
        )
    assert done.stdout.strip() == "RemoteDisconnected"
