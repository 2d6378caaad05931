"""All lifecycles, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lambda_states_mock.states.capacity_provider import CAPACITY_PROVIDER
from lambda_states_mock.states.durable_execution import DURABLE_EXECUTION
from lambda_states_mock.states.durable_operation import DURABLE_OPERATION
from lambda_states_mock.states.event_source_mapping import EVENT_SOURCE_MAPPING
from lambda_states_mock.states.execution_environment import EXECUTION_ENVIRONMENT
from lambda_states_mock.states.extension_api import EXTENSION_API
from lambda_states_mock.states.function import FUNCTION, VERSION
from lambda_states_mock.states.last_update import LAST_UPDATE
from lambda_states_mock.states.lifecycle import Lifecycle
from lambda_states_mock.states.network_interface import NETWORK_INTERFACE
from lambda_states_mock.states.polled_batch import POLLED_BATCH
from lambda_states_mock.states.provisioned_concurrency import PROVISIONED_CONCURRENCY
from lambda_states_mock.states.runtime_api import RUNTIME_API
from lambda_states_mock.states.scaling import SCALING

LIFECYCLES: Mapping[str, Lifecycle[Any, Any]] = MappingProxyType(
    {
        "function": FUNCTION,
        "last-update": LAST_UPDATE,
        "version": VERSION,
        "network-interface": NETWORK_INTERFACE,
        "event-source-mapping": EVENT_SOURCE_MAPPING,
        "polled-batch": POLLED_BATCH,
        "provisioned-concurrency": PROVISIONED_CONCURRENCY,
        "capacity-provider": CAPACITY_PROVIDER,
        "scaling": SCALING,
        "execution-environment": EXECUTION_ENVIRONMENT,
        "durable-execution": DURABLE_EXECUTION,
        "durable-operation": DURABLE_OPERATION,
        "runtime-api": RUNTIME_API,
        "extension-api": EXTENSION_API,
    }
)
