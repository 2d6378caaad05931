"""Which version the next invocations of an alias reach, where a test says so and not the dice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat

from lambda_states_mock.errors import UnknownNameError
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import Alias


def _version(given: object) -> str:
    if isinstance(given, bool) or not str(given).isdecimal():
        raise ValueError(f'a route leads to versions, not to {given!r}: give one, to="2", or several, to=["1", "2"]')
    return str(given)


class Routes:
    """The routes of a mock, by place, function and alias."""

    def __init__(self) -> None:
        self._routes: dict[tuple[Place, str, str], Iterator[str]] = {}

    def set(self, place: Place, name: str, alias: str, to: str | int | Iterable[str | int]) -> None:
        """Let invocations of an alias reach *to*: one version, or one after the other and then the dice again."""
        if isinstance(to, Iterable) and not isinstance(to, str):
            numbers: Iterator[str] = iter([_version(number) for number in to])
        else:
            numbers = repeat(_version(to))
        self._routes[place, name, alias] = numbers

    def next(self, place: Place, name: str, alias: Alias) -> str | None:
        """Return the version that the next invocation of *alias* is to reach, or None: nothing was said.

        Raises UnknownNameError for a version that the alias does not lead to.
        """
        key = (place, name, alias.name)
        if key not in self._routes:
            return None
        number = next(self._routes[key], None)
        if number is None:
            del self._routes[key]
            return None
        versions = [alias.function_version, *alias.weights]
        if number not in versions:
            raise UnknownNameError(
                f"{name}:{alias.name} does not lead to version {number}; it leads to {' and '.join(versions)}.\n"
                "  Give it that version with UpdateAlias (RoutingConfig), or correct the route."
            )
        return number
