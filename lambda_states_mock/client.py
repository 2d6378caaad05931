"""A client of a server, with the words of a mock: for tests in Python whose mock is in another process.

from lambda_states_mock.client import connect

m = connect("http://127.0.0.1:4574/worlds/gw3")
m.clock.advance(5)
assert m.function("orders").state == "Active"
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from lambda_states_mock import errors
from lambda_states_mock.engine.timeline import Timeline
from lambda_states_mock.errors import LambdaMockError, NotActiveError, UnknownNameError
from lambda_states_mock.http_exchange import CONNECTIONS, exchange
from lambda_states_mock.instants import iso, length_of, parse_instant
from lambda_states_mock.server.control import ENDPOINTS, PREFIX
from lambda_states_mock.server.control_table import Endpoint
from lambda_states_mock.server.door import TOKEN

_BY_WORDS = {one.words: one for one in ENDPOINTS}
Length = float | timedelta


def connect(url: str, *, token: str | None = None, timeout: float = 60.0) -> RemoteMock:
    """Return the world at *url*: the address of a server, or of a world of it.

    Parameters: *token*, of the server, where it has one that is not in the address; *timeout*, real seconds for which
    an answer is waited for.

    Raises ValueError for what is no address. Nothing is asked yet.
    """
    return RemoteMock(Asking(url, token, timeout))


class Asking:
    """Asks one server. Parameters: as `connect`."""

    def __init__(self, url: str, token: str | None, timeout: float) -> None:
        split = urlsplit(url)
        if split.scheme not in CONNECTIONS or not split.netloc:
            raise ValueError(f'give the address of a server, such as "http://127.0.0.1:4574", not {url!r}')
        self.url = url
        self._split, self._timeout = split, timeout
        self._headers = {"content-type": "application/json"}
        if token is not None:
            self._headers[TOKEN] = token

    def ask(self, words: str, /, **fields: Any) -> Any:
        """Return what the server answers to the thing called *words*, as in the table of it, with *fields*.

        Raises NotActiveError where nothing answers, and the error that the server names, or LambdaMockError.
        """
        status, headers, body = self._send(*_request(_BY_WORDS[words], fields))
        try:
            told = json.loads(body or b"null")
        except ValueError:
            raise LambdaMockError(f"{self.url} did not answer as a server of this mock does: {body[:200]!r}") from None
        if status < 400:
            return told
        kind: Any = getattr(errors, headers.get("x-amzn-errortype", ""), LambdaMockError)
        is_ours = isinstance(kind, type) and issubclass(kind, LambdaMockError)
        raise (kind if is_ours else LambdaMockError)(told.get("message", "") if isinstance(told, dict) else str(told))

    def _send(self, method: str, path: str, body: bytes | None) -> tuple[int, Mapping[str, str], bytes]:
        scheme, where, target = self._split.scheme, self._split.netloc, f"{self._split.path.rstrip('/')}{PREFIX}{path}"
        try:
            told = exchange(scheme, where, method, target, body, self._headers, seconds=self._timeout)
        except (OSError, http.client.HTTPException) as error:
            raise NotActiveError(
                f"no server answers at {self.url}: {error}\n  Start one:  lambda-states-mock serve"
            ) from error
        return told.status, {name.lower(): value for name, value in told.headers}, told.body


def _request(endpoint: Endpoint, fields: Mapping[str, Any]) -> tuple[str, str, bytes | None]:
    """Return the method, the path with its query, and the body of a request with *fields*."""
    path = endpoint.path
    for name in endpoint.named:
        path = path.replace(f"{{{name}}}", quote(str(fields[name]), safe=""))
    others = {name: value for name, value in fields.items() if name not in endpoint.named}
    if endpoint.in_query:
        in_query = {name: json.dumps(value) if isinstance(value, bool) else value for name, value in others.items()}
        return endpoint.method, f"{path}?{urlencode(in_query)}" if others else path, None
    whole = next((one.name for one in endpoint.fields if one.kind == "body"), None)
    body = others if whole is None else others[whole]
    return endpoint.method, path, json.dumps(body, default=_as_json).encode()


def _as_json(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return iso(parse_instant(value))
    raise TypeError(f"{value!r} cannot be told to a server")


class RemoteMock:
    """A world on a server, with the words of a mock. Made by `connect`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self.clock = RemoteClock(asking)
        self.timings = RemoteTimings(asking)
        self.faults = RemoteFaults(asking)

    def __repr__(self) -> str:
        return f"<RemoteMock {self._asking.url}>"

    def ask(self, words: str, /, **fields: Any) -> Any:
        """Ask for anything: *words* and *fields* are those of the shell's commands, ``ask("clock advance", by="1d")``.

        Raises KeyError for words that there are not, otherwise as `Asking.ask`.
        """
        return self._asking.ask(words, **fields)

    def function(self, name: str) -> RemoteFunction:
        """Return a live view of the function or version *name*."""
        return RemoteFunction(self._asking, name)

    @property
    def functions(self) -> list[dict[str, Any]]:
        """All functions and versions."""
        found: list[dict[str, Any]] = self._asking.ask("functions")
        return found

    def handler(self, target: str, **behaviour: Any) -> None:
        """Say what a function does: ``returns=``, ``error=``, ``side_effect=`` or ``webhook=``, and how long it takes.

        Parameters: *behaviour*, also ``init``, ``duration`` and ``restore``: lengths of time.
        """
        self._asking.ask("handlers set", target=target, **behaviour)

    def change_world(self, **change: Any) -> None:
        """Change what functions depend on: ``change_world(subnets="subnet-1", do="exhaust")``."""
        self._asking.ask("world", change=change)

    def calls(self, operation: str | None = None) -> list[dict[str, Any]]:
        """Return the API calls, oldest first. Parameters: *operation*, those of one operation."""
        found: list[dict[str, Any]] = self._asking.ask("calls", **({"operation": operation} if operation else {}))
        return found

    def invocations(self, name: str) -> list[dict[str, Any]]:
        """Return the invocations of the function *name*, oldest first."""
        found: list[dict[str, Any]] = self._asking.ask("invocations", name=name)
        return found

    @property
    def timeline(self) -> Timeline:
        """What has happened, as `LambdaMock.timeline` has it."""
        return Timeline.from_json(self._asking.ask("timeline"))

    def reset(self) -> None:
        """Let the world begin anew."""
        self._asking.ask("reset")


class RemoteClock:
    """The clock of a world on a server."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    @property
    def now(self) -> datetime:
        """Where the clock stands: an aware UTC datetime."""
        return parse_instant(self._asking.ask("clock")["now"])

    @property
    def pending(self) -> list[dict[str, Any]]:
        """The timers that will run, in that order: ``label``, ``due``, ``background``."""
        found: list[dict[str, Any]] = self._asking.ask("clock")["pending"]
        return found

    def advance(self, by: Length | str) -> None:
        """Move forward *by* seconds, a timedelta, or text such as ``15d``."""
        self._asking.ask("clock advance", by=by)

    def advance_to(self, target: datetime | str) -> None:
        """Move forward to *target*, an aware datetime or ISO string."""
        self._asking.ask("clock advance-to", to=iso(parse_instant(target)))

    def run_until_idle(self, *, within: Length | str = timedelta(days=365)) -> None:
        """Move forward until only background timers are pending."""
        self._asking.ask("clock run-until-idle", within=within)

    def step(self) -> dict[str, Any] | None:
        """Move to the next timer, run it alone and return it; None if nothing is pending."""
        ran: dict[str, Any] | None = self._asking.ask("clock step")["ran"]
        return ran


class RemoteFunction:
    """A live view of a function or version on a server: each attribute is asked for."""

    def __init__(self, asking: Asking, name: str) -> None:
        self._asking = asking
        self.name = name

    def __repr__(self) -> str:
        return f"<RemoteFunction {self.name}>"

    @property
    def exists(self) -> bool:
        """Whether it exists."""
        try:
            self._asking.ask("functions show", name=self.name)
        except UnknownNameError:
            return False
        return True

    @property
    def state(self) -> str | None:
        """``State`` as AWS shows it. Raises UnknownNameError unless it exists."""
        return self._shown("state")

    @property
    def state_reason_code(self) -> str | None:
        """``StateReasonCode``, or None."""
        return self._shown("state_reason_code")

    @property
    def last_update_status(self) -> str | None:
        """``LastUpdateStatus`` as AWS shows it."""
        return self._shown("last_update_status")

    @property
    def last_update_status_reason_code(self) -> str | None:
        """``LastUpdateStatusReasonCode``, or None."""
        return self._shown("last_update_status_reason_code")

    def idle(self) -> None:
        """Make the function idle now. Raises WrongStateError unless it is Active."""
        self._asking.ask("functions idle", name=self.name)

    def _shown(self, name: str) -> str | None:
        value: str | None = self._asking.ask("functions show", name=self.name)[name]
        return value


class RemoteTimings(MutableMapping[str, float]):
    """Seconds by phase, or by ``"phase,kind"``."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def __getitem__(self, phase: str) -> float:
        seconds: float = self._asking.ask("timings")[phase]
        return seconds

    def __setitem__(self, phase: str, length: Length) -> None:
        self._asking.ask("timings set", timings={phase: length_of(f"timings[{phase!r}]", length).total_seconds()})

    def __delitem__(self, phase: str) -> None:
        raise TypeError(f"a phase has a length: set timings[{phase!r}], or reset the world")

    def __iter__(self) -> Iterator[str]:
        return iter(self._asking.ask("timings"))

    def __len__(self) -> int:
        return len(self._asking.ask("timings"))


class RemoteFaults:
    """The faults of a world on a server."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def on_phase(self, phase: str, **scope: Any) -> RemoteFaultPlace:
        """Choose a phase, as `Faults.on_phase` does."""
        return RemoteFaultPlace(self._asking, {"phase": phase, **scope})

    def on_call(self, operation: str, **scope: Any) -> RemoteFaultPlace:
        """Choose API calls, as `Faults.on_call` does."""
        return RemoteFaultPlace(self._asking, {"call": operation, **scope})

    def on_poll(self, source: str | None = None, **scope: Any) -> RemoteFaultPlace:
        """Choose polls of event sources, as `Faults.on_poll` does."""
        return RemoteFaultPlace(self._asking, {"poll": source, **scope})

    def on_operation(self, name: str | None = None, **scope: Any) -> RemoteFaultPlace:
        """Choose durable operations, as `Faults.on_operation` does."""
        return RemoteFaultPlace(self._asking, {"operation": name, **scope})

    def clear(self) -> None:
        """Take all faults back."""
        self._asking.ask("faults clear")

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._asking.ask("faults"))


class RemoteFaultPlace:
    """Where something shall go wrong. Each method says what; it need not be met unless you say ``required=True``."""

    def __init__(self, asking: Asking, place: Mapping[str, Any]) -> None:
        self._asking, self._place = asking, place

    def fail(self, code: str, **more: Any) -> None:
        """Let a phase fail with a reason code."""
        self._add(fail=code, **more)

    def take(self, seconds: Length, **more: Any) -> None:
        """Let a phase take so long."""
        self._add(take=seconds, **more)

    def hang(self, **more: Any) -> None:
        """Let a phase or polls hang."""
        self._add(hang=True, **more)

    def error(self, code: str, **more: Any) -> None:
        """Let a call or polls fail with an error code."""
        self._add(error=code, **more)

    def delay(self, seconds: Length, **more: Any) -> None:
        """Let a call or polls come so much later."""
        self._add(delay=seconds, **more)

    def disconnect(self, **more: Any) -> None:
        """Close the connection of a call without an answer."""
        self._add(disconnect=True, **more)

    def time_out(self, **more: Any) -> None:
        """Let the client of a call wait in vain."""
        self._add(time_out=True, **more)

    def crash(self, **more: Any) -> None:
        """Let the process of a function end in a durable operation."""
        self._add(crash=True, **more)

    def lose_checkpoint(self, **more: Any) -> None:
        """Let a checkpoint of a durable operation be lost."""
        self._add(lose_checkpoint=True, **more)

    def _add(self, **what: Any) -> None:
        self._asking.ask("faults add", fault={**self._place, **what})
