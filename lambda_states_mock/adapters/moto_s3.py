"""Notifications of moto's S3: with all that AWS's events have, and to the functions of the mock."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from lambda_states_mock.adapters import active_mocks, moto_lambda
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.event_sources.events.s3 import s3_event
from lambda_states_mock.event_sources.pushes import Pusher, PushRefusedError


def install(patches: Patches) -> None:
    """Make S3's events and send them until *patches* are restored."""
    notifications: Any = sys.modules["moto.s3.notifications"]
    send = notifications.send_event

    def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        mock, settings = active_mocks.innermost(), bucket.notification_configuration
        if mock is None or settings is None:
            send(account_id, event_name, bucket, key)
            return
        for targets, tell in (
            (settings.cloud_function, _tell_function),
            (settings.queue, _tell_queue),
            (settings.topic, _tell_topic),
        ):
            for one in targets:
                if one.matches(event_name, key.name):
                    tell(account_id, one.arn, _event(mock, event_name, bucket, key, one.id))
        send(account_id, event_name, _ForEventBridge(bucket), key)

    patches.set(notifications, "send_event", send_event)


class _ForEventBridge:
    """A *bucket* of moto that notifies EventBridge alone, if it does: moto makes and sends that event."""

    def __init__(self, bucket: Any) -> None:
        self._bucket = bucket
        bridge = bucket.notification_configuration.event_bridge
        self.notification_configuration = SimpleNamespace(cloud_function=(), queue=(), topic=(), event_bridge=bridge)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bucket, name)


def _event(mock: active_mocks.ActiveMock, event_name: Any, bucket: Any, key: Any, notification_id: str) -> Any:
    return s3_event(
        bucket.name,
        key.name,
        region=bucket.region_name,
        account=mock.account,
        at=mock.clock.now,
        chance=mock.chance,
        name=str(getattr(event_name, "value", event_name)),
        size=key.size,
        etag=key.etag,
        version_id=key.version_id if bucket.is_versioned else None,
        configuration_id=notification_id,
        order=mock.backend.pushes.number(),
    )


def _tell_function(account_id: str, arn: str, event: Any) -> None:
    bucket = event["Records"][0]["s3"]["bucket"]["arn"]
    with suppress(PushRefusedError):  # S3 tries no more; nobody is told
        moto_lambda.push(Pusher("S3", "s3.amazonaws.com", bucket, account_id), arn, event, traced=True)


def _tell_queue(account_id: str, arn: str, event: Any) -> None:
    queues: Any = import_module("moto.sqs.models").sqs_backends
    with suppress(Exception):  # as moto, which looks neither for whether there is a queue
        *_, region, _account, name = arn.split(":")
        queues[account_id][region].send_message(name, json.dumps(event))


def _tell_topic(account_id: str, arn: str, event: Any) -> None:
    topics: Any = import_module("moto.sns.models").sns_backends
    with suppress(Exception):  # as moto: an error here is nobody's who puts an object
        topics[account_id][arn.split(":")[3]].publish(arn=arn, message=json.dumps(event))
