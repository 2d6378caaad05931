"""Runtimes where AWS was recorded to differ from its model, which names every runtime that there ever was."""

from __future__ import annotations

# fmt: off
LISTED_RUNTIMES = (
    "nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x", "nodejs22.x",
    "java25", "python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4", "ruby3.2", "python3.8",
    "python3.9", "java17", "nodejs16.x", "dotnet10", "dotnet8", "java11", "dotnet6", "nodejs18.x",
    "provided.al2", "java8.al2",
)
"""Those that AWS lists where it refuses one that it does not know, in its order (recorded, January 2026)."""

REFUSED_RUNTIMES = frozenset({
    "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x",
    "nodejs14.x", "java8", "python2.7", "python3.6", "python3.7", "dotnetcore1.0", "dotnetcore2.0",
    "dotnetcore2.1", "dotnetcore3.1", "go1.x", "ruby2.5", "ruby2.7", "provided",
})
"""Those with which functions can neither be created nor updated (recorded, January 2026)."""
# fmt: on
