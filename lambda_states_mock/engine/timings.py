"""How long each phase of a lifecycle takes: the one place that has seconds.

Phases: ``create``, ``update``, ``snapshot``, ``restore``, ``idle``, ``back_off``,
``release_interface``; of event source mappings ``mapping_create``, ``mapping_enable``, ``mapping_disable``,
``mapping_update``, ``mapping_delete``; of provisioned concurrency ``provision``;
of capacity providers ``provider_create``, ``provider_delete``, of versions on one ``launch``, ``scale``
and ``release_capacity``; and those that are `STATED` elsewhere.
``role`` is how long a role that a mock of IAM beside us has made cannot be assumed yet.
Kinds: of functions ``zip``, ``vpc``, ``vpc-shared``, ``image``, ``snapstart``, ``snapstart-kept``; of event
sources ``sqs``, ``kinesis``, ``dynamodb``, ``msk``, ``kafka``, ``mq``, ``documentdb``; and ``managed``, ``durable``.
Figures are typical ones from AWS's guides and public logs; they are not promises of AWS, so each can be set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from datetime import timedelta
from types import MappingProxyType
from typing import Union

from lambda_states_mock.errors import UnknownNameError, nearest

_DAY = 86_400.0
_NEVER = 36_500 * _DAY  # idleness is documented neither of managed instances nor of the snapshots of Python and .NET

Key = Union[str, tuple[str, str]]  # noqa: UP007 - evaluated at run time, also on Python 3.10

_OF_MAPPINGS = ("mapping_create", "mapping_enable", "mapping_disable", "mapping_update", "mapping_delete")
_SLOW_SOURCES = ("msk", "kafka", "mq", "documentdb")  # Lambda makes network interfaces to reach these

TYPICAL: Mapping[Key, float] = MappingProxyType(
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
        "back_off": 300.0,  # at least five minutes (functions-states.html, 2019)
        "role": 0.0,  # until a new role of moto's can be assumed; some ten seconds in practice: set it to test that
        **dict.fromkeys(_OF_MAPPINGS, 10.0),  # "several seconds to a minute" in public logs
        **{(phase, kind): 60.0 for phase in _OF_MAPPINGS for kind in _SLOW_SOURCES},
        "provision": 90.0,  # "allocation starts after one or two minutes" (configuration-concurrency.html, 2023)
        "provider_create": 30.0,  # inferred
        "provider_delete": 30.0,  # inferred
        "launch": 180.0,  # a version on a capacity provider: "several minutes" until three environments run
        "release_capacity": 60.0,  # inferred
        "scale": 120.0,  # "several minutes" until instances run (lambda-managed-instances-getting-started.html)
    }
)

INSTANT: Mapping[Key, float] = MappingProxyType(
    {
        "create": 0.0,
        "update": 0.0,
        "snapshot": 0.0,
        "restore": 0.0,
        "idle": 14 * _DAY,
        ("idle", "snapstart-kept"): _NEVER,
        ("idle", "managed"): _NEVER,
        "release_interface": 1_200.0,
        "back_off": 300.0,
        "role": 0.0,
        **dict.fromkeys(_OF_MAPPINGS, 0.0),
        "provision": 0.0,
        "provider_create": 0.0,
        "provider_delete": 0.0,
        "launch": 0.0,
        "release_capacity": 0.0,
        "scale": 0.0,
    }
)

PRESETS: Mapping[str, Mapping[Key, float]] = MappingProxyType({"typical": TYPICAL, "instant": INSTANT})
STATED = frozenset({"execution", "retention", "wait", "callback", "retry"})
"""Phases of durable executions: how long they take is said by the function's DurableConfig or by the checkpoint."""

PHASES = STATED | {key for key in TYPICAL if isinstance(key, str)}
KINDS = (
    "zip",
    "vpc",
    "vpc-shared",
    "image",
    "snapstart",
    "snapstart-kept",
    "sqs",
    "kinesis",
    "dynamodb",
    "msk",
    "kafka",
    "mq",
    "documentdb",
    "managed",
    "durable",
)


def seconds_of(value: float | timedelta) -> float:
    """Return *value*, seconds or a timedelta, as seconds. Raises ValueError for what is no length of time."""
    try:
        seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    except (TypeError, ValueError):
        seconds = float("nan")
    if isinstance(value, (str, bool)) or not seconds >= 0:
        raise ValueError(f"nothing can take {value!r}: give seconds, or a timedelta, of zero or more")
    return seconds


def finite_seconds(value: float | timedelta, *, instead: str) -> float:
    """Return *value* as `seconds_of`; for what never ends, the ValueError names the method to use *instead*."""
    seconds = seconds_of(value)
    if seconds == float("inf"):
        raise ValueError(f"what takes {value!r} never ends: use {instead}")
    return seconds


def _phase_and_kind(key: Key) -> tuple[str, str | None]:
    phase, kind = (key, None) if isinstance(key, str) else key
    if phase not in PHASES:
        raise UnknownNameError(f'no phase "{phase}":{nearest(phase, PHASES)} Phases: {", ".join(sorted(PHASES))}.')
    if kind is not None and kind not in KINDS:
        raise UnknownNameError(f'no kind "{kind}":{nearest(kind, KINDS)} Kinds: {", ".join(KINDS)}.')
    return phase, kind


class Timings(MutableMapping[Key, float]):
    """Seconds by phase, or by (phase, kind): ``timings["create"] = 45``, ``timings["create", "vpc"] = 90``.

    What is set for a phase holds for all its kinds; what is set for a phase and a kind holds for that kind alone.
    A function has timings of its own, which fall back to the mock's.

    Parameters:
        preset: ``"typical"`` or ``"instant"``, or a mapping of your own laid over ``"typical"``.
        parent: where to look for what is not set here; instead of a preset.
    """

    def __init__(self, preset: str | Mapping[Key, float] = "typical", *, parent: Timings | None = None) -> None:
        self._parent = parent
        self._seconds: dict[Key, float] = {}
        if parent is not None:
            return
        if isinstance(preset, str):
            if preset not in PRESETS:
                raise UnknownNameError(
                    f'no timings called "{preset}":{nearest(preset, PRESETS)} Use "typical", "instant" or a mapping.'
                )
            self._seconds.update(PRESETS[preset])
        else:
            self._seconds.update(TYPICAL)
            self.update(preset)

    def __getitem__(self, key: Key) -> float:
        phase, kind = _phase_and_kind(key)
        if kind is not None and (phase, kind) in self._seconds:
            return self._seconds[phase, kind]
        if phase in self._seconds:
            return self._seconds[phase]
        if self._parent is None:
            raise KeyError(key)
        return self._parent[key]

    def __setitem__(self, key: Key, value: float | timedelta) -> None:
        seconds = seconds_of(value)
        phase, kind = _phase_and_kind(key)
        if kind is None:
            for other in [other for other in self._seconds if isinstance(other, tuple) and other[0] == phase]:
                del self._seconds[other]
        self._seconds[key] = seconds

    def __delitem__(self, key: Key) -> None:
        del self._seconds[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._seconds)

    def __len__(self) -> int:
        return len(self._seconds)

    def __repr__(self) -> str:
        return f"Timings({self._seconds!r})"

    def of(self, phase: str, kind: str) -> timedelta:
        """Return how long *phase* takes for a function of *kind*."""
        return timedelta(seconds=self[phase, kind])
