"""What is imported while a mock is active is patched before its import returns."""

from __future__ import annotations

import importlib.util
import json
import textwrap
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests import forked
from tests.budget import IS_THOROUGH
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
    """Skip where *library* is not installed. `pytest.importorskip` would import it, and then it is not late."""
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


COPIES = [
    *((library, False) for library in HANDLERS),
    *((library, True) for library in (HANDLERS if IS_THOROUGH else ["httpx"])),
]


@pytest.mark.parametrize(("library", "imports_it_too"), COPIES)
def test_a_copy_that_a_function_has_brought_along_is_mocked_as_the_library_is(
    library: str, imports_it_too: bool
) -> None:
    skip_without(library)
    first = f"import {library}\n" if imports_it_too else ""
    code = f"{BEGINNING}{first}{DEPLOYED}\nprint(handled_by({HANDLERS[library]!r}, {library!r}))"
    done = forked.run("-c", code, ready=forked.WITH_BOTO3)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [f"/var/task/{library}/__init__.py", 1]


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


def test_a_library_that_was_imported_anew_for_a_while_is_mocked_before_and_after() -> None:
    skip_without("httpx")
    code = f"""{BEGINNING}
from unittest.mock import patch
{USED["httpx"]}
with patch.dict(sys.modules):
    for name in [name for name in sys.modules if name.partition(".")[0] == "httpx"]:
        del sys.modules[name]
    import httpx as other
    print(other.get({URL!r}).json())
{USED["httpx"]}
assert other is not httpx
print({{one.HTTPTransport.handle_request.__module__ for one in (httpx, other)}})
activation.stop()
print({{one.HTTPTransport.handle_request.__module__ for one in (httpx, other)}})
"""
    done = forked.run("-c", code, ready=forked.WITH_BOTO3)
    whose = ["{'lambda_states_mock.adapters.httpx_hook'}", "{'httpx._transports.default'}"]
    assert (done.returncode, done.stdout.splitlines()) == (0, [EMPTY, EMPTY, EMPTY, *whose]), done.stderr
