"""Capacity providers of Lambda Managed Instances, and how a version scales on one, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import NOTHING, Configuration

DEFAULT_SCALING: Mapping[str, Any] = MappingProxyType({"MaxVCpuCount": 400, "ScalingMode": "Auto"})
DEFAULT_INSTANCES: Mapping[str, Any] = MappingProxyType({"Architectures": ["x86_64"]})
LEAST_ENVIRONMENTS = 3
"""Environments that a version has where nobody says otherwise; there is no maximum then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityProvider:
    """Where instances for functions come from. *settings* are the members that answers show as they are."""

    place: Place
    name: str
    settings: Mapping[str, Any]
    last_modified: datetime
    tags: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def arn(self) -> str:
        return self.place.arn(f"capacity-provider:{self.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingConfig:
    """How many environments a version shall have, and has: members as AWS names them."""

    requested: Mapping[str, int]
    applied: Mapping[str, int]


def provider_arn_of(configuration: Configuration) -> str | None:
    """Return the ARN of the capacity provider that a function's *configuration* names, or None."""
    managed = (configuration.capacity_provider or {}).get("LambdaManagedInstancesCapacityProviderConfig") or {}
    arn: str | None = managed.get("CapacityProviderArn")
    return arn


def provider_name_of(text: str) -> str:
    """Return the name that *text*, a capacity provider's name or ARN, gives."""
    return text.rsplit(":", 1)[-1]
