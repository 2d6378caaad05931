"""A signature says who calls, where and what: read once, for the server, for processes of functions and for keys."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock.calls_from_within import calls_from_within
from lambda_states_mock.dependencies.neighbours import NobodyBeside
from lambda_states_mock.dependencies.signatures import Signed, signed_by
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest
from lambda_states_mock.wire.http import HttpResponse

HEADER = "AWS4-HMAC-SHA256 Credential={}, SignedHeaders=host, Signature=0"
QUOTED = "AKIA2%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
SCOPE = "AKIA1/20260101/eu-west-1/{}/aws4_request"


@pytest.mark.parametrize(
    ("authorization", "query", "signed"),
    [
        (HEADER.format(SCOPE.format("lambda")), "", Signed("AKIA1", "eu-west-1", "lambda")),
        (HEADER.format(SCOPE.format("s3")), "X-Amz-Credential=AKIA2", Signed("AKIA1", "eu-west-1", "s3")),
        (
            "AWS4-HMAC-SHA256 SignedHeaders=host,Credential=AKIA1/20260101/eu-west-1/sqs/aws4_request",
            "",
            Signed("AKIA1", "eu-west-1", "sqs"),
        ),
        (HEADER.format("AKIA1/20260101/lambda/aws4_request"), "", Signed("AKIA1", None, "lambda")),
        (HEADER.format("AKIA1"), "", Signed("AKIA1")),
        (HEADER.format("AKIA1/20260101/eu-west-1/lambda"), "", Signed("AKIA1")),
        (HEADER.format("AKIA1/20260101/EU west/la:mbda/aws4_request"), "", Signed("AKIA1")),
        (HEADER.format("//////"), "", None),
        ("", f"a=1&X-Amz-Credential={QUOTED}&b=2", Signed("AKIA2", "eu-west-1", "s3")),
        (None, f"X-Amz-Credential={SCOPE.format('sqs')}", Signed("AKIA1", "eu-west-1", "sqs")),
        (None, f"/key?X-Amz-Credential={QUOTED.lower().replace('akia', 'AKIA')}", Signed("AKIA2", "eu-west-1", "s3")),
        (None, "Y-X-Amz-Credential=AKIA1", None),
        ("Bearer AKIA1", "", None),
        (None, "", None),
    ],
)
def test_a_credential_says_who_signed_and_for_what(
    authorization: str | None, query: str, signed: Signed | None
) -> None:
    assert signed_by(authorization, query) == signed


class Backend:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def handle(self, _operation: None, _request: object, **who: Any) -> HttpResponse:
        self.asked.append(who)
        return HttpResponse(200, {}, b"{}")


def within(backend: Backend, path: str, **headers: str) -> ProcessReply:
    hints: list[str] = []
    return calls_from_within(backend.handle, NobodyBeside(), "us-east-1", hints.append)(
        ProcessRequest("GET", path, headers)
    )


@pytest.mark.parametrize(
    ("query", "headers", "who"),
    [
        ("", {"authorization": HEADER.format(SCOPE.format("lambda"))}, ("AKIA1", "eu-west-1")),
        (f"?X-Amz-Credential={SCOPE.format('lambda')}", {}, ("AKIA1", "eu-west-1")),
        ("", {"authorization": HEADER.format("AKIA1/20260101/lambda/aws4_request")}, ("AKIA1", "us-east-1")),
        ("", {}, (None, "us-east-1")),
    ],
)
def test_a_process_calls_with_the_key_and_in_the_region_of_its_signature(
    query: str, headers: dict[str, str], who: tuple[str | None, str]
) -> None:
    backend = Backend()
    assert within(backend, f"/2015-03-31/functions{query}", **headers).status == 200
    assert backend.asked == [{"access_key": who[0], "region": who[1]}]


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {"authorization": HEADER.format(SCOPE.format("s3"))}),
        ("?X-Amz-Credential=AKIA1%2F20260101%2Feu-west-1%2Fs3%2Faws4_request", {}),
    ],
)
def test_a_process_that_asks_another_service_is_told_so(query: str, headers: dict[str, str]) -> None:
    backend = Backend()
    answer = within(backend, f"/bucket/key{query}", **headers)
    assert (answer.status, backend.asked) == (400, [])
    assert b"s3 is not mocked" in answer.body
