"""Clients that tests share: to make one takes as long as several calls, and nothing of a mock is in it.

A client that a test has changed, by a handler of an event for instance, is not given to another one.
"""

from __future__ import annotations

import os
import sys
from copy import copy
from typing import Any, NamedTuple

import boto3
from botocore.config import Config


class _Kept(NamedTuple):
    client: Any
    state: list[Any]


_MOST = 100  # each environment of a function has keys of its own
_kept: dict[Any, _Kept] = {}


def kept_client(
    service: str = "lambda",
    *,
    region: str = "us-east-1",
    attempts: int | None = None,
    session: boto3.Session | None = None,
    **options: Any,
) -> Any:
    """Return a client of *service* as *session* makes it, or as boto3 does with the credentials of the environment.

    Parameters: *attempts*, how often it sends a request, if not as often as boto3 does by default; *options*, as
    ``boto3.client`` takes them. With any the client is a new one: some ways to retry remember how the last calls went.
    """
    if options:
        return _made(service, region, attempts, session, **options)
    credentials = frozenset(pair for pair in os.environ.items() if pair[0].startswith("AWS_"))
    # moto adds a handler to the clients that are made after its import.
    key = service, region, attempts, session, credentials, "moto" in sys.modules
    kept = _kept.get(key)
    if kept is None or _state_of(kept.client) != kept.state:
        client = _made(service, region, attempts, session)
        # A copy, which `shared_botocore` lets have another root as soon as a handler comes or goes.
        client.meta.events._emitter._handlers = copy(client.meta.events._emitter._handlers)
        kept = _kept[key] = _Kept(client, _state_of(client))
        if len(_kept) > _MOST:
            del _kept[next(iter(_kept))]
    return kept.client


def _made(service: str, region: str, attempts: int | None, session: boto3.Session | None, **options: Any) -> Any:
    if attempts is not None:
        options["config"] = Config(retries={"total_max_attempts": attempts})
    make: Any = (session or boto3.Session()).client
    return make(service, region_name=region, **options)


def _state_of(client: Any) -> list[Any]:
    """Return what a test may change: attributes, and the handlers of events."""
    _ = client.exceptions  # an attribute once it was asked for
    parts = client, client.meta, client.meta.config, client._endpoint, client._request_signer
    return [client.meta.events._emitter._handlers._root, *(dict(vars(one)) for one in parts)]
