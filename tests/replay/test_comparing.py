"""The comparison finds what differs, and nothing else."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from .comparing import ABSENT, Bindings, Difference, compare, validation_errors


def found(recorded: Any, answered: Any, bindings: Bindings | None = None) -> list[Difference]:
    return compare(recorded, answered, bindings or Bindings())


def paths(recorded: Any, answered: Any) -> list[str]:
    return [difference.path for difference in found(recorded, answered)]


def test_equal_answers_have_no_difference() -> None:
    answer = {"Name": "live", "Weights": {"2": 0.2}, "Tags": ["a"], "Size": 3, "Big": False, "Nothing": None}
    assert not found(answer, dict(answer))


def test_a_wrong_value_is_found_with_its_path() -> None:
    recorded = {"Configuration": {"Layers": [{"Size": 1}, {"Size": 2}]}}
    answered = {"Configuration": {"Layers": [{"Size": 1}, {"Size": 3}]}}
    assert found(recorded, answered) == [Difference("Configuration.Layers[1].Size", 2, 3)]


def test_an_extra_key_is_found() -> None:
    assert found({"A": 1}, {"A": 1, "B": 2}) == [Difference("B", ABSENT, 2)]


def test_a_missing_key_is_found() -> None:
    assert found({"A": 1, "B": {"C": 2}}, {"A": 1}) == [Difference("B", {"C": 2}, ABSENT)]


def test_an_extra_and_a_missing_item_of_a_list_are_found() -> None:
    assert paths(["a"], ["a", "b"]) == ["[1]"]
    assert paths(["a", "b"], ["a"]) == ["[1]"]


def test_the_order_of_a_list_matters() -> None:
    assert paths(["a", "b"], ["b", "a"]) == ["[0]", "[1]"]


@pytest.mark.parametrize(
    ("recorded", "answered"),
    [({"A": 1}, "text"), (["a"], 5), ("text", 5), (True, 1), (0, False), (1, "1"), (None, ""), ("", None)],
)
def test_values_of_different_types_differ(recorded: Any, answered: Any) -> None:
    assert len(found(recorded, answered)) == 1


def test_a_numbered_placeholder_takes_any_value_at_first_and_the_same_afterwards() -> None:
    bindings = Bindings()
    assert not found({"RevisionId": "<uuid:1>"}, {"RevisionId": "abc"}, bindings)
    assert not found({"RevisionId": "<uuid:1>"}, {"RevisionId": "abc"}, bindings)
    assert found({"RevisionId": "<uuid:1>"}, {"RevisionId": "xyz"}, bindings) == [
        Difference("RevisionId", "abc", "xyz")
    ]


def test_two_placeholders_of_one_name_are_two_values() -> None:
    (difference,) = found({"A": "<uuid:1>", "B": "<uuid:2>"}, {"A": "same", "B": "same"})
    assert difference.path == "B"
    assert difference.note == "<uuid:2> is the same as <uuid:1>"


def test_placeholders_of_two_names_may_be_one_value() -> None:
    assert not found({"A": "<uuid:1>", "B": "<resource:2>"}, {"A": "same", "B": "same"})


def test_a_placeholder_is_found_inside_a_text() -> None:
    bindings = Bindings()
    recorded = "arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:live"
    assert not found(recorded, "arn:aws:lambda:us-east-1:123456789012:function:orders:live", bindings)
    assert not found("<function-name:1>", "orders", bindings)
    assert not found("Function not found: <function-name:1>-unknown", "Function not found: orders-unknown", bindings)


def test_a_placeholder_twice_in_a_text_is_one_value() -> None:
    assert not found("<resource:1> and <resource:1>", "x and x")
    assert found("<resource:1> and <resource:1>", "x and y")


def test_another_account_or_region_is_a_difference() -> None:
    assert found("111111111111", "210987654321")
    assert found("<region>", "eu-west-1")


def test_a_placeholder_without_a_number_is_any_value() -> None:
    assert not found({"A": "<aws_internal_failure>", "B": "<name>"}, {"A": {"Error": {}}, "B": 5})
    assert not found("Provider not found: <name>", "Provider not found: x")
    assert found("Provider not found: <name>", "Provider gone: x")


def test_a_placeholder_does_not_stand_for_nothing() -> None:
    assert found("name: <resource:1>", "name: ")


def test_a_run_of_letters_is_written_with_its_length() -> None:
    assert not found("my-<a:len(3)>!", "my-aaa!")
    assert found("my-<a:len(3)>!", "my-aa!")


def test_a_regular_expression_in_a_message_is_taken_literally() -> None:
    message = r"Member must satisfy regular expression pattern: [0-9A-Za-z\.\-_]*(?<!\.)"
    assert not found(message, message)
    assert found(message, message.replace("0-9", "0-8"))


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("date", "2026-01-01T00:00:00.000+0000", "yesterday"),
        ("date", "2026-01-01T00:00:00.000000Z", datetime(2026, 1, 1, tzinfo=timezone.utc)),
        ("datetime", datetime(2026, 1, 1, tzinfo=timezone.utc), "2026-01-01T00:00:00Z"),
        ("timestamp", datetime(2026, 1, 1, tzinfo=timezone.utc), "2026"),
        ("lambda-url", "https://abc.lambda-url.us-east-1.on.aws/", "abc"),
        ("<location>", "https://somewhere", ""),
        ("<layer-location>", "https://somewhere", None),
        ("<code-size>", 264, "264"),
        ("<code-size>", 0, True),
    ],
)
def test_a_word_for_a_kind_takes_values_of_that_kind_alone(kind: str, right: object, wrong: object) -> None:
    assert not found(kind, right)
    assert found(kind, wrong)


def test_of_the_metadata_only_the_status_counts() -> None:
    recorded = {"ResponseMetadata": {"HTTPHeaders": {}, "HTTPStatusCode": 201}}
    answered = {"ResponseMetadata": {"HTTPStatusCode": 201, "RequestId": "x", "HTTPHeaders": {"a": "b"}}}
    assert not found(recorded, answered)
    answered["ResponseMetadata"]["HTTPStatusCode"] = 200
    assert found(recorded, answered) == [Difference("ResponseMetadata.HTTPStatusCode", 201, 200)]


def test_a_document_that_is_answered_as_text_is_compared_as_what_it_says() -> None:
    recorded = {"Policy": {"Statement": [{"Sid": "s3", "Principal": "*"}]}}
    assert not found(recorded, {"Policy": '{"Statement": [{"Principal": "*", "Sid": "s3"}]}'})
    assert paths(recorded, {"Policy": '{"Statement": [{"Principal": "*", "Sid": "x"}]}'}) == ["Policy.Statement[0].Sid"]
    assert paths(recorded, {"Policy": "no document"}) == ["Policy"]


def test_a_recording_of_keys_alone_is_compared_with_the_keys() -> None:
    assert not found({"Usage": ["FunctionCount", "TotalCodeSize"]}, {"Usage": {"TotalCodeSize": 5, "FunctionCount": 1}})
    assert paths({"Usage": ["FunctionCount"]}, {"Usage": {"FunctionCount": 1, "Other": 2}}) == ["Usage[1]"]


def test_validation_errors_are_compared_in_any_order() -> None:
    recorded = {
        "Code": "ValidationException",
        "Count": 2,
        "Errors": ["Value 'a' at 'x': long", "Value 'b' at 'y': bad"],
    }
    message = "2 validation errors detected: Value 'b' at 'y': bad; Value 'a' at 'x': long"
    assert not found(recorded, {"Code": "ValidationException", "Message": message})
    assert found(recorded, {"Code": "ValidationException", "Message": message.replace("long", "short")})
    assert found(recorded, {"Code": "ValidationException", "Message": message.replace("2 ", "3 ")})


def test_a_semicolon_inside_a_value_does_not_split_a_validation_error() -> None:
    error = {"Code": "ValidationException", "Message": "1 validation error detected: Value 'a; b' at 'name' is bad"}
    assert validation_errors(error)["Errors"] == ["Value 'a; b' at 'name' is bad"]


def test_an_error_instead_of_success_is_one_difference() -> None:
    error = {"Error": {"Code": "X"}, "ResponseMetadata": {"HTTPStatusCode": 404}, "Type": "User"}
    success = {"Name": "live", "ResponseMetadata": {"HTTPStatusCode": 200}}
    assert found(error, success) == [Difference("answer", {"Error": {"Code": "X"}}, "success")]
    assert found(success, error) == [Difference("answer", "success", {"Error": {"Code": "X"}})]


def test_an_answer_that_is_no_validation_error_differs_from_one() -> None:
    recorded = {"Code": "ValidationException", "Count": 1, "Errors": ["Value 'a' is bad"]}
    answered = {"Code": "ResourceNotFoundException", "Message": "Function not found"}
    assert paths(recorded, answered) == ["Code", "Count", "Errors", "Message"]


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (Difference("A.B", 1, 2), "A.B: recorded 1, answered 2"),
        (Difference("A", 1, ABSENT), "A: missing, recorded 1"),
        (Difference("A", ABSENT, 2), "A: extra, answered 2"),
        (Difference("A", "<uuid:2>", "x", note="why"), "A: recorded '<uuid:2>', answered 'x' (why)"),
    ],
)
def test_a_difference_reads_well(difference: Difference, text: str) -> None:
    assert str(difference) == text


def test_a_difference_shows_what_the_placeholders_stand_for() -> None:
    bindings = Bindings()
    found("<function-name:1>", "orders", bindings)
    (difference,) = found("Function not found: <function-name:1>", "Function not found: refunds", bindings)
    assert difference.recorded == "Function not found: orders"
