"""Whose output is whose: a function's is what its own thread prints, and what the threads print that it starts."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from tests.execution.stage import Stage, spec


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """A thread of the test that does *work* when it is told to; it is told, and waited for, by what is yielded."""
    start, done = threading.Event(), threading.Event()

    def run() -> None:
        assert start.wait(10)
        work()
        done.set()

    def tell() -> None:
        start.set()
        assert done.wait(10)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield tell
    finally:
        start.set()
        thread.join(10)


def said(log: str) -> list[str]:
    return [line for line in log.splitlines() if line.startswith("from ")]


def test_what_another_thread_prints_meanwhile_is_not_the_function_s(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    def other() -> None:
        print("from another thread")
        print("from another thread, too", file=sys.stderr)

    def handler(event: Any, context: Any) -> None:
        tell()
        print("from the handler")

    with beside(other) as tell:
        stage.handlers.add("orders", call=handler)
        outcome = stage.invoke(spec())
    assert said(outcome.log) == ["from the handler"]
    assert capsys.readouterr() == ("from another thread\n", "from another thread, too\n")


def test_what_another_thread_logs_meanwhile_is_not_the_function_s(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    def handler(event: Any, context: Any) -> None:
        tell()
        logging.warning("from the handler")

    with beside(lambda: logging.warning("from another thread")) as tell:
        stage.handlers.add("orders", call=handler)
        outcome = stage.invoke(spec())
    assert [line.rpartition("\t")[2] for line in outcome.log.splitlines() if "[WARNING]" in line] == [
        "from the handler"
    ]
    assert caplog.messages == ["from another thread", "from the handler"]


@pytest.mark.parametrize(
    "statement",
    [
        "thread = threading.Thread(target=print, args=('from a thread',)); thread.start(); thread.join()",
        "pool.submit(print, 'from a thread').result()",
        "asyncio.run(asyncio.to_thread(print, 'from a thread'))",
        "outer = threading.Thread(target=nested); outer.start(); outer.join()",
    ],
    ids=["thread", "pool", "asyncio", "thread of a thread"],
)
def test_threads_that_a_function_starts_are_its_own(stage: Stage, statement: str) -> None:
    code = f"""
    import asyncio, threading
    from concurrent.futures import ThreadPoolExecutor
    pool = ThreadPoolExecutor(1)
    def nested():
        inner = threading.Thread(target=print, args=("from a thread",))
        inner.start()
        inner.join()
    def handler(event, context):
        {statement}
        if event == "last": pool.shutdown()
    """
    for event in ("first", "last"):  # a pool keeps its threads from one invocation to the next
        assert said(stage.invoke(spec(code), event).log) == ["from a thread"]


def test_a_function_that_invokes_another_keeps_its_words_to_itself(stage: Stage) -> None:
    logs = []

    def outer(event: Any, context: Any) -> None:
        logging.warning("outer")
        print("from outer")
        logs.append(stage.invoke(spec(name="inner")).log)
        print("from outer again")

    def inner(event: Any, context: Any) -> None:
        print("from inner")
        logging.warning("inner")

    stage.handlers.add("outer", call=outer)
    stage.handlers.add("inner", call=inner)
    log = stage.invoke(spec(name="outer")).log
    assert (said(log), said(logs[0])) == (["from outer", "from outer again"], ["from inner"])
    assert ("\tinner\n" in log, "\tinner\n" in logs[0]) == (False, True)


def test_two_functions_at_once_have_each_their_own_words(stage: Stage) -> None:
    both = threading.Barrier(2, timeout=10)

    def handler(event: Any, context: Any) -> None:
        both.wait()
        for _ in range(20):
            print(f"from {event}")
        both.wait()

    stage.handlers.add("orders", call=handler)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(stage.invoke, spec(), word) for word in ("one", "two")]
    assert [said(run.result().log) for run in runs] == [["from one"] * 20, ["from two"] * 20]


def test_a_stream_that_somebody_kept_leads_to_the_last_log(stage: Stage) -> None:
    kept: list[Any] = []
    stage.handlers.add("orders", call=lambda event, context: kept.append(sys.stdout))
    outcome = stage.invoke(spec())
    kept[0].write("from later\n")
    assert said(stage.records(spec())[0].log) == ["from later"]
    assert said(outcome.log) == []


def test_threads_start_as_ever_when_nothing_runs(stage: Stage) -> None:
    before = threading.Thread.start
    stage.handlers.add("orders", returns=1)
    stage.invoke(spec())
    assert threading.Thread.start is before


def test_a_replaced_start_of_threads_is_called_all_the_same(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[threading.Thread] = []
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        seen.append(thread)
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)

    def handler(event: Any, context: Any) -> None:
        thread = threading.Thread(target=print, args=("from a thread",))
        thread.start()
        thread.join()

    stage.handlers.add("orders", call=handler)
    assert (said(stage.invoke(spec()).log), len(seen)) == (["from a thread"], 1)
