"""SIGTERM in the Shutdown phase (execution-environment.md, section 1)."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.execution.stage import IDLE_LIFETIME, PLACE, Stage, spec, zip_files

START_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
CODE = """
import os, signal, time
def tidy(number, frame):
    print(f"tidied up after {signal.Signals(number).name} {frame}")
    {does}
signal.signal(signal.SIGTERM, tidy)
def handler(event, context):
    return 1
"""


def ended(stage: Stage, code: str, **changes: Any) -> str:
    """Return the last words of a function that has run once and is not needed any more."""
    function = spec(code, **changes)
    stage.invoke(function)
    before = len(stage.records(function)[0].log)
    stage.clock.advance(IDLE_LIFETIME)
    stage.clock.advance(10)
    (record,) = stage.records(function)
    assert record.state == "Gone"
    return record.log[before:]


def shutdown_seconds(stage: Stage, code: str) -> float:
    moves = {move.after: move.at for move in stage.records(spec(code))[0].history}
    return (moves["Gone"] - moves["Shutdown"]).total_seconds()


@pytest.mark.parametrize(
    ("options", "heard"),
    [
        pytest.param({"events": ["SHUTDOWN"]}, True, id="external"),
        pytest.param({"events": []}, True, id="external, without SHUTDOWN"),
        pytest.param({"events": ["INVOKE"], "internal": True}, True, id="internal"),
        pytest.param(None, False, id="none: it is killed at once"),
    ],
)
def test_a_runtime_hears_of_its_end_beside_extensions(
    stage: Stage, options: dict[str, Any] | None, heard: bool
) -> None:
    if options is not None:
        stage.extensions.add("agent", **options)
    words = ended(stage, CODE.replace("{does}", "pass"))
    assert ("tidied up after SIGTERM None\n" in words) is heard


def test_an_executable_in_a_layer_is_enough(stage: Stage) -> None:
    layer = zip_files({"extensions/foo": ""})
    assert "tidied up" in ended(stage, CODE.replace("{does}", "pass"), layers_code=(layer,))


@pytest.mark.parametrize(
    ("options", "sleeps", "taken"),
    [
        pytest.param({}, 0.2, 0.2, id="external, in time"),
        pytest.param({}, 5, 0.3, id="external: 300 ms"),
        pytest.param({"events": ["INVOKE"], "internal": True}, 5, 0.5, id="internal: 500 ms"),
        pytest.param({"duration": 5}, 0.1, 2, id="extensions have the rest of two seconds"),
    ],
)
def test_it_has_a_part_of_the_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], sleeps: float, taken: float
) -> None:
    monkeypatch.setattr("time.sleep", stage.sleep)
    stage.extensions.add("agent", **options)
    code = CODE.replace("{does}", f"time.sleep({sleeps})")
    assert "tidied up" in ended(stage, code, timeout=10)
    assert shutdown_seconds(stage, code) == taken


def test_extensions_are_told_after_it(stage: Stage) -> None:
    extension = stage.extensions.add("agent", events=["SHUTDOWN"])
    extension(lambda event: print("agent", event["deadlineMs"] - START_MS))
    words = ended(stage, CODE.replace("{does}", "pass"))
    assert words.splitlines() == ["tidied up after SIGTERM None", "agent 602000"]


@pytest.mark.parametrize(
    ("does", "words"),
    [("raise SystemExit", ""), ("os._exit(1)", ""), ("raise ValueError('no')", "ValueError: no\n")],
)
def test_however_it_ends_the_environment_does(stage: Stage, does: str, words: str) -> None:
    stage.extensions.add("agent")
    assert ended(stage, CODE.replace("{does}", does)).endswith(words or "tidied up after SIGTERM None\n")


def test_a_mistake_of_the_test_is_seen_and_leaves_nothing(stage: Stage, tmp_path: Path) -> None:
    stage.extensions.add("agent")
    stage.invoke(spec(CODE.replace("{does}", "raise KeyboardInterrupt")))
    with pytest.raises(KeyboardInterrupt):
        stage.clock.advance(IDLE_LIFETIME)
    assert ([record.state for record in stage.records(spec())], list(tmp_path.iterdir())) == (["Gone"], [])


def test_a_process_that_was_reset_has_forgotten_it(stage: Stage) -> None:
    stage.extensions.add("agent")
    code = f"import os\n{CODE.replace('{does}', 'pass')}".replace("return 1", "os._exit(1)")
    assert "tidied up" not in ended(stage, code)


def test_new_code_ends_the_old_one_in_the_same_way(stage: Stage) -> None:
    stage.extensions.add("agent", events=[])
    function = spec(CODE.replace("{does}", "pass"))
    stage.invoke(function)
    stage.pool.discard(PLACE, "orders")
    stage.clock.advance(0)
    assert stage.records(function)[0].log.endswith("tidied up after SIGTERM None\n")


def test_in_another_thread_there_is_no_way_to_set_it(stage: Stage) -> None:
    payloads: list[Any] = []
    thread = threading.Thread(target=lambda: payloads.append(stage.result(spec(CODE.replace("{does}", "pass")))))
    before = signal.getsignal(signal.SIGTERM)
    thread.start()
    thread.join(10)
    assert payloads[0]["errorMessage"].startswith("signal only works in main thread")
    assert signal.getsignal(signal.SIGTERM) is before
