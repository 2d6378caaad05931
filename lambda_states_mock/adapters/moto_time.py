"""moto's services see the mock's time: what is hidden, delayed or kept in them ends when the mock's clock comes to it.

All of moto's own times come from one function, ``moto.core.utils.utcnow``, which its modules import by name. It looks
up ``datetime`` in its own module, so that is what we replace there.
"""

from __future__ import annotations

import datetime as real
import sys
from types import SimpleNamespace
from typing import Any

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.execution import sleeping


def now() -> real.datetime | None:
    """Return what time it is for the code on this thread; None where no mock is active."""
    mock = active_mocks.innermost()
    return sleeping.standing(mock.clock) if mock is not None else None


class _Kind(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, real.datetime)


# Where freezegun is active when this is imported, its class stands for the real one, and has a metaclass of its own.
_DATETIME: Any = next(kind for kind in real.datetime.__mro__ if type(kind) is type)


class MockDatetime(_DATETIME, metaclass=_Kind):  # type: ignore[misc]  # found when it runs
    """``datetime`` as moto uses it, by the mock's clock."""

    @classmethod
    def now(cls, tz: real.tzinfo | None = None) -> Any:
        moment = now()
        if moment is None:
            return real.datetime.now(tz)
        return moment.astimezone(tz) if tz is not None else moment.replace(tzinfo=None)

    @classmethod
    def utcnow(cls) -> Any:
        moment = now()
        return (moment or real.datetime.now(real.timezone.utc)).replace(tzinfo=None)


def install(patches: Patches) -> None:
    """Let moto go by the mock's clock until *patches* are restored."""
    utils: Any = sys.modules["moto.core.utils"]
    patches.set(utils, "datetime", SimpleNamespace(**{**vars(utils.datetime), "datetime": MockDatetime}))
