"""What a request scripts of a world: faults, handlers, and what functions depend on, as JSON says it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lambda_states_mock.dependencies.things import Thing, Things
from lambda_states_mock.engine.call_faults import CallPlace
from lambda_states_mock.engine.fault import Fault, FaultPlace
from lambda_states_mock.engine.operation_faults import OperationPlace
from lambda_states_mock.engine.phase_faults import PhasePlace
from lambda_states_mock.engine.poll_faults import PollPlace
from lambda_states_mock.errors import nearest
from lambda_states_mock.execution.crashes import RuntimeFault
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.mock import LambdaMock
from lambda_states_mock.server.control_table import NotUnderstood, length_from
from lambda_states_mock.server.control_views import Json
from lambda_states_mock.server.webhooks import Webhook, error_of

PLACES: Mapping[str, tuple[type[FaultPlace], str, tuple[str, ...], tuple[str, ...]]] = {
    "phase": (PhasePlace, "on_phase", ("function", "version", "kind"), ("fail", "take", "hang")),
    "call": (CallPlace, "on_call", ("function", "nth", "when"), ("error", "delay", "disconnect", "time_out")),
    "poll": (PollPlace, "on_poll", ("function", "shard"), ("error", "delay", "hang")),
    "operation": (OperationPlace, "on_operation", ("function",), ("fail", "crash", "hang", "lose_checkpoint")),
}
"""Where a fault is: its class, the method that chooses it, what narrows it down, and what can happen there."""
_GIVEN = frozenset({"self", "code", "seconds", "error_type"})
_LENGTHS = frozenset({"take", "delay"})
_ALONE = frozenset({"hang", "disconnect", "time_out", "crash", "lose_checkpoint"})
_BEHAVIOUR = ("returns", "error", "side_effect", "webhook")


def add_fault(mock: LambdaMock, said: Json) -> Fault:
    """Add the fault that *said* describes: ``{"phase": "create", "function": "orders", "fail": "SubnetOutOf..."}``.

    It need not fire, unless it says ``"required": true``. Raises NotUnderstood for what it does not know, and what the
    methods of ``m.faults`` raise.
    """
    place = _only(said, PLACES, "where it happens")
    kind, choose, scope, verbs = PLACES[place]
    verb = _only(said, verbs, f"what happens to a {place}")
    taken = {name: value for name, value in said.items() if name not in {place, verb, *scope}}
    known = [name for name in inspect.signature(getattr(kind, verb)).parameters if name not in _GIVEN]
    for name in taken:
        if name not in known:
            raise NotUnderstood(
                f'a fault has no "{name}" here:{nearest(name, known)} {verb} takes: {", ".join(known)}.'
            )
    value = length_from(said[verb]) if verb in _LENGTHS else said[verb]
    if "required" in known:
        taken.setdefault("required", False)
    chosen = getattr(mock.faults, choose)(said[place], **{name: said[name] for name in scope if name in said})
    fault: Fault = getattr(chosen, verb)(*([] if verb in _ALONE else [value]), **taken)
    return fault


def _only(said: Json, known: Any, what: str) -> str:
    found: list[str] = [name for name in known if name in said]
    if len(found) != 1:
        hints = {nearest(name, known) for name in said} - {""}
        raise NotUnderstood(
            f"a fault says {what} with one of {', '.join(known)}, not {' and '.join(found) or 'none'}"
            f"{';' + ''.join(sorted(hints)) if hints and not found else ''}"
        )
    return found[0]


def add_handler(mock: LambdaMock, target: str, said: Json) -> Handler:
    """Let *target* be answered as *said* has it: ``returns``, ``error``, ``side_effect`` or ``webhook``.

    Raises NotUnderstood for none or several of these, and what ``m.handler()`` raises.
    """
    given = [name for name in _BEHAVIOUR if name in said]
    if len(given) != 1:
        raise NotUnderstood(f"a handler has one of {', '.join(_BEHAVIOUR)}, not {' and '.join(given) or 'none'}")
    lengths: dict[str, Any] = {
        name: length_from(said[name]) for name in ("init", "duration", "restore") if name in said
    }
    return mock.backend.handlers.add(target, **_behaviour(given[0], said[given[0]]), **lengths)


def _behaviour(name: str, value: Any) -> dict[str, Any]:
    if name == "webhook":
        if not isinstance(value, str):
            raise NotUnderstood(f"a webhook is the address that is asked, not {value!r}")
        return {"call": Webhook(value)}
    if name == "error":
        return {"side_effect": _error(value)}
    if name == "side_effect":
        if not isinstance(value, list):
            raise NotUnderstood(f'side_effect is a list of {{"returns": ...}} and {{"error": ...}}, not {value!r}')
        return {"side_effect": [_effect(one) for one in value]}
    return {"returns": value}


def _effect(one: Any) -> Any:
    if isinstance(one, dict) and len(one) == 1 and "error" in one:
        return _error(one["error"])
    if isinstance(one, dict) and len(one) == 1 and "returns" in one:
        return one["returns"]
    raise NotUnderstood(f'an effect is {{"returns": ...}} or {{"error": {{"errorType": ...}}}}, not {one!r}')


def _error(said: Any) -> RuntimeFault:
    if not isinstance(said, dict) or not isinstance(said.get("errorType"), str):
        raise NotUnderstood(f'an error is {{"errorType": "...", "errorMessage": "..."}}, not {said!r}')
    return error_of(said["errorType"], str(said.get("errorMessage", "")), said.get("stackTrace", ()))


def change_world(mock: LambdaMock, said: Json) -> str:
    """Do to a resource, or to permissions, what *said* has: ``{"subnets": "subnet-1", "do": "exhaust"}``.

    ``args`` and ``options`` are those of the method. Return how the resource is now. Raises NotUnderstood for what the
    world does not know, and what the method raises.
    """
    world = mock.world
    kinds = {name: value for name, value in vars(world).items() if isinstance(value, (Things, Thing))}
    chosen = [name for name in kinds if name in said]
    if len(chosen) > 1:
        raise NotUnderstood(f"one resource at a time, not {' and '.join(chosen)}")
    do, resource = said.get("do"), None
    arguments, options = said.get("args", []), said.get("options", {})
    if not (isinstance(do, str) and isinstance(arguments, list) and isinstance(options, dict)):
        raise NotUnderstood(
            f'"do" is a name, "args" a list and "options" an object, not {do!r}, {arguments!r}, {options!r}'
        )
    if chosen:
        kind = kinds[chosen[0]]
        resource = kind[said[chosen[0]]] if isinstance(kind, Things) else kind
    methods: dict[Any, Callable[..., Any]]
    methods = _methods(resource) if resource is not None else {"deny": world.deny, "allow": world.allow}
    if do not in methods:
        strange = [name for name in said if name not in {*kinds, "do", "args", "options"}]
        unknown = strange or [do]
        hint = "".join(nearest(name, kinds if strange else methods) for name in unknown)
        known = f"do: {', '.join(sorted(methods))}; resources: {', '.join(sorted(kinds))}"
        raise NotUnderstood(f"the world does not know {', '.join(map(repr, unknown))}{hint and ';' + hint}. {known}")
    methods[do](*arguments, **options)
    return repr(resource if resource is not None else world)


def _methods(thing: Thing) -> dict[Any, Callable[..., Any]]:
    """Return what a test may do to *thing*, by name."""
    names = [name for name, value in inspect.getmembers(type(thing), inspect.isfunction) if not name.startswith("_")]
    return {name: getattr(thing, name) for name in names if name not in {"means", "has_passed", "is_lost"}}
