"""How long each phase of a lifecycle takes. No other module has these lengths.

Phases:
    functions: ``create``, ``update``, ``snapshot``, ``restore``, ``idle``, ``back_off``, ``release_interface``.
    event source mappings: ``mapping_create``, ``mapping_enable``, ``mapping_disable``, ``mapping_update``,
        ``mapping_delete``.
    pollers of mappings: ``poll``, how long after a put they look.
    provisioned concurrency: ``provision``.
    capacity providers: ``provider_create``, ``provider_delete``; of versions on one ``launch``, ``scale``,
        ``release_capacity``.
    execution environments: ``spin_down``, how long one is kept without work; ``recycle``, how long at most.
    roles: ``role``, how long a role that moto has just created cannot be assumed.
    durable executions: ``reinvoke``, until a failed invocation is tried again; ``pause``, ``unpause``,
        ``delete_execution``, until Lambda has done as asked; and those in `STATED`, whose lengths are not set here.
Kinds: of functions ``zip``, ``vpc``, ``vpc-shared``, ``image``, ``snapstart``, ``snapstart-kept``; of event sources
``sqs``, ``kinesis``, ``dynamodb``, ``msk``, ``kafka``, ``mq``, ``documentdb``; and ``managed``, ``durable``.

The values are typical ones from AWS's guides and public logs. AWS does not promise them, so you can set each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType

from lambda_states_mock.errors import NamesWhatItHas, UnknownNameError, nearest
from lambda_states_mock.instants import length_of
from lambda_states_mock.leaving import EndsWithMock

_DAY = 86_400.0
_NEVER = 36_500 * _DAY  # idleness is documented neither of managed instances nor of the snapshots of Python and .NET

Key = str | tuple[str, str]

_OF_MAPPINGS = ("mapping_create", "mapping_enable", "mapping_disable", "mapping_update", "mapping_delete")
_SLOW_SOURCES = ("msk", "kafka", "mq", "documentdb")  # Lambda makes network interfaces to reach these

TYPICAL: MappingProxyType[Key, float] = MappingProxyType(
    {
        "create": 2.0,  # zip without VPC: one to four seconds in public logs
        ("create", "vpc"): 75.0,  # sixty to ninety seconds (AWS Compute Blog) for a new pair of subnets and groups
        ("create", "vpc-shared"): 3.0,  # the network interface is there already
        ("create", "image"): 8.0,  # "a few seconds" (images-create.html)
        "update": 2.0,
        ("update", "vpc"): 45.0,
        ("update", "vpc-shared"): 3.0,
        ("update", "image"): 8.0,
        "snapshot": 120.0,  # SnapStart: minutes (snapstart-activate.html)
        "restore": 60.0,  # 40 to 106 seconds observed
        "idle": 14 * _DAY,  # fourteen days (configuration-vpc.html, snapstart-activate.html); inferred for plain zips
        ("idle", "snapstart-kept"): _NEVER,
        ("idle", "managed"): _NEVER,
        "release_interface": 1_200.0,  # "up to 20 minutes" (configuration-vpc.html)
        "spin_down": 600.0,  # an environment without work; not documented, 5 to 15 minutes are commonly seen
        "recycle": 7_200.0,  # inferred: environments are ended "every few hours", also under constant traffic
        "back_off": 300.0,  # at least five minutes (functions-states.html, 2019)
        "role": 0.0,  # until a new role of moto's can be assumed; some ten seconds in practice: set it to test that
        **dict.fromkeys(_OF_MAPPINGS, 10.0),  # "several seconds to a minute" in public logs
        **{(phase, kind): 60.0 for phase in _OF_MAPPINGS for kind in _SLOW_SOURCES},
        "poll": 0.0,  # until a poller sees what was put: up to a second of streams; here, what is put alone comes alone
        "provision": 90.0,  # "allocation starts after one or two minutes" (configuration-concurrency.html, 2023)
        "provider_create": 30.0,  # inferred
        "provider_delete": 30.0,  # inferred
        "launch": 180.0,  # a version on a capacity provider: "several minutes" until three environments run
        "release_capacity": 60.0,  # inferred
        "reinvoke": 5.0,  # after a failed invocation of a durable execution: as AWS's runner for tests, not documented
        **dict.fromkeys(("pause", "unpause", "delete_execution"), 1.0),  # inferred: soon after the answer
        "scale": 120.0,  # "several minutes" until instances run (lambda-managed-instances-getting-started.html)
    }
)

_NEVER_AT_ONCE = frozenset({"idle", "release_interface", "spin_down", "recycle", "back_off"})
_AT_ONCE: dict[Key, float] = {phase: 0.0 for phase in TYPICAL if isinstance(phase, str)}
INSTANT: MappingProxyType[Key, float] = MappingProxyType(
    _AT_ONCE
    | {key: length for key, length in TYPICAL.items() if (key if isinstance(key, str) else key[0]) in _NEVER_AT_ONCE}
)

PRESETS: Mapping[str, MappingProxyType[Key, float]] = MappingProxyType({"typical": TYPICAL, "instant": INSTANT})
STATED = frozenset({"execution", "retention", "wait", "callback", "retry"})
"""Phases of durable executions. The function's DurableConfig or the checkpoint sets how long they take."""

RUN = frozenset({"init", "invoke", "resume"})
"""Phases of an execution environment, which take as long as the code that runs in them."""

PHASES = STATED | RUN | {key for key in TYPICAL if isinstance(key, str)}
_OF_FUNCTIONS = ("zip", "vpc", "vpc-shared", "image", "snapstart", "snapstart-kept")
KINDS = (*_OF_FUNCTIONS, "sqs", "kinesis", "dynamodb", *_SLOW_SOURCES, "managed", "durable")

WITHOUT_END = "a long one, such as timedelta(days=36500), or let the phase hang: m.faults.on_phase(...).hang()"


def _phase_and_kind(key: Key) -> tuple[str, str | None]:
    __tracebackhide__ = True
    phase, kind = key if isinstance(key, tuple) and len(key) == 2 else (key, None)
    check_phase(phase)
    if phase in RUN:
        raise UnknownNameError(
            f'the phase "{phase}" takes as long as the code that runs in it\n'
            f'  Let it take longer with  m.faults.on_phase("{phase}").take(seconds=...),\n'
            "  or with the lengths of a handler:  m.handler(..., init=..., duration=..., restore=...)."
        )
    if kind is not None:
        check_kind(kind)
    return phase, kind


def check_phase(phase: object) -> None:
    """Raise UnknownNameError unless *phase* is the name of a phase."""
    __tracebackhide__ = True
    if not isinstance(phase, str) or phase not in PHASES:
        is_call = isinstance(phase, str) and phase[:1].isupper()  # CreateFunction
        hint = " calls of the API are chosen with  m.faults.on_call(...)." if is_call else nearest(phase, PHASES)
        raise UnknownNameError(f"no phase {phase!r}:{hint} Phases: {', '.join(sorted(PHASES))}.")


def check_kind(kind: object) -> None:
    """Raise UnknownNameError unless *kind* is a kind of function or event source."""
    __tracebackhide__ = True
    if kind not in KINDS:
        raise UnknownNameError(f"no kind {kind!r}:{nearest(kind, KINDS)} Kinds: {', '.join(KINDS)}.")


class Timings(EndsWithMock, NamesWhatItHas, MutableMapping[Key, float]):
    """Seconds by phase, or by (phase, kind): ``timings["create"] = 45``, ``timings["create", "vpc"] = 90``.

    Set seconds or timedeltas; you read seconds. A value for a phase applies to all its kinds. A value for a phase and a
    kind applies to that kind alone. A function has its own timings, which fall back to the mock's.

    Parameters:
        preset: ``"typical"`` or ``"instant"``, or your own mapping, which overrides values of ``"typical"``.
        parent: the timings to fall back to; in place of a preset.

    Raises UnknownNameError for an unknown preset, phase or kind; TypeError for what is no length of time; ClockError
    for a negative or infinite one; KeyError for a phase whose length is not set here; NotActiveError for what is set
    after the mock has ended.
    """

    def __init__(self, preset: str | Mapping[Key, float] = "typical", *, parent: Timings | None = None) -> None:
        __tracebackhide__ = True
        self._parent = parent
        self._seconds: dict[Key, float] = {}
        if parent is not None:
            return
        if isinstance(preset, str):
            if preset not in PRESETS:
                raise UnknownNameError(
                    f'no timings called "{preset}":{nearest(preset, PRESETS)} Use "typical", "instant" or a mapping.'
                )
            self._seconds = PRESETS[preset].copy()  # of a dict: that is quicker than to update one from a proxy
        else:
            self._seconds = TYPICAL.copy()
            self.update(preset)

    def __setattr__(self, name: str, value: object) -> None:
        __tracebackhide__ = True
        if not name.startswith("_"):
            raise AttributeError(f'phases are keys: write  timings["{name}"] = {value!r}')
        object.__setattr__(self, name, value)

    def _elsewhere(self, name: str) -> str:
        return f' phases are keys: timings["{name}"].' if name in PHASES else ""

    def __getitem__(self, key: Key) -> float:
        __tracebackhide__ = True
        phase, kind = _phase_and_kind(key)
        if kind is not None and (phase, kind) in self._seconds:
            return self._seconds[phase, kind]
        if phase in self._seconds:
            return self._seconds[phase]
        if self._parent is None:
            raise KeyError(key)
        return self._parent[key]

    def check_active(self, what: str) -> None:
        __tracebackhide__ = True
        if self._parent is not None:
            self._parent.check_active(what)
        super().check_active(what)

    def __setitem__(self, key: Key, value: float | timedelta) -> None:
        __tracebackhide__ = True
        self.check_active(f"timings[{key!r}] = {value!r}")
        phase, kind = _phase_and_kind(key)
        seconds = length_of(f"timings[{key!r}]", value, instead=WITHOUT_END).total_seconds()
        if kind is None:
            for other in [other for other in self._seconds if isinstance(other, tuple) and other[0] == phase]:
                del self._seconds[other]
        self._seconds[key] = seconds

    def __delitem__(self, key: Key) -> None:
        __tracebackhide__ = True
        self.check_active(f"del timings[{key!r}]")
        _phase_and_kind(key)
        del self._seconds[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._seconds)

    def __len__(self) -> int:
        return len(self._seconds)

    def __repr__(self) -> str:
        return f"Timings({self._seconds!r})"

    def of(self, phase: str, kind: str) -> timedelta:
        """Return how long *phase* takes for *kind*. Raises KeyError for a phase whose length is not set here."""
        timings: Timings | None = self
        while timings is not None:
            own = timings._seconds  # noqa: SLF001 - its parent is of its own kind
            seconds = own.get((phase, kind))
            if seconds is None:
                seconds = own.get(phase)
            if seconds is not None:
                return _length_of(seconds)
            timings = timings._parent  # noqa: SLF001
        raise KeyError((phase, kind))


@lru_cache(maxsize=256)
def _length_of(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)  # which takes a while, and each run asks for several


class FunctionTimings:
    """The timings of all functions, which fall back to those of the mock. Parameters: the *mock*'s own."""

    def __init__(self, mock: Timings) -> None:
        self._mock = mock
        self._timings: dict[tuple[tuple[str, str], str], Timings] = {}

    def of(self, place: tuple[str, str], name: str) -> Timings:
        """Return the timings of function *name* at *place*, an account in a region. It need not exist yet."""
        timings = self._timings.get((place, name))
        if timings is None:
            timings = self._timings[place, name] = Timings(parent=self._mock)
        return timings
