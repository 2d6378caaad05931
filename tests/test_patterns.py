"""Regular expressions that are compiled later are those that `re.compile` returns."""

from __future__ import annotations

import re
from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages

import pytest

import lambda_states_mock
from lambda_states_mock.patterns import compile_later

LATER = compile_later("a")


@pytest.mark.parametrize("method", ["match", "fullmatch", "search"])
def test_a_match_is_that_of_a_compiled_expression(method: str) -> None:
    later, compiled = compile_later(r"(?P<name>\w+)=(\d+)", re.ASCII), re.compile(r"(?P<name>\w+)=(\d+)", re.ASCII)

    for text in ("a=1", " a=1 ", "é=1", ""):
        found, expected = getattr(later, method)(text), getattr(compiled, method)(text)
        assert (found and found.groupdict(), found and found.span()) == (
            expected and expected.groupdict(),
            expected and expected.span(),
        )


def test_what_an_expression_has_beside_its_methods_is_there() -> None:
    assert compile_later("a(b)", re.IGNORECASE).groups == 1
    assert compile_later("ab").sub("x", "abab") == "xx"


def test_a_wrong_expression_is_an_error_where_it_is_used() -> None:
    later = compile_later("(")
    with pytest.raises(re.error):
        later.match("a")


def test_every_expression_of_the_package_can_be_compiled(package_imported: None) -> None:
    count = 0
    for found in walk_packages(lambda_states_mock.__path__, f"{lambda_states_mock.__name__}."):
        if not re.search(r"\b(inside|__main__)\b", found.name):
            with suppress(ModuleNotFoundError):  # an adapter's library may not be installed
                kinds = [one for one in vars(import_module(found.name)).values() if type(one) is type(LATER)]
                assert all(one.pattern for one in kinds)
                count += len(kinds)
    assert count > 50
