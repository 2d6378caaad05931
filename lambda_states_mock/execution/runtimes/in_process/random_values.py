"""What the Init of a snapshot makes up at random, so that all environments that are restored from it have the same.

A process cannot be copied, so a second environment runs the code of Init once more. In Lambda an id or a seed that Init
has made is in the snapshot, and so in each copy of it, which is what code for SnapStart must beware of.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lambda_states_mock.execution.runtimes.in_process.isolation import Borrowed, ProcessState
from lambda_states_mock.genuine import genuine

_Urandom = Callable[[int], bytes]


class RandomValues:
    """Those of one snapshot: the first Init is remembered, and each one after it draws the same.

    They cover `random`, ``os.urandom``, and so `uuid.uuid4` and `secrets`; generators that C code seeds are not seen.
    """

    def __init__(self) -> None:
        self._state: Any = None
        self._bytes: list[bytes] = []

    @contextmanager
    def repeated(self) -> Iterator[None]:
        """Let the ``with`` block draw what the first one has drawn; where it asks for something else, anew."""
        with Borrowed(_URANDOM):
            if self._state is None:
                self._state = random.getstate()
                _set_urandom((self._remember, self._remember))
                yield
                return
            left, outer = iter(self._bytes), random.getstate()

            def repeat(size: int) -> bytes:
                drawn = next(left, b"")
                return drawn if len(drawn) == size else _real_urandom(size)

            _set_urandom((repeat, repeat))
            random.setstate(self._state)
            try:
                yield
            finally:
                random.setstate(outer)

    def _remember(self, size: int) -> bytes:
        drawn = _real_urandom(size)
        self._bytes.append(drawn)
        return drawn


_real_urandom: _Urandom = genuine(os, "urandom")


def _set_urandom(found: tuple[_Urandom, _Urandom]) -> None:
    os.urandom = found[0]
    if FOR_SECRETS in vars(random):
        vars(random)[FOR_SECRETS] = found[1]


FOR_SECRETS = "_urandom"
"""Where `secrets` draws from, in `random`."""
_URANDOM: ProcessState[Any] = ProcessState("urandom", lambda: (os.urandom, vars(random).get(FOR_SECRETS)), _set_urandom)
