"""boto3's default session: code of a function has one of its own in each environment, with its role's credentials.

A process has one default session, and keeps the credentials that it found first. On AWS each environment is a process.
"""

# ruff: noqa: SLF001 - what boto3's own functions ask for is private to it

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
import boto3.session
import botocore.loaders
import botocore.session

from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.execution.function_threads import libraries_of_this_thread

_LIBRARY = "boto3"


class _Loader(botocore.loaders.Loader):
    """Reads botocore's and boto3's data once for all sessions: it takes ten times as long as all else in a session."""

    @property
    def search_paths(self) -> list[str]:
        """The folders of the data: a new list each time, since each session of boto3 adds its own to it."""
        folders: list[str] = super().search_paths
        return [*folders, str(Path(boto3.__file__).parent / "data")]


@lru_cache(maxsize=4)
def _loader(data_path: str | None) -> _Loader:
    known = botocore.loaders.create_loader(data_path).search_paths
    return _Loader(known, include_default_search_paths=False)


def install(patches: Patches) -> None:
    """Let code of functions have default sessions of its own until *patches* are restored."""
    library: Any = boto3
    get, set_up = library._get_default_session, library.setup_default_session

    def _get_default_session() -> Any:
        kept = libraries_of_this_thread()
        if kept is None or _is_a_fake(library.DEFAULT_SESSION):
            return get()
        if _LIBRARY not in kept:
            kept[_LIBRARY] = _session()
        return kept[_LIBRARY]

    def setup_default_session(**options: Any) -> None:
        kept = libraries_of_this_thread()
        if kept is None:
            set_up(**options)
        else:
            kept[_LIBRARY] = _session(**options)

    patches.set(boto3, "_get_default_session", _get_default_session)
    patches.set(boto3, "setup_default_session", setup_default_session)


def _is_a_fake(session: Any) -> bool:
    """Return whether a test has put something of its own in the place of the default session: that is what counts."""
    return session is not None and type(session) is not boto3.session.Session


def _session(**options: Any) -> Any:
    if "botocore_session" not in options:
        core: Any = botocore.session.get_session()
        core.register_component("data_loader", _loader(core.get_config_variable("data_path")))
        options["botocore_session"] = core
    return boto3.Session(**options)
