"""What an execution environment needs to know of a version."""

from __future__ import annotations

from lambda_states_mock.execution.spec import FunctionSpec
from lambda_states_mock.resources.function import Logging, Version
from lambda_states_mock.states.execution_environment import MANAGED


class Specs:
    """What was asked for lately, so that one spec serves for as long as the record of its version stays."""

    def __init__(self) -> None:
        self._latest: dict[str, tuple[Version, FunctionSpec]] = {}

    def of(self, version: Version, *, arn: str, qualifier: str | None = None) -> FunctionSpec:
        """Return what `spec_of` does."""
        known, spec = self._latest.get(arn, (None, None))
        if known is not version or spec is None:
            spec = spec_of(version, arn=arn, qualifier=qualifier)
            self._latest[arn] = version, spec
        return spec


def spec_of(version: Version, *, arn: str, qualifier: str | None = None) -> FunctionSpec:
    """Return what is to run: the live configuration and code of *version*, not what an update brings.

    Parameters: *arn* and *qualifier*, as it was asked for.
    """
    configuration, code = version.live_configuration, version.live_code
    logging = configuration.logging or Logging(f"/aws/lambda/{version.name}")
    return FunctionSpec(
        account=version.place.account,
        region=version.place.region,
        name=version.name,
        version=version.number,
        invoked_arn=arn,
        runtime=configuration.runtime,
        handler=configuration.handler,
        package_type=configuration.package_type,
        memory_size=configuration.memory_size,
        timeout=configuration.timeout,
        environment=dict(configuration.environment or {}),
        role=configuration.role,
        code=code.zip,
        code_sha256=code.sha256,
        log_group=logging.group,
        layers_code=tuple(layer.content for layer in configuration.layers if layer.content is not None),
        qualifier=qualifier,
        initialization_type=_initialization_type(version),
        ephemeral_storage=configuration.ephemeral_storage,
        log_format=logging.format,
        application_log_level=logging.application_level,
        system_log_level=logging.system_level,
    )


def _initialization_type(version: Version) -> str:
    if version.live_configuration.capacity_provider is not None:
        return MANAGED
    return "snap-start" if version.snapshot else "on-demand"
