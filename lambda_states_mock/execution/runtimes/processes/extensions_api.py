"""The Extensions API as a protocol without sockets, for all extensions of one environment.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html ; refusals and their texts as in AWS's
emulator, where AWS was not recorded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import field

from lambda_states_mock.execution import payloads
from lambda_states_mock.execution.extensions import EVENTS, LIMIT
from lambda_states_mock.execution.runtimes.processes.mailbox import ProcessLetter
from lambda_states_mock.execution.runtimes.processes.runtime_api import (
    NOT_FOUND,
    ProcessReply,
    ProcessRequest,
    json_of,
    refusal,
)
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.service_errors import EXTENSION_TRANSITION
from lambda_states_mock.states.extension_api import EXTENSION_API, ExtensionCall, ExtensionState
from lambda_states_mock.states.lifecycle import Move, Refuse

VERSION = "/2020-01-01/extension"
IDENTIFIER = "lambda-extension-identifier"
_UUID = compile_later(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ERROR_TYPE = "lambda-extension-function-error-type"
_OK = ProcessReply(202, b'{"status":"OK"}\n', {"Content-Type": "application/json"})
_TARGETS = {
    ExtensionCall.REGISTER: "Registered",
    ExtensionCall.NEXT: "Ready",
    ExtensionCall.INIT_FAIL: "InitError",
    ExtensionCall.EXIT_FAIL: "Exited",
}
_ERRORS = {"/init/error": ExtensionCall.INIT_FAIL, "/exit/error": ExtensionCall.EXIT_FAIL}


class ApiRefusal(Exception):  # noqa: N818 - an answer
    """A call is refused. *reply*, with what."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.reply = refusal(403, error_type, message)


@dataclass(slots=True, eq=False)
class KnownExtension:
    """One extension, from its start on.

    Attributes: *identifier*, once it has registered; *events*, to which it has subscribed; *error_type*, in its own
    words, of an error that it has told; *letter*, with which it waits; *due*, an event that it has not fetched.
    """

    name: str
    is_internal: bool
    state: ExtensionState = ExtensionState.STARTED
    identifier: str = ""
    events: tuple[str, ...] = ()
    error_type: str | None = None
    letter: ProcessLetter | None = field(default=None, repr=False)
    due: ProcessReply | None = field(default=None, repr=False)

    @property
    def is_waiting(self) -> bool:
        """Whether it has asked for its next event."""
        return self.state is ExtensionState.READY

    def step(self, call: ExtensionCall) -> None:
        """Go where *call* leads. Raises ApiRefusal where it leads nowhere."""
        cell = EXTENSION_API.step(self.state, call)
        if isinstance(cell, Refuse):
            name = self.name if call is ExtensionCall.REGISTER else self.identifier
            error = EXTENSION_TRANSITION.error(before=self.state.value, after=_TARGETS[call], name=name)
            raise ApiRefusal(error.code, error.message or "")
        if isinstance(cell, Move):
            self.state = cell.to

    def register(self, new_id: Callable[[], str], events: tuple[str, ...]) -> None:
        """Be known from now on. Raises ApiRefusal where it is already."""
        self.step(ExtensionCall.REGISTER)
        self.identifier, self.events = new_id(), events

    def fail(self, call: ExtensionCall, error_type: str) -> None:
        """Tell an error, in words of its own."""
        self.step(call)
        self.error_type = self.error_type or error_type

    def let_go(self) -> None:
        """Let it wait no more: there is nobody that will answer."""
        letter, self.letter = self.letter, None
        if letter is not None:
            letter.answer(None)

    def hand(self, event: Mapping[str, object], headers: Mapping[str, str]) -> None:
        """Let it have an event: at once where it waits, else with its next ``next``."""
        self.due = ProcessReply(200, payloads.compact(dict(event)), {"Content-Type": "application/json", **headers})
        self._give()

    def wait(self, letter: ProcessLetter) -> None:
        """Let it wait for an event with *letter*."""
        self.letter = letter
        self._give()

    def _give(self) -> None:
        if self.due is not None and self.letter is not None and self.is_waiting:
            self.step(ExtensionCall.EVENT)
            (letter, self.letter), (due, self.due) = (self.letter, None), (self.due, None)
            letter.answer(due)


class ExtensionsApi:
    """The API of one environment.

    Parameters: *external*, the names of its executables; *others*, how many extensions there are beside these; *about*,
    what a registration is answered; *account*, which is added to that where it is asked for; *new_id*.

    Attributes: *known*, by their names; *is_open*, whether extensions can still register.
    """

    def __init__(
        self,
        external: Collection[str],
        others: int,
        about: Mapping[str, str],
        account: str,
        new_id: Callable[[], str],
    ) -> None:
        self.known = {name: KnownExtension(name, is_internal=False) for name in external}
        self.is_open = True
        self._others = others
        self._about = about
        self._account = account
        self._new_id = new_id

    def close(self) -> None:
        """Let nobody register any more: Init is over."""
        self.is_open = False

    def of(self, request: ProcessRequest) -> KnownExtension:
        """Return who has sent *request*. Raises ApiRefusal for nobody."""
        given = request.headers.get(IDENTIFIER, "")
        if not given:
            raise ApiRefusal("Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header")
        if _UUID.fullmatch(given) is None:
            raise ApiRefusal("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier")
        found = next((one for one in self.known.values() if one.identifier == given.lower()), None)
        if found is None:
            told = (
                "Unknown Lambda-Extension-Identifier"
                if request.path.endswith("error")
                else f"Unknown extension {given}"
            )
            raise ApiRefusal("Extension.UnknownExtensionIdentifier", told)
        return found

    def ask(self, letter: ProcessLetter) -> None:
        """Answer *letter*, or let it wait."""
        request = letter.request
        path = request.path.partition("?")[0].removeprefix(VERSION)
        method = "GET" if path == "/event/next" else "POST"
        if path not in {"/register", "/event/next", *_ERRORS}:
            letter.answer(NOT_FOUND)
        elif request.method != method:
            letter.answer(ProcessReply(405))
        else:
            try:
                reply = self._answer(path, letter)
            except ApiRefusal as refused:
                reply = refused.reply
            if reply is not None:
                letter.answer(reply)

    def _answer(self, path: str, letter: ProcessLetter) -> ProcessReply | None:
        request = letter.request
        if path == "/register":
            return self._register(request)
        extension = self.of(request)
        if path == "/event/next":
            extension.step(ExtensionCall.NEXT)
            extension.wait(letter)
            return None
        told = request.headers.get(_ERROR_TYPE)
        if not told:
            raise ApiRefusal("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found")
        extension.fail(_ERRORS[path], told)
        return _OK

    def _register(self, request: ProcessRequest) -> ProcessReply:
        name = request.headers.get("lambda-extension-name", "")
        if not name:
            raise ApiRefusal("Extension.InvalidExtensionName", "Empty extension name")
        events = _events_of(request.body)
        extension = self.known.get(name)
        for event in events:
            if event not in EVENTS:
                raise ApiRefusal("Extension.InvalidEventType", f"{event}: ErrorInvalidEventType")
            if event == "SHUTDOWN" and (extension is None or extension.is_internal):
                told = "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"
                raise ApiRefusal("Extension.InvalidEventType", told)
        if extension is None:
            if not self.is_open:
                raise ApiRefusal("Extension.RegistrationClosed", "Extension registration closed already")
            if len(self.known) + self._others >= LIMIT:
                raise ApiRefusal("Extension.TooManyExtensions", f"Extension limit ({LIMIT}) reached")
            extension = KnownExtension(name, is_internal=True)
        elif extension.is_internal:
            raise ApiRefusal("Extension.InvalidExtensionState", "Extension with this name already registered")
        extension.register(self._new_id, events)
        self.known[name] = extension
        wanted = re.split(r"\s*,\s*", request.headers.get("lambda-extension-accept-feature", ""))
        body = {**({"accountId": self._account} if "accountId" in wanted else {}), **self._about}
        headers = {"Content-Type": "application/json", "Lambda-Extension-Identifier": extension.identifier}
        return ProcessReply(200, payloads.compact(body), headers)


def _events_of(body: bytes) -> tuple[str, ...]:
    """Return the events that a registration names. Raises ApiRefusal for what is no registration."""
    try:
        given = json_of(body)
    except ValueError as error:
        raise ApiRefusal("InvalidRequestFormat", _as_go_says(error)) from None
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise _not_a("value of type RegisterRequest", given)
    keys, events = _names(given, "configurationKeys"), _names(given, "events")
    if keys:
        text = "configurationKeys are deprecated; use environment variables instead"
        raise ApiRefusal("InvalidRequestFormat", text)
    return events


def _names(given: Mapping[str, object], member: str) -> tuple[str, ...]:
    """Return the texts in the list that is a *member* of *given*. Raises ApiRefusal for what is no such list."""
    found = given.get(member)
    if found is None:
        return ()
    if not isinstance(found, list):
        raise _not_a(f"struct field RegisterRequest.{member} of type []string", found)
    for one in found:
        if not isinstance(one, str):
            raise _not_a(f"struct field RegisterRequest.{member} of type string", one)
    return tuple(found)


def _as_go_says(error: ValueError) -> str:
    """Return the words of the platform's parser for what is no JSON."""
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    if error.pos >= len(error.doc.rstrip()):
        return "unexpected end of JSON input"
    where = "after top-level value" if error.msg == "Extra data" else "looking for beginning of value"
    return f"invalid character {error.doc[error.pos]!r} {where}"


def _not_a(what: str, given: object) -> ApiRefusal:
    """Return the refusal of JSON of another type (I)."""
    kind = {dict: "object", list: "array", str: "string", bool: "bool"}.get(type(given), "number")
    return ApiRefusal("InvalidRequestFormat", f"json: cannot unmarshal {kind} into Go {what}")
