"""Notifications of moto's S3: with all that AWS's events have, and to the functions of the mock."""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

from lambda_states_mock.adapters import active_mocks, moto_lambda
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.event_sources.events.s3 import s3_event
from lambda_states_mock.event_sources.pushes import Pusher, PushRefusedError


def install(patches: Patches) -> None:
    """Make S3's events and send them until *patches* are restored."""
    notifications: Any = sys.modules["moto.s3.notifications"]
    make, invoke = notifications._get_s3_event, notifications._invoke_awslambda

    def _get_s3_event(event_name: str, bucket: Any, key: Any, notification_id: str) -> Any:
        mock = active_mocks.innermost()
        if mock is None:
            return make(event_name, bucket, key, notification_id)
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

    def _invoke_awslambda(account_id: str, event_body: Any, fn_arn: str, region_name: str) -> None:
        if active_mocks.innermost() is None:
            invoke(account_id, event_body, fn_arn, region_name)
            return
        bucket = event_body["Records"][0]["s3"]["bucket"]["arn"]
        with suppress(PushRefusedError):  # S3 tries no more; nobody is told
            moto_lambda.push(Pusher("S3", "s3.amazonaws.com", bucket, account_id), fn_arn, event_body, traced=True)

    patches.set(notifications, "_get_s3_event", _get_s3_event)
    patches.set(notifications, "_invoke_awslambda", _invoke_awslambda)
