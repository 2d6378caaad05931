"""One world: every call of the API comes in here, from whichever adapter, under the one lock."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from lambda_states_mock.api_calls import ApiCall, ApiCalls
from lambda_states_mock.api_model import (
    enum_of,
    is_service_fault,
    members_of_error,
    modelled_errors,
    origin,
    parameters_of,
)
from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.authorization import check_function, function_in
from lambda_states_mock.dependencies.neighbours import Neighbours, NobodyBeside
from lambda_states_mock.dependencies.policies import account_of
from lambda_states_mock.dependencies.role_sessions import RoleSessions
from lambda_states_mock.dependencies.world import World
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.faults import Faults
from lambda_states_mock.engine.hints import Hints
from lambda_states_mock.engine.timeline import Changes, Entry, Timeline
from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.errors import HungHandlerWarning, OperationNotBuiltError
from lambda_states_mock.event_sources.beside import NoSourcesBeside, SourcesBeside
from lambda_states_mock.execution import sleeping, trace_header
from lambda_states_mock.execution.extensions import Extensions
from lambda_states_mock.execution.handlers import Handlers
from lambda_states_mock.execution.runtimes.choice import ProcessChoices, ProcessOptions
from lambda_states_mock.leaving import EndsWithMock, weakly
from lambda_states_mock.newest import LARGE_BODY
from lambda_states_mock.operations import ANSWERS, BUILT, load
from lambda_states_mock.resources.arn import HOME, Place, function_reference
from lambda_states_mock.resources.limits import LIMITED_IN_SIZE, Limits
from lambda_states_mock.restoring import all_of
from lambda_states_mock.service import Call, LambdaService
from lambda_states_mock.service_errors import CALLER_RATE_EXCEEDED, REQUEST_TOO_LARGE, ServiceError
from lambda_states_mock.wire import HttpRequest, HttpResponse, check, parse, route, serialise, serialise_error

if TYPE_CHECKING:
    from lambda_states_mock.event_sources.made_events import Events
    from lambda_states_mock.event_sources.pushes import Pushes
    from lambda_states_mock.execution.runtimes.processes.making import ProcessRuntimes
    from lambda_states_mock.invocation.url_format import UrlRequest, UrlResponse


# gettingstarted-limits.html
_OF_OWN_RATE = frozenset({"Invoke", "InvokeAsync", "InvokeWithResponseStream", "GetFunction", "GetPolicy"})


class Backend(EndsWithMock):
    """A world of Lambda functions; the lock of its *clock* is the world's.

    Parameters: *account* and *region*, whose functions the timeline calls by their bare names, and where calls go by
    default; *neighbours*, the services beside Lambda, by default everything referred to exists; *sources_beside*, which
    makes those with queues and streams; *consistency*, how late Get and List see changes; *waking_error*, by kind
    of function, the code of what Invoke answers while it wakes one; *hints*, where all give their hints for the report
    of a failing test; *processes*, which functions run in some; *kept_calls*, as *kept* of `ApiCalls`.
    """

    def __init__(
        self,
        *,
        clock: VirtualClock,
        chance: Chance | None = None,
        timings: Timings | None = None,
        account: str = HOME.account,
        region: str = HOME.region,
        neighbours: Neighbours | None = None,
        sources_beside: Callable[[], SourcesBeside] = NoSourcesBeside,
        consistency: timedelta = timedelta(),
        waking_error: Mapping[str, str] | None = None,
        hints: Hints | None = None,
        processes: ProcessOptions | None = None,
        kept_calls: int | None = None,
    ) -> None:
        self.clock = clock
        self.hints = hints if hints is not None else Hints()
        self.chance = chance or Chance()
        self.timings = timings or Timings()
        self.home = Place(account, region)
        self.state_changes = Changes()
        self.calls = ApiCalls(kept=kept_calls)
        self.changes = 0  # requests that may have changed something
        self.before_call: Callable[[], object] | None = None  # called without the lock
        self.handlers = Handlers()
        self.extensions = Extensions()
        self.process_options = processes or ProcessOptions()
        self.processes = ProcessChoices(all_of_them=self.process_options.is_default)
        self.faults = Faults(
            self.chance,
            clock,
            state_codes=lambda: enum_of("StateReasonCode"),
            update_codes=lambda: enum_of("LastUpdateStatusReasonCode"),
            errors_of=modelled_errors,
            params_of=parameters_of,
            members_of=members_of_error,
            is_service_fault=is_service_fault,
        )
        self._neighbours = neighbours or NobodyBeside()
        self._sources_beside = sources_beside
        self._consistency = consistency
        self._waking_error = waking_error or {}

    service: LambdaService
    """All that stands behind the API. It is made when it is first needed: many tests have a mock and make no call."""

    def __getattr__(self, name: str) -> Any:
        if name != "service":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        with self.clock.lock:
            if not self._has_service():  # no other thread was quicker
                service = self._assembled()
                if self._left:
                    _end(service)
                self.service = service
            return self.service

    def _has_service(self) -> bool:
        return "service" in vars(self)

    def _assembled(self) -> LambdaService:
        from lambda_states_mock.assembly import assemble  # with it come many more

        return assemble(
            clock=self.clock,
            chance=self.chance,
            timings=self.timings,
            state_changes=self.state_changes,
            faults=self.faults,
            handlers=self.handlers,
            extensions=self.extensions,
            home=self.home,
            neighbours=self._neighbours,
            sources_beside=self._sources_beside,
            consistency=self._consistency,
            waking_error=self._waking_error,
            hints=self.hints,
            processes=self.processes,
            make_processes=weakly(self._make_processes),
        )

    @property
    def timeline(self) -> Timeline:
        """The state changes, and what happened beside them."""
        return Timeline(self.state_changes, beside=self._beside_the_changes)

    def _beside_the_changes(self, *, secrets: bool) -> list[Entry]:
        from lambda_states_mock.timeline_entries import entries_of  # few tests need it

        with self.clock.lock:
            return entries_of(self.calls, self.service, self.faults, self.home, secrets=secrets)

    @property
    def world(self) -> World:
        """What Lambda depends on, as the test tells it."""
        return self.service.world

    def _make_processes(self, sessions: RoleSessions) -> ProcessRuntimes:
        from lambda_states_mock.calls_from_within import calls_from_within
        from lambda_states_mock.execution.runtimes.processes.making import ProcessRuntimes  # few tests need it

        hang_after, options = self.clock.turns.hang_after, self.process_options
        return ProcessRuntimes(
            self.clock,
            sessions,
            calls_from_within(weakly(self.handle), self._neighbours, self.home.region, self.hints.give),
            hang_after,
            options.process_time,
            options.sandbox,
            self.hints.give,
            self.chance.uuid,
        )

    @property
    def pushes(self) -> Pushes:
        """Where other services send what they have for functions."""
        return self.service.pushes

    @cached_property
    def made_events(self) -> Events:
        """Makes events, and sends them."""
        from lambda_states_mock.event_sources.made_events import Events  # few tests need it

        return Events(self.clock, self.chance, self.home, self.pushes, self)

    @property
    def limits(self) -> Limits:
        """Quotas and sizes, to be set."""
        return self.service.limits

    def handle(
        self,
        operation: str | None,
        request: HttpRequest,
        *,
        region: str | None = None,
        account: str | None = None,
        access_key: str | None = None,
    ) -> HttpResponse:
        """Answer an HTTP request.

        Parameters: *operation*, where the adapter knows it; *region*, of the client; *access_key*, of its credentials,
        by which the caller is known; *account*, of the caller, in place of the one that this tells.
        Raises BrokenConnection where a fault wants no answer, and mistakes of the test author; what AWS would answer is
        in the response.
        """
        if self.before_call is not None:
            self.before_call()
        with self.clock.lock:
            self.clock.catch_up()
            begun = self.clock.scheduled
            self.changes += request.method != "GET"
            request_id = self.chance.uuid()
            now = self.clock.standing
            try:
                operation = operation or route(request)
                if operation not in BUILT:
                    raise _not_built(operation)
                if operation in LIMITED_IN_SIZE:
                    self._check_size(operation, request)
                params = parse(operation, request)
                trace = (
                    (request.lower or request.lower_headers()).get(trace_header.HEADER)
                    if operation.startswith("Invoke")
                    else None
                )
                caller = self.service.callers.caller(access_key, account, region)
                result = self._answer(operation, params, request_id, *caller, trace)
                response = serialise(operation, result, request_id=request_id, now=self.clock.standing)
            except ServiceError as error:
                response = serialise_error(operation, error, request_id=request_id, now=now)
            if len(request.body) > LARGE_BODY or len(response.body) > LARGE_BODY:
                self.calls.note_large(request_id)
            self.clock.settle(begun)  # what ends with the call, ends when it has been answered
            return response

    def answer_url(self, host: str, request: UrlRequest, *, account: str | None = None) -> UrlResponse:
        """Answer a request to the function URL *host*; *account*, of whoever signed it, in place of the one that the
        signature tells. As `handle`, it raises only mistakes of the test author.
        """
        with self.clock.lock:
            self.clock.catch_up()
            begun = self.clock.scheduled
            self.changes += 1
            causes = self.service.driver.causes
            cause, causes.innermost = causes.innermost, "function URL"
            try:
                return self.service.urls.answer(host, request, account=account)
            finally:
                causes.innermost = cause
                self.clock.settle(begun)

    def _check_size(self, operation: str, request: HttpRequest) -> None:
        limit = self.service.limits.request_bytes_of(operation)
        if limit is not None and len(request.body) >= limit:
            raise REQUEST_TOO_LARGE.error(limit=limit, operation=operation)

    def call(
        self, operation: str, params: Mapping[str, Any], *, region: str | None = None, account: str | None = None
    ) -> Mapping[str, Any]:
        """Answer *operation* with *params*, without HTTP.

        Raises ServiceError for what AWS refuses, and BrokenConnection where a fault wants no answer.
        """
        if self.before_call is not None:
            self.before_call()
        with self.clock.lock:
            self.clock.catch_up()
            begun = self.clock.scheduled
            try:
                caller = self.service.callers.caller(None, account, region)
                return self._answer(operation, params, self.chance.uuid(), *caller)
            finally:
                self.clock.settle(begun)

    def _answer(
        self,
        operation: str,
        params: Mapping[str, Any],
        request_id: str,
        place: Place,
        caller: str,
        trace: str | None = None,
    ) -> Mapping[str, Any]:
        if not operation.startswith("Invoke"):
            sleeping.rejoin(self.clock)  # a detached run wants to see the world as it is by now
        record = ApiCall(
            operation,
            params,
            self.clock.standing,
            place.account,
            place.region,
            request_id,
            caller,
            # As len() has it, without a step of Python: each call does this.
            changes_before=self.state_changes.gone + len(self.state_changes.recorded),
        )
        self.calls.made[operation] += 1
        self.calls.record(record)
        causes = self.service.driver.causes
        cause, causes.innermost = causes.innermost, operation
        try:
            if operation not in BUILT:
                raise _not_built(operation)
            answer = ANSWERS.get(operation) or load(operation)
            self.faults.meet(operation, params)
            limit = self.service.limits.control_plane_requests
            if limit is not None and operation not in _OF_OWN_RATE:
                self._check_rate(limit, place)
            self._authorize(operation, params, place, caller)
            check(
                operation,
                params if not self.service.world.watch.spoken else self.service.world.runtimes.known_in(params),
            )
            call = Call(self.service, place, self.clock.standing, request_id, operation, trace, caller)
            response = answer(call, params)
        except ServiceError as error:
            record.error = error
            raise
        except BrokenConnection as broken:
            record.broken = broken.how
            raise
        finally:
            causes.innermost = cause
        record.answer = response
        return response

    def _check_rate(self, limit: int, place: Place) -> None:
        """Raise TooManyRequestsException where an account calls the control plane more than *limit* times a second."""
        key = ("control plane", place.account, place.region)
        wait = self.service.buckets.take(key, size=limit, seconds=1, at=self.clock.standing)
        if wait:
            raise CALLER_RATE_EXCEEDED.retry_after(wait)

    def _authorize(self, operation: str, params: Mapping[str, Any], place: Place, caller: str) -> None:
        """Raise AccessDeniedException where the test denies the call, or a resource policy does not let it in."""
        permissions = self.service.world.permissions
        name = params.get("FunctionName")
        reference = function_in(params) if name is None else function_reference(str(name))
        if permissions.denied:
            from lambda_states_mock.needed_policy import function_of, resource_of  # few tests need it

            permissions.check(operation, resource_of(operation, place, params), caller, function_of(params))
        if reference is None:
            return
        if (
            account_of(caller) == place.account
            and reference.account is None
            and not self.service.store.at(place).policies
        ):
            return  # no policy has a say
        check_function(self.service.world, self.service.store, operation, reference, place, caller, params)

    def route(self, target: str, to: str | int | Iterable[str | int]) -> None:
        """Let invocations of an alias reach what `LambdaMock.route` says. Raises ValueError for no alias."""
        __tracebackhide__ = True
        self.check_active("route()")
        reference = function_reference(target)
        if reference is None or reference.qualifier is None:
            raise ValueError(f'no alias is named by {target!r}: give the function and its alias, as "orders:live"')
        place = Place(reference.account or self.home.account, reference.region or self.home.region)
        with self.clock.lock:
            self.service.routing.set(place, reference.name, reference.qualifier, to)

    def end_running(self) -> None:
        """End the code of functions that still runs on other threads, and let their sleepers go on.

        Warns of what cannot be ended.
        """
        self.clock.turns.close()
        if self._has_service() and (left := self.service.pool.end_running()):
            _warn_of(left)

    def close(self) -> None:
        """Leave nothing behind: folders, modules, cycles of references."""
        registries = (self.handlers.leave, self.extensions.leave, self.processes.leave)
        told = (self.leave, self.timings.leave, self.faults.close, *registries)
        all_of((partial(_end, self.service), *told) if self._has_service() else told)

    def check_pushes(self) -> None:
        """Raise what other services met as a mistake of the test, when they sent something to a function."""
        if self._has_service() and (pushes := self.service.seldom.pushes.made) is not None:
            pushes.check()


def _end(service: LambdaService) -> None:
    all_of(
        (
            service.pool.close,
            partial(_await_threads, service),
            service.world.watch.close,
            service.seldom.polling.close,
            service.limits.leave,
        )
    )


def _await_threads(service: LambdaService) -> None:
    if left := service.pool.runtimes.await_end():
        _warn_of(left)


def _warn_of(left: list[str]) -> None:
    warnings.warn(
        f"the mock was left while code ran that cannot be ended: {', '.join(left)}\n"
        "  It goes on without a mock. Wait for it before you leave.",
        HungHandlerWarning,
        stacklevel=3,
    )


def _not_built(operation: str) -> OperationNotBuiltError:
    """Return the error for an *operation* that a client newer than our model may know."""
    return OperationNotBuiltError(
        f"{operation} is an operation that lambda_states_mock does not answer: {origin()} may be older than it.\n"
        f"  It answers: {', '.join(sorted(BUILT))}.\n"
        "  Upgrade lambda_states_mock, or stub this one call with botocore's Stubber."
    )
