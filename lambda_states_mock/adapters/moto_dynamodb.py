"""moto's DynamoDB beside us: what changes in a table with a stream wakes pollers, and only that is a record."""

from __future__ import annotations

import sys
from typing import Any

from lambda_states_mock.adapters import moto_puts
from lambda_states_mock.adapters.patching import Patches


def install(patches: Patches) -> None:
    """Watch the streams of moto's tables until *patches* are restored."""
    models: Any = sys.modules["moto.dynamodb.models.table"]
    patches.set(models.StreamShard, "add", moto_puts.add_change(models.StreamShard.add))
