"""One world: every call of the API comes in here, from whichever adapter, under the one lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, overload

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.neighbours import Neighbours, NobodyBeside
from lambda_states_mock.dependencies.permissions import Permissions
from lambda_states_mock.dependencies.scripted_neighbours import ScriptedNeighbours
from lambda_states_mock.dependencies.world import World
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver
from lambda_states_mock.engine.faults import Faults
from lambda_states_mock.engine.timeline import Timeline
from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.errors import NamesWhatItHas, OperationNotBuiltError
from lambda_states_mock.execution import sleeping, trace_header
from lambda_states_mock.execution.extensions import Extensions
from lambda_states_mock.execution.handlers import Handlers
from lambda_states_mock.execution.initialisation import watch_snapshots
from lambda_states_mock.execution.pool import EnvironmentPool, Lifetimes
from lambda_states_mock.invocation.async_queue import AsyncQueue
from lambda_states_mock.invocation.function_urls import answer_url
from lambda_states_mock.invocation.url_format import UrlRequest, UrlResponse
from lambda_states_mock.lifecycles.functions import FunctionLifecycles
from lambda_states_mock.lifecycles.preconditions import Preconditions
from lambda_states_mock.lifecycles.registry import LifecycleRegistry
from lambda_states_mock.lifecycles.waking import Waking, waking_answer
from lambda_states_mock.operations import BUILT
from lambda_states_mock.resources.arn import Place, function_reference, partition_of
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.resources.past import Delay
from lambda_states_mock.service import Call, Invocation, LambdaService
from lambda_states_mock.service_errors import REQUEST_TOO_LARGE, ServiceError
from lambda_states_mock.shapes import callers
from lambda_states_mock.store import Store
from lambda_states_mock.wire import HttpRequest, HttpResponse, check, parse, route, serialise, serialise_error
from lambda_states_mock.wire.model import enum_of, is_service_fault, lambda_model, modelled_errors, operation_model


@dataclass(slots=True)
class ApiCall(NamesWhatItHas):
    """One API call that was answered.

    Attributes:
        operation: AWS's name of it; params: as parsed; at: when, on the virtual clock.
        response: the answer, or None where error is what was answered instead.
        broken: how the connection broke, by a fault, so that there was no answer at all; else None.
        account, region: where it went; request_id: as in the answer.
    """

    operation: str
    params: Mapping[str, Any]
    at: datetime
    account: str
    region: str
    request_id: str
    response: Mapping[str, Any] | None = None
    error: ServiceError | None = None
    broken: str | None = None

    def __repr__(self) -> str:
        outcome = self.broken or ("ok" if self.error is None else self.error.code)
        return f"<ApiCall {self.operation} {dict(self.params)!r} -> {outcome}>"


KEPT_CALLS = 10_000
"""Older ones are forgotten, so that hours of traffic fit into memory."""


class ApiCalls(Sequence[ApiCall]):
    """The API calls of a mock, in order: the latest `KEPT_CALLS`."""

    def __init__(self, calls: Iterable[ApiCall] = ()) -> None:
        self._calls = deque(calls, maxlen=KEPT_CALLS)

    def record(self, call: ApiCall) -> None:
        """Add *call* at the end."""
        self._calls.append(call)

    def of(self, operation: str) -> ApiCalls:
        """Return the calls of *operation*, e.g. ``"CreateFunction"``. Raises UnknownNameError for what is none."""
        operation_model(operation)
        return ApiCalls([call for call in self._calls if call.operation == operation])

    @property
    def operations(self) -> list[str]:
        """The operations' names, in order."""
        return [call.operation for call in self._calls]

    @overload
    def __getitem__(self, index: int) -> ApiCall: ...
    @overload
    def __getitem__(self, index: slice) -> ApiCalls: ...
    def __getitem__(self, index: int | slice) -> ApiCall | ApiCalls:
        if isinstance(index, slice):
            return ApiCalls(tuple(self._calls)[index])
        try:
            return self._calls[index]
        except IndexError:
            made = f"there were {len(self)}: {', '.join(self.operations)}" if self._calls else "there was none"
            raise IndexError(f"no call {index}: {made}") from None

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[ApiCall]:
        return iter(tuple(self._calls))

    def __repr__(self) -> str:
        return f"<ApiCalls {self.operations}>"


class Backend:
    """A world of Lambda functions.

    Parameters:
        clock: the virtual clock; its lock is the world's.
        chance: the source of ids and dice.
        timings: how long phases take.
        account, region: whose functions the timeline calls by their bare names, and where calls go by default.
        neighbours: the services beside Lambda; by default everything referred to exists.
        consistency: how late Get and List see changes.
        waking_error: by kind of function, the code of what Invoke answers while it wakes one.
    """

    def __init__(
        self,
        *,
        clock: VirtualClock,
        chance: Chance | None = None,
        timings: Timings | None = None,
        account: str = "123456789012",
        region: str = "us-east-1",
        neighbours: Neighbours | None = None,
        consistency: timedelta = timedelta(),
        waking_error: Mapping[str, str] | None = None,
    ) -> None:
        self.clock = clock
        self.chance = chance or Chance()
        self.timings = timings or Timings()
        self.home = Place(account, region)
        self.timeline = Timeline()
        self.calls = ApiCalls()
        self.handlers = Handlers()
        self.extensions = Extensions()
        store = Store(Delay(lambda: clock.now, consistency))
        driver = Driver(clock, self.timeline)
        self.faults = Faults(
            self.chance,
            state_codes=lambda: enum_of("StateReasonCode"),
            update_codes=lambda: enum_of("LastUpdateStatusReasonCode"),
            errors_of=modelled_errors,
            is_service_fault=is_service_fault,
        )
        self.faults.bind(driver)
        lifecycles = FunctionLifecycles(driver, store, self.chance, self.timings, self.home)
        lifecycles.waking = Waking(
            {
                kind: waking_answer(code, is_service_fault=is_service_fault(code))
                for kind, code in (waking_error or {}).items()
            }
        )
        caller = f"arn:{partition_of(region)}:iam::{account}:user/test"
        permissions = Permissions(caller, lambda: lambda_model().operation_names)
        self.world = World(lambda: clock.now, permissions)
        told = ScriptedNeighbours(neighbours or NobodyBeside(), self.world)
        self.service = LambdaService(
            store=store,
            driver=driver,
            lifecycles=lifecycles,
            registry=LifecycleRegistry(driver, self.timings, self.home),
            chance=self.chance,
            limits=Limits(),
            neighbours=told,
            world=self.world,
            preconditions=Preconditions(self.world, lifecycles, store, told),
            handlers=self.handlers,
            pool=EnvironmentPool(
                clock=clock,
                chance=self.chance,
                handlers=self.handlers,
                extensions=self.extensions,
                lifetimes_of=lambda spec: _lifetimes(
                    lifecycles.timings_of(Place(spec.account, spec.region), spec.name)
                ),
            ),
            queue=AsyncQueue(clock),
        )
        watch_snapshots(self.service)

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
    ) -> HttpResponse:
        """Answer an HTTP request.

        Parameters: *operation*, where the adapter knows it; *region* and *account*, of the caller.
        Raises only mistakes of the test author; what AWS would answer is in the response.
        """
        with self.clock.lock:
            self.clock.catch_up()
            request_id = self.chance.uuid()
            now = self.clock.standing
            try:
                operation = operation or route(request)
                self._check_size(operation, request)
                params = parse(operation, request)
                trace = request.header(trace_header.HEADER) if operation.startswith("Invoke") else None
                result = self._answer(operation, params, request_id, account, region, trace)
                response = serialise(operation, result, request_id=request_id, now=self.clock.standing)
            except ServiceError as error:
                response = serialise_error(operation, error, request_id=request_id, now=now)
            self.clock.advance(0)  # what ends with the call, ends when it has been answered
            return response

    def answer_url(self, host: str, request: UrlRequest, *, account: str | None = None) -> UrlResponse:
        """Answer a request to the function URL *host*; *account*, of whoever signed it. As `handle`, it raises only
        mistakes of the test author.
        """
        with self.clock.lock:
            self.clock.catch_up()
            driver = self.service.driver
            cause, driver.cause = driver.cause, "function URL"
            try:
                return answer_url(self.service, host, request, account=account or self.home.account)
            finally:
                driver.cause = cause
                self.clock.advance(0)

    def _check_size(self, operation: str, request: HttpRequest) -> None:
        limit = self.limits.request_bytes_of(operation)
        if limit is not None and len(request.body) >= limit:
            raise REQUEST_TOO_LARGE.error(limit=limit, operation=operation)

    def call(
        self,
        operation: str,
        params: Mapping[str, Any],
        *,
        region: str | None = None,
        account: str | None = None,
    ) -> Mapping[str, Any]:
        """Answer *operation* with *params*, without HTTP. Raises ServiceError for what AWS refuses."""
        with self.clock.lock:
            self.clock.catch_up()
            try:
                return self._answer(operation, params, self.chance.uuid(), account, region)
            finally:
                self.clock.advance(0)

    def _answer(
        self,
        operation: str,
        params: Mapping[str, Any],
        request_id: str,
        account: str | None,
        region: str | None,
        trace: str | None = None,
    ) -> Mapping[str, Any]:
        if not operation.startswith("Invoke"):
            sleeping.rejoin(self.clock)  # a detached run wants to see the world as it is by now
        place = Place(account or self.home.account, region or self.home.region)
        record = ApiCall(operation, params, self.clock.standing, place.account, place.region, request_id)
        self.calls.record(record)
        driver = self.service.driver
        cause, driver.cause = driver.cause, operation
        try:
            answer = BUILT.get(operation)
            if answer is None:
                raise OperationNotBuiltError(
                    f"{operation} is an operation of AWS Lambda that lambda_states_mock does not answer yet.\n"
                    f"  It answers: {', '.join(sorted(BUILT))}.\n"
                    "  Stub this one call with botocore's Stubber, or ask for it."
                )
            self.faults.meet(operation, params)
            callers.check_rate(self.service, operation, place)
            self._authorize(operation, params, place)
            check(operation, params)
            response = answer(Call(self.service, place, self.clock.standing, request_id, operation, trace), params)
        except ServiceError as error:
            record.error = error
            raise
        except BrokenConnection as broken:
            record.broken = broken.how
            raise
        finally:
            driver.cause = cause
        record.response = response
        return response

    def _authorize(self, operation: str, params: Mapping[str, Any], place: Place) -> None:
        reference = function_reference(str(params.get("FunctionName", "")))
        if reference is None:
            self.world.permissions.check(operation, "*")
            return
        arn = place.function_arn(reference.name, reference.qualifier or params.get("Qualifier"))
        self.world.permissions.check(operation, arn, reference.name)
        callers.check_other_account(self.service, operation, place, params, home=self.home)

    def invocations(self, name: str) -> list[Invocation]:
        """Return the runs of function *name*, all versions and attempts, in order."""
        return [invocation for invocation in tuple(self.service.invocations) if invocation.function == name]

    def route(self, target: str, to: str | int | Iterable[str | int]) -> None:
        """Let invocations of an alias reach what `LambdaMock.route` says. Raises ValueError for no alias."""
        reference = function_reference(target)
        if reference is None or reference.qualifier is None:
            raise ValueError(f'no alias is named by {target!r}: give the function and its alias, as "orders:live"')
        place = Place(reference.account or self.home.account, reference.region or self.home.region)
        with self.clock.lock:
            self.service.routes.set(place, reference.name, reference.qualifier, to)

    def close(self) -> None:
        """Leave nothing behind: folders, modules, cycles of references."""
        self.service.pool.close()
        self.service.preconditions.close()
        self.faults.unbind()


def _lifetimes(timings: Timings) -> Lifetimes:
    return Lifetimes(timings.of("spin_down", "zip"), timings.of("recycle", "zip"))
