"""Layers and their versions, as frozen records, and the ARNs that name them."""

from __future__ import annotations

from datetime import datetime

from lambda_states_mock.patterns import compile_later
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.code import Code


@dataclass(frozen=True, slots=True)
class LayerReference:
    """What a ``LayerName`` or a layer's ARN says: a name, and whatever an ARN adds to it."""

    name: str
    version: int | None = None
    account: str | None = None
    region: str | None = None


_REFERENCE = compile_later(
    r"(?:arn:aws[a-zA-Z-]*:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):layer:)?"
    r"(?P<name>[a-zA-Z0-9-_]+)"
    r"(?::(?P<version>[0-9]+))?"
)


def layer_reference(text: str) -> LayerReference | None:
    """Parse a layer's name, its ARN, or the ARN of one of its versions. None: AWS's own layers (``awslayer``)."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return None
    version = int(match["version"]) if match["version"] else None
    return LayerReference(match["name"], version, match["account"], match["region"])


@dataclass(frozen=True, slots=True)
class LayerHistory:
    """What is known of a layer, also when all its versions are deleted: numbers are never given twice."""

    name: str
    next_version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerVersion:
    """One version of a layer. The lists are None where the request had none: AWS echoes what was sent, even ``[]``."""

    place: Place
    name: str
    number: int
    code: Code
    created: datetime
    description: str = ""
    license_info: str | None = None
    compatible_runtimes: tuple[str, ...] | None = None
    compatible_architectures: tuple[str, ...] | None = None

    @property
    def layer_arn(self) -> str:
        """The ARN of the layer."""
        return self.place.arn(f"layer:{self.name}")

    @property
    def arn(self) -> str:
        """The ARN of this version."""
        return f"{self.layer_arn}:{self.number}"

    @property
    def key(self) -> tuple[str, int]:
        """Where the store keeps it: the newest version of a layer comes first, as AWS lists them."""
        return self.name, -self.number

    def suits(self, runtime: str | None, architecture: str | None) -> bool:
        """Tell whether it says that it is compatible with *runtime* and *architecture*; None asks for nothing."""
        return (runtime is None or runtime in (self.compatible_runtimes or ())) and (
            architecture is None or architecture in (self.compatible_architectures or ())
        )
