"""The table of adapters."""

from __future__ import annotations

import ast
from pathlib import Path

import lambda_states_mock.adapters
from lambda_states_mock.adapters.registry import ADAPTERS

FOLDER = Path(lambda_states_mock.adapters.__path__[0])


def has_install(module: Path) -> bool:
    statements = ast.parse(module.read_text(encoding="utf-8")).body
    return any(isinstance(one, ast.FunctionDef) and one.name == "install" for one in statements)


def test_every_module_that_can_be_installed_has_one_row() -> None:
    rows = [adapter.module for adapter in ADAPTERS]
    assert sorted(rows) == sorted(module.stem for module in FOLDER.glob("*.py") if has_install(module))
