"""Who may ask a world over its port: whoever was told its address, which ends in a secret; no web page, and no guesser.

A page in a browser can send a request to any port of its machine, also with a host name of its own that leads there.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message

from lambda_states_mock.api_model import lambda_model
from lambda_states_mock.errors import ClockError
from lambda_states_mock.instants import parse_instant

OURS = "x-lambda-states-mock-"
NOW, HOST, OPERATION, REGION, ACCOUNT, KEY, MISTAKE, BROKEN = (
    f"{OURS}{name}" for name in ("now", "host", "operation", "region", "account", "access-key", "mistake", "broken")
)


def _new_secret() -> str:
    # It begins with a letter: the paths of the API begin with the digits of a year.
    return f"w{secrets.token_urlsafe(24)}"


@dataclass(frozen=True)
class Door:
    """What a request needs to be let in. Parameters: *host*, of the address, with its port; *secret*, in its path."""

    host: str
    secret: str = field(default_factory=_new_secret, repr=False)

    @property
    def address(self) -> str:
        """The address that lets in."""
        return f"http://{self.host}/{self.secret}"

    def refusal(self, url: str, headers: Message) -> str | None:
        """Return why a request is refused; None for one that is let in."""
        given = url.partition("?")[0][1:].partition("/")[0]
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.secret.encode()):
            return (
                "the path does not begin with the secret of this mock of AWS Lambda. "
                "Use the whole address, as it is in AWS_ENDPOINT_URL_LAMBDA"
            )
        hosts = headers.get_all("Host", [])
        if hosts != [self.host]:
            return f"the Host is {', '.join(hosts) or 'missing'}. This mock of AWS Lambda is {self.host}"
        if "Origin" in headers:
            return f"it comes from a web page ({headers['Origin']}). This mock of AWS Lambda answers none"
        return None

    def inside(self, url: str) -> str:
        """Return *url*, of a request that is let in, from behind the secret on."""
        rest = url[1 + len(self.secret) :]
        return rest if rest.startswith("/") else f"/{rest}"


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
