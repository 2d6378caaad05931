"""The worlds in which a sequence can be replayed: our mock beside moto, or moto alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from moto import mock_aws


@cache
def _client(service: str, region: str, *, checking: bool) -> Any:
    """Return a client that makes each call once: a retry would hide what was answered.

    Parameters: *checking*, whether it looks at parameters before it sends them, as clients do by default.
    Clients are kept from world to world: making one costs more than a sequence does.
    """
    make: Any = boto3.session.Session(aws_access_key_id="testing", aws_secret_access_key="testing").client
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=checking)
    return make(service, region_name=region, config=config)


class Boto3World:
    """Calls by boto3.

    Parameters: *settle*, lets everything pending end.
    """

    def __init__(self, settle: Callable[[], object]) -> None:
        self._settle = settle

    def call(self, service: str, operation: str, region: str, params: dict[str, Any], *, sent: bool = False) -> Any:
        """Return the answer of *operation*; raises what boto3 raises.

        Parameters: *sent*, send it even if boto3 could tell by itself that the parameters are wrong.
        """
        client = _client(service, region, checking=not sent)
        return getattr(client, xform_name(operation))(**params)

    def settle(self) -> None:
        """Let everything pending end."""
        self._settle()


@contextmanager
def mocked(limits: Mapping[str, int], **options: Any) -> Iterator[Boto3World]:
    """A fresh mock of ours, with moto for the other services.

    Parameters: *limits*, of the account, where they are not the default ones; *options*, of the mock.
    """
    from lambda_states_mock import mock_lambda

    with mock_aws(), mock_lambda(seed=1, **options) as mock:
        for name, limit in limits.items():
            setattr(mock.backend.limits, name, limit)
        yield Boto3World(settle=mock.clock.run_until_idle)


@contextmanager
def moto_alone(limits: Mapping[str, int]) -> Iterator[Boto3World]:
    """Moto's own Lambda, whose functions are always settled and whose account has no limits."""
    with mock_aws():
        yield Boto3World(settle=lambda: None)


WORLDS: dict[str, Callable[[Mapping[str, int]], AbstractContextManager[Boto3World]]] = {
    "mock": mocked,
    "moto": moto_alone,
}
