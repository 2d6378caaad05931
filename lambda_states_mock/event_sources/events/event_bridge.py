"""The events of EventBridge (recorded), and what the inputs of a target make of them.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lambda_states_mock.instants import iso_milliseconds, iso_seconds
from lambda_states_mock.patterns import compile_later

Event = Mapping[str, Any]

_VARIABLE = compile_later(r"<([\w.-]+)>")
_STEP = compile_later(r"\.([^.\[]+)|\[(\d+)\]|\['([^']+)'\]")


def event_bridge_event(
    source: str,
    detail_type: str,
    detail: Mapping[str, Any],
    *,
    identifier: str,
    account: str,
    region: str,
    at: datetime,
    resources: list[str] | None = None,
) -> dict[str, Any]:
    """Return an event as a bus hands it to its rules. Parameters: *identifier*, a UUID, as PutEvents answers it."""
    return {
        "version": "0",
        "id": identifier,
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": iso_seconds(at),
        "region": region,
        "resources": resources or [],
        "detail": dict(detail),
    }


def scheduled_event(rule_arn: str, *, identifier: str, account: str, region: str, at: datetime) -> dict[str, Any]:
    """Return the event of a rule with a schedule."""
    return event_bridge_event(
        "aws.events",
        "Scheduled Event",
        {},
        identifier=identifier,
        account=account,
        region=region,
        at=at,
        resources=[rule_arn],
    )


def target_input(target: Mapping[str, Any], event: Event, *, rule_arn: str, now: datetime) -> str:
    """Return the JSON that a target gets of *event*: as its Input, InputPath or InputTransformer says.

    Parameters: *target*, as in PutTargets; *rule_arn* and *now*, for the variables that EventBridge knows itself.
    """
    if (given := target.get("Input")) is not None:
        return str(given)
    if path := target.get("InputPath"):
        return json.dumps(_found(event, path))
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(event)
    values = {name: _found(event, path) for name, path in (transformer.get("InputPathsMap") or {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event.ingestion-time": iso_milliseconds(now),
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }
    return _filled(str(transformer["InputTemplate"]), values)


def _filled(template: str, values: Mapping[str, Any]) -> str:
    """Return *template* with its variables replaced: in a text by words, outside of one by JSON."""
    made, within = [], False
    position = 0
    while position < len(template):
        if template[position] == "\\" and within:
            made.append(template[position : position + 2])
            position += 2
            continue
        variable = _VARIABLE.match(template, position)
        if variable is None:
            within ^= template[position] == '"'
            made.append(template[position])
            position += 1
            continue
        value = values.get(variable[1])
        if within:  # what a path does not find is an empty text
            made.append(_as_words("" if value is None else value))
        else:
            made.append(json.dumps(value) if variable[1] in values else variable[0])
        position = variable.end()
    return "".join(made)


def _as_words(value: Any) -> str:
    """Return *value* for the inside of a JSON text."""
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _found(event: Event, path: str) -> Any:
    """Return what the JSON path finds; None where it finds nothing."""
    found: Any = event
    for name, index, quoted in _STEP.findall(path.removeprefix("$")):
        try:
            found = found[int(index)] if index else found[name or quoted]
        except (KeyError, IndexError, TypeError):
            return None
    return found
