"""Ids, dice and jitter: the one source of randomness of a mock.

The same seed gives the same sequence, so two runs of a test print the same ids.
"""

from __future__ import annotations

import random

_NO_VERSION = ~(0xF000 << 64 | 0xC000 << 48)
_VERSION_4 = 0x4000 << 64 | 0x8000 << 48  # RFC 9562; the standard library's UUIDs take three times as long
_DICE = {"dice", "dice_of_clients"}
_ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789"


class Chance:
    """A seeded source of ids and dice. *seed*: any integer; the same one gives the same values in the same order."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def __getattr__(self, name: str) -> random.Random:
        """Make dice when they are first thrown: to seed them takes a tenth of what it takes to enter a mock."""
        if name not in _DICE:
            raise AttributeError(name)
        # Threads that come together get the same.
        return vars(self).setdefault(name, random.Random(self.seed))  # type: ignore[no-any-return]  # noqa: S311 - reproducible on purpose

    def __repr__(self) -> str:
        return f"<Chance seed={self.seed}>"

    def uuid(self) -> str:
        """Return a version 4 UUID as text."""
        digits = f"{self.dice.getrandbits(128) & _NO_VERSION | _VERSION_4:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def random(self) -> float:
        """Return a number in [0, 1)."""
        return self.dice.random()

    def jitter(self) -> float:
        """Return a number in [0, 1) for a client that waits. How many of them it draws changes nothing else."""
        return self.dice_of_clients.random()

    def hex(self, digits: int) -> str:
        """Return *digits* lower-case hexadecimal digits."""
        return f"{self.dice.getrandbits(4 * digits):0{digits}x}"

    def bytes(self, count: int) -> bytes:
        """Return *count* bytes."""
        return self.dice.randbytes(count)

    def token(self, length: int) -> str:
        """Return *length* lower-case letters and digits."""
        return "".join(self.dice.choices(_ALPHANUMERIC, k=length))
