"""What time it is, where the mock's clock shall start."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from lambda_states_mock.adapters.freezing import frozen_now
from lambda_states_mock.adapters.time_travelling import travelled_now
from lambda_states_mock.instants import EPOCH


def present() -> datetime:
    """Return the frozen time under freezegun or time-machine, else the machine's, in whole milliseconds."""
    frozen = frozen_now() or travelled_now()
    if frozen is not None:
        return frozen
    return EPOCH + timedelta(milliseconds=time.time_ns() // 1_000_000)
