"""What code in a zip finds around it in the process, and changes as it likes: modules, settings, logging.

A process has them once, for all threads, so they are shown for one environment at a time: see `showing`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from dataclasses import field
from functools import partial
from typing import Any, NamedTuple

from lambda_states_mock.execution.runtimes.in_process.import_space import ImportSpace, modules_now
from lambda_states_mock.execution.runtimes.in_process.log_streams import RuntimeLogHandler
from lambda_states_mock.execution.runtimes.in_process.names_copied import NamesCopied
from lambda_states_mock.execution.runtimes.in_process.own_threads import Owner
from lambda_states_mock.execution.runtimes.in_process.settings import OF_THE_PROCESS, Found, Settings
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.restoring import all_of


class RootLogger(NamedTuple):
    """What the root logger has of its own; handlers of the runtime come and go by themselves."""

    handlers: list[logging.Handler]
    level: int

    def put_back(self) -> None:
        """Let it have this, beside the handlers of runtimes that are there."""
        runtimes = [one for one in logging.root.handlers if isinstance(one, RuntimeLogHandler)]
        logging.root.handlers[:] = [*_of_nobody(self.handlers), *runtimes]
        set_level(self.level)


def root_logger() -> RootLogger:
    """Return what the root logger has."""
    return RootLogger(_of_nobody(logging.root.handlers), logging.root.level)


def set_level(level: int) -> None:
    """Set the level of the root logger, which takes a while."""
    if logging.root.level != level:
        logging.root.setLevel(level)


def _of_nobody(handlers: Iterable[logging.Handler]) -> list[logging.Handler]:
    return [one for one in handlers if not isinstance(one, RuntimeLogHandler)]


class _Imports(NamedTuple):
    path: list[str]
    entries: list[str]
    modules: NamesCopied
    finders: list[Any]
    dont_write_bytecode: bool

    def put_back(self, space: ImportSpace) -> None:
        sys.path = self.path
        sys.path[:] = self.entries
        sys.dont_write_bytecode = self.dont_write_bytecode
        if not space.has_left_all or len(sys.modules) != len(self.modules.by_name):
            sys.modules.update(self.modules.by_name)
        if sys.meta_path != self.finders:
            for place, finder in enumerate(self.finders):
                if finder not in sys.meta_path:
                    sys.meta_path.insert(place, finder)


@dataclass(slots=True, eq=False, repr=False)
class Surroundings:
    """Those of one environment.

    Parameters: *owner*, the environment; *space*, its modules; *first_level*, of the root logger in a new process.

    Attributes: *of_the_test*, what the root logger has without them.
    """

    owner: Owner
    space: ImportSpace
    _first_level: int
    of_the_test: RootLogger = field(init=False)
    _settings: Settings = field(default_factory=dict, init=False)
    _root_logger: RootLogger = field(init=False)
    _listed: list[Any] = field(default_factory=list, init=False)
    _found: tuple[Found, _Imports, list[Any]] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._root_logger = RootLogger([], self._first_level)

    def forget(self) -> None:
        """Begin anew, as a new process does; they must be hidden."""
        self._settings = {}
        self._root_logger = RootLogger([], self._first_level)
        self._listed = []
        self.space.forget()

    def show(self) -> None:
        """Lay them over the test's."""
        imports = _Imports(sys.path, sys.path[:], modules_now(), sys.meta_path[:], sys.dont_write_bytecode)
        self._found = OF_THE_PROCESS.read(), imports, logging._handlerList[:]  # type: ignore[attr-defined]  # noqa: SLF001
        self.of_the_test = root_logger()
        OF_THE_PROCESS.write(self._settings)
        # `logging.shutdown` and `logging.config` close all of these.
        logging._handlerList[:] = self._listed  # type: ignore[attr-defined]  # noqa: SLF001
        logging.root.handlers.extend(self._root_logger.handlers)
        set_level(self._root_logger.level)
        self.space.enter(imports.modules)

    def hide(self) -> None:
        """Keep them, and put back what the test has."""
        if self._found is None:
            return  # an interrupt has come before they were shown
        (settings, imports, listed), self._found = self._found, None
        own, found = root_logger(), self.of_the_test
        self._root_logger = RootLogger([one for one in own.handlers if one not in found.handlers], own.level)
        self._listed = logging._handlerList[:]  # type: ignore[attr-defined]  # noqa: SLF001

        def put_back_settings() -> None:
            self._settings = OF_THE_PROCESS.changed(settings)
            OF_THE_PROCESS.put_back(settings, self._settings)

        def put_back_handlers() -> None:
            logging._handlerList[:] = listed  # type: ignore[attr-defined]  # noqa: SLF001

        all_of(
            (
                *self.space.leaving,
                partial(imports.put_back, self.space),
                *(() if own == found else (found.put_back,)),
                put_back_settings,
                put_back_handlers,
            ),
        )
