"""AWS's SDK for Go, version 2, as Debian has it: ``go/main.go`` says what it sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.real_clients.conftest import SOURCES_OF_GO, World

pytestmark = [pytest.mark.real_clients, pytest.mark.needs_client("go")]


@pytest.fixture(scope="module")
def seen(world: World, zip_in_text: str) -> Any:
    program = world.folder / "life"
    built = world.run(
        "go",
        "build",
        "-o",
        program,
        Path(__file__).parent / "go" / "main.go",
        GO111MODULE="off",
        GOPATH=str(SOURCES_OF_GO),
        GOCACHE=str(world.folder / "cache"),
    )
    assert built.returncode == 0, built.stderr
    world.ask("PUT", "/handlers/orders", {"returns": {"ok": True}})
    return world.report(program, zip_in_text)


def test_it_takes_a_function_through_its_life(seen: Any) -> None:
    assert (seen["created"], seen["waited"]) == ("Pending", "Active")
    assert seen["invoked"] == '{"ok": true}'


def test_its_errors_are_of_its_types(seen: Any) -> None:
    assert seen["refused while pending"] is True
    assert seen["missing"].startswith("Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nobody")
