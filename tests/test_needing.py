"""The marker by which our tests name what they send that an older client cannot send."""

from __future__ import annotations

import socket
import warnings
from importlib.metadata import version

import pytest

from tests import needing


@pytest.mark.parametrize(
    ("requirement", "missing"),
    [
        ("pytest>=7.4", None),
        ("pytest", None),
        ("pytest>=1000", f"pytest {version('pytest')} is installed, and the test needs >=1000"),
        ("no-such-package-at-all>=1", "no-such-package-at-all is not installed"),
    ],
)
def test_what_is_missing_is_named(requirement: str, missing: str | None) -> None:
    assert needing.missing(requirement) == missing


def test_a_test_is_skipped_where_one_of_its_needs_is_not_met(request: pytest.FixtureRequest) -> None:
    function = request.node
    needed = pytest.Function.from_parent(function.parent, name=function.name)
    needed.add_marker(pytest.mark.needs("pytest", "pytest>=1000"))
    met = pytest.Function.from_parent(function.parent, name=function.name)
    met.add_marker(pytest.mark.needs("pytest"))
    needing.skip_what_cannot_run([needed, met])
    (skip,) = needed.iter_markers("skip")
    assert "needs >=1000" in skip.kwargs["reason"]
    assert list(met.iter_markers("skip")) == []


@pytest.mark.parametrize("requirement", needing.LEAKS)
def test_what_an_older_library_leaves_open_fails_no_test(requirement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needing, "missing", {requirement: "an older one is installed"}.get)
    (leak,) = needing.known_leaks()
    with socket.socket(needing.LEAKS[requirement]) as one, warnings.catch_warnings():
        warnings.simplefilter("error")
        action, message, category = leak.split(":")
        assert (action, category) == ("ignore", "pytest.PytestUnraisableExceptionWarning")
        warnings.filterwarnings("ignore", message, pytest.PytestUnraisableExceptionWarning)
        warnings.warn(pytest.PytestUnraisableExceptionWarning(f"Exception ignored in: {one!r}"), stacklevel=1)
        with pytest.raises(pytest.PytestUnraisableExceptionWarning):
            warnings.warn(pytest.PytestUnraisableExceptionWarning("Exception ignored in: <file>"), stacklevel=1)
