"""aiobotocore's rate limiter waits on the mock's clock. The clock that it reads is botocore's: see `retries`."""

from __future__ import annotations

from typing import Any

from aiobotocore.retries.bucket import AsyncTokenBucket

from lambda_states_mock.adapters.async_sleeping import sleep_in
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.retries import mock_of_limiters, whole_milliseconds


def install(patches: Patches) -> None:
    """Have the rate limiter wait on the mock's clock until *patches* are restored."""
    token_bucket: Any = AsyncTokenBucket
    original = token_bucket._wait_for_new_fill_rate  # noqa: SLF001 - the one place where it waits

    async def _wait_for_new_fill_rate(self: Any, sleep_amount: float) -> None:
        mock = mock_of_limiters()
        if mock is None:
            await original(self, sleep_amount)
        else:
            await sleep_in(mock, whole_milliseconds(sleep_amount), None)

    patches.set(AsyncTokenBucket, "_wait_for_new_fill_rate", _wait_for_new_fill_rate)
