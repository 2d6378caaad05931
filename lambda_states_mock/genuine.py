"""What the standard library has, as it was when this package was first imported.

Code within the test's process runs while parts of the standard library are replaced: by a test with a fake of its own,
by a library that freezes time, by us. Whoever needs the genuine one asks here, however late it is imported itself.
"""

from __future__ import annotations

import atexit
import builtins
import io
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

FORKS: Any = sys.modules.get("_posixsubprocess")
"""What `subprocess` has from C; None on Windows."""
ACCESSOR: Any = getattr(pathlib, "_normal_accessor", None)
"""The references to functions of `os` that Python 3.10's pathlib has of its own."""
_PLACES = (
    *(atexit, builtins, io, os, random, signal, sys, tempfile, time, threading.Thread, subprocess.Popen),
    *(place for place in (FORKS, ACCESSOR) if place is not None),
)
_FUNCTIONS = {
    id(place): {name: found for name, found in (vars(place) or vars(type(place))).items() if callable(found)}
    for place in _PLACES
}

ENVIRON: Any = os.environ
ENVIRONB: Any = getattr(os, "environb", None)
"""The same variables as bytes; None on Windows."""


def genuine(place: Any, name: str, *absent: Any) -> Any:
    """Return the function *name* of *place*, a module or a class.

    Parameters: *absent*, what to return where this system has none.

    Raises KeyError where it has none, and for a place that is not looked through here.
    """
    return _FUNCTIONS[id(place)].get(name, *absent) if absent else _FUNCTIONS[id(place)][name]
