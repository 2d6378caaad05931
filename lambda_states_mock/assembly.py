"""How a mock is put together: every collaborator is made here, from the ground up, and given to those that need it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from lambda_states_mock.api_model import is_service_fault, lambda_model
from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.neighbours import Neighbours
from lambda_states_mock.dependencies.permissions import Permissions
from lambda_states_mock.dependencies.role_sessions import RoleSessions
from lambda_states_mock.dependencies.scripted_neighbours import ScriptedNeighbours
from lambda_states_mock.dependencies.world import World
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver
from lambda_states_mock.engine.faults import Faults
from lambda_states_mock.engine.hints import Hints
from lambda_states_mock.engine.timeline import Changes
from lambda_states_mock.engine.timings import FunctionTimings, Timings
from lambda_states_mock.event_sources.beside import SourcesBeside
from lambda_states_mock.execution.extensions import Extensions
from lambda_states_mock.execution.function_threads import role_session_of_this_thread
from lambda_states_mock.execution.handlers import Handlers
from lambda_states_mock.execution.hang_guard import HangGuard
from lambda_states_mock.execution.initialisation import Initialisation
from lambda_states_mock.execution.pool import EnvironmentPool
from lambda_states_mock.execution.runtimes.choice import ProcessChoices
from lambda_states_mock.execution.runtimes.chosen import ChosenRuntimes
from lambda_states_mock.invocation.admission import Admission
from lambda_states_mock.invocation.async_events import AsyncInvocations
from lambda_states_mock.invocation.concurrency import Concurrency, TokenBuckets
from lambda_states_mock.invocation.destinations import Destinations
from lambda_states_mock.invocation.known_names import KnownNames
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.invocation.record import InvocationRecords
from lambda_states_mock.invocation.routing import Routing
from lambda_states_mock.invocation.run import Runner
from lambda_states_mock.leaving import weakly
from lambda_states_mock.lifecycles.capacity import Capacity
from lambda_states_mock.lifecycles.functions import FunctionLifecycles
from lambda_states_mock.lifecycles.network_interfaces import NetworkInterfaces
from lambda_states_mock.lifecycles.preconditions import Preconditions
from lambda_states_mock.lifecycles.provisioned_concurrency import ProvisionedLifecycles
from lambda_states_mock.lifecycles.registry import LifecycleRegistry
from lambda_states_mock.lifecycles.waking import Waking, waking_answer
from lambda_states_mock.made_later import MadeLater
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.service import Callers, LambdaService, Polling, SeldomNeeded
from lambda_states_mock.store import Delay, Store

if TYPE_CHECKING:
    from lambda_states_mock.event_sources.pollers import Pollers
    from lambda_states_mock.event_sources.pushes import Pushes
    from lambda_states_mock.event_sources.sources import Sources
    from lambda_states_mock.execution.runtimes.processes.making import ProcessRuntimes
    from lambda_states_mock.execution.runtimes.runtime import Runtimes
    from lambda_states_mock.invocation.durable.execution import DurableRuns
    from lambda_states_mock.invocation.function_urls import FunctionUrls
    from lambda_states_mock.resources.event_source_mapping import EventSourceMapping


def assemble(
    *,
    clock: VirtualClock,
    chance: Chance,
    timings: Timings,
    state_changes: Changes,
    faults: Faults,
    handlers: Handlers,
    extensions: Extensions,
    home: Place,
    neighbours: Neighbours,
    sources_beside: Callable[[], SourcesBeside],
    consistency: timedelta,
    waking_error: Mapping[str, str],
    hints: Hints,
    processes: ProcessChoices,
    make_processes: Callable[[RoleSessions], ProcessRuntimes],
) -> LambdaService:
    """Return all that stands behind the API. Parameters: as `Backend`, and the parts that a test handles directly."""
    driver = Driver(clock, state_changes, faults)
    store = Store(Delay(lambda: clock.now, consistency))
    limits = Limits()
    registry = LifecycleRegistry(driver, timings, home)
    paces = FunctionTimings(timings)

    operation_names, inside = lambda: lambda_model().operation_names, role_session_of_this_thread
    world = World(lambda: clock.now, Permissions(home.user_arn(), operation_names, inside), hints.give)

    def make_polling() -> tuple[Sources, Pollers]:
        from lambda_states_mock.event_sources.dispatcher import Dispatcher  # few tests need all of this
        from lambda_states_mock.event_sources.pollers import Pollers
        from lambda_states_mock.event_sources.polling import PollingTools
        from lambda_states_mock.event_sources.sources import Sources

        sources = Sources(clock, chance, sources_beside())
        dispatcher = Dispatcher(clock, chance, store, limits, admission, runner, durable)
        tools = PollingTools(clock, chance, faults, dispatcher, partial(_poll_latency, paces))
        lose = partial(_lose_source, registry)
        return sources, Pollers(tools, sources, state_changes, paces, metrics, destinations, lose)

    polling = Polling(clock.lock, make_polling)
    scripted = ScriptedNeighbours(neighbours, world, weakly(polling.deliver))  # it holds who delivers

    sessions = RoleSessions(chance)
    callers = Callers(sessions, scripted, world.permissions, home)

    def make_imitation() -> Runtimes:
        from lambda_states_mock.execution.runtimes.in_process.runtime import InProcessRuntimes

        return InProcessRuntimes(clock, sessions)

    in_processes = MadeLater(clock.lock, partial(make_processes, sessions))
    runtimes = ChosenRuntimes(MadeLater(clock.lock, make_imitation), processes, in_processes)
    pool = EnvironmentPool(
        driver=driver,
        chance=chance,
        handlers=handlers,
        runtimes=runtimes,
        extensions=extensions,
        timings=paces,
        hang_guard=HangGuard(clock, clock.turns.hang_after),
    )
    initialisation = Initialisation(pool)
    interfaces = NetworkInterfaces(driver, timings)
    preconditions = Preconditions(world, scripted, interfaces, paces, initialisation.snapshot, Capacity(store).unmet)
    waking = Waking(
        {kind: waking_answer(code, is_service_fault=is_service_fault(code)) for kind, code in waking_error.items()}
    )
    lifecycles = FunctionLifecycles(driver, store, chance, paces, home, interfaces, preconditions, waking)
    world.watch.observe(lifecycles.lose_artifact)
    provisioned = ProvisionedLifecycles(registry, paces, chance, limits, initialisation)

    known = KnownNames(store, handlers)
    metrics = Metrics(neighbours.put_metrics, known.check)
    records = InvocationRecords(metrics, neighbours)
    routing, buckets = Routing(chance), TokenBuckets()
    concurrency = Concurrency(store, pool, provisioned, limits, buckets, metrics)
    admission = Admission(clock, limits, routing, lifecycles, pool, preconditions, world.watch, concurrency, metrics)
    runner = Runner(clock, admission, pool, records)
    destinations = Destinations(clock, chance, scripted, metrics)

    def make_durable() -> DurableRuns:
        from lambda_states_mock.invocation.durable.execution import DurableRuns

        return DurableRuns(driver, registry, paces, limits, chance, admission, runner, faults, destinations)

    durable = MadeLater(clock.lock, make_durable)
    events = AsyncInvocations(
        clock, chance, store, admission, runner, world.permissions, metrics, destinations, durable
    )

    def make_pushes() -> Pushes:
        from lambda_states_mock.event_sources.pushes import Pushes

        of_driver = clock, chance, driver.causes, store, limits, world, known, admission
        return Pushes(home, *of_driver, events, runner, durable, hints)

    def make_urls() -> FunctionUrls:
        from lambda_states_mock.invocation.function_urls import FunctionUrls

        return FunctionUrls(store, world, limits, chance, clock, admission, runner, durable, callers.caller, hints)

    return LambdaService(
        store=store,
        driver=driver,
        chance=chance,
        limits=limits,
        world=world,
        callers=callers,
        neighbours=scripted,
        timings=paces,
        lifecycles=lifecycles,
        registry=registry,
        provisioned=provisioned,
        preconditions=preconditions,
        pool=pool,
        buckets=buckets,
        metrics=metrics,
        known=known,
        routing=routing,
        admission=admission,
        runner=runner,
        records=records,
        events=events,
        hints=hints,
        seldom=SeldomNeeded(
            durable=durable,
            polling=polling,
            pushes=MadeLater(clock.lock, make_pushes),
            urls=MadeLater(clock.lock, make_urls),
        ),
    )


def _poll_latency(timings: FunctionTimings, mapping: EventSourceMapping) -> timedelta:
    return timings.of(mapping.place, mapping.function.partition(":")[0]).of("poll", mapping.source.kind.name)


def _lose_source(registry: LifecycleRegistry, mapping: EventSourceMapping) -> None:
    from lambda_states_mock.states.event_source_mapping import EVENT_SOURCE_MAPPING, MappingEvent

    registry.fire(EVENT_SOURCE_MAPPING, mapping.arn, MappingEvent.SOURCE_LOST)
