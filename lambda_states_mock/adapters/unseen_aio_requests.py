"""The same for aiobotocore as `unseen_requests` for botocore. Imported only when somebody else has imported it."""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

from inspect import isawaitable
from typing import Any

import aiobotocore.endpoint

from lambda_states_mock import private_names
from lambda_states_mock.adapters import unseen_requests
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.unseen_requests import Unsent, Way, error_shape

_STREAM = vars(aiobotocore.endpoint).get("AioStreamingBody") or aiobotocore.endpoint.StreamingBody


def install(patches: Patches) -> None:
    """Answer such calls of aiobotocore until *patches* are restored."""
    if not private_names.allows("adapters.listeners"):
        return
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
        return (http, await _parsed(request.way, http, operation_model)), None

    unseen_requests.replace(patches, endpoint, {"create_request": create, "_get_response": get})


async def _parsed(way: Way, http: Any, operation: Any) -> Any:
    parsed = way.read(operation, http, _STREAM)
    if parsed is not None:
        return parsed
    response = await aiobotocore.endpoint.convert_to_response_dict(http, operation)
    parser = way.parser(operation)
    parsed = await _awaited(parser.parse(response, operation.output_shape))
    if error := error_shape(http, parsed, operation):
        parsed.update(await _awaited(parser.parse(response, error)))
    return parsed


async def _awaited(parsed: Any) -> Any:
    return await parsed if isawaitable(parsed) else parsed  # an older aiobotocore has parsed it by now
