"""The life of an extension as the Extensions API sees it: what each call does in each state.

The names of the states are those in the API's own messages.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html ; states and refusals are those of AWS's emulator.
"""

from __future__ import annotations

from enum import auto

from lambda_states_mock import service_errors as texts
from lambda_states_mock.states.lifecycle import STAY, Impossible, Label, Lifecycle, Move, Refuse, grid


class ExtensionState(Label):
    STARTED = "Started"
    REGISTERED = "Registered"
    READY = "Ready"  # it waits for an event
    RUNNING = "Running"
    INIT_ERROR = "InitError"
    EXIT_ERROR = "ExitError"


class ExtensionCall(Label):
    REGISTER = auto()
    NEXT = auto()
    INIT_FAIL = auto()
    EXIT_FAIL = auto()
    EVENT = auto()  # the platform has an event


_Move = Move[ExtensionState, ExtensionCall]

KNOWN: _Move = Move(ExtensionState.REGISTERED)
WAIT: _Move = Move(ExtensionState.READY)
RUN: _Move = Move(ExtensionState.RUNNING)
NO_INIT: _Move = Move(ExtensionState.INIT_ERROR)
FAILED: _Move = Move(ExtensionState.EXIT_ERROR)
NO = Refuse(texts.EXTENSION_TRANSITION)
X = Impossible("the platform does so only where the extension waits for it")

# fmt: off
TABLE = grid(tuple(ExtensionState), {
    #                         STARTED  REGISTERED  READY   RUNNING  INIT_ERROR  EXIT_ERROR
    ExtensionCall.REGISTER:  (KNOWN,   NO,         NO,     NO,      NO,         NO),
    ExtensionCall.NEXT:      (NO,      WAIT,       NO,     WAIT,    NO,         NO),
    ExtensionCall.INIT_FAIL: (NO,      NO_INIT,    NO,     NO,      STAY,       NO),
    ExtensionCall.EXIT_FAIL: (NO,      FAILED,     FAILED, FAILED,  NO,         STAY),
    ExtensionCall.EVENT:     (X,       X,          RUN,    X,       X,          X),
})
# fmt: on

EXTENSION_API = Lifecycle(
    name="Extension",
    title="An extension at the Extensions API",
    initial=ExtensionState.STARTED,
    shown={state: state.value for state in ExtensionState},
    table=TABLE,
    final=frozenset({ExtensionState.INIT_ERROR, ExtensionState.EXIT_ERROR}),
)
