"""Who may ask a world over its port: whoever was told its address; no web page of others, and no guesser.

A page in a browser can send a request to any port of its machine, also with a host name of its own that leads there.
So the Host has to be one that is ours, and whoever comes from a web page has to come from ours, or from one that was
allowed.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from lambda_states_mock.api_model import lambda_model
from lambda_states_mock.errors import ClockError
from lambda_states_mock.instants import parse_instant
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.server.exchange import Asked, Reply, refused

OURS = "x-lambda-states-mock-"
NOW, HOST, OPERATION, REGION, ACCOUNT, KEY, MISTAKE, BROKEN, TOKEN = (
    f"{OURS}{name}"
    for name in ("now", "host", "operation", "region", "account", "access-key", "mistake", "broken", "token")
)
FUNCTION_URL = compile_later(
    r"(?P<id>[a-z0-9-]+)\.lambda-url\.(?P<region>[a-z0-9-]+)\.(?:on\.aws|localhost)(?::\d+)?\Z", re.IGNORECASE
)
"""The Host of a function URL: as AWS has it, or below a name that leads to this machine."""
_NAMES_OF_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
LAST_PORT = 65_535
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"


def new_secret() -> str:
    """Return a secret that nobody guesses. It begins with a letter: the paths of the API begin with a year's digits."""
    return f"w{secrets.token_urlsafe(24)}"


@dataclass(frozen=True)
class Door:
    """What a request needs to be let in.

    Parameters: *host*, of the address, with its port; *secret*, in its path or in a header of its own, None where
    whoever reaches the port may come in; *hosts*, other values of Host, without their port, that are this server's;
    *origins*, of the web pages that may ask.
    """

    host: str
    secret: str | None = field(default_factory=new_secret, repr=False)
    hosts: Collection[str] = ()
    origins: Collection[str] = ()

    @property
    def address(self) -> str:
        """The address that lets in."""
        return f"http://{self.host}" if self.secret is None else f"http://{self.host}/{self.secret}"

    def enter(self, asked: Asked) -> str | Reply:
        """Return the target of *asked* from behind the secret on; or the answer to one that is not let in."""
        inside, refusal = self._inside(asked), None
        if inside is None:
            refusal = (
                "the path does not begin with the secret of this mock of AWS Lambda. "
                "Use the whole address, as it is in AWS_ENDPOINT_URL_LAMBDA. "
                f"Or give the secret in the header {TOKEN}, or in Authorization: Bearer"
            )
        else:
            # Who may ask a function URL is up to its CORS, as on AWS.
            is_public = FUNCTION_URL.match(asked.given.get("host", ""))
            refusal = self._not_ours(asked) or (None if is_public else self._of_others(asked))
        if refusal is not None or inside is None:
            return refused(403, "AccessDeniedException", f"Refused: {refusal}.")
        return inside

    def preflight(self, asked: Asked) -> Reply | None:
        """Return the answer to a browser that asks whether a page of an allowed origin may ask; None for others."""
        if asked.method != "OPTIONS" or "access-control-request-method" not in asked.given:
            return None
        if self._not_ours(asked) or self._of_others(asked):
            return None
        wanted = asked.given.get("access-control-request-headers", "*")
        return Reply(204).having(("access-control-allow-methods", _METHODS), ("access-control-allow-headers", wanted))

    def with_origin(self, asked: Asked, answer: Reply) -> Reply:
        """Return *answer* as a page of another origin may read it, if it is an allowed one."""
        origin = asked.given.get("origin")
        if origin is None or not self._is_allowed(origin):
            return answer
        return answer.having(
            ("access-control-allow-origin", origin), ("access-control-expose-headers", "*"), ("vary", "Origin")
        )

    def _inside(self, asked: Asked) -> str | None:
        target = asked.target if asked.target.startswith("/") else f"/{asked.target}"
        if self.secret is None:
            return target
        path, mark, query = target.partition("?")
        given, _, rest = path[1:].partition("/")
        if _is_same(given, self.secret):
            return f"/{rest}{mark}{query}"
        scheme, _, credentials = asked.given.get("authorization", "").partition(" ")
        bearer = credentials if scheme.lower() == "bearer" else ""
        return target if _is_same(asked.given.get(TOKEN, bearer), self.secret) else None

    def _not_ours(self, asked: Asked) -> str | None:
        hosts = asked.all("host")
        if len(hosts) == 1 and (hosts[0] == self.host or self._is_named(hosts[0])):
            return None
        also = ". Others are allowed with --allow-host" if self.secret is None or self.hosts else ""
        return f"the Host is {', '.join(hosts) or 'missing'}. This mock of AWS Lambda is {self.host}{also}"

    def _is_named(self, host: str) -> bool:
        if FUNCTION_URL.match(host):
            return True
        name, colon, port = host.lower().rpartition(":")
        name = name if colon and port.isdecimal() else host.lower()
        return name in self.hosts

    def _of_others(self, asked: Asked) -> str | None:
        pages = "This mock of AWS Lambda answers none" + (" but its own" if not self.origins else "")
        for origin in asked.all("origin"):
            if origin not in {f"http://{host}" for host in asked.all("host")} and not self._is_allowed(origin):
                return f"it comes from a web page ({origin}). {pages}"
        site, mode = asked.given.get("sec-fetch-site"), asked.given.get("sec-fetch-mode")
        is_link = mode == "navigate" and asked.method in {"GET", "HEAD"}
        if "origin" not in asked.given and site in {"cross-site", "same-site"} and not is_link:
            return f"it comes from a web page of another site. {pages}"
        return None

    def _is_allowed(self, origin: str) -> bool:
        return origin in self.origins or "*" in self.origins


def names_of(host: str, allowed: Collection[str] = ()) -> frozenset[str]:
    """Return the names by which a server that listens on *host* may be called; *allowed*, what its owner adds."""
    bracketed = f"[{host}]" if ":" in host else host
    return frozenset(name.lower() for name in (*_NAMES_OF_LOOPBACK, bracketed, *allowed))


def _is_same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())


def _is_instant(text: str) -> bool:
    try:
        parse_instant(text)
    except ClockError:
        return False
    return True


_VALUES: Mapping[str, tuple[Callable[[str], object], str]] = {
    NOW: (_is_instant, "an ISO time with a zone, of the years 1 to 9999"),
    HOST: (re.compile(r"[a-z0-9.-]{1,253}\.?(:\d{1,5})?", re.IGNORECASE).fullmatch, "the host of a function URL"),
    OPERATION: (lambda name: name in lambda_model(), "the name of an operation"),
    REGION: (re.compile(r"[A-Za-z0-9-]{1,64}").fullmatch, "the name of a region"),
    ACCOUNT: (re.compile(r"[0-9]{12}").fullmatch, "twelve digits"),
    KEY: (re.compile(r"\w{1,128}", re.ASCII).fullmatch, "the id of an access key"),
}


def wrong_value(headers: Mapping[str, str]) -> str | None:
    """Return what is wrong with the headers of ours, whose names are in lower case; None if nothing is."""
    for name, (is_right, what) in _VALUES.items():
        if name in headers and not is_right(headers[name]):
            return f"the header {name} is {what}, not {headers[name]!r}"
    return None
