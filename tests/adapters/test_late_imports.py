"""What is imported while a mock is active is patched before its import returns."""

from __future__ import annotations

import copy
import importlib.util
import json
import sys
import textwrap
import threading
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.adapters import activation
from lambda_states_mock.adapters.late_imports import ImportWatch
from tests import forked
from tests.deploying import create, zip_of

URL = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions"
BEGINNING = """
import sys
from lambda_states_mock import mock_lambda
for name in [name for name in sys.modules if name.partition(".")[0] == "asyncio"]:
    del sys.modules[name]
assert not any(name in sys.modules for name in ("aiobotocore", "aiohttp", "httpx", "moto", "trio"))
activation = mock_lambda(start="2026-01-01T00:00:00Z")
m = activation.start()
"""
USED = {
    "asyncio": "import asyncio\nasyncio.run(asyncio.sleep(90))\nprint(m.clock.now)",
    "trio": "import trio\ntrio.run(trio.sleep, 90)\nprint(m.clock.now)",
    "httpx": f"import httpx\nprint(httpx.get({URL!r}).json())",
    "aiohttp": f"""
        import aiohttp, asyncio
        async def get():
            async with aiohttp.ClientSession() as session, session.get({URL!r}) as response:
                return await response.json()
        print(asyncio.run(get()))
    """,
    "aiobotocore": """
        import asyncio
        from aiobotocore.session import get_session
        async def call():
            async with get_session().create_client(
                "lambda", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="a"
            ) as client:
                return {"Functions": (await client.list_functions())["Functions"]}
        print(asyncio.run(call()))
    """,
    "moto": """
        from moto import mock_aws
        import boto3
        with mock_aws():
            print({"Functions": boto3.client("lambda", region_name="us-east-1").list_functions()["Functions"]})
    """,
}
EMPTY, LATER = "{'Functions': []}", "2026-01-01 00:01:30+00:00"


@pytest.mark.parametrize("library", USED)
def test_a_library_that_is_imported_in_a_mock_is_mocked_from_its_first_use(library: str) -> None:
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    done = forked.run("-c", BEGINNING + textwrap.dedent(USED[library]), ready=forked.WITH_BOTO3)
    assert (done.returncode, done.stdout.strip()) == (0, LATER if "sleep" in USED[library] else EMPTY), done.stderr


def test_entering_a_mock_does_not_import_asyncio() -> None:
    done = forked.run("-c", BEGINNING + 'print("asyncio" in sys.modules)', ready=forked.WITH_BOTO3)
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr


@pytest.mark.parametrize("library", ["asyncio", "trio", "httpx"])
def test_a_library_that_is_imported_anew_between_two_mocks_is_mocked_in_the_second(library: str) -> None:
    code = BEGINNING + ANEW.replace("LIBRARY", library) + textwrap.dedent(USED[library])
    done = forked.run("-c", code, ready=forked.WITH_BOTO3)
    assert (done.returncode, done.stdout.strip()) == (0, LATER if "sleep" in USED[library] else EMPTY), done.stderr


ANEW = """
import LIBRARY
for name in [name for name in sys.modules if name.partition(".")[0] == "LIBRARY"]:
    del sys.modules[name]
activation.stop()
m = activation.start()
"""


# -- the finder


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
        heard.append({name for name in sys.modules if name.startswith("awaited")})

    watch = ImportWatch(tell, tell)
    watch.await_(["awaited", "awaitedtoo.part"])
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
    assert told == []
    (folder / "awaited.py").write_text("mended = True  # and longer than before")
    importlib.invalidate_caches()
    assert importlib.import_module("awaited").mended
    assert told == [{"awaited"}]


def test_it_tells_of_what_a_module_that_fails_has_imported_before(folder: Path, told: list[set[str]]) -> None:
    (folder / "awaitedtoo").mkdir()
    (folder / "awaitedtoo" / "__init__.py").write_text("import awaited\nraise ImportError('half way')")
    (folder / "awaited.py").touch()
    with pytest.raises(ImportError, match="half way"):
        importlib.import_module("awaitedtoo")
    importlib.import_module("awaited")
    assert [heard & {"awaited"} for heard in told] == [{"awaited"}]


def test_what_a_module_that_fails_has_imported_is_mocked_and_it_is_not() -> None:
    code = BEGINNING + textwrap.dedent(HALF_WAY)
    done = forked.run("-c", code, ready=forked.WITH_BOTO3)
    assert (done.returncode, done.stdout.split()) == (0, ["lambda_states_mock.adapters.async_sleeping", "[]"])


HALF_WAY = """
    import pathlib, tempfile
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "trio.py").write_text("import asyncio\\nasyncio.no_such_name")
        sys.path.insert(0, folder)
        try:
            import trio
        except AttributeError:
            import asyncio
            print(asyncio.sleep.__module__, [name for name in sys.modules if "trio" in name])
"""


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
    watch.await_(["awaited"])
    assert importlib.import_module("other").name == 1
    assert sys.meta_path is finders


def test_a_list_of_finders_that_somebody_has_kept_finds_nothing_by_ours(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "awaited.py").touch()
    heard: list[str] = []
    watch = ImportWatch(lambda: heard.append("told"), heard.append)
    watch.await_(["awaited"])
    kept = sys.meta_path
    watch.end()
    monkeypatch.setattr(sys, "meta_path", kept)
    importlib.import_module("awaited")
    assert heard == []


@pytest.mark.parametrize("how", ["in front of ours", "in place of all"])
def test_what_was_imported_past_our_finder_is_mocked_from_the_next_call(how: str) -> None:
    code = BEGINNING + textwrap.dedent(PAST).replace("HOW", repr(how))
    done = forked.run("-c", code, ready=forked.WITH_BOTO3)
    assert (done.returncode, done.stdout.strip()) == (0, EMPTY), done.stderr


PAST = f"""
    import boto3
    from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
    client = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="a")
    if HOW == "in front of ours":
        sys.meta_path.insert(0, PathFinder)
    else:
        sys.meta_path = [BuiltinImporter, FrozenImporter, PathFinder]
    import httpx
    client.list_functions()
    print(httpx.get({URL!r}).json())
"""


def test_a_module_that_takes_hold_of_a_late_sleep_has_the_real_one_after_the_mock() -> None:
    code = BEGINNING + textwrap.dedent(HOLDER)
    done = forked.run("-c", code, ready=forked.WITH_BOTO3)
    assert (done.returncode, done.stdout.split()) == (0, ["True", "True", "True", "True"]), done.stderr


HOLDER = """
    import pathlib, tempfile
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "holder.py").write_text(
            "import asyncio\\nfrom asyncio import sleep\\ndef poll(pause=asyncio.sleep): pass"
        )
        sys.path.insert(0, folder)
        import holder
    import asyncio
    ours = asyncio.sleep
    print(holder.sleep is ours, holder.poll.__defaults__ == (ours,))
    activation.stop()
    print(holder.sleep is asyncio.sleep is not ours, holder.poll.__defaults__ == (asyncio.sleep,))
"""


def test_nothing_is_left_on_the_path_of_finders() -> None:
    before = list(sys.meta_path)
    with mock_lambda(), mock_lambda():
        assert [finder for finder in sys.meta_path if finder not in before] == [sys.meta_path[0]]
    assert sys.meta_path == before


LISTS = """
import asyncio, aiohttp, httpx
URL = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions"
def with_httpx(*_):
    return [httpx.__file__, [one["FunctionName"] for one in httpx.get(URL).json()["Functions"]]]
def with_aiohttp(*_):
    return asyncio.run(get())
async def get():
    async with aiohttp.ClientSession() as session, session.get(URL) as response:
        return [aiohttp.__file__, [one["FunctionName"] for one in (await response.json())["Functions"]]]
"""


@pytest.mark.parametrize("library", ["aiohttp", "httpx"])
def test_a_copy_that_a_function_has_brought_along_is_mocked_as_the_library_is(
    library: str, client: Any, mock: LambdaMock
) -> None:
    imported = importlib.import_module(library)
    there = Path(str(imported.__file__)).parent
    files = {str(file.relative_to(there.parent)): file.read_text(encoding="utf-8") for file in there.rglob("*.py")}
    code = {"ZipFile": zip_of({"app.py": LISTS, **files})}
    create(client, Runtime="python3.12", Handler=f"app.with_{library}", Code=code)
    mock.clock.run_until_idle()

    answer = json.loads(client.invoke(FunctionName="orders")["Payload"].read())

    assert answer == [f"/var/task/{library}/__init__.py", ["orders"]]
    assert sys.modules[library] is imported


def test_a_copy_is_not_taken_for_the_library(folder: Path, client: Any, mock: LambdaMock) -> None:
    (folder / "awaited.py").write_text("whose = 'of the test'")
    heard: list[str] = []
    watch = ImportWatch(lambda: heard.append(sys.modules["awaited"].whose), heard.append)
    watch.await_(["awaited"])
    files = {"app.py": "import awaited\ndef handler(*_): return awaited.whose", "awaited.py": "whose = 'of a function'"}
    try:
        create(client, Runtime="python3.12", Handler="app.handler", Code={"ZipFile": zip_of(files)})
        mock.clock.run_until_idle()
        assert client.invoke(FunctionName="orders")["Payload"].read() == b'"of a function"'
        importlib.import_module("awaited")
        assert heard == ["awaited", "of the test"]
    finally:
        watch.end()


def test_a_copy_that_is_shown_while_another_library_is_imported_is_not_taken_for_the_library() -> None:
    code = BEGINNING + textwrap.dedent(COPY)
    done = forked.run("-c", code, ready=forked.WITH_BOTO3)
    assert (done.returncode, done.stdout.split()) == (0, ["copy", "unpatched", "patched"]), done.stderr


COPY = r"""
    import io, zipfile, boto3
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("trio.py", "whose = 'copy'")
        archive.writestr("app.py", "import trio, asyncio\ndef handler(*_): return trio.whose")
    client = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="a")
    client.create_function(
        FunctionName="orders", Role="arn:aws:iam::123456789012:role/orders", Code={"ZipFile": content.getvalue()},
        Runtime="python3.13", Handler="app.handler",
    )
    m.clock.run_until_idle()
    print(client.invoke(FunctionName="orders")["Payload"].read().decode().strip('"'))
    print("patched" if "lambda_states_mock.adapters.trio_sleeping" in sys.modules else "unpatched")
    import trio
    print("patched" if trio.sleep.__module__.startswith("lambda_states_mock") else "unpatched")
"""


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
