"""The worlds that a server has: one without a name, and others by the names in the addresses of their clients."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.errors import UnknownNameError, WrongStateError, nearest
from lambda_states_mock.mock import LambdaMock
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.server.clock_policies import ClockPolicy
from lambda_states_mock.server.exchange import Asked

DEFAULT = ""
MOST_WORLDS = 1_000
_NAME = compile_later(r"[A-Za-z0-9_.-]{1,64}")


class ServedWorld:
    """One world: a mock, and when a request moves its clock.

    Parameters: *name*, in the address; *policy*, made for *mock*.
    """

    def __init__(self, name: str, mock: LambdaMock, policy: Callable[[LambdaMock], ClockPolicy]) -> None:
        self.name = name
        self.mock = mock
        self.policy = policy(mock)
        self._active = next((one for one in active_mocks.stack if one.owner is mock), None)

    def answering(self) -> AbstractContextManager[object]:
        """Let what this thread does, in the ``with`` block, be done in this world: its calls, its sleep."""
        return active_mocks.answering(self._active) if self._active is not None else nullcontext()

    @staticmethod
    def client_of(asked: Asked) -> str:
        """Return what tells the client that sent *asked* from others: how it calls itself."""
        return asked.given.get("user-agent", "")


class Worlds:
    """All worlds of a server.

    Parameters: *begin*, which begins the mock of a world that is named for the first time, None where there is but one;
    *policy*, as `ServedWorld`; *first*, the mock of the world without a name, where it was begun already.
    """

    def __init__(
        self,
        policy: Callable[[LambdaMock], ClockPolicy],
        *,
        begin: Callable[[str], LambdaMock] | None = None,
        first: LambdaMock | None = None,
    ) -> None:
        self._policy = policy
        self._begin = begin
        self._lock = threading.Lock()
        self._worlds: dict[str, ServedWorld] = {}
        if first is not None:
            self._worlds[DEFAULT] = ServedWorld(DEFAULT, first, policy)

    def __iter__(self) -> Iterator[ServedWorld]:
        return iter(tuple(self._worlds.values()))

    @property
    def are_named(self) -> bool:
        """Whether there may be others than the one without a name."""
        return self._begin is not None

    def named(self, name: str) -> ServedWorld:
        """Return the world *name*, which begins when it is first named. Raises UnknownNameError for what is no name."""
        world = self._worlds.get(name)
        if world is not None:
            return world
        if self._begin is None:
            raise UnknownNameError(f'there is no world "{name}": this server has one world, that of its test')
        if name != DEFAULT and not _NAME.fullmatch(name):
            raise UnknownNameError(f'"{name}" is no name of a world: it has 1 to 64 letters, digits, "-", "_" and "."')
        with self._lock:
            if name not in self._worlds:
                if len(self._worlds) >= MOST_WORLDS:
                    raise UnknownNameError(f"there are {MOST_WORLDS} worlds already: end some with DELETE /worlds/...")
                self._worlds[name] = ServedWorld(name, self._begin(name), self._policy)
            return self._worlds[name]

    def reset(self, name: str) -> None:
        """Let the world *name* begin anew. Raises WrongStateError where it belongs to a test."""
        self._drop(name)
        self.named(name)

    def end(self, name: str) -> None:
        """End the world *name*, which begins anew when it is named again.

        Raises as `reset`, and UnknownNameError where there is none of that name.
        """
        if not self._drop(name):
            known = ", ".join(f'"{one}"' for one in self._worlds if one != DEFAULT)
            raise UnknownNameError(
                f'there is no world "{name}":{nearest(name, self._worlds)} There are: {known or "none with a name"}.'
            )

    def _drop(self, name: str) -> bool:
        if self._begin is None:
            raise WrongStateError("this world is that of a test, which ends it: begin another one there")
        with self._lock:
            world = self._worlds.pop(name, None)
        if world is not None:
            world.mock.close(check_faults=False)
        return world is not None

    def close(self) -> None:
        """End all worlds that this server has begun."""
        if self._begin is not None:
            for name in tuple(self._worlds):
                self._drop(name)
