"""The same requests through real clients: whatever is asked, boto3 gets an answer or an error that it knows."""

from __future__ import annotations

from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given, note, settings
from hypothesis import strategies as st

from lambda_states_mock import mock_lambda
from lambda_states_mock.errors import NoHandlerError
from tests.budget import sized
from tests.newest_client import newest_client

from .accepted import accepted
from .answering import READS, WAKES
from .furnished import SEED, START, furnish, known
from .test_operations import SAME_EACH_TIME, http, named_requests

WORLDS, REQUESTS = sized(6, 40), 10
NO_CHECKS = Config(parameter_validation=False, retries={"max_attempts": 0})


def ask(client: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return the answer, its streams read to their ends, or the parsed error; an empty one without a handler."""
    try:
        answer: dict[str, Any] = getattr(client, xform_name(operation))(**params)
    except ClientError as error:
        return dict(error.response)
    except NoHandlerError:
        assert operation in WAKES
        return {}
    for name in ("Payload", "EventStream"):
        if name in answer:
            answer[name] = answer[name].read() if name == "Payload" else list(answer[name])
    return answer


@settings(SAME_EACH_TIME, max_examples=WORLDS)
@given(
    st.lists(named_requests().filter(lambda request: http(*request) is not None), min_size=REQUESTS, max_size=REQUESTS)
)
def test_a_client_gets_an_answer_or_a_client_error(sent: list[tuple[str, dict[str, Any]]]) -> None:
    with mock_lambda(start=START, seed=SEED) as m:
        furnish(m.backend)
        client = newest_client(NO_CHECKS)
        for operation, params in sent:
            note(f"{operation} {params}"[:2_000])
            answer = ask(client, operation, params)
            status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 200)
            assert status < 500, answer
            assert ("Error" in answer) == (status >= 300), answer


def test_a_client_is_answered_whatever_it_may_ask_of_a_furnished_world() -> None:
    left = sorted(accepted(), key=lambda operation: not operation.startswith(READS))
    while left:
        with mock_lambda(start=START, seed=SEED) as m:
            furnish(m.backend)
            client = newest_client()
            refused = [each for each in left if not is_answered(client, each)]
        assert left[0] not in refused
        left = refused  # because of what others have changed: each is asked of a new world at some time


def is_answered(client: Any, operation: str) -> bool:
    status = ask(client, operation, accepted()[operation])["ResponseMetadata"]["HTTPStatusCode"]
    return bool(status < 300)


def test_a_mock_is_furnished_as_the_worlds_of_these_tests_are() -> None:
    with mock_lambda(start=START, seed=SEED) as m:
        assert furnish(m.backend) == known()
