"""Which functions there are or were: to ask for what a name that nothing ever had has done is a typo of the test."""

from __future__ import annotations

from lambda_states_mock.errors import UnknownNameError, nearest
from lambda_states_mock.execution.handlers import Handlers
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place, looks_like_version
from lambda_states_mock.resources.function import UNNUMBERED, version_number
from lambda_states_mock.store import Partition, Store


@dataclass(slots=True, eq=False, repr=False)
class KnownNames:
    """Tells whether a name is that of something. Parameters: the *store*, and the *handlers* of the test."""

    _store: Store
    _handlers: Handlers

    def check(
        self, name: str, qualifier: str | None = None, *, account: str | None = None, region: str | None = None
    ) -> None:
        """Raise UnknownNameError unless there is or was a function *name*, or a handler of the test is meant for it.

        Parameters: *qualifier*, a version or an alias that it has or had; *account* and *region*, where; None for any.
        """
        __tracebackhide__ = True
        having = [partition for partition in self._store if name in partition.functions.ever()]
        within = [one for one in having if account in (None, one.place.account) and region in (None, one.place.region)]
        if not within and (having or not self._handlers.qualifiers_of(name)):
            raise self.unknown_function(name, *filter(None, (account, region)))
        if qualifier is None or qualifier.startswith("$"):
            return
        known = {one for partition in within for one in _qualifiers(partition, name)}
        if qualifier not in known | self._handlers.qualifiers_of(name):
            raise unknown_qualifier(name, qualifier, known)

    def unknown_function(self, name: str, *where: str) -> UnknownNameError:
        """Return the error for a function that there is not. Parameters: *where*, its account and region, if named."""
        known = list(dict.fromkeys(function.name for partition in self._store for function in partition.functions))
        there = [one.place for one in self._store if name in one.functions and not set(where) <= set(one.place)]
        hint = f" there is one in {', '.join(map(_shown, there))}." if there else nearest(name, known)
        at = f" ({', '.join(where)})" if where else ""
        return UnknownNameError(
            f'no function "{name}"{at}:{hint} '
            f"Functions: {', '.join(known) or 'none'}. It was not created, or it was deleted."
        )


def unknown_qualifier(name: str, qualifier: str, known: set[str]) -> UnknownNameError:
    """Return the error for a version or an alias that the function *name* has not; *known*, those that it has."""
    what = "version" if looks_like_version(qualifier) else "version or alias"
    shown = ", ".join(sorted(known, key=lambda one: (not one.isdecimal(), one.zfill(20)))) or "none"
    return UnknownNameError(f'function "{name}" has no {what} {qualifier}:{nearest(qualifier, known)} It has: {shown}.')


def _qualifiers(partition: Partition, name: str) -> set[str]:
    numbers = {version_number(index) for function, index in partition.versions.ever() if function == name}
    return (numbers - UNNUMBERED.keys()) | {alias for function, alias in partition.aliases.ever() if function == name}


def _shown(place: Place) -> str:
    return f"{place.region} ({place.account})"
