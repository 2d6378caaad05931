"""Java's patterns and Java's way of printing, in Python."""

from __future__ import annotations

import pytest

from lambda_states_mock.api_model.enum_order import hash_code, in_bucket_order, in_hash_set_order
from lambda_states_mock.api_model.runtimes import LISTED_RUNTIMES
from lambda_states_mock.wire.constraints import matcher
from lambda_states_mock.wire.javatext import camel, java_double
from lambda_states_mock.wire.recorded import ENUMS


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


# what AWS was recorded to list, and lists of other services that the same front end made
ENUM_SETS = [
    ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"),
    ("RESPONSE_STREAM", "BUFFERED"),
    ("Terminate", "Allow"),
    ("x86_64", "arm64"),
    ("PublishedVersions", "None"),
    ("AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"),
    ("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"),
    ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
]


@pytest.mark.parametrize("listed", ENUM_SETS)
def test_an_enum_set_is_listed_in_the_order_of_a_hash_table(listed: tuple[str, ...]) -> None:
    assert in_bucket_order(sorted(listed)) == list(listed)


def test_the_longest_list_that_was_recorded_is_in_that_order() -> None:
    listed = ENUMS["CompatibleRuntime"]

    buckets = [hash_code(one) % 32 for one in listed]
    assert buckets == sorted(buckets)


def test_what_shares_a_bucket_is_listed_backwards() -> None:
    assert in_bucket_order(["nodejs8.10", "python3.7", "dotnetcore1.0"]) == ["dotnetcore1.0", "python3.7", "nodejs8.10"]


def test_the_runtimes_that_aws_lists_are_in_the_order_of_a_hash_set() -> None:
    assert in_hash_set_order(LISTED_RUNTIMES) == list(LISTED_RUNTIMES)
    assert in_hash_set_order(sorted(LISTED_RUNTIMES))[3:8] == list(LISTED_RUNTIMES)[3:8]  # no two of them in one place
