"""The world around Lambda, ``m.world``: what functions depend on, and who calls.

Every resource is well until a test sets a failure mode. What you set here takes precedence over what moto knows. After
the mock has ended you can read it; changing it raises NotActiveError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import chain

from lambda_states_mock.dependencies import failure_modes
from lambda_states_mock.dependencies.artifacts import Image, StoredObject
from lambda_states_mock.dependencies.failure_modes import FILE_SYSTEM_TROUBLES, FailureMode
from lambda_states_mock.dependencies.networks import NetworkInterfaceQuota, SecurityGroup, Subnet
from lambda_states_mock.dependencies.permissions import Permissions
from lambda_states_mock.dependencies.runtime_versions import RuntimeAlias, RuntimeVersion
from lambda_states_mock.dependencies.runtimes import ManagedRuntimes
from lambda_states_mock.dependencies.things import Deletable, Thing, Things, Watch
from lambda_states_mock.errors import NamesWhatItHas, UnknownNameError, nearest
from lambda_states_mock.instants import length_of

NETWORK_ACTIONS = frozenset(
    {
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    }
)
"""What Lambda does with a function's role to attach it to a VPC (configuration-vpc.html)."""


class Role(Thing):
    """An execution role (IAM): ``m.world.roles["name or ARN"]``."""

    kind = "role"

    def __init__(self, name: str, watch: Watch) -> None:
        super().__init__(name, watch)
        self._appears: datetime | None = None
        self._lacks: frozenset[str] = frozenset()

    @property
    def failure_mode(self) -> FailureMode | None:
        if self._appears is not None and self._watch.now() < self._appears:
            return failure_modes.ROLE_NOT_PROPAGATED
        return self._failure_mode

    @property
    def lacks(self) -> list[str]:
        """The permissions that it lacks, of those that Lambda needs to attach a function to a VPC."""
        return sorted(self._lacks)

    def means(self, reference: str) -> bool:
        return reference == self.name or (":" not in self.name and reference.rsplit("/", 1)[-1] == self.name)

    def missing(self) -> None:
        """Make the role not exist."""
        __tracebackhide__ = True
        self._becomes(failure_modes.ROLE_MISSING)

    def deny(self, *actions: str) -> None:
        """Make the role not trust Lambda, or, with *actions*, make it lack only those permissions.

        Parameters: *actions*, of EC2, which Lambda uses for a VPC, e.g. ``"ec2:CreateNetworkInterface"``.

        Raises UnknownNameError for an action that Lambda does not use.
        """
        __tracebackhide__ = True
        if not actions:
            return self._becomes(failure_modes.ROLE_UNTRUSTING)
        for action in actions:
            given: object = action
            if not isinstance(given, str) or action not in NETWORK_ACTIONS:
                raise UnknownNameError(
                    f'Lambda does not use "{action}" of a function\'s role:{nearest(action, NETWORK_ACTIONS)} '
                    f"It uses: {', '.join(sorted(NETWORK_ACTIONS))}."
                )
        self._check_active()
        self._lacks |= set(actions)
        return self._watch.changed(self)

    def appears_after(self, seconds: float | timedelta) -> None:
        """Let Lambda find the role only after *seconds* from now, as is usual for a new role.

        Parameters: *seconds*, a number or a timedelta.

        Raises TypeError for what is no length of time, ClockError for a negative or infinite one.
        """
        __tracebackhide__ = True
        self._check_active()
        length = length_of("appears_after()", seconds, instead="a length that ends, or use missing()")
        self._failure_mode, self._appears = None, self._watch.now() + length

    def restore(self) -> None:
        __tracebackhide__ = True
        self._check_active()
        self._appears, self._lacks = None, frozenset()
        super().restore()


class Key(Deletable):
    """A key (KMS): ``m.world.keys["ARN or id"]``."""

    kind = "key"
    gone = failure_modes.KEY_GONE

    def means(self, reference: str) -> bool:
        return reference == self.name or reference.endswith(f"key/{self.name}")

    def disable(self) -> None:
        """Disable the key."""
        __tracebackhide__ = True
        self._becomes(failure_modes.KEY_DISABLED)

    def schedule_deletion(self) -> None:
        """Schedule its deletion: the key is in the state PendingDeletion."""
        __tracebackhide__ = True
        self._becomes(failure_modes.KEY_PENDING_DELETION)

    def deny(self) -> None:
        """Deny the use of the key to the function's role."""
        __tracebackhide__ = True
        self._becomes(failure_modes.KEY_DENIED)


class AccessPoint(Thing):
    """An access point (EFS, or S3 Files): ``m.world.access_points["ARN"]``."""

    kind = "access point"

    def fail(self, code: str) -> None:
        """Make the file system fail.

        Parameters: *code*, ``EFSIOError``, ``EFSMountConnectivityError``, ``EFSMountFailure`` or ``EFSMountTimeout``;
        of S3 Files ``S3FilesMountConnectivityError``, ``S3FilesMountFailure`` or ``S3FilesMountTimeout``.

        Raises UnknownNameError for any other code.
        """
        __tracebackhide__ = True
        failure_mode = FILE_SYSTEM_TROUBLES.get(code)
        if failure_mode is None:
            raise UnknownNameError(
                f'a file system does not fail with "{code}":{nearest(code, FILE_SYSTEM_TROUBLES)} '
                f"It fails with: {', '.join(FILE_SYSTEM_TROUBLES)}."
            )
        self._becomes(failure_mode)


SETTINGS = ("caller", "organization", "blocks_public_policies", "require_source_permissions")
"""What of `World` is set by assignment."""


class World(NamesWhatItHas):
    """What functions depend on, and who calls: ``m.world``.

    Parameters: *now*, returns the time; *permissions*, what the caller may do; *hint*, takes a hint for the report of a
    failing test.

    Attributes: *roles*, *subnets*, *security_groups*, *keys*, *access_points*, *images*, *objects*, *runtimes*,
    *runtime_versions*, *runtime_aliases*, resources by name; *network_interfaces*, a quota.
    """

    def __init__(self, now: Callable[[], datetime], permissions: Permissions, hint: Callable[[str], object]) -> None:
        self.watch = watch = Watch(now)
        self.permissions = permissions
        self.roles = Things(Role, watch)
        self.subnets = Things(Subnet, watch, prefix="subnet-")
        self.security_groups = Things(SecurityGroup, watch, prefix="sg-")
        self.keys = Things(Key, watch)
        self.access_points = Things(AccessPoint, watch, prefix="arn:")
        self.images = Things(Image, watch)
        self.objects = Things(StoredObject, watch, prefix="s3://")
        self.runtime_versions = Things(RuntimeVersion, watch, prefix="arn:")
        self.runtime_aliases = Things(RuntimeAlias, watch)
        self.runtimes = ManagedRuntimes(watch, hint)
        self.network_interfaces = NetworkInterfaceQuota("interfaces", watch)
        self._roles_created: dict[str, datetime] = {}
        self._blocks_public_policies = False
        self._require_source_permissions = False

    def __setattr__(self, name: str, value: object) -> None:
        __tracebackhide__ = True
        is_made = "_require_source_permissions" in vars(self)  # what is set last
        if is_made and not name.startswith("_") and name not in SETTINGS:
            raise AttributeError(f"m.world.{name} cannot be set:{nearest(name, SETTINGS)} {', '.join(SETTINGS)} can.")
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        things: Iterator[Thing] = chain(*(one for one in vars(self).values() if isinstance(one, Things)))
        ill = [thing for thing in (*things, self.network_interfaces) if thing.failure_mode is not None]
        return f"<world of {self.permissions.caller}: {ill or 'all is well'}>"

    @property
    def caller(self) -> str:
        """The ARN of the identity that calls Lambda. You can set it: ValueError for what is no such ARN.

        Code of a function finds the session of its role here, and calls as that.
        """
        return self.permissions.caller

    @caller.setter
    def caller(self, arn: str) -> None:
        __tracebackhide__ = True
        self.watch.check_active(f"world.caller = {arn!r}")
        self.permissions.caller = arn

    @property
    def organization(self) -> str | None:
        """The id of the organization (AWS Organizations) that callers belong to, which policies may ask for.

        None by default. You can set it: ValueError for what is no such id.
        """
        return self.permissions.organization

    @organization.setter
    def organization(self, identifier: str | None) -> None:
        __tracebackhide__ = True
        self.watch.check_active(f"world.organization = {identifier!r}")
        self.permissions.organization = identifier

    @property
    def blocks_public_policies(self) -> bool:
        """Whether the account forbids resource policies that let everybody in: PublicPolicyException. False by default.

        You can set it: TypeError for what is not True or False.
        """
        return self._blocks_public_policies

    @blocks_public_policies.setter
    def blocks_public_policies(self, blocks: bool) -> None:
        __tracebackhide__ = True
        self.watch.check_active(f"world.blocks_public_policies = {blocks!r}")
        if not isinstance(blocks, bool):
            raise TypeError(f"world.blocks_public_policies = {blocks!r}: set True or False")
        self._blocks_public_policies = blocks

    @property
    def require_source_permissions(self) -> bool:
        """Whether services that push (S3, SNS, EventBridge ...) need a permission in the function's policy.

        False by default, since few tests beside moto give one. You can set it; on AWS it is always so.
        """
        return self._require_source_permissions

    @require_source_permissions.setter
    def require_source_permissions(self, wanted: bool) -> None:
        __tracebackhide__ = True
        self.watch.check_active(f"world.require_source_permissions = {wanted!r}")
        if not isinstance(wanted, bool):
            raise TypeError(f"world.require_source_permissions takes True or False, not {wanted!r}")
        self._require_source_permissions = wanted

    def deny(self, *actions: str, function: str | None = None, caller: str | None = None) -> None:
        """Deny *actions* to callers, so that Lambda answers AccessDeniedException.

        Parameters: *actions*, as in a policy, e.g. ``"lambda:GetFunctionConfiguration"`` or ``"lambda:Update*"``;
        *function*, the name of a function, to deny them on that one alone; on all by default; *caller*, to whom alone:
        the ARN of a user, of a role (it means all its sessions) or of a session, or the name of a role; everybody by
        default. Code of a function calls as the function's role.

        Raises UnknownNameError for an action that Lambda does not have, TypeError without any action or for one that is
        no text, ValueError for a caller that is none.
        """
        __tracebackhide__ = True
        self.watch.check_active("world.deny()")
        self.permissions.deny(*actions, function=function, caller=caller)

    def allow(self, *actions: str, caller: str | None = None) -> None:
        """Take back what was denied.

        Parameters: *actions*, as you gave them to `deny`; without any, all of them; *caller*, as you gave it to `deny`:
        what was denied to that one alone; by default, to whomever.

        Raises UnknownNameError for an action that was not denied.
        """
        __tracebackhide__ = True
        self.watch.check_active("world.allow()")
        self.permissions.allow(*actions, caller=caller)

    def saw_role_created(self, arn: str) -> None:
        """Remember that moto has just created the role *arn*."""
        self._roles_created[arn] = self.watch.now()

    def role_age(self, arn: str) -> timedelta | None:
        """Return how long ago the role was created, or None if that is unknown."""
        created = self._roles_created.get(arn)
        return None if created is None else self.watch.now() - created
