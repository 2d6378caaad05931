"""A row of the table of private names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from enum import Enum

from lambda_states_mock.quick_dataclasses import dataclass

PYTHON = "Python"


class Without(Enum):
    """What happens where a name is missing."""

    NO_MOCK = "no mock can be entered"
    NO_USE = "an error where the library is used"
    LEFT_OUT = "left out, with a warning"


@dataclass(frozen=True, eq=False)
class PrivateName:
    """One name.

    Attributes:
        module: the one of ours that touches it.
        part: of that module, what is left out without it; an adapter's is one of its functions.
        path: where it is: ``module``, ``module:name`` or ``module:Class.attribute``, also of instances.
        library: whose it is, as on PyPI, or "Python".
        without: what happens without it.
        loss: what cannot be done without it.
        since: the first version of the library that has it, "" for all that are supported.
        until: the first version that does not have it any more. Outside of these two it is not missed.
        system: the only one that has it, as in ``os.name``; "" for all.
    """

    module: str
    part: str
    path: str
    library: str
    without: Without
    loss: str
    since: str = ""
    until: str = ""
    system: str = ""

    @property
    def is_of_this_system(self) -> bool:
        """Whether the system that runs here could have it: to look for another one's costs an import."""
        return self.system in ("", os.name)

    @property
    def title(self) -> str:
        """The name, as one writes it."""
        return self.path.replace(":", ".").replace("|", " or ")


def names_of(
    place: str,
    library: str,
    without: Without,
    loss: str,
    *paths: str,
    since: str = "",
    until: str = "",
    system: str = "",
) -> Iterator[PrivateName]:
    """Yield the names of one part. Parameters: *place*, the module of ours, with the part behind a colon."""
    module, _, part = place.partition(":")
    for path in paths:
        yield PrivateName(module, part or "install", path, library, without, loss, since, until, system)
