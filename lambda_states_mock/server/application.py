"""The server without its sockets: from a request to its answer.

The door lets a request in. The name of a world may stand before its path. What is below ``/_lambda_states_mock`` is for
whoever runs the test; ``/`` is the page; a function URL is told by its Host; everything else is Lambda's API.
"""

from __future__ import annotations

from collections.abc import Callable

from lambda_states_mock.errors import LambdaMockError, UnknownNameError
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.server.calls import answer_call, answer_time, mistaken, service_of
from lambda_states_mock.server.control import PREFIX, answer_control
from lambda_states_mock.server.door import FUNCTION_URL, HOST, NOW, Door
from lambda_states_mock.server.exchange import LONGEST_BODY, Asked, Reply, refused
from lambda_states_mock.server.page import page
from lambda_states_mock.server.worlds import DEFAULT, ServedWorld, Worlds

_WORLD = compile_later(r"/worlds(?:/(?P<name>[^/?]*)(?P<rest>[/?].*)?)?")

Answering = Callable[[Asked], "Reply | None"]
"""What a host of this application calls: the answer to a request, None to close the connection without one."""


class Application:
    """Answers requests; any number of threads may ask. Parameters: *worlds*, to which *door* lets requests in."""

    def __init__(self, worlds: Worlds, door: Door) -> None:
        self.worlds = worlds
        self._door = door

    def answer(self, asked: Asked) -> Reply | None:
        """Return the answer to *asked*; None where its connection is to be closed without one."""
        preflight = None if FUNCTION_URL.match(asked.given.get("host", "")) else self._door.preflight(asked)
        target = preflight or self._door.enter(asked)
        if isinstance(target, Reply):
            return self._door.with_origin(asked, target)
        if len(asked.body) > LONGEST_BODY:
            return refused(413, "RequestEntityTooLargeException", f"a body has {LONGEST_BODY} bytes at most")
        try:
            url = FUNCTION_URL.match(asked.given.get("host", ""))
            if url is not None:  # by the name that AWS has for it
                host = f"{url['id']}.lambda-url.{url['region']}.on.aws"
                return answer_call(self._with_url(url["id"], url["region"]), asked, target, host)
            is_url = HOST in asked.given and not self.worlds.are_named  # whose paths are its own
            name, inside = (DEFAULT, target) if is_url else _split(target)
            answer = self._route(self.worlds.named(name), asked, inside)
        except UnknownNameError as unknown:
            answer = refused(404, "UnknownNameError", str(unknown))
        except LambdaMockError as mistake:
            answer = refused(400, type(mistake).__name__, str(mistake))
        except BaseException as mistake:  # pytest.fail() of a handler, too: no client waits in vain or asks again
            answer = mistaken(mistake)
        return None if answer is None else self._door.with_origin(asked, answer)

    def _route(self, world: ServedWorld, asked: Asked, target: str) -> Reply | None:
        path = target.partition("?")[0]
        if HOST in asked.given:  # a function URL, whose paths are its own
            return answer_call(world, asked, target)
        if path.startswith("/_"):  # ours, or misspelt: no path of the API begins so
            return (
                answer_time(world, asked) if NOW in asked.given else answer_control(self.worlds, world, asked, target)
            )
        if path == "/" and asked.method in {"GET", "HEAD"} and service_of(asked.given, target) is None:
            return page(world, asked)
        return answer_call(world, asked, target)

    def _with_url(self, identifier: str, region: str) -> ServedWorld:
        """Return the world that has a function URL; the one without a name where none has it."""
        first = self.worlds.named(DEFAULT)
        every = (first, *self.worlds)
        return next((one for one in every if one.mock.backend.service.urls.find(identifier, region)), first)


def _split(target: str) -> tuple[str, str]:
    """Return the name of the world in *target*, and what is behind it. Raises UnknownNameError for one without."""
    found = _WORLD.fullmatch(target)
    if found is None:
        return DEFAULT, target
    if not found["name"]:  # most likely of a variable that is not set: workers would share the world without a name
        raise UnknownNameError(f"the name of the world is missing, as in /worlds/gw3. Those there are: {PREFIX}/worlds")
    rest = found["rest"] or "/"
    return found["name"], rest if rest.startswith("/") else f"/{rest}"
