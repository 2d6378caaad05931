"""What the test says about how its functions behave: the registry of handlers.

A handler is meant for a name (``orders``), a name with a qualifier (``orders:live``), or an ARN with or without one.
Among those that fit an invocation the most specific answers: first the qualifier counts (the one that was asked for
before the version that it resolved to), then whether account and region are named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sized
from dataclasses import field
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, TypeVar

from lambda_states_mock.errors import NoHandlerError
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.instants import length_of
from lambda_states_mock.leaving import EndsWithMock
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import LATEST

HandlerFunction = Callable[[Any, Any], Any]
Length = float | timedelta
StartEffect = BaseException | type[BaseException] | Callable[[], object]
Decorated = TypeVar("Decorated", bound=HandlerFunction)


class _Unset:
    def __repr__(self) -> str:
        return "UNSET"


UNSET: Any = _Unset()

_TARGET = compile_later(
    r"(?:arn:[\w-]+:lambda:(?P<region>[\w-]+):)?(?:(?P<account>\d{12}):function:)?(?P<name>[\w-]+)(?::(?P<qualifier>\$?[\w.-]+))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Target:
    """Which invocations a handler is for; None fits anything."""

    name: str
    qualifier: str | None = None
    account: str | None = None
    region: str | None = None

    @classmethod
    def parse(cls, text: str) -> Target:
        """Return the target that *text* names: a name, name:qualifier or ARN.

        Raises ValueError for other text, TypeError for what is no text.
        """
        __tracebackhide__ = True
        if not isinstance(text, str):
            raise TypeError(f'handler() needs the name of a function first, as in handler("orders"), not {text!r}')
        match = _TARGET.fullmatch(text)
        if match is None or (match["region"] is not None and match["account"] is None):
            raise ValueError(
                f"not the name of a function: {text!r}\n"
                '  Give a name, "orders", a name and an alias or version, "orders:live", or an ARN.'
            )
        return cls(**match.groupdict())

    def rank(self, spec: EnvironmentSpec) -> tuple[int, int] | None:
        """Return how specific the target is for *spec*, higher is more; None when it does not fit."""
        place = spec.version.place
        is_there = self.account in (None, place.account) and self.region in (None, place.region)
        if self.name != spec.version.name or not is_there:
            return None
        named = (self.account is not None) + (self.region is not None)
        if self.qualifier is None:
            return (0, named)
        if self.qualifier == spec.qualifier:
            return (2, named)
        return (1, named) if self.qualifier == spec.version.number else None


@dataclass(eq=False, repr=False)
class Handler:
    """What answers for a function in place of its code. Made by `Handlers.add`.

    `called` counts the invocations that it answered; `function` is that of the test which is called, if it is one;
    `is_canned` whether it runs no code at all; `remove` takes it back.
    """

    _registry: Handlers
    target: str
    _described: str
    function: HandlerFunction | None
    _answer: HandlerFunction
    init: timedelta | StartEffect
    duration: timedelta
    restore: timedelta
    is_canned: bool
    called: int = field(default=0, init=False)

    def answer(self, event: Any, context: Any) -> Any:
        """Return the result for one invocation, or raise what it shall raise."""
        self.called += 1
        return self._answer(event, context)

    def start(self) -> timedelta:
        """Do what its Init does, or raise what that shall raise; return how long it takes beyond that."""
        if isinstance(self.init, timedelta):
            return self.init
        _raise_if_error(self.init)
        assert callable(self.init)
        self.init()
        return timedelta()

    def remove(self) -> None:
        """Forget this handler; others for the same function count again."""
        self._registry.remove(self)

    def __repr__(self) -> str:
        notes = [f"{self.target}: {self._described}"]
        notes += [
            f"{name} {length.total_seconds():g} s"
            for name, length in (("init", self.init), ("duration", self.duration))
            if isinstance(length, timedelta) and length
        ]
        notes.append(f"called {self.called} {'time' if self.called == 1 else 'times'}")
        return f"<Handler {', '.join(notes)}>"


class Handlers(EndsWithMock):
    """All handlers of one mock."""

    def __init__(self) -> None:
        self._handlers: dict[Target, Handler] = {}

    def __iter__(self) -> Iterator[Handler]:
        return iter(tuple(self._handlers.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """The targets that have a handler, as they were written, in order of registration."""
        return tuple(handler.target for handler in self._handlers.values())

    def qualifiers_of(self, name: str) -> set[str]:
        """Return the qualifiers with which handlers are meant for function *name*; ``$LATEST`` stands for all."""
        return {target.qualifier or LATEST for target in tuple(self._handlers) if target.name == name}

    def __repr__(self) -> str:
        return f"<Handlers {', '.join(self.names) or 'none'}>"

    def add(
        self,
        target: str,
        *,
        call: HandlerFunction | None = None,
        returns: Any = UNSET,
        side_effect: Any = UNSET,
        init: Length | StartEffect = 0,
        duration: float | timedelta = 0,
        restore: float | timedelta = 0,
    ) -> Handler:
        """Let a function be answered by the test, in place of its code. Takes the place of a handler for the same
        target.

        Parameters:
            target: a name, ``name:alias``, ``name:version``, or an ARN.
            call: a function of event and context, as in Lambda.
            returns: the result of each invocation.
            side_effect: as ``returns``, but an exception (or its class) is raised, a function is called with event
                and context, and a list, tuple or iterator gives one of these for each call, in order.
            init: the length of a cold start: seconds or a timedelta. Or how it fails, an exception or its class; or a
                function without parameters that is called in each Init, where it can sleep or raise.
            duration: the length of each invocation, beyond what ``call`` sleeps itself: seconds or a timedelta.
            restore: with SnapStart, the length of resuming the snapshot in place of ``init``: seconds or a timedelta.

        Raises TypeError unless exactly one of *call*, *returns* and *side_effect* is given; ValueError for a target
        that is no name.
        """
        __tracebackhide__ = True
        self.check_active("handler()")
        key = Target.parse(target)
        answers = _answers(target, call, returns, side_effect)
        lengths = length_of("duration=", duration), length_of("restore=", restore)
        start = _start_of(init)
        is_canned = returns is not UNSET and isinstance(start, timedelta)
        handler = Handler(self, target, *answers, start, *lengths, is_canned)
        self._handlers.pop(key, None)
        self._handlers[key] = handler
        return handler

    def decorator(
        self, target: str, *, init: Length | StartEffect = 0, duration: Length = 0, restore: Length = 0
    ) -> Callable[[Decorated], Decorated]:
        """Return a decorator for what to call; parameters and errors are those of `add`, and come up here already."""
        __tracebackhide__ = True
        self.check_active("handler()")
        Target.parse(target)
        start = _start_of(init)
        lengths = {"duration": length_of("duration=", duration), "restore": length_of("restore=", restore)}

        def register(call: Decorated) -> Decorated:
            __tracebackhide__ = True
            self.add(target, call=call, init=start, **lengths)
            return call

        return register

    def find(self, spec: EnvironmentSpec) -> Handler | None:
        """Return the handler that answers for *spec*, the most specific that fits; None without any."""
        best, found, name = (0, 0), None, spec.version.name
        for target, handler in self._handlers.items():
            rank = target.rank(spec) if target.name == name else None  # there may be many, and each call asks
            if rank is not None and rank >= best:
                best, found = rank, handler
        return found

    def remove(self, handler: Handler) -> None:
        """Forget *handler*; nothing happens when it is not there any more."""
        for target, known in list(self._handlers.items()):
            if known is handler:
                del self._handlers[target]


def _answers(
    target: str, call: HandlerFunction | None, returns: Any, side_effect: Any
) -> tuple[str, HandlerFunction | None, HandlerFunction]:
    """Return what is to be answered in words, the function of the test in it, and what answers."""
    __tracebackhide__ = True
    options = (("call", call is not None), ("returns", returns is not UNSET), ("side_effect", side_effect is not UNSET))
    given = [name for name, is_given in options if is_given]
    if len(given) != 1:
        told = f"got {' and '.join(given)}" if given else "got none of them"
        raise TypeError(f'handler("{target}") needs one of call, returns and side_effect; {told}')
    if call is not None:
        if not callable(call):
            raise TypeError(
                f'handler("{target}", call=...) needs a function of event and context, not {call!r}; see returns='
            )
        return f"calls {_short(call)}", call, call
    if returns is not UNSET:
        return f"returns {_short(returns)}", None, lambda _event, _context: returns
    if isinstance(side_effect, (list, tuple, Iterator)):
        known = f"{len(side_effect)} side effects" if isinstance(side_effect, Sized) else "side effects of an iterator"
        return known, None, _in_turn(target, known, iter(side_effect))
    function = side_effect if callable(side_effect) and not isinstance(side_effect, type) else None
    return f"side effect {_short(side_effect)}", function, partial(_happen, side_effect)


def _in_turn(target: str, described: str, effects: Iterator[object]) -> HandlerFunction:
    calls = count(1)

    def answer(event: Any, context: Any) -> Any:
        call = next(calls)
        try:
            effect = next(effects)
        except StopIteration:
            raise NoHandlerError(
                f'the handler for "{target}" has no answer left for call {call}\n'
                f"  it was given: {described}\n"
                "  Give side_effect one value for each call (retries are calls, too), or a function that never ends."
            ) from None
        return _happen(effect, event, context)

    return answer


def _start_of(init: Length | StartEffect) -> timedelta | StartEffect:
    __tracebackhide__ = True
    return init if isinstance(init, BaseException) or callable(init) else length_of("init=", init)


def _raise_if_error(effect: object) -> None:
    if isinstance(effect, BaseException):
        raise effect.with_traceback(None)  # else it would grow by each call
    if isinstance(effect, type) and issubclass(effect, BaseException):
        raise effect


def _happen(effect: object, event: Any, context: Any) -> Any:
    _raise_if_error(effect)
    return effect(event, context) if callable(effect) else effect


def _short(value: object) -> str:
    text = getattr(value, "__qualname__", None) or repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
