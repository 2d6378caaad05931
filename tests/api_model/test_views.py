"""The views of the model's data, beside botocore's of the same data."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import ServiceModel

from lambda_states_mock.api_model import ApiModel, lambda_model, of_lambda

THEIRS = ServiceModel(dict(of_lambda.data()), "lambda")


@pytest.mark.parametrize("name", lambda_model().operation_names)
def test_an_operation_is_seen_as_botocore_sees_it(name: str) -> None:
    ours, theirs = lambda_model().operation(name), THEIRS.operation_model(name)
    assert (ours.name, ours.method, ours.uri) == (theirs.name, theirs.http["method"], theirs.http["requestUri"])
    assert ours.status == theirs.http["responseCode"]
    assert list(ours.errors) == [shape.name for shape in theirs.error_shapes]
    assert same(ours.input_shape, theirs.input_shape, ())
    assert same(ours.output_shape, theirs.output_shape, ())


def same(ours: Any, theirs: Any, above: tuple[str, ...]) -> bool:
    """Compare two views of a shape, and all below it."""
    if theirs is None:
        return not ours.members
    if ours.name in above:
        return bool(ours.name == theirs.name)
    assert (ours.name, ours.type_name) == (theirs.name, theirs.type_name)
    assert ours.location == theirs.serialization.get("location")
    assert ours.wire_name("Member") == theirs.serialization.get("name", "Member")
    assert ours.required == frozenset(theirs.metadata.get("required", ()))
    for trait, value in theirs.metadata.items():
        assert ours.traits[trait] == value
    if theirs.type_name == "structure":
        assert list(ours.members) == list(theirs.members)
        below = [(ours.members[name], theirs.members[name]) for name in theirs.members]
    else:
        assert not ours.members
        parts = {"list": ["member"], "map": ["key", "value"]}.get(theirs.type_name, [])
        below = [(getattr(ours, part), getattr(theirs, part)) for part in parts]
    return all(same(one, other, (*above, ours.name)) for one, other in below)


def test_errors_are_found_by_their_codes() -> None:
    model = lambda_model()
    assert set(model.error_names) == {shape.name for shape in THEIRS.error_shapes}
    found = model.error("TooManyRequestsException")
    assert found is not None
    assert found.error_status == 429
    assert model.error("NoSuchException") is None


def test_a_reference_to_a_shape_says_more_than_the_shape() -> None:
    model = ApiModel(
        {
            "operations": {},
            "shapes": {
                "Thing": {
                    "type": "structure",
                    "members": {"Tag": {"shape": "Text", "location": "uri", "locationName": "t"}},
                },
                "Text": {"type": "string", "max": 3},
            },
        }
    )
    tag = model.shape("Thing").members["Tag"]
    assert (tag.name, tag.location, tag.wire_name("Tag"), tag.traits["max"]) == ("Text", "uri", "t", 3)
    assert model.shape("Text").location is None
