"""The size of /tmp."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock.execution.runtimes.in_process.ephemeral_storage import EphemeralStorage
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


def test_what_is_written_by_the_name_of_the_folder_counts(stage: Stage) -> None:
    code = """
    def handler(event, context):
        with open("/tmp/a", "wb") as file:
            file.truncate(1024 * 1024 + 1)
    """
    assert stage.invoke(spec(code, ephemeral_storage=1)).function_error == "Unhandled"


def test_what_has_been_deleted_counts_no_more(stage: Stage) -> None:
    code = """
    import os, tempfile
    def handler(event, context):
        path = os.path.join(tempfile.gettempdir(), "a")
        if event == "delete":
            os.remove(path)
        elif event == "write":
            with open(path, "wb") as file:
                file.truncate(1024 * 1024 + 1)
    """
    function = spec(code, ephemeral_storage=1)
    results = [stage.invoke(function, event).function_error for event in ("look", "write", "look", "delete", "write")]
    assert results == [None, "Unhandled", "Unhandled", None, "Unhandled"]


def test_the_first_file_is_seen_whatever_the_clock_of_the_file_system(tmp_path: Path) -> None:
    made = tmp_path.stat().st_mtime_ns
    storage = EphemeralStorage(lambda: tmp_path)
    storage.make()
    assert not storage.exceeds(0)
    (tmp_path / "a").write_bytes(b"ab")
    os.utime(tmp_path, ns=(made, made))  # as where a file is made in the same tick as its folder
    assert (storage.exceeds(1), storage.exceeds(2)) == (True, False)


def test_what_is_there_before_its_time_is_set_back_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"ab")
    storage = EphemeralStorage(lambda: tmp_path)
    storage.make()
    assert storage.exceeds(1)


def test_links_are_not_followed(stage: Stage) -> None:
    code = """
    import os, tempfile
    def handler(event, context):
        os.symlink("/", os.path.join(tempfile.gettempdir(), "root"))
        return "linked"
    """
    assert stage.result(spec(code, ephemeral_storage=1)) == "linked"


def _from_a_child(write: Callable[[], None]) -> None:
    child = os.fork()
    if not child:
        try:
            write()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _from_a_thread(write: Callable[[], None]) -> None:
    thread = threading.Thread(target=write)
    thread.start()
    thread.join()


WAYS: dict[str, Callable[[Callable[[], None]], None]] = {"itself": lambda write: write(), "a thread": _from_a_thread}
if hasattr(os, "fork"):
    WAYS["a child"] = _from_a_child


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_a_handler_of_the_test_writes_counts_too(stage: Stage, way: Callable[[Callable[[], None]], None]) -> None:
    def write() -> None:
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(bytes(MEGABYTE + 1))

    def handler(event: Any, _context: Any) -> str:
        if event == "write":
            way(write)
        return "done"

    stage.handlers.add("orders", call=handler)
    function = spec(ephemeral_storage=1)
    assert stage.invoke(function, "rest").function_error is None
    assert [stage.invoke(function, event).function_error for event in ("write", "rest")] == ["Unhandled"] * 2


def test_a_handler_of_the_test_that_replaces_how_folders_are_made_has_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handler(_event: Any, _context: Any) -> bool:
        with monkeypatch.context() as patch:
            patch.setattr(os, "mkdir", print)
            return Path(tempfile.gettempdir()).is_dir()

    stage.handlers.add("orders", call=handler)
    assert stage.result(spec()) is True


def test_a_handler_of_the_test_that_outlives_the_mock_leaves_no_folder(stage: Stage, tmp_path: Path) -> None:
    begun, may_go_on = threading.Event(), threading.Event()

    def handler(_event: Any, _context: Any) -> None:
        begun.set()
        may_go_on.wait()
        tempfile.gettempdir()

    stage.handlers.add("orders", call=handler)
    thread = threading.Thread(target=stage.invoke, args=(spec(),))
    thread.start()
    begun.wait()
    stage.pool.close()
    may_go_on.set()
    thread.join()
    assert list(tmp_path.iterdir()) == []


def test_what_one_thread_writes_while_another_one_asks_for_the_folder_counts(tmp_path: Path) -> None:
    others: list[str] = []

    def make() -> Path:
        if not others:
            others.append("one more thread")
            Path(storage.make(), "data").write_bytes(b"12")
        return tmp_path

    storage = EphemeralStorage(make)
    storage.make()
    assert (storage.exceeds(1), storage.exceeds(2)) == (True, False)
