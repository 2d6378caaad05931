"""Whose key signed a request (Signature Version 4). The signature itself is not verified."""

from __future__ import annotations

import re

_SIGNATURE = re.compile(r"AWS4-[A-Z0-9-]+ .*Credential=(?P<key>[^/,]+)/")
_PRESIGNED = re.compile(r"(?:^|&)X-Amz-Credential=(?P<key>[^&%/]+)")


def signing_key(authorization: str | None, query: str) -> str | None:
    """Return the access key that signed a request, in its header or in its query; None where nobody did."""
    signed = _SIGNATURE.match(authorization or "") or _PRESIGNED.search(query)
    return signed["key"] if signed is not None else None
