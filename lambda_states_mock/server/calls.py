"""What a world answers to the calls of its clients: the API, function URLs, and calls that another process forwards.

A Python process with the mock forwards its calls with headers of ours, and with its time. Any other program knows
nothing of us: by `ClockPolicy` its requests move the clock, and what goes wrong has a status after which no SDK asks
again.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.signatures import signed_by
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.errors import LambdaMockError, NoHandlerError
from lambda_states_mock.instants import iso, parse_instant
from lambda_states_mock.invocation.url_format import UrlRequest
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.server.control_table import PREFIX
from lambda_states_mock.server.door import (
    ACCOUNT,
    BROKEN,
    HOST,
    KEY,
    MISTAKE,
    NOW,
    OPERATION,
    OURS,
    REGION,
    wrong_value,
)
from lambda_states_mock.server.exchange import Asked, Reply, refused
from lambda_states_mock.server.subjects import subject_of
from lambda_states_mock.server.worlds import ServedWorld
from lambda_states_mock.wire.http import HttpRequest

_TARGET = compile_later(r"(?P<service>[A-Za-z0-9]+)(?:_\d{8})?\.[A-Za-z]+")
_HANDLERS_OVER_HTTP = f'\n  Over HTTP:  PUT {PREFIX}/handlers/NAME  with {{"returns": ...}}'


def answer_call(world: ServedWorld, asked: Asked, target: str, url_host: str | None = None) -> Reply | None:
    """Reply one request of a client. None where a fault of the test breaks the connection.

    Parameters: *target*, from behind the secret and the name of the world on; *url_host*, of a function URL.
    """
    given = asked.given
    if (wrong := wrong_value(given)) is not None:
        return refused(400, "BadRequest", f"{wrong}.")
    host = given.get(HOST, url_host)
    if host is None and (service := service_of(given, target)) not in {None, "lambda"}:
        return _of_another_service(str(service), given)
    path, _, query = target.partition("?")
    signed = signed_by(given.get("authorization"), query)
    others = {name: value for name, value in given.items() if OURS not in name}
    request = HttpRequest(asked.method, path, query, others, asked.body, dict(others))
    region, account = given.get(REGION) or (signed.region if signed else None), given.get(ACCOUNT)
    mock = world.mock
    try:
        mock.backend.check_active("a request")
        with world.answering():
            _move_clock(world, asked, request, Place(account or mock.options.account, region or mock.options.region))
            if host is not None:
                answered = mock.backend.answer_url(
                    host, UrlRequest(asked.method, path, query, others, asked.body), account=account
                )
                answer = Reply(answered.status, tuple(answered.headers), answered.body)
            else:
                response = mock.backend.handle(
                    given.get(OPERATION),
                    request,
                    region=region or mock.options.region,
                    account=account,
                    access_key=given.get(KEY) or (signed.key if signed else None),
                )
                answer = Reply(response.status, tuple(response.headers.items()), response.body)
    except BrokenConnection as broken:
        if NOW not in given:
            return None
        answer = Reply(200, ((BROKEN, broken.how),))
    except Exception as mistake:
        is_outside = isinstance(mistake, NoHandlerError) and NOW not in given
        answer = mistaken(mistake, _HANDLERS_OVER_HTTP if is_outside else "")
    return answer.having((NOW, iso(mock.clock.now))) if NOW in given else answer


def service_of(given: Mapping[str, str], target: str) -> str | None:
    """Return the service that a request is for, as its signature or its ``X-Amz-Target`` tells; None if they do not.

    Parameters: *given*, its headers; *target*, its path and query.
    """
    signed = signed_by(given.get("authorization"), target)
    if signed is not None and signed.service is not None:
        return signed.service
    found = _TARGET.fullmatch(given.get("x-amz-target", ""))
    return found["service"] if found is not None else None


def answer_time(world: ServedWorld, asked: Asked) -> Reply:
    """Reply a process that says how late it is there."""
    if (wrong := wrong_value(asked.given)) is not None:
        return refused(400, "BadRequest", f"{wrong}.")
    clock, answer = world.mock.clock, Reply(200)
    try:
        with world.answering():
            _come_to(clock, asked.given[NOW])
    except Exception as mistake:
        answer = mistaken(mistake)
    return answer.having((NOW, iso(clock.now)))


def _move_clock(world: ServedWorld, asked: Asked, request: HttpRequest, place: Place) -> None:
    """Let the clock come to the caller's time, or where the policy of the world has it."""
    moment = asked.given.get(NOW)
    if moment is None:
        about = partial(subject_of, world.mock, request, place)
        world.policy.before(world.client_of(asked), asked.target, about)
    else:
        _come_to(world.mock.clock, moment)


def _come_to(clock: VirtualClock, moment: str) -> None:
    """Let the *clock* be at least as late as a caller says that it is."""
    clock.advance_to(max(clock.now, parse_instant(moment)))


def mistaken(mistake: BaseException, more: str = "") -> Reply:
    """Return the answer to a request that raised *mistake*: of the test's author, or ours. *more*, behind its text."""
    kind, text = type(mistake).__name__, str(mistake)
    if not isinstance(mistake, LambdaMockError):
        kind, text = LambdaMockError.__name__, f"{kind}: {text}"
    return refused(400, kind, text + more).having((MISTAKE, kind))


def _of_another_service(service: str, given: Mapping[str, str]) -> Reply:
    """Refuse a request for *service* in the form in which its clients read errors: in XML unless they sent JSON."""
    kind = f"{service.capitalize()}NotMocked"
    text = (
        f'this is a mock of AWS Lambda, and the request is for "{service}". '
        "Set AWS_ENDPOINT_URL_LAMBDA in place of AWS_ENDPOINT_URL"
    )
    if "json" in given.get("content-type", ""):
        return refused(501, kind, text, __type=kind)
    plain = text.replace('"', "")
    error = f"<Error><Code>{kind}</Code><Message>{plain}</Message></Error>"
    body = error if service == "s3" else f"<ErrorResponse>{error}<RequestId/></ErrorResponse>"
    return Reply(501, (("content-type", "text/xml"), ("x-amzn-errortype", kind)), body.encode())
