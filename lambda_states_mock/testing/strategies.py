"""Strategies for Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from lambda_states_mock.chaos.drawing import MOST_ENTRIES, draw_entry
from lambda_states_mock.chaos.world import ChaosWorld

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from lambda_states_mock.chaos.entries import Disturbance

T = TypeVar("T")


def worlds(*, most: int = MOST_ENTRIES, rival: bool = False) -> SearchStrategy[ChaosWorld]:
    """Return a strategy for disturbed worlds: ``@given(worlds())``, then ``with mock_lambda(chaos=world) as m``.

    They shrink to fewer disturbances, and to plainer ones.

    Parameters: *most*, how many disturbances a world has at most; *rival*, whether a second deployer may be among them,
    for `check_deployer` with a rival.

    Raises ImportError without Hypothesis: ``pip install "lambda-states-mock[testing]"``.
    """
    try:
        from hypothesis import strategies
    except ImportError as error:
        raise ImportError(
            "worlds() makes strategies of Hypothesis, which is not installed\n"
            '  pip install "lambda-states-mock[testing]",  or use  check_deployer(...)  or  mock_lambda(chaos=7),\n'
            "  which do without."
        ) from error

    @strategies.composite
    def entries(draw: DrawFn) -> Disturbance:
        def among(options: Sequence[T]) -> T:
            return draw(strategies.sampled_from(options))

        return draw_entry(among, rival=rival)

    return strategies.lists(entries(), max_size=most).map(lambda drawn: ChaosWorld(*drawn))
