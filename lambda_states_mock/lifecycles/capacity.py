"""What stands against running a version on the instances of its capacity provider."""

from __future__ import annotations

from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.accelerators import is_compatible
from lambda_states_mock.resources.capacity_provider import provider_arn_of
from lambda_states_mock.resources.function import Version
from lambda_states_mock.states.lifecycle import Reason
from lambda_states_mock.states.reasons import reason
from lambda_states_mock.store import Store


@dataclass(frozen=True, slots=True)
class Capacity:
    """Knows the instances of capacity providers. Parameters: *store*, where these are."""

    store: Store

    def unmet(self, version: Version) -> Reason | None:
        """Return why *version* cannot be launched on its capacity provider, or None.

        (I) The names of the codes say when: the provider's instance types have no accelerator that is large enough.
        """
        accelerator, arn = version.configuration.accelerator, provider_arn_of(version.configuration)
        if accelerator is None or arn is None:
            return None
        provider = self.store.at(version.place).capacity_provider(arn)
        if provider is None or is_compatible(accelerator, provider.settings["InstanceRequirements"]):
            return None
        return reason("IncompatibleAcceleratorInstanceTypes")
