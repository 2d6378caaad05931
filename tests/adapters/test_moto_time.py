"""moto's services go by the mock's clock, whatever else plays with time when that is first needed."""

from __future__ import annotations

import importlib
import sys

import pytest
from freezegun import freeze_time

from lambda_states_mock import adapters, mock_lambda
from lambda_states_mock.adapters import moto_time


def test_it_can_be_first_needed_while_freezegun_is_active(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "moto_time", moto_time)  # so that the one that is there comes back
    monkeypatch.delitem(sys.modules, moto_time.__name__)
    with freeze_time("2026-01-01"):
        first = importlib.import_module(moto_time.__name__)
        with mock_lambda() as m:
            m.clock.advance(5)
            assert first.MockDatetime.utcnow().isoformat() == "2026-01-01T00:00:05"
            assert isinstance(m.clock.now, first.MockDatetime)
