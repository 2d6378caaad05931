"""aiobotocore's calls to Lambda; the same nets as for botocore, below the classes that aiobotocore has of its own.

The builtin handler and its answers serve both libraries. Imported only when somebody else has imported aiobotocore.
"""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

from typing import Any

import aiobotocore.credentials
import aiobotocore.endpoint
import aiobotocore.signers
import botocore

from lambda_states_mock.adapters import active_mocks, botocore_hook
from lambda_states_mock.adapters.patching import Patches


def install(patches: Patches) -> None:
    """Have every aiobotocore client caught, unsigned and without metadata lookups until *patches* are restored."""
    endpoint: Any = aiobotocore.endpoint.AioEndpoint
    signer: Any = aiobotocore.signers.AioRequestSigner
    send, choose_signer = endpoint._send, signer._choose_signer

    async def _send(self: Any, request: Any) -> Any:
        mock = active_mocks.innermost()
        if mock is not None and self._endpoint_prefix == botocore_hook.ENDPOINT_PREFIX:
            return botocore_hook.answer(mock, None, request)
        return await send(self, request)

    async def _choose_signer(self: Any, operation_name: str, signing_type: str, context: Any) -> Any:
        if botocore_hook.is_unsigned(self, signing_type):
            botocore_hook.note_caller(self, context)
            return botocore.UNSIGNED
        return await choose_signer(self, operation_name, signing_type, context)

    async def load(_self: Any) -> None:
        return None

    async def load_of_container(_self: Any) -> Any:
        found = botocore_hook.credentials_of_container()
        if found is None:
            return None
        keys = found.access_key, found.secret_key, found.token
        return aiobotocore.credentials.AioCredentials(*keys, method=found.method)

    patches.set(endpoint, "_send", _send)
    patches.set(signer, "_choose_signer", _choose_signer)
    patches.set(aiobotocore.credentials.AioInstanceMetadataProvider, "load", load)
    patches.set(aiobotocore.credentials.AioContainerProvider, "load", load_of_container)
