"""What a deployer has left in a world, compared with what was wanted. It looks past the API, so nothing disturbs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lambda_states_mock.live_view import FunctionView
from lambda_states_mock.mock import LambdaMock
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.shapes.views import listed_view
from lambda_states_mock.states.event_source_mapping import EVENT_SOURCE_MAPPING

if TYPE_CHECKING:
    from lambda_states_mock.testing.deployments import Wanted

IS_GOOD = frozenset({("Active", None), ("Inactive", "Idle"), ("ActiveNonInvocable", None)})
"""``State`` and ``StateReasonCode`` of what can be used: an Invoke wakes what is idle."""


def unmet_in(mock: LambdaMock, wanted: Wanted) -> list[str]:
    """Return in words what is not as *wanted*. Parameters: *wanted*, as ``expect`` of `check_deployer`."""
    if callable(wanted):
        return _unmet_by(mock, wanted)
    if isinstance(wanted, str):
        wanted = {wanted: {}}
    if wanted is None:
        partition = mock.backend.service.store.at(mock.backend.home)
        wanted = {function.name: {} for function in partition.functions}
    return [text for name, members in wanted.items() for text in _unmet_of(mock, name, members)]


def _unmet_by(mock: LambdaMock, asks: Callable[[LambdaMock], object]) -> list[str]:
    try:
        answer = asks(mock)
    except (AssertionError, LookupError) as error:
        return [str(error).partition("\n")[0] or f"{type(error).__name__} in expect"]
    return ["expect answers False"] if answer is False else []


def _unmet_of(mock: LambdaMock, name: str, members: Mapping[str, Any]) -> list[str]:
    view = mock.function(name)
    if not view.exists:
        return [f"{name} does not exist"]
    texts = _unready(view)
    if view.last_update_status != "Successful":
        code = f" ({view.last_update_status_reason_code})" if view.last_update_status_reason_code else ""
        texts.append(f"the last update of {name} is {view.last_update_status}{code}")
    partition = mock.backend.service.store.at(mock.backend.home)
    version = partition.version(name, LATEST)
    assert version is not None
    found = listed_view(version)
    texts += [
        f"{name} has {member} {found.get(member)!r}, not {value!r}"
        for member, value in members.items()
        if found.get(member) != value
    ]
    for number in view.versions:
        if view.version(number).state == "Pending":
            texts.append(f"{name}:{number} is still Pending")
    for alias in partition.aliases.under((name,)):
        for number in (alias.function_version, *alias.weights):
            if number != LATEST:
                texts += [
                    f"alias {alias.name} leads to what is not ready: {text}" for text in _unready(view.version(number))
                ]
    return texts


def _unready(view: FunctionView) -> list[str]:
    code = view.state_reason_code
    if (view.state, code) in IS_GOOD:
        return []
    label = view.name if view.number == LATEST else f"{view.name}:{view.number}"
    return [f"{label} is {view.state}" + (f" ({code})" if code else "")]


def versions_in(mock: LambdaMock) -> dict[str, list[str]]:
    """Return the numbers of the published versions, by function."""
    functions = mock.backend.service.store.at(mock.backend.home).functions
    return {function.name: mock.function(function.name).versions for function in functions}


def leftovers_in(mock: LambdaMock) -> list[str]:
    """Return in words what is there and of no use."""
    service = mock.backend.service
    texts = []
    for partition in service.store:
        for function in partition.functions:
            aliases = partition.aliases.under((function.name,))
            reached = {number for alias in aliases for number in (alias.function_version, *alias.weights)}
            view = mock.function(function.name)
            texts += [
                f"version {number} of {function.name}, which is Failed"
                for number in view.versions
                if view.version(number).state == "Failed"
            ]
            texts += [
                f"provisioned concurrency of version {kept.qualifier} of {function.name}, to which no alias leads"
                for kept in partition.provisioned.under((function.name,))
                if kept.qualifier.isdecimal() and aliases and kept.qualifier not in reached
            ]
        for mapping in partition.event_source_mappings:
            name = mapping.function_arn.split(":")[6]
            if name not in partition.functions:
                texts.append(f"a mapping of {mapping.source.arn}, whose function {name} is gone")
            elif service.registry.of(EVENT_SOURCE_MAPPING, mapping.arn).shown == "Disabled":
                texts.append(f"a mapping of {mapping.source.arn} to {name}, which is Disabled")
    return texts
