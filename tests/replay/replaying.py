"""Replay a recorded sequence, call by call, and judge each answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from botocore.exceptions import ClientError, ParamValidationError

from tests.unsendable import reason as unsendable_because

from .comparing import ABSENT, Bindings, Difference, compare
from .sequences import NOT_RECORDED, Call, MissingValueError, Parameters, RecordedSequence, Settle, StandIns
from .stage import Caller, StageError, create_roles, make_stage_call


class World(Caller, Protocol):
    """Lambda and its neighbours, in one process."""

    def settle(self) -> None:
        """Let everything pending end."""


class Verdict(Enum):
    """What a replayed call showed."""

    HOLDS = "holds"
    DIFFERS = "differs"
    MADE = "made, nothing recorded"
    NOT_MADE = "could not be made"
    BROKEN = "raised an error that is no answer of AWS"
    NOT_SENT = "cannot be sent by the client"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A Lambda call of a sequence and what came of it."""

    sequence: str
    call: Call
    verdict: Verdict
    findings: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it is not as recorded, or broke something."""
        return self.verdict in (Verdict.DIFFERS, Verdict.NOT_MADE, Verdict.BROKEN)

    def __str__(self) -> str:
        head = f"[{self.call.index}] {self.call.operation}: {self.verdict.value}"
        return "\n".join([head, *(f"      {finding}" for finding in self.findings)])


def replay(sequence: RecordedSequence, world: World) -> tuple[Exchange, ...]:
    """Make the calls of *sequence* in *world*; return its Lambda exchanges in their order.

    Raises: StageError when another service does not do its part.
    """
    return tuple(sorted(_Replay(sequence, world).run(), key=lambda exchange: exchange.call.index))


class _Replay:
    def __init__(self, sequence: RecordedSequence, world: World) -> None:
        self._sequence = sequence
        self._world = world
        self._bindings = Bindings()
        self._stand_ins = StandIns()
        self._parameters = Parameters(modules=sequence.handler_modules, stand_ins=self._stand_ins)
        self._answers: dict[int, Any] = {}
        self._by_index = {call.index: call for call in sequence.calls}
        # A recording that joined the pages of a list is compared when the last of them was read.
        self._last_page = {pages[-1]: first for first, pages in sequence.pages.items() if self._joined(first)}

    def _joined(self, index: int) -> bool:
        return bool(self._by_index[index].parts)

    def run(self) -> Iterator[Exchange]:
        create_roles(self._sequence, self._world)
        for step in self._sequence.steps:
            if isinstance(step, Settle):
                self._world.settle()
            elif step.sets_the_stage:
                answer = make_stage_call(step, self._world, self._parameters, self._stand_ins)
                self._parameters.remember(step.index, answer)
            else:
                yield from self._exchanges(step)

    def _exchanges(self, call: Call) -> Iterator[Exchange]:
        yield from self._exchange_of(call)
        if call.index in self._last_page:
            first = self._last_page[call.index]
            pages = (first, *self._sequence.pages[first])
            joined = join_pages(self._answers[page] for page in pages if page in self._answers)
            yield self._judged(self._by_index[first], joined)

    def _exchange_of(self, call: Call) -> Iterator[Exchange]:
        try:
            answer = self._answers[call.index] = self._answer(call)
        except MissingValueError as error:
            yield self._exchange(call, Verdict.NOT_MADE, str(error))
            return
        except Exception as error:  # whatever it is, it is no answer of AWS, and it is to be shown
            unsendable = unsendable_because(error)
            verdict = Verdict.BROKEN if unsendable is None else Verdict.NOT_SENT
            yield self._exchange(call, verdict, unsendable or _first_line(error))
            return
        self._parameters.remember(call.index, answer)
        if call.index not in self._last_page.values():
            yield self._judged(call, answer)

    def _answer(self, call: Call) -> Any:
        try:
            params = self._parameters.of(call)
            return self._world.call(call.service, call.operation, call.region, params, sent=call.was_sent)
        except ClientError as error:
            return error.response
        except ParamValidationError as error:
            return str(error)

    def _judged(self, call: Call, answer: Any) -> Exchange:
        if not call.is_recorded:
            return self._exchange(call, Verdict.MADE)
        found = list(self._differences(call, answer))
        verdict = Verdict.DIFFERS if found else Verdict.HOLDS
        return self._exchange(call, verdict, *(str(difference) for difference in found))

    def _differences(self, call: Call, answer: Any) -> Iterator[Difference]:
        if call.recorded is not NOT_RECORDED:
            yield from compare(call.recorded, answer, self._bindings)
        for part in call.parts:
            path = ".".join(str(element) for element in part.at)
            value = _at(answer, part.at)
            if value is ABSENT:
                yield Difference(path, part.value, ABSENT, note=f"answered {answer!r}"[:500])
            else:
                yield from compare(part.value, value, self._bindings, path=path)

    def _exchange(self, call: Call, verdict: Verdict, *findings: str) -> Exchange:
        return Exchange(self._sequence.name, call, verdict, findings)


def join_pages(pages: Iterable[Any]) -> Any:
    """Return the first of *pages* with the items of all of them, as a paginator gives them."""
    joined: dict[str, Any] = {}
    for page in pages:
        for key, value in page.items():
            joined[key] = [*joined.get(key, ()), *value] if isinstance(value, list) else joined.get(key, value)
    return joined


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _at(answer: Any, path: tuple[str | int, ...]) -> Any:
    for element in path:
        inside = isinstance(answer, Mapping) if isinstance(element, str) else isinstance(answer, list)
        try:
            answer = answer[element] if inside else ABSENT
        except LookupError:
            return ABSENT
    return answer


__all__ = ["Exchange", "StageError", "Verdict", "World", "join_pages", "replay"]
