"""What IAM's wildcards stand for."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_states_mock.dependencies.wildcards import matches


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_stars_and_question_marks_are_those_of_the_shell(pattern: str, text: str) -> None:
    assert matches(pattern, text) is fnmatchcase(text, pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "ignore_case", "expected"),
    [
        ("a*", "A1", False, False),
        ("a*", "A1", True, True),
        ("*aB?", "1aAbC", True, True),
        ("ab", "AB", True, True),
        ("[ab]*", "a", False, False),
        ("[ab]*", "[ab]c", False, True),
        ("a*", "a\nb", False, True),
        ("*a" * 40 + "b", "a" * 200, False, False),  # at once
    ],
)
def test_all_else_stands_for_itself(pattern: str, text: str, ignore_case: bool, expected: bool) -> None:
    assert matches(pattern, text, ignore_case=ignore_case) is expected
