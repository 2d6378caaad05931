"""Every recorded answer of AWS is ours too, except for the known differences."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .known_differences import CANNOT_BE_STAGED, KNOWN_DIFFERENCES
from .replaying import Exchange, Verdict, replay
from .reporting import is_known, unexpected
from .sequences import FOLDER_VARIABLE, RecordedSequence, load, recordings_folder
from .stage import ACCOUNT_LIMITS
from .worlds import mocked

FOLDER = recordings_folder()
SEQUENCES = {sequence.name: sequence for sequence in load(FOLDER)} if FOLDER else {}
NAMES = sorted(set(SEQUENCES) - set(CANNOT_BE_STAGED))

pytestmark = pytest.mark.skipif(
    FOLDER is None, reason=f"the recordings of AWS are not here: {FOLDER_VARIABLE} may name their folder"
)


def explanation(sequence: RecordedSequence, wrong: list[Exchange]) -> str:
    """Return what the reader of a failure needs to know."""
    lines = [f"{len(wrong)} exchange(s) of {sequence.name} are not as recorded from AWS:"]
    for exchange in wrong:
        lines.append(f"  {exchange}")
        if not exchange.failed:
            lines.append("      holds, though it is listed in known_differences.py: take it out there")
    return "\n".join(lines)


@pytest.mark.parametrize("name", NAMES, ids=NAMES)  # ids, since pytest replaces long names by numbers
def test_our_answers_are_those_recorded_from_aws(name: str, record_property: Callable[[str, object], None]) -> None:
    sequence = SEQUENCES[name]
    with mocked(ACCOUNT_LIMITS.get(name, {})) as world:
        exchanges = replay(sequence, world)
    record_property("aws_answers_recorded", sum(exchange.call.is_recorded for exchange in exchanges))
    record_property("aws_answers_holding", sum(exchange.verdict is Verdict.HOLDS for exchange in exchanges))
    record_property("aws_answers_known", sum(is_known(exchange, KNOWN_DIFFERENCES) for exchange in exchanges))
    wrong = unexpected(exchanges, KNOWN_DIFFERENCES)
    assert not wrong, explanation(sequence, wrong)
    if unsent := [str(exchange) for exchange in exchanges if exchange.verdict is Verdict.NOT_SENT]:
        pytest.skip("; ".join(unsent))


def test_every_listed_difference_names_an_exchange_that_exists() -> None:
    if not {*KNOWN_DIFFERENCES, *CANNOT_BE_STAGED} & set(SEQUENCES):
        return
    unknown = sorted({*KNOWN_DIFFERENCES, *CANNOT_BE_STAGED} - set(SEQUENCES))
    assert not unknown, f"no such sequence: {unknown}"
    for name, exchanges in KNOWN_DIFFERENCES.items():
        recorded = {call.index for call in SEQUENCES[name].calls if call.is_recorded}
        assert set(exchanges) <= recorded, f"nothing is recorded for these calls of {name}"
