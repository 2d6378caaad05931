"""ansible's modules of amazon.aws for Lambda: ``ansible/life.yml`` writes down what each returns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.real_clients.conftest import SCRIPTS, World

pytestmark = [pytest.mark.real_clients, pytest.mark.needs_client("ansible")]
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:orders"


@pytest.fixture(scope="module")
def seen(world: World, archive: bytes) -> Any:
    code, told = world.folder / "app.zip", world.folder / "seen.json"
    code.write_bytes(archive)
    world.ask("PUT", "/handlers/orders", {"returns": {"ok": True}})
    play = Path(__file__).parent / "ansible" / "life.yml"
    given = ("-e", f"archive={code}", "-e", f"seen={told}", "-e", f"ansible_python_interpreter={SCRIPTS / 'python'}")
    done = world.run(SCRIPTS / "ansible-playbook", play, *given, LC_ALL="C.UTF-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(told.read_text())


def test_a_function_is_created_once_and_then_updated(seen: Any) -> None:
    assert seen["created"]["changed"]
    assert seen["created"]["configuration"]["function_arn"].startswith(FUNCTION)
    assert not seen["same"]["changed"]
    assert seen["updated"]["changed"]
    assert seen["updated"]["configuration"]["timeout"] == 9


def test_what_belongs_to_it_is_found_again(seen: Any) -> None:
    assert seen["alias"]["alias_arn"] == f"{FUNCTION}:live"
    assert seen["policy"]["changed"]
    assert seen["mapping"]["events"]["batch_size"] == 5
    (found,) = seen["info"]["functions"]
    assert [one["name"] for one in found["aliases"]] == ["live"]
    assert found["policy"]["statement"][0]["sid"] == "bucket"
    assert found["mappings"][0]["event_source_arn"] == "arn:aws:sqs:eu-west-1:123456789012:orders"
    assert found["state"] == "Active"


def test_it_is_invoked(seen: Any) -> None:
    assert seen["invoked"]["result"]["output"] == {"ok": True}
    assert seen["invoked"]["result"]["status"] == 200


def test_a_layer_is_published_and_listed(seen: Any) -> None:
    assert seen["layer"]["changed"]
    assert [one["description"] for one in seen["layers"]["layers_versions"]] == ["shared code"]


def test_what_is_deleted_is_gone(seen: Any) -> None:
    assert seen["deleted"]["changed"]
    assert seen["gone"]["functions"] == []
