"""The table of adapters, and how they are installed mock after mock."""

from __future__ import annotations

import ast
import socket
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from botocore.endpoint import Endpoint

import lambda_states_mock.adapters
from lambda_states_mock import mock_lambda, private_names
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.registry import ADAPTERS, Adapter

FOLDER = Path(lambda_states_mock.adapters.__path__[0])


def has_install(module: Path) -> bool:
    statements = ast.parse(module.read_text(encoding="utf-8")).body
    return any(isinstance(one, ast.FunctionDef) and takes_patches(one.args) for one in statements)


def takes_patches(parameters: ast.arguments) -> bool:
    given = [*parameters.args, *parameters.kwonlyargs]
    return [ast.unparse(one.annotation or one) for one in given] == ["Patches"]


def test_every_module_that_can_be_installed_has_one_row() -> None:
    rows = [adapter.module for adapter in ADAPTERS]
    assert sorted(rows) == sorted(module.stem for module in FOLDER.glob("*.py") if has_install(module))


@pytest.mark.parametrize("adapter", [one for one in ADAPTERS if one.after], ids=lambda one: one.module)
def test_no_adapter_waits_for_what_a_library_does_not_have(adapter: Adapter) -> None:
    """Each call would look for it."""
    assert hasattr(pytest.importorskip(adapter.after or ""), adapter.having)


def test_a_second_mock_replaces_by_the_same_means() -> None:
    with mock_lambda():
        first = vars(Endpoint)["prepare_request"]
    with mock_lambda():
        assert vars(Endpoint)["prepare_request"] is first


def test_what_somebody_has_replaced_between_two_mocks_is_what_the_second_one_calls_and_puts_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with mock_lambda():
        pass
    hosts = []

    def theirs(host: str, *_: object, **__: object) -> list[Any]:
        hosts.append(host)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", theirs)
    with mock_lambda():
        socket.getaddrinfo("example.com", 443)
    assert hosts == ["example.com"]
    assert socket.getaddrinfo is theirs


def test_what_a_base_class_was_given_between_two_mocks_is_what_the_second_one_calls() -> None:
    base = type("Base", (), {"run": lambda _self: "old"})
    derived = type("Derived", (base,), {})
    patches = Patches()
    patches.set(derived, "run", lambda _self: "ours")
    patches.restore()
    base.run = lambda _self: "new"  # type: ignore[attr-defined]
    assert not patches.repeat()
    assert derived().run() == "new"


def test_a_library_imported_anew_is_caught_too(monkeypatch: pytest.MonkeyPatch) -> None:
    import responses

    with mock_lambda():
        pass
    again = types.ModuleType("responses")
    made_anew = type("RequestsMock", (responses.RequestsMock,), {})
    private_names.forget()  # what was found in the former one
    again.__dict__.update(vars(responses), RequestsMock=made_anew)
    monkeypatch.setitem(sys.modules, "responses", again)
    with mock_lambda():
        assert "_find_match" in vars(made_anew)
    assert "_find_match" not in vars(made_anew)
