"""aiobotocore's calls to Lambda: what it has classes of its own for. `botocore_hook` answers both libraries' requests.

Imported only when somebody else has imported aiobotocore.
"""

from __future__ import annotations

from typing import Any

import aiobotocore.credentials
import aiobotocore.session
import aiobotocore.signers

from lambda_states_mock.adapters import botocore_hook
from lambda_states_mock.adapters.patching import Patches


def install(patches: Patches) -> None:
    """Have every aiobotocore client unsigned and without metadata lookups until *patches* are restored."""
    signer: Any = aiobotocore.signers.AioRequestSigner
    session: Any = aiobotocore.session.AioSession
    sign, create_client = signer.sign, session.create_client

    def create(self: Any, service_name: str, region_name: str | None = None, *rest: Any, **options: Any) -> Any:
        region = botocore_hook.region_for(self, region_name, *rest, **options)
        return create_client(self, service_name, region, *rest, **options)

    async def signed(self: Any, operation: str, request: Any, *rest: Any, **options: Any) -> Any:
        botocore_hook.leave_unsigned(self, operation, request.context, *rest, **options)
        return await sign(self, operation, request, *rest, **options)

    async def load(_self: Any) -> None:
        return None

    async def load_of_container(_self: Any) -> Any:
        found = botocore_hook.credentials_of_container()
        if found is None:
            return None
        keys = found.access_key, found.secret_key, found.token
        return aiobotocore.credentials.AioCredentials(*keys, method=found.method)

    patches.set(signer, "sign", signed)
    patches.set(session, "create_client", create)
    patches.set(aiobotocore.credentials.AioInstanceMetadataProvider, "load", load)
    patches.set(aiobotocore.credentials.AioContainerProvider, "load", load_of_container)
