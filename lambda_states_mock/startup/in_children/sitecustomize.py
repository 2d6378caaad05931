"""Starts the mock in a Python process that has this folder in ``PYTHONPATH`` and ``LAMBDA_STATES_MOCK`` set.

Python imports a module of this name at each start; the one that would have been imported otherwise is, too.
"""

import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _run_the_next() -> None:
    path = [folder for folder in sys.path if os.path.abspath(folder) != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def _start() -> None:
    try:
        from lambda_states_mock import startup
    except ImportError:  # another environment's Python
        return
    try:
        startup.start()
    except Exception as error:
        # Without the mock this process would go to AWS; and Python would only say that sitecustomize has failed.
        given = os.environ.get(startup.VARIABLE)
        sys.stderr.write(f"lambda-states-mock: {startup.VARIABLE}={given}: {startup.in_one_line(error)}\n")
        sys.stderr.flush()
        os._exit(2)


_run_the_next()
_start()
