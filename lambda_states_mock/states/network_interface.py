"""The network interfaces that Lambda makes for one pair of subnets and security groups.

Made when the first function with the pair comes, shared by all functions with the same pair, and given back when the last
one is gone, which takes up to twenty minutes, or has been idle: it is Inactive when that is done (configuration-vpc.html). Not a state of a function: what is slow
about a function in a VPC is this.
"""

from __future__ import annotations

from enum import auto

from lambda_states_mock.states.lifecycle import STAY, Impossible, Label, Later, Lifecycle, Move, grid


class InterfaceState(Label):
    ABSENT = auto()
    CREATING = auto()
    AVAILABLE = auto()
    RELEASING = auto()


class InterfaceEvent(Label):
    ATTACHED = auto()  # a function with the pair is created, updated or restored
    PROVISIONED = auto()  # the first of them is ready
    DETACHED = auto()  # the last function with the pair is gone or moved away
    IDLED = auto()  # the last function with the pair has been idle
    RECLAIMED = auto()


CREATE: Move[InterfaceState, InterfaceEvent] = Move(InterfaceState.CREATING)
READY: Move[InterfaceState, InterfaceEvent] = Move(InterfaceState.AVAILABLE)
RELEASE: Move[InterfaceState, InterfaceEvent] = Move(
    InterfaceState.RELEASING, then=Later("release_interface", InterfaceEvent.RECLAIMED, background=True)
)
GONE: Move[InterfaceState, InterfaceEvent] = Move(InterfaceState.ABSENT)
UNUSED = Impossible("no function uses the pair")
NO_RELEASE = Impossible("nothing is being given back")

# fmt: off
TABLE = grid(tuple(InterfaceState), {
    #                            ABSENT      CREATING    AVAILABLE   RELEASING
    InterfaceEvent.ATTACHED:    (CREATE,     STAY,       STAY,       READY),
    InterfaceEvent.PROVISIONED: (UNUSED,     READY,      STAY,       UNUSED),
    InterfaceEvent.DETACHED:    (UNUSED,     GONE,       RELEASE,    UNUSED),
    InterfaceEvent.IDLED:       (UNUSED,     GONE,       GONE,       UNUSED),
    InterfaceEvent.RECLAIMED:   (NO_RELEASE, NO_RELEASE, NO_RELEASE, GONE),
})
# fmt: on

NETWORK_INTERFACE = Lifecycle(
    name="NetworkInterface",
    title="Network interface of a pair of subnets and security groups",
    initial=InterfaceState.ABSENT,
    shown=dict(zip(InterfaceState, (None, "pending", "available", "detaching"), strict=True)),
    table=TABLE,
    final=frozenset({InterfaceState.ABSENT}),
)
