"""Putting back goes on: whatever of the process cannot be put back after a run, all the rest is."""

from __future__ import annotations

import builtins
import logging
import sys
import tempfile
from typing import Any

import pytest

from lambda_states_mock.errors import LambdaMockError
from lambda_states_mock.execution.runtimes.in_process import attributes, isolation
from tests.execution.stage import Stage, spec


class StuckError(Exception):
    """What a step of putting back raises in these tests."""


BY_ALL = isolation._OF_ALL.all.places
BORROWED = *BY_ALL, *isolation._OF_ZIPS.all.places
ZIP = "def handler(event, context): pass"
VICTIMS = [
    *(pytest.param(None, place, id=f"handler-{number}") for number, place in enumerate(BY_ALL)),
    *(pytest.param(ZIP, place, id=f"zip-{number}") for number, place in enumerate(BORROWED)),
]


@pytest.mark.parametrize(("code", "victim"), VICTIMS)
def test_each_thing_of_the_process_that_cannot_be_put_back_keeps_no_other_one(
    code: str | None, victim: tuple[Any, str], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.handlers.add("refunds", call=lambda _event, _context: 1)
    function = spec(code) if code is not None else spec(name="refunds")
    place, name = victim
    found = {(id(owner), one): getattr(owner, one) for owner, one in BORROWED}
    handlers = list(logging.root.handlers)

    def set_unless_stuck(owner: Any, one: str, value: Any) -> None:
        if (owner, one) == (place, name) and value is found[id(owner), one]:
            raise StuckError
        builtins.setattr(owner, one, value)

    with monkeypatch.context() as patched:
        patched.setattr(attributes, "setattr", set_unless_stuck, raising=False)
        try:
            with pytest.raises(StuckError):
                stage.invoke(function)
            left = [
                one
                for owner, one in BORROWED
                if (owner, one) != (place, name) and getattr(owner, one) is not found[id(owner), one]
            ]
            assert left == []
            assert logging.root.handlers == handlers
            assert isolation._layers == []
        finally:
            builtins.setattr(place, name, found[id(place), name])


def test_an_object_of_the_code_that_cannot_be_compared_keeps_nothing_from_being_put_back(stage: Stage) -> None:
    code = """
import logging, sys, tempfile

class Input:
    def __eq__(self, other):
        raise ArithmeticError
    __hash__ = None

sys.stdin = Input()
sys.argv[:] = ["from the function"]
logging.raiseExceptions = False

def handler(event, context):
    return [type(sys.stdin).__name__, sys.argv, logging.raiseExceptions]
"""
    stdin, arguments = sys.stdin, list(sys.argv)
    for _ in range(2):  # the second event finds what the first has left
        assert stage.result(spec(code)) == ["Input", ["from the function"], False]
        assert sys.stdin is stdin
        assert sys.argv == arguments
        assert logging.raiseExceptions


@pytest.mark.parametrize("step", ["leave_at_the_end", "close"])
def test_an_environment_that_cannot_end_keeps_no_other_from_it(
    step: str, stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(sys, "path_importer_cache", dict(sys.path_importer_cache))  # it keeps what is left here
    for name in ("orders", "refunds"):
        stage.invoke(spec("def handler(event, context): pass", name=name))
    assert len(list(tmp_path.iterdir())) == 2
    module = "process.Process" if step == "leave_at_the_end" else "import_space.ImportSpace"

    def fail(_: object) -> None:
        raise StuckError

    monkeypatch.setattr(f"lambda_states_mock.execution.runtimes.in_process.{module}.{step}", fail)
    with pytest.raises(StuckError):
        stage.pool.close()
    assert list(tmp_path.iterdir()) == []
    assert stage.clock.pending == ()


def test_a_finder_of_the_code_that_refuses_to_be_looked_at_keeps_its_modules_from_nobody(stage: Stage) -> None:
    code = """
import sys, types
sys.modules["invented_by_app"] = types.ModuleType("invented_by_app")

class Finder:
    def __getattribute__(self, name):
        if name == "__module__":
            raise LookupError(name)
        return object.__getattribute__(self, name)
    def find_spec(*args):
        return None

sys.meta_path.append(Finder())

def handler(event, context): pass
"""
    path, finders = list(sys.path), list(sys.meta_path)
    temporary = tempfile.tempdir
    try:
        with pytest.raises((LookupError, LambdaMockError)):
            stage.invoke(spec(code))
        assert "invented_by_app" not in sys.modules
        assert sys.path == path
        assert tempfile.tempdir is temporary
    finally:
        sys.meta_path[:] = finders
