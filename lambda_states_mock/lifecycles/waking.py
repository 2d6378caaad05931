"""What Invoke answers while it wakes an idle function: as the table says, unless the test or the world says other."""

from __future__ import annotations

from collections.abc import Mapping

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.failure_modes import FailureMode
from lambda_states_mock.engine.driver import StateMachine
from lambda_states_mock.service_errors import ErrorTemplate
from lambda_states_mock.states.function import FunctionEvent, FunctionState

WAKING = (texts.ARTIFACT_PENDING, texts.NETWORK_NOT_READY, texts.SNAPSHOT_NOT_READY)
_KNOWN = {one.code: one for one in (*WAKING, texts.ARTIFACT_DELETED, texts.ARTIFACT_FAILED, texts.INVOKED_IN_STATE)}


def waking_answer(code: str, *, is_service_fault: bool) -> ErrorTemplate:
    """Return the answer that is the error *code*, with the text that AWS is known to have for it, if any."""
    text = "The function is not ready to be invoked."  # (I)
    return _KNOWN.get(code) or ErrorTemplate(code, text, type="Service" if is_service_fault else "User")


class Waking:
    """Chooses the words. Parameters: *said*, by kind of function what the test wants Invoke to answer."""

    def __init__(self, said: Mapping[str, ErrorTemplate] | None = None) -> None:
        self._said = dict(said or {})

    def answer(
        self,
        machine: StateMachine[FunctionState, FunctionEvent],
        answer: ErrorTemplate,
        failure_mode: FailureMode | None,
    ) -> ErrorTemplate:
        """Return what *machine* is to answer in place of the table's *answer*.

        Parameters: *failure_mode*, what prevents its network interfaces now. (I) Once an attempt has failed for it, and
        for as long as it lasts, Invoke names it.
        """
        if answer not in WAKING:
            return answer
        if machine.kind in self._said:
            return self._said[machine.kind]
        if failure_mode is None or failure_mode.invoke is None or machine.reason is None:
            return answer
        return failure_mode.invoke if machine.reason.code == failure_mode.reason_code else answer
