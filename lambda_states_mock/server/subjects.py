"""What a read is about, and which timers are due for that.

Each timer is called after what it is for: the label of its state machine, and then the phase (``orders create``).
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from lambda_states_mock.clock import Timer
from lambda_states_mock.mock import LambdaMock
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.resources.arn import LATEST, Place, function_reference
from lambda_states_mock.resources.capacity_provider import provider_name_of
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire import HttpRequest, parse, route

_EXECUTION = compile_later(r".*:function:(?P<function>[^:/]+)(?::[^:/]+)?/durable-execution/(?P<name>[^/]+)")


class Subject(NamedTuple):
    """What a read is about. Parameters: *label*, a pattern of the labels of its timers, None for whatever there is."""

    label: re.Pattern[str] | None

    def next_timer(self, mock: LambdaMock) -> Timer | None:
        """Return its next timer, of those that end; None where it waits for nothing."""
        for timer in mock.clock.pending:
            if not timer.background and (self.label is None or self.label.match(timer.label)):
                return timer
        return None


def subject_of(mock: LambdaMock, request: HttpRequest, place: Place) -> Subject | None:
    """Return what *request* is about; None for one that is no read of an operation. *place*: where it goes to."""
    if request.method != "GET":
        return None
    try:
        operation = route(request)
        params = parse(operation, request)
    except ServiceError:
        return None
    names = _names(mock, params, place)
    if names is None:
        return Subject(None)
    where = re.escape(place.seen_from(mock.backend.home))
    return Subject(re.compile(rf"(?:{'|'.join(names)}){where} "))


def _names(mock: LambdaMock, params: dict[str, Any], place: Place) -> list[str] | None:
    """Return patterns of what the state machines are called that a read with *params* is about; None for all."""
    if "UUID" in params:
        mapping = mock.backend.service.store.at(place).event_source_mappings.get(params["UUID"])
        return [re.escape(f"{mapping.source.name} -> {mapping.function}")] if mapping is not None else []
    if "DurableExecutionArn" in params:
        named = _EXECUTION.match(params["DurableExecutionArn"])
        # An execution is called by its name, and its operations are called after it.
        return [re.escape(f"{named['function']} execution {named['name']}") + ".*"] if named else []
    if "CapacityProviderName" in params:
        return [re.escape(f"capacity provider {provider_name_of(params['CapacityProviderName'])}")]
    reference = function_reference(str(params.get("FunctionName", "")))
    if reference is None:
        return None
    qualifier = reference.qualifier or params.get("Qualifier")
    name = re.escape(reference.name)
    if qualifier in {None, LATEST}:
        return [f"{name}(?::[^ ]+)?"] if qualifier is None else [name]
    alias = mock.backend.service.store.at(place).aliases.get((reference.name, qualifier))
    numbers = {qualifier} if alias is None else {qualifier, alias.function_version, *alias.weights}
    return [name if number == LATEST else f"{name}:{re.escape(number)}" for number in sorted(numbers)]
