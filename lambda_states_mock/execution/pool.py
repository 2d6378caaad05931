"""The way into a function: finds or makes an execution environment and runs one event in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field
from datetime import datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver
from lambda_states_mock.engine.timings import FunctionTimings
from lambda_states_mock.errors import NoHandlerError, nearest
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.environment_record import EnvironmentRecord, EnvironmentRecords
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.extensions import Extensions
from lambda_states_mock.execution.folders import Folders
from lambda_states_mock.execution.handlers import Handler, Handlers
from lambda_states_mock.execution.hang_guard import HangGuard
from lambda_states_mock.execution.invocation_event import InvocationEvent
from lambda_states_mock.execution.sleeping import unlocked
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.restoring import all_of
from lambda_states_mock.states.execution_environment import EnvironmentState, InitializationType

if TYPE_CHECKING:
    from lambda_states_mock.execution.endings import Ending
    from lambda_states_mock.execution.environment import ExecutionEnvironment
    from lambda_states_mock.execution.outcome import Outcome
    from lambda_states_mock.execution.runtimes.runtime import Runtimes

_Function = tuple[Place, str]
_NOTHING: Mapping[str, list[ExecutionEnvironment]] = {}


@dataclass(eq=False, repr=False, kw_only=True)
class EnvironmentPool:
    """All execution environments of one mock.

    Safe to use from several threads: no lock is held while a handler runs.

    Parameters: *driver*, which steps the environments; *chance*, *handlers* and *extensions* of the mock; *runtimes*,
    what runs code; *timings*, how long environments of a function are kept; *hang_guard*, which watches over code.
    """

    driver: Driver
    chance: Chance
    handlers: Handlers
    runtimes: Runtimes
    extensions: Extensions
    timings: FunctionTimings
    hang_guard: HangGuard
    _records: dict[_Function, EnvironmentRecords] = field(default_factory=dict, init=False)
    # By the version's number.
    _groups: dict[_Function, dict[str, list[ExecutionEnvironment]]] = field(default_factory=dict, init=False)
    # Those whose extensions are still to be told.
    _ending: list[ExecutionEnvironment] = field(default_factory=list, init=False)
    _folders: Folders = field(default_factory=Folders, init=False)
    _closed: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._clock = self.driver.clock

    def __repr__(self) -> str:
        return f"<EnvironmentPool {len(self.environments)} environments>"

    @property
    def environments(self) -> tuple[ExecutionEnvironment, ...]:
        """The environments that exist now."""
        with self._clock.lock:
            return tuple(one for groups in self._groups.values() for group in groups.values() for one in group)

    def all_records(self) -> tuple[tuple[Place, str, EnvironmentRecord], ...]:
        """Return what is known of each environment there was, with its function's place and name."""
        with self._clock.lock:
            return tuple((*owner, record) for owner, known in self._records.items() for record in known)

    def records(self, place: Place, name: str, version: str) -> tuple[EnvironmentRecord, ...]:
        """Return what is known of the environments of a version, those that are gone included, oldest first."""
        with self._clock.lock:
            known = self._records.get((place, name), ())
            return tuple(record for record in known if record.version == version)

    def initialise(self, spec: EnvironmentSpec) -> Ending | None:
        """Make an environment for *spec* and run its Init phase while no caller waits, and the clock stands.

        Return how it failed; None when all went well, or when there is nothing that could run.
        """
        with self._clock.lock:
            handler = self.handlers.find(spec)
            if self._closed or (handler is None and self.runtimes.reason_not_to_run(spec) is not None):
                return None
            if spec.initialization_type is InitializationType.SNAP_START:
                self.runtimes.begin_snapshot(spec)
            environment = self._new(spec, handler)
        with unlocked(self._clock):
            try:
                failed = environment.initialise(spec)
            except BaseException:
                environment.close()
                raise
        with self._clock.lock:
            environment.release()
            if failed is not None or self._closed:
                environment.close()
            else:
                self._group_for(spec).append(environment)
        return failed

    def provision(self, spec: EnvironmentSpec, count: int) -> Ending | None:
        """Bring the provisioned environments of a version to *count*, and return how the Init of one has failed.

        Those that are too many, or were made for other code, end when they are done. Where nothing could run there are
        none, and each is made when it is needed, as if it had been there.
        """
        with self._clock.lock:
            handler = self.handlers.find(spec)
            there = [one for one in self._group(spec) if one.is_provisioned]
            made_of = (self._runs_it(spec, handler), self.extensions.of(spec), spec.made_of)
            kept = [one for one in there if one.made_of == made_of][:count]
            self._end_some(self._group(spec), set(there).difference(kept))
            can_run = handler is not None or self.runtimes.reason_not_to_run(spec) is None
        for _ in range(count - len(kept) if can_run else 0):
            failed = self.initialise(spec)
            if failed is not None:
                return failed
        return None

    def keep_provisioned(self, place: Place, name: str, versions: Collection[str]) -> None:
        """End the provisioned environments of all versions of a function but *versions*."""
        with self._clock.lock:
            for number, group in self._groups.get((place, name), _NOTHING).items():
                if number not in versions:
                    self._end_some(group, {one for one in group if one.is_provisioned})

    def ready(self, spec: EnvironmentSpec) -> Handler | None:
        """Return the handler that answers for *spec*; None for the Python code in its zip.

        Raises NoHandlerError when nothing could run.
        """
        with self._clock.lock:
            handler = self.handlers.find(spec)
            if handler is None and self.free(spec, None, sleeping.standing(self._clock)) is None:
                self._need_runnable_code(spec)
            return handler

    def begin(
        self,
        spec: EnvironmentSpec,
        handler: Handler | None,
        event: Any,
        *,
        payload: bytes,
        request_id: str,
        client_context: Mapping[str, Any] | None = None,
        trace: str | None = None,
        streams: bool = False,
        environment: ExecutionEnvironment | None = None,
    ) -> Callable[[], Outcome]:
        """Take an environment for one event. You have to call the function that is returned: it runs the event there.

        The clock moves by as long as that takes.

        Parameters: *handler*, as `ready` has returned it; *event* and *client_context*, both parsed; *payload*, the
        event's bytes; *trace*, the header of the chain of requests that has led here; *streams*, whether the answer is
        wanted in parts; *environment*, a free one, as `free` has returned it; by default it is looked for.

        The run raises mistakes of the test that come up in the handler (LambdaMockError), pytest's outcomes and
        KeyboardInterrupt as they are.
        """
        environment = self._take(spec, handler, environment)

        def run() -> Outcome:
            try:
                return environment.invoke(
                    InvocationEvent(spec, payload, event, request_id, client_context, trace, streams)
                )
            finally:
                self._give_back(spec, environment)

        return run

    def busy(self, place: Place, name: str) -> int:
        """Return how many environments of a function are busy now."""
        return sum(self.busy_by_type(place, name, sleeping.standing(self._clock)).values())

    def busy_by_type(self, place: Place, name: str, at: datetime) -> dict[tuple[str, InitializationType], int]:
        """Return how many environments of a function are busy at the instant *at*, by version and initialisation."""
        with self._clock.lock:
            busy: dict[tuple[str, InitializationType], int] = {}
            for number, group in self._groups.get((place, name), _NOTHING).items():
                for one in group:
                    if one.is_busy(at):
                        kind = number, one.initialization_type
                        busy[kind] = busy.get(kind, 0) + 1
            return busy

    def environments_of_tenants(self, place: Place) -> int:
        """Return how many environments there are that run the events of one tenant alone, busy or not."""
        with self._clock.lock:
            groups = [versions.values() for (its_place, _), versions in self._groups.items() if its_place == place]
            return sum(one.tenant is not None for group in chain(*groups) for one in group)

    def functions(self, place: Place) -> list[str]:
        """Return the names of the functions that have environments."""
        return [name for its_place, name in self._groups if its_place == place]

    def free(self, spec: EnvironmentSpec, handler: Handler | None, at: datetime) -> ExecutionEnvironment | None:
        """Return the environment in which *spec*, answered by *handler*, could run at the instant *at*, if any.

        It is the one that was used last; before a snapshot that nothing has run in.
        """
        version = spec.version
        with self._clock.lock:
            group = self._groups.get((version.place, version.name), _NOTHING).get(version.number)
            if not group:
                return None
            extensions = self.extensions.of(spec) if self.extensions.registered or spec.layers else ()
            made_of, unused = (self._runs_it(spec, handler), extensions, spec.made_of), None
            for one in reversed(group):
                if one.is_busy(at) or one.made_of != made_of:
                    continue
                if one.machine.state is not EnvironmentState.SNAPSHOT:
                    return one
                unused = unused or one
            return unused

    def discard(self, place: Place, name: str, version: str | None = None) -> None:
        """End the environments of a function, or of one version of it: they were made for what is no more.

        One that is busy ends when it is done.
        """
        with self._clock.lock:
            groups = self._groups.get((place, name), {})
            for number in [number for number in groups if version in (None, number)]:
                self._close_all(groups.pop(number))

    def end_running(self) -> list[str]:
        """End the code that runs on other threads; return, in words, what cannot be ended."""
        self.runtimes.end_running()
        left = self.hang_guard.end_all()
        if not left and not sleeping.runs_here(self._clock):
            with self._clock.lock:
                for environment in self.environments:
                    environment.release()  # where an interrupt has come in between, nobody has given it back
        return left

    def close(self) -> None:
        """End all environments: no folder, module or timer of theirs is left.

        A thread that is still in a handler, or comes later, has an environment for that one invocation.
        """
        with self._clock.lock:
            self._closed = True
            closing: list[Callable[[], object]] = [self._folders.close, self.hang_guard.close]
            if self._groups or self._ending:
                groups = [group for versions in self._groups.values() for group in versions.values()]
                ended = [environment.close for environment in self._ending]
                closing = [*ended, *[partial(self._close_all, group) for group in groups], *closing]
                self._groups.clear()
                self._ending.clear()
            all_of(closing)

    def _end_some(self, group: list[ExecutionEnvironment], leaving: Collection[ExecutionEnvironment]) -> None:
        group[:] = [environment for environment in group if environment not in leaving]
        self._close_all(leaving)

    def _close_all(self, group: Iterable[ExecutionEnvironment]) -> None:
        all_of([partial(self._end, environment) for environment in group if not environment.is_taken])

    def _end(self, environment: ExecutionEnvironment) -> None:
        """End an environment that is no longer in a group: at once, unless its extensions are to be told."""
        if self._closed or not environment.awaits_shutdown:
            environment.close()
            return
        self._ending.append(environment)
        environment.retire()
        # Not before the call is answered that has brought it about.
        label = f"{environment.log_stream} shuts down"
        self._clock.call_later(0, partial(self._shut_down, environment), label=label)

    def _shut_down(self, environment: ExecutionEnvironment) -> None:
        if environment in self._ending:
            self._ending.remove(environment)
            with unlocked(self._clock):
                environment.shut_down()

    def _take(
        self, spec: EnvironmentSpec, handler: Handler | None, free: ExecutionEnvironment | None
    ) -> ExecutionEnvironment:
        with self._clock.lock:
            environment = free or self.free(spec, handler, sleeping.standing(self._clock))
            if environment is None:
                if spec.initialization_type is InitializationType.PROVISIONED:
                    # One is of no use any more: the test has registered another handler.
                    group, at = self._group(spec), sleeping.now(self._clock)
                    self._end_some(group, [one for one in group if one.is_provisioned and not one.is_busy(at)][:1])
                environment = self._new(spec, handler)
                if not self._closed:
                    self._group_for(spec).append(environment)
            environment.take()
            return environment

    def _new(self, spec: EnvironmentSpec, handler: Handler | None) -> ExecutionEnvironment:
        from lambda_states_mock.execution.environment import ExecutionEnvironment  # with it come many more

        records = self._records.setdefault(_function(spec), EnvironmentRecords())
        environment = ExecutionEnvironment(
            spec,
            handler,
            self.extensions.of(spec),
            driver=self.driver,
            timings=self.timings.of(spec.version.place, spec.version.name),
            chance=self.chance,
            folder=self._folders.plan(),
            runtimes=self.runtimes,
            hang_guard=self.hang_guard,
            ended=records.end,
        )
        records.add(environment.record)
        return environment

    def _group_for(self, spec: EnvironmentSpec) -> list[ExecutionEnvironment]:
        return self._groups.setdefault(_function(spec), {}).setdefault(spec.version.number, [])

    def _group(self, spec: EnvironmentSpec) -> list[ExecutionEnvironment]:
        return self._groups.get(_function(spec), _NOTHING).get(spec.version.number, [])

    def _give_back(self, spec: EnvironmentSpec, environment: ExecutionEnvironment) -> None:
        with self._clock.lock:
            environment.release()
            version = spec.version
            group = self._groups.get((version.place, version.name), _NOTHING).get(version.number, [])
            if environment not in group:  # discarded meanwhile
                self._end(environment)
                return
            group.remove(environment)
            if environment.machine.state is EnvironmentState.SHUTDOWN:  # its snapshot could not be resumed
                environment.close()
                return
            timings = environment.timings
            if self._clock.standing - environment.made >= timings.of("recycle", "zip"):
                self._recycle(spec, environment)
                return
            group.append(environment)
            if environment.is_provisioned:
                return  # it is kept ready
            ends = max(environment.busy_until, self._clock.standing) + timings.of("spin_down", "zip")
            environment.spin_down_after(ends - self._clock.standing, partial(self._spin_down, spec, environment))

    def _recycle(self, spec: EnvironmentSpec, environment: ExecutionEnvironment) -> None:
        """End an environment that has served for long enough; where it was provisioned, another takes its place."""
        self._end(environment)
        if environment.is_provisioned and not self._closed:
            label = f"{spec.version.name} environment is recycled"
            self._clock.call_later(0, partial(self.initialise, spec), label=label)

    def _spin_down(self, spec: EnvironmentSpec, environment: ExecutionEnvironment) -> None:
        groups = self._groups[_function(spec)]
        group = groups[spec.version.number]
        group.remove(environment)
        if not group:
            del groups[spec.version.number]
        with unlocked(self._clock):
            environment.shut_down()

    def _runs_it(self, spec: EnvironmentSpec, handler: Handler | None) -> object:
        return handler if handler is not None else self.runtimes.choice(spec)

    def _need_runnable_code(self, spec: EnvironmentSpec) -> None:
        reason = self.runtimes.reason_not_to_run(spec)
        if reason is None:
            return
        names = self.handlers.names
        registered = ", ".join(f'"{one}"' for one in names) or "none"
        name = spec.version.name
        guess = nearest(name, names).strip()
        raise NoHandlerError(
            f'no handler for function "{name}" ({spec.version.place.region}); {reason}\n  registered: {registered}\n'
            f"  {guess + '  ' if guess else ''}"
            f'Add one with  lambda_mock.handler("{name}")  or give CreateFunction a zip with Python code.'
        )


def _function(spec: EnvironmentSpec) -> _Function:
    return spec.version.place, spec.version.name
