"""``lambda-states-mock run``: the AWS CLI as one types it, and other commands, with the mock active."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, NotActiveError, current, startup
from lambda_states_mock.command.cli import main
from lambda_states_mock.command.run import THEN, find, is_ours, is_python, split
from tests.test_mock import zipped

ROOT = Path(__file__).parent.parent.parent
ROLE = "arn:aws:iam::123456789012:role/orders"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the commands run, with the code of a function in it."""
    (tmp_path / "code.zip").write_bytes(zipped("def handler(event, context): return {'hello': event}"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*commands: str | list[str], options: tuple[str, ...] = ()) -> int:
    """Run *commands*, words in one text or a list, as they are typed after ``run --``."""
    words: list[str] = []
    for command in commands:
        words += [*([THEN] if words else []), *(command.split() if isinstance(command, str) else command)]
    return main(["run", *options, "--", *words])


CREATE = (
    f"aws lambda create-function --function-name orders --runtime python3.13 --handler index.handler --role {ROLE} "
    "--zip-file fileb://code.zip --query State"
)
GET = "aws lambda get-function-configuration --function-name orders --query [State,LastUpdateStatus]"


def printed(capfd: pytest.CaptureFixture[str]) -> list[Any]:
    """Return the JSON documents on stdout."""
    out, documents, decoder = capfd.readouterr().out, [], json.JSONDecoder()
    while out := out.lstrip():
        document, end = decoder.raw_decode(out)
        documents.append(document)
        out = out[end:]
    return documents


# -- the AWS CLI


def test_the_aws_cli_creates_waits_invokes_and_updates_in_one_world_and_no_real_time(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    began = time.perf_counter()
    status = run(
        CREATE,
        "aws lambda wait function-active-v2 --function-name orders",
        GET,
        'aws lambda invoke --function-name orders --query StatusCode --payload {"id":7} out.json',
        "aws lambda update-function-configuration --function-name orders --timeout 9 --query LastUpdateStatus",
        "aws lambda wait function-updated-v2 --function-name orders",
        GET,
        options=("--timings", "create=200,update=100", "--start", "2026-01-01T00:00:00Z", "--seed", "7"),
    )
    assert status == 0
    assert printed(capfd) == ["Pending", ["Active", "Successful"], 200, "InProgress", ["Active", "Successful"]]
    assert json.loads((folder / "out.json").read_text()) == {"hello": {"id": 7}}
    assert time.perf_counter() - began < 60


def test_the_clock_goes_on_from_command_to_command(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wait = "aws lambda wait function-active-v2 --function-name orders"
    ask = ["python", "-c", "import lambda_states_mock as l; print(l.current().clock.now)"]
    run(CREATE, wait, ask, options=("--start", "2026-01-01T00:00:00Z", "--timings", "create=2"))
    assert capfd.readouterr().out.splitlines()[-1] == "2026-01-01 00:00:02+00:00"


def test_an_error_of_aws_ends_the_commands_with_its_status(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(GET, CREATE) == 255
    seen = capfd.readouterr()
    assert "An error occurred (ResourceNotFoundException)" in seen.err
    assert seen.out == ""


def test_the_same_seed_gives_the_same_answers(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def answer(seed: str) -> str:
        run(CREATE.replace("--query State", "--query RevisionId"), options=("--seed", seed))
        return capfd.readouterr().out

    assert answer("1") == answer("1") != answer("2")


def test_the_timeline_is_told_when_asked_for(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(CREATE, options=("--timeline",))
    assert "orders  State  - -> Pending  Creating  CreateFunction" in capfd.readouterr().err


# -- Python


def test_a_script_runs_with_its_arguments_and_its_folder(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "beside.py").write_text("NAME = 'orders'")
    (folder / "deploy.py").write_text(
        "import sys, boto3, beside\n"
        "if __name__ == '__main__':\n"
        "    print(sys.argv, boto3.client('lambda').list_functions()['Functions'], beside.NAME)\n"
    )
    assert run("python deploy.py --stage dev") == 0
    assert capfd.readouterr().out == "['deploy.py', '--stage', 'dev'] [] orders\n"


def test_a_module_runs(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "tool_of_mine.py").write_text("import sys, lambda_states_mock as l\nprint(sys.argv[1:], l.current())\n")
    assert run("python -m tool_of_mine deploy") == 0
    assert capfd.readouterr().out.startswith("['deploy'] <LambdaMock active")


@pytest.mark.parametrize(
    ("ending", "status", "said"),
    [
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('no')", 1, "no\n"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero\n"),
    ],
)
def test_the_status_is_what_the_interpreters_would_be(
    ending: str, status: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["python", "-c", ending]) == status
    assert capfd.readouterr().err.endswith(said)


def test_arguments_path_and_mock_are_put_back(folder: Path) -> None:
    before = list(sys.argv), list(sys.path)
    run(["python", "-c", "import sys; sys.argv.append('x'); sys.path.append('y')"])
    assert (sys.argv, sys.path) == before
    with pytest.raises(NotActiveError):
        current()


@pytest.mark.parametrize("words", [["python"], ["python", "-c"], ["python", "-X", "dev", "x.py"]])
def test_what_the_interpreter_cannot_do_here_is_said(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert run(words) != 0
    assert "lambda-states-mock: python" in capfd.readouterr().err


# -- mistakes


def test_an_unknown_command_is_not_found(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("no-such-command") == 127
    assert capfd.readouterr().err == "lambda-states-mock: no-such-command: command not found\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run"], "there is no command"),
        (["run", "--", "aws", "--then"], "no command before or after --then"),
        (["run", "--timings", "instand", "--", "aws"], 'did you mean "instant"'),
        (["run", "--timings", "creat=5", "--", "aws"], 'did you mean "create"'),
        (["run", "--seed", "many", "--", "aws"], "invalid literal"),
        (["run", "--start", "2026", "--", "aws"], "a time"),
    ],
)
def test_a_mistake_in_the_options_is_told(arguments: list[str], said: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in capfd.readouterr().err


# -- processes of their own


def shell(script: str, *options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script as a process of its own, with the mock in its Python children."""
    command = [sys.executable, "-m", "lambda_states_mock", "run", *options, "--", "sh", "-c", script]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_commands_of_a_shell_script_share_a_world_and_a_clock(folder: Path) -> None:
    wait = "aws lambda wait function-active-v2 --function-name orders"
    ask = "python -c 'import lambda_states_mock as l; m = l.current(); print(m.clock.now, m.options.seed)'"
    options = ("--start", "2026-01-01T00:00:00Z", "--seed", "7", "--timings", "create=200")
    done = shell(f"{CREATE} && {GET} && {wait} && {GET} --output text && {ask}", *options, cwd=folder)
    pending, *shown = done.stdout.split("\n", 1)
    assert pending == '"Pending"', done.stderr
    states, _, then = shown[0].partition("]")
    assert states.split() == ["[", '"Pending",', "null"]
    assert then.split("\n")[1:] == ["Active\tSuccessful", "2026-01-01 00:03:20+00:00 7", ""]
    assert done.returncode == 0


def test_any_program_can_ask_by_the_address_in_its_environment(folder: Path) -> None:
    program = (
        "import os, urllib.request\n"
        "url = os.environ['AWS_ENDPOINT_URL_LAMBDA'] + '/2015-03-31/functions/orders/configuration'\n"
        "print(urllib.request.urlopen(url).status)\n"
    )
    (folder / "program.py").write_text(program)
    done = shell(f"{CREATE} && {sys.executable} -I program.py; exit 4", cwd=folder)  # -I: without the mock
    assert (done.stdout, done.returncode) == ('"Pending"\n200\n', 4), done.stderr


def test_what_a_command_of_python_starts_itself_asks_the_same_world(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    child = "import boto3; print([one['FunctionName'] for one in boto3.client('lambda').list_functions()['Functions']])"
    command = ["python", "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"]
    names = "PATH", "PYTHONPATH", "AWS_ENDPOINT_URL_LAMBDA", "LAMBDA_STATES_MOCK", "LAMBDA_STATES_MOCK_WORLD"
    before = [os.environ.get(name) for name in names]
    assert run(CREATE, command) == 0
    assert capfd.readouterr().out == "\"Pending\"\n['orders']\n"
    assert [os.environ.get(name) for name in names] == before


def test_commands_are_divided_by_then() -> None:
    assert split(["a", "b", "--then", "c"]) == [["a", "b"], ["c"]]


def test_what_this_python_can_run_is_known_by_its_first_line(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("#!/usr/bin/perl\n")
    aws = find("aws")
    assert aws is not None
    assert is_ours(aws)
    assert not is_ours(str(other))
    assert is_python("python3")
    assert is_python(sys.executable)
    assert not is_python("pytest")


# -- the variable


def test_a_program_may_honour_the_variable_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "_begun", [])
    monkeypatch.setenv("LAMBDA_STATES_MOCK", "timings=instant&seed=7&freeze=1")
    mock = startup.start()
    assert isinstance(mock, LambdaMock)
    assert (mock.options.timings, mock.options.seed, mock.options.freeze) == ("instant", 7, True)
    mock.close()


def test_without_the_variable_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAMBDA_STATES_MOCK", raising=False)
    assert startup.start() is None


def test_a_misspelt_option_in_the_variable_names_the_nearest() -> None:
    with pytest.raises(TypeError, match='LAMBDA_STATES_MOCK has no option "timing": did you mean "timings"'):
        startup.options_of("timing=instant")


def test_options_can_be_written_and_read() -> None:
    written = startup.written({"timings": "create=45,update=3", "start": "2026-01-01T00:00:00+01:00"})
    assert startup.options_of(written) == {
        "timings": {"create": 45.0, "update": 3.0},
        "start": "2026-01-01T00:00:00+01:00",
    }
    assert startup.options_of(startup.written({})) == {}
