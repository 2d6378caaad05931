"""Which functions use which pair of subnets and security groups, and whether its network interface is there."""

from __future__ import annotations

from collections.abc import Hashable

from lambda_states_mock.engine.driver import Driver, StateMachine
from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import Configuration
from lambda_states_mock.states.network_interface import NETWORK_INTERFACE, InterfaceEvent, InterfaceState

Pair = tuple[Place, frozenset[str], frozenset[str]]


def pair_of(place: Place, configuration: Configuration) -> Pair | None:
    """Return the pair that *configuration* attaches its function to, or None."""
    vpc = configuration.vpc
    if vpc is None or not vpc.subnet_ids:
        return None
    return place, frozenset(vpc.subnet_ids), frozenset(vpc.security_group_ids)


class NetworkInterfaces:
    """The interfaces of a world. Parameters: who drives their lifecycle, and how long giving one back takes."""

    def __init__(self, driver: Driver, timings: Timings) -> None:
        self._driver = driver
        self._timings = timings
        self._machines: dict[Pair, StateMachine[InterfaceState, InterfaceEvent]] = {}
        self._users: dict[Pair, set[Hashable]] = {}

    def is_available(self, pair: Pair) -> bool:
        """Tell whether the interface is there, so that the next function with *pair* is quick."""
        machine = self._machines.get(pair)
        return machine is not None and machine.state in (InterfaceState.AVAILABLE, InterfaceState.RELEASING)

    def attach(self, pair: Pair | None, user: Hashable) -> None:
        """Let *user* (a version of a function) use *pair*."""
        if pair is None:
            return
        self._users.setdefault(pair, set()).add(user)
        self._driver.fire(self._subject(pair), InterfaceEvent.ATTACHED)

    def ready(self, pair: Pair | None) -> None:
        """Say that a function with *pair* is ready, and so the interface is."""
        if pair is not None and self._users.get(pair):
            self._driver.fire(self._subject(pair), InterfaceEvent.PROVISIONED)

    def detach(self, pair: Pair | None, user: Hashable, event: InterfaceEvent = InterfaceEvent.DETACHED) -> None:
        """Let *user* no longer use *pair*; with the last one, the interface is given back, as *event* says."""
        users = self._users.get(pair) if pair is not None else None
        if pair is None or users is None or user not in users:
            return
        users.remove(user)
        if not users:
            self._driver.fire(self._subject(pair), event)

    def shown(self) -> dict[str, str | None]:
        """Return the state of each interface that is there, by its label."""
        return {one.label: one.shown for one in self._machines.values() if one.state is not InterfaceState.ABSENT}

    def _subject(self, pair: Pair) -> StateMachine[InterfaceState, InterfaceEvent]:
        machine = self._machines.get(pair)
        if machine is None:
            _, subnets, groups = pair
            label = f"eni {'+'.join(sorted(subnets))}/{'+'.join(sorted(groups))}"
            machine = StateMachine(NETWORK_INTERFACE, label, label, "vpc", self._timings)
            self._machines[pair] = machine
        return machine
