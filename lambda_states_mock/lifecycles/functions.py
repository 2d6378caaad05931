"""The lifecycles of functions and versions: their state machines, and what their moves change in the store."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime
from typing import Any

from lambda_states_mock.dependencies.artifacts import Artifact
from lambda_states_mock.dependencies.things import Thing
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver, StateMachine
from lambda_states_mock.engine.timings import FunctionTimings
from lambda_states_mock.lifecycles.network_interfaces import NetworkInterfaces, pair_of
from lambda_states_mock.lifecycles.preconditions import Preconditions
from lambda_states_mock.lifecycles.waking import Waking
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import LATEST, Place
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service_errors import (
    INVOKED_IN_STATE,
    NO_PUBLISHED_VERSION,
    SNAPSHOTS_IN_PROGRESS,
    ErrorTemplate,
)
from lambda_states_mock.states import last_update, reasons, scaling
from lambda_states_mock.states.function import (
    FUNCTION,
    VERSION,
    FunctionEvent,
    FunctionState,
    change_event,
    failure_event,
)
from lambda_states_mock.states.last_update import LAST_UPDATE, UpdateState
from lambda_states_mock.states.lifecycle import Reason
from lambda_states_mock.states.network_interface import InterfaceEvent
from lambda_states_mock.states.scaling import ScalingState
from lambda_states_mock.store import Store

StateOfFunction = StateMachine[FunctionState, FunctionEvent]
UpdateOfFunction = StateMachine[UpdateState, last_update.UpdateEvent]
ScalingMachine = StateMachine[ScalingState, scaling.ScalingEvent]
Key = tuple[Place, str, str]


@dataclass(slots=True, eq=False)
class FunctionLifecycle:
    """A version's life: its *state*, for ``$LATEST`` its last *update*, and on a capacity provider its *scaling*."""

    state: StateOfFunction
    update: UpdateOfFunction | None = None
    scaling: ScalingMachine | None = None

    @property
    def shown(self) -> str | None:
        """State as AWS shows it: that of its scaling on a capacity provider hides its own, until it is deleted."""
        if self.state.state in (FunctionState.DRAINING, FunctionState.DELETING):
            return self.state.shown
        return (self.scaling.shown if self.scaling is not None else None) or self.state.shown

    @property
    def last_update_status(self) -> str | None:
        """LastUpdateStatus as AWS shows it: of a published version, Successful once it was made."""
        if self.update is not None:
            return self.update.shown
        made = self.state.state not in (
            FunctionState.ABSENT,
            FunctionState.CREATING,
            FunctionState.FAILED,
            FunctionState.ARTIFACT_FAILED,
        )
        return "Successful" if made else None

    def at(self, moment: datetime | None = None) -> Shown:
        """Return what AWS shows of it at *moment*; None: now."""
        if moment is None:
            reason = self.update.reason if self.update is not None else None
            return Shown(self.shown, self.state.reason, self.last_update_status, reason)
        state, reason = self.state.shown_at(moment)
        scaled = self.scaling.shown_at(moment)[0] if self.scaling is not None else None
        if self.update is not None:
            return Shown(scaled or state, reason, *self.update.shown_at(moment))
        made = state not in (None, "Failed") and reason != reasons.CREATING
        return Shown(scaled or state, reason, "Successful" if made else None)

    def began_by(self, moment: datetime) -> bool:
        """Tell whether there was anything of it at *moment*."""
        return bool(self.state.past) and self.state.past[0][0] <= moment


@dataclass(frozen=True, slots=True)
class Shown:
    """What AWS shows of a version's life at one moment."""

    state: str | None
    reason: Reason | None
    last_update_status: str | None
    update_reason: Reason | None = None


PACED = frozenset({"snapstart", "vpc"})
"""Kinds of function whose phases do not always take equally long."""

WITHOUT_NETWORK = frozenset(
    {
        FunctionState.INACTIVE,
        FunctionState.BACKING_OFF,
        FunctionState.LOST,
        FunctionState.FAILED,
        FunctionState.ARTIFACT_FAILED,
        FunctionState.UNBLOCKED,
    }
)
"""Where a function has no use of its network interface: whoever comes next with the same pair makes another."""


@dataclass(eq=False, slots=True)
class FunctionLifecycles:
    """All lifecycles of functions and versions; the timeline calls functions of *home* by their bare names."""

    driver: Driver
    store: Store
    chance: Chance
    timings: FunctionTimings
    home: Place
    interfaces: NetworkInterfaces
    preconditions: Preconditions
    waking: Waking
    _lifecycles: dict[Key, FunctionLifecycle] = field(init=False, default_factory=dict)
    # the last one of each name, for readers who are late
    _ended: dict[Key, FunctionLifecycle] = field(init=False, default_factory=dict)
    # versions that end with what made them
    _published_with: dict[tuple[Place, str], StateOfFunction] = field(init=False, default_factory=dict)

    def of(self, place: Place, name: str, number: str = LATEST) -> FunctionLifecycle:
        """Return the life of version *number* of function *name*. Raises KeyError if there is none."""
        return self._lifecycles[place, name, number]

    def shown(self, version: Version, moment: datetime | None = None) -> Shown:
        """Return what AWS shows of *version* at *moment*, also of one that was deleted since; None: now."""
        key = version.place, version.name, version.number
        lifecycle = self._lifecycles.get(key)
        if moment is not None and (lifecycle is None or not lifecycle.began_by(moment)):
            lifecycle = self._ended.get(key, lifecycle)
        if lifecycle is None:
            raise KeyError(key)
        return lifecycle.at(moment)

    def create(self, version: Version) -> None:
        """Begin the life of a new function."""
        lifecycle = self._new(version)
        self.driver.fire(lifecycle.state, FunctionEvent.CREATE_ASKED)
        self._attach(version)

    def publish(self, version: Version, event: FunctionEvent) -> None:
        """Begin the life of a published version: at once, with its code, or with a snapshot, as *event* says."""
        lifecycle = self._new(version)
        self.driver.fire(lifecycle.state, event)
        if event is FunctionEvent.PUBLISHED_WITH_CODE:
            self._published_with[version.place, version.name] = lifecycle.state
        self._attach(version)

    def check_change(self, version: Version, asked: last_update.UpdateEvent) -> None:
        """Raise what AWS answers if the function cannot be updated or published now.

        A creation or restoration that is stuck is cancelled by the attempt, as AWS does.
        """
        lifecycle = self.of(version.place, version.name)
        state = lifecycle.state
        since = self.driver.clock.now - (state.since or self.driver.clock.now)
        self.driver.fire(state, change_event(state.state, since))
        self.check_update(version, asked)

    def check_update(self, version: Version, asked: last_update.UpdateEvent) -> None:
        """Raise what AWS answers to *asked* while an update is in progress."""
        update = self.of(version.place, version.name).update
        if update is not None:
            self.driver.check(update, asked)

    def begin_update(self, version: Version) -> None:
        """Begin an update of ``$LATEST``, whose record is in the store already."""
        lifecycle = self.of(version.place, version.name)
        lifecycle.state.become(version.kind)
        if lifecycle.update is not None:
            lifecycle.update.become(version.kind)
            self.driver.fire(lifecycle.update, last_update.UpdateEvent.UPDATE_ASKED)
        self._attach(version)

    def invoke(self, version: Version, event: FunctionEvent = FunctionEvent.INVOKE_ASKED) -> None:
        """Let *version* be invoked: restart its idle period, or wake it.

        Raises what AWS answers where it cannot run.
        """
        lifecycle = self._lifecycles[version.place, version.name, version.number]
        if lifecycle.scaling is not None:
            self.driver.check(lifecycle.scaling, scaling.ScalingEvent.INVOKE_ASKED)
        self.driver.fire(lifecycle.state, event)

    def is_active(self, version: Version) -> bool:
        """Tell whether an Invoke of *version* would run now."""
        return self._lifecycles[version.place, version.name, version.number].state.state is FunctionState.ACTIVE

    def scale(self, version: Version, machine: ScalingMachine) -> None:
        """Let *machine* be what says how *version* scales on its capacity provider."""
        self.of(version.place, version.name, version.number).scaling = machine

    def check(self, version: Version, event: FunctionEvent) -> None:
        """Raise what AWS answers if *event* cannot happen to *version* now: an alias is led to it, or it is deleted."""
        self.driver.check(self.of(version.place, version.name, version.number).state, event)

    def delete(self, version: Version) -> bool:
        """End the life of *version*. Return whether it is over; on a capacity provider it ends on the clock."""
        lifecycle = self.of(version.place, version.name, version.number)
        self.driver.fire(lifecycle.state, FunctionEvent.DELETE_ASKED)
        if lifecycle.state.state is FunctionState.DELETING:
            return False
        self._end(version, lifecycle)
        return True

    def drain(self, version: Version) -> None:
        """Let *version* be Deleting until its durable executions have ended, for which it is invoked still."""
        self.driver.fire(self.of(version.place, version.name, version.number).state, FunctionEvent.DRAIN_ASKED)

    def drains(self, place: Place, name: str, number: str) -> bool:
        """Tell whether version *number* of function *name* is to be deleted once its durable executions have ended."""
        lifecycle = self._lifecycles.get((place, name, number))
        return lifecycle is not None and lifecycle.state.state is FunctionState.DRAINING

    def replace(self, version: Version) -> None:
        """End the life of *version* at once: another one is published in its place."""
        self._end(version, self.of(version.place, version.name, version.number))

    def _end(self, version: Version, lifecycle: FunctionLifecycle) -> None:
        key = version.place, version.name, version.number
        self._ended[key] = self._lifecycles.pop(key)
        self.driver.drop(lifecycle.state)
        if lifecycle.update is not None:
            self.driver.fire(lifecycle.update, last_update.UpdateEvent.DELETE_ASKED)
            self.driver.drop(lifecycle.update)
        for configuration in (version.configuration, version.live_configuration):
            self.interfaces.detach(pair_of(version.place, configuration), (version.place, version.key))

    def _released(self, place: Place, name: str, number: str) -> None:
        """Remove what was being deleted, now that its capacity is given back; with ``$LATEST``, the function."""
        partition = self.store.at(place)
        version = partition.version(name, number)
        if version is None:
            return
        self._end(version, self._lifecycles[place, name, number])
        if number == LATEST:
            partition.delete_function(name)
        else:
            partition.delete_version(version)

    def idle(self, place: Place, name: str, number: str = LATEST) -> None:
        """Let an Active version fall idle now."""
        self.driver.fire(self.of(place, name, number).state, FunctionEvent.WENT_IDLE, cause="the test")

    def regenerate_snapshot(self, version: Version) -> None:
        """Let Lambda make the snapshot of *version* anew, as it does for patches; if that fails, it is Inactive."""
        machine = self.of(version.place, version.name, version.number).state
        failed = self.driver.attempt(machine, "snapshot")
        if failed is not None:
            self.driver.fire(machine, FunctionEvent.ARTIFACT_LOST, reason=failed, cause="snapshot not regenerated")

    def check_snapshots(self, place: Place, limit: int | None) -> None:
        """Raise TooManyRequestsException where *limit* snapshots of versions at *place* are being made already."""
        if limit is None:
            return
        machines = [lifecycle.state for (where, _, _), lifecycle in self._lifecycles.items() if where == place]
        if sum(machine.kind == "snapstart" and machine.shown == "Pending" for machine in machines) >= limit:
            raise SNAPSHOTS_IN_PROGRESS.error()

    def lose_artifact(self, thing: Thing) -> None:
        """Let functions whose image or object *thing* is, and lost, become Inactive; AWS looks for it now and then."""
        lost = thing.failure_mode
        if not isinstance(thing, Artifact) or not thing.is_lost or lost is None or lost.reason_code is None:
            return
        reason, cause = reasons.reason(lost.reason_code), f"{thing.kind} {thing.name} lost"
        for version in (version for partition in self.store for version in partition.versions):
            code = version.live_code
            references = (code.image_uri, code.resolved_image_uri, code.referenced_object)
            if any(reference is not None and thing.means(reference) for reference in references):
                lifecycle = self.of(version.place, version.name, version.number)
                with self.driver.clock.lock:
                    self.driver.fire(lifecycle.state, FunctionEvent.ARTIFACT_LOST, reason=reason, cause=cause)

    def _new(self, version: Version) -> FunctionLifecycle:
        latest = version.number == LATEST
        label = version.name if latest else f"{version.name}:{version.number}"
        label += version.place.seen_from(self.home)
        timings = self.timings.of(version.place, version.name)

        def state_moved(machine: StateOfFunction, before: FunctionState) -> None:
            self._state_moved(version.place, version.name, version.number, machine, before)

        def update_moved(machine: UpdateOfFunction, before: UpdateState) -> None:
            if before is UpdateState.IN_PROGRESS:
                self._update_moved(version.place, version.name, machine)

        def current() -> Version:
            return self.store.at(version.place).version(version.name, version.number) or version

        def pace(machine: StateMachine[Any, Any], phase: str) -> str:
            return self._pace(current(), phase) if machine.kind in PACED else machine.kind

        def unmet(phase: str) -> Reason | None:
            return self.preconditions.unmet(current(), phase)

        def answered(machine: StateOfFunction, answer: ErrorTemplate) -> ErrorTemplate:
            answer = self._or_nothing_published(version, machine, answer)
            unready = self.preconditions.of_interfaces(version.place, current().live_configuration)
            return self.waking.answer(machine, answer, unready)

        scope = {"function": version.name, "version": version.number}
        table, about = FUNCTION if latest else VERSION, (label, version.arn, version.kind, timings, scope)
        state: StateOfFunction = StateMachine(
            table, *about, moved=state_moved, failure=failure_event, pace=pace, precondition=unmet, answered=answered
        )
        update: UpdateOfFunction | None = None
        if latest:
            update = StateMachine(LAST_UPDATE, *about, moved=update_moved, pace=pace, precondition=unmet)
        lifecycle = FunctionLifecycle(state, update)
        self._lifecycles[version.place, version.name, version.number] = lifecycle
        return lifecycle

    def _or_nothing_published(self, version: Version, machine: StateOfFunction, answer: ErrorTemplate) -> ErrorTemplate:
        """Return what Invoke answers in place of *answer* where only versions can be invoked, and there are none."""
        if answer is INVOKED_IN_STATE and machine.state is FunctionState.NON_INVOCABLE:
            versions = self.store.at(version.place).versions.under((version.name,))
            return answer if len(versions) > 1 else NO_PUBLISHED_VERSION
        return answer

    def _state_moved(
        self, place: Place, name: str, number: str, machine: StateOfFunction, before: FunctionState
    ) -> None:
        version = self.store.at(place).version(name, number)
        if version is not None:
            self._move_interface(version, machine.state)
            if version.snapshot and machine.state is FunctionState.INACTIVE:
                self.store.at(place).put(replace(version, snapshot=False))
        if number == LATEST and before is FunctionState.CREATING:
            self._end_publication(place, name, machine.reason)
        if before is FunctionState.DELETING:
            self._released(place, name, number)
        if machine.state not in (FunctionState.ACTIVE, FunctionState.NON_INVOCABLE) or before not in (
            FunctionState.CREATING,
            FunctionState.RESTORING,
        ):
            return
        self._revise(place, name, number)
        lifecycle = self._lifecycles[place, name, number]
        if before is FunctionState.CREATING and lifecycle.update is not None:
            self.driver.fire(lifecycle.update, last_update.UpdateEvent.CREATED)

    def _update_moved(self, place: Place, name: str, machine: UpdateOfFunction) -> None:
        if machine.state not in (UpdateState.SUCCESSFUL, UpdateState.FAILED):
            return
        partition = self.store.at(place)
        latest = partition.version(name, LATEST)
        lifecycle = self._lifecycles.get((place, name, LATEST))
        if latest is None or lifecycle is None:
            return
        user, old = (place, latest.key), pair_of(place, latest.live_configuration)
        new = pair_of(place, latest.configuration)
        if machine.state is UpdateState.SUCCESSFUL:
            latest = replace(latest, live_configuration=latest.configuration, live_code=latest.code)
            self.interfaces.ready(new)
        else:
            # "Lambda aborts the update" (functions-states.html): what Get shows is again what runs.
            latest = replace(latest, configuration=latest.live_configuration, code=latest.live_code)
            lifecycle.state.become(latest.kind)
            old, new = new, old
        if old != new:
            self.interfaces.detach(old, user)
        partition.put(replace(latest, revision_id=self.chance.uuid()))
        if machine.state is UpdateState.SUCCESSFUL:
            self.driver.fire(lifecycle.state, FunctionEvent.UPDATE_SUCCEEDED)
        self._end_publication(place, name, machine.reason)

    def _end_publication(self, place: Place, name: str, failed: Reason | None) -> None:
        """End the Pending of the version that was published by the creation or update that has ended now."""
        machine = self._published_with.pop((place, name), None)
        if machine is not None and machine.state is FunctionState.CREATING:
            event = FunctionEvent.PROVISIONED if failed is None else failure_event(failed.code)
            self.driver.fire(machine, event, reason=failed)

    def _attach(self, version: Version) -> None:
        self.interfaces.attach(pair_of(version.place, version.configuration), (version.place, version.key))

    def _pace(self, version: Version, phase: str) -> str:
        """Return the kind by which a phase is timed: with its network interface there, a function is quick."""
        if version.kind == "snapstart":
            kept = phase == "idle" and not (version.configuration.runtime or "").startswith("java")
            return "snapstart-kept" if kept else "snapstart"
        pair = pair_of(version.place, version.configuration)
        if version.kind == "vpc" and pair is not None and self.interfaces.is_available(pair):
            return "vpc-shared"
        return version.kind

    def _move_interface(self, version: Version, state: FunctionState) -> None:
        pair, user = pair_of(version.place, version.live_configuration), (version.place, version.key)
        if state in (FunctionState.RESTORING, FunctionState.ACTIVE):
            self.interfaces.attach(pair, user)
        if state is FunctionState.ACTIVE:
            self.interfaces.ready(pair)
        if state in WITHOUT_NETWORK:
            idled = state is FunctionState.INACTIVE
            self.interfaces.detach(pair, user, InterfaceEvent.IDLED if idled else InterfaceEvent.DETACHED)

    def _revise(self, place: Place, name: str, number: str) -> None:
        partition = self.store.at(place)
        version = partition.version(name, number)
        if version is not None:
            ready = version.kind == "snapstart"
            partition.put(replace(version, revision_id=self.chance.uuid(), snapshot=ready))
