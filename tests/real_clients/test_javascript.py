"""AWS's SDK for JavaScript, version 3: ``javascript/life.mjs`` says what it sees, and once is enough for all tests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.real_clients.conftest import CLIENTS, World

pytestmark = [pytest.mark.real_clients, pytest.mark.needs_client("javascript")]
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:orders"


@pytest.fixture(scope="module")
def seen(world: World, zip_in_text: str) -> Any:
    program = world.folder / "life.mjs"
    shutil.copy(Path(__file__).parent / "javascript" / "life.mjs", program)
    (world.folder / "node_modules").symlink_to(CLIENTS / "node_modules")
    return world.report("node", "--no-warnings", program, zip_in_text)


def test_it_creates_a_function_and_waits_until_it_is_active(seen: Any, archive: bytes) -> None:
    assert seen["created"] == {"State": "Pending", "FunctionArn": FUNCTION, "CodeSize": len(archive)}
    assert seen["waited"] == "SUCCESS"


def test_it_updates_and_waits_for_that(seen: Any) -> None:
    assert seen["updated"] == {"LastUpdateStatus": "InProgress", "Timeout": 9}
    assert seen["updatedInTheEnd"] == "SUCCESS"


@pytest.mark.parametrize(
    ("call", "name", "status", "says"),
    [
        ("refusedWhilePending", "ResourceConflictException", 409, "in the following state: 'Pending'"),
        ("refusedTwice", "ResourceConflictException", 409, "Function already exist: orders"),
        ("missing", "ResourceNotFoundException", 404, "Function not found: "),
        ("noJson", "InvalidRequestContentException", 400, "Could not parse request body into json"),
    ],
)
def test_errors_are_of_its_classes_and_not_tried_again(seen: Any, call: str, name: str, status: int, says: str) -> None:
    raised = seen[call]
    assert (raised["name"], raised["isItsClass"], raised["Type"]) == (name, True, "User")
    assert (raised["status"], raised["attempts"]) == (status, 1)
    assert says in raised["message"]


def test_an_error_that_its_model_lacks_keeps_its_name(seen: Any) -> None:
    assert (seen["invalid"]["name"], seen["invalid"]["status"]) == ("ValidationException", 400)


def test_it_invokes_in_each_way(seen: Any) -> None:
    assert seen["invoked"] == {
        "StatusCode": 200,
        "payload": {"ok": True, "text": "grüße"},
        "ExecutedVersion": "$LATEST",
        "log": True,
    }
    assert seen["failed"]["FunctionError"] == "Unhandled"
    assert seen["failed"]["payload"]["errorType"] == "OutOfStock"
    assert (seen["dryRun"], seen["event"]) == (204, 202)


def test_it_reads_the_event_stream_of_a_response(seen: Any) -> None:
    *chunks, end = seen["stream"]
    assert "".join(one["chunk"] for one in chunks) == '{"ok": true}'
    assert end == {"complete": []}


def test_it_tries_again_what_may_be_tried_again(seen: Any) -> None:
    assert seen["retried"] == {"attempts": 3, "State": "Active"}
    assert seen["disconnected"] == 2
    assert (seen["gaveUp"]["name"], seen["gaveUp"]["attempts"]) == ("ServiceException", 3)
    assert seen["gaveUp"]["isItsClass"]


def test_it_pages(seen: Any) -> None:
    assert seen["aliases"] == [["alias-0", "alias-1"], ["alias-2"]]


def test_what_it_deletes_is_gone(seen: Any) -> None:
    assert seen["gone"] == "ResourceNotFoundException"
