"""What freezegun found in a module stays known; what is new is looked through."""

from __future__ import annotations

import datetime as real
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from freezegun import api, freeze_time

from lambda_states_mock import mock_lambda, private_names
from lambda_states_mock.adapters.frozen_modules import FrozenModules
from lambda_states_mock.errors import PrivateNameWarning

START = "2026-01-01T00:00:00Z"
MakeModule = Callable[[str], Any]


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> MakeModule:
    """Makes a module that holds `datetime` and `time`, as if it were imported now."""

    def make(name: str) -> Any:
        made: Any = ModuleType(name)
        made.datetime, made.now = real.datetime, time.time
        monkeypatch.setitem(sys.modules, name, made)
        return made

    return make


def year(of: Any) -> int:
    return int(of.datetime.now().year)


def test_a_second_freeze_reaches_what_the_first_has_found(module: MakeModule) -> None:
    of_user = module("of_user")
    for _ in range(3):
        with mock_lambda(start="2001-01-01T00:00:00Z", freeze=True):
            assert (year(of_user), int(of_user.now())) == (2001, 978_307_200)
        assert (of_user.datetime, of_user.now) == (real.datetime, time.time)


def test_a_module_imported_between_two_freezes_is_frozen(module: MakeModule) -> None:
    with mock_lambda(start=START, freeze=True):
        pass
    late = module("of_user_late")
    with mock_lambda(start="2001-01-01T00:00:00Z", freeze=True):
        assert year(late) == 2001
    assert late.datetime is real.datetime


def test_a_module_that_takes_the_place_of_another_is_frozen(module: MakeModule) -> None:
    module("of_user")
    with mock_lambda(start=START, freeze=True):
        pass
    again = module("of_user")
    with mock_lambda(start="2001-01-01T00:00:00Z", freeze=True):
        assert year(again) == 2001


def test_what_a_module_takes_hold_of_during_a_freeze_is_put_right(module: MakeModule) -> None:
    with mock_lambda(start=START, freeze=True):
        pass
    with mock_lambda(start=START, freeze=True):
        during = module("of_user_during")
        assert during.datetime is not real_datetime()
    assert during.datetime is real_datetime()
    assert during.now is time.time


def real_datetime() -> Any:
    return api.real_datetime


def test_a_freeze_of_the_user_looks_through_all_modules_as_ever(module: MakeModule) -> None:
    with mock_lambda(start=START, freeze=True):
        pass
    of_user = module("of_user_too")
    with freeze_time("2001-01-01"):
        assert year(of_user) == 2001
        with mock_lambda(freeze=True):
            assert year(of_user) == 2001
    assert year(of_user) != 2001


def test_the_second_start_looks_at_few_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []
    look = api._get_cached_module_attributes

    def counted(of: Any) -> Any:
        looked.append(of)
        return look(of)

    monkeypatch.setattr(api, "_get_cached_module_attributes", counted)
    modules = FrozenModules()
    for _ in range(2):
        freezer = freeze_time(START)
        before = len(looked)
        modules.start(freezer, api)
        freezer.stop()
    assert before > 100
    assert len(looked) - before < before / 5


def test_a_freezegun_without_that_look_is_started_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class Freezer:
        def start(self) -> str:
            return "started"

    monkeypatch.setattr(private_names, "exists", lambda _path: False)
    private_names.forget()
    with pytest.warns(PrivateNameWarning, match="freezegun"):
        assert FrozenModules().start(Freezer(), ModuleType("another_api")) == "started"
    private_names.forget()
