"""The Python code in a function's own zip, imported and called as AWS's Python runtime does it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from lambda_states_mock.execution import code_archive
from lambda_states_mock.execution.crashes import ProcessExit, RuntimeFault
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.environment_variables import TASK_ROOT
from lambda_states_mock.execution.runtimes.in_process.import_space import ImportSpace
from lambda_states_mock.execution.runtimes.in_process.snapshot_hooks import MODULE, SnapshotHooks
from lambda_states_mock.execution.runtimes.in_process.stack_traces import LambdaPaths

_NOT_FOUND = 127
"""The status with which a shell ends that cannot find what it is to execute."""


class PythonCode:
    """The code of one function, unpacked.

    Parameters: *folder*, an empty one of its own; ``task`` in it becomes /var/task, ``opt`` /opt and ``tmp`` /tmp.
    """

    def __init__(self, spec: EnvironmentSpec, folder: Path) -> None:
        self.task_root = folder / "task"
        layers = folder / "opt"
        self.task_root.mkdir()
        layers.mkdir()
        names = set(code_archive.unpack(spec.code.zip or b"", self.task_root))
        packages = f"python/lib/{spec.configuration.runtime}/site-packages/"
        for layer in spec.layers:
            names |= code_archive.unpack(layer, layers, import_roots=("python/", packages))
        self._handler_name = spec.configuration.handler or ""
        self._handler: Any = None
        self.space = ImportSpace(
            (self.task_root, layers / packages, layers / "python"),
            names=names,
            entry=self._handler_name.replace("/", ".").partition(".")[0],
        )
        self._hooks = self._new_hooks()
        self._environment = spec.configuration.environment
        # Of a layer of another account, nobody knows what is in it.
        self._places = (
            (f"{TASK_ROOT}/", self.task_root, True),
            ("/opt/", layers, len(spec.layers) == len(spec.configuration.layers)),
        )
        folders = [(self.task_root, "/var/task"), (layers, "/opt"), (folder / "tmp", "/tmp")]  # noqa: S108 - a name to show
        self.named_folders = {there: str(here) for here, there in folders}
        self.paths = LambdaPaths(folders, runtime=spec.configuration.runtime)

    def load(self) -> None:
        """Import the module of the handler. Raises RuntimeFault, ProcessExit, and what the module itself raises."""
        self._check_wrapper()
        try:
            module_name, function_name = self._handler_name.rsplit(".", 1)
        except ValueError as error:
            raise RuntimeFault("Runtime.MalformedHandlerName", f"Bad handler '{self._handler_name}': {error}") from None
        if module_name.split(".")[0] in sys.builtin_module_names:
            raise RuntimeFault(
                "Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module"
            )
        try:
            module = importlib.import_module(module_name.replace("/", "."))
        except ImportError as error:
            raise RuntimeFault(
                "Runtime.ImportModuleError",
                f"Unable to import module '{module_name}': {self.paths.in_text(str(error))}",
            ) from error
        except SyntaxError as error:
            file = self.paths.of_file(error.filename or "")
            raise RuntimeFault(
                "Runtime.UserCodeSyntaxError",
                f"Syntax error in module '{module_name}': {error}",
                trace=[f'  File "{file}" Line {error.lineno}\n    {error.text}'],
            ) from error
        try:
            self._handler = getattr(module, function_name)
        except AttributeError as error:
            raise RuntimeFault(
                "Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'"
            ) from error

    def _check_wrapper(self) -> None:
        """Raise ProcessExit as a shell does where the script that is to start the runtime is not there.

        One that is there is passed over: the runtime is not a program here.
        """
        wrapper = (self._environment or {}).get("AWS_LAMBDA_EXEC_WRAPPER", "")
        for place, folder, whole in self._places:
            if wrapper.startswith(place) and whole:
                found = folder / wrapper[len(place) :]
                if not found.is_file():
                    raise ProcessExit(_NOT_FOUND)  # recorded

    def call(self, event: Any, context: Any) -> Any:
        return self._handler(event, context)

    def unload(self) -> None:
        self._handler = None
        self._hooks = self._new_hooks()

    def before_snapshot(self) -> None:
        self._hooks.before_snapshot()

    def after_restore(self) -> None:
        self._hooks.after_restore()

    def _new_hooks(self) -> SnapshotHooks:
        hooks = SnapshotHooks()
        self.space.provide(MODULE, hooks.module())
        return hooks
