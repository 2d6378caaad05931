"""Code in a zip finds the folders of Lambda by their names: ``/tmp``, ``/var/task`` and ``/opt``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.execution.stage import Stage, spec, zip_files
from tests.garbage import look_at_what_is_new_alone

MARK = "mark-of-test-named-paths"
IMPORTS = "import glob, io, os, pathlib, shutil, tempfile\n"


def returning(expression: str, *before: str) -> str:
    lines = [*before, f"return {expression}"]
    return IMPORTS + "def handler(event, context):\n" + "".join(f"    {line}\n" for line in lines)


WRITE = f"open('/tmp/{MARK}', 'w').close()"
WAYS = {
    "open": f"open('/tmp/{MARK}').close() is None",
    "io.open": f"io.open('/tmp/{MARK}').close() is None",
    "os.path.exists": f"os.path.exists('/tmp/{MARK}')",
    "os.listdir": f"os.listdir('/tmp') == ['{MARK}']",
    "bytes": f"os.path.getsize(b'/tmp/{MARK}') == 0",
    "pathlib": f"pathlib.Path('/tmp/{MARK}').is_file()",
    "glob": f"glob.glob('/tmp/*') == ['/tmp/{MARK}']",
    "tempfile": f"os.path.exists(os.path.join(tempfile.gettempdir(), '{MARK}'))",
    "a keyword": f"os.stat(path='/tmp/{MARK}').st_size == 0",
    "renaming": f"os.rename('/tmp/{MARK}', '/tmp/other') is None and os.listdir('/tmp') == ['other']",
    "copying": f"shutil.copy('/tmp/{MARK}', '/tmp/copy') == '/tmp/copy' and os.path.exists('/tmp/copy')",
    "folders": "os.makedirs('/tmp/a/b') is None and shutil.rmtree('/tmp/a') is None and not os.path.exists('/tmp/a')",
    "deleting": f"os.unlink('/tmp/{MARK}') is None and os.listdir('/tmp') == []",
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_written_to_tmp_lies_in_the_environment(stage: Stage, way: str) -> None:
    assert stage.result(spec(returning(WAYS[way], WRITE))) is True
    assert not Path("/tmp", MARK).exists()


def test_tmp_stays_in_its_environment_and_is_empty_in_another(stage: Stage) -> None:
    seen = returning("before", f"before = os.path.exists('/tmp/{MARK}')", WRITE)

    assert [stage.result(spec(seen)) for _ in range(2)] == [False, True]
    assert stage.result(spec(seen, version="2")) is False


def test_code_and_layers_are_found_by_their_names(stage: Stage) -> None:
    read = "pathlib.Path('/var/task/app.py').read_text()[:6], pathlib.Path('/opt/data.txt').read_text()"
    files = f"[{read}, sorted(os.listdir('/opt'))]"
    layer = zip_files({"data.txt": "of a layer"})

    assert stage.result(spec(returning(files), layers_code=[layer])) == ["import", "of a layer", ["data.txt"]]


def test_a_folder_that_a_test_hands_over_is_that_of_the_test(stage: Stage, tmp_path: Path) -> None:
    assert stage.result(spec(returning("pathlib.Path(event).write_text('x')")), str(tmp_path / "made")) == 1
    assert (tmp_path / "made").read_text() == "x"


def test_the_test_itself_finds_the_machine_s_files_meanwhile(stage: Stage, tmp_path: Path) -> None:
    stage.handlers.add("prices", call=lambda event, context: Path(event).exists())

    assert stage.result(spec(name="prices"), str(tmp_path)) is True


def test_everything_is_as_before_afterwards(stage: Stage) -> None:
    before = open, os.stat, os.listdir, os.rename
    stage.result(spec(returning("1")))

    assert (open, os.stat, os.listdir, os.rename) == before


class Archive:
    """Removes its file at its end, as libraries do. It holds itself: the garbage collector alone ends it."""

    def __init__(self) -> None:
        descriptor, self.path = tempfile.mkstemp(dir="/tmp")
        os.close(descriptor)
        self.itself = self

    def __del__(self) -> None:
        os.unlink(self.path)  # noqa: PTH108 - by the name, as the libraries do it


def test_garbage_of_the_test_that_a_function_collects_finds_the_files_of_the_test(stage: Stage) -> None:
    look_at_what_is_new_alone()
    path = Path(Archive().path)
    assert stage.result(spec(returning("gc.collect() > 0", "import gc"))) is True
    assert not path.exists()


def test_a_finalizer_of_a_function_finds_the_functions_files(stage: Stage) -> None:
    file = Path("/tmp", MARK)
    file.write_text("of the test")
    ends = f"type('Ends', (), {{'__del__': lambda self: os.unlink('/tmp/{MARK}')}})()"
    try:
        assert stage.result(spec(returning("os.listdir('/tmp')", WRITE, ends))) == []
        assert file.exists()
    finally:
        file.unlink()
