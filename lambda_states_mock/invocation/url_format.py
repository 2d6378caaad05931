"""Function URLs in their payload format 2.0: an HTTP request becomes an event, a result becomes an HTTP response.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html. What is marked (I) is inferred: AWS does not say.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from lambda_states_mock.dependencies.authorization import SOURCE_IP
from lambda_states_mock.instants import common_log_date, epoch_hex, epoch_milliseconds
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.quick_dataclasses import dataclass

TLS_HEADERS = {"x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256", "x-amzn-tls-version": "TLSv1.3"}

# (I) The body of a request of another type is sent in base64.
TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml", "application/graphql")
TEXT_SUFFIXES = ("+json", "+xml")

JSON = "application/json"
STREAMED = "application/octet-stream"  # (I) of a streamed result that names no type
FORBIDDEN = (  # (R)
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)
HANDLER_FAILED = b"Internal Server Error"  # (R)

STREAM_PRELUDE = b"\0" * 8
"""What divides status and headers, as JSON, from the body of a streamed result (configuration-response-streaming)."""

_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""What a client says to the next hop alone (RFC 9110, section 7.6.1); (R) ``connection`` is not in the event."""

_HEADER_NAME = compile_later(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ONE_LINE = compile_later(r"[^\0\r\n]*")

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class UrlRequest:
    """An HTTP request to a function URL.

    Attributes: *path* and *query*, as they were sent, without the question mark; *headers*, names in any case.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """Return the header *name*, in whatever case, or None."""
        return _header(self.headers.items(), name)


@dataclass(frozen=True, slots=True)
class UrlResponse:
    """An HTTP response: *headers* in order, since there can be several cookies."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """Return the first header *name*, in whatever case, or None."""
        return _header(self.headers, name)


def _header(headers: Iterable[Header], name: str) -> str | None:
    wanted = name.lower()
    return next((value for sent, value in headers if sent.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed a request to a URL with AWS_IAM: the *account*, the *arn*, the *access_key* and the *organization*."""

    account: str
    arn: str
    access_key: str
    organization: str | None = None

    def context(self) -> dict[str, Any]:
        """Return it as the event's ``authorizer``."""
        return {
            "iam": {
                "accessKey": self.access_key,
                "accountId": self.account,
                "callerId": self.access_key,
                "cognitoIdentity": None,
                "principalOrgId": self.organization,
                "userArn": self.arn,
                "userId": self.access_key,
            }
        }


def event_of(request: UrlRequest, *, domain: str, request_id: str, now: datetime, caller: Caller | None) -> bytes:
    """Return the event that *request* becomes, as JSON.

    Parameters: *domain*, the URL's host; *now*, when it came; *caller*, None for AuthType NONE.
    """
    prefix = domain.partition(".")[0]
    path = "/" + request.path.lstrip("/")  # (R) of two slashes at its beginning there is one
    context: dict[str, Any] = {
        "accountId": caller.account if caller is not None else "anonymous",  # (I)
        "apiId": prefix,
        "authentication": None,
        "domainName": domain,
        "domainPrefix": prefix,
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": SOURCE_IP,
            "userAgent": request.header("user-agent") or "",
        },
        "requestId": request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": common_log_date(now),
        "timeEpoch": epoch_milliseconds(now),
    }
    if caller is not None:
        context["authorizer"] = caller.context()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": _headers(request, domain, request_id, now),
        "requestContext": context,
        "pathParameters": None,
        "isBase64Encoded": False,
        "stageVariables": None,
    }
    if cookies := request.header("cookie"):
        event["cookies"] = [cookie.strip() for cookie in cookies.split(";") if cookie.strip()]
    if parameters := _joined(parse_qsl(request.query, keep_blank_values=True)):
        event["queryStringParameters"] = parameters
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request)
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _headers(request: UrlRequest, domain: str, request_id: str, now: datetime) -> dict[str, str]:
    named = {one.strip().lower() for one in (request.header("connection") or "").split(",")}
    left_out = {"cookie", *_HOP_BY_HOP, *named}
    headers = _joined((name.lower(), value) for name, value in request.headers.items() if name.lower() not in left_out)
    trace = f"Root=1-{epoch_hex(now)}-{request_id.replace('-', '')[:24]}"
    added = {"host": domain, "x-amzn-trace-id": trace, "x-forwarded-for": SOURCE_IP, "x-forwarded-port": "443"}
    return {**headers, **added, "x-forwarded-proto": "https", **TLS_HEADERS}


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return *pairs* of names and values; what has the same name is joined with commas."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(request: UrlRequest) -> tuple[str, bool]:
    kind = (request.header("content-type") or "text/plain").partition(";")[0].strip().lower()
    if kind.startswith(TEXT_TYPES) or kind.endswith(TEXT_SUFFIXES):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True


def response_of(payload: bytes, *, streamed: bool) -> UrlResponse:
    """Return the HTTP response that a handler's result becomes.

    Parameters: *payload*, the result as the runtime sent it; *streamed*, with the InvokeMode RESPONSE_STREAM, where a
    result is sent on as it is, unless it begins with its status and headers and eight zero bytes.
    """
    if streamed:
        prelude, divider, body = payload.partition(STREAM_PRELUDE)
        return _response({**json_object(prelude), "body": body}) if divider else _of_type(STREAMED, payload)
    try:
        result = json.loads(payload or b"null")
    except ValueError:
        return failure()
    if isinstance(result, dict) and "statusCode" in result:
        return _response(result)
    return _of_type(JSON, _text(result))


def identified(response: UrlResponse, request_id: str, date: str) -> UrlResponse:
    """Return *response* with what each answer has, and a Content-Type; (I) they take the place of the handler's."""
    told = (("Date", date), ("x-amzn-RequestId", request_id))
    kind = () if response.header("content-type") else (("Content-Type", JSON),)
    return with_headers(UrlResponse(response.status, (*kind, *response.headers), response.body), told)


def failure() -> UrlResponse:
    """Return the response to a request whose handler failed, or gave what is no response."""
    return UrlResponse(502, (("Content-Type", JSON),), HANDLER_FAILED)


def refusal(status: int, code: str, message: str | None) -> UrlResponse:
    """Return the response to a request that reached no handler; *code*, as in ``x-amzn-ErrorType``."""
    body = json.dumps({"Message": message}, separators=(",", ":")).encode()
    return UrlResponse(status, (("Content-Type", JSON), ("x-amzn-ErrorType", code)), body)


def forbidden() -> UrlResponse:
    """Return the response to a request that may not invoke the function, or whose URL leads nowhere."""
    return refusal(403, "AccessDeniedException", FORBIDDEN)


def json_object(text: bytes) -> dict[str, Any]:
    """Return the object that *text* is; an empty one for anything else."""
    try:
        found = json.loads(text)
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {}


def _of_type(kind: str, body: bytes) -> UrlResponse:
    return UrlResponse(200, (("Content-Type", kind),), body)


def _response(result: Mapping[str, Any]) -> UrlResponse:
    status, sent, cookies = result.get("statusCode", 200), result.get("headers") or {}, result.get("cookies") or ()
    try:
        code = int(status)
        headers = [(_header_name(name), _header_value(value)) for name, value in sent.items()]
        headers += [("Set-Cookie", _header_value(cookie)) for cookie in cookies]
        body = _response_body(result)
    except (AttributeError, TypeError, ValueError, binascii.Error):
        return failure()
    if isinstance(status, bool) or not 100 <= code <= 599:
        return failure()
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.insert(0, ("Content-Type", JSON))
    return UrlResponse(code, tuple(headers), body)


def _header_name(name: object) -> str:
    if not _HEADER_NAME.fullmatch(str(name)):
        raise ValueError(f"not the name of a header: {name!r}")
    return str(name)


def _header_value(value: Any) -> str:
    if isinstance(value, str) and not _ONE_LINE.fullmatch(value):
        raise ValueError(f"a header cannot have lines or control characters: {value!r}")
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _response_body(result: Mapping[str, Any]) -> bytes:
    body = result.get("body")
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if result.get("isBase64Encoded"):
        return base64.b64decode(body, validate=True)
    return _text(body)


def _text(value: Any) -> bytes:
    """Return *value* as JSON without spaces; a string as it is (recorded)."""
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))).encode(
        errors="backslashreplace"
    )


# -- CORS


def is_preflight(request: UrlRequest, cors: Mapping[str, Any]) -> bool:
    """Tell whether *request* asks what *cors* allows: Lambda then answers itself (I)."""
    return bool(cors) and request.method == "OPTIONS" and request.header("access-control-request-method") is not None


def preflight(request: UrlRequest, cors: Mapping[str, Any]) -> UrlResponse:
    """Return the answer to a preflight request; one from an origin that is not allowed gets no headers."""
    headers = cors_headers(request, cors)
    if headers:
        for what in ("Headers", "Methods"):
            if cors.get(f"Allow{what}"):
                headers.append((f"Access-Control-Allow-{what}", ",".join(cors[f"Allow{what}"])))
        headers.append(("Access-Control-Max-Age", str(cors.get("MaxAge") or 0)))
    return UrlResponse(200, (("Content-Type", JSON), *headers))


def cors_headers(request: UrlRequest, cors: Mapping[str, Any]) -> list[Header]:
    """Return the headers that *cors* adds to the response to *request*; none for an origin that is not allowed."""
    origin, origins = request.header("origin"), cors.get("AllowOrigins") or ()
    if origin is None or not ("*" in origins or origin in origins):
        return []
    anyone = "*" in origins and not cors.get("AllowCredentials")
    headers = [("Access-Control-Allow-Origin", "*" if anyone else origin)]
    if cors.get("ExposeHeaders"):
        headers.append(("Access-Control-Expose-Headers", ",".join(cors["ExposeHeaders"])))
    if cors.get("AllowCredentials"):
        headers.append(("Access-Control-Allow-Credentials", "true"))
    if not anyone:
        headers.append(("Vary", "Origin"))
    return headers


def with_headers(response: UrlResponse, added: Sequence[Header]) -> UrlResponse:
    """Return *response* with the headers *added*, which take the place of the handler's own."""
    names = {name.lower() for name, _ in added}
    kept = tuple((name, value) for name, value in response.headers if name.lower() not in names)
    return UrlResponse(response.status, (*kept, *added), response.body)
