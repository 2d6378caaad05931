"""Garbage of one test: the collector looks at what the test makes, and not at all that the run has made before."""

from __future__ import annotations

import gc

from tests.budget import IS_THOROUGH


def look_at_what_is_new_alone() -> None:
    """Let the garbage collector, and who asks it for objects, never look again at what is there now.

    To look through the objects of the whole run takes seconds. So what others have left is not found to be garbage any
    more, but in a thorough run.
    """
    if IS_THOROUGH:
        gc.collect()
    gc.freeze()
