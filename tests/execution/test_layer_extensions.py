"""Extensions that come as executables in layers: what the test has registered by their names, or a stand-in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.execution.stage import REQUEST_ID, Stage, spec, zip_files


def layer(*names: str, **files: str) -> bytes:
    return zip_files({**{f"extensions/{name}": "#!/bin/sh\n" for name in names}, **files})


def told(log: str) -> list[str]:
    return [line for line in log.splitlines() if line.startswith("EXTENSION")]


def test_what_nobody_stands_for_starts_and_subscribes_to_nothing(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    function = spec(layers_code=(layer("foo", "bar"),))
    outcome = stage.invoke(function)
    assert outcome.payload == b"1"
    assert told(outcome.log) == [
        "EXTENSION\tName: foo\tState: Ready\tEvents: []",
        "EXTENSION\tName: bar\tState: Ready\tEvents: []",
    ]
    assert told(stage.invoke(function).log) == []
    assert len(stage.pool.environments) == 1


def test_an_extension_of_the_test_stands_for_the_one_of_its_name(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    extension = stage.extensions.add("foo", events=["INVOKE"])
    outcome = stage.invoke(spec(layers_code=(layer("foo"), layer("foo", "bar"))))
    assert told(outcome.log) == [
        "EXTENSION\tName: foo\tState: Ready\tEvents: [INVOKE]",
        "EXTENSION\tName: bar\tState: Ready\tEvents: []",
    ]
    assert [event["requestId"] for event in extension.received] == [REQUEST_ID]


def test_one_that_is_for_another_function_does_not_stand_for_it(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.extensions.add("foo", function="refunds")
    assert told(stage.invoke(spec(layers_code=(layer("foo"),))).log) == [
        "EXTENSION\tName: foo\tState: Ready\tEvents: []"
    ]


def test_one_that_is_registered_later_asks_for_a_new_environment(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    function = spec(layers_code=(layer("foo"),))
    stage.invoke(function)
    stage.extensions.add("foo", events=["INVOKE"])
    assert told(stage.invoke(function).log) == ["EXTENSION\tName: foo\tState: Ready\tEvents: [INVOKE]"]


NO_EXTENSIONS: dict[str, Any] = {
    "a folder": {"extensions/foo/": ""},
    "a file in a folder": {"extensions/foo/bar": ""},
    "a folder of that name elsewhere": {"python/extensions/foo": ""},
    "a file of that name": {"extensions": ""},
    "a way out": {"extensions/../../foo": ""},
}


@pytest.mark.parametrize("files", NO_EXTENSIONS.values(), ids=NO_EXTENSIONS.keys())
def test_only_files_in_the_folder_are_extensions(stage: Stage, files: dict[str, str]) -> None:
    stage.handlers.add("orders", returns=1)
    assert told(stage.invoke(spec(layers_code=(zip_files(files),))).log) == []


def test_a_layer_that_is_no_zip_has_none(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    assert told(stage.invoke(spec(layers_code=(b"no zip",))).log) == []


def test_eleven_are_too_many(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    function = spec(layers_code=(layer(*(f"agent-{number}" for number in range(11))),))
    assert stage.result(function) == {
        "errorType": "TooManyExtensions",
        "errorMessage": f"RequestId: {REQUEST_ID} Error: Extension limit (10) reached",
    }


def test_code_finds_its_layer_with_the_executable(stage: Stage) -> None:
    code = "import tools\ndef handler(event, context): return tools.ANSWER"
    function = spec(code, layers_code=(layer("foo", **{"python/tools.py": "ANSWER = 42"}),))
    assert stage.result(function) == 42
