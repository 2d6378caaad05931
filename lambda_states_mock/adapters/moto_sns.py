"""Subscriptions of moto's SNS whose endpoint is a function of the mock."""

from __future__ import annotations

import json
import sys
from typing import Any

from lambda_states_mock.adapters import active_mocks, moto_lambda
from lambda_states_mock.adapters.moto_neighbours import send_to_queue
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.event_sources.events.sns import sns_event
from lambda_states_mock.event_sources.pushes import Pusher, PushRefusedError


def install(patches: Patches) -> None:
    """Send SNS's events until *patches* are restored."""
    subscription: Any = sys.modules["moto.sns.models"].Subscription
    original = subscription.publish

    def publish(self: Any, message: str, message_id: str, *rest: Any, **options: Any) -> None:
        mock = active_mocks.innermost()
        if mock is None or self.protocol != "lambda":
            original(self, message, message_id, *rest, **options)
            return
        given = dict(zip(("subject", "message_attributes"), rest, strict=False)) | options
        attributes = given.get("message_attributes")
        if not _passes(self, attributes, message):
            return
        if given.get("message_structure") == "json":
            message = _for_functions(message)
        subject = given.get("subject")
        event = sns_event(
            self.topic.arn,
            message,
            at=mock.clock.now,
            chance=mock.chance,
            subject=subject,
            attributes=attributes,
            subscription_arn=self.arn,
            message_id=message_id,
        )
        try:
            pusher = Pusher("SNS", "sns.amazonaws.com", self.topic.arn, self.account_id)
            moto_lambda.push(pusher, self.endpoint, event, traced=True)
        except PushRefusedError:
            _to_dead_letters(self, message, message_id, subject, attributes)

    patches.set(subscription, "publish", publish)


def _passes(subscription: Any, attributes: Any, message: str) -> bool:
    """Return whether the FilterPolicy of *subscription* lets *message* through; it does without one."""
    policy, scope = (subscription.attributes.get(name) for name in ("FilterPolicy", "FilterPolicyScope"))
    if not policy:
        return True
    matcher: Any = sys.modules["moto.sns.utils"].FilterPolicyMatcher
    return bool(matcher(json.loads(policy), scope).matches(attributes, message))


def _for_functions(message: str) -> str:
    """Return what *message*, with a text for each protocol, says to functions. Raises what SNS answers without any."""
    refusal: Any = sys.modules["moto.sns.exceptions"].InvalidParameterValue
    try:
        texts = json.loads(message)
        return str(texts.get("lambda") or texts["default"])
    except json.JSONDecodeError:
        raise refusal("Message is not valid JSON.") from None
    except KeyError:
        raise refusal("Message does not contain lambda or default keys.") from None


def _to_dead_letters(subscription: Any, message: str, message_id: str, subject: str | None, attributes: Any) -> None:
    """Send the notification to the queue of the subscription's RedrivePolicy, if it has one."""
    policy = subscription.attributes.get("RedrivePolicy")
    if not policy:
        return
    notification = subscription.get_post_data(message, message_id, subject, message_attributes=attributes)
    send_to_queue(json.loads(policy)["deadLetterTargetArn"], json.dumps(notification))
