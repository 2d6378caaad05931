"""What botocore's rules for endpoints are asked, gathered once for all calls of a client that ask the same.

botocore goes through all sources of each parameter at each call. Where none of these depends on the call, the
parameters are the client's; the rules themselves are botocore's, which remembers what they answer.
"""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import botocore.regions

from lambda_states_mock.adapters.botocore_hook import LAMBDA
from lambda_states_mock.adapters.patching import Patches

PLAIN = frozenset({"Region", "UseDualStack", "UseFIPS", "Endpoint"})
"""Parameters of which botocore keeps no account in the User-Agent of a call."""


class _Gathered:
    """The parameters of one client's calls, as long as nothing of this changes.

    Parameters: *resolver*, botocore's, of the client.

    Attributes: *listeners*, botocore's table of who listens to what, which it replaces when somebody begins to listen;
    *values*, those that parameters may have; *parameters*, None as long as nobody has asked; *is_of_client*, whether
    all calls ask the same.
    """

    __slots__ = ("is_of_client", "listeners", "parameters", "values")

    def __init__(self, resolver: Any) -> None:
        emitter, service = resolver._event_emitter._emitter, resolver._service_model
        self.listeners = emitter._lookup_cache
        self.values = [*resolver._builtins.values()]
        self.parameters: dict[str, Any] | None = None
        event = f"before-endpoint-resolution.{service.service_id.hyphenize()}"
        self.is_of_client = (
            service.metadata["endpointPrefix"] == LAMBDA
            and PLAIN.issuperset(resolver._param_definitions)
            and not service.client_context_parameters
            and not any(callable(resolver._builtins.get(one.builtin)) for one in resolver._param_definitions.values())
            and not list(emitter._handlers.prefix_search(event))
        )


def install(patches: Patches) -> None:
    """Let botocore remember such parameters until *patches* are restored."""
    resolver: Any = botocore.regions.EndpointRulesetResolver
    gather = resolver._get_provider_params
    known: WeakKeyDictionary[Any, _Gathered] = WeakKeyDictionary()

    def parameters(self: Any, operation_model: Any, call_args: Any, request_context: Any) -> Any:
        gathered = known.get(self)
        if (
            gathered is None
            or gathered.listeners is not self._event_emitter._emitter._lookup_cache
            or gathered.values != [*self._builtins.values()]
        ):
            gathered = known[self] = _Gathered(self)
        of_call = operation_model.static_context_parameters or operation_model.context_parameters
        if of_call or getattr(operation_model, "operation_context_parameters", None) or not gathered.is_of_client:
            return gather(self, operation_model, call_args, request_context)
        if gathered.parameters is None:
            gathered.parameters = gather(self, operation_model, call_args, request_context)
        return gathered.parameters.copy()

    patches.set(resolver, "_get_provider_params", parameters)
