"""botocore's calls to Lambda, answered by the innermost active mock.

Two nets catch them, one behind the other:

1. A handler for ``before-send.lambda`` among botocore's builtin handlers. It is registered for good, since botocore
   copies these handlers into each session and client. It does nothing while no mock is active. The event names the
   operation.
2. A patch of whatever sends a client's requests, while a mock is active: for clients of a session that was made before
   the handler was registered, and those of aiobotocore, too. The request's context names the operation, since signing
   notes it there.

Also while a mock is active, calls to Lambda are not signed, botocore does not ask a metadata service for credentials,
and a client without a region gets the mock's.
"""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

import io
import os
import sys
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from functools import cached_property
from inspect import isawaitable, iscoroutinefunction
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import botocore
import botocore.credentials
import botocore.endpoint
import botocore.handlers
import botocore.httpsession
import botocore.session
import botocore.signers
from botocore.awsrequest import AWSPreparedRequest, AWSRequestPreparer, AWSResponse, HeadersDict
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError

from lambda_states_mock import private_names
from lambda_states_mock.adapters import activation, active_mocks
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.vain_waits import wait_in_vain
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.execution.function_threads import role_session_of_this_thread
from lambda_states_mock.wire.http import HttpRequest, body_bytes

EVENT = "before-send.lambda"
LAMBDA = "lambda"  # in botocore's model: the endpoint's prefix, and so the name for signing
CALLER, OPERATION = "lambda_states_mock.caller", "lambda_states_mock.operation"

_KNOWS_CALLERS = private_names.allows("adapters.botocore_hook", "callers")

_BREAKS: dict[str, Any] = {
    "connection closed": ConnectionClosedError,
    "read timed out": ReadTimeoutError,
    "connection timed out": ConnectTimeoutError,
}


class AwaitableBytes(bytes):
    """The body of an answer: bytes for botocore; aiobotocore awaits them first."""

    def __await__(self) -> Generator[None, None, bytes]:
        return self
        yield


class Raw(io.BytesIO):
    """What botocore expects beneath a response: urllib3's reading, and aiohttp's in `content`."""

    def __init__(self, body: bytes, url: str, headers: dict[str, str]) -> None:
        super().__init__(body)
        self.url = url
        self.headers = headers

    def stream(self, amt: int = 65_536, **_: object) -> Generator[bytes, None, None]:
        """Yield the rest of the body in pieces of *amt* bytes."""
        while chunk := self.read(amt):
            yield chunk

    @property
    def raw_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The headers as an older aiobotocore reads them: of aiohttp's response."""
        return tuple((name.encode(), value.encode()) for name, value in self.headers.items())

    @property
    def content(self) -> AsyncReader:
        """The same bytes for an asynchronous reader."""
        return AsyncReader(self)

    async def __aenter__(self) -> AsyncReader:
        """An older aiobotocore enters what it has wrapped, and gives that to its caller."""
        return self.content

    async def __aexit__(self, *_: object) -> None:
        self.close()


class AsyncReader:
    """The part of aiohttp's StreamReader that aiobotocore's bodies and event streams use."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw

    async def read(self, amt: int = -1) -> bytes:
        """Return at most *amt* bytes; all that are left for -1."""
        return self._raw.read(amt)

    def at_eof(self) -> bool:
        """Tell whether everything was read."""
        return self._raw.tell() == len(self._raw.getbuffer())

    async def iter_chunks(self) -> AsyncIterator[tuple[bytes, bool]]:
        """Yield what is left, with aiohttp's flag for the end of an HTTP chunk."""
        for chunk in self._raw.stream():
            yield chunk, True


class Settled(NamedTuple):
    """Nobody wants to know of a call that went well by one of the first *attempts*, whether it is to be retried.

    botocore notes in the call's context the *most* attempts that there may be; None: it notes nothing.
    """

    attempts: int
    most: int | None = None


class BotocoreResponse(AWSResponse):
    """An AWSResponse that both botocore and aiobotocore can read.

    Attributes: *settled*, what is known of retries after it; None where botocore has to ask.
    """

    settled: Settled | None = None
    _body: AwaitableBytes | None = None

    def __init__(self, url: str, status_code: int, raw: Raw) -> None:
        self.url = url
        self.status_code = status_code
        self.raw = raw

    @cached_property
    def headers(self) -> HeadersDict:  # type: ignore[override]
        """The headers, made when somebody asks: botocore's dict of them takes longer than all that reads an answer."""
        return HeadersDict(self.raw.headers)

    @property
    def content(self) -> AwaitableBytes:
        """The whole body."""
        if self._body is None:
            self._body = AwaitableBytes(self.raw.read())
        return self._body


def on_before_send(request: Any, event_name: str, **_: object) -> BotocoreResponse | None:
    """Answer a Lambda call when a mock is active; the handler for `EVENT`. None leaves it to whoever comes next."""
    stack = active_mocks.stack
    mock = stack[0] if len(stack) == 1 else active_mocks.innermost()
    if mock is None:
        return None
    if not sys.modules.keys().isdisjoint(activation.waiting):  # imported past our finder
        activation.install_due()
    context = getattr(request, "context", None) or {}
    config = context.get("client_config")
    if config is not None and (getattr(config, "retries", None) or {}).get("mode") == "adaptive":
        return None  # its rate limiter sleeps in this same event, after us: let it, and answer when it is sent
    return answer(mock, event_name.rpartition(".")[2], request)


def answer(mock: active_mocks.ActiveMock, operation: str | None, request: Any) -> BotocoreResponse:
    """Let the backend of *mock* answer *request*, an AWSPreparedRequest.

    Parameters: *operation*, its name, None for the one that the request's context names. Where nobody knows it, the
    backend routes by method and path.
    """
    context = getattr(request, "context", None) or {}
    return answer_to(mock, operation or context.get(OPERATION), _http_request(request), request.url, context)


def answer_to(
    mock: active_mocks.ActiveMock, operation: str | None, asked: HttpRequest, url: str, context: Mapping[str, Any]
) -> BotocoreResponse:
    """Let the backend of *mock* answer *asked*. Raises botocore's error for a connection that a fault breaks.

    Parameters: *operation*, as `answer`; *url*, where the request would go; *context*, botocore's of the call.
    """
    try:
        region = context.get("client_region") or _region_of(url) or mock.region
        response = mock.backend.handle(operation, asked, region=str(region), access_key=context.get(CALLER))
    except BrokenConnection as broken:
        config = context.get("client_config")
        read, connect = getattr(config, "read_timeout", None), getattr(config, "connect_timeout", None)
        wait_in_vain(broken, read=read, connect=connect)
        raise _BREAKS[broken.how](endpoint_url=url, error=broken.how) from None
    return BotocoreResponse(url, response.status, Raw(response.body, url, response.headers))


def path_and_query(url: str) -> tuple[str, str]:
    """Return the path of *url* as Lambda sees it, and its query."""
    split = urlsplit(url)
    path = split.path
    if not path.startswith("/20"):  # an endpoint_url with a path of its own; Lambda's begin with the API's date
        path = path[max(path.find("/20"), 0) :]
    return path, split.query


def _http_request(request: Any) -> HttpRequest:
    path, query = path_and_query(request.url)
    body = request.body if type(request.body) is bytes else body_bytes(request.body)
    return HttpRequest(method=request.method, path=path, query=query, headers=dict(request.headers), body=body)


def _region_of(url: str) -> str | None:
    labels = (urlsplit(url).hostname or "").split(".")
    return labels[1] if labels[0] in {"lambda", "lambda-fips"} and len(labels) > 3 else None


def note_caller(signer: Any, context: dict[str, Any]) -> None:
    """Keep in *context* the key of *signer*: it says who calls."""
    # Of credentials that refresh themselves, what they hold: to ask them could go out to the network.
    held = getattr(signer._credentials, "__dict__", {}) if _KNOWS_CALLERS else {}
    if key := held.get("access_key") or held.get("_access_key"):
        context[CALLER] = key


# -- the patches


def register_for_good(event: str, handler: Callable[..., Any]) -> None:
    """Add *handler* to botocore's builtin ones if it is not there yet, so that later sessions and clients have it."""
    handlers = botocore.handlers.BUILTIN_HANDLERS
    if (entry := (event, handler)) not in reversed(handlers):  # it stands near the end
        handlers.append(entry)


def attach(client: Any) -> None:
    """Register the handler with one client; needed only for a client that sends in a way of its own."""
    client.meta.events.register_first(EVENT, on_before_send, unique_id="lambda_states_mock")


def install(patches: Patches) -> None:
    """Catch every botocore client until *patches* are restored."""
    register_for_good(EVENT, on_before_send)
    endpoint: Any = botocore.endpoint.Endpoint
    signer: Any = botocore.signers.RequestSigner
    session: Any = botocore.session.Session
    prepare, sign, create_client = endpoint.prepare_request, signer.sign, session.create_client
    caught: set[type] = set()

    def prepare_request(self: Any, request: Any) -> Any:
        sender = type(self.http_session)
        if sender not in caught:
            caught.add(sender)
            _catch(patches, sender)
        return prepare(self, request)

    def signed(self: Any, operation: str, request: Any, *rest: Any, **options: Any) -> Any:
        leave_unsigned(self, operation, request.context, *rest, **options)
        return sign(self, operation, request, *rest, **options)

    def create(self: Any, service_name: str, region_name: str | None = None, *rest: Any, **options: Any) -> Any:
        return create_client(self, service_name, region_for(self, region_name, *rest, **options), *rest, **options)

    if not hasattr(AWSPreparedRequest("GET", "", HTTPHeaders(), b"", False), "context"):  # an older botocore
        _hand_contexts_on(patches)
    patches.set(endpoint, "prepare_request", prepare_request)
    patches.set(signer, "sign", signed)
    patches.set(session, "create_client", create)
    patches.set(botocore.credentials.InstanceMetadataProvider, "load", lambda _self: None)
    patches.set(botocore.credentials.ContainerProvider, "load", lambda _self: credentials_of_container())


def _catch(patches: Patches, sender: Any) -> None:
    """Answer what instances of *sender* are given to send, botocore's, aiobotocore's or somebody's own."""
    real: Any = getattr(sender, "send", None)

    def send(self: Any, request: Any) -> Any:
        mock = active_mocks.innermost()
        return real(self, request) if mock is None or not is_lambdas(request) else answer(mock, None, request)

    async def send_later(self: Any, request: Any) -> Any:
        sent = send(self, request)
        return await sent if isawaitable(sent) else sent

    if real is not None:
        patches.set(sender, "send", send_later if iscoroutinefunction(real) else send)


def credentials_of_container() -> botocore.credentials.Credentials | None:
    """Return what code of a function with SnapStart gets from its environment; None for all others."""
    session = role_session_of_this_thread()
    if session is None or "AWS_CONTAINER_CREDENTIALS_FULL_URI" not in os.environ:
        return None
    keys = session.access_key_id, session.secret_access_key, session.session_token
    return botocore.credentials.Credentials(*keys, method="container-role")


def _hand_contexts_on(patches: Patches) -> None:
    """Let a prepared request have the context of its request: the client's region, its caller, its configuration."""
    preparer: Any = AWSRequestPreparer
    prepare = preparer.prepare

    def with_context(self: Any, original: Any) -> Any:
        prepared = prepare(self, original)
        prepared.context = original.context
        return prepared

    patches.set(preparer, "prepare", with_context)


def region_for(session: Any, region_name: str | None, *rest: Any, **options: Any) -> str | None:
    """Return the region of a client that is made now: the mock's where no other one is given, or set.

    Parameters: *session*, botocore's; *region_name*, as it is given; the rest of those of its `create_client`.
    """
    activation.install_due()  # what was imported past our finder, or put there
    mock = active_mocks.innermost()
    if mock is None or region_name:
        return region_name
    given = rest[_PLACE_OF_CONFIG] if len(rest) > _PLACE_OF_CONFIG else options.get("config")
    if any(config is not None and config.region_name for config in (given, session.get_default_client_config())):
        return None
    return session.get_config_variable("region") or mock.region


_PLACE_OF_CONFIG = 7  # among the parameters of botocore's `create_client` that follow the region


def is_lambdas(request: Any) -> bool:
    """Return True for a prepared *request* to Lambda: its signing has noted the operation."""
    return OPERATION in (getattr(request, "context", None) or {})


def leave_unsigned(
    signer: Any,
    operation: str,
    context: dict[str, Any],
    _region_name: str | None = None,
    signing_type: str = "standard",
    *_rest: Any,
    **_options: Any,
) -> None:
    """Let *signer* not sign a request with *context* that a mock answers, and note there what it is and who sends it.

    Presigned URLs are signed: they are results. Parameters: those of botocore's `sign`.
    """
    if signing_type == "standard" and signer.signing_name == LAMBDA and active_mocks.stack:
        note_caller(signer, context)
        context[OPERATION] = operation
        context["auth_type"] = "none"  # what an operation's model says that needs no signature
