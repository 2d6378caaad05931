"""``snapshot_restore_py``, which AWS's Python runtimes have beside boto3: hooks around a SnapStart snapshot.

https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, TypeVar

from lambda_states_mock.execution.crashes import RuntimeFault

MODULE = "snapshot_restore_py"
Hook = TypeVar("Hook", bound=Callable[..., object])
_Registered = list[tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]]


class SnapshotHooks:
    """The hooks that one process has registered."""

    def __init__(self) -> None:
        self._before: _Registered = []
        self._after: _Registered = []

    def module(self) -> ModuleType:
        """Return the module by which a function registers its hooks here."""
        module = ModuleType(MODULE, "Runtime hooks of Lambda SnapStart.")
        vars(module)["register_before_snapshot"] = partial(_register, self._before)
        vars(module)["register_after_restore"] = partial(_register, self._after)
        return module

    def before_snapshot(self) -> None:
        """Run what is registered, the last first. Raises RuntimeFault ``Runtime.BeforeSnapshotError``."""
        _run(reversed(self._before), "Runtime.BeforeSnapshotError")

    def after_restore(self) -> None:
        """Run what is registered, in order. Raises RuntimeFault ``Runtime.AfterRestoreError``."""
        _run(iter(self._after), "Runtime.AfterRestoreError")


def _register(hooks: _Registered, func: Hook, *args: Any, **kwargs: Any) -> Hook:
    hooks.append((func, args, kwargs))
    return func


def _run(hooks: Any, error_type: str) -> None:
    for function, args, kwargs in hooks:
        try:
            function(*args, **kwargs)
        except Exception as error:
            raise RuntimeFault(error_type, str(error)) from error
