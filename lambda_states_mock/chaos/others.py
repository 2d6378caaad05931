"""What others do to the functions that there are, beside the code under test."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambda_states_mock.chaos.living import Chaos
    from lambda_states_mock.resources.function import Version

OF_ANOTHER = "by another deployer"


@cache
def code_of_another() -> bytes:
    """Return a zip that nobody else has deployed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py"), f"def handler(event, context):\n    return {OF_ANOTHER!r}\n")
    return content.getvalue()


def _code(version: Version) -> Mapping[str, Any]:
    if version.configuration.package_type == "Image":
        return {"ImageUri": f"{version.place.account}.dkr.ecr.{version.place.region}.amazonaws.com/another:latest"}
    return {"ZipFile": code_of_another()}


def _nothing(_version: Version) -> Mapping[str, Any]:
    return {}


def _for_each(operation: str, more: Callable[[Version], Mapping[str, Any]] = _nothing) -> Callable[[Chaos], None]:
    def act(chaos: Chaos) -> None:
        for version in chaos.functions():
            chaos.call_as_another(operation, {"FunctionName": version.name, **more(version)})

    return act


def _wake(chaos: Chaos) -> None:
    """Invoke what is idle, which wakes it and is refused: no code runs."""
    for version in chaos.functions():
        if chaos.state_of(version) == "Inactive":
            chaos.call_as_another("Invoke", {"FunctionName": version.name})


ACTS: Mapping[str, Callable[[Chaos], None]] = MappingProxyType(
    {
        "UpdateFunctionCode": _for_each("UpdateFunctionCode", _code),
        "UpdateFunctionConfiguration": _for_each(
            "UpdateFunctionConfiguration", lambda _version: {"Description": OF_ANOTHER}
        ),
        "PublishVersion": _for_each("PublishVersion"),
        "Invoke": _wake,
        "DeleteFunction": _for_each("DeleteFunction"),
    }
)
"""What somebody else may do, by operation."""
