"""Code that goes wrong in every way, in three languages: the test lives, the answer is Lambda's, nothing is left."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest

from tests.processes.test_custom_runtimes import KIT

pytestmark = pytest.mark.processes
contained = pytest.mark.needs_program("bubblewrap")
both = pytest.mark.parametrize("kind", [pytest.param("bubblewrap", marks=contained), "none"])


class Language(NamedTuple):
    """A function that does what its event names, and returns the rest."""

    files: Mapping[str, str]
    params: dict[str, Any]


PYTHON = """
import os, signal, subprocess, sys
def deeper(_=None):
    return sorted([1], key=deeper)
def handler(event, context):
    if event == "overflow":
        sys.setrecursionlimit(10**8)
        deeper()
    if event == "abort": os.abort()
    if event == "kill": os.kill(os.getpid(), signal.SIGKILL)
    while event == "loop": pass
    if event == "memory": return len(bytearray(b"x" * 1_000_000_000))
    if event == "children":
        for _ in range(200): subprocess.Popen(["sleep", "98766"])
    if event == "fill":
        with open("/tmp/large", "wb") as file:
            for _ in range(700): file.write(b"x" * 1_000_000)
    return event
"""
NODE = """
const fs = require("node:fs");
const { spawn } = require("node:child_process");
const deeper = (n) => 1 + deeper(n + 1);
exports.handler = async (event) => {
  if (event === "overflow") deeper(0);
  if (event === "abort") process.abort();
  if (event === "kill") process.kill(process.pid, "SIGKILL");
  while (event === "loop");
  if (event === "memory") return Buffer.alloc(1_000_000_000, "x").length;
  if (event === "children") for (let n = 0; n < 200; n += 1) spawn("sleep", ["98766"], { stdio: "ignore" }).unref();
  if (event === "fill") {
    const file = fs.openSync("/tmp/large", "w");
    for (let n = 0; n < 700; n += 1) fs.writeSync(file, Buffer.alloc(1_000_000, "x"));
  }
  return event;
};
"""
BASH = (
    KIT
    + r"""
deeper() { printf -v open '(%.0s' {1..300000}; printf -v close ')%.0s' {1..300000}; let "one=${open}1$close"; }
while true; do
  next
  case "$event" in
    *overflow*) deeper ;;
    *abort*) kill -ABRT $$ ;;
    *kill*) kill -KILL $$ ;;
    *loop*) while true; do :; done ;;
    *memory*) large=$(head -c 1000000000 /dev/zero | tr '\0' x) ;;
    *children*) for _ in $(seq 200); do sleep 98766 & done ;;
    *fill*) head -c 700000000 /dev/zero > /tmp/large || { rm /tmp/large; exit 28; } ;;
  esac
  answer "$event"
done
"""
)
LANGUAGES = {
    "python": Language({"app.py": PYTHON}, {}),
    "node": Language({"app.js": NODE}, {"Runtime": "nodejs22.x"}),
    "bash": Language({"bootstrap": BASH}, {"Runtime": "provided.al2023", "Timeout": 8}),
}
every_language = pytest.mark.parametrize(
    "language", [pytest.param(one, marks=pytest.mark.needs_program(one)) for one in LANGUAGES]
)


def exited(how: str) -> dict[str, str]:
    return {"errorType": "Runtime.ExitError", "errorMessage": f"Runtime exited with error: {how}"}


SEGFAULT = exited("signal: segmentation fault")
FAILURES = {
    #            of python                       of node                           of bash
    "overflow": (SEGFAULT,                       {"errorType": "RangeError"},      SEGFAULT),
    "abort":    (exited("signal: aborted"),      exited("signal: aborted"),        exited("signal: aborted")),
    "kill":     (exited("signal: killed"),       exited("signal: killed"),         exited("signal: killed")),
}  # fmt: skip


def create(world: Any, language: str, **params: Any) -> None:
    files, usual = LANGUAGES[language]
    world.create(files, **{"Timeout": 10, "MemorySize": 3008, **usual, **params})


def matches(payload: Any, expected: Mapping[str, str]) -> None:
    assert payload["errorType"] == expected["errorType"]
    assert payload["errorMessage"].endswith(expected.get("errorMessage", ""))


@both
@every_language
@pytest.mark.parametrize("event", FAILURES)
def test_a_crash_is_told_and_the_next_event_is_met(
    opened: Callable[..., Any], kind: str, language: str, event: str
) -> None:
    with opened(sandbox=kind) as world:
        create(world, language)
        payload, failed = world.invoke(event)
        matches(payload, FAILURES[event][list(LANGUAGES).index(language)])
        assert failed == "Unhandled"
        assert world.invoke("well") == ("well", None)
        assert len(world.m.function("orders").environments) == 1


@both
@every_language
def test_code_that_loops_is_out_of_time(opened: Callable[..., Any], kind: str, language: str) -> None:
    with opened(sandbox=kind, hang_after=1) as world:
        create(world, language)
        payload, failed = world.invoke("loop")
        assert (payload["errorType"], failed) == ("Sandbox.Timedout", "Unhandled")
        assert "did not answer within 1 s of real time (hang_after)" in world.log()
        assert world.invoke("well") == ("well", None)


@both
@every_language
def test_who_takes_more_memory_than_there_is_gets_killed(opened: Callable[..., Any], kind: str, language: str) -> None:
    with opened(sandbox=kind) as world:
        create(world, language, MemorySize=128, Timeout=60)
        payload, failed = world.invoke("memory")
        matches(payload, exited("signal: killed"))
        assert failed == "Unhandled"
        assert "Memory Size: 128 MB\tMax Memory Used: 128 MB\t" in world.log()
        assert world.invoke("well") == ("well", None)


def sleepers() -> int:
    """Return how many of the children are there that functions here have started, dead ones included."""
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return found.splitlines().count("sleep 98766")


@both
@every_language
def test_children_that_never_end_neither_stop_the_answer_nor_outlive_the_mock(
    opened: Callable[..., Any], kind: str, language: str
) -> None:
    with opened(sandbox=kind) as world:
        create(world, language)
        assert world.invoke("children") == ("children", None)
        assert world.invoke("well") == ("well", None)
        assert sleepers() == 200
        world.m.clock.advance(3600)
        assert sleepers() == 0


@contained
@every_language
def test_a_full_tmp_is_an_error_of_the_function(opened: Callable[..., Any], language: str) -> None:
    with opened(sandbox="bubblewrap") as world:
        create(world, language, EphemeralStorage={"Size": 512})
        payload, failed = world.invoke("fill")
        assert failed == "Unhandled"
        if language == "bash":
            matches(payload, exited("exit status 28"))
            assert "No space left on device" in world.log()
        else:
            assert payload["errorType"] == {"python": "OSError", "node": "Error"}[language]
            shown = {"python": "[Errno 28] No space left on device", "node": "ENOSPC: no space left on device, write"}
            assert payload["errorMessage"] == shown[language]
        assert world.invoke("well") == ("well", None)
