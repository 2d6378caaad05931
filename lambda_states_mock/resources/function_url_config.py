"""Function URLs, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionUrlConfig:
    """The URL of a function or, where *alias* is given, of an alias. *invoke_mode* is None until it is set."""

    place: Place
    function: str
    alias: str | None
    id: str
    auth_type: str
    invoke_mode: str | None = None
    cors: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    created: datetime
    last_modified: datetime

    @property
    def url(self) -> str:
        """The URL, with the slash at its end."""
        return f"https://{self.id}.lambda-url.{self.place.region}.on.aws/"

    @property
    def function_arn(self) -> str:
        """The ARN of the function or alias that it leads to."""
        return self.place.function_arn(self.function, self.alias)
