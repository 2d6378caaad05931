"""aiobotocore's rate limiter waits on the mock's clock. The clock that it reads is botocore's: see `retries`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from aiobotocore.retries.bucket import AsyncTokenBucket
from botocore.exceptions import CapacityNotAvailableError

from lambda_states_mock.adapters.async_sleeping import sleep_in
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.retries import mock_of_limiters, time_to_fill


def install(patches: Patches) -> None:
    """Have the rate limiter wait on the mock's clock until *patches* are restored."""
    token_bucket: Any = AsyncTokenBucket
    original = token_bucket.acquire

    async def acquire(self: Any, amount: int = 1, block: bool = True) -> Any:
        while block and (mock := mock_of_limiters()) is not None:
            with suppress(CapacityNotAvailableError):
                return await original(self, amount, block=False)
            await sleep_in(mock, time_to_fill(self, amount), None)
        return await original(self, amount, block)

    patches.set(AsyncTokenBucket, "acquire", acquire)
