"""What a function can have that others have not: a runtime of the customer's own, and accelerators.

The members are those of AWS's model. (I) All rules here: AWS documents none of them yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from lambda_states_mock import service_errors as texts
from lambda_states_mock.resources.capacity_provider import provider_arn_of
from lambda_states_mock.resources.function import Configuration

CUSTOM = "custom"
"""The Runtime of a function that has a runtime of the customer's own."""


def with_runtime(configuration: Configuration, runtime: str) -> Configuration:
    """Return *configuration* with *runtime*; one of AWS's takes the place of a customer's own."""
    own = configuration.runtime_config if runtime == CUSTOM else None
    return replace(configuration, runtime=runtime, runtime_config=own)


def with_runtime_config(configuration: Configuration, named: Mapping[str, Any]) -> Configuration:
    """Return *configuration* with the runtime of the customer's own that is *named*."""
    return replace(configuration, runtime=CUSTOM, runtime_config=MappingProxyType(dict(named)))


def check_parts(params: Mapping[str, Any], configuration: Configuration) -> None:
    """Raise InvalidParameterValueException for parts that *params* have set and that do not go together."""
    if params.get("RuntimeConfig") and params.get("Runtime", CUSTOM) != CUSTOM:
        raise texts.RUNTIME_TWICE.error(runtime=params["Runtime"])
    if configuration.runtime == CUSTOM and configuration.runtime_config is None:
        raise texts.RUNTIME_CONFIG_WANTED.error()
    if configuration.runtime_config is not None and configuration.package_type == "Image":
        raise texts.RUNTIME_CONFIG_OF_IMAGE.error()
    accelerator = configuration.accelerator
    if accelerator is None:
        return
    if provider_arn_of(configuration) is None:
        raise texts.ACCELERATOR_WITHOUT_PROVIDER.error()
    if accelerator["AcceleratorMemorySize"] < 1:
        raise texts.VALUE_TOO_SMALL.error(member="AcceleratorMemorySize", limit=1)
