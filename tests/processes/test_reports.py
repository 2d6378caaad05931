"""What the report of a failing test says of processes that ended by themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.processes.functions import BASH

pytestmark = [pytest.mark.processes, pytest.mark.needs_program("bash")]

TEST = """
import boto3, io, zipfile
import pytest
from lambda_states_mock import mock_lambda

BOOTSTRAP = {bootstrap!r}
EXTENSION = {extension!r}

def zipped(name, text):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o755 << 16
        archive.writestr(info, text)
    return content.getvalue()

@pytest.fixture
def client():
    with mock_lambda(timings="instant", processes=True) as m:
        client = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        layers = []
        if EXTENSION:
            layer = client.publish_layer_version(
                LayerName="agent", Content={{"ZipFile": zipped("extensions/agent", EXTENSION)}})
            layers = [layer["LayerVersionArn"]]
        client.create_function(FunctionName="orders", Runtime="provided.al2023", Handler="x", Layers=layers,
            Role="arn:aws:iam::123456789012:role/orders", Code={{"ZipFile": zipped("bootstrap", BOOTSTRAP)}})
        client.m = m
        yield client

def test_it(client):
    {body}
"""
FAILS = BASH.replace('echo "got $event"', 'echo "got $event"; echo "out of luck" >&2; [[ $event == *exit* ]] && exit 3')
LOUD = BASH.replace('echo "got $event"', "seq 100 >&2; exit 4")
SECTION = "*- lambda processes that ended by themselves -*"


@pytest.fixture
def run(pytester: pytest.Pytester, run_inside: Callable[..., pytest.RunResult]) -> Callable[..., pytest.RunResult]:
    def run_test(body: str, bootstrap: str = FAILS, extension: str = "") -> pytest.RunResult:
        pytester.makepyfile(TEST.format(bootstrap=bootstrap, extension=extension, body=body))
        return run_inside()

    return run_test


def test_the_last_words_of_a_process_are_in_the_report_of_a_failing_test(run: Callable[..., pytest.RunResult]) -> None:
    result = run("client.invoke(FunctionName='orders', Payload='\"exit\"'); assert False")
    result.stdout.fnmatch_lines([SECTION, "orders  */bootstrap  exit status 3", '  got "exit"', "  out of luck"])


def test_a_signal_is_named(run: Callable[..., pytest.RunResult]) -> None:
    result = run("client.invoke(FunctionName='orders', Payload='\"abort\"'); assert False")
    result.stdout.fnmatch_lines([SECTION, "orders  */bootstrap  signal: aborted", '  got "abort"', "  out of luck"])


def test_an_extension_that_failed_is_shown_with_what_it_wrote_on_stderr(run: Callable[..., pytest.RunResult]) -> None:
    extension = "#!/bin/bash\necho 'no key' >&2\nexit 5\n"
    result = run("client.invoke(FunctionName='orders'); assert False", extension=extension)
    result.stdout.fnmatch_lines([SECTION, "orders  */extensions/agent  exit status 5", "  no key"])


def test_of_much_output_the_end_is_shown(run: Callable[..., pytest.RunResult]) -> None:
    result = run("client.invoke(FunctionName='orders'); assert False", bootstrap=LOUD)
    result.stdout.fnmatch_lines([SECTION, "orders  */bootstrap  exit status 4", "  ...", "  86"])
    result.stdout.fnmatch_lines([SECTION, "  100"])
    section = result.stdout.str().partition("lambda processes that ended by themselves")[2]
    assert "\n  85\n" not in section


@pytest.mark.parametrize(
    "body",
    [
        "client.invoke(FunctionName='orders', Payload='1'); assert False",
        "client.invoke(FunctionName='orders', Payload='1'); client.m.clock.advance(3600); assert False",
        "assert False",
    ],
    ids=["lives", "spun down", "never started"],
)
def test_what_has_not_ended_by_itself_is_not_shown(run: Callable[..., pytest.RunResult], body: str) -> None:
    result = run(body)
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line(SECTION)


def test_a_test_that_passes_shows_nothing(run: Callable[..., pytest.RunResult]) -> None:
    result = run("client.invoke(FunctionName='orders', Payload='\"exit\"')")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line(SECTION)
