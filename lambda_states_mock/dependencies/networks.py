"""The network around Lambda (EC2): subnets, security groups and the quota of network interfaces."""

from __future__ import annotations

from lambda_states_mock.dependencies import failure_modes
from lambda_states_mock.dependencies.things import Deletable, Thing


class Subnet(Deletable):
    """A subnet (EC2): ``m.world.subnets["subnet-1"]``."""

    kind = "subnet"
    gone = failure_modes.SUBNET_GONE

    def exhaust(self) -> None:
        """Use up its addresses, so that there is none for a new network interface."""
        __tracebackhide__ = True
        self._becomes(failure_modes.SUBNET_EXHAUSTED)


class SecurityGroup(Deletable):
    """A security group (EC2): ``m.world.security_groups["sg-1"]``."""

    kind = "security group"
    gone = failure_modes.GROUP_GONE


class NetworkInterfaceQuota(Thing):
    """The quota of network interfaces (EC2): ``m.world.network_interfaces``."""

    kind = "network"

    def exhaust(self) -> None:
        """Use up the quota."""
        __tracebackhide__ = True
        self._becomes(failure_modes.INTERFACES_EXHAUSTED)

    def throttle(self) -> None:
        """Let EC2 throttle Lambda's requests."""
        __tracebackhide__ = True
        self._becomes(failure_modes.EC2_THROTTLED)
