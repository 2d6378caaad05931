"""Version 1 of the AWS CLI, as typed: a shell, the environment, and nothing of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.real_clients.conftest import SCRIPTS, World

pytestmark = [pytest.mark.real_clients, pytest.mark.needs_client("cli")]
Typing = Callable[..., Any]

CREATE = """aws lambda create-function --function-name orders --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/orders --zip-file fileb://app.zip"""


@pytest.fixture(scope="module")
def shell(world: World, archive: bytes) -> Typing:
    """What types a line, and returns its status, its JSON or text, and its complaints."""
    (world.folder / "app.zip").write_bytes(archive)

    def typed(line: str) -> tuple[int, Any, str]:
        path = f"{SCRIPTS}:/usr/bin:/bin"
        done = world.run("bash", "-c", line, PATH=path)
        try:
            said = json.loads(done.stdout)
        except ValueError:
            said = done.stdout.strip()
        return done.returncode, said, done.stderr.strip()

    world.ask("PUT", "/handlers/orders", {"returns": {"ok": True}})
    status, said, complaints = typed(CREATE)
    assert (status, complaints) == (0, "")
    assert said["State"] == "Pending"
    refused = typed("aws lambda update-function-configuration --function-name orders --timeout 9")
    assert refused[0] == 255
    assert "(ResourceConflictException) when calling the UpdateFunctionConfiguration operation" in refused[2]
    assert typed("aws lambda wait function-active-v2 --function-name orders") == (0, "", "")
    return typed


def test_a_waiter_has_ended_and_the_function_is_active(shell: Typing) -> None:
    line = "aws lambda get-function --function-name orders --query Configuration.State --output text"
    assert shell(line) == (0, "Active", "")


def test_an_invoke_writes_its_payload_into_a_file(shell: Typing) -> None:
    status, said, _ = shell("aws lambda invoke --function-name orders --payload '{\"id\": 7}' out.json")
    assert (status, said) == (0, {"StatusCode": 200, "ExecutedVersion": "$LATEST"})
    assert shell("cat out.json")[1] == {"ok": True}


def test_a_function_that_is_not_there_is_said_as_aws_says_it(shell: Typing) -> None:
    text = "An error occurred (ResourceNotFoundException) when calling the GetFunction operation: Function not found: "
    status, _, complaints = shell("aws lambda get-function --function-name nobody")
    assert status == 255
    assert complaints.startswith(text)


def test_lists_are_paged(shell: Typing) -> None:
    for number in range(3):
        made = f"aws lambda create-alias --function-name orders --name alias-{number} --function-version '$LATEST'"
        assert shell(made)[0] == 0
    listed = shell("aws lambda list-aliases --function-name orders --page-size 2 --query 'Aliases[].Name'")
    assert listed[:2] == (0, ["alias-0", "alias-1", "alias-2"])
    status, said, _ = shell("aws lambda list-aliases --function-name orders --max-items 1")
    assert (status, len(said["Aliases"])) == (0, 1)
    assert said["NextToken"]


def test_names_with_characters_of_urls_reach_the_server_as_they_are(shell: Typing) -> None:
    arn, tags = "arn:aws:lambda:eu-west-1:123456789012:function:orders", {"a/b": "c d", "ü": "ß"}
    assert shell(f"aws lambda tag-resource --resource {arn} --tags '{json.dumps(tags)}'") == (0, "", "")
    assert shell(f"aws lambda list-tags --resource {arn} --query Tags")[1] == tags
