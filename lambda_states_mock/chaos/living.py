"""A mock that lives in a disturbed world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambda_states_mock.api_calls import ApiCall
from lambda_states_mock.backend import Backend
from lambda_states_mock.chaos.entries import Disturbance
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


class _RivalIsStopped(BaseException):
    """A second deployer has made as many calls as it may."""


class Chaos:
    """What disturbs a mock: ``m.chaos``.

    Parameters: the *world*; the *backend* that lives in it.
    Attributes: *others*, the calls that somebody else has made; *passed*, the spans of time that it let pass;
    *rival*, what a second deployer does, if there is one.
    """

    def __init__(self, world: ChaosWorld, backend: Backend) -> None:
        self.world = world
        self.others: list[ApiCall] = []
        self.passed: list[tuple[datetime, datetime]] = []
        self._rival: Callable[[], object] | None = None
        self._backend = backend
        self._acting = False
        self._scripted: list[tuple[Disturbance, Fault]] = []
        for entry in world:
            self._scripted += [(entry, fault) for fault in entry.faults(self)]

    def __repr__(self) -> str:
        return f"<Chaos of {self.world!r}>"

    @property
    def met(self) -> tuple[Disturbance, ...]:
        """The disturbances that the code under test has met by now."""
        return tuple(dict.fromkeys(entry for entry, fault in self._scripted if fault.called))

    def end(self) -> None:
        """Let nothing go wrong from now on; what hangs ends well."""
        for _, fault in self._scripted:
            if isinstance(fault, PhaseFault):
                fault.release()
            fault.remove()

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
        return not self._acting

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

    def before_call(self, number: int, what: str, act: Callable[[], None]) -> CallFault:
        """Let *act* happen before the call *number* of the code under test, counted from 1."""
        place = ChaosPlace(self.all_faults, "*", number, self.counts)
        return self.add(CallFault(place, what, act, times=1, required=False))

    def let_pass(self, length: timedelta) -> None:
        """Let time pass, as if nobody did anything."""
        before = self.now
        self.all_faults.let_pass(length)
        self.passed.append((before, self.now))

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

    @contextmanager
    def _as_another(self) -> Iterator[None]:
        recorded = len(self._backend.calls)
        with self.undisturbed():
            try:
                yield
            finally:
                self.others += self._backend.calls[recorded:]

    def call_as_another(self, operation: str, params: Mapping[str, Any]) -> None:
        """Call *operation* as somebody else; what AWS refuses them is theirs to bear."""
        with self._as_another(), suppress(ServiceError, BrokenConnection):
            self._backend.call(operation, params)

    def answer_as_another(self, operation: str, params: Mapping[str, Any]) -> None:
        """Call *operation* as the network does that loses the answer. Raises ServiceError where AWS refuses it."""
        with self._as_another():
            self._backend.call(operation, params)

    def let_rival_deploy(self, calls: int | None) -> None:
        """Let the second deployer make its first *calls*; what it raises is its own."""
        if self._rival is None:
            return

        def stop() -> None:
            raise _RivalIsStopped

        last = None
        if calls is not None:
            place = ChaosPlace(self.all_faults, "*", calls + 1, lambda _params: True)
            last = self.add(CallFault(place, "the second deployer stops", stop, times=1, required=False))
        try:
            with self._as_another(), suppress(Exception, _RivalIsStopped):
                self._rival()
        finally:
            if last is not None:
                last.remove()
