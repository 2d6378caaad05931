"""``lambda-states-mock run``: the AWS CLI as one types it, and other commands, with the mock active."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, NotActiveError, current, startup
from lambda_states_mock.api_model import origin
from lambda_states_mock.command import run as running
from lambda_states_mock.command.cli import main
from lambda_states_mock.command.run import THEN, split
from tests import forked
from tests.command.in_forks import started
from tests.test_mock import zipped

ROOT = Path(__file__).parent.parent.parent
ROLE = "arn:aws:iam::123456789012:role/orders"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes find the package, however it is installed."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the commands run, with the code of a function in it."""
    (tmp_path / "code.zip").write_bytes(zipped("def handler(event, context): return {'hello': event}"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def in_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python and the AWS CLI begin where they have imported what they need: others show that they start."""

    if forked.IS_POSSIBLE:
        monkeypatch.setattr(running, "_started", started)


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


@pytest.mark.usefixtures("in_forks")
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
        options=("--timings", "create=40,update=20", "--start", "2026-01-01T00:00:00Z", "--seed", "7"),
    )
    assert status == 0
    assert printed(capfd) == ["Pending", ["Active", "Successful"], 200, "InProgress", ["Active", "Successful"]]
    assert json.loads((folder / "out.json").read_text()) == {"hello": {"id": 7}}
    assert time.perf_counter() - began < 60  # what the waiters sleep


@pytest.mark.usefixtures("in_forks")
def test_the_clock_goes_on_from_command_to_command(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wait = "aws lambda wait function-active-v2 --function-name orders"
    ask = ["python", "-c", "import lambda_states_mock as l; print(l.current().clock.now)"]
    run(CREATE, wait, ask, options=("--start", "2026-01-01T00:00:00Z", "--timings", "create=2"))
    assert capfd.readouterr().out.splitlines()[-1] == "2026-01-01 00:00:02+00:00"


@pytest.mark.usefixtures("in_forks")
def test_an_error_of_aws_ends_the_commands_with_its_status(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(GET, CREATE) == 255
    seen = capfd.readouterr()
    assert "An error occurred (ResourceNotFoundException)" in seen.err
    assert seen.out == ""


@pytest.mark.usefixtures("in_forks")
def test_the_same_seed_gives_the_same_answers(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def answer(seed: str) -> str:
        run(CREATE.replace("--query State", "--query RevisionId"), options=("--seed", seed))
        return capfd.readouterr().out

    assert answer("1") == answer("1") != answer("2")


@pytest.mark.usefixtures("in_forks")
def test_the_timeline_is_told_when_asked_for(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(CREATE, options=("--timeline",))
    assert "orders  State  - -> Pending  Creating  CreateFunction" in capfd.readouterr().err


# -- Python


@pytest.mark.usefixtures("in_forks")
def test_a_script_runs_with_its_arguments_and_its_folder(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "beside.py").write_text("NAME = 'orders'")
    (folder / "deploy.py").write_text(
        "import sys, boto3, beside\n"
        "if __name__ == '__main__':\n"
        "    print(sys.argv, boto3.client('lambda').list_functions()['Functions'], beside.NAME)\n"
    )
    assert run("python deploy.py --stage dev") == 0
    assert capfd.readouterr().out == "['deploy.py', '--stage', 'dev'] [] orders\n"


@pytest.mark.usefixtures("in_forks")
def test_a_module_runs(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "tool_of_mine.py").write_text("import sys, lambda_states_mock as l\nprint(sys.argv[1:], l.current())\n")
    assert run("python -m tool_of_mine deploy") == 0
    assert capfd.readouterr().out.startswith("['deploy'] <LambdaMock active")


@pytest.mark.usefixtures("in_forks")  # which end as Python does, with these endings too: see `test_forked`
@pytest.mark.parametrize(
    ("ending", "status", "said"),
    [
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('no')", 1, "no\n"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero\n"),
        ("import os; os._exit(9)", 9, ""),
    ],
)
def test_the_status_is_what_the_interpreters_would_be(
    ending: str, status: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["python", "-c", ending]) == status
    assert capfd.readouterr().err.endswith(said)


@pytest.mark.usefixtures("in_forks")
def test_each_command_is_a_process_of_its_own_that_leaves_nothing_to_the_next(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = list(sys.argv), list(sys.path), dict(os.environ)
    first = (
        "import os, sys, boto3; boto3.setup_default_session(region_name='eu-west-1'); os.chdir('/'); sys.stdout.close()"
    )
    second = "import os, boto3; print(os.getcwd(), boto3.client('lambda').meta.region_name)"
    assert run(["python", "-c", first], ["python", "-c", second], options=("--region", "us-west-2")) == 0
    assert capfd.readouterr().out == f"{folder} us-west-2\n"
    assert (sys.argv, sys.path, dict(os.environ)) == before
    with pytest.raises(NotActiveError):
        current()


def test_each_process_has_run_as_its_parent(capfd: pytest.CaptureFixture[str]) -> None:
    number = ["python", "-I", "-c", "import os; print(os.getpid(), os.getppid())"]
    run(number, number)
    (first, parent), (second, again) = (line.split() for line in capfd.readouterr().out.splitlines())
    assert first != second
    assert parent == again == str(os.getpid())


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
        (["run", "--seed", "many", "--", "aws"], "argument --seed: seed is an integer"),
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
    return forked.run("-m", "lambda_states_mock", "run", *options, "--", "sh", "-c", script, cwd=cwd)


def test_the_commands_of_a_shell_script_share_a_world_and_a_clock(folder: Path) -> None:
    (folder / "ask.py").write_text(
        "import boto3, lambda_states_mock as l\n"
        "boto3.client('lambda').get_waiter('function_active_v2').wait(FunctionName='orders')\n"
        "found = boto3.client('lambda').get_function_configuration(FunctionName='orders')\n"
        "print(found['State'], found['LastUpdateStatus'], l.current().clock.now, l.current().options.seed)\n"
    )
    options = ("--start", "2026-01-01T00:00:00Z", "--seed", "7", "--timings", "create=20")
    (own := folder / "of-python").mkdir()
    done = shell(f"{CREATE} && '{forked.interpreter(own)}' ask.py", *options, cwd=folder)
    assert done.stdout.split("\n") == ['"Pending"', "Active Successful 2026-01-01 00:00:20+00:00 7", ""], done.stderr
    assert done.returncode == 0


def test_any_program_can_ask_by_the_address_in_its_environment(folder: Path) -> None:
    program = (
        "import json, os, sys, urllib.request\n"
        "url = os.environ['AWS_ENDPOINT_URL_LAMBDA'] + '/2015-03-31/functions/' + sys.argv[1]\n"
        "body = open(sys.argv[2], 'rb').read() if sys.argv[2:] else None\n"
        "print(json.load(urllib.request.urlopen(url, body))['State'])\n"
    )
    (folder / "program.py").write_text(program)
    code = {"S3Bucket": "code", "S3Key": "zip"}
    wanted = {"FunctionName": "orders", "Runtime": "python3.13", "Handler": "a.b", "Role": ROLE, "Code": code}
    (folder / "wanted.json").write_text(json.dumps(wanted))
    python = f"{sys.executable} -I program.py"  # -I: without the mock
    options = ("--timings", "create=200")
    done = shell(f"{python} '' wanted.json && {python} orders/configuration; exit 4", *options, cwd=folder)
    assert (done.stdout, done.returncode) == ("Pending\nPending\n", 4), done.stderr


@pytest.mark.usefixtures("in_forks")
def test_what_a_command_of_python_starts_itself_asks_the_same_world(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    child = "import boto3; print([one['FunctionName'] for one in boto3.client('lambda').list_functions()['Functions']])"
    (own := folder / "of-python").mkdir()
    python = str(forked.interpreter(own))  # what is shown is what it inherits
    command = ["python", "-c", f"import subprocess; subprocess.run([{python!r}, '-c', {child!r}], check=True)"]
    names = "PATH", "PYTHONPATH", "AWS_ENDPOINT_URL_LAMBDA", "LAMBDA_STATES_MOCK", "LAMBDA_STATES_MOCK_WORLD"
    before = [os.environ.get(name) for name in names]
    create = LONG.partition("select.select")[0]
    assert run(["python", "-c", create], command) == 0
    assert capfd.readouterr().out == "['orders']\n"
    assert [os.environ.get(name) for name in names] == before


def test_commands_are_divided_by_then() -> None:
    assert split(["a", "b", "--then", "c"]) == [["a", "b"], ["c"]]


# -- what goes wrong is said in one line, as a shell and the interpreter say it


@pytest.mark.parametrize(("name", "status"), [("TERM", 143), ("KILL", 137), ("HUP", 129)])
def test_a_command_that_a_signal_ends_has_the_status_that_a_shell_gives_it(name: str, status: int) -> None:
    assert run(["sh", "-c", f"kill -{name} $$"]) == status


@pytest.mark.usefixtures("in_forks")
def test_an_interrupt_ends_the_commands(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["python", "-c", "raise KeyboardInterrupt"], ["python", "-c", "print('next')"]) == 130
    assert capfd.readouterr().out == ""


ASKING_FOR = """
import os, signal, sys, time
def told(number, frame):
    print("told", signal.Signals(number).name, flush=True)
    sys.exit(7)
number = getattr(signal, sys.argv[1])
signal.signal(number, told)
os.kill(os.getppid(), number)
time.sleep(60)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"])
def test_a_signal_goes_on_to_the_command_and_its_status_comes_back(
    name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    kept: list[int] = []
    before = signal.signal(number := getattr(signal, name), lambda number, _frame: kept.append(number))
    try:
        with Path(os.devnull).open() as no_terminal:
            monkeypatch.setattr(sys, "__stdin__", no_terminal)
            assert run(["python", "-I", "-c", ASKING_FOR, name]) == 7
    finally:
        signal.signal(number, before)
    assert capfd.readouterr().out == f"told {name}\n"
    assert kept == []


def test_a_signal_that_ends_the_command_ends_run_with_its_status() -> None:
    command = ["-m", "lambda_states_mock", "run", "--", "sh", "-c", "echo ready >&2; exec sleep 60"]
    with forked.told(command) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        process.terminate()
        assert process.wait(timeout=60) == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["./folder"], 126, "./folder: is a directory"),
        (["./plain.txt"], 126, "./plain.txt: permission denied"),
        (["./nothing"], 127, "./nothing: command not found"),
        (["./script"], 126, "./script: Exec format error"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_line(
    folder: Path, words: list[str], status: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "folder").mkdir()
    (folder / "plain.txt").touch()
    (folder / "script").write_text("echo no first line says who runs it\n")
    (folder / "script").chmod(0o755)
    assert run(words) == status
    error = capfd.readouterr().err
    assert error.startswith(f"lambda-states-mock: {said}")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--timings", "create=abc"], "argument --timings: timings: create is a number of seconds, not 'abc'"),
        (["--timings", "create="], "argument --timings: timings: create is a number of seconds, not ''"),
        (
            ["--timings", "create=-1"],
            "argument --timings: timings['create'] is a length of time and cannot be",
        ),
        (["--timings", "create=nan"], "argument --timings: timings['create'] is a length of time"),
        (["--timings", "creat=1"], "argument --timings: no phase 'creat': did you mean \"create\""),
        (["--timings", "fast"], 'argument --timings: no timings called "fast"'),
        (["--timings", ""], 'argument --timings: no timings called ""'),
        (["--seed", "x"], "argument --seed: seed is an integer, not 'x'"),
        (["--seed", ""], "argument --seed: seed is an integer, not ''"),
        (["--chaos", "often"], "argument --chaos: chaos is a seed, an integer, not 'often'"),
        (["--start", "tomorrow"], "argument --start: not a time: 'tomorrow' Give an aware datetime"),
        (["--account", "1"], "argument --account: account is a string of twelve digits, not '1'"),
        (
            ["--region", "us-est-1"],
            f"argument --region: {origin()} knows no region 'us-est-1'; did you",
        ),
        (["--seeed", "1"], 'unrecognized arguments: --seeed; did you mean "--seed"?'),
    ],
)
def test_an_option_with_a_wrong_value_is_named(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        run("true", options=tuple(options))
    usage, error = capsys.readouterr().err.splitlines()
    assert raised.value.code == 2
    assert usage.startswith("usage: lambda-states-mock run ")
    assert error.startswith(f"lambda-states-mock run: error: {said}")


# -- the variable


@pytest.mark.usefixtures("in_forks")
@pytest.mark.parametrize("off", ["0", ""])
def test_the_variable_can_say_that_there_is_no_mock(monkeypatch: pytest.MonkeyPatch, off: str) -> None:
    monkeypatch.setattr(startup, "_begun", [])
    monkeypatch.setenv("LAMBDA_STATES_MOCK", off)
    assert startup.start() is None
    assert run(["python", "-c", "import lambda_states_mock as l; l.current()"]) == 0  # the command asks for one


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            "fast",
            "LAMBDA_STATES_MOCK is 1 for a mock, 0 for none, or its options, such as timings=instant&seed=7",
        ),
        ("seed=x", "seed is an integer, not 'x'"),
        ("seed=", "seed is an integer, not ''"),
        ("freeze=yes", "freeze is 1 or 0, not 'yes'"),
        ("start=tomorrow", "not a time: 'tomorrow' Give an aware datetime"),
    ],
)
def test_a_child_with_a_wrong_variable_says_in_one_line_what_is_accepted_and_does_nothing(
    given: str, said: str
) -> None:
    environment = {**startup.environment(), "LAMBDA_STATES_MOCK": given}
    environment["PYTHONPATH"] = os.pathsep.join([environment["PYTHONPATH"], str(ROOT)])
    command = [sys.executable, "-c", "print('it runs without the mock')"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"lambda-states-mock: LAMBDA_STATES_MOCK={given}: {said}")
    assert done.stderr.count("\n") == 1


def test_run_says_in_one_line_what_the_variable_accepts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAMBDA_STATES_MOCK", "fast")
    with pytest.raises(SystemExit):
        run("true")
    assert "error: LAMBDA_STATES_MOCK: LAMBDA_STATES_MOCK is 1 for a mock, " in capsys.readouterr().err


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


LONG = """
import boto3, select
boto3.client("lambda", region_name="us-east-1").create_function(
    FunctionName="orders", Runtime="python3.13", Handler="a.b", Role="arn:aws:iam::123456789012:role/r",
    Code={"S3Bucket": "code", "S3Key": "zip"},
)
select.select([], [], [], 0.5)
"""


@pytest.mark.usefixtures("in_forks")
def test_a_run_that_takes_long_says_what_it_does(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(running, "SAYS_AFTER", 0.05)
    monkeypatch.setattr(running, "SAYS_EVERY", 0.05)
    options = "start=2026-01-01T00:00:00Z&timings=create%3D45"
    assert running.run([["python", "-c", LONG]], options, says=True) == 0
    told = capfd.readouterr().err
    assert "2026-01-01T00:00:00Z  CreateFunction\n" in told
    assert "lambda-states-mock: still running; the clock is at 2026-01-01T00:00:00Z; due: orders create in 45 s" in told
