"""moto's Kinesis beside us: what is put wakes pollers."""

from __future__ import annotations

import sys
from typing import Any

from lambda_states_mock.adapters import moto_puts
from lambda_states_mock.adapters.patching import Patches


def install(patches: Patches) -> None:
    """Watch moto's streams until *patches* are restored."""
    models: Any = sys.modules["moto.kinesis.models"]
    patches.set(models.Stream, "put_record", moto_puts.put_record(models.Stream.put_record))
