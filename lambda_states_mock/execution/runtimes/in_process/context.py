"""The context object that a Python handler gets beside its event.

https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.runtimes.in_process.log_streams import log_message
from lambda_states_mock.execution.sleeping import Running

_MILLISECOND = timedelta(milliseconds=1)
_SHOWN = (
    *("aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb"),
    *("function_version", "invoked_function_arn", "client_context", "identity", "tenant_id"),
)


class _Members:
    """An object with a fixed set of members; those that nobody gave are None, as in AWS's runtime."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        for name in type(self).__annotations__:
            setattr(self, name, values.get(name))

    def __repr__(self) -> str:
        return _bracketed(self, type(self).__annotations__)


class CognitoIdentity(_Members):
    """Who called, by Amazon Cognito; both members are None for everybody else."""

    cognito_identity_id: str | None
    cognito_identity_pool_id: str | None


class Client(_Members):
    """The ``client`` member of a client context."""

    installation_id: str | None
    app_title: str | None
    app_version_name: str | None
    app_version_code: str | None
    app_package_name: str | None


class ClientContext(_Members):
    """What the caller gave as ``ClientContext``."""

    custom: Any
    env: Any
    client: Client | None

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        if isinstance(self.client, dict):
            self.client = Client(self.client)


class LambdaContext:
    """What a handler may know about its invocation. Parameters: *client_context*, of the caller, read already."""

    def __init__(
        self,
        spec: EnvironmentSpec,
        *,
        running: Running,
        request_id: str,
        log_stream_name: str,
        client_context: Mapping[str, Any] | None = None,
    ) -> None:
        self.aws_request_id = request_id
        self.log_group_name = spec.logging.group
        self.log_stream_name = log_stream_name
        self.function_name = spec.version.name
        self.memory_limit_in_mb = str(spec.configuration.memory_size)
        self.function_version = spec.version.number
        self.invoked_function_arn = spec.invoked_arn
        self.client_context = ClientContext(client_context) if client_context is not None else None
        self.identity = CognitoIdentity({})
        self.tenant_id = spec.tenant
        self._running = running

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function times out, never below 0."""
        return max((self._running.deadline - self._running.now) // _MILLISECOND, 0)

    def log(self, msg: object) -> None:
        """Write *msg* to the log of the function, as it is: an event of its own."""
        log_message(str(msg))

    def __repr__(self) -> str:
        return _bracketed(self, _SHOWN)


def _bracketed(of: object, names: Iterable[str]) -> str:
    # The handlers of real functions print this, and AWS's runtime prints it so.
    return f"{type(of).__name__}([{','.join(f'{name}={getattr(of, name)}' for name in names)}])"
