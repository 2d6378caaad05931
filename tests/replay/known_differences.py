"""Exchanges that cannot hold, each with its reason: sequence name -> index of the call -> reason.

An exchange that is listed here and holds fails its test: the list is to be shortened then.
"""

from __future__ import annotations

from collections.abc import Mapping

KNOWN_DIFFERENCES: Mapping[str, Mapping[int, str]] = {}

CANNOT_BE_STAGED: Mapping[str, str] = {}
"""Sequences whose stage moto cannot set: name -> reason."""
