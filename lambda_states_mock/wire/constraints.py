"""The constraints of the service model, and the texts with which AWS says that one is not met.

AWS validates in two layers: what the model states (length, value, pattern, enum, required) is answered with a
``ValidationException``; everything else is the business of the operations. All members are looked at, and all errors
come in one message, in the order of the model's members (but see `recorded.REPORTED_FIRST`); within a member: length,
value, pattern, enum.

Recorded rules (R):

- A list of simple items whose items do not fit is one error that prints the whole list and, in brackets, every
  constraint of an item: most before least, then pattern, enum and "Member must not be null".
- A map likewise, for its keys ("Map keys must satisfy constraint: [..]") and its values ("Map value must satisfy ..").
- Numbers print by the type of their shape: a weight of 2 is ``2.0``.

Inferred (I): members of structures in a list have Coral's paths (``filters.1.member.pattern``), and so has a null in
place of a structure; no list takes a null; a sensitive value is left out (``Value at 'environment.variables' failed
...``), as in many public reports.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from lambda_states_mock.api_model import Shape, operation_model
from lambda_states_mock.api_model.enum_order import in_bucket_order
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire.javatext import camel, fullmatcher, java_double, java_text
from lambda_states_mock.wire.recorded import (
    ENUMS,
    LEFT_TO_OPERATIONS,
    PATTERNS,
    REPORTED_FIRST,
    UNWRAPPED_ITEMS,
    WITHOUT_NULL,
)

Errors = list[str]
Checker = Callable[[Any, str, Errors], None]
Constraint = tuple[str, Callable[[Any], bool]]  # AWS's text, and the test that a value has to pass

NOT_NULL = "Member must not be null"
_SIZED = frozenset({"string", "list", "map", "blob"})
_NUMBERS = frozenset({"integer", "long", "float", "double"})


def check(operation: str, params: Mapping[str, Any]) -> None:
    """Check *params* of *operation* against the model's constraints.

    Parameters: *operation*, its name; *params*, as `parse` gives them.
    Errors: ServiceError (``ValidationException``, 400, without Type) that lists everything that does not fit.
    """
    checker = _checker(operation)
    if checker is None:
        return
    errors: Errors = []
    checker(params, "", errors)
    if errors:
        raise ServiceError("ValidationException", _message(errors), type=None, status=400)


def _message(errors: Sequence[str]) -> str:
    noun = "error" if len(errors) == 1 else "errors"
    return f"{len(errors)} validation {noun} detected: {'; '.join(errors)}"


@cache
def _checker(operation: str) -> Checker | None:
    return _structure(operation_model(operation).input_shape, operation)


def constraints_of(shape: Shape, name: str = "") -> list[Constraint]:
    """Return what a value of *shape* has to meet by itself, in AWS's order; *name* is that of the member it is in."""
    found: list[Constraint] = []
    limits = shape.traits
    for key, than, fits in (("max", "less", operator.le), ("min", "greater", operator.ge)):
        if key in limits and shape.type_name in _SIZED | _NUMBERS:
            found.append(_limited(shape, limits[key], than, fits))
    if limits.get("pattern"):
        text = PATTERNS.get(shape.name, limits["pattern"])
        found.append((f"Member must satisfy regular expression pattern: {text}", matcher(limits["pattern"])))
    if limits.get("enum"):
        found.append(_enum(limits["enum"], name))
    return found


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return a test of whether a whole text matches the Java *pattern*."""
    fullmatch = fullmatcher(pattern)
    return lambda text: bool(fullmatch(text))


def _limited(shape: Shape, limit: float, than: str, fits: Callable[[Any, Any], bool]) -> Constraint:
    if shape.type_name in _SIZED:
        return f"Member must have length {than} than or equal to {limit}", lambda value: fits(len(value), limit)
    text = java_double(limit) if shape.type_name in {"double", "float"} else str(limit)
    return f"Member must have value {than} than or equal to {text}", lambda value: fits(value, limit)


def _enum(modelled: Sequence[str], name: str) -> Constraint:
    shown = ENUMS.get(name) or in_bucket_order(modelled)
    accepted = frozenset((*modelled, *shown))
    return f"Member must satisfy enum value set: [{', '.join(shown)}]", accepted.__contains__


def _checker_of(shape: Shape, name: str) -> Checker | None:
    """Return the checker of a member called *name*, or None when the model lets everything through."""
    checks = [_own(shape, name)]
    if shape.type_name == "structure":
        checks.append(_structure(shape))
    elif shape.type_name == "list":
        checks.append(_items(shape, name))
    elif shape.type_name == "map":
        checks += [_keys(shape), _values(shape)]
    found = [each for each in checks if each is not None]
    if len(found) <= 1:
        return found[0] if found else None

    def run(value: Any, path: str, errors: Errors) -> None:
        for each in found:
            each(value, path, errors)

    return run


def _own(shape: Shape, name: str) -> Checker | None:
    constraints = constraints_of(shape, name)
    if not constraints:
        return None

    def run(value: Any, path: str, errors: Errors) -> None:
        for text, fits in constraints:
            if not fits(value):
                errors.append(failure(shape, value, path, text))

    return run


def failure(shape: Shape, value: Any, path: str, constraint: str) -> str:
    """Return AWS's text for one *value* at *path* that does not meet *constraint*."""
    if value is None:
        shown = "Value null"
    elif _is_sensitive(shape):
        shown = "Value"
    else:
        shown = f"Value '{java_text(shape, value)}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _is_sensitive(shape: Shape) -> bool:
    if shape.type_name == "list":
        return bool(shape.traits.get("sensitive")) or _is_sensitive(shape.member)
    return bool(shape.traits.get("sensitive"))


def _structure(shape: Shape, operation: str | None = None) -> Checker | None:
    left = LEFT_TO_OPERATIONS.get(operation, frozenset()) if operation else frozenset()
    required = shape.required
    members = []
    in_order = sorted(shape.members.items(), key=lambda item: item[0] not in REPORTED_FIRST)
    for name, member in in_order:
        checker = None if name in left else _checker_of(member, name)
        if checker is not None or name in required:
            members.append((name, camel(name), member, checker, name in required))
    if not members:
        return None

    def run(value: Any, path: str, errors: Errors) -> None:
        for name, camel_name, member, checker, must in members:
            item = value.get(name)
            if item is None:
                if must:
                    errors.append(failure(member, None, f"{path}.{camel_name}" if path else camel_name, NOT_NULL))
            elif checker is not None:
                checker(item, f"{path}.{camel_name}" if path else camel_name, errors)

    return run


def _items(shape: Shape, name: str) -> Checker | None:
    item_shape = shape.member
    checker = _checker_of(item_shape, name)
    if item_shape.type_name == "structure":
        return _each(item_shape, checker, lambda value: enumerate(value, 1))
    texts = _texts(item_shape, name)
    if shape.name not in WITHOUT_NULL:
        texts.append(NOT_NULL)
    constraint = texts[0] if name in UNWRAPPED_ITEMS else f"Member must satisfy constraint: [{', '.join(texts)}]"
    return _all(shape, checker, constraint, iter)


def _each(shape: Shape, checker: Checker | None, numbered: Callable[[Any], Iterable[tuple[object, Any]]]) -> Checker:
    """Return the checker of all structures of *shape* in a list or map, which *numbered* gives with numbers or keys."""

    def run(value: Any, path: str, errors: Errors) -> None:
        for number, item in numbered(value):
            if item is None:
                errors.append(failure(shape, None, f"{path}.{number}.member", NOT_NULL))
            elif checker is not None:
                checker(item, f"{path}.{number}.member", errors)

    return run


def _all(shape: Shape, checker: Checker | None, constraint: str, part: Callable[[Any], Iterable[Any]]) -> Checker:
    """Return the checker of a *part* of a list or map that is one error if anything in it does not fit."""

    def run(value: Any, path: str, errors: Errors) -> None:
        if not all(_fits(checker, each) for each in part(value)):
            errors.append(failure(shape, value, path, constraint))

    return run


def _fits(checker: Checker | None, value: Any) -> bool:
    if value is None:
        return False
    if checker is None:
        return True
    errors: Errors = []
    checker(value, "", errors)
    return not errors


def _texts(shape: Shape, name: str = "") -> list[str]:
    """Return the texts of all constraints of a simple shape or of a list in a list or map."""
    texts = [text for text, _ in constraints_of(shape, name)]
    if shape.type_name == "list":
        inner = [*_texts(shape.member), NOT_NULL]
        texts.append(f"Member must satisfy constraint: [{', '.join(inner)}]")
    return texts


def _keys(shape: Shape) -> Checker | None:
    checker, texts = _checker_of(shape.key, ""), _texts(shape.key)
    if checker is None:
        return None
    return _all(shape, checker, f"Map keys must satisfy constraint: [{', '.join(texts)}]", iter)


def _values(shape: Shape) -> Checker | None:
    of_value = shape.value
    checker = _checker_of(of_value, "")
    if of_value.type_name == "structure":
        return _each(of_value, checker, dict[str, Any].items)
    texts = [*_texts(of_value), NOT_NULL]
    constraint = f"Map value must satisfy constraint: [{', '.join(texts)}]"
    return _all(shape, checker, constraint, dict[str, Any].values)
