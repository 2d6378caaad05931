"""What the installed client cannot send or read, since its model of Lambda is older than ours.

A test that fails because of that, and of nothing else, is skipped: the exception must be botocore's own refusal of a
name that our model has and the client's lacks. With a client whose model is as new as ours nothing is skipped so.
What fails by an assertion says with the marker ``needs`` (`tests.needing`) from which version on it can run.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore
import botocore.loaders
import pytest
from botocore import xform_name
from botocore.exceptions import ParamValidationError

from lambda_states_mock.api_model import of_lambda

if TYPE_CHECKING:
    import pluggy

PACKAGE = "lambda_states_mock"
_UNKNOWN_PARAMETER = re.compile(r'Unknown parameter in [^:]+: "(\w+)", must be one of: .*')
_NO_ATTRIBUTE = re.compile(r"'Lambda' object has no attribute '(\w+)'")
_NO_EXCEPTION = re.compile(r"<\S+LambdaExceptions object at \w+> object has no attribute (\w+)\. .*")


@dataclass(frozen=True)
class Gaps:
    """Names that our model has and a client's lacks.

    `attributes`: methods and exceptions. `members`: members of shapes. `names`: those of them that the client knows in
    no shape at all, so that nothing else can be meant.
    """

    attributes: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @classmethod
    def between(cls, ours: Mapping[str, Any], clients: Mapping[str, Any]) -> Gaps:
        """Compare two models, each a mapping with ``operations`` and ``shapes``."""
        operations = ours["operations"].keys() - clients["operations"].keys()
        exceptions = {name for name in ours["shapes"].keys() - clients["shapes"].keys() if name.endswith("Exception")}
        known = {name: shape.get("members", {}) for name, shape in clients["shapes"].items()}
        members = {
            member
            for name, shape in ours["shapes"].items()
            for member in shape.get("members", {})
            if member not in known.get(name, {})
        }
        attributes = {*map(xform_name, operations), *exceptions}
        return cls(frozenset(attributes), frozenset(members), frozenset(members.difference(*known.values())))

    def in_(self, error: BaseException) -> str | None:
        """Return which names let *error* come, if they alone did."""
        if isinstance(error, ParamValidationError):
            lines = error.kwargs["report"].splitlines()
            unknown = [found[1] for line in lines if (found := _UNKNOWN_PARAMETER.fullmatch(line))]
            are_all = len(unknown) == len(lines) and self.members.issuperset(unknown)
            return ", ".join(unknown) if are_all else None
        if isinstance(error, AttributeError):
            missing = _NO_ATTRIBUTE.fullmatch(str(error)) or _NO_EXCEPTION.fullmatch(str(error))
            return missing[1] if missing and missing[1] in self.attributes else None
        if isinstance(error, KeyError) and error.args and error.args[0] in self.names | self.attributes:
            return None if _is_from_within(error) else str(error.args[0])  # of an answer, or a paginator's
        return None


def _is_from_within(error: BaseException) -> bool:
    """Return True for what code of this package has raised: no client is to blame for that."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    raised_in = "" if trace is None else str(trace.tb_frame.f_globals.get("__name__", ""))
    return raised_in.partition(".")[0] == PACKAGE


@cache
def gaps() -> Gaps:
    """Return what the installed botocore lacks."""
    return Gaps.between(of_lambda.data(), botocore.loaders.create_loader().load_service_model("lambda", "service-2"))


class Skipping:
    """A plugin of pytest that says of a test which cannot run with the installed client that it was skipped.

    `reasons`: why, for each of these tests.
    """

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pluggy.Result[pytest.TestReport], None]:
        report = (yield).get_result()
        if not report.failed or call.excinfo is None:
            return
        if report.when == "teardown" and item.nodeid in self.reasons and _is_of_ours(call.excinfo.value):
            report.outcome = "passed"  # what the rest of the test would have met: a fault that was not fired, a hold
        elif (why := reason(call.excinfo.value)) is not None:
            self.reasons[item.nodeid] = why
            report.outcome = "skipped"
            report.longrepr = (str(item.path), item.location[1] or 0, f"Skipped: {why}")


def reason(error: BaseException) -> str | None:
    """Return why a test that ended with *error* cannot run with the installed client; None where it can."""
    names = [gaps().in_(each) for each in _leaves(error)]
    if None in names:
        return None
    return f"botocore {botocore.__version__} does not know {', '.join(map(str, names))}"


def _is_of_ours(error: BaseException) -> bool:
    """Return True for what a mock itself says when it is left."""
    return type(error).__module__.partition(".")[0] == PACKAGE


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Return what a group of exceptions holds; *error* itself where it is none."""
    inner = getattr(error, "exceptions", None)
    if not isinstance(inner, tuple):
        yield error
        return
    for each in inner:
        yield from _leaves(each)
