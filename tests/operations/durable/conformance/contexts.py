"""Functions of child contexts, of map and of parallel."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from aws_durable_execution_sdk_python.concurrency.models import BatchResult
from aws_durable_execution_sdk_python.config import (
    ChildConfig,
    CompletionConfig,
    Duration,
    MapConfig,
    NestingType,
    ParallelBranch,
    ParallelConfig,
)

from .handlers import ONCE, Busy, Counted, coded, failing, handles, tried

SECOND = Duration.from_seconds(1)
FIRST = CompletionConfig(tolerated_failure_count=0)


def child(context: Any, work: Callable[[Any], Any], **more: Any) -> Any:
    return context.run_in_child_context(work, **{"name": "child", **more})


def logs_always(context: Any) -> Any:
    """Return the logger of *context* as one that is not silent while that replays."""
    return context.logger.with_is_replaying(lambda: False)


def told(step: Any) -> Callable[[Any], Any]:
    """Return what runs a step that returns what it is told."""
    return lambda inner: inner.step(lambda _: step)


@handles("3-1")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return child(context, told(event))


@handles("3-2")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return child(context, told(event["value"]), name=event["name"])


@handles("3-3")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    def work(inner: Any) -> Any:
        first = inner.step(lambda _: event)
        return inner.step(lambda _: first)

    return child(context, work)


def _step_fails(inner: Any) -> Any:
    return inner.step(failing, config=ONCE)


@handles("3-4")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return child(context, _step_fails)


@handles("3-5")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    try:
        child(context, _step_fails)
    except Exception:
        return context.step(lambda _: event)


@handles("3-6")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    def outer(inner: Any) -> Any:
        inner.step(lambda _: event)
        return child(inner, told(event))

    return child(context, outer)


@handles("3-7")
def _(event: Any, context: Any, remembered: Counted) -> Any:
    def work(_step: Any) -> Any:
        if remembered.once_more() == 1:
            raise Busy("once")
        return event

    return child(context, lambda inner: inner.step(work, config=tried(2)))


@handles("3-8")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return child(context, lambda inner: inner.step(failing, config=tried(2)))


@handles("3-9")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    result = child(context, told(event))
    context.wait(SECOND)
    return result


def _step_and_wait(event: Any) -> Callable[[Any], Any]:
    def work(inner: Any) -> Any:
        inner.step(lambda _: event)
        inner.wait(SECOND)
        return event

    return work


@handles("3-10")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return child(context, _step_and_wait(event))


@handles("3-11")
def _(event: Any, context: Any, remembered: Counted) -> Any:
    def work(inner: Any) -> str:
        remembered.once_more()
        logs_always(inner).info(f"input: {event}")
        small = inner.step(lambda _: "x")
        return str(small) * 300_000

    child(context, work, name="large")
    context.wait(SECOND)
    assert remembered.count == 2
    return None


@handles("3-12")
def _(event: Any, context: Any, remembered: Counted) -> Any:
    def work(step: Any) -> Any:
        if remembered.once_more() == 1:
            remembered.seen.append(step)
            step_is_stored(context)
            os._exit(1)
        return event

    return child(context, lambda inner: inner.step(work))


def step_is_stored(context: Any) -> None:
    """Let what was sent without waiting reach the service: the process dies next."""
    context.state.create_checkpoint(is_sync=True)


@handles("3-13")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    def work(inner: Any) -> Any:
        inner.wait(SECOND)
        return event

    child(context, work)
    return context.step(lambda _: event)


@handles("3-14")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return child(context, told(event), config=ChildConfig(serdes=coded(str.upper)))


@handles("3-15")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return child(context, failing)


@handles("3-16")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return child(context, lambda _inner: None)


@handles("3-17")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    def work(inner: Any) -> Any:
        logs_always(inner).info(f"input: {event}")
        return event

    result = child(context, work)
    context.wait(SECOND)
    return result


@handles("3-18")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    child(context, _step_and_wait(event))
    result = context.step(lambda _: event)
    context.wait(SECOND)
    return result


# -- map and parallel: what both are asked for, by a function that runs a list of branches one after the other


def mapped(context: Any, items: Any, work: Any, name: str | None = None, **config: Any) -> Any:
    """Run *work* with the context, the item and its index."""
    usual = {"max_concurrency": 1, **config}
    call = lambda inner, item, index, _items: work(inner, item, index)  # noqa: E731
    return context.map(items, call, name=name, config=MapConfig(**usual))


def paralleled(context: Any, branches: Any, name: str | None = None, **config: Any) -> Any:
    return context.parallel(branches, name=name, config=ParallelConfig(**{"max_concurrency": 1, **config}))


def plain(value: Any) -> Callable[[Any], Any]:
    return lambda _inner: value


def both(context: Any, requirement: str, branches: list[Callable[[Any], Any]], **config: Any) -> Any:
    """Run *branches* by map or by parallel, as the suite of *requirement* says."""
    if requirement.startswith("9"):
        return mapped(context, branches, lambda inner, branch, _index: branch(inner), **config)
    return paralleled(context, branches, **config)


def summary(batch: Any, *members: str) -> dict[str, Any]:
    found = {
        "completionReason": batch.completion_reason.value,
        "status": batch.status.value,
        "successCount": batch.success_count,
        "failureCount": batch.failure_count,
        "totalCount": batch.total_count,
    }
    return {member: found[member] for member in members or found}


COUNTS = ("completionReason", "successCount", "failureCount", "totalCount")
OK = plain("ok")


def batch(
    requirement: str, name: str, branches: list[Callable[[Any], Any]], members: tuple[str, ...], **config: Any
) -> None:
    """Let the function of *requirement* run *branches*, and return the *members* of a summary."""

    @handles(requirement)
    def _(_event: Any, context: Any, _remembered: Counted) -> Any:
        completion = CompletionConfig(**config)
        done = both(context, requirement, branches, name=name, completion_config=completion)
        return summary(done, *members)


ALL: tuple[str, ...] = ()
SUCCESSES = ("completionReason", "successCount", "totalCount")
BATCHES: tuple[tuple[tuple[str, ...], str, list[Callable[[Any], Any]], tuple[str, ...], dict[str, Any]], ...] = (
    (("9-5", "8-6"), "failfast", [OK, failing, OK], ALL, {"tolerated_failure_count": 0}),
    (("9-7", "8-8"), "min-successful", [OK] * 4, SUCCESSES, {"min_successful": 2}),
    (("9-8", "8-9"), "tolerated", [OK, failing, OK], ALL, {"tolerated_failure_count": 1}),
    (("9-9", "8-10"), "tolerated-exceeded", [failing] * 3, COUNTS, {"tolerated_failure_count": 1}),
    (("9-10", "8-13"), "tolerated-pct", [failing] * 4, COUNTS, {"tolerated_failure_percentage": 25}),
    (("8-16",), "all-fail", [failing] * 3, ALL, {"tolerated_failure_count": 3}),
    (("8-17",), "min-not-reached", [OK, failing, OK], ALL, {"min_successful": 3}),
    (("8-18",), "combined", [failing] * 4, COUNTS, {"min_successful": 3, "tolerated_failure_count": 1}),
    (("8-22",), "pct-boundary", [failing, OK, OK, OK], ALL, {"tolerated_failure_percentage": 25}),
)
for _ids, _name, _branches, _members, _config in BATCHES:
    for _id in _ids:
        batch(_id, _name, _branches, _members, **_config)


def results(requirement: str, branches: list[Callable[[Any], Any]], name: str | None, **config: Any) -> None:
    """Let the function of *requirement* run *branches*, and return their results."""

    @handles(requirement)
    def _(_event: Any, context: Any, _remembered: Counted) -> Any:
        return both(context, requirement, branches, name=name, **config).get_results()


def _waits(then: Any) -> Callable[[Any], Any]:
    def work(inner: Any) -> Any:
        inner.wait(Duration.from_seconds(2))
        return then

    return work


def _waits_and_steps(inner: Any) -> Any:
    inner.wait(SECOND)
    return inner.step(lambda _: "r1")


WRAPPED = coded(lambda value: json.dumps({"wrapped": value}), lambda text: json.loads(text)["wrapped"])
PREFIXED = coded(lambda value: f"wrapped:{value}", lambda text: text.removeprefix("wrapped:"))
results("8-1", [told("task-1"), told("task-2")], "parallel")
results("8-2", [plain("alpha"), plain("beta")], None)
results("8-4", [plain("hello"), plain(42), plain({"k": "v"})], "types")
results("8-5", [], "empty")
results("9-4", [], "empty")
results("8-11", [plain(f"r{number}") for number in range(3)], "concurrent", max_concurrency=2)
results("9-11", [plain(f"r{number}") for number in range(3)], "concurrent", max_concurrency=2)
results("8-12", [told("fa"), told("fb")], "flat", nesting_type=NestingType.FLAT)
results("9-12", [told("fa"), told("fb")], "flat", nesting_type=NestingType.FLAT)
results("8-14", [told("b0"), _waits("b1")], "replay")
results("8-15", [plain("x"), plain("y")], "serde", item_serdes=WRAPPED)
results("9-15", [told("r0"), _waits_and_steps], "replay")


@handles("8-3")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    branches = [ParallelBranch(plain("one"), name="first"), ParallelBranch(plain("two"), name="second")]
    return paralleled(context, branches, "named").get_results()


def _rethrows(requirement: str) -> None:
    @handles(requirement)
    def _(_event: Any, context: Any, _remembered: Counted) -> Any:
        done = both(context, requirement, [failing, OK], name="throwing", completion_config=FIRST)
        done.throw_if_error()
        return "not reached"


_rethrows("8-7")
_rethrows("9-6")


@handles("8-19")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return paralleled(context, [OK, OK], "bad-concurrency", max_concurrency=0).get_results()


@handles("8-20")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    config = CompletionConfig(tolerated_failure_count=1)
    done = paralleled(context, [OK, failing, OK], "accessors", completion_config=config)
    return {
        "hasFailure": done.has_failure,
        "successCount": len(done.succeeded()),
        "failureCount": len(done.failed()),
        "errorCount": len(done.get_errors()),
    }


@handles("8-21")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    def inner(branch: Any) -> Any:
        return paralleled(branch, [told("i1"), told("i2")], "inner").get_results()

    return paralleled(context, [inner], "outer").get_results()


@handles("9-1")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    greet = lambda inner, item, _index: inner.step(lambda _: f"Hello, {item}!")  # noqa: E731
    return mapped(context, event, greet, "map").get_results()


@handles("9-2")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return mapped(context, event, lambda _inner, item, _index: item * 2).get_results()


@handles("9-3")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return mapped(context, event, lambda _inner, item, index: item + index, "indexed").get_results()


@handles("9-13")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    named = {"item_namer": lambda item, _index: f"item-{item}"}
    return mapped(context, event, lambda _inner, item, _index: item * 10, "named", **named).get_results()


def _upper(_inner: Any, item: str, _index: int) -> str:
    return item.upper()


@handles("9-14")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return mapped(context, ["x", "y"], _upper, "serde", item_serdes=PREFIXED).get_results()


@handles("9-16")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    large = mapped(context, list(range(4)), lambda _inner, _item, _index: "x" * 70_000, "large")
    return summary(large, "successCount", "totalCount")


@handles("9-17")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    done = mapped(context, ["a", "b"], _upper, "map").get_results()
    context.wait(SECOND)
    return done


@handles("9-18")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    config = CompletionConfig(tolerated_failure_count=1)
    done = both(context, "9-18", [OK, failing], name="map", completion_config=config)
    context.wait(SECOND)
    return summary(done)


def _whole(context: Any) -> Any:
    """Run a map whose whole result is serialized by one function, and read by another."""

    def read(text: str) -> Any:
        items = [
            {"index": index, "status": "SUCCEEDED", "result": result, "error": None}
            for index, result in enumerate(text.removeprefix("OPSERDE:").split(","))
        ]
        return BatchResult.from_dict({"all": items, "completionReason": "ALL_COMPLETED"})

    text = coded(lambda done: "OPSERDE:" + ",".join(done.get_results()), read)
    each = coded(json.dumps, json.loads)
    return mapped(context, ["x", "y"], _upper, "whole", serdes=text, item_serdes=each)


@handles("9-19")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return _whole(context).get_results()


@handles("9-20")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    done = _whole(context)
    context.wait(SECOND)
    return done.get_results()
