"""Functions that are answered elsewhere: the event is posted to an address of the test's own, and the answer is theirs.

The request is like that of Lambda's Runtime API: the event is the body, and what the runtime is told comes in headers
called ``lambda-runtime-...``. An answer with a status below 300 is the result, as JSON. One of 400 and above is an
error: the body says its ``errorType``, ``errorMessage`` and ``stackTrace``.
"""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from lambda_states_mock.execution.crashes import RuntimeFault
from lambda_states_mock.http_exchange import CONNECTIONS, exchange

LONGEST_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer that are read: more than the largest result that Lambda takes."""


class Webhook:
    """A handler that asks *url*, waiting *seconds* of real time at most.

    Raises ValueError for an address that is not one of http or https.
    """

    def __init__(self, url: str, seconds: float = 25.0) -> None:
        split = urlsplit(url)
        if split.scheme not in CONNECTIONS or not split.hostname:
            raise ValueError(f'webhook: give an address such as "http://127.0.0.1:9000/orders", not {url!r}')
        self._url, self._split, self._seconds = url, split, seconds

    def __repr__(self) -> str:
        return f"<Webhook {self._url}>"

    def __call__(self, event: Any, context: Any) -> Any:
        """Return the answer to *event*. Raises RuntimeFault for one that is an error, or for none."""
        split, body = self._split, json.dumps(event).encode()
        where = split.netloc.rpartition("@")[2]
        path = f"{split.path or '/'}{'?' if split.query else ''}{split.query}"
        try:
            status, _, answered = exchange(
                split.scheme, where, "POST", path, body, _headers(context), seconds=self._seconds, most=LONGEST_ANSWER
            )
        except (OSError, http.client.HTTPException) as error:
            text = f"the webhook {self._url} did not answer: {str(error) or type(error).__name__}"
            raise RuntimeFault("Webhook.NoAnswer", text) from None
        if status >= 300:
            raise _error(status, answered)
        try:
            return json.loads(answered) if answered.strip() else None
        except ValueError:
            raise RuntimeFault("Webhook.NoJson", f"the webhook {self._url} did not answer with JSON") from None


def _headers(context: Any) -> dict[str, str]:
    left = context.get_remaining_time_in_millis()
    return {
        "content-type": "application/json",
        "lambda-runtime-aws-request-id": context.aws_request_id,
        "lambda-runtime-invoked-function-arn": context.invoked_function_arn,
        "lambda-runtime-function-name": context.function_name,
        "lambda-runtime-function-version": context.function_version,
        "lambda-runtime-remaining-ms": str(left),
    }


def _error(status: int, answered: bytes) -> RuntimeFault:
    try:
        told = json.loads(answered)
    except ValueError:
        told = None
    if not isinstance(told, dict) or told.keys().isdisjoint({"errorType", "errorMessage"}):  # an error of other makers
        told = {"errorMessage": answered.decode("utf-8", "replace") or f"the webhook answered with the status {status}"}
    trace = told.get("stackTrace", told.get("trace", ()))
    return error_of(str(told.get("errorType", f"Webhook.Status{status}")), str(told.get("errorMessage", "")), trace)


def error_of(error_type: str, message: str, trace: Any = ()) -> RuntimeFault:
    """Return what a handler raises so that its function fails with *error_type* and *message*."""
    entries = trace if isinstance(trace, (list, tuple)) else ()
    return RuntimeFault(error_type, message, trace=[str(entry) for entry in entries])
