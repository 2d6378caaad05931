"""JSON as AWS reads it."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock.json_reading import encodable, read_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\ud800"', "?"),
        (r'["a\uDFFFb"]', ["a?b"]),
        (r'{"\ude00\ud83d": {"a": "\ud800"}}', {"??": {"a": "?"}}),
        (r'"\ud83d\ude00"', "😀"),
        (r'"\\ud800"', r"\ud800"),
        (r'[1, null, true, "\ud800"]', [1, None, True, "?"]),
    ],
)
def test_half_of_a_surrogate_pair_which_no_utf_8_can_hold_is_a_question_mark(text: str, value: Any) -> None:
    assert encodable(read_json(text)) == value


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}', "{", ""])
def test_what_python_alone_takes_for_json_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"Non-standard token|Expecting"):
        read_json(text)
