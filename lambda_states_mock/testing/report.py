"""How a broken law is told: what the world was, what happened, why it is wrong, and a test to paste."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from lambda_states_mock.api_calls import ApiCall
from lambda_states_mock.chaos.entries import Disturbance
from lambda_states_mock.chaos.world import ChaosWorld
from lambda_states_mock.errors import LambdaMockError
from lambda_states_mock.instants import time_of_day
from lambda_states_mock.testing.deployments import Deployment, Wanted
from lambda_states_mock.testing.laws import LOOKS, Finding, Law

SHOWN_CALLS = 8
WIDTH = 120


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is told of a broken law."""

    deploy: Callable[[], object]
    expect: Wanted
    world: ChaosWorld
    law: Law
    finding: Finding
    runs: Sequence[Deployment]
    seed: int | None
    tried: int
    found: int
    options: Mapping[str, Any]
    rival: Callable[[], object] | None

    def __str__(self) -> str:
        given = [f"          {text_of(entry)}" for entry in self.world] or ["          nothing: this world is calm"]
        because = _wrapped(self.finding.because, 100)
        return "\n".join(
            [
                f"{_name(self.deploy)}() breaks a law: it {self.law.text}",
                f"  given   {given[0].strip()}",
                *given[1:],
                f"  then    {_run(self.runs[-1])}",
                *(f"          {line}" for line in _story(self.runs[-1])),
                *(f"          {line}" for line in self.finding.then),
                f"  because {because[0]}",
                *(f"          {line}" for line in because[1:]),
                f"  found   in {self._where()}",
                "",
                "  The same as a test:",
                "",
                *(f"    {line}".rstrip() for line in self.test.splitlines()),
            ]
        )

    def _where(self) -> str:
        shrunk = f", shrunk from {self.found} disturbances to {len(self.world)}" if self.found > len(self.world) else ""
        if self.seed is None:
            return f"world {self.tried}{shrunk}"
        return f"world {self.tried}{shrunk}; again with  check_deployer(..., seed={self.seed}, worlds=1)"

    @property
    def test(self) -> str:
        """A test that fails in the same way."""
        name = _name(self.deploy)
        kinds = sorted({type(entry).__name__ for entry in self.world})
        arguments = [name, *self._expected(), "worlds=[world]"]
        arguments += [f"{option}={value!r}" for option, value in self.options.items()]
        if self.rival is not None:
            arguments.append(f"rival={_name(self.rival)}")
        return "\n".join(
            [
                *self._imports(),
                f"from lambda_states_mock.testing import {', '.join(['ChaosWorld', *kinds, 'check_deployer'])}",
                "",
                "",
                f"def test_{name}_in_the_smallest_world() -> None:",
                *_assigned("world", self.world),
                f"    check_deployer({', '.join(arguments)})",
                "",
            ]
        )

    def _imports(self) -> list[str]:
        """Return lines that bring the functions of the test."""
        given = [one for one in (self.deploy, self.expect, self.rival) if callable(one) and not _is_local(one)]
        names: dict[str, set[str]] = {}
        for one in given:
            names.setdefault(getattr(one, "__module__", "__main__"), set()).add(_name(one))
        return [f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)]

    def _expected(self) -> list[str]:
        if self.expect is None:
            return []
        return [f"expect={_name(self.expect) if callable(self.expect) else repr(self.expect)}"]


class BrokenLawError(AssertionError):
    """A deployer breaks a law. Attributes: *world*, the smallest found; *law*; *report*, with ``test`` to paste."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report
        self.world = report.world
        self.law = report.law


class NotRepeatableError(LambdaMockError):
    """A deployer does not do the same in the same world, so that no finding of it would hold."""

    def __init__(self, world: ChaosWorld, differing: tuple[str, str]) -> None:
        super().__init__(
            f"the deployer does something else each time in {world!r}\n"
            f"  first:  {differing[0]}\n"
            f"  then:   {differing[1]}\n"
            "  It keeps something between its runs, reads a real clock (freeze=True), rolls dice, or has threads."
        )
        self.world = world


TEXTS: Mapping[str, str] = {
    "Takes": "{phase} takes {seconds:g} s",
    "Fails": "{phase} fails with {code}, {times} times",
    "Hangs": "{phase} hangs",
    "Throttled": "the first {times} calls of {operation} are throttled",
    "Refused": "{operation} answers {code}",
    "Disconnected": "the first {times} calls of {operation} get no answer",
    "AnswerLost": "call {nth} of {operation} is carried out, and its answer is lost",
    "LateReaders": "Get and List are {seconds:g} s late",
    "RoleLate": "the role cannot be assumed for {seconds} s",
    "LeftAlone": "{days:g} days pass before call {before}",
    "AnotherDoes": "somebody else calls {operation} before call {before}",
    "AnotherDeploys": "a second deployer begins before call {before}",
}


def text_of(entry: Disturbance) -> str:
    """Return *entry* in words."""
    values = vars(entry)
    if values.get("seconds", 0) is None:
        return "the role can never be assumed"
    text = (
        TEXTS[type(entry).__name__]
        .format(**values)
        .replace(", 1 times", ", once")
        .replace("first 1 calls", "first call")
    )
    if kind := values.get("kind"):
        text += f", of functions of the kind {kind}"
    if turns := values.get("turns"):
        text += f", and takes turns with yours, of {', '.join(map(str, turns))} calls"
    if calls := values.get("calls"):
        text += f", and stops after {calls} of its own"
    return text


def _name(function: object) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _is_local(function: object) -> bool:
    """Return whether *function* was made within another one, so that no import brings it."""
    return "<locals>" in getattr(function, "__qualname__", "")


def _assigned(name: str, world: ChaosWorld) -> list[str]:
    """Return lines of a test that give a *world* its name."""
    line = f"    {name} = {world!r}"
    if len(line) <= WIDTH:
        return [line]
    return [f"    {name} = ChaosWorld(", *(f"        {entry!r}," for entry in world), "    )"]


def _run(run: Deployment) -> str:
    return "in the run afterwards" if run.is_calm else f"in run {run.number}"


def _story(run: Deployment) -> list[str]:
    """Return the latest calls of *run*, a line for several of a kind."""
    others = {id(call) for call in run.others}
    lines = []
    for (who, text), group in groupby(
        run.all_calls, lambda call: ("another: " if id(call) in others else "", outcome_of(call))
    ):
        same = list(group)
        often = f"  ({len(same)} times)" if len(same) > 1 else ""
        lines.append(f"{time_of_day(same[0].at)}  {who}{text}{often}")
    left_out = len(lines) - SHOWN_CALLS
    return [f"({left_out} lines before)", *lines[-SHOWN_CALLS:]] if left_out > 1 else lines


def outcome_of(call: ApiCall) -> str:
    """Return *call* with its outcome, in a few words."""
    if call.error is not None:
        return f"{call.operation} -> {call.error.code}"
    if call.answer is None:
        return f"{call.operation} -> {call.broken or 'no answer'}"
    if call.operation in LOOKS:
        shown = LOOKS[call.operation](call.answer)
        return f"{call.operation} -> {shown.get('State')}, last update {shown.get('LastUpdateStatus')}"
    return f"{call.operation} -> ok"


def _wrapped(text: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(text, width)
