"""botocore's User-Agent header, built once for all calls that have the same one.

botocore builds it twice for each call, which takes longer than all of our answer; and nobody reads it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from operator import attrgetter
from typing import Any
from weakref import WeakKeyDictionary

import botocore.useragent
from botocore.config import Config

from lambda_states_mock.adapters.patching import Patches

# The library has imported it above, unless it is too old to have it.
_context_of_call: Callable[[], Any] | None = getattr(sys.modules.get("botocore.context"), "get_context", None)
_OF_CONFIG = attrgetter("user_agent", "user_agent_extra", "user_agent_appid", "retries", "endpoint_discovery_enabled")
_KEPT = 32


def install(patches: Patches) -> None:
    """Let botocore remember its headers until *patches* are restored."""
    original = botocore.useragent.UserAgentString.to_string
    built: WeakKeyDictionary[Any, dict[Hashable, str]] = WeakKeyDictionary()

    def to_string(self: Any) -> str:
        key = _made_of(self)
        if key is None:
            return str(original(self))
        known = built.setdefault(self, {})
        if key not in known:
            if len(known) >= _KEPT:
                known.clear()
            known[key] = str(original(self))
        return known[key]

    patches.set(botocore.useragent.UserAgentString, "to_string", to_string)


def _made_of(user_agent: Any) -> Hashable:
    """Return all that the header is made of and that can change in a client's life; None where this is not known."""
    context = _context_of_call() if _context_of_call else None
    made_of: list[Hashable] = [frozenset(context.features if context is not None else ())]
    for value in vars(user_agent).values():
        if value is None or type(value) is str:
            made_of.append(value)
        elif isinstance(value, Config):
            made_of += map(str, _OF_CONFIG(value))
        elif type(value) is set:  # the features of its client
            made_of.append(frozenset(value))
        elif isinstance(value, tuple):  # since 1.44: what botocore remembers itself of all that stands here
            continue
        else:  # another version of botocore
            return None
    return tuple(made_of)
