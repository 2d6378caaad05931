"""What stands behind the API: the collaborators of a mock, and one call into it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lambda_states_mock.dependencies.neighbours import Neighbours
from lambda_states_mock.dependencies.permissions import Permissions
from lambda_states_mock.dependencies.role_sessions import RoleSessions
from lambda_states_mock.dependencies.world import World
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver
from lambda_states_mock.engine.hints import Hints
from lambda_states_mock.engine.timings import FunctionTimings
from lambda_states_mock.execution.function_threads import OWNERS, RUNNING
from lambda_states_mock.execution.pool import EnvironmentPool
from lambda_states_mock.invocation.admission import Admission
from lambda_states_mock.invocation.async_events import AsyncInvocations
from lambda_states_mock.invocation.concurrency import TokenBuckets
from lambda_states_mock.invocation.known_names import KnownNames
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.invocation.record import InvocationRecords
from lambda_states_mock.invocation.routing import Routing
from lambda_states_mock.invocation.run import Runner
from lambda_states_mock.lifecycles.functions import FunctionLifecycles, Shown
from lambda_states_mock.lifecycles.preconditions import Preconditions
from lambda_states_mock.lifecycles.provisioned_concurrency import ProvisionedLifecycles
from lambda_states_mock.lifecycles.registry import LifecycleRegistry
from lambda_states_mock.made_later import MadeLater
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place, function_reference
from lambda_states_mock.resources.function import Version
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.service_errors import FUNCTION_ELSEWHERE, FUNCTION_NOT_FOUND, QUALIFIER_MISMATCH
from lambda_states_mock.store import Partition, Store

if TYPE_CHECKING:
    from lambda_states_mock.event_sources.pollers import Pollers
    from lambda_states_mock.event_sources.pushes import Pushes
    from lambda_states_mock.event_sources.sources import Sources
    from lambda_states_mock.invocation.durable.execution import DurableRuns
    from lambda_states_mock.invocation.function_urls import FunctionUrls
    from lambda_states_mock.resources.message import Message

View = dict[str, Any]
Params = Mapping[str, Any]


@dataclass(eq=False, slots=True)
class Callers:
    """Knows who has which credentials.

    Parameters: *sessions*, of the roles of functions; *neighbours*, of which STS and IAM give out credentials, too;
    *permissions*, which say who calls with credentials that nobody knows; *home*, where those are.
    """

    sessions: RoleSessions
    neighbours: Neighbours
    permissions: Permissions
    home: Place

    def caller(self, access_key: str | None, account: str | None, region: str | None) -> tuple[Place, str]:
        """Return where a request with *access_key* goes, None for one without any; and the ARN of who sends it.

        A key that nobody has given out says nothing: code of a function then acts as its role.

        Parameters: *account*, in place of the one that the key tells; *region*, of the client.
        """
        identity, home = None, self.home
        if access_key is not None:
            identity = self.sessions.of(access_key) or self.neighbours.identity_of(access_key)
        if identity is None and (owners := getattr(RUNNING.thread, OWNERS, ())):
            identity = owners[-1].session
        if identity is not None and account in (None, identity.account):
            return Place(identity.account, region or home.region), identity.arn
        place = Place(account or home.account, region or home.region)
        return place, self.permissions.outside if place.account == home.account else place.user_arn()


class Polling(MadeLater["tuple[Sources, Pollers]"]):
    """The sources of mappings and what polls them."""

    __slots__ = ("__weakref__",)

    def deliver(self, message: Message) -> bool:
        """Take a message to a queue of the test; False where it is none of ours."""
        return self()[0].deliver(message)

    def close(self) -> None:
        """Let go of whoever watches."""
        if self.made is not None:
            self.made[0].close()


@dataclass(eq=False, slots=True, kw_only=True)
class SeldomNeeded:
    """What few tests need."""

    durable: MadeLater[DurableRuns]
    polling: Polling
    pushes: MadeLater[Pushes]
    urls: MadeLater[FunctionUrls]


@dataclass(eq=False, slots=True, kw_only=True)
class LambdaService:
    """All that a mock holds, except HTTP."""

    store: Store
    driver: Driver
    chance: Chance
    limits: Limits
    world: World
    callers: Callers
    neighbours: Neighbours
    timings: FunctionTimings
    lifecycles: FunctionLifecycles
    registry: LifecycleRegistry
    provisioned: ProvisionedLifecycles
    preconditions: Preconditions
    pool: EnvironmentPool
    buckets: TokenBuckets
    metrics: Metrics
    known: KnownNames
    routing: Routing
    admission: Admission
    runner: Runner
    records: InvocationRecords
    events: AsyncInvocations
    hints: Hints
    seldom: SeldomNeeded

    @property
    def durable(self) -> DurableRuns:
        """What durable executions go on with."""
        return self.seldom.durable()

    @property
    def sources(self) -> Sources:
        """The queues and streams of mappings."""
        return self.seldom.polling()[0]

    @property
    def pollers(self) -> Pollers:
        """What polls them."""
        return self.seldom.polling()[1]

    @property
    def pushes(self) -> Pushes:
        """Where other services send what they have for functions."""
        return self.seldom.pushes()

    @property
    def urls(self) -> FunctionUrls:
        """What answers requests to function URLs."""
        return self.seldom.urls()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API: by whom, where and when. *request_id* is the answer's ``x-amzn-RequestId``,
    *trace* the header of the chain of requests to which it belongs, *caller* the ARN of who calls.
    """

    service: LambdaService
    place: Place
    now: datetime
    request_id: str
    operation: str
    trace: str | None = None
    caller: str = ""

    @property
    def partition(self) -> Partition:
        return self.at(self.place)

    @property
    def reads(self) -> bool:
        """Whether it only reads, and so sees changes as late as readers do."""
        return self.operation.startswith(("Get", "List"))

    def at(self, place: Place) -> Partition:
        """Return the partition of *place* as this call sees it."""
        return self.service.store.seen_at(place) if self.reads else self.service.store.at(place)

    def shown(self, version: Version) -> Shown:
        """Return the state of *version* as this call sees it."""
        return self.service.lifecycles.shown(version, self.service.store.seen if self.reads else None)

    def named(self, params: Params, *, qualifier: str | None = None) -> ResolvedName:
        """Return what *params* name by FunctionName and Qualifier; *qualifier*, in place of the parameter.

        Raises InvalidParameterValueException where the name's qualifier and the parameter disagree.
        """
        return self.reference(params["FunctionName"], qualifier or params.get("Qualifier"))

    def reference(self, text: str, qualifier: str | None = None) -> ResolvedName:
        """Return what *text*, a name or ARN, and *qualifier* name. Raises as `named`, and ResourceNotFoundException."""
        parsed = function_reference(text)
        if parsed is None:
            raise FUNCTION_NOT_FOUND.error(arn=self.place.function_arn(text, qualifier))
        if parsed.qualifier and qualifier and parsed.qualifier != qualifier:
            raise QUALIFIER_MISMATCH.error()
        if parsed.region and parsed.region != self.place.region:
            raise FUNCTION_ELSEWHERE.error(there=parsed.region, here=self.place.region)
        place = Place(parsed.account or self.place.account, self.place.region)
        return ResolvedName(self.at(place), parsed.name, parsed.qualifier or qualifier)
