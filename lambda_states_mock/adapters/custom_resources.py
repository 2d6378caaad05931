"""Custom resources of a stack: a function makes, changes and deletes them, and answers to a URL.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from lambda_states_mock.adapters.custom_resource_answers import awaited
from lambda_states_mock.adapters.stack_calls import Made, Properties, Stack
from lambda_states_mock.adapters.stack_resources import ID, LOGICAL_ID, STACK_ID, Kind
from lambda_states_mock.errors import StackResourceError
from lambda_states_mock.event_sources.events.custom_resource import custom_resource_event, response_url

PHYSICAL = "PhysicalResourceId"
_ASKED = "__asked__"
_OURS = {ID, LOGICAL_ID, STACK_ID}


class _Anything(tuple[str, ...]):
    """The attributes of a custom resource: whatever its function answers."""

    def __contains__(self, name: object) -> bool:
        return True


def custom_kind(resource_type: str) -> Kind:
    """Return how resources of *resource_type*, ``Custom::...``, are made."""
    return Kind(
        partial(_make, resource_type),
        PHYSICAL,
        _Anything(),
        partial(_delete, resource_type),
        partial(_update, resource_type),
        replacing=("ServiceToken",),
    )


def _make(resource_type: str, stack: Stack, properties: Properties) -> Made:
    return _ask(stack, "Create", resource_type, properties)


def _update(resource_type: str, stack: Stack, new: Properties, old: Properties, made: Made) -> Made:
    before = {PHYSICAL: made[PHYSICAL], "OldResourceProperties": _given(old)}
    answer = _ask(stack, "Update", resource_type, new, before)
    if answer[PHYSICAL] != made[PHYSICAL]:  # the function has made another one in its place
        _delete(resource_type, stack, made)
    return answer


def _delete(resource_type: str, stack: Stack, made: Made) -> None:
    _ask(stack, "Delete", resource_type, made[_ASKED], {PHYSICAL: made[PHYSICAL]})


def _given(properties: Properties) -> Properties:
    return {name: _as_text(value) for name, value in properties.items() if name not in _OURS}


def _as_text(value: Any) -> Any:
    """Return *value* as CloudFormation sends it: numbers and booleans are texts."""
    if isinstance(value, Mapping):
        return {name: _as_text(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


def _ask(
    stack: Stack, request_type: str, resource_type: str, properties: Properties, more: Mapping[str, Any] | None = None
) -> Made:
    """Ask the function for something, wait for its answer, and return its data with the physical id.

    Raises StackResourceError where it answers that it has failed, or not within an hour.
    """
    request, logical_id, stack_id = stack.new_id(), properties[LOGICAL_ID], properties[STACK_ID]
    given = _given(properties)
    with awaited(request) as answer:
        event = custom_resource_event(
            request_type,
            resource_type,
            token=given["ServiceToken"],
            url=response_url(stack.region, stack_id, logical_id, request),
            stack_id=stack_id,
            request_id=request,
            logical_id=logical_id,
            properties=given,
            before=more,
        )
        stack.push(given["ServiceToken"], event)
        stack.wait(lambda: bool(answer), f'the function of "{logical_id}" answers')
    made = {**(answer.get("Data") or {}), _ASKED: properties}
    made[PHYSICAL] = answer.get(PHYSICAL) or (more or {}).get(PHYSICAL) or f"{logical_id}-{request[:12]}"
    if answer["Status"] == "FAILED":
        if request_type == "Create":
            stack.begin(made)
        said = answer.get("Reason", "See the details in CloudWatch Log Stream")
        raise StackResourceError(
            f"Received response status [FAILED] from custom resource. Message returned: {said} (RequestId: {request})"
        )
    return made
