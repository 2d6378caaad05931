"""How a test activates the mock: `mock_lambda` as decorator or context manager, or with ``start()`` and ``stop()``."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

from lambda_states_mock import genuine  # noqa: F401 - it must come early
from lambda_states_mock.activating import Activation
from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.errors import NamesWhatItHas, NotActiveError, nearest
from lambda_states_mock.options import MockOptions
from lambda_states_mock.process_view import RunsProcesses

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from lambda_states_mock.adapters.shared_clock import SharedClock
    from lambda_states_mock.api_calls import ApiCalls
    from lambda_states_mock.backend import Backend
    from lambda_states_mock.chaos.living import Chaos
    from lambda_states_mock.dependencies.world import World
    from lambda_states_mock.durable_view import DurableView
    from lambda_states_mock.engine.faults import Faults
    from lambda_states_mock.engine.timeline import Timeline
    from lambda_states_mock.engine.timings import Timings
    from lambda_states_mock.event_sources.made_events import Events
    from lambda_states_mock.execution.extensions import Extensions
    from lambda_states_mock.execution.handlers import Handler, StartEffect
    from lambda_states_mock.invocation.metrics import Metrics
    from lambda_states_mock.invocation.record import Invocation
    from lambda_states_mock.live_view import FunctionView
    from lambda_states_mock.mapping_views import MappingView
    from lambda_states_mock.options import OptionsDict
    from lambda_states_mock.resources.limits import Limits
    from lambda_states_mock.resources.message import Message
    from lambda_states_mock.server.serving import Served

    Length: TypeAlias = float | timedelta

BEHAVIOUR = ("call", "returns", "side_effect", "init", "duration", "restore")
Decorated = TypeVar("Decorated", bound=Callable[..., Any])

recently_left: deque[LambdaMock] = deque(maxlen=4)  # for the report of a test that fails once its mock is gone


class LambdaMock(RunsProcesses, NamesWhatItHas):
    """One mock: a world with its own clock. Created by `mock_lambda`, which documents the options."""

    def __init__(self, options: MockOptions, **makers: Any) -> None:
        from lambda_states_mock.opening import OpenMock  # with it come botocore and all the rest

        self.options = options
        self._opened = OpenMock(options, owner=self, **makers)

    def close(self, *, check_faults: bool = True) -> None:
        """End this mock and undo its patches, as the end of the ``with`` block does.

        Parameters: *check_faults*, whether to check that every required fault has fired.

        Raises UnfiredFaultError, after everything is undone, when a required fault never fired, unless the option
        ``unfired_faults="ignore"`` is set; UnmetExpectationError for calls that were expected.
        """
        from lambda_states_mock.adapters.undisturbed import Undisturbed

        with Undisturbed():
            if self._is_active:
                recently_left.append(self)
            self._opened.close()
        if check_faults:
            self.backend.check_pushes()
            self.backend.calls.check_expected()
            if self.options.unfired_faults == "error":
                self.backend.faults.check_met()

    @property
    def _is_active(self) -> bool:
        return self in active_mocks.owners()

    def __repr__(self) -> str:
        where = "active" if self._is_active else "left"
        return f"<LambdaMock {where}, {self.clock!r}>"

    def _elsewhere(self, name: str) -> str:
        parts = ("clock", "faults", "world") if "_opened" in vars(self) else ()
        found = next((part for part in parts if hasattr(type(getattr(self, part)), name)), None)
        return f" did you mean m.{found}.{name}?" if found else ""

    @property
    def clock(self) -> SharedClock:
        """The virtual clock.

        It has ``now``, ``pending``, ``advance(5)``, ``advance_to(...)``, ``advance_until(...)``, ``run_until_idle()``,
        ``step()`` and ``hold("name")``. After the mock has ended you can read it; moving it, or setting a timer, raises
        NotActiveError.
        """
        return self._opened.clock

    @property
    def backend(self) -> Backend:
        """The implementation of the API, for your own adapters: ``handle(operation, request)``."""
        return self._opened.backend

    def function(self, name: str, *, region: str | None = None, account: str | None = None) -> FunctionView:
        """Return a live view of the function *name*: ``state``, ``last_update_status``, ``history``, ``idle()`` ...

        Parameters: *name*, a name, ``name:version`` or an ARN (the function need not exist yet); *region* and
        *account*, where the function is, by default the mock's own. An ARN takes precedence.

        Raises UnknownNameError for ``name:alias``, since a view shows one version; TypeError if *name* is no string.
        """
        __tracebackhide__ = True
        from lambda_states_mock.live_view import view_of

        return view_of(
            self.backend, name, account=account or self.options.account, region=region or self.options.region
        )

    @overload
    def handler(
        self, target: str, *, init: Length | StartEffect = 0, duration: Length = 0, restore: Length = 0
    ) -> Callable[[Decorated], Decorated]: ...
    @overload
    def handler(
        self,
        target: str,
        *,
        call: Callable[[Any, Any], Any],
        init: Length | StartEffect = 0,
        duration: Length = 0,
        restore: Length = 0,
    ) -> Handler: ...
    @overload
    def handler(
        self, target: str, *, returns: Any, init: Length | StartEffect = 0, duration: Length = 0, restore: Length = 0
    ) -> Handler: ...
    @overload
    def handler(
        self,
        target: str,
        *,
        side_effect: Any,
        init: Length | StartEffect = 0,
        duration: Length = 0,
        restore: Length = 0,
    ) -> Handler: ...
    def handler(self, target: str, *others: Any, **behaviour: Any) -> Any:
        """Set what the function *target* does when it is invoked, in place of its code.

        Give one of ``call``, ``returns`` and ``side_effect``; without them, this returns a decorator for the callable.

        Parameters:
            target: a name, ``name:alias``, ``name:version`` or an ARN; the most specific one takes precedence.
            call: called with event and context, as Lambda calls a handler.
            returns: the result of each invocation.
            side_effect: an exception, a callable, or a sequence of results and exceptions, one per invocation.
            init: the length of a cold start, in seconds or as a timedelta; or an exception that is raised in Init, or a
                callable that is called there.
            duration: the length of a run beyond what it sleeps, in seconds or as a timedelta.
            restore: the length of restoring a SnapStart snapshot, in seconds or as a timedelta.

        Raises TypeError for an unknown option or more than one behaviour, ValueError for a target that is no name,
        ClockError for a length that is negative or infinite, NotActiveError after the mock has ended.
        """
        __tracebackhide__ = True
        self.backend.check_active("handler()")
        if others:
            raise TypeError(f"handler({target!r}) takes what it does by keyword: call=, returns= or side_effect=")
        for name in behaviour:
            if name not in BEHAVIOUR:
                raise TypeError(f'handler() has no option "{name}":{nearest(name, BEHAVIOUR)} {", ".join(BEHAVIOUR)}.')
        handlers = self.backend.handlers
        say = handlers.add if behaviour.keys() & {"call", "returns", "side_effect"} else handlers.decorator
        return say(target, **behaviour)

    @property
    def extension(self) -> Extensions:
        """Run an extension beside functions: ``@m.extension("agent", function="orders", events=["INVOKE"])``.

        This decorates the callable that gets each event. `Extensions.add` lists the parameters and errors.
        """
        return self.backend.extensions

    @property
    def timings(self) -> Timings:
        """How long each phase takes, in seconds, by phase or by phase and kind.

        Set seconds or a timedelta: ``m.timings["create"] = 45``, ``m.timings["create", "vpc"] = timedelta(minutes=2)``.
        """
        return self.backend.timings

    @property
    def faults(self) -> Faults:
        """The faults: ``on_phase("create").fail(...)``, ``on_call("UpdateFunctionCode").error(...)``, ``random()``."""
        return self.backend.faults

    @property
    def chaos(self) -> Chaos | None:
        """What disturbs this mock: ``world``, as a record to paste, and ``met``, what of it was met; else None."""
        return self._opened.chaos

    @property
    def world(self) -> World:
        """The world around Lambda: what functions depend on, who calls, and what the caller may do.

        For example ``subnets["subnet-1"].exhaust()``, ``roles["deployer"].missing()``, ``deny("lambda:GetFunction")``.
        """
        return self.backend.world

    @property
    def limits(self) -> Limits:
        """Quotas and sizes, which you can set while the mock is active: ``m.limits.unzipped_bytes = 1000``."""
        return self.backend.limits

    @property
    def calls(self) -> ApiCalls:
        """The latest 100,000 API calls, oldest first; ``.of("CreateFunction")`` has those of one. `len` counts all."""
        return self.backend.calls

    @property
    def timeline(self) -> Timeline:
        """The state changes, with time and cause, the newest 100,000 at least; prints as a table. `len` counts all."""
        return self.backend.timeline

    def invocations(self, name: str) -> Sequence[Invocation]:
        """Return the invocations of the function *name*, oldest first; the mock keeps the latest 100,000 of all.

        `len` and indexes count those that went, too; an index of one raises IndexError.

        Each has ``payload``, ``result``, ``error``, ``cold``, ``start``, ``end``, ``log`` ...

        Parameters: *name*, a name, ``name:version``, ``name:alias`` or an ARN.

        Raises TypeError if *name* is no string, UnknownNameError if there is and was no such function, version or
        alias.
        """
        __tracebackhide__ = True
        from lambda_states_mock.live_view import invocations_of

        return invocations_of(self.backend, name)

    def source(self, text: str, **options: Any) -> Any:
        """Return a source of the test, which mappings poll: ``m.source("arn:aws:sqs:...:jobs").put("one")``.

        Parameters: *text*, the ARN of a queue, a stream, a cluster or a broker, or the bootstrap servers of a Kafka of
        your own, joined with commas; *options*, settings as its method ``configure`` takes them.

        Raises ValueError for what Lambda does not poll, NotActiveError after the mock has ended.
        """
        __tracebackhide__ = True
        from lambda_states_mock.mapping_views import source_of_test

        return source_of_test(self.backend, text, options)

    def mapping(self, which: str) -> MappingView:
        """Return a live view of an event source mapping: ``state``, ``batches``, ``position``, ``why`` ...

        Parameters: *which*, its UUID, or the ARN or the name of its source.

        Raises UnknownNameError if there is no such mapping, or several.
        """
        __tracebackhide__ = True
        from lambda_states_mock.mapping_views import view_of_mapping

        return view_of_mapping(self.backend, which)

    def durable(self, name: str, *, region: str | None = None, account: str | None = None) -> DurableView:
        """Return a live view of the durable executions of a function: ``run()``, ``callback()``, ``history`` ...

        Parameters: *name*, a name, ``name:qualifier`` or an ARN; *region* and *account*, as for `function`.

        Raises TypeError if *name* is no string.
        """
        __tracebackhide__ = True
        from lambda_states_mock.durable_view import durable_view_of

        return durable_view_of(
            self.backend, name, account=account or self.options.account, region=region or self.options.region
        )

    @property
    def events(self) -> Events:
        """Exact events of each service: ``handler(m.events.s3_put("bucket", "key"), None)``, or ``.send("orders")``.

        ``m.events.api_gateway("GET", "/pears").send("orders")`` gives back the HTTP answer.
        """
        return self.backend.made_events

    @property
    def metrics(self) -> Metrics:
        """Lambda's metrics: ``sum("Throttles", "orders")``, ``maximum("ConcurrentExecutions")`` ..."""
        return self.backend.service.metrics

    @property
    def destinations(self) -> Sequence[Message]:
        """The messages about asynchronous invocations to destinations and dead-letter queues, oldest first."""
        return tuple(self.backend.service.events.destinations.sent)

    def route(self, target: str, *, to: str | int | Iterable[str | int]) -> None:
        """Choose which versions the next invocations of an alias reach, in place of its weights.

        Parameters: *target*, the alias, as ``"orders:live"`` or by its ARN; *to*, one version, for all invocations from
        now on, or several, for one invocation each, after which the weights apply again.

        Raises ValueError for a target without an alias and for what is no version number, NotActiveError after the mock
        has ended. An Invoke raises UnknownNameError if the alias does not lead to the version.
        """
        __tracebackhide__ = True
        self.backend.route(target, to)

    @property
    def hints(self) -> Sequence[str]:
        """What the mock has noticed that may explain an answer; the report of a failing test shows it, too."""
        return tuple(self.backend.hints)

    def serve(self, port: int = 0, *, clock: str = "frozen") -> Served:
        """Answer the API over HTTP until the mock ends, for programs in any language, and return where: ``.url``.

        The address ends in a secret, and listens on this machine alone. Below it are also the page, and what a test
        asks of the mock: ``url + "/_lambda_states_mock/openapi.json"`` describes that.

        Parameters: *port*, 0 for any that is free; *clock*, when a request moves the clock: ``"frozen"``, never,
        ``"jump"``, ``"settle"``, ``"real"`` or ``"factor=60"``.

        Raises ValueError for another *clock* or what is no *port*, OSError for a port that is taken, NotActiveError
        after the mock has ended.
        """
        __tracebackhide__ = True
        self.backend.check_active("serve()")
        from lambda_states_mock.server.serving import serve

        served = serve(self, port=port, clock=clock)
        self._opened.also_close(served.close)
        return served

    def attach(self, client: Any) -> None:
        """Catch the calls of *client*, if it sends them in its own way; clients that botocore creates never need it.

        Raises TypeError for anything but a client of Lambda, NotActiveError after the mock has ended.
        """
        __tracebackhide__ = True
        self.backend.check_active("attach()")
        from lambda_states_mock.adapters import botocore_hook

        if not hasattr(client, "meta") or client.meta.service_model.service_name != "lambda":
            raise TypeError(f'attach() needs a client of Lambda, such as boto3.client("lambda"), not {client!r}')
        botocore_hook.attach(client)


@overload
def mock_lambda(target: Decorated, /) -> Decorated: ...
@overload
def mock_lambda(**options: Unpack[OptionsDict]) -> Activation[LambdaMock]: ...
def mock_lambda(target: Any = None, /, **options: Any) -> Any:
    """Mock AWS Lambda: ``@mock_lambda``, ``@mock_lambda(...)``, ``with mock_lambda(...) as m``, ``async with``.

    Parameters, all by keyword:
        start: where the clock starts: an aware datetime or an ISO string with a time zone. By default the time of
            freezegun or time-machine if they are active, or else the machine's, in whole milliseconds.
        timings: how long phases take: ``"typical"`` (the default), ``"instant"``, or a mapping of phases, or of
            (phase, kind), to seconds or timedeltas.
        seed: the seed of all random values, such as ids and jitter: an integer, 0 by default.
        account: the account: twelve digits, ``"123456789012"`` by default.
        region: the region of clients that set none; ``"us-east-1"`` by default.
        sleep: which sleeps move the clock: ``"all"`` (the default), ``"waits"`` for these and timed waits such as
            ``Event.wait(5)``, those of ``"botocore"`` and aiobotocore, or none, ``"real"``.
        max_sleep: how much virtual time a test may sleep while nothing else happens: one day by default, None for any.
        hang_after: for how many real seconds a function, an extension or an action of the clock may run, or a sleep may
            wait for other threads, before that is ended or reported: seconds or a timedelta, 30 by default, None for no
            limit.
        freeze: True to freeze ``datetime.now``, ``time.time`` and ``time.monotonic`` at the clock, with freezegun.
        consistency: how late Get and List show what was created, updated or deleted: seconds or a timedelta, 0 by
            default. Changing calls, Invoke and the mock's own views show it at once.
        waking_error: what Invoke answers while it wakes an idle function: an error code, or a mapping of ``"zip"``,
            ``"image"``, ``"vpc"`` and ``"snapstart"`` to error codes. By default what AWS answers for that kind.
        unfired_faults: ``"error"`` (the default) fails the test if a required fault never fired; ``"ignore"`` does not.
        whole_requests: True to have botocore prepare, sign and send every request. By default it does not where nobody
            would see that request: the answers are the same, and come in about two thirds of the time.
        processes: True to run every function that has code, and no handler of the test, in real processes.
        process_time: ``"real"`` to move the clock by what processes compute, too; ``"slept"`` is the default.
        sandbox: what contains processes: ``"bubblewrap"``, nothing with ``"none"``; ``"auto"``, the default, takes
            bubblewrap where it works.
        chaos: a seed, whose world disturbs the mock: phases that take longer, throttles, late readers, another
            deployer ...; or a `ChaosWorld`. None, the default, for what pytest's options say: nothing, usually.

    Raises TypeError for an unknown option, whose message names the nearest one, and for a value of the wrong type;
    ValueError (ClockError for times) or UnknownNameError for a value that the option cannot have.
    """
    __tracebackhide__ = True
    activation = Activation(MockOptions.parse("mock_lambda", options), LambdaMock)
    return activation if target is None else activation(target)


def current() -> LambdaMock:
    """Return the innermost active mock: the one that was entered last, by whichever thread.

    All threads of a process have the same. Raises NotActiveError when there is none.
    """
    if not (mocks := active()):
        raise NotActiveError(
            "no mock of Lambda is active\n"
            "  Decorate the test with  @mock_lambda,  enter  with mock_lambda() as m,  or use the fixture lambda_mock."
        )
    return mocks[-1]


def active() -> tuple[LambdaMock, ...]:
    """Return the active mocks, the innermost last."""
    return tuple(active_mocks.owners())
