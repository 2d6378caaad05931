"""The preconditions of a function's lifecycle: from what its dependencies are like to refusals and failed phases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lambda_states_mock.dependencies import failure_modes
from lambda_states_mock.dependencies.failure_modes import FailureMode
from lambda_states_mock.dependencies.scripted_neighbours import ScriptedNeighbours
from lambda_states_mock.dependencies.world import World
from lambda_states_mock.engine.timings import FunctionTimings
from lambda_states_mock.lifecycles.network_interfaces import NetworkInterfaces, pair_of
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.code import Code
from lambda_states_mock.resources.function import Configuration, Version, runtime_alias_of
from lambda_states_mock.service_errors import ROLE_NOT_ASSUMABLE
from lambda_states_mock.states.lifecycle import Reason
from lambda_states_mock.states.reasons import reason


@dataclass(eq=False, slots=True)
class Preconditions:
    """What a function depends on, asked before it moves.

    *snapshots* makes one, and returns why that fails, or None; *capacity* returns why a version cannot be launched.
    """

    world: World
    neighbours: ScriptedNeighbours
    interfaces: NetworkInterfaces
    timings: FunctionTimings
    snapshots: Callable[[Version], Reason | None]
    capacity: Callable[[Version], Reason | None]

    def check_role(self, place: Place, configuration: Configuration, name: str) -> None:
        """Raise AWS's answer if the role cannot be assumed yet, or may not do what a VPC asks for."""
        age = self.world.role_age(configuration.role)
        if age is not None and age < self.timings.of(place, name).of("role", configuration.kind):
            raise ROLE_NOT_ASSUMABLE.error()
        lacks = self._lacks(configuration)
        if lacks:
            raise failure_modes.INTERFACES_NOT_PERMITTED.error(action=lacks[0].partition(":")[2])

    def unmet(self, version: Version, phase: str) -> Reason | None:
        """Return why *phase* of *version* cannot end well, or None."""
        new = phase == "update"
        configuration = version.configuration if new else version.live_configuration
        code = version.code if new else version.live_code
        for failure_mode in (*self._lasting(configuration, code), self.of_interfaces(version.place, configuration)):
            if failure_mode is not None and failure_mode.reason_code is not None:
                return reason(failure_mode.reason_code)
        if phase == "launch":
            return self.capacity(version)
        return self.snapshots(version) if phase == "snapshot" else None

    def check_invoke(self, version: Version) -> None:
        """Raise what Invoke answers for a version that could run, if the world does not let it."""
        configuration = version.live_configuration
        arn = configuration.file_systems[0]["Arn"] if configuration.file_systems else ""
        for failure_mode in self._lasting(configuration, version.live_code):
            if failure_mode.invoke is not None:
                raise failure_mode.invoke.error(arn=arn)

    def _lasting(self, configuration: Configuration, code: Code) -> Iterator[FailureMode]:
        """Yield what is wrong with the things that a function needs for as long as it runs."""
        around = self.world
        vpc = configuration.vpc
        found = [
            around.roles.failure_mode(configuration.role),
            around.images.failure_mode(code.image_uri, code.resolved_image_uri),
            around.objects.failure_mode(code.referenced_object),
            self.neighbours.key_failure_mode(configuration.kms_key_arn),
            around.access_points.failure_mode(*(system["Arn"] for system in configuration.file_systems)),
            around.runtime_versions.failure_mode(configuration.runtime_version_arn),
            around.runtime_aliases.failure_mode(runtime_alias_of(configuration)),
        ]
        if vpc is not None:
            found.append(around.security_groups.failure_mode(*vpc.security_group_ids))
            found += [
                one for one in map(around.subnets.failure_mode, vpc.subnet_ids) if one is failure_modes.SUBNET_GONE
            ]
            if vpc.subnet_ids and around.network_interfaces.failure_mode is failure_modes.INTERFACES_NOT_READY:
                found.append(failure_modes.INTERFACES_NOT_READY)
        yield from (failure_mode for failure_mode in found if failure_mode is not None)

    def of_interfaces(self, place: Place, configuration: Configuration) -> FailureMode | None:
        """Return what prevents a new network interface; None where none is needed, or it is there already."""
        pair, vpc = pair_of(place, configuration), configuration.vpc
        if pair is None or vpc is None or self.interfaces.is_available(pair):
            return None
        if self._lacks(configuration):
            return failure_modes.ROLE_LACKS_EC2
        unready = self.world.subnets.failure_mode(*vpc.subnet_ids) or self.world.network_interfaces.failure_mode
        return None if unready is failure_modes.INTERFACES_NOT_READY else unready

    def _lacks(self, configuration: Configuration) -> list[str]:
        if configuration.vpc is None or not configuration.vpc.subnet_ids:
            return []
        return [action for role in self.world.roles.meant_by(configuration.role) for action in role.lacks]
