"""Our dataclasses are as Python's own in all but the time that it takes to make them."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import quick_dataclasses

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "with slots": {"slots": True},
    "frozen": {"frozen": True, "slots": True},
    "compared by identity": {"eq": False, "slots": True},
    "without a repr": {"repr": False},
    "by keyword alone": {"kw_only": True, "frozen": True},
}


def _made_by(decorator: Any, options: dict[str, Any]) -> Any:
    class Order:
        """One."""

        name: str
        items: list[int] = dataclasses.field(default_factory=list)
        note: str = dataclasses.field(default="", repr=False, compare=False)
        state: str = dataclasses.field(default="new", init=False)
        seen: list[str] = dataclasses.field(default_factory=list, init=False)
        count: int = dataclasses.field(init=False)

        def __post_init__(self) -> None:
            self.items.append(0)
            object.__setattr__(self, "count", len(self.items))

    Order.__qualname__ = "Order"
    return decorator(**options)(Order)


def _fails(call: Callable[[], object]) -> tuple[type[Exception], str] | None:
    try:
        call()
    except Exception as error:
        return type(error), str(error)
    return None


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_objects_are_made_shown_compared_and_changed_as_pythons_are(options: dict[str, Any]) -> None:
    seen = []
    for decorator in (quick_dataclasses.dataclass, dataclasses.dataclass):
        order = _made_by(decorator, options)
        one, same, other = order(name="a"), order(name="a", note="urgent"), order(name="a", items=[1])
        seen.append(
            {
                "shown": repr(one).split(" at 0x")[0].rpartition(".")[2],
                "equal": (one == same, one == other, one == "a", one == copy.copy(one)),
                "hashed": _fails(lambda order=order: hash(order(name="a", items=()))),  # type: ignore[misc]
                "without a name": _fails(order),
                "with another": _fails(lambda order=order: order(name="a", other=1)),  # type: ignore[misc]
                "by place": _fails(lambda order=order: order("a", [2])),  # type: ignore[misc]
                "replaced": dataclasses.asdict(dataclasses.replace(one, note="late")),
                "fields": [(field.name, field.repr, field.compare) for field in dataclasses.fields(order)],
                "slots": getattr(order, "__slots__", None),
                "copied": dataclasses.asdict(copy.deepcopy(other)),
            }
        )
    assert seen[0] == seen[1]


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_the_first_objects_are_as_those_for_which_a_method_is_written(options: dict[str, Any]) -> None:
    order = _made_by(quick_dataclasses.dataclass, options)
    made = [order(name="a", items=[1]) for _ in range(20)]
    assert "first" in made_by_steps(options)
    assert order.__init__.__qualname__ == "Order.__init__"
    assert [dataclasses.asdict(one) for one in made] == 20 * [dataclasses.asdict(made[0])]


def made_by_steps(options: dict[str, Any]) -> str:
    """Return the name of the method that makes the first object."""
    name: str = _made_by(quick_dataclasses.dataclass, options).__init__.__qualname__
    return name


def test_each_dataclass_of_the_package_has_the_fields_that_python_finds(package_imported: None) -> None:
    kinds = [one for one in _subclasses(object) if "__own_fields__" in vars(one) and "lambda_states" in one.__module__]
    assert len(kinds) > 100
    for kind in kinds:
        own = {
            one.name: (one.default, one.factory, one.is_given, one.is_shown, one.is_compared, one.kw_only)
            for one in kind.__attributes__.values()
        }
        assert own == {
            one.name: (one.default, one.default_factory, one.init, one.repr, one.compare, one.kw_only)
            for one in dataclasses.fields(kind)
        }


def _subclasses(kind: type) -> list[Any]:
    below: list[Any] = type.__subclasses__(kind)
    return [*below, *(lower for one in below for lower in _subclasses(one))]


def test_a_class_whose_module_is_gone_still_knows_its_fields() -> None:
    @quick_dataclasses.dataclass
    class Place:
        region: str

    Place.__module__ = "gone"
    assert [one.name for one in dataclasses.fields(Place)] == ["region"]


def test_what_is_equal_and_frozen_has_one_hash() -> None:
    @quick_dataclasses.dataclass(frozen=True)
    class Place:
        region: str
        note: str = dataclasses.field(default="", compare=False)

    assert len({Place("eu-west-1"), Place("eu-west-1", "here"), Place("us-east-1")}) == 2


def test_a_method_of_the_class_itself_stays() -> None:
    @quick_dataclasses.dataclass(frozen=True)
    class Place:
        region: str

        def __repr__(self) -> str:
            return f"in {self.region}"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    assert (repr(Place("a")), Place("a") == Place("b"), hash(Place("a"))) == ("in a", True, 7)


@quick_dataclasses.dataclass(frozen=True, slots=True)
class Nothing:
    """Without fields."""


def test_objects_without_fields_are_all_equal() -> None:
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())
    assert pickle.loads(pickle.dumps(Nothing())) == Nothing()
