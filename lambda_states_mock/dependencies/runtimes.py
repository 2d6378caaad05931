"""The runtimes of Lambda, ``m.world.runtimes``: which of them AWS accepts, and until when.

What counts is our model of the API, at any date: all runtimes that it names are accepted, except those that AWS was
recorded to refuse. A test can set the dates on which AWS retires one, and let in one that the model does not know.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtime-support-policy
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from typing import Any

from lambda_states_mock.api_model import enum_of, origin
from lambda_states_mock.api_model.enum_order import in_hash_set_order
from lambda_states_mock.api_model.runtimes import LISTED_RUNTIMES, REFUSED_RUNTIMES
from lambda_states_mock.dependencies.things import Thing, Things, Watch
from lambda_states_mock.errors import ClockError, UnknownNameError, nearest
from lambda_states_mock.instants import date_of, parse_instant
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.service_errors import RETIRED_RUNTIME, UNKNOWN_RUNTIME, ServiceError

Date = date | datetime | str
_NAME = compile_later(r"[a-z][a-z0-9]*([.-][a-z0-9]+)*")
_DAY = compile_later(r"\d{4}-\d\d-\d\d")


class ManagedRuntime(Thing):
    """A runtime of Lambda: ``m.world.runtimes["python3.13"]``.

    Attributes: *allowed*, whether a test has let it in; *create_until* and *update_until*, when AWS begins to refuse
    it, None for never.
    """

    kind = "runtime"

    def __init__(self, name: str, watch: Watch) -> None:
        super().__init__(name, watch)
        self.allowed = False
        self.create_until: datetime | None = None
        self.update_until: datetime | None = None

    def __repr__(self) -> str:
        return f"<runtime {self.name}: {self._in_words()}>"

    def _in_words(self) -> str:
        if self.create_until is not None:
            update = f", updated until {date_of(self.update_until)}" if self.update_until is not None else ""
            return f"functions are created with it until {date_of(self.create_until)}{update}"
        if self.allowed:
            return "accepted"
        if self.name in REFUSED_RUNTIMES:
            return "refused"
        return "accepted" if self._is_known else "unknown"

    def has_passed(self, moment: datetime | None) -> bool:
        """Tell whether the clock has reached *moment*; None is never."""
        return moment is not None and self._watch.now() >= moment

    @property
    def is_retired(self) -> bool:
        """Whether functions cannot be created with it any more, by what a test has said."""
        return self.has_passed(self.create_until)

    @property
    def _is_known(self) -> bool:
        return self.allowed or self.name in enum_of("Runtime")

    def retire(self, create: Date | None = None, update: Date | None = None) -> None:
        """Let AWS refuse it, as it does with a runtime that it no longer supports.

        Parameters: *create*, from when on functions cannot be created with it; *update*, from when on those that have
        it cannot be updated. Each is a date, an aware datetime, or such a thing as text; a date begins at midnight UTC.
        Without both it is refused from now on; with *create* alone, functions can still be updated.

        Raises UnknownNameError for a runtime that nobody knows, ClockError for what is no time, and where functions
        could be created for longer than they can be updated.
        """
        __tracebackhide__ = True
        self._check_active()
        if not self._is_known:
            known = enum_of("Runtime") - REFUSED_RUNTIMES
            raise UnknownNameError(
                f'{origin()} knows no runtime "{self.name}":{nearest(self.name, known)} '
                f'Use  m.world.runtimes["{self.name}"].allow()  first, if AWS has it.'
            )
        until = None if update is None else _instant(update)
        since = until if create is None else _instant(create)
        if since is None:
            since = until = self._watch.now()
        if until is not None and until < since:
            raise ClockError(
                f"retire(create={create!r}, update={update!r}): AWS refuses new functions first, and updates later.\n"
                "  Give a date for update= that is not before the one for create=."
            )
        self.create_until, self.update_until = since, until
        self._watch.changed(self)

    def allow(self) -> None:
        """Let AWS accept it: one that is newer than our model of the API, or one that AWS was recorded to refuse."""
        __tracebackhide__ = True
        self._check_active()
        self.allowed, self.create_until, self.update_until = True, None, None
        self._watch.changed(self)

    def restore(self) -> None:
        """Take back `retire` and `allow`."""
        __tracebackhide__ = True
        self._check_active()
        self.allowed, self.create_until, self.update_until = False, None, None
        self._watch.changed(self)


class ManagedRuntimes(Things[ManagedRuntime]):
    """The runtimes of Lambda, by their identifiers.

    Parameters: *hint*, takes a hint for the report of a failing test.
    """

    def __init__(self, watch: Watch, hint: Callable[[str], object]) -> None:
        super().__init__(ManagedRuntime, watch)
        self._hint = hint

    def __getitem__(self, name: str) -> ManagedRuntime:
        __tracebackhide__ = True
        given: object = name
        if not isinstance(given, str) or _NAME.fullmatch(given) is None:
            raise UnknownNameError(
                f'no runtime is called {name!r}:{nearest(name, enum_of("Runtime"))} Give an identifier, "python3.13".'
            )
        return super().__getitem__(name)

    def check(self, operation: str, name: str) -> None:
        """Raise AWS's answer to *operation* where it does not accept the runtime *name*."""
        error = self._refusal(name, is_creation=operation == "CreateFunction")
        if error is not None:
            raise error

    def check_kept(self, operation: str, name: str | None) -> None:
        """As `check`, for a runtime that a function has already: only a date that a test has set counts."""
        told = self._things.get(name or "")
        if told is not None and told.create_until is not None:
            self.check(operation, told.name)

    def _refusal(self, name: str, *, is_creation: bool) -> ServiceError | None:
        told = self._things.get(name)
        if told is not None and told.create_until is not None:
            until = told.create_until if is_creation else told.update_until
            return RETIRED_RUNTIME.error(runtime=name) if told.has_passed(until) else None
        if told is not None and told.allowed:
            return None
        if name in REFUSED_RUNTIMES:
            return RETIRED_RUNTIME.error(runtime=name)
        if name in enum_of("Runtime"):
            return None
        close = nearest(name, enum_of("Runtime") - REFUSED_RUNTIMES).strip()
        self._hint(
            f'Runtime="{name}" was refused: {origin()} knows no such runtime.{f" D{close[1:]}" if close else ""}\n'
            f'  If AWS has it by now:  m.world.runtimes["{name}"].allow()'
        )
        return UNKNOWN_RUNTIME.error(runtime=name, listed=", ".join(self._listed()))

    def _listed(self) -> list[str]:
        """Return the runtimes that a validation error lists: as recorded, and what the test has said of them."""
        told = {one.name: one for one in self}
        kept = [name for name in LISTED_RUNTIMES if name not in told or not told[name].is_retired]
        added = [name for name, one in told.items() if one.allowed and not one.is_retired and name not in kept]
        return in_hash_set_order([*kept, *added])

    def known_in(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return *params* without the runtimes that a test has let in: for the model, which does not know them."""
        allowed = {one.name for one in self if one.allowed}
        if not allowed:
            return params
        known = dict(params)
        if known.get("CompatibleRuntime") in allowed:
            del known["CompatibleRuntime"]
        if known.get("CompatibleRuntimes"):
            known["CompatibleRuntimes"] = [one for one in known["CompatibleRuntimes"] if one not in allowed]
        return known


def _instant(value: Date) -> datetime:
    __tracebackhide__ = True
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    if isinstance(value, str) and _DAY.fullmatch(value):
        value = f"{value}T00:00:00Z"
    return parse_instant(value)
