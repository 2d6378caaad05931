"""``lambda-states-mock clock advance 15d`` and the like: what a shell asks of a server, a command for each thing.

The commands are made of the table of what can be asked.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lambda_states_mock.client import Asking
from lambda_states_mock.errors import LambdaMockError, nearest
from lambda_states_mock.server.control import ENDPOINTS
from lambda_states_mock.server.control_table import Endpoint, Input

URL_IN = ("LAMBDA_STATES_MOCK_URL", "AWS_ENDPOINT_URL_LAMBDA")
"""The variables that may have the address of the server, which is asked if no --url is given."""
FAILED, WRONG = 1, 2


def ask(words: Sequence[str], *, default: str, token: str | None) -> int:
    """Do what *words* say, print what is answered, and return the status.

    Parameters: *default*, the address where neither an option nor a variable gives one; *token*, as *default*.
    Raises SystemExit with the status 2 for words that are wrong.
    """
    endpoint, rest = _chosen(words)
    given = _parser(endpoint, default, token).parse_args(rest)
    url = f"{given.url.rstrip('/')}/worlds/{quote(given.world, safe='')}" if given.world else given.url
    try:
        told = {one: getattr(given, one.name) for one in endpoint.fields}
        fields = {one.name: _value(one, value) for one, value in told.items() if value is not None}
        answered = Asking(url, given.token, 60.0).ask(endpoint.words, **fields)
    except (LambdaMockError, ValueError) as error:
        print(f"lambda-states-mock: {error}", file=sys.stderr)
        return FAILED
    if answered is not None:
        print(json.dumps(answered, indent=2))
    return 0


def _chosen(words: Sequence[str]) -> tuple[Endpoint, Sequence[str]]:
    """Return the command that *words* begin with, the longest that there is, and the words behind it."""
    for count in (2, 1):
        for one in ENDPOINTS:
            if one.words.split() == list(words[:count]):
                following = [two.words.split()[1] for two in ENDPOINTS if two.words.startswith(f"{one.words} ")]
                hint = nearest(words[count], following) if len(words) > count else ""
                if hint and count == 1 and not one.fields:
                    _refuse(f"{' '.join(words)}: there is no such command;{hint}")
                return one, words[count:]
    known = [one.words for one in ENDPOINTS if one.words.split()[0] == words[0]]
    _refuse(f"{words[0]} is one of: {', '.join(known)}")
    raise AssertionError("refused before")


def _refuse(text: str) -> None:
    print(f"lambda-states-mock: error: {text}", file=sys.stderr)
    raise SystemExit(WRONG)


def _parser(endpoint: Endpoint, default: str, token: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"lambda-states-mock {endpoint.words}", description=f"{endpoint.what}.")
    for one in endpoint.fields:
        if one.kind == "body":
            parser.add_argument(one.name, nargs="+", metavar="NAME=VALUE", help=f"or as JSON: {one.what}")
        elif one.required:
            parser.add_argument(one.name, help=one.what)
        elif one.kind == "yes":
            parser.add_argument(f"--{one.name}", action="store_true", default=None, help=one.what)
        else:
            parser.add_argument(f"--{one.name.replace('_', '-')}", dest=one.name, help=one.what)
    found = next((os.environ[name] for name in URL_IN if os.environ.get(name)), default)
    parser.add_argument("--url", default=found, help=f"of the server; by default {' or '.join(URL_IN)}, or {default}")
    parser.add_argument("--world", help="the name of a world of the server")
    parser.add_argument("--token", default=token, help="of the server, where it has one")
    return parser


def _value(one: Input, given: Any) -> Any:
    if one.kind == "body":
        return _body(given)
    if one.kind == "json":
        return _json(given)
    return given


def _body(words: Sequence[str]) -> Mapping[str, Any]:
    """Return the object that *words* give: JSON, or pairs such as ``create=45s``."""
    if len(words) == 1 and words[0].lstrip().startswith("{"):
        try:
            found = json.loads(words[0])
        except ValueError as error:
            raise ValueError(f"this is no JSON: {words[0]!r}: {error}") from None
        return dict(found)
    pairs = [word.partition("=") for word in words]
    for word, (_, mark, _) in zip(words, pairs, strict=True):
        if not mark:
            raise ValueError(f'give pairs such as create=45s, or JSON in one word, not "{word}"')
    return {name: _json(value) for name, _, value in pairs}


def _json(text: str) -> Any:
    """Return *text* as JSON, or itself where it is none: ``true``, ``3`` and ``{"a": 1}``, but ``45s`` as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
