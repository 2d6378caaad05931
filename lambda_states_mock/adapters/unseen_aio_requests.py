"""The same for aiobotocore as `unseen_requests` for botocore. Imported only when somebody else has imported it."""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

from inspect import isawaitable
from typing import Any

import aiobotocore.endpoint

from lambda_states_mock.adapters import unseen_requests
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.unseen_requests import Unsent, Way, parser_of

_STREAM = vars(aiobotocore.endpoint).get("AioStreamingBody") or aiobotocore.endpoint.StreamingBody


def install(patches: Patches) -> None:
    """Answer such calls of aiobotocore until *patches* are restored."""
    endpoint: Any = aiobotocore.endpoint.AioEndpoint
    create_request, get_response = endpoint.create_request, endpoint._get_response

    async def create(self: Any, params: Any, operation_model: Any = None) -> Any:
        stands = unseen_requests.unsent(self, params, operation_model)
        return stands or await create_request(self, params, operation_model)

    async def get(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        if type(request) is not Unsent:
            return await get_response(self, request, operation_model, context)
        try:
            http = request.answered()
        except Exception as error:  # as botocore's
            return None, error
        return (http, await _parsed(self, request.way, http, operation_model)), None

    unseen_requests.replace(patches, endpoint, {"create_request": create, "_get_response": get})


async def _parsed(endpoint: Any, way: Way, http: Any, operation: Any) -> Any:
    parsed = way.read(endpoint, operation, http, _STREAM)
    if parsed is not None:
        return parsed
    response = await aiobotocore.endpoint.convert_to_response_dict(http, operation)
    parser = parser_of(endpoint, operation)
    parsed = parser.parse(response, operation.output_shape)
    if isawaitable(parsed):  # not with an older aiobotocore
        parsed = await parsed
    if http.status_code >= 300:
        await endpoint._add_modeled_error_fields(response, parsed, operation, parser)
    return parsed
