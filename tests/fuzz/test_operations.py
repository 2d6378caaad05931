"""Every operation answers any request as AWS could, and a refusal changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from lambda_states_mock.api_model import operation_model
from lambda_states_mock.operations import BUILT
from lambda_states_mock.wire import HttpRequest
from tests.budget import sized
from tests.wire.generate import OPERATIONS, sent_by_botocore

from .accepted import accepted
from .answering import READS, Desk
from .values import STRANGE_DOCUMENTS, requests, sensible

SEQUENCES, LENGTH = sized(1, 6), 10  # for each operation
MIXED_SEQUENCES, MIXED_LENGTH = sized(6, 40), 20
PAUSES = (0, 0, 0, 1, 60, 20 * 86_400)  # seconds between two requests
FUZZED = sorted(set(OPERATIONS) & set(BUILT))
SAME_EACH_TIME = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def http(operation: str, params: dict[str, Any]) -> HttpRequest | None:
    """Return the request that botocore makes of *params*; None where it has no way to write them."""
    try:
        return sent_by_botocore(operation, params)
    except (ParamValidationError, AttributeError, TypeError, ValueError):
        return None


@pytest.fixture(scope="module")
def reading_desk() -> Iterator[Desk]:
    """A desk for those who only look: it judges that nothing changes."""
    desk = Desk()
    yield desk
    desk.close()


@pytest.mark.parametrize("operation", accepted())
def test_what_the_fuzzing_of_an_operation_begins_with_is_accepted(operation: str, reading_desk: Desk) -> None:
    desk = reading_desk if operation.startswith(READS) else Desk()
    request = http(operation, accepted()[operation])
    assert request is not None
    desk.codes.clear()
    desk.send(operation, request)
    if desk is not reading_desk:
        desk.close()

    assert desk.codes == ["ok"]


@pytest.mark.parametrize("operation", FUZZED)
def test_whatever_is_asked_the_answer_is_one_of_awss_and_a_refusal_changes_nothing(
    operation: str, reading_desk: Desk
) -> None:
    @settings(SAME_EACH_TIME, max_examples=SEQUENCES)
    @given(sequences(operation))
    def run(sent: list[dict[str, Any]]) -> None:
        desk = reading_desk if operation.startswith(READS) else Desk()
        desk.codes.clear()
        try:
            for params in [*sent, accepted()[operation]]:
                answer(desk, operation, params)
        finally:
            if desk is not reading_desk:
                desk.close()
            codes.update(desk.codes)

    codes: set[str] = set()
    run()
    assert "ok" in codes, f"{operation} refused everything: nothing was tested but its refusals"


def sequences(operation: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return requests to *operation* one after the other, but not the same one all the time, where there is another."""
    found = st.lists(requests(operation), min_size=LENGTH, max_size=LENGTH)
    has_others = bool(operation_model(operation).input_shape.members)
    return found.filter(lambda sent: any(each != sent[0] for each in sent)) if has_others else found


def named_requests() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.sampled_from(FUZZED).flatmap(lambda operation: st.tuples(st.just(operation), requests(operation)))


@settings(SAME_EACH_TIME, max_examples=MIXED_SEQUENCES)
@given(
    st.lists(
        st.tuples(named_requests(), st.sampled_from(PAUSES)),
        min_size=MIXED_LENGTH,
        max_size=MIXED_LENGTH,
    )
)
def test_requests_one_after_another_find_their_operations_and_are_answered_too(
    sent: list[tuple[tuple[str, dict[str, Any]], float]],
) -> None:
    desk = Desk()
    try:
        for (operation, params), pause in sent:
            desk.wait(pause)
            answer(desk, operation, params, named=False)
    finally:
        desk.close()


def answer(desk: Desk, operation: str, params: dict[str, Any], *, named: bool = True) -> None:
    """Send what botocore makes of *params*, if it has a way to write them."""
    request = http(operation, params)
    if request is not None:
        note(f"{operation} {params}"[:2_000])
        desk.send(operation, request, named=named)


BODIES = st.sampled_from(STRANGE_DOCUMENTS) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("aü😀", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("aü", max_size=5), inner, max_size=3),
    max_leaves=6,
).map(lambda value: json.dumps(value).encode())
WITH_BODIES = sorted(
    operation
    for operation in FUZZED
    if any(member.location is None for member in operation_model(operation).input_shape.members.values())
)


@settings(SAME_EACH_TIME, max_examples=sized(12, 60))
@given(st.data())
def test_a_body_that_no_client_sends_is_refused_or_answered(data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(WITH_BODIES))
    sent = http(operation, data.draw(sensible(operation_model(operation).input_shape, "")))
    assert sent is not None
    body = data.draw(BODIES | members_swapped(sent.body))
    desk = Desk()
    desk.send(operation, replace(sent, body=body))
    desk.close()


def members_swapped(body: bytes) -> st.SearchStrategy[bytes]:
    """Return bodies such as *body* in which each member may have something else for its value."""
    try:
        members = json.loads(body)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        return st.just(body)
    others: st.SearchStrategy[Any] = st.sampled_from(
        [None, [], {}, "text", 7, -1.5, True, [None], {"x": None}, [[]], [{}], 1e400, 10**400, "\ud800"]
    )
    return st.fixed_dictionaries({name: others | st.just(value) for name, value in members.items()}).map(
        lambda swapped: json.dumps(swapped).encode()
    )
