"""What an execution environment is made for."""

from __future__ import annotations

from dataclasses import field

from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.code import Code
from lambda_states_mock.resources.function import Configuration, Logging, Version
from lambda_states_mock.states.execution_environment import InitializationType


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """One version of a function, as it was asked for.

    Parameters: *invoked_arn*, exactly as asked for, with or without a qualifier; *qualifier*, the alias or version that
    was asked for, None without one; *initialization_type*, how the environment is initialised; *tenant*, whose events
    alone it may run, None for a function that does not isolate its tenants.

    Attributes: *configuration* and *code*, those that run: not what an update of the version brings; *logging*, its
    LoggingConfig, with the group that a function has by default; *layers*, the zip files of its layers, lowest first:
    later ones overwrite earlier ones; *resource*, what was asked for, as metrics name it: ``orders``, or
    ``orders:live``; *runs_python*, whether it has a managed Python runtime; *function_arn*, without a qualifier;
    *made_of*, what an environment is bound to: all but the way on which it was asked for.
    """

    version: Version
    invoked_arn: str
    qualifier: str | None = None
    initialization_type: InitializationType = InitializationType.ON_DEMAND
    tenant: str | None = None
    configuration: Configuration = field(init=False, repr=False, compare=False)
    code: Code = field(init=False, repr=False, compare=False)
    logging: Logging = field(init=False, repr=False, compare=False)
    layers: tuple[bytes, ...] = field(init=False, repr=False, compare=False)
    resource: str = field(init=False, repr=False, compare=False)
    runs_python: bool = field(init=False, repr=False, compare=False)
    function_arn: str = field(init=False, repr=False, compare=False)
    made_of: tuple[object, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        version, configuration, code = self.version, self.version.live_configuration, self.version.live_code
        logging = configuration.logging or Logging(f"/aws/lambda/{version.name}")
        layers = tuple(layer.content for layer in configuration.layers if layer.content is not None)
        made_of = (
            *(version.place, version.name, version.number, self.initialization_type, self.tenant),
            *(code.zip, code.sha256),
            *(configuration.runtime, configuration.handler, configuration.package_type, configuration.memory_size),
            *(configuration.timeout, configuration.environment, configuration.role, configuration.ephemeral_storage),
            *(logging, layers),
        )
        derived = {
            "configuration": configuration,
            "code": code,
            "logging": logging,
            "layers": layers,
            "resource": version.name if self.qualifier is None else f"{version.name}:{self.qualifier}",
            "runs_python": (configuration.runtime or "").startswith("python"),
            "function_arn": version.place.function_arn(version.name),
            "made_of": made_of,
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)


def initialization_type_of(version: Version) -> InitializationType:
    """Return how an environment of *version* is initialised when an event needs it."""
    if version.live_configuration.capacity_provider is not None:
        return InitializationType.MANAGED
    return InitializationType.SNAP_START if version.snapshot else InitializationType.ON_DEMAND
