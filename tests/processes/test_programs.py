"""Node.js functions and custom runtimes in processes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3

from lambda_states_mock import NoHandlerError
from tests.processes.conftest import World, node_client
from tests.processes.functions import BASH, zipped

pytestmark = pytest.mark.processes
node = pytest.mark.needs_program("node")
bash = pytest.mark.needs_program("bash")

NODE = """
exports.handler = async (event, context) => {
  console.log("got", event.kind);
  switch (event.kind) {
    case "throw": throw new TypeError("bad");
    case "reject": return Promise.reject("text");
    case "lost": Promise.reject(new Error("lost")); await new Promise((done) => setTimeout(done, 5)); return 1;
    case "exit": process.exit(3);
    case "circle": { const circle = {}; circle.circle = circle; return circle; }
    case "sleep": {
      const before = Date.now();
      await new Promise((done) => setTimeout(done, event.ms));
      return Date.now() - before;
    }
    case "context": {
      const id = context.awsRequestId;
      return [context.functionName, id.length, context.getRemainingTimeInMillis(), __filename];
    }
  }
  return event;
};
exports.stream = awslambda.streamifyResponse(async (event, out) => {
  out.write("one");
  await new Promise((done) => setTimeout(done, 1000));
  if (event.fail) throw new Error("late");
  out.write("two");
  out.end();
});
"""


@pytest.fixture(params=["ours", pytest.param("AWS's", marks=pytest.mark.needs_program("aws-lambda-ric"))])
def node_world(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose Node.js functions run in our own bootstrap, or in AWS's client."""
    monkeypatch.setenv("NODE_PATH", "")
    if request.param != "ours":
        world.m.runtimes["aws-lambda-ric"] = str(node_client())
    return world


@node
@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ({"kind": "throw"}, {"errorType": "TypeError", "errorMessage": "bad"}),
        ({"kind": "reject"}, {"errorType": "string", "errorMessage": "text", "trace": []}),
        ({"kind": "exit"}, {"errorType": "Runtime.ExitError"}),
        ({"kind": "circle"}, {"errorType": "Runtime.JSONStringifyError"}),
        ({"kind": "sleep", "ms": 60_000}, {"errorType": "Sandbox.Timedout"}),
    ],
    ids=lambda given: given.get("kind", ""),
)
def test_node_fails_as_it_does_on_lambda(node_world: World, event: Any, payload: dict[str, Any]) -> None:
    node_world.create({"app.js": NODE}, Runtime="nodejs22.x")
    found, failed = node_world.invoke(event)
    assert failed == "Unhandled"
    assert {name: found[name] for name in payload} == payload
    assert node_world.invoke({"kind": "echo"}) == ({"kind": "echo"}, None)


@node
def test_a_lost_rejection_is_told_by_older_clients_and_ends_newer_ones(node_world: World) -> None:
    node_world.create({"app.js": NODE}, Runtime="nodejs22.x")
    payload, failed = node_world.invoke({"kind": "lost"})
    told = (payload["errorType"], payload["errorMessage"].rpartition(": ")[2])
    aws = "aws-lambda-ric" in node_world.m.runtimes
    assert told == (("Runtime.ExitError", "exit status 1") if aws else ("Runtime.UnhandledPromiseRejection", "lost"))
    assert failed == "Unhandled"


@node
def test_node_sleeps_on_the_clock_of_the_mock(node_world: World) -> None:
    node_world.create({"app.js": NODE}, Runtime="nodejs22.x")
    assert node_world.invoke({"kind": "sleep", "ms": 4000}) == (4000, None)
    assert node_world.m.clock.now.isoformat() == "2026-01-01T00:00:04+00:00"


@node
def test_node_has_its_context_and_its_log(node_world: World) -> None:
    node_world.create({"app.js": NODE}, Runtime="nodejs22.x")
    assert node_world.invoke({"kind": "context"}) == (["orders", 36, 10_000, "/var/task/app.js"], None)
    (run,) = node_world.m.invocations("orders")
    assert f"2026-01-01T00:00:00.000Z\t{run.request_id}\tINFO\tgot context\n" in run.log


@node
@pytest.mark.parametrize(
    ("files", "error_type"),
    [
        ({"app.js": "exports.other = 1"}, "Runtime.HandlerNotFound"),
        ({"app.js": "exports.handler = "}, "Runtime.UserCodeSyntaxError"),
        ({"app.mjs": "import 'missing-module'"}, "Error"),
        ({"other.js": ""}, "Runtime.ImportModuleError"),
        ({"app.js": "throw new RangeError('no')"}, "RangeError"),
    ],
)
def test_node_that_cannot_be_loaded_says_why(node_world: World, files: dict[str, str], error_type: str) -> None:
    node_world.create(files, Runtime="nodejs22.x")
    payload, failed = node_world.invoke({})
    assert (payload["errorType"], failed) == (error_type, "Unhandled")


@node
@pytest.mark.parametrize(("runtime", "works"), [("nodejs22.x", True), ("nodejs24.x", False)])
def test_a_handler_with_a_callback_is_for_older_versions(world: World, runtime: str, works: bool) -> None:
    world.create({"app.js": "exports.handler = (event, context, done) => done(null, [event])"}, Runtime=runtime)
    payload, failed = world.invoke(1)
    assert payload == [1] if works else payload["errorType"] == "Runtime.CallbackHandlerDeprecated"
    assert (failed is None) is works


@node
@pytest.mark.needs_program("aws-lambda-ric")
@pytest.mark.parametrize("where", ["NODE_PATH", "layer"])
def test_the_client_of_aws_is_found(world: World, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setenv("NODE_PATH", str(node_client().parent) if where == "NODE_PATH" else "")
    layers = []
    if where == "layer":
        files = {one: (node_client() / one).read_text() for one in ("index.mjs", "package.json")}
        content = zipped({f"nodejs/node_modules/aws-lambda-ric/{name}": text for name, text in files.items()})
        layers.append(world.client.publish_layer_version(LayerName="ric", Content={"ZipFile": content}))
    code = "exports.handler = async () => new Error().stack"
    arns = [one["LayerVersionArn"] for one in layers]
    for runtime, used in (("nodejs22.x", False), ("nodejs24.x", True)):
        world.create({"app.js": code}, runtime.partition(".")[0], Runtime=runtime, Layers=arns)
        stack, _ = world.invoke({}, runtime.partition(".")[0])
        assert ("at main (" in stack) is not used, stack


@node
def test_modules_of_both_kinds_are_loaded(node_world: World) -> None:
    node_world.create({"app.mjs": "export const handler = async (event) => [event]"}, "esm", Runtime="nodejs22.x")
    node_world.create(
        {"package.json": '{"type": "module"}', "app.js": "export const handler = async () => import.meta.url"},
        "typed",
        Runtime="nodejs22.x",
    )
    assert node_world.invoke(1, "esm") == ([1], None)
    assert node_world.invoke(1, "typed") == ("file:///var/task/app.js", None)


@node
@pytest.mark.parametrize(
    ("event", "parts", "code"), [({}, [b"one", b"two"], None), ({"fail": 1}, [b"one"], "Unhandled")]
)
def test_node_streams(node_world: World, event: Any, parts: list[bytes], code: str | None) -> None:
    node_world.create({"app.js": NODE}, Runtime="nodejs22.x", Handler="app.stream")
    answer = node_world.client.invoke_with_response_stream(FunctionName="orders", Payload=json.dumps(event))
    events = list(answer["EventStream"])
    assert [one["PayloadChunk"]["Payload"] for one in events if "PayloadChunk" in one] == parts
    assert events[-1]["InvokeComplete"].get("ErrorCode") == code


@bash
def test_a_bootstrap_of_bash_answers_and_fails(world: World) -> None:
    world.create({"bootstrap": BASH}, Runtime="provided.al2023", Handler="x")
    assert world.invoke({"a": 1}) == ({"got": {"a": 1}}, None)
    assert world.invoke("fail") == ({"errorType": "Mine.Own", "errorMessage": "no"}, "Unhandled")
    payload, _ = world.invoke("abort")
    assert payload["errorMessage"].endswith("Runtime exited with error: signal: aborted")
    assert 'got {"a": 1}' in world.log()


@bash
def test_a_program_that_knows_no_other_clock_is_ended_after_its_timeout_in_real_time(world: World) -> None:
    world.create({"bootstrap": BASH}, Runtime="provided.al2023", Handler="x", Timeout=1)
    world.invoke(1)
    payload, _ = world.invoke("sleep")
    assert payload["errorType"] == "Sandbox.Timedout"
    assert "did not answer within 1 s of real time (Timeout)" in world.log()
    assert world.m.clock.now.isoformat() == "2026-01-01T00:00:01+00:00"


@pytest.mark.needs_program("bash")
@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"other": ""}, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        ({"bootstrap": "echo no interpreter"}, "fork/exec /var/task/bootstrap: exec format error"),
        ({"bootstrap": "#!/bin/sh\r\necho"}, "fork/exec /var/task/bootstrap: no such file or directory"),
    ],
)
def test_a_bootstrap_that_cannot_be_started_is_an_invalid_entrypoint(
    world: World, files: dict[str, str], message: str
) -> None:
    world.create(files, Runtime="provided.al2023", Handler="x")
    payload, failed = world.invoke({})
    assert (payload["errorType"], failed) == ("Runtime.InvalidEntrypoint", "Unhandled")
    assert payload["errorMessage"].endswith(f"Error: {message}")


@bash
def test_a_program_of_the_test_can_stand_for_the_bootstrap(opened: Callable[..., Any], tmp_path: Path) -> None:
    program = tmp_path / "mine"
    program.write_text(BASH)
    with opened(processes=False) as world:
        world.create({"app.rb": ""}, Runtime="ruby3.4")
        world.m.run_in_process("orders", command=["/bin/bash", program])
        assert world.invoke(1) == ({"got": 1}, None)


@node
def test_without_processes_node_is_refused_with_the_remedy(opened: Callable[..., Any]) -> None:
    with opened(processes=False) as world:
        world.create({"app.js": NODE}, Runtime="nodejs22.x")
        with pytest.raises(NoHandlerError, match=r"m\.run_in_process\(\'orders\'\)"):
            world.client.invoke(FunctionName="orders")
        world.m.run_in_process("orders")
        assert world.invoke({"kind": "echo"}) == ({"kind": "echo"}, None)


@bash
def test_a_wrapper_starts_the_runtime_of_a_managed_function(world: World) -> None:
    world.create(
        {
            "app.js": "exports.handler = async () => process.env.WRAPPED",
            "wrap": '#!/bin/bash\nexport WRAPPED=yes\nexec "$@"',
        },
        Runtime="nodejs22.x",
        Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrap"}},
    )
    assert world.invoke({}) == ("yes", None)


@node
def test_node_is_behind_a_function_url_and_its_tail_is_logged(node_world: World) -> None:
    code = (
        "exports.handler = async (event) => { console.error('seen'); "
        "return event.rawPath ? { statusCode: 201, headers: { 'x-own': 'yes' }, body: event.rawPath } : 1; };"
    )
    node_world.create({"app.js": code}, Runtime="nodejs22.x")
    answer = node_world.client.invoke(FunctionName="orders", Payload="{}", LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    assert log.startswith("START RequestId: ")
    assert "\tERROR\tseen\n" in log
    node_world.client.add_permission(
        FunctionName="orders",
        StatementId="all",
        Principal="*",
        Action="lambda:InvokeFunctionUrl",
        FunctionUrlAuthType="NONE",
    )
    node_world.client.add_permission(
        FunctionName="orders",
        StatementId="through",
        Principal="*",
        Action="lambda:InvokeFunction",
        InvokedViaFunctionUrl=True,
    )
    url = node_world.client.create_function_url_config(FunctionName="orders", AuthType="NONE")["FunctionUrl"]
    found = urllib3.PoolManager().request("GET", f"{url}a/b")
    assert (found.status, found.data, found.headers["x-own"]) == (201, b"/a/b", "yes")


@node
def test_an_event_that_node_fails_is_retried_and_goes_to_its_destination(node_world: World) -> None:
    code = "let count = 0; exports.handler = async () => { count += 1; throw new Error('no ' + count); };"
    node_world.create({"app.js": code}, Runtime="nodejs22.x")
    node_world.m.handler("failed", returns=None)
    node_world.create("def handler(event, context): pass", "failed")
    node_world.client.put_function_event_invoke_config(
        FunctionName="orders",
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:lambda:us-east-1:123456789012:function:failed"}},
    )
    node_world.client.invoke(FunctionName="orders", InvocationType="Event", Payload="1")
    node_world.m.clock.advance(600)
    assert len(node_world.m.invocations("orders")) == 3
    (record,) = node_world.m.invocations("failed")
    sent = json.loads(record.payload)
    assert sent["requestContext"]["approximateInvokeCount"] == 3
    assert sent["responsePayload"]["errorMessage"] == "no 3"
