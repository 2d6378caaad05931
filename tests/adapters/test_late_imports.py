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
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.adapters import activation
from lambda_states_mock.adapters.late_imports import ImportWatch
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.registry import ADAPTERS, Adapter
from lambda_states_mock.errors import PrivateNameError
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
    "aiobotocore": "from aiobotocore.session import AioSession\nprint(AioSession.create_client.__module__)",
    "moto": "import moto\nprint(sys.modules['moto.core.botocore_stubber'].passthrough_service('lambda'))",
}
EMPTY, LATER = "{'Functions': []}", "2026-01-01 00:01:30+00:00"
ANSWERS = {
    "asyncio": LATER,
    "trio": LATER,
    "httpx": EMPTY,
    "aiohttp": EMPTY,
    "aiobotocore": "lambda_states_mock.adapters.aiobotocore_hook",
    "moto": "True",
}


def skip_without(library: str) -> None:
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")


@pytest.mark.parametrize("library", USED)
def test_a_library_that_is_imported_in_a_mock_is_mocked_from_its_first_use(library: str) -> None:
    skip_without(library)
    done = forked.run("-c", BEGINNING + textwrap.dedent(USED[library]), ready=forked.WITH_BOTO3)
    assert (done.returncode, done.stdout.strip()) == (0, ANSWERS[library]), done.stderr


def test_entering_a_mock_does_not_import_asyncio() -> None:
    done = forked.run("-c", BEGINNING + 'print("asyncio" in sys.modules)', ready=forked.WITH_BOTO3)
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr


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
    before = sys.meta_path
    watch = ImportWatch(list, lambda _: None)
    monkeypatch.setattr(sys, "meta_path", finders := [Leaving(), PathFinder])
    watch.watch_for(["awaited"])
    assert importlib.import_module("other").name == 1
    assert sys.meta_path is finders
    assert before is not finders


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


DEPLOYED = r"""
import importlib.util, io, zipfile
from pathlib import Path
import boto3

def handled_by(source, library=None):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", source)
        if library is not None:
            there = Path(importlib.util.find_spec(library).origin).parent
            for file in there.rglob("*.py"):
                archive.write(file, file.relative_to(there.parent))
    client = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="a")
    client.create_function(
        FunctionName="orders", Role="arn:aws:iam::123456789012:role/orders", Code={"ZipFile": content.getvalue()},
        Runtime="python3.13", Handler="app.handler", Timeout=300,
    )
    m.clock.run_until_idle()
    return client.invoke(FunctionName="orders")["Payload"].read().decode()
"""
HANDLERS = {
    "aiohttp": f"""
import asyncio, aiohttp
async def get():
    async with aiohttp.ClientSession() as session, session.get({URL!r}) as response:
        return [aiohttp.__file__, len((await response.json())["Functions"])]
def handler(*_):
    return asyncio.run(get())
""",
    "httpx": f"""
import httpx
def handler(*_):
    return [httpx.__file__, len(httpx.get({URL!r}).json()["Functions"])]
""",
    "trio": """
import trio
def handler(*_):
    trio.run(trio.sleep, 90)  # for real it would be over in the next minute
    return [trio.__file__, int(trio.sleep.__module__.startswith("lambda_states_mock"))]
""",
}


@pytest.mark.parametrize("imports_it_too", [False, True])
@pytest.mark.parametrize("library", HANDLERS)
def test_a_copy_that_a_function_has_brought_along_is_mocked_as_the_library_is(
    library: str, imports_it_too: bool
) -> None:
    skip_without(library)
    first = f"import {library}\n" if imports_it_too else ""
    code = f"{BEGINNING}{first}{DEPLOYED}\nprint(handled_by({HANDLERS[library]!r}, {library!r}))"
    done = forked.run("-c", code, ready=forked.WITH_BOTO3)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [f"/var/task/{library}/__init__.py", 1]


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


def test_a_copy_that_is_shown_while_another_library_is_imported_is_not_taken_for_the_library() -> None:
    skip_without("trio")
    handler = "import trio, asyncio\ndef handler(*_): return trio.__file__"
    code = f"""{BEGINNING}{DEPLOYED}
print(handled_by({handler!r}, "trio"))
print("lambda_states_mock.adapters.trio_sleeping" in sys.modules)
import trio
print(trio.sleep.__module__)
"""
    done = forked.run("-c", code, ready=forked.WITH_BOTO3)
    assert done.returncode == 0, done.stderr
    file, is_taken, whose = done.stdout.split()
    assert (file, is_taken) == ('"/var/task/trio/__init__.py"', "False")
    assert whose == "lambda_states_mock.adapters.trio_sleeping"


def test_what_only_has_the_name_of_a_library_is_left_alone(client: Any, mock: LambdaMock) -> None:
    files = {"app.py": "import httpx\ndef handler(*_): return vars(httpx)['mine']", "httpx.py": "mine = 'own'"}
    create(client, Runtime="python3.12", Handler="app.handler", Code={"ZipFile": zip_of(files)})
    mock.clock.run_until_idle()
    assert client.invoke(FunctionName="orders")["Payload"].read() == b'"own"'


# -- what else may happen to it


def test_a_library_that_is_imported_anew_in_the_same_mock_is_mocked_again() -> None:
    skip_without("httpx")
    anew = (
        "for name in [name for name in sys.modules if name.partition('.')[0] == 'httpx']:\n    del sys.modules[name]\n"
    )
    done = forked.run("-c", BEGINNING + USED["httpx"] + "\n" + anew + USED["httpx"], ready=forked.WITH_BOTO3)
    assert (done.returncode, done.stdout.splitlines()) == (0, [EMPTY, EMPTY]), done.stderr


def test_a_library_that_another_finder_has_found_is_mocked_by_the_next_client() -> None:
    skip_without("httpx")
    code = f"""{BEGINNING}
from importlib.machinery import PathFinder
sys.meta_path.insert(0, PathFinder)
import httpx
import boto3
boto3.client("lambda", region_name="us-east-1")
print(httpx.HTTPTransport.handle_request.__module__)
"""
    done = forked.run("-c", code, ready=forked.WITH_BOTO3)
    assert (done.returncode, done.stdout.strip()) == (0, "lambda_states_mock.adapters.httpx_hook"), done.stderr


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
