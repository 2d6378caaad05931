"""The presigned URLs in answers of GetFunction and GetLayerVersion: for ten minutes you can fetch code from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.instants import parse_iso_compact
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.wire.http import HttpResponse

_HOST = compile_later(r"awslambda-(?P<region>[a-z0-9-]+)-(?:tasks|layers)\.s3\.(?P=region)\.amazonaws\.com")


def keeps_code(host: str) -> bool:
    """Tell whether *host* is one that presigned URLs of code name."""
    return _HOST.fullmatch(host) is not None


def download(mock: ActiveMock, host: str, path: str, query: str) -> HttpResponse | None:
    """Return the zip that a presigned URL of *mock* is for; None when *host* is none that keeps code.

    As S3 does: 403 once the URL has expired, 404 for what is not there, or not any more.
    """
    match = _HOST.fullmatch(host)
    if match is None:
        return None
    with mock.clock.lock:
        now = mock.clock.now
        if _expires(query) < now:
            return _refusal(403, "AccessDenied", "Request has expired")
        account = path.removeprefix("/snapshots/").partition("/")[0]
        for location, content in _stored(mock, Place(account, match["region"]), now):
            if urlsplit(location).path == path:
                return HttpResponse(200, {"Content-Type": "application/zip"}, content)
    return _refusal(404, "NoSuchKey", "The specified key does not exist.")


def _expires(query: str) -> datetime:
    given = parse_qs(query)
    try:
        signed = parse_iso_compact(given["X-Amz-Date"][0])
        return signed + timedelta(seconds=int(given["X-Amz-Expires"][0]))
    except (KeyError, ValueError):
        return datetime.min.replace(tzinfo=timezone.utc)


def _stored(mock: ActiveMock, place: Place, now: datetime) -> Iterator[tuple[str, bytes]]:
    from lambda_states_mock.operations.layer import layer_location  # few tests fetch code
    from lambda_states_mock.shapes.views import download_location

    partition = mock.backend.service.store.at(place)
    for version in partition.versions:
        if version.code.zip is not None:
            yield download_location(version, now), version.code.zip
    for layer in partition.layer_versions:
        if layer.code.zip is not None:
            yield layer_location(layer, now), layer.code.zip


def _refusal(status: int, code: str, message: str) -> HttpResponse:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return HttpResponse(status, {"Content-Type": "application/xml"}, body.encode())
