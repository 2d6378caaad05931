"""The server without its sockets: requests as values, for tests."""

from __future__ import annotations

import json
from typing import Any

from lambda_states_mock import LambdaMock
from lambda_states_mock.server.application import Application
from lambda_states_mock.server.clock_policies import policy_maker
from lambda_states_mock.server.door import Door, names_of
from lambda_states_mock.server.exchange import Asked, Reply
from lambda_states_mock.server.worlds import Worlds

HOST = "127.0.0.1:4574"
OPEN = Door(HOST, None, names_of("127.0.0.1"))
FUNCTIONS = "/2015-03-31/functions"
OURS = "/_lambda_states_mock"
NEW = {
    "FunctionName": "orders",
    "Runtime": "python3.13",
    "Handler": "index.handler",
    "Role": "arn:aws:iam::123456789012:role/r",
    "Code": {"S3Bucket": "code", "S3Key": "zip"},
}


def application(mock: LambdaMock, clock: str = "frozen", door: Door = OPEN, **more: Any) -> Application:
    """Return the server of one mock."""
    return Application(Worlds(policy_maker(clock, **more), first=mock), door)


def ask(server: Application, method: str, target: str, body: Any = b"", **headers: str) -> Reply:
    """Return the answer to a request, which there is. Parameters: *body*, bytes or what is sent as JSON."""
    named = {"Host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = server.answer(Asked(method, target, tuple(named.items()), content))
    assert answer is not None
    return answer


def told(server: Application, method: str, target: str, body: Any = b"", **headers: str) -> Any:
    """Return the JSON of the answer to a request, which is not refused."""
    answer = ask(server, method, target, body, **headers)
    assert answer.status < 400, answer.body
    return json.loads(answer.body or b"null")


def headers_of(answer: Reply) -> dict[str, str]:
    """Return the headers of *answer* by their names in lower case."""
    return {name.lower(): value for name, value in answer.headers}


def kind_of(answer: Reply) -> str | None:
    """Return the error that *answer* names."""
    return headers_of(answer).get("x-amzn-errortype")
