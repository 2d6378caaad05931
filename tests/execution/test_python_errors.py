"""What a caller gets when Python code fails: the payloads of AWS's Python runtime and of the platform, to the byte."""

from __future__ import annotations

import json
import sysconfig

import pytest

from tests.execution.stage import REQUEST_ID, Stage, spec, zip_of

IMPORT_ERRORS = [
    pytest.param(
        {"app": "import nowhere_to_be_found"},
        "app.handler",
        "Runtime.ImportModuleError",
        "Unable to import module 'app': No module named 'nowhere_to_be_found'",
        id="a module that the handler needs is missing",
    ),
    pytest.param(
        {"other": ""},
        "app.handler",
        "Runtime.ImportModuleError",
        "Unable to import module 'app': No module named 'app'",
        id="the module of the handler is missing",
    ),
    pytest.param(
        {"other": ""},
        "src/app.handler",
        "Runtime.ImportModuleError",
        "Unable to import module 'src/app': No module named 'src'",
        id="the package of the handler is missing",
    ),
    pytest.param(
        {"app": "from lib import missing", "lib": ""},
        "app.handler",
        "Runtime.ImportModuleError",
        "Unable to import module 'app': cannot import name 'missing' from 'lib' (/var/task/lib.py)",
        id="a name cannot be imported",
    ),
    pytest.param(
        {"app": "x = 1"},
        "app.handler",
        "Runtime.HandlerNotFound",
        "Handler 'handler' missing on module 'app'",
        id="the function is missing",
    ),
    pytest.param(
        {"app": "x = 1"},
        "handler",
        "Runtime.MalformedHandlerName",
        "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
        id="no dot in the handler",
    ),
    pytest.param(
        {"sys": "x = 1"},
        "sys.handler",
        "Runtime.BuiltInModuleConflict",
        "Cannot use built-in module sys as a handler module",
        id="a built-in module",
    ),
]


@pytest.mark.parametrize(("files", "handler", "error_type", "message"), IMPORT_ERRORS)
def test_code_that_cannot_be_loaded_is_an_error_without_request_id(
    stage: Stage, files: dict[str, str], handler: str, error_type: str, message: str
) -> None:
    outcome = stage.invoke(spec(zip_of(**files), handler=handler))
    assert outcome.function_error == "Unhandled"
    assert (
        outcome.payload
        == json.dumps({"errorMessage": message, "errorType": error_type, "requestId": "", "stackTrace": []}).encode()
    )


def test_a_syntax_error_names_module_file_and_line(stage: Stage) -> None:
    payload = stage.result(spec("ok = 1\nx = = 2\n"))
    assert payload == {
        "errorMessage": "Syntax error in module 'app': invalid syntax (app.py, line 2)",
        "errorType": "Runtime.UserCodeSyntaxError",
        "requestId": "",
        "stackTrace": ['  File "/var/task/app.py" Line 2\n    x = = 2\n'],
    }


def test_an_exception_while_importing_has_a_trace_that_begins_in_importlib(stage: Stage) -> None:
    payload = stage.result(spec("value = 1\nraise ValueError('at import')"))
    trace = payload.pop("stackTrace")
    assert payload == {"errorMessage": "at import", "errorType": "ValueError", "requestId": ""}
    assert trace[0].startswith('  File "/var/lang/lib/python3.13/importlib/__init__.py", line ')
    assert trace[-1] == "  File \"/var/task/app.py\", line 2, in <module>\n    raise ValueError('at import')\n"


def test_an_exception_in_the_handler_has_the_frames_of_the_function_only(stage: Stage) -> None:
    code = zip_of(
        app="import lib\ndef handler(event, context):\n    lib.fail()", lib="def fail():\n    raise KeyError('é')"
    )
    assert (
        stage.invoke(spec(code)).payload
        == (
            '{"errorMessage": "\'é\'", "errorType": "KeyError", '
            f'"requestId": "{REQUEST_ID}", "stackTrace": ['
            '"  File \\"/var/task/app.py\\", line 3, in handler\\n    lib.fail()\\n", '
            '"  File \\"/var/task/lib.py\\", line 2, in fail\\n    raise KeyError(\'é\')\\n"]}'
        ).encode()
    )


def test_older_runtimes_escape_what_is_not_ascii(stage: Stage) -> None:
    assert stage.invoke(spec("def handler(e, c): return 'é'", runtime="python3.11")).payload == b'"\\u00e9"'
    assert stage.invoke(spec("def handler(e, c): return 'é'", runtime="python3.12")).payload == '"é"'.encode()


def test_frames_of_the_standard_library_are_those_of_lambda(stage: Stage) -> None:
    payload = stage.result(spec("import json\ndef handler(event, context):\n    json.loads('?')"))
    assert payload["errorType"] == "JSONDecodeError"
    assert payload["stackTrace"][1].startswith('  File "/var/lang/lib/python3.13/json/__init__.py", line ')
    assert sysconfig.get_paths()["stdlib"] not in json.dumps(payload)


def test_paths_in_the_message_are_those_of_lambda(stage: Stage) -> None:
    code = "def handler(event, context):\n    raise ValueError(__file__)"
    assert stage.result(spec(code))["errorMessage"] == "/var/task/app.py"


def test_a_handler_that_cannot_take_the_two_arguments_fails_in_the_runtime(stage: Stage) -> None:
    payload = stage.result(spec("def handler(event):\n    pass"))
    assert payload["errorType"] == "TypeError"
    assert payload["errorMessage"] == "handler() takes 1 positional argument but 2 were given"
    assert payload["stackTrace"] == [
        (
            '  File "/var/runtime/bootstrap.py", line 188, in handle_event_request\n'
            "    response = request_handler(event, lambda_context)\n"
        )
    ]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{1}", "Unable to marshal response: Object of type set is not JSON serializable"),
        ("(c for c in 'x')", "Unable to marshal response: Object of type generator is not JSON serializable"),
        ("main()", "Unable to marshal response: Object of type coroutine is not JSON serializable"),
    ],
)
def test_a_result_that_is_no_json_is_a_marshal_error(stage: Stage, expression: str, message: str) -> None:
    outcome = stage.invoke(spec(f"async def main(): pass\ndef handler(event, context): return {expression}"))
    assert json.loads(outcome.payload) == {
        "errorMessage": message,
        "errorType": "Runtime.MarshalError",
        "requestId": REQUEST_ID,
        "stackTrace": [],
    }
    assert isinstance(outcome.error, TypeError)


EXITS = [
    ("import sys; sys.exit()", "Runtime exited without providing a reason"),
    ("import sys; sys.exit(0)", "Runtime exited without providing a reason"),
    ("import sys; sys.exit(3)", "Runtime exited with error: exit status 3"),
    ("import sys; sys.exit(-1)", "Runtime exited with error: exit status 255"),
    ("import sys; sys.exit('text')", "Runtime exited with error: exit status 1"),
    ("raise SystemExit", "Runtime exited without providing a reason"),
    ("import os; os._exit(0)", "Runtime exited without providing a reason"),
    ("import os; os._exit(7)", "Runtime exited with error: exit status 7"),
    ("raise BaseException('unheard of')", "Runtime exited with error: exit status 1"),
]


@pytest.mark.parametrize(("statement", "reason"), EXITS)
def test_a_handler_that_ends_the_process_is_an_exit_error(stage: Stage, statement: str, reason: str) -> None:
    outcome = stage.invoke(spec(f"def handler(event, context):\n    {statement}"))
    assert outcome.function_error == "Unhandled"
    assert (
        outcome.payload
        == (f'{{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {REQUEST_ID} Error: {reason}"}}').encode()
    )


@pytest.mark.parametrize(("statement", "reason"), EXITS[:1] + EXITS[2:3] + EXITS[7:8])
def test_a_module_that_ends_the_process_is_an_exit_error(stage: Stage, statement: str, reason: str) -> None:
    payload = stage.result(spec(statement))
    assert payload == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {REQUEST_ID} Error: {reason}"}


def test_the_text_of_sys_exit_is_in_the_log(stage: Stage) -> None:
    assert "\ngood bye\n" in stage.invoke(spec("import sys\ndef handler(e, c): sys.exit('good bye')")).log


def test_a_time_out_is_told_with_two_decimals(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=31)
    assert (
        stage.invoke(spec(timeout=30)).payload
        == (
            f'{{"errorType":"Sandbox.Timedout",'
            f'"errorMessage":"RequestId: {REQUEST_ID} Error: Task timed out after 30.00 seconds"}}'
        ).encode()
    )


def test_a_response_may_have_exactly_the_size_that_is_allowed(stage: Stage) -> None:
    outcome = stage.invoke(spec(f"def handler(event, context): return 'x' * {6_291_556 - 2}"))
    assert outcome.function_error is None
    assert len(outcome.payload) == 6_291_556


def test_a_response_that_is_one_byte_too_large_is_an_error(stage: Stage) -> None:
    outcome = stage.invoke(spec(f"def handler(event, context): return 'x' * {6_291_556 - 1}"))
    assert outcome.function_error == "Unhandled"
    assert outcome.payload == (
        b'{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).",'
        b'"errorType":"Function.ResponseSizeTooLarge"}'
    )


@pytest.mark.parametrize(
    ("expression", "payload"),
    [
        ("None", b"null"),
        ("{'a': [1, 2.5, True]}", b'{"a": [1, 2.5, true]}'),
        ("float('nan')", b"NaN"),
        ("Decimal('12345678901234567890.10')", b"12345678901234567890.10"),
        ("[Decimal('1'), Decimal('2.50'), Decimal('nan')]", b"[1, 2.50, NaN]"),
        ("b'raw bytes'", b"raw bytes"),
        ("'\\ud800'", b'"\xed\xa0\x80"'),
    ],
)
def test_a_result_is_written_as_the_runtime_writes_it(stage: Stage, expression: str, payload: bytes) -> None:
    code = f"from decimal import Decimal\ndef handler(event, context): return {expression}"
    assert stage.invoke(spec(code)).payload == payload


@pytest.mark.parametrize(
    ("runtime", "keys", "error_type"),
    [
        ("nodejs22.x", ["errorType", "errorMessage", "trace"], "ValueError"),
        ("java21", ["errorMessage", "errorType", "stackTrace"], "ValueError"),
        ("dotnet8", ["errorMessage", "errorType", "stackTrace"], "ValueError"),
        ("ruby3.3", ["errorMessage", "errorType", "stackTrace"], "Function<ValueError>"),
        ("provided.al2023", ["errorType", "errorMessage"], "ValueError"),
        (None, ["errorMessage", "errorType", "requestId", "stackTrace"], "ValueError"),
    ],
)
def test_a_handler_in_place_of_another_runtime_fails_in_the_shape_of_that_runtime(
    stage: Stage, runtime: str | None, keys: list[str], error_type: str
) -> None:
    stage.handlers.add("orders", side_effect=ValueError("no"))
    payload = stage.result(spec(runtime=runtime))
    assert list(payload) == keys
    assert (payload["errorType"], payload["errorMessage"]) == (error_type, "no")


def test_a_handler_of_the_test_shows_its_file_as_if_it_were_in_lambda(stage: Stage) -> None:
    def handler(event: object, context: object) -> None:
        raise ValueError("no")

    stage.handlers.add("orders", call=handler)
    (frame,) = stage.result(spec())["stackTrace"]
    assert frame.startswith('  File "/var/task/test_python_errors.py", line ')
    assert frame.endswith(', in handler\n    raise ValueError("no")\n')


def test_the_same_scripted_exception_has_the_same_trace_each_time(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=ValueError("no"))
    assert [stage.result(spec())["stackTrace"] for _ in range(3)] == [[], [], []]


def test_an_exception_that_cannot_be_printed_is_an_error_all_the_same(stage: Stage) -> None:
    code = """
    class Odd(Exception):
        def __str__(self): raise ValueError
    def handler(event, context): raise Odd
    """
    assert stage.result(spec(code))["errorMessage"] == "<unprintable Odd object>"


def test_the_outcome_has_the_exception_itself(stage: Stage) -> None:
    error = ValueError("no")
    stage.handlers.add("orders", side_effect=error)
    assert stage.invoke(spec()).error is error
