"""moto's SQS beside us: what is sent wakes pollers, and long polls move the clock."""

from __future__ import annotations

import sys
from typing import Any

from lambda_states_mock.adapters import moto_puts
from lambda_states_mock.adapters.patching import Patches


def install(patches: Patches) -> None:
    """Watch moto's queues until *patches* are restored."""
    models: Any = sys.modules["moto.sqs.models"]
    patches.set(models.Queue, "add_message", moto_puts.add_message(models.Queue.add_message))
    patches.set(models.Message, "visible", property(moto_puts.is_visible))
    backend = models.SQSBackend
    patches.set(backend, "receive_message", moto_puts.receive_message(backend.receive_message))
    change = moto_puts.change_message_visibility(backend.change_message_visibility)
    patches.set(backend, "change_message_visibility", change)
