"""The size of /tmp."""

from __future__ import annotations

import json

import pytest

from tests.execution.stage import Stage, spec

WRITES = """
import os, pathlib, tempfile
def handler(event, context):
    folder = pathlib.Path(tempfile.gettempdir(), *event["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / event["name"]).write_bytes(bytes(event["size"]))
    return "written"
"""
MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("folder", [[], ["deep", "down"]])
def test_what_fits_is_written(stage: Stage, folder: list[str]) -> None:
    event = {"folder": folder, "name": "a", "size": MEGABYTE}
    assert stage.result(spec(WRITES, ephemeral_storage=1), event) == "written"


@pytest.mark.parametrize("folder", [[], ["deep", "down"]])
def test_more_than_fits_is_no_space_left_on_the_device(stage: Stage, folder: list[str]) -> None:
    event = {"folder": folder, "name": "a", "size": MEGABYTE + 1}
    outcome = stage.invoke(spec(WRITES, ephemeral_storage=1), event)
    payload = json.loads(outcome.payload)
    assert (payload["errorType"], payload["errorMessage"]) == ("OSError", "[Errno 28] No space left on device")
    assert outcome.function_error == "Unhandled"


def test_what_earlier_events_have_written_counts(stage: Stage) -> None:
    function = spec(WRITES, ephemeral_storage=1)
    results = [
        stage.invoke(function, {"folder": [], "name": name, "size": 400_000}).function_error for name in ("a", "b", "c")
    ]
    assert results == [None, None, "Unhandled"]


def test_links_are_not_followed(stage: Stage) -> None:
    code = """
    import os, tempfile
    def handler(event, context):
        os.symlink("/", os.path.join(tempfile.gettempdir(), "root"))
        return "linked"
    """
    assert stage.result(spec(code, ephemeral_storage=1)) == "linked"
