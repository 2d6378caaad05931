"""The life of an execution environment: the place in which one version of a function runs one event after the other.

Documented at docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html and runtimes-extensions-api.html.
AWS shows nothing of it in its API; the names are those of its guides, and a test reads them in the environment's
``history``.

Rows know four kinds, by how the environment is initialised: ``on-demand``, ``provisioned-concurrency``, ``snap-start``,
and ``lambda-managed-instances``, where a failure of one invocation is none of the others that run beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

from lambda_states_mock.states.lifecycle import STAY, ByKind, Impossible, Label, Later, Lifecycle, Move, grid, spelled


class InitializationType(str, Enum):
    """How an environment is initialised, as ``AWS_LAMBDA_INITIALIZATION_TYPE`` has it."""

    ON_DEMAND = "on-demand"
    PROVISIONED = "provisioned-concurrency"
    SNAP_START = "snap-start"
    MANAGED = "lambda-managed-instances"

    __str__ = str.__str__


SANDBOX_TIMED_OUT = "Sandbox.Timedout"
FAILURES: Mapping[str, str] = MappingProxyType(
    {
        SANDBOX_TIMED_OUT: "Task timed out",
        "Runtime.ExitError": "Runtime exited with error: exit status 1",
        "Runtime.InvalidEntrypoint": "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
        "Runtime.InvalidWorkingDir": "chdir: no such file or directory",  # (I) the text
        "Sandbox.Failure": "Sandbox failure",  # (I) the text
        "Extension.Crash": "exit code 1",  # (I) the text
    }
)
"""What the platform calls the failures of a phase in which code runs, and how it puts them."""

MANAGED, SNAP_START = InitializationType.MANAGED, InitializationType.SNAP_START


class EnvironmentState(Label):
    NEW = auto()
    EXTENSION_INIT = auto()  # external extensions start and register
    RUNTIME_INIT = auto()
    FUNCTION_INIT = auto()  # the function's static code
    SNAPSHOT = auto()  # SnapStart: frozen for good, to be resumed by Restore
    RESTORE = auto()
    IDLE = auto()  # frozen, until an event comes
    INVOKE = auto()
    FINISHING = auto()  # the caller has the answer, an extension is not done
    RESETTING = auto()  # the processes end, the environment and its /tmp stay
    RESET = auto()  # without processes: the next invoke initialises anew, within its own duration
    SHUTDOWN = auto()
    GONE = auto()


class EnvironmentEvent(Label):
    ALLOCATED = auto()
    EXTENSIONS_STARTED = auto()
    RUNTIME_STARTED = auto()
    INITIALISED = auto()  # the runtime and every extension have asked for the next event
    RESTORE_ASKED = auto()
    RESTORED = auto()
    INVOKED = auto()
    ANSWERED = auto()  # the runtime is done, an extension is not
    FINISHED = auto()  # all are done
    FAILED = auto()  # an error in Init or Restore, a time-out, an exit or a crash: the processes end
    EXTENSION_FAILED = auto()  # beside an event that runs
    RESET_DONE = auto()
    RECLAIMED = auto()  # nobody needed it for a while, or what it was made for is no more
    ENDED = auto()


STATES = tuple(EnvironmentState)

_Move = Move[EnvironmentState, EnvironmentEvent]

BEGIN: _Move = Move(EnvironmentState.EXTENSION_INIT)
RUNTIME: _Move = Move(EnvironmentState.RUNTIME_INIT)
FUNCTION: _Move = Move(
    EnvironmentState.FUNCTION_INIT,
    then=Later("init", EnvironmentEvent.INITIALISED, EnvironmentEvent.FAILED, is_timed=False),
)
FREEZE: _Move = Move(EnvironmentState.IDLE)
RESUME: _Move = Move(
    EnvironmentState.RESTORE,
    then=Later("resume", EnvironmentEvent.RESTORED, EnvironmentEvent.FAILED, is_timed=False),
)
RUN: _Move = Move(
    EnvironmentState.INVOKE,
    then=Later("invoke", EnvironmentEvent.FINISHED, EnvironmentEvent.FAILED, is_timed=False),
)
LINGER: _Move = Move(EnvironmentState.FINISHING)
RESTART: _Move = Move(EnvironmentState.RESETTING)
BARE: _Move = Move(EnvironmentState.RESET)
STOP: _Move = Move(EnvironmentState.SHUTDOWN)
LEAVE: _Move = Move(EnvironmentState.GONE)

READY: ByKind[EnvironmentState, EnvironmentEvent] = ByKind(FREEZE, {SNAP_START: Move(EnvironmentState.SNAPSHOT)})
ENDING: ByKind[EnvironmentState, EnvironmentEvent] = ByKind(RESTART, {MANAGED: FREEZE})
"""A time-out or a crash: on managed instances only the invocation fails, and the rest goes on."""
ALONE: ByKind[EnvironmentState, EnvironmentEvent] = ByKind(RESTART, {MANAGED: STOP})
"""An extension has crashed: on managed instances the environment is replaced."""
NO_INIT: ByKind[EnvironmentState, EnvironmentEvent] = ByKind(RESTART, {SNAP_START: STOP})
"""An Init that failed is tried again with the invoke; without a snapshot there is nothing to invoke."""
AGAIN: ByKind[EnvironmentState, EnvironmentEvent] = ByKind(BEGIN, {SNAP_START: RESUME})
"""After a reset: the suppressed init, or the snapshot once more (inferred)."""

ONCE = Impossible("it is allocated once")
NOT_IN_INIT = Impossible("nothing is being initialised")
NOT_RESTORED = Impossible("only what is new, a snapshot of it or a reset is restored")
NOT_RUNNING = Impossible("nothing runs here")
NOT_RESETTING = Impossible("nothing is being reset")
NOT_FREE = Impossible("an environment does one thing at a time")
NOT_ENDING = Impossible("it is not being shut down")
OVER = Impossible("it is over")

# fmt: off
TABLE = grid(STATES, {
    #                                     NEW             EXTENSION_INIT RUNTIME_INIT   FUNCTION_INIT  SNAPSHOT       RESTORE        IDLE           INVOKE         FINISHING      RESETTING      RESET          SHUTDOWN       GONE
    EnvironmentEvent.ALLOCATED:          (BEGIN,         ONCE,          ONCE,          ONCE,          ONCE,          ONCE,          ONCE,          ONCE,          ONCE,          ONCE,          ONCE,          OVER,          OVER),
    EnvironmentEvent.EXTENSIONS_STARTED: (NOT_IN_INIT,   RUNTIME,       NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   OVER,          OVER),
    EnvironmentEvent.RUNTIME_STARTED:    (NOT_IN_INIT,   NOT_IN_INIT,   FUNCTION,      NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   OVER,          OVER),
    EnvironmentEvent.INITIALISED:        (NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   READY,         NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   NOT_IN_INIT,   OVER,          OVER),
    EnvironmentEvent.RESTORE_ASKED:      (RESUME,        NOT_RESTORED,  NOT_RESTORED,  NOT_RESTORED,  RESUME,        NOT_RESTORED,  NOT_RESTORED,  NOT_RESTORED,  NOT_RESTORED,  NOT_RESTORED,  RESUME,        OVER,          OVER),
    EnvironmentEvent.RESTORED:           (NOT_RESTORED,  NOT_RESTORED,  NOT_RESTORED,  NOT_RESTORED,  NOT_RESTORED,  FREEZE,        NOT_RESTORED,  NOT_RESTORED,  NOT_RESTORED,  NOT_RESTORED,  NOT_RESTORED,  OVER,          OVER),
    EnvironmentEvent.INVOKED:            (NOT_FREE,      NOT_FREE,      NOT_FREE,      NOT_FREE,      NOT_RUNNING,   NOT_FREE,      RUN,           NOT_FREE,      NOT_FREE,      NOT_FREE,      AGAIN,         OVER,          OVER),
    EnvironmentEvent.ANSWERED:           (NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   LINGER,        NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   OVER,          OVER),
    EnvironmentEvent.FINISHED:           (NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   FREEZE,        FREEZE,        NOT_RUNNING,   NOT_RUNNING,   OVER,          OVER),
    EnvironmentEvent.FAILED:             (NOT_RUNNING,   NO_INIT,       NO_INIT,       NO_INIT,       NOT_RUNNING,   STOP,          NOT_RUNNING,   ENDING,        ENDING,        NOT_RUNNING,   NOT_RUNNING,   OVER,          OVER),
    EnvironmentEvent.EXTENSION_FAILED:   (NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   NOT_RUNNING,   ALONE,         ALONE,         NOT_RUNNING,   NOT_RUNNING,   OVER,          OVER),
    EnvironmentEvent.RESET_DONE:         (NOT_RESETTING, NOT_RESETTING, NOT_RESETTING, NOT_RESETTING, NOT_RESETTING, NOT_RESETTING, NOT_RESETTING, NOT_RESETTING, NOT_RESETTING, BARE,          NOT_RESETTING, OVER,          OVER),
    EnvironmentEvent.RECLAIMED:          (STOP,          STAY,          STAY,          STAY,          STOP,          STAY,          STOP,          STAY,          STAY,          STAY,          STOP,          STAY,          STAY),
    EnvironmentEvent.ENDED:              (NOT_ENDING,    NOT_ENDING,    NOT_ENDING,    NOT_ENDING,    NOT_ENDING,    NOT_ENDING,    NOT_ENDING,    NOT_ENDING,    NOT_ENDING,    NOT_ENDING,    NOT_ENDING,    LEAVE,         STAY),
})
# fmt: on

EXECUTION_ENVIRONMENT = Lifecycle(
    name="Environment",
    title="Execution environment",
    initial=EnvironmentState.NEW,
    shown=spelled(EnvironmentState, lambda name: name.replace("_", " ").capitalize(), {EnvironmentState.NEW: None}),
    table=TABLE,
    final=frozenset({EnvironmentState.GONE}),
)
