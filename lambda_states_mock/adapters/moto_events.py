"""Rules of moto's EventBridge: their targets that are functions of the mock, and their schedules, on its clock."""

from __future__ import annotations

import copy
import sys
from datetime import datetime
from functools import partial
from typing import Any

from lambda_states_mock.adapters import active_mocks, moto_lambda
from lambda_states_mock.adapters.moto_neighbours import send_to_queue
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.event_sources.events.event_bridge import event_bridge_event, scheduled_event, target_input
from lambda_states_mock.event_sources.pushes import Pusher, PushRefusedError
from lambda_states_mock.event_sources.schedules import ScheduleError, next_time
from lambda_states_mock.instants import as_utc, epoch_number, of_milliseconds


def install(patches: Patches) -> None:
    """Send EventBridge's events until *patches* are restored."""
    models: Any = sys.modules["moto.events.models"]
    send, put_rule = models.Rule.send_to_targets, models.EventsBackend.put_rule

    def send_to_targets(self: Any, original_event: Any, *rest: Any, **options: Any) -> None:
        mock = active_mocks.innermost()
        functions = [target for target in self.targets if _is_function(target)]
        if mock is None or not functions:
            send(self, original_event, *rest, **options)
            return
        others = copy.copy(self)
        others.targets = [target for target in self.targets if not _is_function(target)]
        send(others, original_event, *rest, **options)
        is_for_it = self.event_pattern.get_pattern() and self.event_pattern.matches_event(original_event)
        if is_for_it and self.state == "ENABLED":
            event = _as_sent(original_event, mock)
            for target in functions:
                _send(self, target, event, mock)

    def put(self: Any, *args: Any, **options: Any) -> Any:
        rule = put_rule(self, *args, **options)
        mock = active_mocks.innermost()
        if mock is not None and rule.scheduled_expression:
            _plan(self, rule, mock, begun=mock.clock.now)
        return rule

    patches.set(models.Rule, "send_to_targets", send_to_targets)
    patches.set(models.EventsBackend, "put_rule", put)


def _is_function(target: dict[str, Any]) -> bool:
    return str(target["Arn"]).split(":")[2:3] == ["lambda"]


def _as_sent(event: dict[str, Any], mock: active_mocks.ActiveMock) -> dict[str, Any]:
    """Return moto's *event* as AWS sends it: its time in words, nothing of moto's own."""
    time = event["time"]
    if isinstance(time, datetime):
        at = as_utc(time)
    else:
        at = of_milliseconds(time * 1_000) if isinstance(time, (int, float)) else mock.clock.now
    return event_bridge_event(
        event["source"],
        event["detail-type"],
        event["detail"],
        identifier=event["id"] or mock.chance.uuid(),
        account=event["account"],
        region=event["region"],
        at=at,
        resources=event["resources"],
    )


def _send(rule: Any, target: dict[str, Any], event: dict[str, Any], mock: active_mocks.ActiveMock) -> None:
    payload = target_input(target, event, rule_arn=rule.arn, now=mock.clock.now)
    try:
        pusher = Pusher("EventBridge", "events.amazonaws.com", rule.arn, rule.account_id)
        moto_lambda.push(pusher, target["Arn"], payload)
    except PushRefusedError as refused:
        _to_dead_letters(rule, target, payload, refused)


def _to_dead_letters(rule: Any, target: dict[str, Any], payload: str, refused: PushRefusedError) -> None:
    """Send the event to the target's own queue, if it has one: there is no retry where a function is not there."""
    queue_arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue_arn:
        return
    said = {
        "RULE_ARN": rule.arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": "NO_PERMISSIONS" if refused.error.code == "AccessDeniedException" else "NO_RESOURCE",
        "ERROR_MESSAGE": str(refused.error.message),
    }
    send_to_queue(queue_arn, payload, said)


# -- schedules


def _plan(backend: Any, rule: Any, mock: active_mocks.ActiveMock, *, begun: datetime) -> None:
    try:
        due = next_time(rule.scheduled_expression, begun=begun, after=mock.clock.now)
    except ScheduleError:
        return
    if due is not None:
        action = partial(_fire, backend, rule, mock, begun)
        mock.clock.call_at(due, action, label=f"rule {rule.name} is due", background=True)


def _fire(backend: Any, rule: Any, mock: active_mocks.ActiveMock, begun: datetime) -> None:
    """Send the event of a schedule, if *rule* is still there as it was, and wait for the next."""
    bus = backend.event_buses.get(rule.event_bus_name)
    if bus is None or bus.rules.get(rule.name) is not rule:
        return
    _plan(backend, rule, mock, begun=begun)
    if rule.state != "ENABLED":
        return
    now = mock.clock.now
    event = scheduled_event(
        rule.arn,
        identifier=mock.chance.uuid(),
        account=rule.account_id,
        region=rule.region_name,
        at=now,
    )
    for target in rule.targets:
        if _is_function(target):
            _send(rule, target, event, mock)
        else:
            others = copy.copy(rule)
            others.targets = [target]
            others.send_to_targets({**event, "time": epoch_number(now)})  # moto makes words of it
