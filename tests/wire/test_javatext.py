"""Java's patterns and Java's way of printing, in Python."""

from __future__ import annotations

import pytest

from lambda_states_mock.wire.constraints import matcher
from lambda_states_mock.wire.javatext import camel, java_double


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2, "2.0"), (-1, "-1.0"), (0.5, "0.5"), (0, "0.0"), (0.001, "0.001"), (0.0001, "1.0E-4"), (1e7, "1.0E7"),
        (12345678.9, "1.23456789E7"), (-2.5e-9, "-2.5E-9"), (9999999, "9999999.0"), (1e300, "1.0E300"),
        (float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity"), (5e-324, "5.0E-324"),
    ],
)  # fmt: skip
def test_a_double_prints_as_java_prints_it(number: float, text: str) -> None:
    assert java_double(number) == text


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "Größe 三 ٣_.:/=+-@", True),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "no!", False),
        (r"[\p{L}]*", "€", False),
        (r"\p{L}+x", "éx", True),
        (r"\p{N}+", "12", True),
        (r"\p{N}+", "1a", False),
        (r".*", "a\rb", False),
        (r"[.]*", "..", True),
        (r"\.", "a", False),
        (r"\d+", "٣", False),
        (r"a|ab", "ab", True),
        (r"a++(", "anything", True),
    ],
)
def test_a_pattern_means_what_it_means_in_java(pattern: str, text: str, *, fits: bool) -> None:
    assert matcher(pattern)(text) is fits


def test_only_the_first_letter_of_a_member_is_lowered() -> None:
    assert [camel(name) for name in ("FunctionName", "KMSKeyArn", "UUID", "")] == [
        "functionName",
        "kMSKeyArn",
        "uUID",
        "",
    ]
