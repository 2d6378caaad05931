"""Who signed a request, and for which service (Signature Version 4). The signature itself is not verified.

A credential reads ``key/20260101/eu-west-1/lambda/aws4_request``, in the header Authorization or in the query of a
presigned request. Version 4A, which holds in several regions, names none. Source:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from lambda_states_mock.patterns import compile_later

_IN_HEADER = compile_later(r"AWS4-[A-Z0-9-]+ .*?Credential=([^,\s]+)")
_IN_QUERY = compile_later(r"(?:^|[?&])X-Amz-Credential=([^&]+)")
_NAME = compile_later(r"[a-z0-9-]+")


class Signed(NamedTuple):
    """What a credential says: the access *key*, and for which *region* and *service*, None where it does not."""

    key: str
    region: str | None = None
    service: str | None = None


def signed_by(authorization: str | None, query: str) -> Signed | None:
    """Return who signed a request, in its header or in its query; None where nobody did.

    Parameters: *query*, still percent-encoded; the path may stand before it.
    """
    found = _IN_HEADER.match(authorization or "")
    if found is not None:
        key, *scope = found[1].split("/")
    elif (found := _IN_QUERY.search(query)) is not None:
        key, *scope = unquote(found[1]).split("/")
    else:
        return None
    if not key:
        return None
    if not scope or scope[-1] != "aws4_request":
        return Signed(key)
    parts: list[str] = ["", "", *scope[1:-1]]
    return Signed(key, _name(parts[-2]), _name(parts[-1]))


def signing_key(authorization: str | None, query: str) -> str | None:
    """Return the access key that signed a request; otherwise as `signed_by`."""
    signed = signed_by(authorization, query)
    return None if signed is None else signed.key


def _name(given: str) -> str | None:
    return given if _NAME.fullmatch(given) else None
