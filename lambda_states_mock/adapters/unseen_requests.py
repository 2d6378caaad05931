"""Calls of botocore that are answered before a request is made of them, where nobody would look at that request.

Between the parameters of a call and its answer botocore prepares a request, signs it, tells its listeners of each step
and sends it. None of this changes what a mock answers. It is left out when nobody but botocore and we would notice:
the listeners of these steps are known ones, and the functions that are left out are botocore's own. Everything before
and after is botocore's: validation, endpoint rules, headers, retries, the parsing of errors.

What is different about a call (a file as its body, a listener of the user's, a library that traces requests) sends it
the whole way, through `botocore_hook`.
"""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

import logging
import sys
from itertools import chain
from operator import methodcaller
from types import FunctionType, SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

import botocore.endpoint
import botocore.history
from botocore.parsers import ResponseParserFactory
from botocore.response import StreamingBody

from lambda_states_mock import private_names
from lambda_states_mock.adapters import activation, active_mocks, botocore_hook
from lambda_states_mock.adapters.answer_reading import Reader, reader_of
from lambda_states_mock.adapters.listeners import emitter_of, kept_by, listeners_to, table_of
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.wire.http import HttpRequest

LEFT_OUT = ("request-created", "before-sign", "before-send", "before-parse", "response-received")
"""The events that are not told."""
SIGNERS = {("botocore.signers", "RequestSigner.handler"), ("aiobotocore.signers", "AioRequestSigner.handler")}
MOTO = ("moto.core.botocore_stubber", "BotocoreStubber.__call__")
LISTENERS = {
    *SIGNERS,
    MOTO,
    ("botocore.handlers", "add_retry_headers"),
    ("botocore.useragent", "UserAgentString.rebuild_and_replace_user_agent_handler"),
    ("botocore.retries.standard", "MaxAttemptsSeeder.seed_max_attempts"),  # for a header; retries set it, too
    ("lambda_states_mock.adapters.botocore_hook", "on_before_send"),
}
"""Who may listen, by module and name of the function. Nothing that they do reaches the answer."""
_PASSED_BY_MOTO = compile_later(r"https://lambda\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/")
"""Where moto leaves a request to us, and does nothing about it: see `moto_passthrough`."""
LIBRARIES = frozenset({"botocore", "aiobotocore", "lambda_states_mock"})
STANDARD_RETRIES = {
    ("botocore.retries.standard", "RetryHandler.needs_retry"),
    ("lambda_states_mock.adapters.retries", "sleep_on_our_clock.<locals>.needs_retry"),
}
"""Who, asked about a call that went well, says that it is not retried, and which attempt was the last."""
KNOWN_RETRIES = {("botocore.retryhandler", "RetryHandler.__call__"), *STANDARD_RETRIES}
"""Who notes in the context how many attempts there may be, and nothing else of such a call: it is asked once."""
LAMBDA = botocore_hook.LAMBDA
_VALUES = methodcaller("values")
HISTORY: Any = botocore.history.get_global_history_recorder()
_STEPS = ("endpoint", "hooks", "parsers", "retryhandler", "retries.standard")
_LOGS = [logging.getLogger(f"botocore.{steps}") for steps in _STEPS]


class Unsent:
    """What stands for the request of a call that needs none.

    Parameters: *way*, of its operation; *mock*, which answers; *params*, botocore's dict of the request; *headers*,
    their names in lower case.
    """

    __slots__ = ("_headers", "_mock", "_params", "way")

    def __init__(
        self, way: Way, mock: active_mocks.ActiveMock, params: dict[str, Any], headers: dict[str, str]
    ) -> None:
        self.way = way
        self._mock = mock
        self._params = params
        self._headers = headers

    def reset_stream(self) -> None:
        """Do what botocore asks of a request before it sends it once more: its body is bytes, there is no stream."""

    def answered(self) -> botocore_hook.BotocoreResponse:
        """Return what the mock answers. Raises as `botocore_hook.answer_to`."""
        params = self._params
        url, context = params["url"], params["context"]
        botocore_hook.note_caller(self.way.signer, context)
        path, query = botocore_hook.path_and_query(url)
        asked = HttpRequest(params["method"], path, query, self._headers, params["body"], self._headers)
        return botocore_hook.answer_to(self._mock, self.way.operation, asked, url, context)


class Way:
    """How the calls of one operation of one client may go, as long as nothing of this changes.

    Attributes: *emitter*, and *listeners*, its table of who listens to what; *tables*, the attributes of the classes
    whose methods are left out, and *members*, what they were; *names*, of those of an endpoint, which a test may have
    replaced for that one alone; *signer*, of the client, None where the whole way has to be gone; *operation*, its
    name; *motos*, listeners of moto; *settled*, what is known of those who are asked whether a call that went well is
    to be retried.
    """

    __slots__ = (
        *("_parsers", "_reader", "emitter", "listeners", "members", "motos"),
        *("names", "operation", "settled", "signer", "tables"),
    )

    def __init__(self, endpoint: Any, operation: Any) -> None:
        self.emitter = emitter = emitter_of(endpoint)
        self.listeners = table_of(emitter)
        self._parsers = kept_by(endpoint, ResponseParserFactory)
        self.tables = [*map(vars, type(endpoint).__mro__[:-1])]
        self.names = frozenset[str]().union(*self.tables)
        self.operation: str = operation.name
        self.motos: list[Any] = []
        self.signer: Any = None
        self._reader: Reader | None = None
        service = operation.service_model.service_id.hyphenize()

        def listening_to(event: str) -> list[Any]:
            return listeners_to(emitter, f"{event}.{service}.{operation.name}")

        self.settled = _settled(listening_to("needs-retry"), endpoint, operation)
        listening = [listener for event in LEFT_OUT for listener in listening_to(event)]
        places = [_place_of(listener) for listener in listening]
        self.motos = [listener for listener, place in zip(listening, places, strict=True) if place == MOTO]
        signers = [one.__self__ for one, place in zip(listening, places, strict=True) if place in SIGNERS]
        for signer in signers[:1]:
            self.tables += map(vars, type(signer).__mro__[:-1])
        self.members = [*chain.from_iterable(map(_VALUES, self.tables))]
        if signers and LISTENERS.issuperset(places) and all(map(_is_of_library, filter(callable, self.members))):
            self.signer = signers[0]

    def read(self, operation: Any, http: Any, stream: Any) -> dict[str, Any] | None:
        """Return what botocore's parser would give for *http*; None where it has to be asked.

        Parameters: *stream*, the library's class for the body of an answer that is a stream.
        """
        if http.status_code >= 300 or any(vars(self._parsers).values()):
            return None  # an error, or a client that has been told to parse in another way
        if self._reader is None:
            self._reader = reader_of(self.parser(operation), operation)
        return None if self._reader is None else self._reader(http, stream)

    def parser(self, operation: Any) -> Any:
        """Return botocore's parser for what *operation* answers."""
        service = operation.service_model
        protocol = service.resolved_protocol if hasattr(service, "resolved_protocol") else service.metadata["protocol"]
        return self._parsers.create_parser(protocol)


_ways: WeakKeyDictionary[Any, dict[str, Way]] = WeakKeyDictionary()


def unsent(endpoint: Any, params: dict[str, Any], operation: Any) -> Unsent | None:
    """Return what stands for the request of a call; None where botocore has to make it.

    Parameters: *endpoint*, botocore's, of the client; *params*, its dict of the request; *operation*, its model.
    """
    if not active_mocks.stack or operation is None or operation.service_model.metadata["endpointPrefix"] != LAMBDA:
        return None
    if not sys.modules.keys().isdisjoint(activation.waiting):  # imported past our finder
        activation.install_due()
    stack = active_mocks.stack
    mock, way = stack[0] if len(stack) == 1 else active_mocks.innermost(), _way(endpoint, operation)
    if mock is None or mock.whole_requests or way is None:
        return None
    if type(params["body"]) is not bytes or "checksum" in params["context"]:
        return None
    if way.motos and not _PASSED_BY_MOTO.match(params["url"]) and any(moto.enabled for moto in way.motos):
        return None
    headers = {}
    for name, value in params["headers"].items():
        if type(value) is not str or not value.isascii():
            return None
        headers[name.lower()] = value
    return Unsent(way, mock, params, headers)


def _way(endpoint: Any, operation: Any) -> Way | None:
    """Return the way that calls of *operation* may go now; None where it is closed."""
    try:
        ways = _ways[endpoint]
    except KeyError:
        ways = _ways.setdefault(endpoint, {})
    try:
        way = ways.get(operation.name)
        if (
            way is None
            or way.listeners is not table_of(way.emitter)
            or way.members != [*chain.from_iterable(map(_VALUES, way.tables))]
        ):
            way = ways[operation.name] = Way(endpoint, operation)
    except AttributeError:  # another version of botocore, or a client that is put together in another way
        return None
    if way.signer is None or HISTORY._enabled or not way.names.isdisjoint(endpoint.__dict__):
        return None
    for steps in _LOGS:
        if steps.isEnabledFor(logging.DEBUG):
            return None
    return way


def _settled(listeners: list[Any], endpoint: Any, operation: Any) -> botocore_hook.Settled | None:
    """Return what is known of *listeners*, who are asked whether a call is to be retried: of one that went well."""
    places = set(map(_place_of, listeners))
    if not places:
        return botocore_hook.Settled(attempts=sys.maxsize)
    if not KNOWN_RETRIES.issuperset(places):
        return None
    parsed: dict[str, Any] = {}
    context: dict[str, Any] = {"retries": {"attempt": 1}}
    asked: dict[str, Any] = {"attempts": 1, "caught_exception": None, "request_dict": {"context": context}}
    well = SimpleNamespace(status_code=200, headers={}), parsed
    answers = [ask(response=well, endpoint=endpoint, operation=operation, **asked) for ask in listeners]
    if any(answers) or parsed.get("ResponseMetadata"):
        return None
    attempts = 1 if STANDARD_RETRIES & places else sys.maxsize
    return botocore_hook.Settled(attempts, context["retries"].get("max"))


def _place_of(listener: Any) -> tuple[str, str]:
    """Return the module and the name of the function that *listener* is, or that is called when it is."""
    function = listener if isinstance(listener, FunctionType) else getattr(listener, "__func__", None)
    function = function or vars(type(listener)).get("__call__")
    return getattr(function, "__globals__", {}).get("__name__", ""), getattr(function, "__qualname__", "")


def _is_of_library(function: Any) -> bool:
    """Return whether *function* is what a library has defined, and not what has replaced or wrapped it."""
    return type(function) is FunctionType and str(function.__globals__["__name__"]).partition(".")[0] in LIBRARIES


def install(patches: Patches) -> None:
    """Answer such calls of botocore until *patches* are restored."""
    if not private_names.allows("adapters.listeners"):
        return
    endpoint: Any = botocore.endpoint.Endpoint
    create_request, get_response, needs_retry = endpoint.create_request, endpoint._get_response, endpoint._needs_retry

    def create(self: Any, params: Any, operation_model: Any = None) -> Any:
        return unsent(self, params, operation_model) or create_request(self, params, operation_model)

    def get(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        if type(request) is not Unsent:
            return get_response(self, request, operation_model, context)
        try:
            http = request.answered()
        except Exception as error:  # botocore gives all of them to its retries, and raises them then
            return None, error
        if http.status_code < 300:
            http.settled = request.way.settled
        parsed = request.way.read(operation_model, http, StreamingBody)
        return (http, _parsed(request.way, http, operation_model) if parsed is None else parsed), None

    def asks_for_retry(self: Any, attempts: int, model: Any, params: Any, response: Any = None, *more: Any) -> Any:
        settled = None if response is None else getattr(response[0], "settled", None)
        if settled is not None and attempts <= settled.attempts:
            if settled.most is not None:
                params["context"]["retries"]["max"] = settled.most
            return False
        return needs_retry(self, attempts, model, params, response, *more)

    replace(patches, endpoint, {"create_request": create, "_get_response": get, "_needs_retry": asks_for_retry})


def replace(patches: Patches, endpoint: Any, ours: dict[str, Any]) -> None:
    """Let the class *endpoint* have *ours* for its methods, unless somebody has wrapped one to see each call."""
    theirs = {name: getattr(endpoint, name) for name in ours}
    methods = ours if all(map(_is_of_library, theirs.values())) else theirs
    for name, method in methods.items():  # theirs as well, so that it is noticed when they are no longer wrapped
        patches.set(endpoint, name, method)


def _parsed(way: Way, http: Any, operation: Any) -> Any:
    """Return what botocore's parser gives for *http*."""
    response, parser = botocore.endpoint.convert_to_response_dict(http, operation), way.parser(operation)
    parsed = parser.parse(response, operation.output_shape)
    if error := error_shape(http, parsed, operation):
        parsed.update(parser.parse(response, error))
    return parsed


def error_shape(http: Any, parsed: dict[str, Any], operation: Any) -> Any:
    """Return the model of the error that *http* is, by which its members are read; None without."""
    code = parsed.get("Error", {}).get("Code") if http.status_code >= 300 else None
    return code and operation.service_model.shape_for_error_code(code)
