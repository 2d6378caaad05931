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

    def fail(self, code: str) -> None:
        """Let EC2 answer Lambda's requests with an error that Lambda does not expect.

        Parameters: *code*, the error code of EC2, e.g. ``"InternalError"``: Invoke names it as ``EC2ErrorCode``.

        Raises TypeError for what is no text, ValueError for an empty one.
        """
        __tracebackhide__ = True
        given: object = code
        if not isinstance(given, str):
            raise TypeError(f'fail({code!r}): give an error code of EC2, as text, e.g. "InternalError"')
        if not code:
            raise ValueError('fail(""): give an error code of EC2, e.g. "InternalError"')
        self._becomes(failure_modes.ec2_unexpected(code))

    def lose(self) -> None:
        """Let no interface be ready: functions in a VPC cannot be invoked, though new interfaces can be made."""
        __tracebackhide__ = True
        self._becomes(failure_modes.INTERFACES_NOT_READY)
