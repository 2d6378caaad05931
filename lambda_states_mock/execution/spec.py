"""What is invoked, and what came of it: the two values that pass between the operations and this floor."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from operator import attrgetter

from lambda_states_mock.execution.log_lines import tail

LATEST = "$LATEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One version of a function, as it was asked for: all that an execution environment needs to know.

    Parameters:
        version: ``$LATEST`` or a number as text; what an alias resolved to.
        invoked_arn: exactly as asked for, with or without a qualifier.
        timeout: seconds.
        code: the bytes of the zip file, or None (an image).
        layers_code: the zip files of the layers, lowest first; later ones overwrite earlier ones.
        qualifier: the alias or version that was asked for; None without one.
        initialization_type: ``on-demand``, ``provisioned-concurrency``, ``snap-start`` or ``lambda-managed-instances``.
        ephemeral_storage: the size of /tmp in MB.
        log_format: ``Text`` or ``JSON``; only the latter has levels, and None for their defaults.

    Attributes: *makes*, what an environment is made for: all but the way on which it was asked for.
    """

    account: str
    region: str
    name: str
    version: str = LATEST
    invoked_arn: str
    runtime: str | None
    handler: str | None
    package_type: str = "Zip"
    memory_size: int = 128
    timeout: float = 3
    environment: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    code: bytes | None = field(default=None, repr=False)
    code_sha256: str = ""
    log_group: str
    layers_code: tuple[bytes, ...] = field(default=(), repr=False)
    qualifier: str | None = None
    initialization_type: str = "on-demand"
    ephemeral_storage: int = 512
    log_format: str = "Text"
    application_log_level: str | None = None
    system_log_level: str | None = None
    makes: tuple[object, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "makes", _makes(self))

    @property
    def resource(self) -> str:
        """What was asked for, as metrics name it: ``orders``, or ``orders:live``."""
        return self.name if self.qualifier is None else f"{self.name}:{self.qualifier}"

    @property
    def snap_start(self) -> bool:
        """True for a version that is restored from its snapshot."""
        return self.initialization_type == "snap-start"

    @property
    def python(self) -> bool:
        """True for a managed Python runtime."""
        return (self.runtime or "").startswith("python")


# All that an environment is made for: which alias led to it does not matter.
_makes = attrgetter(
    *(one.name for one in fields(FunctionSpec) if one.name not in ("invoked_arn", "qualifier", "makes"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one invocation went.

    Parameters:
        payload: the result or the error as JSON bytes.
        function_error: ``Unhandled`` when the function failed, else None.
        log: all that is in the log about it, platform lines included.
        cold: True when the environment was made for this invocation.
        started, ended: on the virtual clock; the initialisation of a cold environment lies between them, too.
        init_duration: the length of the Init phase; None when the environment was warm.
        duration: the length of the Invoke phase, without the Init phase.
        error: the exception that ended the handler, if there was one.
        environment: the log stream name of the execution environment.
        version: what ran: ``$LATEST`` or a number as text.
        restore_duration: the length of the Restore phase of SnapStart; None without one.
        chunks: the parts of a streamed response that were sent, also before an error.
    """

    payload: bytes
    function_error: str | None
    log: str = field(repr=False)
    cold: bool
    started: datetime
    ended: datetime
    init_duration: timedelta | None
    duration: timedelta
    error: BaseException | None
    environment: str
    version: str = LATEST
    restore_duration: timedelta | None = None
    chunks: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def log_result(self) -> str:
        """The ``LogResult`` of an Invoke with ``LogType="Tail"``: the last 4 KB of the log in base64."""
        return base64.b64encode(tail(self.log)).decode()
