"""The documented rules of functions' lives, said a second time in another way: plain ifs, and seconds as floats.

It shares no code with the package, so that the two agree only where both are right. The rules are those of
functions-states.html, troubleshooting-invocation.html and of recorded answers; figures are set by the test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CONFLICT = "ResourceConflictException"
NOT_FOUND = "ResourceNotFoundException"
WAKING = {
    "zip": "CodeArtifactUserPendingException",
    "image": "CodeArtifactUserPendingException",
    "vpc": "ResourceNotReadyException",
}
BLAMED_ON_CODE = {"InvalidImage", "ImageDeleted", "ImageAccessDenied", "InvalidZipFileException"}
BACKED_OFF = {"InsufficientRolePermissions", "SubnetOutOfIPAddresses"}
STUCK_AFTER = 360.0

SECONDS = {"create": 10.0, "update": 6.0, "restore": 60.0, "idle": 14 * 86_400.0, "back_off": 300.0}


@dataclass(eq=False)
class Fault:
    """What a test has scripted for one coming phase: it takes *seconds* (None: it hangs), and fails with *code*."""

    function: str
    phase: str
    seconds: float | None
    code: str | None
    spent: bool = False
    hung: Timer | None = None


@dataclass(eq=False)
class Timer:
    """What is to happen to one life; *due* None: only when it is let go on."""

    due: float | None
    order: int
    action: Callable[[], None]


@dataclass(eq=False)
class FunctionLifecycle:
    """A version's life. *content* is what Get shows of its memory and code, *live* what Invoke runs."""

    content: tuple[int, int]
    live: tuple[int, int]
    state: str = "Pending"
    reason: str | None = "Creating"
    since: float = 0.0
    backing_off: bool = False
    unblocked: bool = False
    update: str | None = None
    update_reason: str | None = None
    revision: int = 0
    timer: Timer | None = None  # of its state
    update_timer: Timer | None = None


@dataclass(eq=False)
class Function:
    """A function: its unpublished version and the published ones, by number."""

    name: str
    kind: str
    latest: FunctionLifecycle
    versions: dict[int, FunctionLifecycle] = field(default_factory=dict)
    next_version: int = 1
    published_with: FunctionLifecycle | None = None  # ends with the creation or update that runs
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def lives(self) -> list[FunctionLifecycle]:
        return [self.latest, *self.versions.values()]

    def life(self, number: int | None) -> FunctionLifecycle | None:
        return self.latest if number is None else self.versions.get(number)


@dataclass(frozen=True)
class Expected:
    """How a call is answered: *error*, or None for well; *moves*: something changes although it is refused."""

    error: str | None = None
    moves: bool = False


WELL = Expected()


class Model:
    """An account whose functions live by the rules."""

    def __init__(self) -> None:
        self.now = 0.0
        self.functions: dict[str, Function] = {}
        self.faults: list[Fault] = []
        self._order = 0

    # -- time

    def advance(self, to: float) -> None:
        """Let everything happen that falls due until *to*, in order, ties in the order of their beginning."""
        while True:
            due = [(timer.due, timer.order, timer) for timer in self._timers() if timer.due is not None]
            due = [one for one in due if one[0] <= to]
            if not due:
                break
            moment, _, timer = min(due, key=lambda one: one[:2])
            self.now = max(self.now, moment)
            timer.action()
        self.now = max(self.now, to)

    def _timers(self) -> list[Timer]:
        lives = [life for function in self.functions.values() for life in function.lives]
        return [timer for life in lives for timer in (life.timer, life.update_timer) if timer is not None]

    def _timer(self, seconds: float | None, action: Callable[[], None]) -> Timer:
        self._order += 1
        return Timer(None if seconds is None else self.now + seconds, self._order, action)

    def _phase(self, name: str, phase: str, end: Callable[[str | None], None]) -> Timer:
        """Begin *phase*, whose *end* is told the reason of a failure, as the fault scripted last for it says."""
        met = [fault for fault in self.faults if (fault.function, fault.phase, fault.spent) == (name, phase, False)]
        if not met:
            return self._timer(SECONDS[phase], lambda: end(None))
        fault = met[-1]
        fault.spent = True
        timer = self._timer(fault.seconds, lambda: end(fault.code))
        fault.hung = timer if fault.seconds is None else None
        return timer

    def release(self, fault: Fault) -> None:
        """Let what hangs by *fault* go on and end well, if it still does."""
        self.faults.remove(fault)
        if fault.hung is not None and fault.hung in self._timers():
            fault.hung.action()

    # -- what happens to a life

    def _awake(self, life: FunctionLifecycle) -> None:
        life.state, life.reason, life.unblocked, life.backing_off = "Active", None, False, False
        life.since = self.now
        self._rest(life)

    def _rest(self, life: FunctionLifecycle) -> None:
        life.timer = self._timer(SECONDS["idle"], lambda: self.fall_idle(life))

    def fall_idle(self, life: FunctionLifecycle) -> None:
        """Nobody has called for long."""
        life.state, life.reason, life.timer, life.since = "Inactive", "Idle", None, self.now

    def _fail(self, life: FunctionLifecycle, code: str) -> None:
        life.state, life.reason, life.timer, life.since = "Failed", code, None, self.now

    def _publication_ends(self, function: Function, code: str | None) -> None:
        version, function.published_with = function.published_with, None
        if version is None or version not in function.versions.values():
            return
        if code is not None:
            self._fail(version, code)
            return
        version.revision += 1
        self._awake(version)

    def _creation_ends(self, function: Function, code: str | None) -> None:
        latest = function.latest
        self._publication_ends(function, code)
        if code is not None:
            self._fail(latest, code)
            return
        latest.revision += 1
        latest.update = "Successful"
        self._awake(latest)

    def _update_ends(self, function: Function, code: str | None) -> None:
        latest = function.latest
        latest.update_timer = None
        latest.revision += 1
        latest.update, latest.update_reason = ("Successful" if code is None else "Failed"), code
        if code is not None:
            latest.content = latest.live
        else:
            latest.live = latest.content
            if latest.state in ("Inactive", "Failed"):
                self._awake(latest)
        self._publication_ends(function, code)

    def _restoration_ends(self, life: FunctionLifecycle, code: str | None) -> None:
        if code is None:
            life.revision += 1
            self._awake(life)
            return
        life.state, life.reason, life.timer, life.since = "Inactive", code, None, self.now
        if code in BACKED_OFF:
            life.backing_off = True
            life.timer = self._timer(SECONDS["back_off"], lambda: self._back_off_ends(life))

    @staticmethod
    def _back_off_ends(life: FunctionLifecycle) -> None:
        life.backing_off, life.timer = False, None

    # -- calls

    def create(self, name: str, kind: str, content: tuple[int, int], *, publish: bool) -> Expected:
        if name in self.functions:
            return Expected(CONFLICT)
        function = Function(name, kind, FunctionLifecycle(content, content, since=self.now, revision=1))
        self.functions[name] = function
        function.latest.timer = self._phase(name, "create", lambda code: self._creation_ends(function, code))
        if publish:
            function.published_with = self._new_version(function)
        return WELL

    def _change(self, name: str) -> Expected:
        """Judge UpdateFunctionCode, UpdateFunctionConfiguration or PublishVersion."""
        function = self.functions.get(name)
        if function is None:
            return Expected(NOT_FOUND)
        latest = function.latest
        if latest.state == "Pending":
            if self.now - latest.since <= STUCK_AFTER:
                return Expected(CONFLICT)
            created = latest.reason == "Creating"
            self._fail(latest, "InternalError")
            latest.unblocked = True
            if created:
                self._publication_ends(function, "InternalError")
            return Expected(CONFLICT, moves=True)
        if latest.state == "Failed" and not latest.unblocked:
            return Expected(CONFLICT)
        return Expected(CONFLICT) if latest.update == "InProgress" else WELL

    def update(
        self, name: str, *, memory: int | None = None, code: int | None = None, publish: bool = False
    ) -> Expected:
        expected = self._change(name)
        if expected.error is not None:
            return expected
        function = self.functions[name]
        latest = function.latest
        latest.content = (
            latest.content[0] if memory is None else memory,
            latest.content[1] if code is None else code,
        )
        latest.revision += 1
        latest.update, latest.update_reason = "InProgress", "Creating"
        latest.update_timer = self._phase(name, "update", lambda failed: self._update_ends(function, failed))
        if publish and not self._is_published(function):
            function.published_with = self._new_version(function)
        return WELL

    def publish(self, name: str) -> Expected:
        expected = self._change(name)
        if expected.error is None and not self._is_published(self.functions[name]):
            self._awake(self._new_version(self.functions[name]))
        return expected

    @staticmethod
    def _is_published(function: Function) -> bool:
        if not function.versions:
            return False
        return function.versions[max(function.versions)].content == function.latest.content

    def _new_version(self, function: Function) -> FunctionLifecycle:
        content = function.latest.content
        version = FunctionLifecycle(content, content, since=self.now, revision=1)
        function.versions[function.next_version] = version
        function.next_version += 1
        function.latest.revision += 1
        return version

    def invoke(self, name: str, number: int | None, invocation_type: str) -> Expected:
        function = self.functions.get(name)
        life = function.life(number) if function is not None else None
        if function is None or life is None:
            return Expected(NOT_FOUND)
        if life.state == "Active":
            if invocation_type != "DryRun":
                self._rest(life)
            return WELL
        if life.state == "Failed":
            blamed = life.reason in BLAMED_ON_CODE
            return Expected("CodeArtifactUserFailedException" if blamed else CONFLICT)
        if life.state == "Pending":
            return Expected(CONFLICT if life.reason == "Creating" else WAKING[function.kind])
        if life.backing_off or invocation_type == "DryRun":
            return Expected(WAKING[function.kind])
        life.state, life.reason, life.since = "Pending", "Restoring", self.now
        life.timer = self._phase(name, "restore", lambda code: self._restoration_ends(life, code))
        return Expected(WAKING[function.kind], moves=True)

    def delete(self, name: str, number: int | None) -> Expected:
        function = self.functions.get(name)
        if function is None:
            return Expected(NOT_FOUND)
        if function.life(number) is None:
            return WELL
        doomed = function.lives if number is None else [function.versions[number]]
        if function.kind == "vpc" and any(life.state == "Pending" for life in doomed):
            return Expected(CONFLICT)
        if number is None:
            del self.functions[name]
        else:
            del function.versions[number]
        return WELL

    def tag(self, name: str, key: str, value: str) -> Expected:
        function = self.functions.get(name)
        if function is None:
            return Expected(NOT_FOUND)
        if function.latest.update == "InProgress":
            return Expected(CONFLICT)
        function.tags[key] = value
        function.latest.revision += 1
        return WELL

    def permit(self, name: str) -> Expected:
        if name not in self.functions:
            return Expected(NOT_FOUND)
        self.functions[name].latest.revision += 1
        return WELL

    def look(self, life: FunctionLifecycle) -> dict[str, Any]:
        """Return what Get shows of *life*'s states."""
        published_well = life.state != "Failed" and life.reason != "Creating"
        shown = {"State": life.state, "StateReasonCode": life.reason, "MemorySize": life.content[0]}
        if self._is_latest(life):
            shown |= {"LastUpdateStatus": life.update, "LastUpdateStatusReasonCode": life.update_reason}
        else:
            shown |= {"LastUpdateStatus": "Successful" if published_well else None, "LastUpdateStatusReasonCode": None}
        return shown

    def _is_latest(self, life: FunctionLifecycle) -> bool:
        return any(function.latest is life for function in self.functions.values())
