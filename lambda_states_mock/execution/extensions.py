"""What the test says about extensions: monitoring agents and the like that run beside its functions.

There are no processes. An external extension in Lambda is an executable in ``/opt/extensions``; here it is a function
of the test, by the same name, that is called with each event that it has subscribed to. What it sleeps is time of its
own: it runs beside the function, which does not wait for it.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.handlers import Target
from lambda_states_mock.instants import length_of
from lambda_states_mock.leaving import EndsWithMock
from lambda_states_mock.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from lambda_states_mock.execution.telemetry import Buffering

LIMIT = 10
EVENTS = ("INVOKE", "SHUTDOWN")
TELEMETRY = ("platform", "function", "extension")

ExtensionEvent = dict[str, Any]
Called = TypeVar("Called", bound=Callable[[Any], object])


@dataclass(eq=False, repr=False)
class Extension:
    """One extension. Made by `Extensions.add`; a decorator for what is to be called with each event.

    What its function raises is how it fails: an Exception is reported to Lambda, as with ``/init/error`` and
    ``/exit/error``; SystemExit and ``os._exit`` are a crash.

    Attributes:
        name, events, telemetry, buffering, internal, duration: as given to `Extensions.add`.
        stands_in: True for an executable of a layer of which the test says nothing.
        received, telemetry_received: the events and the Telemetry API's events that it got so far, oldest first.
    """

    _registry: Extensions
    name: str
    target: Target | None
    events: tuple[str, ...] = ()
    telemetry: tuple[str, ...] = ()
    buffering: Buffering | None = None
    internal: bool = False
    init: timedelta | Callable[[], object] = timedelta()
    duration: timedelta = timedelta()
    stands_in: bool = False
    received: list[ExtensionEvent] = field(default_factory=list, init=False)
    telemetry_received: list[dict[str, Any]] = field(default_factory=list, init=False)
    call: Callable[[Any], object] | None = field(default=None, init=False)
    listens: Callable[[Any], object] | None = field(default=None, init=False)

    def __call__(self, function: Called) -> Called:
        """Let *function* be called with each event: a dict, as the Extensions API has it."""
        __tracebackhide__ = True
        self._registry.check_active(f"the extension {self.name}")
        self.call = function
        return function

    def on_telemetry(self, function: Called) -> Called:
        """Let *function* be called with what the Telemetry API sends: lists of dicts, after a phase or by the clock."""
        __tracebackhide__ = True
        self._registry.check_active(f"the extension {self.name}")
        self.listens = function
        return function

    def remove(self) -> None:
        """Forget this extension; environments that are made from now on are without it."""
        self._registry.remove(self)

    def __repr__(self) -> str:
        kind = "internal" if self.internal else "external"
        of = self.target.name if self.target is not None else "every function"
        return f"<Extension {self.name} of {of}: {kind}, events {', '.join(self.events) or 'none'}>"


class Extensions(EndsWithMock):
    """All extensions of one mock."""

    def __init__(self) -> None:
        self.registered: tuple[Extension, ...] = ()
        self._stand_ins: dict[str, Extension] = {}  # of one name always the same: environments are made for them

    def __repr__(self) -> str:
        return f"<Extensions {', '.join(one.name for one in self.registered) or 'none'}>"

    def add(
        self,
        name: str,
        *,
        function: str | None = None,
        events: Sequence[str] = EVENTS,
        telemetry: Sequence[str] = (),
        buffering: Mapping[str, int] | None = None,
        internal: bool = False,
        init: float | timedelta | Callable[[], object] = 0,
        duration: float | timedelta = 0,
    ) -> Extension:
        """Let an extension run in every environment that is made from now on.

        Parameters:
            name: as of its file in ``/opt/extensions``.
            function: the function that it belongs to: a name, ``name:alias``, ``name:version``, or an ARN; every one
                by default.
            events: ``INVOKE`` and ``SHUTDOWN``, or one of them, or none.
            telemetry: what it subscribes to in its Init: ``platform``, ``function``, ``extension``.
            buffering: how much of that comes together before it is sent, as the Telemetry API has it: ``maxItems``,
                ``maxBytes``, ``timeoutMs``. None sends all at the end of each phase.
            internal: True for a part of the runtime's process; it cannot have ``SHUTDOWN``.
            init: how long it takes to start, in seconds or as a timedelta, or a function that is called to start it.
            duration: how long it takes for each event, beyond what its function sleeps.

        Raises ValueError for an event, telemetry or buffering that there is not or cannot be, for an internal extension
        with ``SHUTDOWN``, and for a name that is taken; NotActiveError after the mock has ended.
        """
        __tracebackhide__ = True
        self.check_active(f'extension("{name}")')
        _check_known("event", events, EVENTS)
        _check_known("telemetry", telemetry, TELEMETRY)
        if internal and "SHUTDOWN" in events:
            raise ValueError(
                f'the internal extension "{name}" cannot subscribe to SHUTDOWN: Lambda refuses to register it.\n'
                '  Give it events=["INVOKE"], or make it external.'
            )
        if buffering is not None and not telemetry:
            raise ValueError("ValidationError: types should not be empty; say with telemetry= what is to be buffered")
        from lambda_states_mock.execution.telemetry import Buffering  # few tests need it

        target = Target.parse(function) if function is not None else None
        if any(other.name == name and other.target == target for other in self.registered):
            raise ValueError(f'Extension with this name already registered: "{name}". Remove the other one first.')
        extension = Extension(
            self,
            name,
            target,
            events=tuple(events),
            telemetry=tuple(telemetry),
            buffering=Buffering.of(buffering) if buffering is not None else None,
            internal=internal,
            init=init if callable(init) else length_of("init=", init),
            duration=length_of("duration=", duration),
        )
        self.registered = (*self.registered, extension)
        return extension

    __call__ = add  # so that it is m.extension(...)

    def of(self, spec: EnvironmentSpec) -> tuple[Extension, ...]:
        """Return the extensions that run beside *spec*: those of the test, and executables in its layers.

        A layer's executable is what the test has registered by its name. For what it has not there is a stand-in, which
        subscribes to nothing.
        """
        if not self.registered and not spec.layers:
            return ()
        from lambda_states_mock.execution.code_archive import extensions_in

        found = [one for one in self.registered if one.target is None or one.target.rank(spec) is not None]
        known = {one.name for one in found}
        names = [name for layer in spec.layers for name in extensions_in(layer)]
        unknown = dict.fromkeys(name for name in names if name not in known)
        return (
            *found,
            *(self._stand_ins.setdefault(name, Extension(self, name, None, stands_in=True)) for name in unknown),
        )

    def remove(self, extension: Extension) -> None:
        """Forget *extension*; nothing happens when it is not there any more."""
        self.registered = tuple(one for one in self.registered if one is not extension)


def _check_known(what: str, given: Iterable[str], known: Sequence[str]) -> None:
    __tracebackhide__ = True
    unknown = [one for one in given if one not in known]
    if unknown:
        raise ValueError(f"there is no {what} {unknown[0]!r} for an extension; there are {', '.join(known)}")
