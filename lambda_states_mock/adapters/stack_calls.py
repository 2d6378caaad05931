"""The API as a stack of CloudFormation calls it: in an account and region, and waiting for what it has asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.api_model import Shape, operation_model
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.errors import ClockError, StackResourceError
from lambda_states_mock.event_sources.pushes import Pusher, PushRefusedError
from lambda_states_mock.resources.arn import LATEST, Place
from lambda_states_mock.states.event_source_mapping import EVENT_SOURCE_MAPPING, MappingState
from lambda_states_mock.states.provisioned_concurrency import PROVISIONED_CONCURRENCY, ProvisioningState

LONGEST_WAIT = 3600
"""Seconds: how long CloudFormation lets a resource become ready."""

_MAPPING_AT_REST = {MappingState.ABSENT, MappingState.ENABLED, MappingState.DISABLED}

Properties = dict[str, Any]
Made = Mapping[str, Any]


class Stack:
    """The API as a stack calls it: in an account and region, and waiting for what it has asked for.

    Attributes: *begun*, what has been made though it is not ready yet.
    """

    def __init__(self, account: str, region: str) -> None:
        mock = active_mocks.innermost()
        assert mock is not None
        self._backend = mock.backend
        self._place = Place(account, region)
        self.begun: Made | None = None

    @property
    def region(self) -> str:
        """Where the stack is."""
        return self._place.region

    def new_id(self) -> str:
        """Return an id that nothing else has."""
        return self._backend.chance.uuid()

    def begin(self, made: Made) -> Made:
        """Remember that *made* is there, to be deleted should it not become ready; return it."""
        self.begun = made
        return made

    def call(self, operation: str, params: Mapping[str, Any]) -> Made:
        """Call *operation* with those of *params* that it has, of the types that it wants.

        Raises StackResourceError where a fault breaks the connection: moto's CloudFormation does not call again.
        """
        shape = operation_model(operation).input_shape
        known = {name: value for name, value in params.items() if name in shape.members}
        account, region = self._place.account, self._place.region
        try:
            return self._backend.call(operation, _typed(shape, known), account=account, region=region)
        except BrokenConnection as broken:
            raise StackResourceError(f"CloudFormation got no answer to {operation}: {broken}") from None

    def settle(self, name: str, number: str = LATEST) -> None:
        """Wait until the function or version is ready. Raises StackResourceError when it fails, or never is."""
        lifecycle = self._backend.service.lifecycles.of(self._place, name, number)

        def is_ready() -> bool:
            return lifecycle.shown != "Pending" and lifecycle.last_update_status != "InProgress"

        self.wait(is_ready, f'function "{name}" is ready')
        shown = lifecycle.at()
        if "Failed" in (shown.state, shown.last_update_status):
            reason = shown.reason if shown.state == "Failed" else shown.update_reason
            raise StackResourceError(f'function "{name}" failed: {reason.code if reason else "unknown"}')

    def settle_mapping(self, arn: str) -> None:
        """Wait until the event source mapping is enabled, disabled or gone. Raises StackResourceError if it is not."""
        machine = self._backend.service.registry.find(EVENT_SOURCE_MAPPING, arn)
        if machine is not None:
            self.wait(lambda: machine.state in _MAPPING_AT_REST, f'event source mapping "{machine.label}" is ready')

    def settle_provisioned(self, function: str, qualifier: str) -> None:
        """Wait until the provisioned concurrency is allocated. Raises StackResourceError when it fails, or never is."""
        arn = self._place.function_arn(function, qualifier)
        machine = self._backend.service.registry.of(PROVISIONED_CONCURRENCY, arn)
        what = f"provisioned concurrency of {arn}"
        self.wait(lambda: machine.state is not ProvisioningState.IN_PROGRESS, f"{what} is there")
        if machine.state is ProvisioningState.FAILED:
            raise StackResourceError(f"{what} failed")

    def push(self, function_arn: str, event: Mapping[str, Any]) -> None:
        """Send *event* to a function, asynchronously. Raises StackResourceError where Lambda does not take it."""
        pusher = Pusher("CloudFormation", "cloudformation.amazonaws.com", account=self._place.account, has_role=True)
        try:
            self._backend.pushes.send(pusher, function_arn, json.dumps(event).encode())
        except PushRefusedError as refused:
            raise StackResourceError(f"CloudFormation cannot invoke {function_arn}: {refused}") from None

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        """Let the clock go on until *ready* is true. Raises StackResourceError after an hour."""
        try:
            self._backend.clock.advance_until(ready, within=LONGEST_WAIT)
        except ClockError as error:
            raise StackResourceError(f"CloudFormation waits for an hour until {what}: {error}") from None

    def retag(self, arn: str, new: Properties, old: Properties) -> None:
        """Give what has *arn* the tags of the *new* properties in place of those of the *old*."""
        wanted, had = tags_of(new), tags_of(old)
        if wanted and wanted != had:
            self.call("TagResource", {"Resource": arn, "Tags": wanted})
        if gone := sorted(had.keys() - wanted.keys()):
            self.call("UntagResource", {"Resource": arn, "TagKeys": gone})


def _typed(shape: Shape, value: Any) -> Any:
    """Return *value*, of a template, as the type of *shape*: templates may write numbers and booleans as text."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {name: _typed(shape.members[name], one) for name, one in value.items() if name in shape.members}
    if shape.type_name == "list" and isinstance(value, list):
        return [_typed(shape.member, one) for one in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {str(name): _typed(shape.value, one) for name, one in value.items()}
    if isinstance(value, str) and shape.type_name in {"integer", "long"}:
        return int(value)
    if isinstance(value, str) and shape.type_name == "boolean":
        return value.lower() == "true"
    return str(value) if shape.type_name == "string" and not isinstance(value, (str, dict, list)) else value


def tags_of(properties: Properties) -> dict[str, str]:
    """Return the tags of a template as the API has them."""
    return {tag["Key"]: tag["Value"] for tag in properties.get("Tags") or ()}
