"""Where temporary files go by thread: a function's own threads find its /tmp, all others what the test has."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any

from lambda_states_mock.execution.runtimes.in_process.own_threads import Owner, Substitute

_found_by_the_test: set[Any] = {None}


def _own(owner: Owner, _real: Callable[[], Any]) -> Any:
    there = tempfile.tempdir  # code may set it
    if there not in _found_by_the_test and there != owner.tempdir_found:
        return there
    return owner.storage.make()


def _others(real: Callable[[], Any]) -> Any:
    found = real()
    _found_by_the_test.add(found)  # it is in `tempfile.tempdir` now
    return found


# All of `tempfile` asks this one.
SUBSTITUTES = (Substitute(tempfile, "_gettempdir", _own, others=_others),)
