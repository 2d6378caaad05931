"""Every adapter, in the order in which they are installed. To add one, write its module and add a row here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, partial
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import Any

from lambda_states_mock import private_names
from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.errors import PrivateNameError
from lambda_states_mock.quick_dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Adapter:
    """A module of this package with functions such as ``install(patches)``, which patch all they have to by *patches*.

    The module is imported when it is first installed. It keeps no record of what it has installed: restoring *patches*
    undoes everything. A function is not called where the library lacks a name that it needs: see `private_names`.
    """

    module: str
    after: str | None = None  # the foreign module that somebody else must have imported, if it needs one
    having: str = "__name__"  # an attribute by which the foreign module is told from another one of the same name
    need: active_mocks.Need = "calls"  # of active mocks, for which it is installed
    parts: tuple[str, ...] = ("install",)  # the functions
    of_copies: bool = False  # whether it also patches copies of its library that functions bring along

    @cached_property
    def imported(self) -> Any:
        """The module itself."""
        return import_module(f"{__package__}.{self.module}")

    @property
    def usable(self) -> tuple[Callable[[Patches], None], ...]:
        """Those of its functions for which the library has all names.

        Where one is missing that is needed once the library is used, that is the function which refuses its use. Raises
        PrivateNameError for want of a name without which there can be no mock.
        """
        usable: list[Callable[[Patches], None]] = []
        for part in self.parts:
            try:
                if private_names.allows(f"adapters.{self.module}", part):
                    usable.append(getattr(self.imported, part))
            except PrivateNameError as error:
                from lambda_states_mock.adapters.refusals import REFUSALS  # few processes need it

                if self.module not in REFUSALS:
                    raise
                usable.append(partial(REFUSALS[self.module], error=error))
        return tuple(usable)

    def import_anew(self) -> None:
        """Let the module be made once more when it is next installed: its library is another one now."""
        sys.modules.pop(f"{__package__}.{self.module}", None)
        vars(self).pop("imported", None)

    def install_in_copy(self) -> None:
        """Patch the copy of its library that the code of a function finds now, as long as that copy lives.

        The module is made once more, for this copy alone. A copy that lacks something stays as it is.
        """
        spec: Any = find_spec(f"{__package__}.{self.module}")
        anew: Any = module_from_spec(spec)
        with suppress(ImportError, AttributeError):
            spec.loader.exec_module(anew)
            for part in self.parts:
                getattr(anew, part)(Patches())


ADAPTERS = (
    Adapter("botocore_hook"),
    Adapter("unseen_requests"),
    Adapter("iam_hook"),
    Adapter("urllib3_hook"),
    Adapter("http_client_hook"),
    Adapter("name_lookups"),
    Adapter(
        "retries",
        parts=("seed_legacy_retries", "seed_standard_backoff", "sleep_on_our_clock", "limit_on_our_clock"),
    ),
    Adapter("user_agents"),
    Adapter("endpoint_parameters"),
    Adapter("moto_passthrough", after="moto.core.botocore_stubber"),
    Adapter("moto_time", after="moto.core.utils"),
    Adapter("moto_sqs", after="moto.sqs.models"),
    Adapter("moto_kinesis", after="moto.kinesis.models"),
    Adapter("moto_dynamodb", after="moto.dynamodb.models.table"),
    Adapter("moto_stacks", after="moto.cloudformation.parsing", having="OutputMap"),
    Adapter("moto_lambda", after="moto.core.botocore_stubber"),
    Adapter("moto_s3", after="moto.s3.notifications", having="S3NotificationEvent"),
    Adapter("moto_s3_settings", after="moto.s3.responses", having="S3Response"),
    Adapter("moto_sns", after="moto.sns.models", having="Subscription"),
    Adapter("moto_events", after="moto.events.models", having="EventsBackend"),
    Adapter("moto_logs", after="moto.logs.models", having="LogStream"),
    Adapter("moto_secrets", after="moto.secretsmanager.models", having="SecretsManagerBackend"),
    Adapter("moto_ses", after="moto.ses.models", having="ses_backends"),
    Adapter("boto3_sessions", after="boto3", having="setup_default_session"),
    Adapter("responses_mocks", after="responses", having="RequestsMock"),
    Adapter("httpx_hook", after="httpx", of_copies=True),
    Adapter("aiohttp_hook", after="aiohttp", having="ClientSession", of_copies=True),
    Adapter("aiobotocore_hook", after="aiobotocore.session"),
    Adapter("unseen_aio_requests", after="aiobotocore.session"),
    Adapter("aiobotocore_retries", after="aiobotocore.retries.bucket"),
    Adapter("thread_starts", need="virtual sleep"),
    Adapter("waits", need="waits"),
    Adapter("loop_waits", after="asyncio", having="BaseEventLoop", need="waits"),
    Adapter("sleeping", need="virtual sleep"),
    Adapter("async_sleeping", after="asyncio", having="sleep", need="virtual sleep"),
    Adapter("trio_sleeping", after="trio", need="virtual sleep", of_copies=True),
)
