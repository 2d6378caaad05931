"""The neighbours, and before them what the test tells of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lambda_states_mock.dependencies import failure_modes
from lambda_states_mock.dependencies.failure_modes import FailureMode
from lambda_states_mock.dependencies.neighbours import NeighbourError, Neighbours
from lambda_states_mock.dependencies.world import World
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.message import Message


class ScriptedNeighbours:
    """Answers as the test says; where it says nothing, as the *neighbours* do.

    Parameters: *takes* takes a message for something of the test's own, a queue, and returns whether it was for one.
    """

    def __init__(self, neighbours: Neighbours, world: World, takes: Callable[[Message], bool]) -> None:
        self._neighbours = neighbours
        self._world = world
        self._takes = takes
        # A test scripts nothing of these.
        self.identity_of = neighbours.identity_of
        self.key_state = neighbours.key_state
        self.queue_visibility = neighbours.queue_visibility
        self.check_stream = neighbours.check_stream
        self.put_metrics = neighbours.put_metrics
        self.put_log = neighbours.put_log
        self.answer = neighbours.answer

    def deliver(self, place: Place, message: Message) -> None:
        if not self._takes(message):
            self._neighbours.deliver(place, message)

    def can_assume(self, place: Place, role_arn: str, source_arn: str) -> bool:
        well = self._world.roles.failure_mode(role_arn) is None
        return well and self._neighbours.can_assume(place, role_arn, source_arn)

    def s3_object(self, place: Place, bucket: str, key: str, version: str | None) -> bytes:
        failure_mode = self._world.objects.failure_mode(f"s3://{bucket}/{key}")
        if failure_mode is failure_modes.OBJECT_INVALID:
            return b"corrupt"
        if failure_mode is failure_modes.OBJECT_DENIED:
            raise NeighbourError("GetObject", "AccessDenied", "Access Denied")
        if failure_mode is not None:
            raise NeighbourError("GetObject", "NoSuchKey", "The specified key does not exist.")
        return self._neighbours.s3_object(place, bucket, key, version)

    def vpc_of(self, place: Place, subnet_ids: Sequence[str], security_group_ids: Sequence[str]) -> str:
        for group in security_group_ids:
            if self._world.security_groups.failure_mode(group) is not None:
                text = f"The security group '{group}' does not exist"
                raise NeighbourError("DescribeSecurityGroups", "InvalidGroup.NotFound", text)
        for subnet in subnet_ids:
            if self._world.subnets.failure_mode(subnet) is failure_modes.SUBNET_GONE:
                text = f"The subnet ID '{subnet}' does not exist"
                raise NeighbourError("DescribeSubnets", "InvalidSubnetID.NotFound", text)
        return self._neighbours.vpc_of(place, subnet_ids, security_group_ids)

    def image_digest(self, place: Place, uri: str) -> str:
        failure_mode = self._world.images.failure_mode(uri)
        if failure_mode is failure_modes.IMAGE_INVALID:  # it shows once the image is made ready
            failure_mode = None
        if failure_mode is failure_modes.IMAGE_DENIED:
            raise NeighbourError("BatchGetImage", "AccessDeniedException", failure_mode.what)
        if failure_mode is not None:
            raise NeighbourError("BatchGetImage", "ImageNotFoundException", failure_mode.what)
        return self._neighbours.image_digest(place, uri)

    def key_failure_mode(self, key_arn: str | None) -> FailureMode | None:
        """Return why the key cannot be used, or None."""
        if key_arn is None:
            return None
        told = self._world.keys.failure_mode(key_arn)
        if told is not None:
            return told
        try:
            state = self.key_state(key_arn)
        except NeighbourError:
            return failure_modes.KEY_GONE
        if state == "Disabled":
            return failure_modes.KEY_DISABLED
        return None if state == "Enabled" else failure_modes.KEY_PENDING_DELETION
