"""Which functions have called which: what Lambda reads out of the trace header to stop loops.

A function finds the header in ``_X_AMZN_TRACE_ID``; the SDKs send it along as ``X-Amzn-Trace-Id``. Its last part says
how often each function was already there in the chain of requests: ``Lineage=1:a87bd80c:3|1:68fd508a:1``.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html ; the figures after Lineage are our own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import unquote

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.instants import epoch_hex

HEADER = "x-amzn-trace-id"


def passes(trace: str | None, function_arn: str) -> int:
    """Return how often the function *function_arn* was invoked already in the chain that *trace* tells of."""
    before = _lineage(_parts(trace)).get(_mark(function_arn))
    return 0 if before is None else before + 1


def continued(trace: str | None, function_arn: str, *, chance: Chance, now: datetime) -> str:
    """Return the header for an invocation of *function_arn* that *trace* has led to; not sampled, made at *now*."""
    parts, mark = _parts(trace), _mark(function_arn)
    root = parts.get("Root") or f"1-{epoch_hex(now)}-{chance.hex(24)}"
    lineage = _lineage(parts)
    lineage[mark] = lineage.get(mark, -1) + 1
    told = "|".join([f"1:{function}:{count}" for function, count in lineage.items()])
    return f"Root={root};Parent={chance.hex(16)};Sampled=0;Lineage={told}"


@lru_cache(maxsize=256)
def _mark(function_arn: str) -> str:
    return hashlib.sha256(function_arn.encode()).hexdigest()[:8]


def _parts(trace: str | None) -> dict[str, str]:
    if trace is None:
        return {}
    return {name: value for name, _, value in (part.partition("=") for part in unquote(trace).split(";"))}


def _lineage(parts: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in parts.get("Lineage", "").split("|"):
        _, _, counted = entry.partition(":")
        mark, _, count = counted.partition(":")
        if count.isdecimal():
            found[mark] = int(count)
    return found
