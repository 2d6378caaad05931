"""The life of a runtime as the Runtime API sees it: what each call does in each state.

The names of the states are those in the API's own messages. Before a state is looked at, the request id is: a call for
an invocation that is not the current one is refused by `execution.runtimes.processes.runtime_api`.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html ; states and refusals are those of AWS's emulator.
"""

from __future__ import annotations

from enum import auto

from lambda_states_mock import service_errors as texts
from lambda_states_mock.states.lifecycle import STAY, Impossible, Label, Lifecycle, Move, Refuse, grid


class RuntimeState(Label):
    STARTED = "Started"
    READY = "Ready"  # it waits for an event
    RUNNING = "Running"
    RESPONSE = "InvocationResponse"  # its response is read
    ERROR_RESPONSE = "InvocationErrorResponse"
    SENT = "RuntimeResponseSentState"
    RESTORE_READY = "RestoreReady"  # the snapshot may be taken
    RESTORING = "Restoring"
    INIT_ERROR = "InitError"
    RESTORE_ERROR = "RuntimeRestoreErrorState"


class RuntimeCall(Label):
    NEXT = auto()
    RESPOND = auto()
    FAIL = auto()  # .../error
    INIT_FAIL = auto()
    RESTORE_NEXT = auto()
    RESTORE_FAIL = auto()
    EVENT = auto()  # the platform has an event
    READ = auto()  # the platform has read the body
    RESTORE = auto()  # the platform resumes the snapshot


_Move = Move[RuntimeState, RuntimeCall]

WAIT: _Move = Move(RuntimeState.READY)
ANSWER: _Move = Move(RuntimeState.RESPONSE)
ERROR: _Move = Move(RuntimeState.ERROR_RESPONSE)
SENT: _Move = Move(RuntimeState.SENT)
RUN: _Move = Move(RuntimeState.RUNNING)
SNAP: _Move = Move(RuntimeState.RESTORE_READY)
RESUME: _Move = Move(RuntimeState.RESTORING)
NO_INIT: _Move = Move(RuntimeState.INIT_ERROR)
NO_RES: _Move = Move(RuntimeState.RESTORE_ERROR)
NO = Refuse(texts.RUNTIME_TRANSITION)
X = Impossible("the platform does so only where the runtime waits for it")

# fmt: off
TABLE = grid(tuple(RuntimeState), {
    #                          STARTED  READY   RUNNING  RESPONSE  ERROR_RESPONSE  SENT  RESTORE_READY  RESTORING  INIT_ERROR  RESTORE_ERROR
    RuntimeCall.NEXT:         (WAIT,    STAY,   STAY,    NO,       NO,             WAIT, NO,            WAIT,      NO,         NO),
    RuntimeCall.RESPOND:      (NO,      NO,     ANSWER,  NO,       NO,             NO,   NO,            NO,        NO,         NO),
    RuntimeCall.FAIL:         (NO,      NO,     ERROR,   NO,       NO,             NO,   NO,            NO,        NO,         NO),
    RuntimeCall.INIT_FAIL:    (NO_INIT, NO,     NO,      NO,       NO,             NO,   NO,            NO_RES,    NO,         NO),
    RuntimeCall.RESTORE_NEXT: (SNAP,    NO,     NO,      NO,       NO,             NO,   NO,            NO,        NO,         NO),
    RuntimeCall.RESTORE_FAIL: (NO,      NO,     NO,      NO,       NO,             NO,   NO,            NO_RES,    NO,         NO),
    RuntimeCall.EVENT:        (X,       RUN,    X,       X,        X,              X,    X,             X,         X,          X),
    RuntimeCall.READ:         (X,       X,      X,       SENT,     SENT,           X,    X,             X,         X,          X),
    RuntimeCall.RESTORE:      (X,       STAY,   X,       X,        X,              X,    RESUME,        X,         X,          X),
})
# fmt: on

RUNTIME_API = Lifecycle(
    name="Runtime",
    title="A runtime at the Runtime API",
    initial=RuntimeState.STARTED,
    shown={state: state.value for state in RuntimeState},
    table=TABLE,
    final=frozenset({RuntimeState.INIT_ERROR, RuntimeState.RESTORE_ERROR}),
)
