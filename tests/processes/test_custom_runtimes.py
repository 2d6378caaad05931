"""What a runtime of bash may do at the Runtime API beyond an answer to each event, and what the caller gets for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.processes.conftest import World
from tests.processes.functions import zipped

pytestmark = [pytest.mark.processes, pytest.mark.needs_program("bash")]

KIT = r"""#!/bin/bash
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
post() { curl -sS -X POST "$api/$1" -w ' -> %{http_code}\n' "${@:2}"; }
next() {
  head=$(mktemp)
  event=$(curl -sS -D "$head" "$api/invocation/next")
  id=$(grep -i '^lambda-runtime-aws-request-id' "$head" | tr -d '\r' | cut -d' ' -f2)
}
answer() { post "invocation/$id/response" -d "$1"; }
"""
ECHO = 'while true; do next; answer "$event"; done\n'


def create(world: World, code: str, **params: Any) -> None:
    usual = {"Runtime": "provided.al2023", "Handler": "x", "Timeout": 5}
    world.create({"bootstrap": KIT + code}, **{**usual, **params})


# -- Init


@pytest.mark.parametrize(
    ("call", "status", "payload", "error_type"),
    [
        ('-d \'{"errorType": "Mine", "errorMessage": "no"}\'', 1, {"errorType": "Mine", "errorMessage": "no"}, "U"),
        (
            '-d \'{"errorType": "Runtime.NoKey"}\'',
            3,
            {"errorType": "Runtime.NoKey"},
            "Runtime.NoKey",
        ),
        (
            "-H 'Lambda-Runtime-Function-Error-Type: Function.NoKey' -d '{\"errorType\": \"Mine\"}'",
            0,
            {"errorType": "Mine"},
            "Function.NoKey",
        ),
        ("-H 'Lambda-Runtime-Function-Error-Type: Function.no' -d '[1]'", 1, [1], "Function.Unknown"),
        ("-d '7'", 1, 7, "U"),
        ("-d ''", 1, None, "U"),
    ],
    ids=["JSON", "a type of the platform's", "a type in a header", "an unknown type", "a number", "nothing"],
)
def test_an_error_of_init_is_the_answer_whatever_its_shape_and_the_exit(
    world: World, call: str, status: int, payload: Any, error_type: str
) -> None:
    create(world, f"post init/error {call}; exit {status}\n")
    assert world.invoke(1) == (payload, "Unhandled")
    shown = "Runtime.Unknown" if error_type == "U" else error_type
    for phase in ("init", "invoke"):
        assert f"Phase: {phase}\tStatus: error\tError Type: {shown}" in world.log()
    assert world.log().count('{"status":"OK"}\n -> 202') == 2


def test_an_error_of_init_that_is_no_json_is_handed_on_as_it_is(world: World) -> None:
    create(world, "post init/error -d 'no json'; exit 1\n")
    answer = world.client.invoke(FunctionName="orders", Payload="1")
    assert (answer["Payload"].read(), answer["FunctionError"]) == (b"no json", "Unhandled")


def test_after_an_error_of_init_everything_is_refused_until_the_exit(world: World) -> None:
    code = "post init/error -d '{}'; post init/error -d '{}'; curl -sS $api/invocation/next; echo still there; exit 1\n"
    create(world, code)
    world.invoke(1)
    assert world.log().count("State transition from InitError to InitError failed for runtime.") == 2
    assert world.log().count("State transition from InitError to Ready failed for runtime.") == 2
    assert world.log().count("still there") == 2


def test_an_error_of_init_does_not_end_init_and_is_the_answer_of_who_never_exits(
    opened: Callable[..., Any],
) -> None:
    with opened(hang_after=0.5) as world:
        create(world, 'post init/error -d \'{"errorType": "Mine"}\'; while true; do sleep 1; done\n', Timeout=3)
        assert world.invoke(1) == ({"errorType": "Mine"}, "Unhandled")
        assert "Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout" in world.log()
        assert "Duration: 3000.00 ms\t" in world.log()
        assert "Status: timeout" in world.log().splitlines()[-1]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("exit 0", "Runtime exited without providing a reason"),
        ("exit 126", "Runtime exited with error: exit status 126"),
        ("kill -SEGV $$", "Runtime exited with error: signal: segmentation fault"),
        ("kill -ILL $$", "Runtime exited with error: signal: illegal instruction"),
        ("kill -BUS $$", "Runtime exited with error: signal: bus error"),
        ("kill -PIPE $$", "Runtime exited with error: signal: broken pipe"),
        ("kill -TERM $$", "Runtime exited with error: signal: terminated"),
        ("kill -KILL $$", "Runtime exited with error: signal: killed"),
    ],
)
@pytest.mark.parametrize("when", ["init", "event"])
def test_an_end_without_a_word_is_told_by_the_platform(world: World, code: str, message: str, when: str) -> None:
    create(world, f"{'next' if when == 'event' else ':'}; {code}\n")
    payload, failed = world.invoke(1)
    assert (payload["errorType"], failed) == ("Runtime.ExitError", "Unhandled")
    assert payload["errorMessage"].endswith(f" Error: {message}")


# -- an event


def test_who_exits_after_the_answer_has_answered_and_starts_anew_for_the_next_event(world: World) -> None:
    create(world, 'echo begun; next; answer "$event"; exit 7\n')
    assert world.invoke(1) == (1, None)
    first = world.log()
    assert first.splitlines()[-1].endswith("\tStatus: error\tError Type: Runtime.ExitError")
    assert world.invoke(2) == (2, None)
    assert world.log().count("begun") == 2
    (environment,) = world.m.function("orders").environments
    assert [one.exit_status for one in environment.processes] == [7, 7]


def test_who_does_not_come_back_after_the_answer_has_answered_and_is_out_of_time(world: World) -> None:
    create(world, 'next; answer "$event"; while true; do sleep 1; done\n', Timeout=1)
    assert world.invoke(1) == (1, None)
    assert world.log().splitlines()[-1].endswith("\tStatus: timeout")
    assert world.m.function("orders").environments[0].state == "Reset"


def test_who_comes_back_without_an_answer_gets_the_same_event_again(world: World) -> None:
    code = 'while true; do next; first="$event"; next; answer "[$first, $event]"; done\n'
    create(world, code)
    assert world.invoke({"a": 1}) == ([{"a": 1}, {"a": 1}], None)


def test_a_second_answer_is_refused_and_the_first_one_stays(world: World) -> None:
    code = """
        while true; do next; answer 1; answer 2; post invocation/$id/error -d '{}'; post invocation/other/response; done
    """
    create(world, code)
    assert world.invoke(1) == (1, None)
    world.invoke(2)
    states = "State transition from RuntimeResponseSentState to {} failed for runtime."
    assert states.format("InvocationResponse") in world.log()
    assert states.format("InvocationErrorResponse") in world.log()
    assert "Invalid request ID" in world.log()


def test_an_unknown_response_mode_leaves_the_caller_with_nothing(world: World) -> None:
    mode = "-H 'Lambda-Runtime-Function-Response-Mode: buffered'"
    create(world, f'next; post "invocation/$id/response" {mode} -d 1; curl -sS $api/invocation/next; exit 1\n')
    answer = world.client.invoke(FunctionName="orders", Payload="1")
    assert (answer["Payload"].read(), answer["FunctionError"]) == (b"", "Unhandled")
    assert "Invalid function response mode" in world.log()
    assert "State transition from InvocationResponse to Ready failed for runtime." in world.log()


def test_a_response_that_is_too_large_is_refused_and_the_runtime_may_go_on(world: World) -> None:
    code = """
        head -c 6291557 /dev/zero | tr '\\0' x > /tmp/large
        next; post "invocation/$id/response" --data-binary @/tmp/large
        while true; do next; answer "$event"; done
    """
    create(world, code, MemorySize=512)
    payload, failed = world.invoke(1)
    assert (payload["errorType"], failed) == ("Function.ResponseSizeTooLarge", "Unhandled")
    assert "Exceeded maximum allowed payload size (6291556 bytes)." in world.log()
    assert world.invoke(2) == (2, None)
    assert len(world.m.function("orders").environments[0].processes) == 1


def test_a_cause_is_taken_out_of_an_error(world: World) -> None:
    code = """
        while true; do
          next
          post "invocation/$id/error" -H 'Content-Type: application/vnd.aws.lambda.error.cause+json' -d "$event"
        done
    """
    create(world, code)
    sent = {"errorType": "A", "errorMessage": "b", "stackTrace": ["c"], "errorCause": {"message": "secret"}}
    assert world.invoke(sent) == (
        {name: sent[name] for name in ("errorMessage", "errorType", "stackTrace")},
        "Unhandled",
    )
    assert world.invoke([1]) == ("Invalid error body", "Unhandled")


def test_it_finds_the_headers_of_the_event(world: World) -> None:
    code = "while true; do next; cat $head; answer 1; done\n"
    create(world, code)
    world.client.invoke(FunctionName="orders", Payload="1", ClientContext="eyJjdXN0b20iOiB7ImEiOiAxfX0=")
    (run,) = world.m.invocations("orders")
    named = dict(line.rstrip("\r").split(": ", 1) for line in run.log.splitlines() if ": " in line)
    assert named["Lambda-Runtime-Aws-Request-Id"] == run.request_id
    assert named["Lambda-Runtime-Invoked-Function-Arn"] == "arn:aws:lambda:us-east-1:123456789012:function:orders"
    assert named["Lambda-Runtime-Trace-Id"].startswith("Root=1-")
    assert json.loads(named["Lambda-Runtime-Client-Context"]) == {"custom": {"a": 1}}
    assert named["Content-Type"] == "application/json"
    assert len(named["Lambda-Runtime-Deadline-Ms"]) == 13
    assert "Lambda-Runtime-Aws-Tenant-Id" not in named


# -- where the bootstrap is


def test_a_bootstrap_of_a_layer_runs_where_the_zip_has_none(world: World) -> None:
    layer = world.client.publish_layer_version(
        LayerName="runtime", Content={"ZipFile": zipped({"bootstrap": KIT + ECHO})}
    )
    world.create({"data": ""}, Runtime="provided.al2023", Handler="x", Layers=[layer["LayerVersionArn"]])
    assert world.invoke(1) == (1, None)


def test_a_bootstrap_of_the_zip_comes_before_that_of_a_layer(world: World) -> None:
    layer = world.client.publish_layer_version(
        LayerName="runtime", Content={"ZipFile": zipped({"bootstrap": "#!/bin/sh\nexit 1\n"})}
    )
    create(world, ECHO, Layers=[layer["LayerVersionArn"]])
    assert world.invoke(1) == (1, None)


ELF_OF_S390X = "\x7fELF\x02\x02\x01" + "\0" * 9 + "\0\x02" + "\x16\0" + "\0" * 40


@pytest.mark.parametrize(
    ("code", "mode", "message"),
    [
        (KIT + ECHO, 0o644, "permission denied"),
        (ELF_OF_S390X, 0o755, "exec format error"),
        ("#!/bin/not-there\n", 0o755, "no such file or directory"),
    ],
)
@pytest.mark.parametrize("where", ["/var/task", "/opt"])
def test_a_bootstrap_that_cannot_be_started_is_named_with_the_reason(
    world: World, code: str, mode: int, message: str, where: str
) -> None:
    content = zipped({"bootstrap": code}, mode)
    layers = []
    if where == "/opt":
        layer = world.client.publish_layer_version(LayerName="runtime", Content={"ZipFile": content})
        layers, content = [layer["LayerVersionArn"]], zipped({"data": ""})
    world.client.create_function(
        FunctionName="orders",
        Role="arn:aws:iam::123456789012:role/orders",
        Code={"ZipFile": content},
        Runtime="provided.al2023",
        Handler="x",
        Layers=layers,
    )
    payload, failed = world.invoke(1)
    assert (payload["errorType"], failed) == ("Runtime.InvalidEntrypoint", "Unhandled")
    assert payload["errorMessage"].endswith(f"Error: fork/exec {where}/bootstrap: {message}")


@pytest.mark.parametrize(
    ("wrapper", "mode", "told", "status"),
    [
        ("/var/task/missing", 0o755, "/var/task/missing: does not exist", 127),
        ("/var/task/wrap", 0o644, "/var/task/wrap: is not an executable", 126),
    ],
)
@pytest.mark.needs_program("python")
def test_a_wrapper_that_cannot_be_executed_ends_the_runtime(
    world: World, wrapper: str, mode: int, told: str, status: int
) -> None:
    files = {"app.py": "def handler(event, context): return 1\n", "wrap": '#!/bin/bash\nexec "$@"\n'}
    world.create("", Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": wrapper}})
    world.client.update_function_code(FunctionName="orders", ZipFile=zipped(files, mode))
    payload, _ = world.invoke(1)
    assert payload["errorMessage"].endswith(f"Runtime exited with error: exit status {status}")
    assert f"{told}\n" in world.log()


# -- SnapStart

RESTORES = """
echo "before the snapshot"
curl -sS "$api/restore/next" -w 'restored %{http_code}\\n'
"""


def published(world: World, code: str, tmp_path: Any) -> str:
    program = tmp_path / "runtime.sh"
    program.write_text(KIT + code)
    world.create({"app.py": ""}, Runtime="python3.12", SnapStart={"ApplyOn": "PublishedVersions"})
    world.m.run_in_process("orders", command=["/bin/bash", program])
    version = world.client.publish_version(FunctionName="orders")["Version"]
    world.m.clock.run_until_idle()
    return str(version)


def test_a_runtime_waits_for_its_restore_and_answers_after_it(world: World, tmp_path: Any) -> None:
    version = published(world, RESTORES + ECHO, tmp_path)
    assert world.invoke(1, Qualifier=version) == (1, None)
    log = world.log()
    assert log.index("RESTORE_START") < log.index("restored 200") < log.index("RESTORE_REPORT")
    assert "before the snapshot" not in log


def test_a_runtime_that_does_not_ask_for_the_restore_has_none(world: World, tmp_path: Any) -> None:
    version = published(world, ECHO, tmp_path)
    assert world.invoke(1, Qualifier=version) == (1, None)
    assert "RESTORE_REPORT Restore Duration: 0.00 ms" in world.log()


@pytest.mark.parametrize("route", ["restore/error", "init/error"])
def test_an_error_of_the_restore_refuses_the_event(world: World, tmp_path: Any, route: str) -> None:
    header = "-H 'Lambda-Runtime-Function-Error-Type: Runtime.AfterRestoreError'"
    version = published(world, RESTORES + f"post {route} {header} -d '{{}}'; exit 65\n", tmp_path)
    with pytest.raises(ClientError) as refused:
        world.invoke(1, Qualifier=version)
    error = refused.value.response["Error"]
    assert (error["Code"], refused.value.response["ResponseMetadata"]["HTTPStatusCode"]) == ("SnapStartException", 400)
    (environment,) = world.m.function(f"orders:{version}").environments[-1:]
    assert "Status: error\tError Type: Runtime.AfterRestoreError" in environment.log
    assert '{"status":"OK"}\n -> 202' in environment.log


def test_without_snap_start_there_is_no_restore(world: World) -> None:
    code = "post restore/error -d '{}'; curl -sS $api/restore/next\n" + ECHO
    create(world, code)
    assert world.invoke(1) == (1, None)
    assert world.log().count("404 page not found\n") == 2
