"""The registry of handlers: which one answers, and with what."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock.errors import NoHandlerError
from lambda_states_mock.execution.handlers import Handlers
from tests.execution.stage import Stage, spec

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


# -- which one answers


@pytest.mark.parametrize(
    "target",
    ["orders", "orders:live", "orders:3", ARN, f"{ARN}:live", f"{ARN}:3", "123456789012:function:orders"],
)
def test_a_handler_is_found_by_any_name_of_its_function(handlers: Handlers, target: str) -> None:
    added = handlers.add(target, returns=1)
    assert handlers.find(spec(version="3", qualifier="live")) is added


@pytest.mark.parametrize(
    "target",
    [
        "order",
        "orders:test",
        "orders:2",
        "arn:aws:lambda:us-east-1:123456789012:function:orders",
        "arn:aws:lambda:eu-west-1:210987654321:function:orders",
        "210987654321:function:orders",
    ],
)
def test_a_handler_for_something_else_is_not_found(handlers: Handlers, target: str) -> None:
    handlers.add(target, returns=1)
    assert handlers.find(spec(version="3", qualifier="live")) is None


def test_a_handler_for_latest_answers_an_unqualified_invocation(handlers: Handlers) -> None:
    added = handlers.add("orders:$LATEST", returns=1)
    assert handlers.find(spec()) is added


FROM_GENERAL_TO_SPECIFIC = [
    "orders",
    "123456789012:function:orders",
    ARN,
    "orders:3",
    f"{ARN}:3",
    "orders:live",
    f"{ARN}:live",
]


@pytest.mark.parametrize("general", range(len(FROM_GENERAL_TO_SPECIFIC) - 1))
@pytest.mark.parametrize("specific_first", [True, False])
def test_the_most_specific_handler_answers(handlers: Handlers, general: int, specific_first: bool) -> None:
    targets = FROM_GENERAL_TO_SPECIFIC[general : general + 2]
    for target in reversed(targets) if specific_first else targets:
        handlers.add(target, returns=1)
    found = handlers.find(spec(version="3", qualifier="live"))
    assert found is not None
    assert found.target == targets[1]


def test_a_later_handler_for_the_same_target_takes_the_place_of_the_earlier(handlers: Handlers) -> None:
    handlers.add("orders", returns=1)
    second = handlers.add("orders", returns=2)
    assert handlers.find(spec()) is second
    assert handlers.names == ("orders",)


def test_a_removed_handler_does_not_answer_any_more(handlers: Handlers) -> None:
    general, special = handlers.add("orders", returns=1), handlers.add(ARN, returns=2)
    special.remove()
    special.remove()
    assert handlers.find(spec()) is general


def test_the_names_are_listed_as_they_were_given(handlers: Handlers) -> None:
    handlers.add("orders:live", returns=1)
    handlers.add("refunds", returns=1)
    assert handlers.names == ("orders:live", "refunds")
    assert repr(handlers) == "<Handlers orders:live, refunds>"


# -- with what


def boom(event: Any, context: Any) -> Any:
    raise KeyError(event)


@pytest.mark.parametrize(
    ("behaviour", "payload"),
    [
        ({"returns": {"ok": True}}, {"ok": True}),
        ({"returns": None}, None),
        ({"returns": [1, 2]}, [1, 2]),
        ({"side_effect": "text"}, "text"),
        ({"side_effect": {"ok": True}}, {"ok": True}),
        ({"side_effect": lambda event, context: [event, context.function_name]}, [{"a": 1}, "orders"]),
        ({"call": lambda event, context: event["a"] + 1}, 2),
        ({"side_effect": [lambda event, context: event["a"]]}, 1),
    ],
)
def test_a_handler_gives_the_result_it_was_told(stage: Stage, behaviour: dict[str, Any], payload: Any) -> None:
    stage.handlers.add("orders", **behaviour)
    assert stage.result(spec(), {"a": 1}) == payload


@pytest.mark.parametrize(
    ("effect", "error_type", "message"),
    [
        (ValueError("no"), "ValueError", "no"),
        (ValueError, "ValueError", ""),
        (boom, "KeyError", "{'a': 1}"),
        ([ValueError("first")], "ValueError", "first"),
    ],
)
def test_a_side_effect_can_be_an_error(stage: Stage, effect: Any, error_type: str, message: str) -> None:
    stage.handlers.add("orders", side_effect=effect)
    payload = stage.result(spec(), {"a": 1})
    assert (payload["errorType"], payload["errorMessage"]) == (error_type, message)


@pytest.mark.parametrize(
    "effects", [[RuntimeError("cold"), 2], (RuntimeError("cold"), 2), iter([RuntimeError("cold"), 2])]
)
def test_a_sequence_is_used_up_one_per_call(stage: Stage, effects: Any) -> None:
    stage.handlers.add("orders", side_effect=effects)
    assert stage.result(spec())["errorMessage"] == "cold"
    assert stage.result(spec()) == 2


def test_a_sequence_that_is_used_up_says_so(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=[1, 2])
    stage.invoke(spec())
    stage.invoke(spec())
    with pytest.raises(NoHandlerError) as caught:
        stage.invoke(spec())
    assert str(caught.value) == (
        'the handler for "orders" has no answer left for call 3\n'
        "  it was given: 2 side effects\n"
        "  Give side_effect one value for each call (retries are calls, too), or a function that never ends."
    )


def test_a_handler_counts_its_calls(stage: Stage) -> None:
    handler = stage.handlers.add("orders", returns=1)
    stage.invoke(spec())
    stage.invoke(spec())
    assert handler.called == 2


def test_the_repr_of_a_handler_says_what_it_does(handlers: Handlers) -> None:
    assert repr(handlers.add("a", returns={"ok": True}, init=1.2, duration=timedelta(seconds=2))) == (
        "<Handler a: returns {'ok': True}, init 1.2 s, duration 2 s, called 0 times>"
    )
    assert repr(handlers.add("b", call=boom)) == "<Handler b: calls boom, called 0 times>"
    assert repr(handlers.add("c", side_effect=[1, 2])) == "<Handler c: 2 side effects, called 0 times>"
    assert repr(handlers.add("d", side_effect=ValueError)) == "<Handler d: side effect ValueError, called 0 times>"
    assert repr(handlers.add("e", side_effect=iter([]))) == ("<Handler e: side effects of an iterator, called 0 times>")


# -- what is refused


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ({}, 'handler("orders") needs one of call, returns and side_effect; got none of them'),
        (
            {"returns": 1, "side_effect": 2},
            'handler("orders") needs one of call, returns and side_effect; got returns and side_effect',
        ),
        (
            {"call": boom, "returns": None},
            'handler("orders") needs one of call, returns and side_effect; got call and returns',
        ),
        ({"call": 5}, 'handler("orders", call=...) needs a function of event and context, not 5; see returns='),
        ({"returns": 1, "init": "1"}, "init= is a length of time, in seconds or as a timedelta, not '1'"),
        ({"returns": 1, "duration": True}, "duration= is a length of time, in seconds or as a timedelta, not True"),
    ],
)
def test_behaviour_that_makes_no_sense_is_a_type_error(
    handlers: Handlers, behaviour: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError) as caught:
        handlers.add("orders", **behaviour)
    assert str(caught.value) == message


def test_a_negative_length_is_refused(handlers: Handlers) -> None:
    with pytest.raises(ValueError, match="init= is a length of time and cannot be negative: -1"):
        handlers.add("orders", returns=1, init=-1)


@pytest.mark.parametrize("target", ["", "orders!", "a:b:c", "arn:aws:lambda:eu-west-1:orders", "arn:aws:s3:::bucket"])
def test_a_target_that_is_no_name_is_refused(handlers: Handlers, target: str) -> None:
    with pytest.raises(ValueError, match="not the name of a function"):
        handlers.add(target, returns=1)


def test_a_target_that_is_no_text_is_a_type_error(handlers: Handlers) -> None:
    with pytest.raises(TypeError, match=r"handler\(\) needs the name of a function first"):
        handlers.add(boom, returns=1)  # type: ignore[arg-type]


def test_a_mistake_is_shown_at_the_line_of_the_user(handlers: Handlers) -> None:
    with pytest.raises(TypeError) as caught:
        handlers.add("orders")
    assert caught.traceback.filter(caught)[-1].path == Path(__file__)


def test_a_handler_without_a_file_has_paths_as_they_are(stage: Stage) -> None:
    names: dict[str, Any] = {}
    exec("def handler(event, context): print('a.b')", names)
    stage.handlers.add("orders", call=names["handler"])
    assert "\na.b\n" in stage.invoke(spec()).log
