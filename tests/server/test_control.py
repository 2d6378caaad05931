"""What whoever runs the test asks of a world over HTTP."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from lambda_states_mock import ClockError, LambdaMock, mock_lambda
from lambda_states_mock.server.control import ENDPOINTS
from lambda_states_mock.server.control_table import length_from
from tests.server.asking import FUNCTIONS, OURS, application, ask, headers_of, kind_of, told
from tests.test_mock import create

START = "2026-01-01T00:00:00Z"


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_lambda(start=START, timings={"create": 200}) as mock:
        create()
        yield mock


def client() -> Any:
    return boto3.client("lambda", region_name="us-east-1")


# -- the clock


@pytest.mark.parametrize(
    ("text", "length"),
    [
        (5, timedelta(seconds=5)),
        (0.5, timedelta(milliseconds=500)),
        ("90", timedelta(seconds=90)),
        ("15d", timedelta(days=15)),
        ("1h30m", timedelta(minutes=90)),
        ("2.5 s", timedelta(seconds=2.5)),
        ("1 d 2 min", timedelta(days=1, minutes=2)),
        ("300ms", timedelta(milliseconds=300)),
        ("1s 5 ms", timedelta(seconds=1, milliseconds=5)),
    ],
)
def test_a_length_of_time_is_seconds_or_text(text: Any, length: timedelta) -> None:
    assert length_from(text) == length


@pytest.mark.parametrize("text", ["", "soon", "5 weeks", "-5", None, True, [], float("nan"), 1e300, "1m1h"])
def test_what_is_no_length_of_time_is_refused(text: Any) -> None:
    with pytest.raises(ClockError, match="15d"):
        length_from(text)


def test_a_length_of_time_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(ClockError, match="beyond the calendar"):
        length_from("9" * 400)


def test_the_clock_tells_where_it_stands_and_what_is_pending(m: LambdaMock) -> None:
    shown = told(application(m), "GET", f"{OURS}/clock")
    pending = {"label": "orders create", "due": "2026-01-01T00:03:20Z", "background": False}
    assert shown == {"now": START, "pending": [pending]}


@pytest.mark.parametrize(
    ("how", "body", "now"),
    [
        ("advance", {"by": "15d"}, "2026-01-16T00:00:00Z"),
        ("advance", {"by": 200}, "2026-01-01T00:03:20Z"),
        ("advance_to", {"to": "2026-02-01T00:00:00Z"}, "2026-02-01T00:00:00Z"),
        ("run_until_idle", {}, "2026-01-01T00:03:20Z"),
        ("step", {}, "2026-01-01T00:03:20Z"),
    ],
)
def test_the_clock_is_moved_as_by_its_methods(m: LambdaMock, how: str, body: Any, now: str) -> None:
    answer = told(application(m), "POST", f"{OURS}/clock/{how}", body)
    assert answer["now"] == now
    assert m.function("orders").state in {"Active", "Inactive"}


@pytest.mark.parametrize(
    ("how", "body", "status", "kind", "said"),
    [
        ("advance", {}, 400, "BadRequest", '"by" is missing'),
        ("advance", {"by": "soon"}, 400, "ClockError", "15d"),
        ("advance", {"by": 5, "bye": 5}, 400, "BadRequest", 'there is no "bye" here: did you mean "by"?'),
        ("advance", [1], 400, "BadRequest", "the body is a JSON object, not list"),
        ("advance", {"by": -3}, 400, "ClockError", "a length of time cannot be negative: -3"),
        ("advance?by=3", b"", 400, "BadRequest", "give what is in the query, 'by=3', as JSON in the body"),
        ("advance", b"{by}", 400, "BadRequest", "this is no JSON: Expecting property name"),
        ("advance", b"[" * 100_000, 400, "BadRequest", "this is no JSON"),
        ("advance_to", {"to": "2025-01-01T00:00:00Z"}, 400, "ClockError", "time cannot go backwards"),
        ("advance_to", {"to": 5}, 400, "BadRequest", '"to" is text, not 5'),
        ("run_until_idle", {"within": "1s"}, 400, "ClockError", "still not idle after 1 s"),
        ("advnace", {}, 404, "UnknownNameError", 'did you mean "/clock/advance"'),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing_else(
    m: LambdaMock, how: str, body: Any, status: int, kind: str, said: str
) -> None:
    answer = ask(application(m), "POST", f"{OURS}/clock/{how}", body)
    assert (answer.status, kind_of(answer)) == (status, kind)
    assert said in json.loads(answer.body)["message"]
    assert m.function("orders").state == "Pending"


def test_what_there_is_to_ask_is_listed_once_each(m: LambdaMock) -> None:
    said = json.loads(ask(application(m), "GET", f"{OURS}/nothing").body)["message"]
    there_are = said.partition(f"There are, below {OURS}: ")[2].rstrip(".").split(", ")
    assert sorted(there_are) == sorted({one.path for one in ENDPOINTS})


@pytest.mark.parametrize("path", ["/timings", "/functions/orders/timings"])
def test_of_several_timings_all_are_set_or_none(m: LambdaMock, path: str) -> None:
    answer = ask(application(m), "PUT", f"{OURS}{path}", {"create": "45s", "update,vpc": 3, "updat": 1})
    assert (answer.status, kind_of(answer)) == (404, "UnknownNameError")
    assert (m.timings["create"], m.function("orders").timings["create"]) == (200, 200)
    told(application(m), "PUT", f"{OURS}{path}", {"create": "45s", "update,vpc": 3})
    assert m.function("orders").timings["create"] == 45
    assert m.function("orders").timings["update", "vpc"] == 3


def test_the_timeline_shows_secrets_where_they_are_asked_for(m: LambdaMock) -> None:
    m.clock.advance(200)
    client().update_function_configuration(FunctionName="orders", Environment={"Variables": {"PASSWORD": "hunter2"}})
    shown = [
        ask(application(m), "GET", f"{OURS}/timeline{query}").body.count(b"hunter2") for query in ("", "?unmasked=1")
    ]
    assert shown[0] == 0
    assert shown[1] > 0


@pytest.mark.parametrize("target", [OURS, f"{OURS}/", "/_lambda_states_moc/clock", f"{OURS}ery"])
def test_what_only_looks_like_a_path_of_ours_is_told_what_there_is(m: LambdaMock, target: str) -> None:
    answer = ask(application(m), "GET", target)
    assert (answer.status, kind_of(answer)) == (404, "UnknownNameError")
    assert f"there is no {target}: There are, below {OURS}: /health" in json.loads(answer.body)["message"]


def test_a_method_that_a_path_does_not_take_is_told_which_it_takes(m: LambdaMock) -> None:
    answer = ask(application(m), "PATCH", f"{OURS}/timings")
    assert (answer.status, headers_of(answer)["allow"]) == (405, "GET, PUT")


# -- what there is, and what has happened


def test_functions_are_shown_with_their_states_and_without_their_secrets(m: LambdaMock) -> None:
    m.clock.advance(200)
    client().update_function_configuration(FunctionName="orders", Environment={"Variables": {"PASSWORD": "hunter2"}})
    server = application(m)
    listed = told(server, "GET", f"{OURS}/functions")
    one = told(server, "GET", f"{OURS}/functions/orders")
    assert listed == [one]
    assert (one["name"], one["state"], one["last_update_status"]) == ("orders", "Active", "InProgress")
    assert one["variables"] == {"PASSWORD": "***"}
    assert told(server, "GET", f"{OURS}/functions/orders?unmasked=1")["variables"] == {"PASSWORD": "hunter2"}


def test_calls_are_shown_without_secrets_unless_they_are_asked_for(m: LambdaMock) -> None:
    m.clock.advance(200)
    client().update_function_configuration(FunctionName="orders", Environment={"Variables": {"PASSWORD": "hunter2"}})
    server = application(m)
    path = f"{OURS}/calls?operation=UpdateFunctionConfiguration"
    assert b"hunter2" not in ask(server, "GET", path).body
    (call,) = told(server, "GET", f"{path}&unmasked=true")
    assert call["params"]["Environment"] == {"Variables": {"PASSWORD": "hunter2"}}
    assert (call["operation"], call["error"]) == ("UpdateFunctionConfiguration", None)
    assert len(told(server, "GET", f"{OURS}/calls")) == 2


def test_a_refused_call_is_shown_with_its_error(m: LambdaMock) -> None:
    server = application(m)
    ask(server, "GET", f"{FUNCTIONS}/nothing")
    assert told(server, "GET", f"{OURS}/calls")[-1]["error"]["code"] == "ResourceNotFoundException"


def test_the_timeline_is_shown_as_the_mock_has_it(m: LambdaMock) -> None:
    server = application(m)
    assert told(server, "GET", f"{OURS}/timeline") == m.timeline.to_json()
    assert told(server, "GET", f"{OURS}/timeline?of=orders") == m.timeline.of("orders").to_json()
    assert ask(server, "GET", f"{OURS}/timeline?of=order").status == 404


def test_a_function_falls_idle_when_it_is_told_to(m: LambdaMock) -> None:
    server = application(m)
    refused = ask(server, "POST", f"{OURS}/functions/orders/idle")
    assert (refused.status, kind_of(refused)) == (400, "WrongStateError")
    m.clock.advance(200)
    assert told(server, "POST", f"{OURS}/functions/orders/idle")["state"] == "Inactive"


def test_timings_are_set_for_all_and_for_one(m: LambdaMock) -> None:
    server = application(m)
    assert told(server, "PUT", f"{OURS}/timings", {"update": "3m", "create,vpc": 7})["update"] == 180
    assert m.timings["create", "vpc"] == 7
    assert told(server, "PUT", f"{OURS}/functions/orders/timings", {"update": 4}) == {"update": 4}
    assert (m.function("orders").timings["update"], m.timings["update"]) == (4, 180)
    assert ask(server, "PUT", f"{OURS}/timings", {"updaet": 4}).status == 404


# -- faults, and what functions depend on


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ({"phase": "create", "function": "late", "fail": "SubnetOutOfIPAddresses"}, "create of function='late': fails"),
        ({"phase": "create", "take": "5m"}, "create: takes 300 s"),
        ({"phase": "update", "hang": True, "times": 2}, "update: hangs"),
        (
            {"call": "UpdateFunctionCode", "error": "TooManyRequestsException", "times": 2},
            "UpdateFunctionCode: answers",
        ),
        ({"call": "*", "delay": 3, "nth": 2}, "* with nth=2: takes 3 s"),
        ({"call": "GetFunction", "disconnect": True}, "GetFunction: connection closed"),
        ({"poll": "jobs", "error": "ThrottlingException"}, "polling with source='jobs'"),
    ],
)
def test_a_fault_is_scripted_and_need_not_be_met(m: LambdaMock, fault: dict[str, Any], what: str) -> None:
    server = application(m)
    added = told(server, "POST", f"{OURS}/faults", fault)
    assert added["what"].startswith(what), added
    assert not added["required"]
    assert told(server, "GET", f"{OURS}/faults") == [added]
    assert told(server, "DELETE", f"{OURS}/faults?id=0") == []


def test_a_fault_is_met(m: LambdaMock) -> None:
    server = application(m)
    told(server, "POST", f"{OURS}/faults", {"call": "ListFunctions", "error": "TooManyRequestsException", "times": 1})
    told(server, "POST", f"{OURS}/faults", {"call": "GetAccountSettings", "disconnect": True})
    assert [ask(server, "GET", f"{FUNCTIONS}/").status for _ in range(2)] == [429, 200]
    assert told(server, "GET", f"{OURS}/faults")[0]["called"] == 1
    assert told(server, "DELETE", f"{OURS}/faults") == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({}, "a fault says where it happens with one of phase, call, poll, operation, not none"),
        ({"phas": "create"}, 'operation, not none; did you mean "phase"?'),
        ({"phase": "create", "fial": "X"}, 'did you mean "fail"?'),
        ({"phase": "create", "call": "GetFunction"}, "not phase and call"),
        ({"phase": "creat", "hang": True}, 'did you mean "create"?'),
        ({"phase": "create", "fail": "SubnetOutOfIPAddress"}, 'did you mean "SubnetOutOfIPAddresses"?'),
        ({"call": "GetFunction", "error": "ServiceException", "tiems": 1}, 'did you mean "times"?'),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(m: LambdaMock, fault: dict[str, Any], said: str) -> None:
    answer = ask(application(m), "POST", f"{OURS}/faults", fault)
    assert answer.status in {400, 404}
    assert said in json.loads(answer.body)["message"]
    assert list(m.faults) == []


def test_what_functions_depend_on_and_what_callers_may_do_is_changed(m: LambdaMock) -> None:
    server = application(m)
    exhausted = told(server, "POST", f"{OURS}/world", {"subnets": "subnet-1", "do": "exhaust"})
    assert exhausted == {"is": "<subnet subnet-1: the subnet has no free addresses>"}
    told(server, "POST", f"{OURS}/world", {"do": "deny", "args": ["lambda:List*"], "options": {"function": None}})
    assert ask(server, "GET", f"{FUNCTIONS}/").status == 403
    told(server, "POST", f"{OURS}/world", {"do": "allow"})
    assert ask(server, "GET", f"{FUNCTIONS}/").status == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subnet": "subnet-1", "do": "exhaust"}, "the world does not know 'subnet'; did you mean \"subnets\"?"),
        ({"subnets": "subnet-1", "do": "exhuast"}, 'did you mean "exhaust"'),
        ({"subnets": "subnet-1", "do": "_becomes"}, "do: delete, exhaust, restore"),
        ({"subnets": "1", "do": "exhaust"}, 'begins with "subnet-"'),
        ({"do": "watch"}, "do: allow, deny"),
        ({"do": ["deny"]}, '"do" is a name'),
        ({"do": "deny", "args": ["lambda:Gte"]}, "lambda:Gte"),
        ({"do": "deny", "args": 5}, '"args" a list'),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(m: LambdaMock, change: dict[str, Any], said: str) -> None:
    answer = ask(application(m), "POST", f"{OURS}/world", change)
    assert answer.status in {400, 404}
    assert said in json.loads(answer.body)["message"]


# -- handlers of functions in any language


def invoke(server: Any, payload: Any = None) -> Any:
    return ask(server, "POST", f"{FUNCTIONS}/orders/invocations", payload if payload is not None else {})


def test_handlers_return_and_fail_as_they_are_told(m: LambdaMock) -> None:
    m.clock.advance(200)
    server = application(m)
    told(server, "PUT", f"{OURS}/handlers/orders", {"returns": {"ok": True}, "duration": "3s"})
    assert json.loads(invoke(server).body) == {"ok": True}
    told(server, "PUT", f"{OURS}/handlers/orders", {"error": {"errorType": "OutOfStock", "errorMessage": "no pears"}})
    answer = invoke(server)
    assert headers_of(answer)["x-amz-function-error"] == "Unhandled"
    assert json.loads(answer.body).items() >= {"errorType": "OutOfStock", "errorMessage": "no pears"}.items()
    effects = [{"error": {"errorType": "Cold"}}, {"returns": [1]}]
    told(server, "PUT", f"{OURS}/handlers/orders", {"side_effect": effects})
    assert [json.loads(invoke(server).body) for _ in range(2)][1] == [1]
    runs = told(server, "GET", f"{OURS}/invocations/orders")
    assert [one["error"] for one in runs] == [None, "Unhandled", "Unhandled", None]
    assert len(told(server, "GET", f"{OURS}/handlers")) == 1
    told(server, "DELETE", f"{OURS}/handlers/orders")
    assert ask(server, "DELETE", f"{OURS}/handlers/orders").status == 404


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({}, "a handler has one of returns, error, side_effect, webhook, not none"),
        ({"returns": 1, "webhook": "http://127.0.0.1"}, "not returns and webhook"),
        ({"webhook": "ftp://127.0.0.1"}, "webhook: give an address such as"),
        ({"webhook": "127.0.0.1:9000"}, "webhook: give an address such as"),
        ({"side_effect": {"returns": 1}}, "side_effect is a list"),
        ({"side_effect": [1]}, "an effect is"),
        ({"error": "ValueError"}, "an error is"),
        ({"returns": 1, "duration": -1}, "cannot be negative"),
    ],
)
def test_a_handler_that_makes_no_sense_is_refused(m: LambdaMock, said: dict[str, Any], error: str) -> None:
    answer = ask(application(m), "PUT", f"{OURS}/handlers/orders", said)
    assert answer.status == 400
    assert error in json.loads(answer.body)["message"]


class _Hook(http.server.BaseHTTPRequestHandler):
    """A function of the test's own process, which is asked over HTTP."""

    seen: list[tuple[str, Any, dict[str, str]]] = []  # noqa: RUF012 - of one test at a time

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.path, event, {name.lower(): value for name, value in self.headers.items()}))
        status, body = event["answer"]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook(allowed_to_connect: None) -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Hook) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/orders?v=1"
        server.shutdown()
    _Hook.seen.clear()


@pytest.mark.parametrize(
    ("answer", "error", "body"),
    [
        ([200, '{"ok": true}'], None, {"ok": True}),
        ([200, ""], None, None),
        ([500, '{"errorType": "E", "errorMessage": "m", "stackTrace": ["at a"]}'], "Unhandled", "E"),
        ([404, "gone"], "Unhandled", "Webhook.Status404"),
        ([422, '{"detail": "no id"}'], "Unhandled", "Webhook.Status422"),
        ([200, "<html>"], "Unhandled", "Webhook.NoJson"),
    ],
)
def test_a_webhook_is_asked_what_a_function_does(
    m: LambdaMock, hook: str, answer: Any, error: str | None, body: Any
) -> None:
    m.clock.advance(200)
    server = application(m)
    told(server, "PUT", f"{OURS}/handlers/orders", {"webhook": hook})
    result = invoke(server, {"id": 7, "answer": answer})
    assert headers_of(result).get("x-amz-function-error") == error
    payload = json.loads(result.body)
    assert (payload["errorType"] if error else payload) == body
    ((path, event, headers),) = _Hook.seen
    assert (path, event["id"]) == ("/orders?v=1", 7)
    assert headers["lambda-runtime-invoked-function-arn"].endswith(":function:orders")
    assert headers["lambda-runtime-aws-request-id"] == m.invocations("orders")[0].request_id


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([404, "gone"], "gone"),
        ([422, '{"detail": "no id"}'], '{"detail": "no id"}'),
        ([503, ""], "the webhook answered with the status 503"),
        ([500, '{"errorType": "E"}'], ""),
    ],
)
def test_what_a_webhook_says_of_its_error_is_the_message(m: LambdaMock, hook: str, answer: Any, message: str) -> None:
    m.clock.advance(200)
    server = application(m)
    told(server, "PUT", f"{OURS}/handlers/orders", {"webhook": hook})
    result = invoke(server, {"id": 7, "answer": answer})
    assert json.loads(result.body)["errorMessage"] == message


def test_a_webhook_that_nobody_answers_is_an_error_of_the_function(m: LambdaMock, allowed_to_connect: None) -> None:
    m.clock.advance(200)
    server = application(m)
    told(server, "PUT", f"{OURS}/handlers/orders", {"webhook": "http://127.0.0.1:9/"})
    assert json.loads(invoke(server).body)["errorType"] == "Webhook.NoAnswer"


# -- the description of all this


def test_the_openapi_file_describes_each_thing_that_can_be_asked(m: LambdaMock) -> None:
    document = told(application(m), "GET", f"{OURS}/openapi.json")
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert described == {(OURS + one.path, one.method) for one in ENDPOINTS}
    names = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))
    for path, methods in document["paths"].items():
        for method in methods.values():
            placed = [one["name"] for one in method.get("parameters", ()) if one["in"] == "path"]
            assert all(f"{{{name}}}" in path for name in placed)
            assert path.count("{") == len(placed)


def test_the_health_names_the_version(m: LambdaMock) -> None:
    from lambda_states_mock import __version__

    assert told(application(m), "GET", f"{OURS}/health") == {"status": "ok", "version": __version__, "worlds": [""]}
