"""Private names of other libraries: each is declared, is used where the table says, and may be missing."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock import private_names
from lambda_states_mock.errors import PrivateNameWarning
from lambda_states_mock.private_names import NAMES, exists, version_of
from lambda_states_mock.private_names.row import PrivateName, Without
from scripts.private_names_page import page

from . import forked
from .budget import IS_THOROUGH
from .private_names_in_use import in_use, is_private, names_in_use, replaced, texts

ROOT = Path(__file__).parent.parent
DOCUMENTED = {
    "adapters.aiobotocore_hook": {"create_client"},
    "adapters.async_sleeping": {"sleep"},
    "adapters.botocore_hook": {"create_client"},
    "adapters.boto3_sessions": {"setup_default_session"},
    "adapters.http_client_hook": {"connect"},
    "adapters.httpx_hook": {"handle_request", "handle_async_request"},
    "adapters.loop_waits": {"call_soon_threadsafe", "select", "time", "wait"},
    "adapters.name_lookups": {"getaddrinfo"},
    "adapters.sleeping": {"sleep"},
    "adapters.thread_starts": {"SimpleQueue", "start"},
    "adapters.trio_sleeping": {"sleep"},
    "adapters.urllib3_hook": {"urlopen"},
    "adapters.waits": {"join", "select"},
}
"""What adapters replace that their libraries document."""


def steps(name: PrivateName) -> set[str]:
    return {step for path in name.path.split("|") for step in path.replace(":", ".").split(".")}


def last_steps(name: PrivateName) -> set[str]:
    return {path.replace(":", ".").rpartition(".")[2] for path in name.path.split("|")}


def is_written(name: str) -> bool:
    """Return whether *name* is in a source of the package, and not in a comment."""
    lines = (line for written in texts().values() if name in written for line in written.splitlines())
    return any(name in line.partition("#")[0] for line in lines)


# -- the table is whole


def test_each_private_name_that_the_package_uses_is_declared() -> None:
    declared = {(name.module, step) for name in NAMES for step in steps(name)}

    assert names_in_use() - declared == set(), "give it a row in lambda_states_mock/private_names/"


def test_each_undocumented_name_that_an_adapter_replaces_is_declared() -> None:
    declared = {(name.module, step) for name in NAMES for step in last_steps(name)}
    documented = {(module, name) for module, names in DOCUMENTED.items() for name in names}

    assert replaced() - declared - documented == set(), "give it a row, or say that its library documents it"


@pytest.mark.parametrize("name", NAMES, ids=lambda name: f"{name.module}-{name.title}")
def test_each_declared_name_is_used(name: PrivateName) -> None:
    if any(is_private(step) for step in last_steps(name)):
        assert {(name.module, step) for step in last_steps(name)} <= names_in_use()
    else:
        assert any(map(is_written, last_steps(name)))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("endpoint._send", {"_send"}),
        ("from _signal import getsignal", {"_signal"}),
        ("import concurrent.futures._base", {"_base"}),
        ("getattr(loop, '_ready', None)", {"_ready"}),
        ("ignore = ['_pytest.timing']", {"_pytest"}),
        ("def send(self: Any): self._endpoint_prefix", {"_endpoint_prefix"}),
        ("class Mine:\n    def __init__(self): self._kept = 1\n    def look(self): return self._kept", set()),
        ("class Mine:\n    __slots__ = ('_kept',)", set()),
        ("class Mine:\n    def look(self, other): return other._kept + self._found", {"_kept", "_found"}),
        ("sys._getframe(1)", set()),
        ("f'{part}_timeout'", set()),
        ("from lambda_states_mock._x import y", set()),
    ],
)
def test_private_names_are_found_in_a_source(source: str, expected: set[str]) -> None:
    assert in_use(ast.parse(source)) == expected


def test_the_page_is_made_from_the_table() -> None:
    written = (ROOT / "docs" / "private-names.md").read_text(encoding="utf-8")

    assert written == page(), "python -m scripts.private_names_page --write docs/private-names.md"


# -- what happens without each


def outcomes(library: str, names: list[PrivateName], *, each_alone: bool) -> dict[str, Any]:
    """Return what comes of hiding each of the *names* of *library*, or nothing if one ends it: see `hidden_names`."""
    asked = json.dumps([library, each_alone, *sorted({(name.module, name.path) for name in names})])
    ready = forked.WITH_BOTO3 if library == "Python" else forked.WITH_OURS
    run = forked.run("-m", "tests.hidden_names", asked, cwd=ROOT, ready=ready)
    assert run.returncode == 0 or not each_alone, run.stderr
    found: dict[str, Any] = json.loads(run.stdout) if run.returncode == 0 else {}
    return found


def surprises(names: list[PrivateName], found: dict[str, Any]) -> dict[PrivateName, str]:
    """Return the *names* without which something else was *found* than the table says, and what."""
    told = {name: surprise(name, found.get(f"{name.module} {name.path}", {"failed": "not found"})) for name in names}
    return {name: text for name, text in told.items() if text}


def is_known(name: PrivateName) -> bool:
    return private_names.is_expected(name) and exists(name.path)


def surprise(name: PrivateName, found: dict[str, Any]) -> str:
    """Return what is not as the table says in what was *found* without *name*; empty where all is."""
    if "failed" in found:
        return str(found["failed"])
    mock, use = found["mock"], found["use"] or {"error": "", "text": "", "told": []}
    told = [one for one in mock["told"] + use["told"] if f"{name.title}: {name.loss}" in one]
    is_needed = any(one.path == name.path and one.without is Without.NO_MOCK for one in NAMES)
    failing = {Without.NO_MOCK: mock, Without.NO_USE: use}.get(Without.NO_MOCK if is_needed else name.without)
    if mock["left"]:
        return "a mock is left active"
    if failing is None:
        wanted = not mock["error"] and not use["error"] and len(told) == 1 and version_of(name.library) in told[0]
    else:
        text = f"{name.library} {version_of(name.library)} has no "
        wanted = failing["error"] == "PrivateNameError" and failing["text"].startswith(text)
        wanted &= name.title in failing["text"] and (failing is mock or not mock["error"])
    return "" if wanted else json.dumps(found, indent=1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each name is hidden in a fork")
@pytest.mark.parametrize("library", sorted({name.library for name in NAMES}))
def test_what_happens_without_each_name_of_a_library_is_what_the_table_says(library: str) -> None:
    if not version_of(library):
        pytest.skip(f"{library} is not installed")

    names = [name for name in NAMES if name.library == library and is_known(name)]
    if not IS_THOROUGH:  # in turn is quick, and what surprises then may be of the one before
        names = list(surprises(names, outcomes(library, names, each_alone=False)))
    found = outcomes(library, names, each_alone=True) if names else {}
    assert {name.title: text for name, text in surprises(names, found).items()} == {}


def test_one_warning_tells_of_one_part_that_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_names, "exists", lambda _path: False)
    private_names.forget()

    with pytest.warns(PrivateNameWarning) as caught:
        allowed = [private_names.allows("adapters.retries", "seed_standard_backoff") for _ in range(3)]

    private_names.forget()
    assert allowed == [False, False, False]
    assert len(caught) == 1
