"""The private and undocumented names of other libraries that this package touches, and what happens without each.

A library may rename them in any version. What we need then fails with an error that says so, where that library is
used; what only makes something better is left out, with one warning. Each name is touched in the module that its row
tells; a test reads the sources and finds names that have no row, and another one hides each name in turn.
"""

from __future__ import annotations

import platform
import warnings
from functools import cache
from importlib import import_module, metadata
from types import FunctionType
from typing import Any

from lambda_states_mock.errors import PrivateNameError, PrivateNameWarning
from lambda_states_mock.private_names.of_botocore import OF_BOTOCORE
from lambda_states_mock.private_names.of_moto import OF_MOTO
from lambda_states_mock.private_names.of_others import OF_OTHERS
from lambda_states_mock.private_names.of_python import OF_ASYNCIO, OF_PYTHON
from lambda_states_mock.private_names.row import PrivateName, Without

NAMES = (*OF_PYTHON, *OF_ASYNCIO, *OF_BOTOCORE, *OF_OTHERS, *OF_MOTO)
"""The table."""


@cache
def missing(module: str, part: str = "install") -> tuple[PrivateName, ...]:
    """Look for the names of *part* of *module*, and return those that are not there, though they should be."""
    names = [name for name in NAMES if (name.module, name.part) == (module, part) and name.is_of_this_system]
    return tuple(name for name in names if not exists(name.path) and is_expected(name))


@cache
def allows(module: str, part: str = "install") -> bool:
    """Return whether *part* of *module* can do its work; warn if it is left out. What was found is remembered.

    Raises PrivateNameError for want of a name that is needed.
    """
    lacking = missing(module, part)
    for name in lacking:
        if name.without is not Without.LEFT_OUT:
            raise error(name)
    for name in lacking[:1]:
        tell(name.library, name.title, name.loss)
    return not lacking


@cache
def check_python() -> None:
    """Look once for the names of Python's library that every mock needs; those of asyncio once that is imported.

    Raises PrivateNameError, and warns of what is left out.
    """
    for module, part in dict.fromkeys((name.module, name.part) for name in OF_PYTHON):
        allows(module, part)


def forget() -> None:
    """Look anew, for a library that is another one now."""
    for remembered in (missing, allows, tell, check_python):
        remembered.cache_clear()


def error(name: PrivateName) -> PrivateNameError:
    """Return the error for want of *name*."""
    return PrivateNameError(
        f"{name.library} {version_of(name.library)} has no {name.title}: {name.loss}\n"
        "  lambda_states_mock touches this private name. It may have another one in this version of the library.\n"
        f"  Upgrade lambda_states_mock, or take a version of {name.library} that has it, and report this: the page\n"
        "  docs/private-names.md says what each name is for."
    )


@cache
def tell(library: str, lacking: str, loss: str) -> None:
    """Warn once of what is left out. Parameters: *library*, that has no *lacking*; *loss*, what cannot be done."""
    warnings.warn(
        f"{library} {version_of(library)} has no {lacking}: {loss}\n"
        "  lambda_states_mock does without this private name. Upgrade it if you can, and report this.",
        PrivateNameWarning,
        stacklevel=3,
    )


# -- whether a name is there


def exists(path: str) -> bool:
    """Return True where one of the names in *path* is there; it imports their modules."""
    return any(_is_there(*one.partition(":")[::2]) for one in path.split("|"))


def _is_there(module: str, expression: str) -> bool:
    *owners, name = expression.split(".")
    try:
        found: Any = import_module(module)
        for owner in owners:
            found = getattr(found, owner)
    except (ImportError, AttributeError):
        return False
    if not name:
        return True
    return _has(found, name, module) if isinstance(found, type) else hasattr(found, name)


def _has(owner: type, name: str, module: str) -> bool:
    """Return True where *owner*, or a class of its library above it, has *name*, or gives it to its instances.

    Parameters: *module*, where it was found: somebody may have put a class of their own there.
    """
    libraries = {owner.__module__.partition(".")[0], module.partition(".")[0]}
    classes = [one for one in owner.__mro__ if one.__module__.partition(".")[0] in libraries]
    if any(name in vars(one) for one in classes):
        return hasattr(owner, name)
    functions = [function for one in classes for function in vars(one).values() if isinstance(function, FunctionType)]
    return any(name in function.__code__.co_names for function in functions)


def version_of(library: str) -> str:
    """Return the version of *library* that is installed; "" where nobody knows."""
    if library == "Python":
        return platform.python_version()
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def is_expected(name: PrivateName) -> bool:
    """Return True where this system and the version of the library should have *name*; False without the library."""
    version = _numbers(version_of(name.library))
    if not version or not name.is_of_this_system:
        return False
    return not (name.since and version < _numbers(name.since)) and not (name.until and version >= _numbers(name.until))


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")[:3] if part.isdigit()]
