"""Services that invoke functions by themselves: they push, where the sources of mappings are polled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import NamedTuple

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.policies import Decision, Principal, Request, evaluate
from lambda_states_mock.dependencies.world import World
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Causes
from lambda_states_mock.engine.hints import Hints
from lambda_states_mock.execution import sleeping
from lambda_states_mock.invocation.admission import Admission, Received
from lambda_states_mock.invocation.async_events import AsyncInvocations
from lambda_states_mock.invocation.durable.execution import DurableRuns
from lambda_states_mock.invocation.durable.invoke import invoke_durable
from lambda_states_mock.invocation.known_names import KnownNames
from lambda_states_mock.invocation.names import ResolvedName, named_in
from lambda_states_mock.invocation.run import Runner
from lambda_states_mock.made_later import MadeLater
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.service_errors import FUNCTION_NOT_FOUND, NO_POLICY_ALLOWS, ServiceError
from lambda_states_mock.store import Store


class Pusher(NamedTuple):
    """Who pushes.

    Parameters: *name*, as the timeline and messages call it; *service*, its principal in policies; *source*, the ARN
    that they are asked for as ``aws:SourceArn``, and *account*, as ``aws:SourceAccount``; *has_role*: it invokes with a
    role, or with the credentials of whoever configured it, so that the function's policy need not name it.
    """

    name: str
    service: str
    source: str | None = None
    account: str | None = None
    has_role: bool = False


class Replied(NamedTuple):
    """What a function has answered to a service that waits for it. *function_error* as in Invoke's answer."""

    payload: bytes
    function_error: str | None


class PushRefusedError(Exception):
    """Lambda has not taken an event. Parameters: *error*, what it answered."""

    def __init__(self, error: ServiceError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(eq=False)
class Pushes:
    """Takes what other services send to functions. Parameters: *home*, where a function is that is named barely."""

    home: Place
    clock: VirtualClock
    chance: Chance
    causes: Causes
    store: Store
    limits: Limits
    world: World
    known: KnownNames
    admission: Admission
    events: AsyncInvocations
    runner: Runner
    durable: MadeLater[DurableRuns]
    hints: Hints

    def __post_init__(self) -> None:
        self._mistakes: list[BaseException] = []
        self._numbers = count()

    def send(self, pusher: Pusher, function_arn: str, event: bytes, *, trace: str | None = None) -> None:
        """Put *event* into the queue of asynchronous invocations; what is due at once has happened afterwards.

        Raises PushRefusedError where Lambda does not take it. A mistake of the test is not raised into the service that
        pushes, which may swallow it: see `keep`.
        """
        with self._pushing(pusher, function_arn):
            received = self._received(pusher, function_arn, event, trace, is_queued=True)
            if received.version.configuration.durable is not None:
                invoke_durable(self.durable(), received, name=None, waits=False)
            else:
                self.events.accept(received)

    def ask(self, pusher: Pusher, function_arn: str, event: bytes, *, trace: str | None = None) -> Replied | None:
        """Invoke synchronously, and return how it went; None after a mistake of the test. Otherwise as `send`."""
        with self._pushing(pusher, function_arn):
            received = self._received(pusher, function_arn, event, trace, is_queued=False)
            if received.version.configuration.durable is not None:
                answer = invoke_durable(self.durable(), received, name=None, waits=True)
                return Replied(answer["Payload"], answer.get("FunctionError"))
            outcome = self.runner.run(received)
            return Replied(outcome.payload, outcome.function_error)
        return None

    def number(self) -> int:
        """Return a number that tells apart, in their order, what services report in one instant."""
        return next(self._numbers)

    def target(self, function_arn: str, home: Place) -> ResolvedName | None:
        """Return what *function_arn* names, or None where there is no such function, version or alias.

        Parameters: *home*, the place of a bare name.
        """
        target = named_in(self.store, function_arn, home)
        try:
            if target is not None:
                target.version()
        except ServiceError:
            return None
        return target

    @property
    def asks_for_permissions(self) -> bool:
        """Whether a service needs a permission of the function to invoke it."""
        return self.world.require_source_permissions

    def check_permission(self, pusher: Pusher, target: ResolvedName) -> None:
        """Raise AccessDeniedException where sources need a permission, and the function's policy gives none."""
        if pusher.has_role or not self.asks_for_permissions:
            return
        policy = target.partition.policies.get((target.name, target.qualifier or ""))
        keys = {"aws:SourceArn": pusher.source, "aws:SourceAccount": pusher.account}
        request = Request(
            "lambda:InvokeFunction",
            target.arn,
            Principal(service=pusher.service),
            {key: value for key, value in keys.items() if value is not None},
        )
        if evaluate(policy.statements if policy is not None else (), request) is not Decision.ALLOWED:
            raise NO_POLICY_ALLOWS.error(caller=pusher.service, action=request.action, resource=request.resource)

    # -- mistakes of the test

    def keep(self, mistake: BaseException, pusher: Pusher, function_arn: str) -> None:
        """Keep *mistake* until the clock moves next, or the mock ends: it is raised there."""
        if hasattr(mistake, "add_note"):  # Python 3.11
            mistake.add_note(f"It came up when {pusher.name} invoked {function_arn}.")
        self._mistakes.append(mistake)
        self.clock.call_later(0, self.check, label=f"mistake of the test, met by {pusher.name}")

    def check(self) -> None:
        """Raise the first mistake that was kept and not raised yet."""
        if self._mistakes:
            raise self._mistakes.pop(0)

    # -- within

    @contextmanager
    def _pushing(self, pusher: Pusher, function_arn: str) -> Iterator[None]:
        with self.clock.lock:
            try:
                self.clock.catch_up()
                begun = self.clock.scheduled
                try:
                    with self.causes.by(pusher.name):
                        yield
                except ServiceError as error:
                    self.hints.give(_why_refused(pusher, function_arn, error))
                    raise PushRefusedError(error) from None
                if not sleeping.runs_here(self.clock):
                    self.clock.settle(begun)
            except PushRefusedError:
                raise
            except Exception as mistake:
                self.keep(mistake, pusher, function_arn)

    def _received(
        self, pusher: Pusher, function_arn: str, event: bytes, trace: str | None, *, is_queued: bool
    ) -> Received:
        target = named_in(self.store, function_arn, self.home)
        if target is None:
            raise FUNCTION_NOT_FOUND.error(arn=function_arn)
        self.known.check(target.name, account=target.place.account, region=target.place.region)
        self.check_permission(pusher, target)
        return self.admission.receive(
            target,
            event,
            request_id=self.chance.uuid(),
            size=self.limits.async_payload_bytes if is_queued else self.limits.sync_payload_bytes,
            trace=trace,
            is_queued=is_queued,
        )


def _why_refused(pusher: Pusher, function_arn: str, error: ServiceError) -> str:
    told = f"{pusher.name} did not invoke {function_arn}: {error.code}: {error.message}".rstrip(": ")
    if error.code != NO_POLICY_ALLOWS.code:
        return told
    source = f', SourceArn="{pusher.source}"' if pusher.source is not None else ""
    return (
        f"{told}\n"
        f'  Give it a permission: add_permission(FunctionName="{function_arn}", StatementId="source",'
        f' Action="lambda:InvokeFunction", Principal="{pusher.service}"{source}),'
        " or let m.world.require_source_permissions be False."
    )
