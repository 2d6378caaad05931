"""The way into a function: finds or makes an execution environment and runs one event in it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.errors import NoHandlerError, nearest
from lambda_states_mock.invocation import code_archive, requests, sleeping
from lambda_states_mock.invocation.environment import ExecutionEnvironment, Invocation, made_for
from lambda_states_mock.invocation.handlers import Handler, Handlers
from lambda_states_mock.invocation.spec import FunctionSpec, Outcome

IDLE_LIFETIME = timedelta(minutes=10)  # not documented; 5 to 15 minutes are commonly seen


_Function = tuple[str, str, str]  # account, region, name
_NOTHING: Mapping[str, list[ExecutionEnvironment]] = {}


class Invoker:
    """All execution environments of one mock.

    Safe to use from several threads: no lock is held while a handler runs.

    Parameters: *clock*, *chance* and *handlers* of the mock.

    Attributes: *idle_lifetime*, how long an environment is kept without work: a timedelta.
    """

    def __init__(self, *, clock: VirtualClock, chance: Chance, handlers: Handlers) -> None:
        self.idle_lifetime = IDLE_LIFETIME
        self._clock = clock
        self._chance = chance
        self._handlers = handlers
        # Not asked for later: inside of a handler it is that function's own.
        self._place = tempfile.gettempdir()
        self._closed = False
        self._groups: dict[_Function, dict[str, list[ExecutionEnvironment]]] = {}  # by the version's number

    def __repr__(self) -> str:
        return f"<Invoker {len(self.environments)} environments>"

    @property
    def environments(self) -> tuple[ExecutionEnvironment, ...]:
        """The environments that exist now."""
        with self._clock.lock:
            return tuple(
                environment for groups in self._groups.values() for group in groups.values() for environment in group
            )

    def ready(self, spec: FunctionSpec) -> None:
        """Raise NoHandlerError when nothing could run *spec*: neither a handler nor Python code in its zip."""
        with self._clock.lock:
            if self._handlers.find(spec) is None and self._warm(spec, None) is None:
                self._need_runnable_code(spec)

    def invoke(
        self,
        spec: FunctionSpec,
        payload: bytes,
        *,
        request_id: str,
        client_context: str | None = None,
        trace: str | None = None,
    ) -> Outcome:
        """Run one event and return how that went; the clock moves by as long as it takes.

        Parameters:
            payload: the event as JSON; empty for ``{}``.
            client_context: base64 of a JSON object, as in the API.
            trace: the header of the chain of requests that has led here.

        Raises ServiceError for an event or client context that cannot be read, NoHandlerError as `ready`; both before
        anything happens. Mistakes of the test that come up in the handler (LambdaMockError), pytest's outcomes and
        KeyboardInterrupt come out as they are.
        """
        return self.begin(spec, payload, request_id=request_id, client_context=client_context, trace=trace)()

    def begin(
        self,
        spec: FunctionSpec,
        payload: bytes,
        *,
        request_id: str,
        client_context: str | None = None,
        trace: str | None = None,
    ) -> Callable[[], Outcome]:
        """Take an environment for one event; the function that is returned runs it there, and has to be called.

        The rest is as in `invoke`.
        """
        event = requests.parse_event(payload)
        context = requests.parse_client_context(client_context)
        self.ready(spec)
        environment = self._take(spec, self._handlers.find(spec))

        def run() -> Outcome:
            try:
                return environment.invoke(Invocation(spec, event, request_id, context, trace))
            finally:
                self._give_back(spec, environment)

        return run

    def busy(self, account: str, region: str, name: str, *, version: str | None = None, type: str | None = None) -> int:  # noqa: A002
        """Return how many environments of a function are busy now.

        Parameters: *version*, only those of one; *type*, only those that were initialised so.
        """
        at = sleeping.now(self._clock)
        with self._clock.lock:
            return sum(
                environment.is_busy(at)
                for number, group in self._groups.get((account, region, name), _NOTHING).items()
                if version in (None, number)
                for environment in group
                if type in (None, environment.initialization_type)
            )

    def has_room(self, spec: FunctionSpec) -> bool:
        """Return True when *spec* could run in an environment that is there already."""
        with self._clock.lock:
            return self._warm(spec, self._handlers.find(spec)) is not None

    def discard(self, account: str, region: str, name: str, version: str | None = None) -> None:
        """End the environments of a function, or of one version of it: they were made for what is no more.

        One that is busy ends when it is done.
        """
        with self._clock.lock:
            groups = self._groups.get((account, region, name), {})
            for number in [number for number in groups if version in (None, number)]:
                self._close_all(groups.pop(number))

    def close(self) -> None:
        """End all environments: no folder, module or timer of theirs is left.

        A thread that is still in a handler, or comes later, has an environment for that one invocation.
        """
        with self._clock.lock:
            self._closed = True
            functions = list(self._groups.values())
            self._groups.clear()
            for groups in functions:
                for group in groups.values():
                    self._close_all(group)

    def _close_all(self, group: list[ExecutionEnvironment]) -> None:
        for environment in group:
            if environment.phase == "idle":
                environment.close()

    def _take(self, spec: FunctionSpec, handler: Handler | None) -> ExecutionEnvironment:
        with self._clock.lock:
            environment = self._warm(spec, handler)
            if environment is None:
                environment = ExecutionEnvironment(
                    spec, handler=handler, clock=self._clock, chance=self._chance, place=self._place
                )
                if not self._closed:
                    self._groups.setdefault(_function(spec), {}).setdefault(spec.version, []).append(environment)
            else:
                environment.phase = "invoke"
            if environment.idle_timer is not None:
                environment.idle_timer.cancel()
            return environment

    def _group(self, spec: FunctionSpec) -> list[ExecutionEnvironment]:
        return self._groups.get(_function(spec), _NOTHING).get(spec.version, [])

    def _warm(self, spec: FunctionSpec, handler: Handler | None) -> ExecutionEnvironment | None:
        """Return the free environment that was used last, if any."""
        group = self._group(spec)
        if not group:
            return None
        at, code = sleeping.now(self._clock), made_for(spec, handler)
        return next((one for one in reversed(group) if not one.is_busy(at) and one.was_made_for(code)), None)

    def _give_back(self, spec: FunctionSpec, environment: ExecutionEnvironment) -> None:
        with self._clock.lock:
            group = self._group(spec)
            if environment not in group:  # discarded meanwhile
                environment.close()
                return
            group.remove(environment)
            group.append(environment)
            environment.idle_timer = self._clock.call_at(
                max(environment.busy_until, self._clock.now) + self.idle_lifetime,
                partial(self._spin_down, spec, environment),
                label=f"{spec.name} environment spins down",
                background=True,
            )

    def _spin_down(self, spec: FunctionSpec, environment: ExecutionEnvironment) -> None:
        groups = self._groups[_function(spec)]
        group = groups[spec.version]
        group.remove(environment)
        if not group:
            del groups[spec.version]
        environment.close()

    def _need_runnable_code(self, spec: FunctionSpec) -> None:
        if spec.package_type == "Image":
            reason = "its code is a container image, which is not run here"
        elif not spec.python:
            reason = f"its code is for {spec.runtime}, which is not run here"
        elif not code_archive.holds_python(spec.code):
            reason = "its zip file holds no Python code"
        else:
            return
        names = self._handlers.names
        registered = ", ".join(f'"{name}"' for name in names) or "none"
        remedy = f'Add one with  lambda_mock.handler("{spec.name}")  or give CreateFunction a zip with Python code.'
        guess = nearest(spec.name, names).strip()
        raise NoHandlerError(
            f'no handler for function "{spec.name}" ({spec.region}); {reason}\n'
            f"  registered: {registered}\n"
            f"  {guess + '  ' if guess else ''}{remedy}"
        )


def _function(spec: FunctionSpec) -> _Function:
    return spec.account, spec.region, spec.name
