"""A mock that lives in a disturbed world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambda_states_mock.api_calls import ApiCall
from lambda_states_mock.backend import Backend
from lambda_states_mock.chaos.deployers import Deployers
from lambda_states_mock.chaos.entries import Disturbance
from lambda_states_mock.chaos.moment import Moment
from lambda_states_mock.chaos.place import ChaosPlace
from lambda_states_mock.chaos.world import ChaosWorld
from lambda_states_mock.engine.call_faults import BrokenConnection, CallFault, CallPlace
from lambda_states_mock.engine.fault import Fault
from lambda_states_mock.engine.faults import Faults
from lambda_states_mock.engine.phase_faults import PhaseFault, PhasePlace
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service_errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Chaos:
    """What disturbs a mock: ``m.chaos``.

    Parameters: the *world*; the *backend* that lives in it.
    Attributes: *others*, the calls that somebody else has made; *deployers*, the code under test and second
    deployers; *roles_named*, when each role was first named.
    """

    def __init__(self, world: ChaosWorld, backend: Backend) -> None:
        self.world = world
        self.others: list[ApiCall] = []
        self.roles_named: dict[str, datetime] = {}
        self._left_alone = timedelta()
        self._rival: Callable[[], object] | None = None
        self.deployers = Deployers(backend.clock)
        self._backend = backend
        self._acting = False
        self._made = 0
        self._moments: list[Moment] = []
        self._scripted: list[tuple[Disturbance, Fault]] = []
        self._record = backend.calls.record
        backend.calls.record = self._note
        backend.before_call = self._before_call
        for entry in world:
            self._scripted += [(entry, fault) for fault in entry.faults(self)]

    def __repr__(self) -> str:
        return f"<Chaos of {self.world!r}>"

    @property
    def met(self) -> tuple[Disturbance, ...]:
        """The disturbances that the code under test has met by now."""
        return tuple(dict.fromkeys(entry for entry, fault in self._scripted if fault.called))

    @property
    def passed(self) -> timedelta:
        """For how long the code under test did nothing by now, since the world wants it."""
        return self._left_alone + self.deployers.delayed

    def end(self) -> None:
        """Let nothing go wrong from now on; what hangs ends well."""
        for _, fault in self._scripted:
            if isinstance(fault, PhaseFault):
                fault.release()
            fault.remove()
        self._moments.clear()

    def set_rival(self, rival: Callable[[], object]) -> None:
        """Let *rival* be what a second deployer does."""
        self._rival = rival

    # -- what disturbances are made of

    @property
    def all_faults(self) -> Faults:
        """The faults of the mock."""
        return self._backend.faults

    @property
    def now(self) -> datetime:
        """The virtual time."""
        return self._backend.clock.standing

    def counts(self, _params: Mapping[str, Any]) -> bool:
        """Return whether a call is one of the code under test."""
        return not self._is_another()

    def _is_another(self) -> bool:
        return self._acting or self.deployers.is_another()

    def _note(self, call: ApiCall) -> None:
        self._record(call)
        if self._is_another():
            self.others.append(call)

    def _before_call(self) -> None:
        if self._acting:
            return
        if not self.deployers.is_another():
            self._made += 1
            for moment in [one for one in self._moments if one.number == self._made]:
                moment.come()
        self.deployers.await_turn()

    def on_phase(self, phase: str, kind: str | None) -> PhasePlace:
        """Choose a phase, as `Faults.on_phase` does."""
        return self.all_faults.on_phase(phase, kind=kind)

    def on_call(self, operation: str) -> CallPlace:
        """Choose calls of the code under test."""
        self.all_faults.errors_of(operation)
        return ChaosPlace(self.all_faults, operation, None, self.counts)

    def add(self, fault: CallFault) -> CallFault:
        """Add *fault* to those of the mock, and return it."""
        self.all_faults.add(fault)
        return fault

    def before_call(self, number: int, what: str, act: Callable[[], None]) -> Moment:
        """Let *act* happen before the call *number* of the code under test, counted from 1."""
        moment = Moment(self.all_faults, number, what, act)
        self.all_faults.add(moment)
        self._moments.append(moment)
        return moment

    def let_pass(self, length: timedelta) -> None:
        """Let time pass, as if nobody did anything."""
        before = self.now
        self.deployers.finish()  # for the length of it, nobody does anything
        self.all_faults.let_pass(length)
        self._left_alone += self.now - before

    # -- what others do

    def functions(self) -> list[Version]:
        """Return ``$LATEST`` of each function that there is."""
        partitions = self._backend.service.store
        return [
            version
            for partition in partitions
            for function in partition.functions
            if (version := partition.version(function.name, LATEST)) is not None
        ]

    def state_of(self, version: Version) -> str | None:
        """Return the ``State`` of *version* as AWS shows it."""
        return self._backend.service.lifecycles.of(version.place, version.name, version.number).shown

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Let the calls within be none of the code under test."""
        before, self._acting = self._acting, True
        try:
            yield
        finally:
            self._acting = before

    def call_as_another(self, operation: str, params: Mapping[str, Any]) -> None:
        """Call *operation* as somebody else; what AWS refuses them is theirs to bear."""
        with self.undisturbed(), suppress(ServiceError, BrokenConnection):
            self._backend.call(operation, params)

    def answer_as_another(self, operation: str, params: Mapping[str, Any]) -> None:
        """Call *operation* as the network does that loses the answer. Raises ServiceError where AWS refuses it."""
        with self.undisturbed():
            self._backend.call(operation, params)

    def let_rival_deploy(self, calls: int | None, turns: Sequence[int]) -> None:
        """Let the second deployer begin, if there is one; *calls* and *turns* as in `Deployers.begin`."""
        if self._rival is not None:
            self.deployers.begin(self._rival, calls=calls, turns=turns)
