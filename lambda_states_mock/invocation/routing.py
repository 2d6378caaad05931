"""Which version an invocation reaches: an alias with weights draws one, unless the test sets a route."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.errors import UnknownNameError
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.resources.arn import LATEST, LATEST_PUBLISHED, Place
from lambda_states_mock.resources.function import Alias, Version
from lambda_states_mock.service_errors import NO_PUBLISHED_VERSION


def _number(given: object) -> str:
    __tracebackhide__ = True
    if isinstance(given, bool) or not str(given).isdecimal():
        raise ValueError(f'a route leads to versions, not to {given!r}: give one, to="2", or several, to=["1", "2"]')
    return str(given)


def _version(target: ResolvedName, number: str) -> Version:
    version = target.partition.version(target.name, number)
    if version is None:
        latest = target.partition.version(target.name, LATEST)
        if number == LATEST_PUBLISHED and latest is not None and latest.kind == "managed":
            raise NO_PUBLISHED_VERSION.error()
        raise target.not_found(LATEST)
    return version


class Routing:
    """Finds versions for invocations. Parameters: *chance*, which draws among the versions of an alias."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._routes: dict[tuple[Place, str, str], Iterator[str]] = {}

    def version_of(self, target: ResolvedName) -> Version:
        """Return the version that an Invoke of *target* reaches.

        Raises ResourceNotFoundException; Invoke's own words: without qualifier, ``:$LATEST`` is missing.
        """
        alias = target.alias() if target.qualifier else None
        if alias is None:
            return _version(target, target.qualifier or LATEST)
        return _version(target, self.next(target.place, target.name, alias) or self._draw(alias))

    def main_version_of(self, target: ResolvedName) -> Version:
        """Return the version that *target* leads to before anything is drawn: for an event, which is queued first."""
        alias = target.alias()
        return _version(target, alias.function_version if alias is not None else target.qualifier or LATEST)

    def _draw(self, alias: Alias) -> str:
        number = alias.function_version
        for other, weight in alias.weights.items():
            if self._chance.random() < weight:
                number = other
        return number

    def set(self, place: Place, name: str, alias: str, to: str | int | Iterable[str | int]) -> None:
        """Let invocations of an alias reach *to*: one version, or one after the other and then the dice again."""
        __tracebackhide__ = True
        if isinstance(to, Iterable) and not isinstance(to, str):
            several = list(map(_number, to))
            if not several:
                raise ValueError(f'to={to!r} is no route: give one version, to="2", or several, to=["1", "2"]')
            numbers: Iterator[str] = iter(several)
        else:
            numbers = repeat(_number(to))
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
