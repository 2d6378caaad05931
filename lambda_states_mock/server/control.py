"""What whoever runs the test can ask of a world, below ``/_lambda_states_mock``: each thing is a row of `ENDPOINTS`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from lambda_states_mock.engine.timings import Key, Timings
from lambda_states_mock.errors import LambdaMockError, UnknownNameError, nearest
from lambda_states_mock.instants import iso
from lambda_states_mock.server.control_table import PREFIX, Endpoint, Input, NotUnderstood, length_from
from lambda_states_mock.server.control_views import (
    call_view,
    clock_view,
    fault_view,
    functions_view,
    invocation_view,
    timer_view,
)
from lambda_states_mock.server.exchange import Asked, Reply, in_json, refused
from lambda_states_mock.server.scripted import add_fault, add_handler, change_world
from lambda_states_mock.server.worlds import ServedWorld, Worlds
from lambda_states_mock.service_errors import ServiceError

__all__ = ["ENDPOINTS", "PREFIX", "answer_control"]

Given = Mapping[str, Any]

# -- what each of them does


def _health(worlds: Worlds, _world: ServedWorld, _given: Given) -> Any:
    from lambda_states_mock import __version__

    return {"status": "ok", "version": __version__, "worlds": sorted(world.name for world in worlds)}


def _openapi(_worlds: Worlds, _world: ServedWorld, _given: Given) -> Any:
    from lambda_states_mock.server.openapi import document

    return document(ENDPOINTS)


def _clock(_worlds: Worlds, world: ServedWorld, _given: Given) -> Any:
    return clock_view(world.mock)


def _advance(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    world.mock.clock.advance(length_from(given["by"]))
    return clock_view(world.mock)


def _advance_to(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    world.mock.clock.advance_to(given["to"])
    return clock_view(world.mock)


def _run_until_idle(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    within = {"within": length_from(given["within"])} if "within" in given else {}
    world.mock.clock.run_until_idle(**within)
    return clock_view(world.mock)


def _step(_worlds: Worlds, world: ServedWorld, _given: Given) -> Any:
    timer = world.mock.clock.step()
    return {"ran": None if timer is None else timer_view(timer), **clock_view(world.mock)}


def _reset(worlds: Worlds, world: ServedWorld, _given: Given) -> Any:
    worlds.reset(world.name)
    return clock_view(worlds.named(world.name).mock)


def _worlds(worlds: Worlds, _world: ServedWorld, _given: Given) -> Any:
    return [{"name": one.name, "now": iso(one.mock.clock.now)} for one in worlds]


def _end_world(worlds: Worlds, _world: ServedWorld, given: Given) -> Any:
    worlds.end(given["world"])
    return None


def _functions(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    return list(functions_view(world.mock, unmasked=given.get("unmasked", False)))


def _function(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    view = world.mock.function(given["name"])
    _ = view.state  # an error that names the nearest, where there is no such function
    shown = functions_view(world.mock, unmasked=given.get("unmasked", False))
    return next(one for one in shown if one["arn"] == view.arn)


def _idle(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    world.mock.function(given["name"]).idle()
    return _function(_worlds, world, {"name": given["name"]})


def _timings(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    timings = world.mock.timings
    _set_timings(timings, given.get("timings") or {})
    return {key if isinstance(key, str) else ",".join(key): seconds for key, seconds in timings.items()}


def _timings_of(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    timings = world.mock.function(given["name"]).timings
    return {name: timings[key] for name, key in _set_timings(timings, given["timings"]).items()}


def _set_timings(timings: Timings, given: Given) -> Mapping[str, Key]:
    """Set what is *given* by phase or ``phase,kind``, all of it or nothing; return the keys by these names."""
    keys: dict[str, Key] = {}
    for name in given:
        phase, _, kind = name.partition(",")
        keys[name] = (phase, kind.strip()) if kind else phase
    wanted = {keys[name]: length_from(length).total_seconds() for name, length in given.items()}
    Timings(parent=timings).update(wanted)  # raises for the first that is wrong
    timings.update(wanted)
    return keys


def _faults(_worlds: Worlds, world: ServedWorld, _given: Given) -> Any:
    return [fault_view(number, fault) for number, fault in enumerate(world.mock.faults)]


def _add_fault(worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    add_fault(world.mock, given["fault"])
    return _faults(worlds, world, given)[-1]


def _clear_faults(worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    if "id" not in given:
        world.mock.faults.clear()
        return []
    known = list(world.mock.faults)
    number = given["id"]
    if not 0 <= number < len(known):
        raise UnknownNameError(f"there is no fault {number}: there are {len(known)}, counted from 0")
    known[int(number)].remove()
    return _faults(worlds, world, given)


def _handlers(_worlds: Worlds, world: ServedWorld, _given: Given) -> Any:
    return [repr(handler) for handler in world.mock.backend.handlers]


def _set_handler(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    return repr(
        add_handler(world.mock, given["target"], {key: value for key, value in given.items() if key != "target"})
    )


def _remove_handler(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    found = [one for one in world.mock.backend.handlers if one.target == given["target"]]
    if not found:
        known = world.mock.backend.handlers.names
        raise UnknownNameError(f'there is no handler for "{given["target"]}":{nearest(given["target"], known)}')
    for handler in found:
        handler.remove()
    return None


def _change_world(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    return {"is": change_world(world.mock, given["change"])}


def _calls(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    calls = world.mock.calls.of(given["operation"]) if "operation" in given else world.mock.calls
    return [call_view(call, unmasked=given.get("unmasked", False)) for call in calls]


def _invocations(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    return [invocation_view(one) for one in world.mock.invocations(given["name"])]


def _timeline(_worlds: Worlds, world: ServedWorld, given: Given) -> Any:
    timeline = world.mock.timeline.of(given["of"]) if "of" in given else world.mock.timeline
    return timeline.to_json(secrets=given.get("unmasked", False))


# -- the table

_NAME = Input("name", "text", "the name of a function, name:version or an ARN", required=True)
_UNMASKED = Input("unmasked", "yes", "whether the values of environment variables are shown")
_TIMINGS = Input("timings", "body", 'lengths by phase or "phase,kind": {"create": "45s"}', required=True)
_TARGET = Input("target", "text", "a name, name:alias, name:version or an ARN", required=True)
_LENGTHS = (
    Input("init", "length", "of a cold start"),
    Input("duration", "length", "of a run"),
    Input("restore", "length", "of restoring a snapshot"),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("health", "GET", "/health", "tell whether the server answers", _health),
    Endpoint("openapi", "GET", "/openapi.json", "describe all this", _openapi),
    Endpoint("clock", "GET", "/clock", "show where the clock stands, and what is pending", _clock),
    Endpoint(
        "clock advance",
        "POST",
        "/clock/advance",
        "move the clock on, and run all that falls due",
        _advance,
        (Input("by", "length", "how long: seconds, or 15d, 1h30m, 2.5s", required=True),),
    ),
    Endpoint(
        "clock advance-to",
        "POST",
        "/clock/advance_to",
        "move the clock to a time",
        _advance_to,
        (Input("to", "text", "an ISO time with a zone", required=True),),
    ),
    Endpoint(
        "clock run-until-idle",
        "POST",
        "/clock/run_until_idle",
        "move the clock until nothing is under way",
        _run_until_idle,
        (Input("within", "length", "how long at most; a year by default"),),
    ),
    Endpoint("clock step", "POST", "/clock/step", "run the next timer alone", _step),
    Endpoint("reset", "POST", "/reset", "let the world begin anew", _reset),
    Endpoint("worlds", "GET", "/worlds", "list the worlds of the server", _worlds),
    Endpoint(
        "worlds end",
        "DELETE",
        "/worlds/{world}",
        "end a world",
        _end_world,
        (Input("world", "text", "its name", required=True),),
    ),
    Endpoint(
        "functions", "GET", "/functions", "list functions and versions with their states", _functions, (_UNMASKED,)
    ),
    Endpoint("functions show", "GET", "/functions/{name}", "show one function", _function, (_NAME, _UNMASKED)),
    Endpoint("functions idle", "POST", "/functions/{name}/idle", "let a function fall idle now", _idle, (_NAME,)),
    Endpoint(
        "functions timings",
        "PUT",
        "/functions/{name}/timings",
        "set how long its phases take",
        _timings_of,
        (_NAME, Input("timings", "body", 'lengths by phase: {"create": "45s"}', required=True)),
    ),
    Endpoint("timings", "GET", "/timings", "show how long phases take, in seconds", _timings),
    Endpoint("timings set", "PUT", "/timings", "set how long phases take", _timings, (_TIMINGS,)),
    Endpoint("faults", "GET", "/faults", "list the faults", _faults),
    Endpoint(
        "faults add",
        "POST",
        "/faults",
        "script a fault",
        _add_fault,
        (
            Input(
                "fault",
                "body",
                '{"phase": "create", "function": "orders", "fail": "SubnetOutOfIPAddresses"}',
                required=True,
            ),
        ),
    ),
    Endpoint(
        "faults clear",
        "DELETE",
        "/faults",
        "take faults back",
        _clear_faults,
        (Input("id", "number", "of one fault; all by default"),),
    ),
    Endpoint("handlers", "GET", "/handlers", "list the handlers", _handlers),
    Endpoint(
        "handlers set",
        "PUT",
        "/handlers/{target}",
        "say what a function does, in place of its code",
        _set_handler,
        (
            _TARGET,
            Input("returns", "json", "the result of each invocation"),
            Input("error", "json", 'its error: {"errorType": "ValueError", "errorMessage": "no"}'),
            Input("side_effect", "json", 'for each invocation {"returns": ...} or {"error": ...}'),
            Input("webhook", "text", "an address that is posted the event, and answers with the result"),
            *_LENGTHS,
        ),
    ),
    Endpoint("handlers remove", "DELETE", "/handlers/{target}", "take a handler back", _remove_handler, (_TARGET,)),
    Endpoint(
        "world",
        "POST",
        "/world",
        "change what functions depend on, or what callers may do",
        _change_world,
        (
            Input(
                "change",
                "body",
                '{"subnets": "subnet-1", "do": "exhaust"} or {"do": "deny", "args": ["lambda:Get*"]}',
                required=True,
            ),
        ),
    ),
    Endpoint(
        "calls",
        "GET",
        "/calls",
        "list the API calls",
        _calls,
        (Input("operation", "text", "of one operation"), _UNMASKED),
    ),
    Endpoint("invocations", "GET", "/invocations/{name}", "list the invocations of a function", _invocations, (_NAME,)),
    Endpoint(
        "timeline",
        "GET",
        "/timeline",
        "list the changes of state",
        _timeline,
        (Input("of", "text", "a function, or name:version"), _UNMASKED),
    ),
)


# -- a request


def answer_control(worlds: Worlds, world: ServedWorld, asked: Asked, target: str) -> Reply:
    """Reply a request that is for whoever runs the test. Parameters: *target*, with the prefix of all these."""
    path, _, query = target.removeprefix(PREFIX).partition("?")
    found = [(one, values) for one in ENDPOINTS if (values := one.match(path or "/")) is not None]
    method = "GET" if asked.method == "HEAD" else asked.method
    endpoint, values = next(((one, values) for one, values in found if one.method == method), (None, {}))
    if endpoint is None and found:
        allowed = ", ".join(sorted({one.method for one, _ in found}))
        return refused(405, "MethodNotAllowed", f"{path} takes {allowed}, not {method}").having(("allow", allowed))
    if endpoint is None:
        known = list(dict.fromkeys(one.path for one in ENDPOINTS))
        hint = nearest(path, known)
        said = f"there is no {asked.target}:{hint} There are, below {PREFIX}: {', '.join(known)}."
        return refused(404, "UnknownNameError", said)
    in_path = {name: unquote(value) for name, value in values.items()}
    return _done(endpoint, worlds, world, lambda: _fields(endpoint, in_path, asked, query))


def _done(endpoint: Endpoint, worlds: Worlds, world: ServedWorld, fields: Callable[[], Given]) -> Reply:
    """Do what *endpoint* does with the *fields* that a request gives; what is wrong with them is in the answer."""
    try:
        world.mock.backend.check_active("a request")
        given = fields()
        with world.answering():
            return in_json(endpoint.do(worlds, world, given))
    except ServiceError as error:
        return refused(error.status or 400, error.code, error.message or "")
    except Exception as mistake:  # also of code of the test, which a timer has run
        is_known = isinstance(mistake, (LambdaMockError, LookupError, TypeError, ValueError, RecursionError))
        text = str(mistake) if is_known else f"{type(mistake).__name__}: {mistake}"
        return refused(404 if isinstance(mistake, LookupError) else 400, _kind(mistake), text)


def _kind(error: Exception) -> str:
    return type(error).__name__ if isinstance(error, LambdaMockError) else "BadRequest"


def _fields(endpoint: Endpoint, in_path: Given, asked: Asked, query: str) -> Given:
    """Return the fields that a request gives. Raises NotUnderstood for a missing, an unknown or a wrong one."""
    if endpoint.in_query:
        given: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    else:
        if query:
            raise NotUnderstood(f"give what is in the query, {query!r}, as JSON in the body")
        given = _object(asked.body)
        whole = next((one for one in endpoint.fields if one.kind == "body"), None)
        if whole is not None:
            given = {whole.name: given}
    known = {one.name: one for one in endpoint.fields}
    for name in given:
        if name not in known:
            raise NotUnderstood(
                f'there is no "{name}" here:{nearest(name, known)} There are: {", ".join(known) or "none"}'
            )
    given = {**given, **in_path}
    for name, one in known.items():
        if one.required and name not in given:
            raise NotUnderstood(f'"{name}" is missing: {one.what}')
    return {name: _value(known[name], value) for name, value in given.items()}


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"the body is a JSON object, and this is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise NotUnderstood(f"the body is a JSON object, not {type(found).__name__}")
    return found


def _value(field: Input, value: Any) -> Any:
    if field.kind == "text" and not isinstance(value, str):
        raise NotUnderstood(f'"{field.name}" is text, not {value!r}')
    if field.kind == "number":
        try:
            return int(value)
        except (TypeError, ValueError):
            raise NotUnderstood(f'"{field.name}" is a whole number, not {value!r}') from None
    if field.kind == "yes":
        if value not in (True, False, "1", "0", "true", "false", ""):
            raise NotUnderstood(f'"{field.name}" is true or false, not {value!r}')
        return value not in (False, "0", "false")
    return value
