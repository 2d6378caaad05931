"""The finder that notices imports while a mock is active, and what is installed after them."""

from __future__ import annotations

import copy
import importlib.util
import sys
import threading
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.adapters import activation
from lambda_states_mock.adapters.late_imports import ImportWatch
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.registry import ADAPTERS, Adapter
from lambda_states_mock.errors import PrivateNameError
from tests.deploying import create, zip_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder that modules are imported from, and forget them at the end."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def told(folder: Path) -> Iterator[list[set[str]]]:
    """Watch for *awaited* and parts of *awaitedtoo*; return which of the modules were there when it was told."""
    heard: list[set[str]] = []

    def tell(*_: object) -> None:
        heard.append({name for name in sys.modules if name.startswith("awaited") and not watch.is_under_way(name)})

    watch = ImportWatch(tell, tell)
    watch.watch_for(["awaited", "awaitedtoo.part"])
    yield heard
    watch.end()


def test_it_tells_once_a_module_is_there(folder: Path, told: list[set[str]]) -> None:
    (folder / "awaited.py").write_text("import sys\nbegun = 'awaited' in sys.modules")
    (folder / "other.py").touch()
    importlib.import_module("other")
    assert told == []
    importlib.import_module("awaited")
    assert told == [{"awaited"}]


def test_it_tells_of_a_package_when_all_that_this_imports_is_there(folder: Path, told: list[set[str]]) -> None:
    (folder / "awaitedtoo").mkdir()
    (folder / "awaitedtoo" / "__init__.py").write_text("import awaited\nfrom . import part\nname = part.name")
    (folder / "awaitedtoo" / "part.py").write_text("name = 1")
    (folder / "awaited.py").touch()
    importlib.import_module("awaitedtoo")
    assert told == [{"awaited", "awaitedtoo", "awaitedtoo.part"}]


def test_a_module_finds_the_loader_that_it_would_have(folder: Path, told: list[set[str]]) -> None:
    (folder / "awaited.py").write_text("mine = __loader__, __spec__.loader, __file__")
    (folder / "other.py").write_text("mine = __loader__, __spec__.loader, __file__")
    awaited: Any = importlib.import_module("awaited")
    other: Any = importlib.import_module("other")
    assert [type(loader) for loader in awaited.mine[:2]] == [type(loader) for loader in other.mine[:2]]
    assert awaited.mine == (awaited.__loader__, awaited.__spec__.loader, str(folder / "awaited.py"))


def test_who_looks_for_a_module_finds_a_whole_specification(folder: Path, told: list[set[str]]) -> None:
    (folder / "awaited.py").write_text("name = 1")
    found: Any = importlib.util.find_spec("awaited")
    assert found.loader.get_source("awaited") == "name = 1"
    assert importlib.util.find_spec("awaitedtoo") is None
    assert told == []


def test_a_module_that_fails_can_be_imported_again(folder: Path, told: list[set[str]]) -> None:
    (folder / "awaited.py").write_text("raise RuntimeError('not yet')")
    with pytest.raises(RuntimeError, match="not yet"):
        importlib.import_module("awaited")
    assert told == [set()]
    (folder / "awaited.py").write_text("mended = True  # and longer than before")
    importlib.invalidate_caches()
    assert importlib.import_module("awaited").mended
    assert told == [set(), {"awaited"}]


def test_it_tells_of_what_a_module_that_fails_has_imported_before(folder: Path, told: list[set[str]]) -> None:
    (folder / "awaitedtoo").mkdir()
    (folder / "awaitedtoo" / "__init__.py").write_text("import awaited\nraise ImportError('half way')")
    (folder / "awaited.py").touch()
    with pytest.raises(ImportError, match="half way"):
        importlib.import_module("awaitedtoo")
    importlib.import_module("awaited")
    assert [heard & {"awaited"} for heard in told] == [{"awaited"}]


def test_a_module_may_give_itself_another_name(folder: Path, told: list[set[str]]) -> None:
    (folder / "awaited.py").write_text("__name__ = 'renamed'")
    (folder / "awaitedtoo").mkdir()
    (folder / "awaitedtoo" / "__init__.py").touch()
    importlib.import_module("awaited")
    importlib.import_module("awaitedtoo")
    assert told == [{"awaited"}, {"awaited", "awaitedtoo"}]


def test_a_specification_can_be_copied(folder: Path, told: list[set[str]]) -> None:
    (folder / "awaited.py").write_text("name = 1")
    found: Any = copy.deepcopy(importlib.util.find_spec("awaited"))
    assert found.loader.get_source("awaited") == "name = 1"


def test_a_part_can_be_run_without_being_imported(folder: Path, told: list[set[str]]) -> None:
    (folder / "awaitedtoo").mkdir()
    (folder / "awaitedtoo" / "__init__.py").touch()
    (folder / "awaitedtoo" / "part.py").write_text("name = 1")
    found: Any = importlib.util.find_spec("awaitedtoo.part")
    module: Any = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    assert module.name == 1
    assert "awaitedtoo.part" not in sys.modules


def test_an_import_finds_its_module_when_another_thread_leaves_the_mock_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Leaving:
        """Asked when the import has come half way through the finders."""

        def find_spec(self, name: str, *_: Any) -> None:
            if name == "other":
                leaving = threading.Thread(target=watch.end)
                leaving.start()
                leaving.join()

    (folder / "other.py").write_text("name = 1")
    watch = ImportWatch(list, lambda _: None)
    monkeypatch.setattr(sys, "meta_path", finders := [Leaving(), PathFinder])
    watch.watch_for(["awaited"])
    assert importlib.import_module("other").name == 1
    assert sys.meta_path is finders


def test_a_list_of_finders_that_somebody_has_kept_finds_nothing_by_ours(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "awaited.py").touch()
    heard: list[str] = []
    watch = ImportWatch(lambda: heard.append("told"), heard.append)
    watch.watch_for(["awaited"])
    kept = sys.meta_path
    watch.end()
    monkeypatch.setattr(sys, "meta_path", kept)
    importlib.import_module("awaited")
    assert heard == []


def test_nothing_is_left_on_the_path_of_finders() -> None:
    before = list(sys.meta_path)
    with mock_lambda(), mock_lambda():
        assert [finder for finder in sys.meta_path if finder not in before] == [sys.meta_path[0]]
    assert sys.meta_path == before


def test_a_copy_is_not_taken_for_the_library(folder: Path, client: Any, mock: LambdaMock) -> None:
    (folder / "awaited.py").write_text("whose = 'of the test'")
    heard: list[str] = []
    watch = ImportWatch(lambda: heard.append(sys.modules["awaited"].whose), heard.append)
    watch.watch_for(["awaited"])
    files = {"app.py": "import awaited\ndef handler(*_): return awaited.whose", "awaited.py": "whose = 'of a function'"}
    try:
        create(client, Runtime="python3.12", Handler="app.handler", Code={"ZipFile": zip_of(files)})
        mock.clock.run_until_idle()
        assert client.invoke(FunctionName="orders")["Payload"].read() == b'"of a function"'
        importlib.import_module("awaited")
        assert heard == ["awaited", "of the test"]
    finally:
        watch.end()


def test_finders_that_a_function_takes_away_come_back_where_they_were(client: Any, mock: LambdaMock) -> None:
    before = list(sys.meta_path)
    code = zip_of("import sys\ndef handler(*_): sys.meta_path.pop(0), sys.meta_path.pop(-1)")
    create(client, Code={"ZipFile": code})
    mock.clock.run_until_idle()
    client.invoke(FunctionName="orders")
    assert sys.meta_path == before


def test_what_keeps_an_adapter_from_being_installed_is_raised_at_each_import(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_patches: Patches) -> None:
        raise PrivateNameError("not this version")

    (folder / "awaited.py").touch()
    adapter = Adapter("awaited_hook", after="awaited")
    monkeypatch.setitem(vars(adapter), "imported", SimpleNamespace(install=refuse))
    monkeypatch.setattr(activation, "ADAPTERS", (*ADAPTERS, adapter))
    with mock_lambda():
        for _ in range(2):
            with pytest.raises(PrivateNameError, match="not this version"):
                importlib.import_module("awaited")


def test_an_import_does_not_wait_for_ever_for_a_thread_that_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activation, "_LONGEST_WAIT", 0.01)
    installing, imported = threading.Event(), threading.Event()
    turns: list[str] = []

    def install() -> None:
        turns.append("look")
        if len(turns) == 1:
            installing.set()
            assert imported.wait(10)  # as for the lock of the module that the other thread imports

    monkeypatch.setattr(activation, "_install_those_of_now", install)
    other = threading.Thread(target=activation.install_due)
    other.start()
    assert installing.wait(10)
    activation._install_after_import()
    imported.set()
    other.join()
    assert turns == ["look", "look"]  # what was imported meanwhile is found by who was there first
