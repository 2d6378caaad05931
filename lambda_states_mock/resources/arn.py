"""Names and ARNs of Lambda's resources, parsed once, into types."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NamedTuple

from lambda_states_mock.patterns import compile_later
from lambda_states_mock.quick_dataclasses import dataclass

LATEST = "$LATEST"
LATEST_PUBLISHED = "$LATEST.PUBLISHED"  # on a capacity provider: what was published last without a number


_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "eusc-": "aws-eusc",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
}
"""By the beginning of a region's name: every partition but ``aws`` itself."""


@lru_cache(maxsize=256)
def partition_of(region: str) -> str:
    """Return the AWS partition that *region* belongs to."""
    return next((partition for prefix, partition in _PARTITIONS.items() if region.startswith(prefix)), "aws")


class Place(NamedTuple):
    """Where resources live: an *account* (twelve digits) in a *region*. The store is partitioned by it."""

    account: str
    region: str

    def arn(self, resource: str, *, service: str = "lambda") -> str:
        """Return the ARN of *resource*, e.g. of ``function:orders``."""
        return f"arn:{partition_of(self.region)}:{service}:{self.region}:{self.account}:{resource}"

    def seen_from(self, home: Place) -> str:
        """Return what stands behind the names of what lives here, for a reader at *home*: nothing if that is here."""
        return "" if self == home else f" ({self.account}, {self.region})"

    def root_arn(self) -> str:
        """Return the ARN by which policies name the whole account."""
        return f"arn:{partition_of(self.region)}:iam::{self.account}:root"

    def user_arn(self) -> str:
        """Return the ARN of the user who calls Lambda, where a test names nobody else."""
        return f"arn:{partition_of(self.region)}:iam::{self.account}:user/test"

    def runtime_version_arn(self, runtime: str) -> str:
        """Return the ARN of the version of *runtime* that is in use: the same for all functions with it."""
        digest = hashlib.sha256(runtime.encode()).hexdigest()
        return f"arn:{partition_of(self.region)}:lambda:{self.region}::runtime:{digest}"

    def function_arn(self, name: str, qualifier: str | None = None) -> str:
        """Return the ARN of function *name*, with *qualifier* (version or alias) if there is one."""
        return _function_arn(self.account, self.region, name, qualifier)


HOME = Place("123456789012", "us-east-1")
"""Where a mock is, unless its options say otherwise."""


@lru_cache(maxsize=4096)
def _function_arn(account: str, region: str, name: str, qualifier: str | None) -> str:
    return Place(account, region).arn(f"function:{name}:{qualifier}" if qualifier else f"function:{name}")


@dataclass(frozen=True, slots=True)
class FunctionReference:
    """What a ``FunctionName`` parameter says: a name, and whatever an ARN adds to it."""

    name: str
    qualifier: str | None = None
    account: str | None = None
    region: str | None = None


_REFERENCE = compile_later(
    r"(?:arn:aws[a-zA-Z-]*:lambda:)?"
    r"(?:(?P<region>(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?"
    r"(?:(?P<account>\d{12}):)?"
    r"(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)"
    r"(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)


@lru_cache(maxsize=4096)
def function_reference(text: str) -> FunctionReference | None:
    """Parse a ``FunctionName``: a name, ``name:qualifier``, a partial or a full ARN. None: it is none of those.

    As AWS does, an ARN that ends in ``:function`` names a function called ``function`` (recorded).
    """
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return None
    return FunctionReference(match["name"], match["qualifier"], match["account"], match["region"])


def can_be_alias(qualifier: str) -> bool:
    """Tell whether *qualifier* could be the name of an alias: no number, and without ``$``."""
    return not qualifier.isdecimal() and "$" not in qualifier


def looks_like_version(qualifier: str) -> bool:
    """Tell whether *qualifier* can only be a version: a number, ``$LATEST`` or ``$LATEST.PUBLISHED``."""
    return qualifier in (LATEST, LATEST_PUBLISHED) or qualifier.isdecimal()
