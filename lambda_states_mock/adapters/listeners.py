"""Who listens to the events of a client of botocore's, and what its parts were made with.

What a part was made with is found by its class: the classes are public, the names under which they are kept are not.
"""

# ruff: noqa: SLF001 - botocore tells nobody who listens

from __future__ import annotations

from operator import attrgetter
from typing import Any

from botocore.hooks import BaseEventHooks, HierarchicalEmitter

table_of: Any = attrgetter("_lookup_cache")
"""Returns an emitter's table of who listens to what: another one, once somebody has begun or ceased to listen."""


def kept_by(owner: Any, kind: type) -> Any:
    """Return what *owner* keeps that is a *kind*. Raises AttributeError where that is not one thing."""
    found = [value for value in vars(owner).values() if isinstance(value, kind)]
    if len(found) != 1:
        raise AttributeError(f"{type(owner).__name__} keeps {len(found)} of {kind.__name__}")
    return found[0]


def emitter_of(owner: Any) -> Any:
    """Return what calls the listeners of the client of which *owner* is a part. Raises AttributeError as `kept_by`."""
    hooks = kept_by(owner, BaseEventHooks)
    return hooks if isinstance(hooks, HierarchicalEmitter) else kept_by(hooks, HierarchicalEmitter)


def listeners_to(emitter: Any, event: str) -> list[Any]:
    """Return who is called for *event*, in order."""
    return list(emitter._handlers.prefix_search(event))
