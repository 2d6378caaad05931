"""Code signing configurations, as frozen records, and what tells signed code from unsigned."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import NOTHING

SIGNATURE = "META-INF/aws_signer_signature_v1.0.SF"
"""The file that AWS Signer adds to a zip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSigningConfig:
    """Whose signatures are accepted, and what becomes of code without one: *policy* is ``Warn`` or ``Enforce``."""

    place: Place
    id: str
    profile_version_arns: tuple[str, ...]
    policy: str = "Warn"
    description: str = ""
    last_modified: datetime
    tags: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def arn(self) -> str:
        return self.place.arn(f"code-signing-config:{self.id}")


def is_signed(content: bytes) -> bool:
    """Tell whether AWS Signer has signed the zip *content*."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return SIGNATURE in archive.namelist()
