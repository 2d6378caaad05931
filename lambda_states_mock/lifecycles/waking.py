"""What Invoke answers while it wakes an idle function: as the table says, unless the test or the world says other."""

from __future__ import annotations

from collections.abc import Mapping

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.failure_modes import FailureMode
from lambda_states_mock.engine.driver import StateMachine
from lambda_states_mock.service_errors import ErrorTemplate
from lambda_states_mock.states.function import FunctionEvent, FunctionState
from lambda_states_mock.states.reasons import IDLE

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
        for as long as it lasts, Invoke names it. (I) A version whose snapshot could not be made again says so.
        """
        if answer not in WAKING:
            return answer
        if machine.kind in self._said:
            return self._said[machine.kind]
        code = machine.reason.code if machine.reason is not None else None
        if failure_mode is not None and failure_mode.invoke is not None and code == failure_mode.reason_code:
            return failure_mode.invoke
        if answer is texts.SNAPSHOT_NOT_READY and machine.state is FunctionState.INACTIVE and code != IDLE.code:
            return texts.SNAPSHOT_NOT_REGENERATED
        return answer
