"""All functions of the requirements: importing their modules has put them into the table."""

from __future__ import annotations

from . import contexts, outside, plugins, steps  # noqa: F401 - each adds its own
from .handlers import HANDLERS

__all__ = ["HANDLERS"]
