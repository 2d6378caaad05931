"""Worlds drawn at random, from one table of what there is to choose from.

Who chooses is given: a seed, or Hypothesis. Each row begins with the simplest choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Protocol, TypeVar

from lambda_states_mock.chaos.entries import (
    AnotherDeploys,
    AnotherDoes,
    AnswerLost,
    Disconnected,
    Disturbance,
    Fails,
    Hangs,
    LateReaders,
    LeftAlone,
    Refused,
    RoleLate,
    Takes,
    Throttled,
)
from lambda_states_mock.chaos.others import ACTS
from lambda_states_mock.chaos.world import ChaosWorld
from lambda_states_mock.engine.chance import Chance

T = TypeVar("T")

MOST_ENTRIES = 4

LENGTHS: Mapping[str, Sequence[float]] = MappingProxyType(
    {
        "create": (10.0, 45.0, 90.0, 400.0),  # a VPC takes 60 to 90 s; 400 s is longer than AWS's waiters wait
        "update": (10.0, 45.0, 90.0, 400.0),
        "restore": (40.0, 106.0, 400.0),  # 40 to 106 s were observed
        "snapshot": (60.0, 180.0, 400.0),
        "provision": (120.0, 600.0),
        "mapping_create": (60.0,),
        "mapping_update": (60.0,),
    }
)
"""Seconds that phases take in drawn worlds."""

REASONS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "create": ("InternalError", "SubnetOutOfIPAddresses", "InvalidSecurityGroup", "ImageAccessDenied"),
        "update": ("InternalError", "ImageDeleted", "KMSKeyAccessDenied", "EniLimitExceeded"),
        "restore": ("InternalError", "SubnetOutOfIPAddresses", "EniLimitExceeded"),
        "snapshot": ("FunctionError",),
        "provision": ("FUNCTION_ERROR_INIT_FAILURE",),
    }
)
"""Reason codes with which phases fail in drawn worlds."""

HANGING = ("create", "update", "restore")
KINDS = (None, None, None, "zip", "vpc", "image")
CHANGING = (
    "CreateFunction",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
    "PublishVersion",
    "UpdateAlias",
    "CreateAlias",
)
CODE_OR_CONFIGURATION = ("UpdateFunctionCode", "UpdateFunctionConfiguration")
LOOKING = ("GetFunction", "GetFunctionConfiguration")
CODES = ("InvalidParameterValueException", "AccessDeniedException", "ServiceException")
BEFORE = (*range(2, 21), 25, 30, 40)


class Among(Protocol):
    """Chooses one of several."""

    def __call__(self, options: Sequence[T], /) -> T: ...


def _takes(among: Among) -> Disturbance:
    phase = among(tuple(LENGTHS))
    return Takes(phase, among(LENGTHS[phase]), among(KINDS))


def _fails(among: Among) -> Disturbance:
    phase = among(tuple(REASONS))
    return Fails(phase, among(REASONS[phase]), among((1, 2)), among(KINDS))


def _refused(among: Among) -> Disturbance:
    operation = among((*CHANGING, *LOOKING))
    return Refused(operation, among(CODES), among((None, 1)))


DRAWN: Sequence[Callable[[Among], Disturbance]] = (
    _takes,
    _fails,
    lambda among: Hangs(among(HANGING), among(KINDS)),
    lambda among: Throttled(among((*LOOKING, *CHANGING)), among((1, 3, 6))),
    _refused,
    _refused,
    lambda among: Disconnected(among((*CHANGING, *LOOKING)), among((1, 6))),
    lambda among: AnswerLost(among(CHANGING), among((1, 2))),
    lambda among: LateReaders(among((2.0, 5.0))),
    lambda among: RoleLate(among((8.0, 20.0, None))),
    lambda among: LeftAlone(15.0, among(BEFORE)),
    lambda among: AnotherDoes(among(tuple(ACTS)), among(BEFORE)),
    lambda among: AnotherDoes(among(CODE_OR_CONFIGURATION), among(BEFORE)),  # what others do most
)
"""How each kind of disturbance is drawn."""


def _deploys(among: Among) -> Disturbance:
    turns = tuple(among((1, 1, 2, 3)) for _ in range(among((0, 1, 2, 2, 3))))
    return AnotherDeploys(among(BEFORE), among((None, None, 1, 2, 3, 5)), turns)


def draw_entry(among: Among, *, rival: bool = False) -> Disturbance:
    """Return a disturbance that *among* chooses; *rival*, whether there is a second deployer."""
    kinds = (*DRAWN, _deploys, _deploys) if rival else DRAWN
    return among(kinds)(among)


def _chosen(chance: Chance, options: Sequence[T]) -> T:
    return options[int(chance.random() * len(options))]


IDLENESS: Sequence[Callable[[Among], Disturbance]] = (
    lambda among: AnotherDoes("Invoke", among(BEFORE)),
    lambda among: Fails("restore", among(REASONS["restore"])),
    lambda among: Takes("restore", among(LENGTHS["restore"])),
    lambda among: Hangs(among(("restore",))),
)
"""What goes wrong with functions that fell idle: it is rare that chance alone brings such disturbances together."""


def drawn_world(seed: int, *, rival: bool = False) -> ChaosWorld:
    """Return the world of *seed*: one to four disturbances. The same seed gives the same world.

    Parameters: *rival*, whether a second deployer may be among them. In a quarter of the worlds nothing else disturbs.
    """
    among: Among = partial(_chosen, Chance(seed))
    if rival and among(range(4)) == 0:
        return ChaosWorld(_deploys(among))
    count = among(range(1, MOST_ENTRIES + 1))
    if count > 1 and among(range(4)) == 0:
        return ChaosWorld(LeftAlone(15.0, among(BEFORE)), *(among(IDLENESS)(among) for _ in range(count - 1)))
    return ChaosWorld(*(draw_entry(among, rival=rival) for _ in range(count)))


def world_of(chaos: ChaosWorld | int) -> ChaosWorld:
    """Return *chaos* itself, or the world of that seed."""
    return chaos if isinstance(chaos, ChaosWorld) else drawn_world(chaos)
