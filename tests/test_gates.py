"""What is refused in which state: each call in each state of each kind of function, with its status, code and text.

Rows are the states, columns the calls; documented in functions-states.html and troubleshooting-invocation.html, and
recorded where AWS's texts are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import mock_lambda
from lambda_states_mock.service_errors import ARTIFACT_FAILED, NETWORK_NOT_READY

from .scenarios.deploying import (
    IMAGE,
    IMAGE_URI,
    NOT_CHANGED,
    NOT_INVOKED,
    SNAP_START,
    SNAPSHOT_FAILED,
    SNAPSHOT_NOT_READY,
    START,
    UPDATING,
    VPC,
    WAKING,
    arn_of,
    client,
    configure,
    create,
    package,
)

NAME = "orders"
JAVA = {"Runtime": "java21", "Handler": "app.Handler"}  # only its snapshots fall idle
KINDS: dict[str, dict[str, Any]] = {"zip": {}, "vpc": VPC, "image": IMAGE, "snapstart": {**JAVA, **SNAP_START}}
FUNCTIONS = ("zip", "vpc", "image")


@dataclass(frozen=True)
class Reply:
    """How a call is answered: its HTTP status, and the error's code and text where it is one."""

    status: int
    code: str | None = None
    message: str | None = None


def conflict(message: str) -> Reply:
    return Reply(409, "ResourceConflictException", message)


DONE = Reply(200)
ACCEPTED = Reply(202)
CHECKED = Reply(204)
CREATED = Reply(201)
GONE = Reply(204)
PENDING = conflict(NOT_INVOKED.format("Pending"))
FAILED = conflict(NOT_INVOKED.format("Failed"))
NO_SNAPSHOT = conflict(SNAPSHOT_FAILED)
UNCHANGEABLE = {
    "creating": conflict(NOT_CHANGED.format(arn_of(), "Pending", "Creating")),
    "restoring": conflict(NOT_CHANGED.format(arn_of(), "Pending", "Restoring")),
    "failed": conflict(NOT_CHANGED.format(arn_of(), "Failed", "InvalidConfiguration")),
    "artifact failed": conflict(NOT_CHANGED.format(arn_of(), "Failed", "InvalidImage")),
}
BUSY = conflict(UPDATING.format(arn_of()))
ARTIFACT_PENDING = Reply(409, "CodeArtifactUserPendingException", WAKING)
BAD_ARTIFACT = Reply(409, "CodeArtifactUserFailedException", ARTIFACT_FAILED.text)
NETWORK_PENDING = Reply(502, "ResourceNotReadyException", NETWORK_NOT_READY.text)
SNAPSHOT_PENDING = Reply(409, "SnapStartNotReadyException", SNAPSHOT_NOT_READY)
WAKING_BY_KIND = {
    "zip": ARTIFACT_PENDING,
    "vpc": NETWORK_PENDING,
    "image": ARTIFACT_PENDING,
    "snapstart": SNAPSHOT_PENDING,
}


# -- how each state is reached; what is invoked in the end: the function, or the version of it with a snapshot


def begin(m: Any, kind: str) -> None:
    """Create a function of *kind* that can run; one with snapshots is Active, and its version 1 asked for."""
    m.handler(NAME, returns="ok")
    create(NAME, **KINDS[kind])
    if kind == "snapstart":
        m.clock.run_until_idle()
        client().publish_version(FunctionName=NAME)


def place(m: Any, kind: str) -> Any:
    """Return the view of what the state is about."""
    return m.function(NAME).version(1) if kind == "snapstart" else m.function(NAME)


def phase(kind: str) -> str:
    return "snapshot" if kind == "snapstart" else "create"


def creating(m: Any, kind: str) -> None:
    begin(m, kind)


def active(m: Any, kind: str) -> None:
    begin(m, kind)
    m.clock.run_until_idle()


def updating(m: Any, kind: str) -> None:
    active(m, kind)
    configure(NAME, Description="being changed")
    assert m.function(NAME).last_update_status == "InProgress"


def inactive(m: Any, kind: str) -> None:
    active(m, kind)
    m.clock.advance(14 * 86_400 + 1)


def restoring(m: Any, kind: str) -> None:
    inactive(m, kind)
    with pytest.raises(ClientError):
        client().invoke(FunctionName=NAME, Qualifier=place(m, kind).number)


def backing_off(m: Any, kind: str) -> None:
    m.faults.on_phase("restore").fail("SubnetOutOfIPAddresses")
    restoring(m, kind)
    m.clock.advance(61)


def failed(m: Any, kind: str) -> None:
    m.faults.on_phase(phase(kind)).fail("InvalidConfiguration")
    active(m, kind)


def artifact_failed(m: Any, kind: str) -> None:
    m.faults.on_phase(phase(kind)).fail("InvalidImage")
    active(m, kind)


STATES: dict[str, tuple[Callable[[Any, str], None], str]] = {
    "creating": (creating, "Pending"),
    "restoring": (restoring, "Pending"),
    "active": (active, "Active"),
    "updating": (updating, "Active"),
    "inactive": (inactive, "Inactive"),
    "backing off": (backing_off, "Inactive"),
    "failed": (failed, "Failed"),
    "artifact failed": (artifact_failed, "Failed"),
}


@pytest.fixture
def m() -> Iterator[Any]:
    with mock_lambda(start=START, seed=1) as mock:
        yield mock


def bring(m: Any, state: str, kind: str) -> None:
    """Bring a new function of *kind* into *state*."""
    reach, shown = STATES[state]
    reach(m, kind)
    assert place(m, kind).state == shown


def reply_to(call: Callable[[], Any]) -> Reply:
    """Return how *call* is answered."""
    try:
        return Reply(call()["ResponseMetadata"]["HTTPStatusCode"])
    except ClientError as error:
        response = error.response
        found = response["Error"]
        return Reply(response["ResponseMetadata"]["HTTPStatusCode"], found["Code"], found["Message"])


# -- Invoke

INVOKED: dict[str, Callable[[str], Reply]] = {
    "creating": lambda kind: PENDING,
    "restoring": lambda kind: WAKING_BY_KIND[kind],
    "active": lambda kind: DONE,
    "updating": lambda kind: DONE,
    "inactive": lambda kind: WAKING_BY_KIND[kind],
    "backing off": lambda kind: WAKING_BY_KIND[kind],
    "failed": lambda kind: NO_SNAPSHOT if kind == "snapstart" else FAILED,
    "artifact failed": lambda kind: BAD_ARTIFACT,
}
SUCCESS = {"RequestResponse": DONE, "Event": ACCEPTED, "DryRun": CHECKED}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("invocation_type", SUCCESS)
def test_invoke_is_answered_by_state_and_kind(m: Any, state: str, kind: str, invocation_type: str) -> None:
    bring(m, state, kind)
    view = place(m, kind)
    shown = view.state
    answer = INVOKED[state](kind)

    reply = reply_to(lambda: client().invoke(FunctionName=NAME, Qualifier=view.number, InvocationType=invocation_type))

    assert reply == (SUCCESS[invocation_type] if answer is DONE else answer)
    wakes = invocation_type != "DryRun" and state == "inactive"
    assert view.state == ("Pending" if wakes else shown)


@pytest.mark.parametrize("kind", KINDS)
def test_invoke_wakes_an_inactive_function_into_restoring(m: Any, kind: str) -> None:
    bring(m, "restoring", kind)

    found = client().get_function_configuration(FunctionName=NAME, Qualifier=place(m, kind).number)

    assert (found["State"], found["StateReasonCode"]) == ("Pending", "Restoring")


def idle_version(m: Any) -> None:
    active(m, "snapstart")
    m.function(NAME).version(1).idle()


ONLY_THE_VERSION: dict[str, Callable[[Any], Any]] = {
    "is made": lambda m: creating(m, "snapstart"),
    "cannot be made": lambda m: failed(m, "snapstart"),
    "is blamed on the code": lambda m: artifact_failed(m, "snapstart"),
    "is gone": idle_version,
}


@pytest.mark.parametrize("snapshot", ONLY_THE_VERSION)
def test_the_unpublished_function_answers_while_the_snapshot_of_its_version(m: Any, snapshot: str) -> None:
    ONLY_THE_VERSION[snapshot](m)
    assert m.function(NAME).version(1).state != "Active"

    assert reply_to(lambda: client().invoke(FunctionName=NAME)) == DONE


# -- updates and publications


def update_code_of(kind: str) -> Any:
    source = {"ImageUri": IMAGE_URI} if kind == "image" else {"ZipFile": package("two")}
    return client().update_function_code(FunctionName=NAME, **source)


CHANGES: dict[str, Callable[[str], Any]] = {
    "UpdateFunctionCode": update_code_of,
    "UpdateFunctionConfiguration": lambda kind: client().update_function_configuration(FunctionName=NAME, Timeout=9),
    "PublishVersion": lambda kind: client().publish_version(FunctionName=NAME),
}
CHANGED = {"UpdateFunctionCode": DONE, "UpdateFunctionConfiguration": DONE, "PublishVersion": CREATED}
CHANGEABLE = ("active", "inactive", "backing off")


@pytest.mark.parametrize("kind", FUNCTIONS)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("operation", CHANGES)
def test_a_change_is_accepted_only_when_active_or_inactive_and_settled(
    m: Any, state: str, kind: str, operation: str
) -> None:
    bring(m, state, kind)

    reply = reply_to(lambda: CHANGES[operation](kind))

    if state in CHANGEABLE:
        assert reply == CHANGED[operation]
    else:
        assert reply == (BUSY if state == "updating" else UNCHANGEABLE[state])


@pytest.mark.parametrize("kind", FUNCTIONS)
@pytest.mark.parametrize("state", ["creating", "restoring"])
@pytest.mark.parametrize("operation", CHANGES)
def test_six_minutes_in_pending_are_not_yet_stuck(m: Any, state: str, kind: str, operation: str) -> None:
    m.faults.on_phase("restore" if state == "restoring" else "create").hang()
    bring(m, state, kind)
    m.clock.advance(360)

    assert reply_to(lambda: CHANGES[operation](kind)) == UNCHANGEABLE[state]
    assert m.function(NAME).state == "Pending"


@pytest.mark.parametrize("kind", FUNCTIONS)
@pytest.mark.parametrize("state", ["creating", "restoring"])
@pytest.mark.parametrize("operation", CHANGES)
def test_a_change_cancels_what_was_pending_for_more_than_six_minutes(
    m: Any, state: str, kind: str, operation: str
) -> None:
    m.faults.on_phase("restore" if state == "restoring" else "create").hang()
    bring(m, state, kind)
    m.clock.advance(360.001)

    assert reply_to(lambda: CHANGES[operation](kind)) == UNCHANGEABLE[state]
    assert m.function(NAME).state == "Failed"


@pytest.mark.parametrize("state", STATES)
def test_the_state_of_a_version_does_not_stop_changes_of_its_function(m: Any, state: str) -> None:
    bring(m, state, "snapstart")

    expected = BUSY if state == "updating" else DONE
    assert reply_to(lambda: CHANGES["UpdateFunctionCode"]("zip")) == expected


# -- tags

TAGGED: dict[str, dict[str, Any]] = {"TagResource": {"Tags": {"team": "ops"}}, "UntagResource": {"TagKeys": ["team"]}}


def tag(operation: str) -> Any:
    call = client().tag_resource if operation == "TagResource" else client().untag_resource
    return call(Resource=arn_of(), **TAGGED[operation])


@pytest.mark.parametrize("kind", FUNCTIONS)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("operation", TAGGED)
def test_tags_are_refused_only_while_an_update_is_in_progress(m: Any, state: str, kind: str, operation: str) -> None:
    bring(m, state, kind)

    assert reply_to(lambda: tag(operation)) == (BUSY if state == "updating" else Reply(204))


# -- DeleteFunction


@pytest.mark.parametrize("kind", FUNCTIONS)
@pytest.mark.parametrize("state", STATES)
def test_only_a_pending_function_in_a_vpc_cannot_be_deleted(m: Any, state: str, kind: str) -> None:
    bring(m, state, kind)
    stays = kind == "vpc" and state in ("creating", "restoring")

    assert reply_to(lambda: client().delete_function(FunctionName=NAME)) == (UNCHANGEABLE[state] if stays else GONE)
    assert m.function(NAME).exists is stays


@pytest.mark.parametrize("state", STATES)
def test_a_version_can_be_deleted_whatever_its_snapshot_does(m: Any, state: str) -> None:
    bring(m, state, "snapstart")

    assert reply_to(lambda: client().delete_function(FunctionName=NAME, Qualifier="1")) == GONE


# -- all that is allowed everywhere

ALLOWED: dict[str, tuple[Callable[[], Any], int]] = {
    "GetFunction": (lambda: client().get_function(FunctionName=NAME), 200),
    "GetFunctionConfiguration": (lambda: client().get_function_configuration(FunctionName=NAME), 200),
    "GetFunctionConcurrency": (lambda: client().get_function_concurrency(FunctionName=NAME), 200),
    "ListFunctions": (lambda: client().list_functions(), 200),
    "ListVersionsByFunction": (lambda: client().list_versions_by_function(FunctionName=NAME), 200),
    "ListAliases": (lambda: client().list_aliases(FunctionName=NAME), 200),
    "ListTags": (lambda: client().list_tags(Resource=arn_of()), 200),
    "CreateAlias": (
        lambda: client().create_alias(FunctionName=NAME, Name="live", FunctionVersion="$LATEST"),
        201,
    ),
    "AddPermission": (
        lambda: client().add_permission(
            FunctionName=NAME, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
        ),
        201,
    ),
    "PutFunctionConcurrency": (
        lambda: client().put_function_concurrency(FunctionName=NAME, ReservedConcurrentExecutions=5),
        200,
    ),
}


@pytest.mark.parametrize("kind", FUNCTIONS)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("operation", ALLOWED)
def test_looking_and_what_hangs_on_a_function_are_allowed_in_every_state(
    m: Any, state: str, kind: str, operation: str
) -> None:
    bring(m, state, kind)
    shown = m.function(NAME).state
    call, status = ALLOWED[operation]

    assert reply_to(call) == Reply(status)
    assert m.function(NAME).state == shown
