"""pytest-timeout beside a mock, in both of its modes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import forked

TEST_FILE = """
import threading

import boto3
import pytest

BODY = {
    "FunctionName": "orders",
    "Runtime": "python3.13",
    "Handler": "a.b",
    "Role": "arn:aws:iam::123456789012:role/orders",
    "Code": {"S3Bucket": "deploys", "S3Key": "orders.zip"},
}

def spin(*_):
    while True:
        pass

def never_comes(*_):
    threading.Event().wait()

@pytest.fixture
def client(lambda_mock):
    made = boto3.client("lambda", region_name="us-east-1")
    made.create_function(**BODY)
    lambda_mock.clock.run_until_idle()
    return made

@pytest.mark.timeout(SECONDS, func_only=True)
@pytest.mark.parametrize("handler", [spin, never_comes])
def test_too_long(client, lambda_mock, handler):
    lambda_mock.handler("orders", call=handler)
    client.invoke(FunctionName="orders")

def test_next(client, lambda_mock):
    lambda_mock.handler("orders", returns=1)
    assert client.invoke(FunctionName="orders")["Payload"].read() == b"1"
    assert threading.active_count() == 1
"""
PLUGINS = ("-p", "pytest_timeout", "-p", "lambda_states_mock.pytest_plugin")


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Return what runs pytest in a process of its own, with a limit in seconds."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(forked.ROOT))

    def run_with(limit: float, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(TEST_FILE.replace("SECONDS", str(limit)))
        done = forked.run("-m", "pytest", "-p", "no:cacheprovider", *PLUGINS, *arguments, cwd=pytester.path)
        return pytest.RunResult(done.returncode, done.stdout.splitlines(), done.stderr.splitlines(), 0)

    return run_with


def test_its_signal_ends_a_handler_and_the_next_test_finds_nothing_of_it(run: Callable[..., pytest.RunResult]) -> None:
    ended = run(0.1, "--timeout-method=signal", "--tb=no")
    ended.assert_outcomes(failed=2, passed=1)


def test_its_thread_shows_the_stack_and_ends_the_process(run: Callable[..., pytest.RunResult]) -> None:
    ended = run(0.5, "--timeout-method=thread", "-k", "never_comes")
    assert ended.ret == 1
    ended.stdout.fnmatch_lines(["*in never_comes", "*+ Timeout +*"])
