"""Requests to function URLs, whatever library sends them: only their host names tell that they are meant for us."""

from __future__ import annotations

import re

from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.invocation.url_format import UrlRequest, UrlResponse
from lambda_states_mock.wire.http import HttpRequest

_HOST = re.compile(r"[a-z0-9]+\.lambda-url\.[a-z0-9-]+\.on\.aws")


def is_function_url(host: str) -> bool:
    """Tell whether *host*, in lower case, is that of a function URL."""
    return _HOST.fullmatch(host) is not None


def answer(mock: ActiveMock, host: str, request: HttpRequest) -> UrlResponse:
    """Let *mock* answer a *request* to the function URL *host*. Raises only mistakes of the test author."""
    wanted = UrlRequest(request.method, request.path or "/", request.query, request.lower_headers(), request.body)
    return mock.backend.answer_url(host, wanted, account=mock.account)
