"""Every recorded answer of AWS is ours too, but for known differences, whether botocore makes requests or not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from lambda_states_mock.pytest_plugin import WHOLE_REQUESTS
from tests.budget import IS_THOROUGH, sized

from .known_differences import CANNOT_BE_STAGED, KNOWN_DIFFERENCES
from .listening import Heard, hear, is_large, smaller
from .replaying import Exchange, Verdict
from .reporting import is_known, unexpected
from .sequences import FOLDER_VARIABLE, RecordedSequence, load, recordings_folder
from .stage import ACCOUNT_LIMITS

FOLDER = recordings_folder()
SEQUENCES = {sequence.name: sequence for sequence in load(FOLDER)} if FOLDER else {}
NAMES = sorted(set(SEQUENCES) - set(CANNOT_BE_STAGED))
FIRST = {
    (name.partition("[")[0], *(call.operation for call in SEQUENCES[name].calls)): name for name in reversed(NAMES)
}
BOTH_WAYS = NAMES if IS_THOROUGH else sorted(FIRST.values())
"""Sequences to be replayed both ways: of those of one test that call the same operations in the same order, one."""

pytestmark = pytest.mark.skipif(
    FOLDER is None, reason=f"the recordings of AWS are not here: {FOLDER_VARIABLE} may name their folder"
)


@cache
def replayed(name: str, *, whole: bool) -> Heard:
    """Return what came of a sequence; both tests of one name ask."""
    return hear(SEQUENCES[name], ACCOUNT_LIMITS.get(name, {}), whole=whole)


def explanation(sequence: RecordedSequence, wrong: list[Exchange]) -> str:
    """Return what the reader of a failure needs to know."""
    lines = [f"{len(wrong)} exchange(s) of {sequence.name} are not as recorded from AWS:"]
    for exchange in wrong:
        lines.append(f"  {exchange}")
        if not exchange.failed:
            lines.append("      holds, though it is listed in known_differences.py: take it out there")
    return "\n".join(lines)


@pytest.mark.parametrize("name", NAMES, ids=NAMES)  # ids, since pytest replaces long names by numbers
def test_our_answers_are_those_recorded_from_aws(
    name: str, record_property: Callable[[str, object], None], pytestconfig: pytest.Config
) -> None:
    sequence = SEQUENCES[name]
    exchanges = replayed(name, whole=pytestconfig.getini(WHOLE_REQUESTS)).exchanges
    record_property("aws_answers_recorded", sum(exchange.call.is_recorded for exchange in exchanges))
    record_property("aws_answers_holding", sum(exchange.verdict is Verdict.HOLDS for exchange in exchanges))
    record_property("aws_answers_known", sum(is_known(exchange, KNOWN_DIFFERENCES) for exchange in exchanges))
    wrong = unexpected(exchanges, KNOWN_DIFFERENCES)
    assert not wrong, explanation(sequence, wrong)
    if unsent := [str(exchange) for exchange in exchanges if exchange.verdict is Verdict.NOT_SENT]:
        pytest.skip("; ".join(unsent))


@pytest.mark.parametrize("name", BOTH_WAYS, ids=BOTH_WAYS)
def test_each_recorded_call_is_answered_the_same_both_ways(name: str) -> None:
    if is_large(SEQUENCES[name]):
        part, limits = smaller(SEQUENCES[name], divisor=sized(1000, 1))
        quick, whole = (hear(part, limits, whole=whole) for whole in (False, True))
    else:
        quick, whole = (replayed(name, whole=whole) for whole in (False, True))
    assert quick.unsent >= len(quick.answers)  # or else nothing is compared
    assert quick.answers == whole.answers


def test_every_listed_difference_names_an_exchange_that_exists() -> None:
    if not {*KNOWN_DIFFERENCES, *CANNOT_BE_STAGED} & set(SEQUENCES):
        return
    unknown = sorted({*KNOWN_DIFFERENCES, *CANNOT_BE_STAGED} - set(SEQUENCES))
    assert not unknown, f"no such sequence: {unknown}"
    for name, exchanges in KNOWN_DIFFERENCES.items():
        recorded = {call.index for call in SEQUENCES[name].calls if call.is_recorded}
        assert set(exchanges) <= recorded, f"nothing is recorded for these calls of {name}"
