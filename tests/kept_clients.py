"""Clients of boto3 that are made once for the whole run: one that is made in one world is caught in the next as well.

To make one takes as long as ten calls. A test that changes something about its client makes one of its own.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config

REGION = "us-east-1"
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def kept_client(service: str = "lambda", *, region: str = REGION, attempts: int | None = None) -> Any:
    """Return a client of *service* with the keys that the environment has now: moto's, a function's, or none.

    Parameters: *attempts*, how often it sends a request, if not as often as boto3 does by default.
    """
    return _made(service, region, attempts, *map(os.environ.get, KEYS))


@lru_cache(maxsize=100)  # each environment of a function has keys of its own
def _made(service: str, region: str, attempts: int | None, *_keys: str | None) -> Any:
    make: Any = boto3.session.Session(region_name=region).client
    config = None if attempts is None else Config(retries={"total_max_attempts": attempts})
    return make(service, config=config)
