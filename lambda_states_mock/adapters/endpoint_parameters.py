"""The endpoint to which the calls of a client go, resolved once for all calls that ask botocore's rules the same.

botocore goes through all sources of each parameter of its rules at each call. Where none of these depends on the call,
the endpoint is the client's.
"""

from __future__ import annotations

import logging
from typing import Any
from weakref import WeakKeyDictionary

import botocore.endpoint_provider
import botocore.regions

from lambda_states_mock import private_names
from lambda_states_mock.adapters.botocore_hook import LAMBDA
from lambda_states_mock.adapters.listeners import emitter_of, listeners_to, table_of
from lambda_states_mock.adapters.patching import Patches

PLAIN = frozenset({"Region", "UseDualStack", "UseFIPS", "Endpoint"})
"""Parameters of which botocore keeps no account in the User-Agent of a call."""
_LOG = logging.getLogger("botocore.regions")


class _Endpoint:
    """That of one client, as long as nothing of this changes.

    Parameters: *resolver*, botocore's, of the client; *service*, its model.

    Attributes: *emitter* and *table*, who listens to what; *builtins* and *values*, those that parameters may have, now
    and as they were; *resolved*, None as long as nobody has asked; *is_of_client*, whether all calls ask the same.
    """

    __slots__ = ("builtins", "emitter", "is_of_client", "resolved", "table", "values")

    def __init__(self, resolver: Any, service: Any) -> None:
        self.emitter = emitter_of(resolver)
        self.table = table_of(self.emitter)
        self.builtins = _dict_of(resolver, botocore.regions.EndpointResolverBuiltins)
        self.values = [*self.builtins.values()]
        self.resolved: Any = None
        parameters = _dict_of(resolver, botocore.endpoint_provider.ParameterDefinition)
        self.is_of_client = (
            PLAIN.issuperset(parameters)
            and not service.client_context_parameters
            and not any(callable(self.builtins.get(one.builtin)) for one in parameters.values())
            and not listeners_to(self.emitter, f"before-endpoint-resolution.{service.service_id.hyphenize()}")
        )


def _dict_of(resolver: Any, kind: type) -> dict[Any, Any]:
    """Return the dict that *resolver* keeps of what is a *kind*, as key or as value. Raises AttributeError without."""
    for kept in vars(resolver).values():
        if isinstance(kept, dict) and any(isinstance(one, kind) for one in (*kept, *kept.values())):
            return kept
    raise AttributeError(f"{type(resolver).__name__} keeps no {kind.__name__}")


def install(patches: Patches) -> None:
    """Let botocore remember such endpoints until *patches* are restored."""
    if not private_names.allows("adapters.listeners"):
        return
    resolver: Any = botocore.regions.EndpointRulesetResolver
    resolve = resolver.construct_endpoint
    known: WeakKeyDictionary[Any, _Endpoint] = WeakKeyDictionary()

    def construct_endpoint(self: Any, operation_model: Any, call_args: Any, request_context: Any) -> Any:
        service = operation_model.service_model
        of_call = operation_model.static_context_parameters or operation_model.context_parameters
        if (
            service.metadata["endpointPrefix"] != LAMBDA
            or of_call
            or getattr(operation_model, "operation_context_parameters", None)
            or _LOG.isEnabledFor(logging.DEBUG)
        ):
            return resolve(self, operation_model, call_args, request_context)
        endpoint = known.get(self)
        if (
            endpoint is None
            or endpoint.table is not table_of(endpoint.emitter)
            or endpoint.values != [*endpoint.builtins.values()]
        ):
            try:
                endpoint = known[self] = _Endpoint(self, service)
            except AttributeError:  # another version of botocore, or a client that is put together in another way
                return resolve(self, operation_model, call_args, request_context)
        if not endpoint.is_of_client:
            return resolve(self, operation_model, call_args, request_context)
        if endpoint.resolved is None:
            endpoint.resolved = resolve(self, operation_model, call_args, request_context)
        return endpoint.resolved._replace(headers={**endpoint.resolved.headers})

    patches.set(resolver, "construct_endpoint", construct_endpoint)
