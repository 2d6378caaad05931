"""Functions, their published versions and what hangs on these, as frozen records: what exists, without its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from lambda_states_mock.errors import NamesWhatItHas
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import LATEST, LATEST_PUBLISHED, Place
from lambda_states_mock.resources.code import Code, Signature

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class VpcConfig:
    """Where a function is attached. *vpc_id* is what EC2 says of the subnets; empty lists: it was attached once."""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]
    vpc_id: str
    ipv6_allowed_for_dual_stack: bool = False


@dataclass(frozen=True, slots=True)
class Logging:
    """LoggingConfig. Levels are None in the Text format."""

    group: str
    format: str = "Text"
    application_level: str | None = None
    system_level: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer version that a function uses. *content*, its zip, stays with the function when the layer is deleted."""

    arn: str
    size: int = 0
    content: bytes | None = field(default=None, repr=False)
    signature: Signature | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What CreateFunction and UpdateFunctionConfiguration set. Members are named as AWS names them."""

    role: str
    package_type: str = "Zip"
    runtime: str | None = None
    handler: str | None = None
    description: str = ""
    timeout: int = 3
    memory_size: int = 128
    architectures: tuple[str, ...] = ("x86_64",)
    environment: Mapping[str, str] | None = field(default=None, repr=False)  # there may be secrets in it
    vpc: VpcConfig | None = None
    dead_letter_target: str | None = None
    tracing_mode: str = "PassThrough"
    kms_key_arn: str | None = None
    layers: tuple[Layer, ...] = ()
    file_systems: tuple[Mapping[str, Any], ...] = ()
    image_config: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    ephemeral_storage: int = 512
    snap_start: str = "None"
    logging: Logging | None = None
    durable: Mapping[str, Any] | None = None
    capacity_provider: Mapping[str, Any] | None = None
    tenancy: Mapping[str, Any] | None = None
    runtime_config: Mapping[str, Any] | None = None  # a runtime of the customer's own
    accelerator: Mapping[str, Any] | None = None
    runtime_version_arn: str | None = None
    update_runtime_on: str = "Auto"
    kind: str = field(init=False, compare=False)  # as the lifecycle tables and timings name it
    is_special: bool = field(init=False, compare=False)  # what Get shows of it depends on more than this record

    def __post_init__(self) -> None:
        special = self.kms_key_arn or self.runtime_version_arn or self.capacity_provider
        object.__setattr__(self, "is_special", bool(special))
        kind = "image" if self.package_type == "Image" else "zip"
        if self.capacity_provider is not None:
            kind = "managed"
        elif self.vpc is not None and self.vpc.subnet_ids:
            kind = "vpc"
        object.__setattr__(self, "kind", kind)


def runtime_alias_of(configuration: Configuration) -> str | None:
    """Return the alias of a customer's own runtime that *configuration* names, behind the runtime's ARN; or None."""
    named = configuration.runtime_config
    return None if named is None else f"{named['RuntimeArn']}:{named['RuntimeAlias']}"


UNNUMBERED = {LATEST: 0, LATEST_PUBLISHED: 1}


def version_index(number: str) -> int:
    """Return a version's place in the order of versions: ``$LATEST``, ``$LATEST.PUBLISHED``, and then the numbers."""
    return UNNUMBERED[number] if number in UNNUMBERED else int(number) + 1


def version_number(index: int) -> str:
    """Return the version at *index* in that order."""
    return next((number for number, place in UNNUMBERED.items() if place == index), str(index - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a function: ``$LATEST`` or a published one.

    *configuration* and *code* are what AWS's answers show. While an update of ``$LATEST`` is in progress, Invoke still
    runs *live_configuration* and *live_code*.
    """

    place: Place
    name: str
    number: str = LATEST
    configuration: Configuration
    code: Code
    live_configuration: Configuration
    live_code: Code
    revision_id: str
    last_modified: datetime
    published_of: Configuration | None = None  # $LATEST's configuration when this was published
    snapshot: bool = False  # a SnapStart snapshot is ready
    kind: str = field(init=False, compare=False)  # as the lifecycle tables and timings name it
    arn: str = field(init=False, compare=False)  # without qualifier for $LATEST

    def __post_init__(self) -> None:
        arn = self.place.function_arn(self.name, None if self.number == LATEST else self.number)
        object.__setattr__(self, "arn", arn)
        snap_start = self.number != LATEST and self.configuration.snap_start == "PublishedVersions"
        object.__setattr__(self, "kind", "snapstart" if snap_start else self.configuration.kind)

    @property
    def key(self) -> tuple[str, int]:
        """Where the store keeps it: ``$LATEST`` counts as version 0."""
        return self.name, version_index(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """What belongs to a function and all its versions."""

    place: Place
    name: str
    next_version: int = 1
    tags: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    reserved_concurrency: int | None = None
    recursive_loop: str = "Terminate"
    code_signing_config_arn: str | None = None

    @property
    def arn(self) -> str:
        """The unqualified ARN."""
        return self.place.function_arn(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias(NamesWhatItHas):
    """A name for a version, or for two of them with weights (version -> share of the second one)."""

    name: str
    function_version: str
    revision_id: str
    description: str = ""
    weights: Mapping[str, float] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A resource policy, also of a layer version: *statements* in order of insertion, as AWS renders them."""

    statements: tuple[Mapping[str, Any], ...]
    revision_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedConcurrency:
    """How many execution environments are kept ready for *qualifier* of a function.

    Attributes: *requested*, asked for; *allocated*, there now, be it for the version that the alias was moved from.
    """

    arn: str
    function: str
    qualifier: str
    requested: int
    allocated: int = 0
    last_modified: datetime
