"""One run of a function: from its admission to its record."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.execution.pool import EnvironmentPool
from lambda_states_mock.execution.sleeping import unlocked
from lambda_states_mock.invocation.admission import Admission, Entered, Received
from lambda_states_mock.invocation.record import Invocation, InvocationRecords
from lambda_states_mock.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from lambda_states_mock.execution.outcome import Outcome


@dataclass(eq=False, slots=True)
class Runner:
    """Runs what *admission* lets in, in an environment of *pool*, and keeps a record of it."""

    clock: VirtualClock
    admission: Admission
    pool: EnvironmentPool
    records: InvocationRecords

    def run(self, received: Received, *, kind: str = "RequestResponse", attempt: int = 1) -> Outcome:
        """Run *received* once, keep a record of it, and return how it went.

        Parameters: *kind*, ``RequestResponse`` or ``Event``; *attempt*, 1 for the first.

        Raises what `Admission` answers where it cannot run now.
        """
        return self.start(received, self.admission.enter(received), kind=kind, attempt=attempt)

    def start(
        self, received: Received, entered: Entered, *, kind: str = "RequestResponse", attempt: int = 1
    ) -> Outcome:
        """As `run`, for what has been let in by `Admission.enter` already."""
        clock, version = self.clock, received.version
        with clock.lock:
            spec, free = self.admission.reserve(received, entered, is_synchronous=kind == "RequestResponse")
            start = self.pool.begin(
                spec,
                entered.handler,
                received.event,
                payload=received.payload,
                request_id=received.request_id,
                client_context=received.client_context,
                trace=received.trace,
                streams=received.streams,
                environment=free,
            )
        with unlocked(clock):
            outcome = start()
        ran = version.name, version.number, spec.invoked_arn
        asked, place, tenant = received.request_id, version.place, received.tenant
        invocation = Invocation(*ran, received.payload, outcome, asked, kind, attempt, place, tenant)
        if outcome.ended <= clock.standing:
            self.records.keep(spec, invocation)
        else:  # it ran detached: the clock has still to come to its end
            label = f"{spec.version.name} invocation ends"
            clock.call_at(outcome.ended, partial(self.records.keep, spec, invocation), label=label)
        return outcome
